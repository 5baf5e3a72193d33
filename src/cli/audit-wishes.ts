/** Which events of the journal are wanted: the options that the commands about the audit trail share. */
import { events as eventTable } from '../audit/events.ts';
import { presentableText } from '../audit/presentable.ts';
import { nearest } from '../config/nearest.ts';
import { UsageMistake } from './command.ts';
import { readReference } from './explain-reference.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';

export const wishOptions = {
  ...configurationOption,
  reference: { type: 'string' },
  person: { type: 'string' },
  name: { type: 'string' },
  'service-provider': { type: 'string' },
  event: { type: 'string', multiple: true },
  reason: { type: 'string' },
} as const;
export const spanOptions = { from: { type: 'string' }, to: { type: 'string' } } as const;

export const wishUsage = `      --reference R          what the page or the Response showed
      --person PERSON        whom it is about: what they would type, looked up in the directory; or an objectGUID
      --name NAME            the name as it was typed, whether or not it is anybody’s
      --service-provider SP  an entity ID, or a part of an entity ID or name that one alone has
      --event EVENT          such as signin.refused, or signin for all of that kind; may be given several times
      --reason REASON        of a refusal, such as person-locked
${configurationUsage}`;
export const spanUsage = `      --from TIME            from then on
      --to TIME              before then`;
export const timeUsage =
  'TIME is such as 2026-01-31 or 2026-01-31T08:30, UTC where it names no zone; or a length such as 90m, 2h or 7d: so long ago.';

/** As they were typed: who is meant by them is not known yet. */
export interface Wishes {
  readonly reference: string | undefined;
  readonly person: string | undefined;
  readonly serviceProvider: string | undefined;
  readonly events: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly from: number | undefined;
  readonly before: number | undefined;
  /** Fields of the line itself. */
  readonly name: string | undefined;
  readonly reason: string | undefined;
}

interface Values {
  readonly reference?: string | undefined;
  readonly person?: string | undefined;
  readonly name?: string | undefined;
  readonly 'service-provider'?: string | undefined;
  readonly event?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** @param now milliseconds since the epoch. @throws UsageMistake */
export function readWishes(values: Values, now: number): Wishes {
  const [from, before] = [instantOf('--from', values.from, now), instantOf('--to', values.to, now)];
  if (from !== undefined && before !== undefined && from >= before) throw new UsageMistake('--from is to be earlier than --to.');
  for (const option of ['reference', 'person', 'name', 'service-provider', 'reason'] as const)
    if (values[option] === '') throw new UsageMistake(`--${option} is empty.`);
  return {
    // As it is read out over the telephone.
    reference: values.reference && (readReference(values.reference) ?? values.reference.trim().toUpperCase()),
    person: values.person,
    serviceProvider: values['service-provider'],
    events: values.event?.flatMap(eventsOf),
    ...{ from, before, name: values.name, reason: values.reason },
  };
}

function eventsOf(word: string): readonly string[] {
  const names = Object.keys(eventTable);
  const found = names.filter((name) => name === word || name.startsWith(`${word}.`));
  if (found.length > 0) return found;
  const meant = nearest(word, names);
  throw new UsageMistake(`There is no event '${presentableText(word)}'.${meant === undefined ? '' : ` Did you mean ${meant}?`}`);
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

function instantOf(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Math.max(0, now - Number(count) * (units[unit] ?? 0));
  const match = pattern.exec(text);
  // ECMAScript takes a date alone as UTC, but a time without a zone as of this machine.
  const instant = match === null ? Number.NaN : Date.parse(text.includes('T') && match[1] === undefined ? `${text}Z` : text);
  if (Number.isNaN(instant) || instant < 0)
    throw new UsageMistake(`${option} is a time such as 2026-01-31T08:30, or a length such as 2h, meaning two hours ago.`);
  return instant;
}

/** @throws UsageMistake */
export function readCount(option: string, text: string | undefined, fallback: number, most: number): number {
  if (text === undefined) return fallback;
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > most) throw new UsageMistake(`${option} is a number from 1 to ${String(most)}.`);
  return count;
}
