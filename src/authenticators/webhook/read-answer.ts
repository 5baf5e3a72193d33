/** Reads an answer of the web hook: a flat JSON object about the question that was asked. */
import { isShowable } from '../is-showable.ts';
import { ServiceTrouble } from '../post.ts';

export type Answer =
  | { readonly answer: 'approved'; /** The one that the person chose. */ readonly number: string | undefined }
  | { readonly answer: 'denied' | 'pending' | 'enrolled' | 'not-enrolled' | 'unavailable' }
  | { readonly answer: 'ask'; readonly message: string | undefined; readonly hidden: boolean };

const plain = ['denied', 'pending', 'enrolled', 'not-enrolled', 'unavailable'] as const;
const longestMessage = 300;

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new ServiceTrouble('its answer is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ServiceTrouble('its answer is no JSON object');
  if (Object.values(value).some((part) => typeof part === 'object' && part !== null))
    throw new ServiceTrouble('its answer holds a list or an object');
  return value as Readonly<Record<string, unknown>>;
}

/** @param id the challenge that was asked about. @throws ServiceTrouble */
export function readAnswer(body: Buffer, id: string): Answer {
  const value = parse(body);
  const of = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);
  const text = (name: string): string | undefined => {
    const found = of(name) ?? undefined;
    if (found !== undefined && typeof found !== 'string') throw new ServiceTrouble(`${name} of its answer is no text`);
    return found;
  };
  if (of('id') !== id) throw new ServiceTrouble('its answer is about another challenge');
  if (of('ask') !== undefined) {
    const message = text('message');
    const hidden = of('hidden') ?? false;
    if (of('ask') !== 'code' || of('answer') !== undefined) throw new ServiceTrouble('it asks for what is not known');
    if (message !== undefined && !isShowable(message, longestMessage)) throw new ServiceTrouble('its message cannot be shown');
    if (typeof hidden !== 'boolean') throw new ServiceTrouble('hidden of its answer is no truth value');
    return { answer: 'ask', message, hidden };
  }
  const answer = of('answer');
  if (answer === 'approved') return { answer, number: text('number') };
  const known = plain.find((word) => word === answer);
  if (known === undefined) throw new ServiceTrouble('its answer is none of those that are known');
  return { answer: known };
}
