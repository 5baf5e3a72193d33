/** Asks for the mail exchangers of many domains, a few at once, and no longer where nothing answers. */
import type { DomainAdvice, Exchangers } from './advice.ts';

/** Asks DNS for the mail exchangers of a domain, lower-case ASCII; never rejects. */
export type AskExchangers = (domain: string) => Promise<Exchangers>;

interface AskedExchangers {
  /** By domain; of those that were to be asked. */
  readonly answers: ReadonlyMap<string, Exchangers>;
  readonly dns: DomainAdvice['dns'];
}

/** No more names than that leave this machine. */
const MOST_ASKED = 100;
const AT_ONCE = 4;

/** @param names in the order in which they are to be asked; public ones alone */
export async function askForExchangers(names: readonly string[], ask: AskExchangers | undefined): Promise<AskedExchangers> {
  const answers = new Map<string, Exchangers>();
  const asked = names.slice(0, MOST_ASKED);
  if (ask === undefined || asked.length === 0) return { answers, dns: 'not asked' };
  const first = asked.slice(0, AT_ONCE);
  const rest = asked.slice(AT_ONCE);
  const put = async (name: string): Promise<void> => {
    answers.set(name, await ask(name));
  };
  await Promise.all(first.map(put));
  if (first.every((name) => answers.get(name)?.answer === 'unanswered')) {
    for (const name of rest) answers.set(name, { answer: 'unanswered', why: 'not asked: DNS answered none of the first names' });
    return { answers, dns: 'offline' };
  }
  const queue = rest.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const name of queue) await put(name);
    }),
  );
  return { answers, dns: 'asked' };
}
