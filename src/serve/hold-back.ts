/** Tells what a changed configuration can take over at once from what waits for a restart. */
import { changedSettings } from '../config/changed-settings.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { waitsForRestart } from '../config/waits-for-restart.ts';
import type { Waiting } from './control-answers.ts';

export interface Held {
  /** The new one, with what waits as it was. */
  readonly configuration: Configuration;
  /** Settings that changed and are taken over. */
  readonly changed: readonly string[];
  /** Settings that changed and are not. */
  readonly waiting: readonly Waiting[];
}

type Section = Readonly<Record<string, unknown>>;

const isSection = (value: unknown): value is Section => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `value` with what `from` has at that path. */
function withThatOf<Value extends object>(value: Value, from: Value, [name = '', ...rest]: readonly string[]): Value {
  const [own, other] = [Object.entries(value), Object.entries(from)].map((entries) => new Map<string, unknown>(entries));
  const kept = other?.get(name);
  const given = own?.get(name);
  if (rest.length > 0 && isSection(given) && isSection(kept)) return { ...value, [name]: withThatOf(given, kept, rest) };
  if (other?.has(name) === true) return { ...value, [name]: kept };
  const without = { ...value };
  Reflect.deleteProperty(without, name);
  return without;
}

export function holdBack(next: Configuration, inForce: Configuration): Held {
  const reasonFor = (path: string): string | undefined =>
    [...waitsForRestart].find(([setting]) => path === setting || path.startsWith(`${setting}.`))?.[1];
  const all = changedSettings(inForce, next);
  return {
    configuration: [...waitsForRestart.keys()].reduce((held, setting) => withThatOf(held, inForce, setting.split('.')), next),
    changed: all.filter((path) => reasonFor(path) === undefined),
    waiting: all.flatMap((setting) => {
      const why = reasonFor(setting);
      return why === undefined ? [] : [{ setting, why }];
    }),
  };
}
