/** Reads what the operator's module gave back: exactly one of the known shapes, or it does not count. */
import { isLoopback } from '../../config/loopback.ts';
import type { Challenge } from '../authenticator.ts';
import { isShowable } from '../is-showable.ts';

/** It gave back something else; in words for the audit that hold nothing of it. */
export class UnknownResult extends Error {
  override readonly name = 'UnknownResult';
}

/** Why it refused. */
export const ownReasons = ['code-wrong', 'factor-denied', 'factor-unanswered', 'challenge-lapsed', 'factor-unavailable'] as const;
export type OwnVerdict =
  | { readonly verdict: 'accepted' }
  | { readonly verdict: 'again' | 'pending'; readonly challenge: Challenge }
  | { readonly verdict: 'refused'; readonly reason: (typeof ownReasons)[number] };

type Fields = Readonly<Record<string, unknown>>;

const limits = { result: 16_384, state: 8_192, message: 300, number: 12, url: 4_096, poll: { least: 500, most: 60_000 } };

/** A copy as JSON has it, so that nothing of it changes or runs once it was looked at. */
function copy(result: unknown): unknown {
  let text: unknown;
  try {
    text = JSON.stringify(result);
  } catch {
    throw new UnknownResult('it gave back what is no JSON');
  }
  // Undefined and functions have no JSON.
  if (typeof text !== 'string') return undefined;
  if (text.length > limits.result) throw new UnknownResult(`it gave back more than ${String(limits.result)} characters`);
  return JSON.parse(text);
}

function fieldsOf(value: unknown, what: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnknownResult(`${what} is no object`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UnknownResult(`${what} has a member that means nothing there`);
  return value as Fields;
}

function optional(fields: Fields, name: string, longest: number): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (!isShowable(value, longest)) throw new UnknownResult(`${name} of its challenge is no text that can be shown`);
  return value;
}

function readUrl(value: unknown): string {
  const url = typeof value === 'string' && value.length <= limits.url ? URL.parse(value) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url === null || !isSafe || url.username !== '' || url.password !== '')
    throw new UnknownResult('url of its challenge is no https address');
  return url.href;
}

function readCopy(value: unknown): Challenge {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const fields = fieldsOf(value, 'its challenge', [
    ...['kind', 'state'],
    ...(kind === 'code' ? ['message', 'hidden'] : kind === 'wait' ? ['message', 'number', 'pollAfter'] : ['url']),
  ]);
  if (JSON.stringify(fields.state ?? null).length > limits.state)
    throw new UnknownResult(`state of its challenge has more than ${String(limits.state)} characters`);
  const state = { state: fields.state ?? null };
  const message = kind === 'redirect' ? undefined : optional(fields, 'message', limits.message);
  const said = { ...state, ...(message !== undefined && { message }) };
  switch (kind) {
    case 'code': {
      const { hidden = false } = fields;
      if (typeof hidden !== 'boolean') throw new UnknownResult('hidden of its challenge is no truth value');
      return { kind, ...said, hidden };
    }
    case 'wait': {
      const { pollAfter } = fields;
      const { least, most } = limits.poll;
      if (typeof pollAfter !== 'number' || !(pollAfter >= least && pollAfter <= most))
        throw new UnknownResult(`pollAfter of its challenge is not from ${String(least)} to ${String(most)}`);
      const number = optional(fields, 'number', limits.number);
      return { kind, ...said, pollAfter, ...(number !== undefined && { number }) };
    }
    case 'redirect':
      return { kind, ...state, url: readUrl(fields.url) };
    default:
      throw new UnknownResult('its challenge is of no kind that it may have');
  }
}

/** Undefined where it cannot ask that person. @throws UnknownResult */
export function readOwnChallenge(result: unknown): Challenge | undefined {
  return result === null ? undefined : readCopy(copy(result));
}

/** @throws UnknownResult */
export function readOwnVerdict(result: unknown): OwnVerdict {
  const fields = fieldsOf(copy(result), 'its verdict', ['verdict', 'challenge', 'reason']);
  const { verdict, challenge, reason } = fields;
  const has = (...names: readonly string[]): boolean =>
    Object.keys(fields).length === names.length && names.every((name) => name in fields);
  if (verdict === 'accepted' && has('verdict')) return { verdict };
  if ((verdict === 'again' || verdict === 'pending') && has('verdict', 'challenge')) {
    const read = readCopy(challenge);
    if (verdict === 'pending' && read.kind !== 'wait')
      throw new UnknownResult('its verdict is pending, and its challenge is not to wait');
    return { verdict, challenge: read };
  }
  const known = ownReasons.find((one) => one === reason);
  if (verdict === 'refused' && known !== undefined && has('verdict', 'reason')) return { verdict, reason: known };
  throw new UnknownResult('its verdict is none of those that are known');
}
