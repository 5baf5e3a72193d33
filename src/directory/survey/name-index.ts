/** Which entry a distinguished name means, however it is spelt: most are spelt as the entry itself, so that the rest is made ready late. */
import { relativeNames } from '../distinguished-name.ts';
import { fold } from '../fold.ts';

export interface NameIndex<Value> {
  get(dn: string): Value | undefined;
}

const unusual = /\\|\s[,=]|[,=]\s|^\s|\s$/;

/** Equal for two spellings of one name, and for no two names. */
function canonical(dn: string): string {
  if (!unusual.test(dn)) return fold(dn);
  return relativeNames(dn)
    .map((name) => name.replace(/[\\,]/g, '\\$&'))
    .join(',');
}

export function createNameIndex<Value>(exact: ReadonlyMap<string, Value>): NameIndex<Value> {
  let loose: Map<string, Value> | undefined;
  return {
    get(dn) {
      const found = exact.get(dn);
      if (found !== undefined) return found;
      if (loose === undefined) {
        loose = new Map();
        for (const [name, value] of exact) loose.set(canonical(name), value);
      }
      return loose.get(canonical(dn));
    },
  };
}
