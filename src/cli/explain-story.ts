/** The story of one reference: who wanted what, how it ended, and which step decided. */
import type { StepName } from '../audit/trail.ts';
import { isReason } from './explain-advice.ts';
import { detailOf, detailsIn, numberIn, textIn, type Detail, type Kept, type KeptEvent, type KeptStep } from './explain-kept.ts';
import { short } from './explain-words.ts';

export interface Story {
  readonly outcome: 'issued' | 'refused' | 'broken' | 'signed out' | 'unfinished';
  /** Of the last refusal; undefined where there was none. */
  readonly reason: string | undefined;
  /** What is known of that refusal. */
  readonly detail: Detail;
  /** Refusals before the outcome, and how often each. */
  readonly earlier: readonly (readonly [reason: string, times: number])[];
  /** As typed, as the directory knows them, and objectGUID. */
  readonly name: string | undefined;
  readonly distinguishedName: string | undefined;
  readonly person: string | undefined;
  readonly address: string | undefined;
  /** Entity ID, and what people see it called. */
  readonly serviceProvider: string | undefined;
  readonly serviceProviderName: string | undefined;
  readonly remoteAddress: string | undefined;
  /** Milliseconds since the epoch: when it began, and when it came to its end. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** Undefined where no step is at hand that did. */
  readonly decisive: KeptStep | undefined;
}

/** Steps that decide about refusals, where none names the reason itself. */
const deciding: readonly (readonly [RegExp, StepName])[] = [
  [/attempts-exhausted$/, 'throttle'],
  [/^policy-refused$/, 'policy'],
  [/^(no-way-left|passive-impossible|authn-context-unmet)$/, 'next-step'],
  [/^(service-provider-unknown|metadata-)/, 'service-provider'],
  [/^signature-missing$/, 'signature'],
  [/^(request-|signature-|acs-|binding-|relay-state|soap-|channel-)/, 'request'],
  [/^(name-id|subject|conditions|identity-provider|attribute-consuming)/, 'request'],
  [/^address-not-unique$/, 'person'],
];

const isAnswered = ({ detail }: KeptStep): boolean => (numberIn(detail, 'code') ?? 0) !== 0;
const isExhausted = ({ detail }: KeptStep): boolean => textIn(detail, 'result') === 'exhausted';

/** The innermost step that failed for it; of passwords the answer of the directory, which is within. */
function decide(steps: readonly KeptStep[], reason: string): KeptStep | undefined {
  const at = steps.findLastIndex(({ name, detail }) => name === 'refusal' && textIn(detail, 'reason') === reason);
  const before = at < 0 ? steps : steps.slice(0, at);
  const fails = (isMeant: (error: string) => boolean): KeptStep | undefined =>
    before.findLast(({ detail }) => isMeant(textIn(detail, 'error') ?? ''));
  // What strangers are told less of has a reason of its own, such as person-locked-unfamiliar.
  const failed = fails((error) => error === reason) ?? fails((error) => error !== '' && reason.startsWith(`${error}-`));
  if (failed !== undefined) {
    const end = failed.at + (failed.milliseconds ?? 0);
    const within = before.filter(
      (step) => step !== failed && step.name.startsWith('ldap.') && failed.at <= step.at && step.at <= end,
    );
    return within.findLast((step) => step.name === 'ldap.bind' && isAnswered(step)) ?? within.findLast(isBroken) ?? failed;
  }
  const named = deciding.find(([pattern]) => pattern.test(reason))?.[1];
  const found = named === 'throttle' ? before.findLast(isExhausted) : before.findLast(({ name }) => name === named);
  return found ?? steps[at];
}

const isBroken = (step: KeptStep): boolean =>
  step.name.startsWith('ldap.') && (textIn(step.detail, 'error') !== undefined || isAnswered(step));

function earlierOf(refusals: readonly KeptEvent[]): Story['earlier'] {
  const counted = new Map<string, number>();
  for (const { reason = '' } of refusals) counted.set(reason, (counted.get(reason) ?? 0) + 1);
  return [...counted];
}

