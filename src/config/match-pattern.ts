/** Whether a text fits a pattern as a whole, and what its groups captured; every character of the text is looked at once. */
import type { Pattern, Step } from './pattern.ts';

/** Longer texts fit nothing. */
const longest = 1_024;

/** Where the slots from `from` up to `to` were last set, the latest first; each step back is an earlier one. */
interface Trail {
  readonly from: number;
  readonly to: number;
  readonly at: number | undefined;
  readonly before: Trail | undefined;
}

/** A step that waits for a character, or is the last. */
interface Waiting {
  readonly step: Step;
  readonly trail: Trail | undefined;
}

/** One walk along a text. */
class Walk {
  readonly #steps: readonly Step[];
  readonly #length: number;
  /** The round in which each step was reached last. */
  readonly #reached: Uint32Array;
  #round = 0;
  #waiting: Waiting[] = [];

  constructor({ steps }: Pattern, length: number) {
    this.#steps = steps;
    this.#length = length;
    this.#reached = new Uint32Array(steps.length);
  }

  /** Takes the steps that wait now, and begins the next round. */
  next(): readonly Waiting[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#round += 1;
    return waiting;
  }

  /** Goes on without a character from that step, the preferred way first, to each step once a round. */
  reach(index: number, trail: Trail | undefined, at: number): void {
    const step = this.#steps[index];
    if (step === undefined || this.#reached[index] === this.#round) return;
    this.#reached[index] = this.#round;
    switch (step.op) {
      case 'split':
        this.reach(step.first, trail, at);
        this.reach(step.second, trail, at);
        return;
      case 'save':
        this.reach(step.next, { from: step.slot, to: step.slot + 1, at, before: trail }, at);
        return;
      case 'forget':
        this.reach(step.next, { from: step.from, to: step.to, at: undefined, before: trail }, at);
        return;
      case 'beginning':
        if (at === 0) this.reach(step.next, trail, at);
        return;
      case 'end':
        if (at === this.#length) this.reach(step.next, trail, at);
        return;
      default:
        this.#waiting.push({ step, trail });
    }
  }
}

/** What each slot holds in the end. */
function slotsOf(trail: Trail | undefined, count: number): readonly (number | undefined)[] {
  const slots = new Map<number, number | undefined>();
  for (let mark = trail; mark !== undefined && slots.size < count; mark = mark.before) {
    for (let slot = mark.from; slot < mark.to; slot += 1) if (!slots.has(slot)) slots.set(slot, mark.at);
  }
  return Array.from({ length: count + 2 }, (_, slot) => slots.get(slot));
}

/**
 * The whole text, then what each group captured (undefined where it took no part); undefined where the text does not fit, or has
 * more than 1,024 characters. Prefers what a regular expression of ECMAScript would.
 */
export function matchPattern(pattern: Pattern, text: string): readonly (string | undefined)[] | undefined {
  if (text.length > longest) return undefined;
  const walk = new Walk(pattern, text.length);
  walk.next();
  walk.reach(pattern.start, undefined, 0);
  for (let at = 0; at < text.length;) {
    const code = text.codePointAt(at) ?? 0;
    at += code > 0xffff ? 2 : 1;
    const waiting = walk.next();
    if (waiting.length === 0) return undefined;
    for (const { step, trail } of waiting) if (step.op === 'character' && step.fits(code)) walk.reach(step.next, trail, at);
  }
  const done = walk.next().find(({ step }) => step.op === 'done');
  if (done === undefined) return undefined;
  const slots = slotsOf(done.trail, 2 * pattern.groups);
  return Array.from({ length: pattern.groups + 1 }, (_, group) => {
    if (group === 0) return text;
    const [from, to] = [slots[2 * group], slots[2 * group + 1]];
    return from === undefined || to === undefined ? undefined : text.slice(from, to);
  });
}
