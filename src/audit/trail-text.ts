/** A trail as a line of JSON that may be kept: presentable, and of bounded length. */
import { presentable, presentableText } from './presentable.ts';
import type { StepName, Trail } from './trail.ts';

/** UTF-16 code units of a trail. */
const longest = 32 * 1_024;

/** As it lies in the journal. */
interface KeptTrail extends Omit<Trail, 'begunAt' | 'steps'> {
  readonly event: 'trail';
  /** ISO 8601. */
  readonly time: string;
  readonly steps: readonly {
    readonly name: StepName;
    /** Milliseconds since `time`. */
    readonly at: number;
    readonly milliseconds?: number;
    /** `{ cut: true }` where the trail would have become too long. */
    readonly detail: unknown;
  }[];
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1_000) / 1_000;

export function trailText({ reference, begunAt, exchange, remoteAddress, status, steps }: Trail): string {
  const details = steps.map(({ detail }) => JSON.stringify(presentable(detail)));
  // About 80 beside the detail of each, and the head.
  let left = longest - 2_048 - 80 * steps.length;
  const smallestFirst = details.map((_, index) => index).sort((a, b) => (details[a]?.length ?? 0) - (details[b]?.length ?? 0));
  for (const index of smallestFirst) {
    left -= details[index]?.length ?? 0;
    if (left < 0) details[index] = '{"cut":true}';
  }
  const head = {
    event: 'trail',
    time: new Date(begunAt).toISOString(),
    reference: presentableText(reference),
    exchange: presentableText(exchange),
    remoteAddress: presentableText(remoteAddress),
    status,
  } satisfies { [Name in keyof Omit<KeptTrail, 'steps'>]: unknown };
  const shown = steps.map(({ name, at, milliseconds }, index) => {
    const took = milliseconds === undefined ? '' : `,"milliseconds":${String(rounded(milliseconds))}`;
    return `{"name":"${name}","at":${String(rounded(at))}${took},"detail":${details[index] ?? '{}'}}`;
  });
  return `${JSON.stringify(head).slice(0, -1)},"steps":[${shown.join(',')}]}`;
}

/** The person whom the steps name last, by objectGUID; and whether nothing in them failed. */
export function aboutTrail({ steps }: Trail): { person: string | undefined; succeeded: boolean } {
  const person = steps
    .flatMap(({ name, detail }) => {
      const told = name === 'person' ? detail.objectGUID : detail.person;
      return typeof told === 'string' ? [told] : [];
    })
    .at(-1);
  return { person, succeeded: !steps.some(({ name, detail }) => name === 'refusal' || detail.error !== undefined) };
}