const last = <Value>(values: readonly (Value | undefined)[]): Value | undefined =>
  values.findLast((value) => value !== undefined && value !== '');

/** What the events say where they are at hand; else what the steps do, which may be there alone. */
function howItEnded({ events }: Kept, steps: readonly KeptStep[]): Pick<Story, 'outcome' | 'reason' | 'detail' | 'earlier'> {
  const refusals = events.filter(({ event }) => event.endsWith('.refused'));
  const issued = events.findLast(({ event }) => event === 'signin.issued');
  const told = steps.findLast(({ name, detail }) => name === 'refusal' && textIn(detail, 'reason') !== undefined);
  const final = refusals.at(-1);
  const isSuccess = ({ name, detail: { status } }: KeptStep): boolean =>
    name === 'answer' && typeof status === 'string' && short(status) === 'Success';
  // Events may be forgotten before the steps are.
  if (
    issued === undefined &&
    final === undefined &&
    steps.findLastIndex(isSuccess) > steps.findLastIndex((step) => step === told)
  )
    return { outcome: 'issued', reason: undefined, detail: {}, earlier: [] };
  const reason = final?.reason ?? (told && textIn(told.detail, 'reason'));
  const detail = final?.detail ?? detailOf(told?.detail.why);
  const isAfter = issued !== undefined && (final === undefined || final.at <= issued.at);
  if (isAfter) return { outcome: 'issued', reason: undefined, detail: issued.detail, earlier: earlierOf(refusals) };
  if (events.some(({ event }) => event === 'fault')) return { outcome: 'broken', reason, detail, earlier: earlierOf(refusals) };
  if (reason !== undefined) return { outcome: 'refused', reason, detail, earlier: earlierOf(refusals.slice(0, -1)) };
  const isOut = events.some(({ event }) => event === 'session.ended' || event.startsWith('logout.'));
  return { outcome: isOut ? 'signed out' : 'unfinished', reason: undefined, detail: {}, earlier: [] };
}

export function tellStory(kept: Kept): Story {
  const { exchanges, events } = kept;
  const steps = exchanges.flatMap((exchange) => exchange.steps);
  const ended = howItEnded(kept, steps);
  const people = steps.filter(({ name }) => name === 'person').map(({ detail }) => detail);
  const providers = steps.filter(({ name }) => name === 'service-provider').map(({ detail }) => detail);
  const found = providers.flatMap((detail) => detailsIn(detail, 'found'));
  const begun = steps
    .filter(({ name }) => name === 'request')
    .map(({ detail }) => textIn(detail, 'issuer') ?? textIn(detail, 'begunHere'));
  const times = [...events.map(({ at }) => at), ...exchanges.map(({ at }) => at)];
  const { reason } = ended;
  const answer = steps.findLast(({ name }) => name === 'answer');
  return {
    ...ended,
    name: last([...people.map((detail) => textIn(detail, 'name')), ...events.map(({ name }) => name)]),
    distinguishedName: last(people.map((detail) => textIn(detail, 'distinguishedName'))),
    person: last([...people.map((detail) => textIn(detail, 'objectGUID')), ...events.map(({ person }) => person)]),
    address: last(events.map(({ address }) => address)),
    serviceProvider: last([
      ...begun,
      ...providers.map((detail) => textIn(detail, 'serviceProvider')),
      ...events.map(({ serviceProvider }) => serviceProvider),
    ]),
    serviceProviderName: last(found.map((detail) => textIn(detail, 'name'))),
    remoteAddress: last([
      ...exchanges.map(({ remoteAddress }) => remoteAddress),
      ...events.map(({ remoteAddress }) => remoteAddress),
    ]),
    beganAt: Math.min(...times),
    endedAt: Math.max(...times),
    decisive: ended.outcome === 'issued' ? answer : reason === undefined ? undefined : decide(steps, reason),
  };
}

/** The reason, where it is one of the table. */
export const reasonOf = ({ reason }: Pick<Story, 'reason'>) => (isReason(reason) ? reason : undefined);
