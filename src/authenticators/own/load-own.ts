/** Loads the operator's module and sees that it is what it must be; whatever is wrong with it is told in one sentence. */
import { pathToFileURL } from 'node:url';
import type { OwnConfig } from '../../config/own-schema.ts';
import { titleReader } from './title-reader.ts';
import { within } from './within.ts';

/** What the module gave; each is called as a method of it. */
export interface OwnModule {
  /** In the language that fits best. */
  readonly title: (locale: string) => string;
  /** Calls one of its functions; what it gives back may be anything. */
  readonly call: (name: 'enrolled' | 'challenge' | 'verify', ...given: readonly unknown[]) => unknown;
  /** Writes to the log, as it may itself. */
  readonly note: (level: 'info' | 'warn' | 'error', message: string) => void;
  close(): void;
}

/** The module cannot be used. */
export class OwnFactorMistake extends Error {
  override readonly name = 'OwnFactorMistake';
}

export type Note = (level: 'info' | 'warn' | 'error', message: string, detail?: Readonly<Record<string, unknown>>) => void;

const members = ['enrolled', 'challenge', 'verify'] as const;
const isFunction = (value: unknown): value is (...given: readonly unknown[]) => unknown => typeof value === 'function';
const oneLine = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no Error').split('\n', 1)[0]?.slice(0, 300) ??
  '';

/** @throws OwnFactorMistake */
export async function loadOwn(config: OwnConfig, parts: { note: Note }): Promise<OwnModule> {
  const { module: file, timeout, settings } = config;
  const mistake = (what: string): OwnFactorMistake => new OwnFactorMistake(`factors.own.module ${file} ${what}.`);

  /** Waits for what the module does, as long as a question may take. */
  async function result(doing: () => unknown, verb: string): Promise<unknown> {
    try {
      return await within(timeout, doing);
    } catch (error) {
      throw mistake(`${verb}: ${oneLine(error)}`);
    }
  }

  const loaded = await result(() => import(pathToFileURL(file).href), 'cannot be loaded');
  const open: unknown = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
  if (!isFunction(open)) throw mistake('has no default export that is a function');
  const note: OwnModule['note'] = (level, message) => parts.note(level, `factors.own: ${message.slice(0, 1_000)}`);
  const made = await result(() => open({ settings: structuredClone(settings), note }), 'throws as it is opened');
  if (typeof made !== 'object' || made === null) throw mistake('opens to something that is no object');
  const factor = made as Readonly<Record<string, unknown>>;
  for (const member of members) if (!isFunction(factor[member])) throw mistake(`lacks the function ${member}`);
  const title = titleReader(factor.title);
  if (title === undefined)
    throw mistake('lacks title: a text of at most 80 characters, or one for each language, English (en) among them');
  if (factor.close !== undefined && !isFunction(factor.close)) throw mistake('has a close that is no function');

  return {
    title,
    note,
    call(name, ...given) {
      const member = factor[name];
      // It was one above; whoever takes it away later gets the fault.
      if (!isFunction(member)) throw new TypeError(`${name} is no function any more`);
      return Reflect.apply(member, factor, given);
    },
    close() {
      const { close } = factor;
      const closing = async (): Promise<unknown> => (isFunction(close) ? Reflect.apply(close, factor, []) : undefined);
      closing().catch((error: unknown) => note('warn', `close failed: ${oneLine(error)}`));
    },
  };
}
