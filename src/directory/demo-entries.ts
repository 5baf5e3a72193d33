/** The entries of the demo directory, read from LDIF (RFC 2849), completed as Active Directory would complete them. */
import { createHash } from 'node:crypto';
import { dnsDomainOf, relativeNames } from './distinguished-name.ts';
import { fold } from './fold.ts';

export interface DemoAttribute {
  readonly name: string;
  readonly values: readonly Buffer[];
  /** The values as they are compared: folded text, or bytes for binary attributes. */
  readonly compared: readonly string[];
}

export interface DemoEntry {
  readonly dn: string;
  /** The DN from the root down, so that what lies below an entry begins with its path. */
  readonly path: string;
  /** By name in lower case; without the password. */
  readonly attributes: ReadonlyMap<string, DemoAttribute>;
  readonly password: string | undefined;
}

export interface DemoEntries {
  readonly baseDn: string;
  readonly all: readonly DemoEntry[];
  readonly byPath: ReadonlyMap<string, DemoEntry>;
  /** By attribute in lower case, then by compared value. */
  readonly index: ReadonlyMap<string, ReadonlyMap<string, readonly DemoEntry[]>>;
}

const binary = new Set(['objectguid', 'objectsid']);

/** A value as it is compared with others of that attribute. */
export const comparedValue = (attribute: string, value: Buffer): string =>
  binary.has(attribute) ? value.toString('latin1') : fold(value.toString());

export const pathOf = (dn: string): string =>
  relativeNames(dn)
    .map((name) => `${name}\0`)
    .reverse()
    .join('');

interface Lines {
  readonly dn: string;
  readonly values: [name: string, value: Buffer][];
}

/** @throws SyntaxError with the line, where the text is no LDIF */
function parseLdif(text: string): Lines[] {
  const entries: Lines[] = [];
  let entry: Lines | undefined;
  // RFC 2849: a line that begins with a space continues the one before.
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\n ', '').split('\n');
  for (const line of lines) {
    if (line.startsWith('#') || line.startsWith('version:')) {
      continue;
    }
    if (line.trim() === '') {
      entry = undefined;
      continue;
    }
    const match = /^([A-Za-z][A-Za-z0-9-]*):(:?) *(.*)$/.exec(line);
    if (match === null) {
      throw new SyntaxError(`not LDIF: ${line}`);
    }
    const [, name = '', encoded, rest = ''] = match;
    const value = encoded === ':' ? Buffer.from(rest, 'base64') : Buffer.from(rest);
    if (entry === undefined) {
      if (name.toLowerCase() !== 'dn') {
        throw new SyntaxError(`an entry begins with dn, not with: ${line}`);
      }
      entry = { dn: value.toString(), values: [] };
      entries.push(entry);
    } else {
      entry.values.push([name, value]);
    }
  }
  return entries;
}

// The same identity at every start: what names the entry decides.
const guidFor = (dn: string): Buffer => createHash('sha256').update(fold(dn)).digest().subarray(0, 16);

function sidFor(relativeId: number): Buffer {
  const sid = Buffer.from('010500000000000515000000', 'hex');
  const numbers = Buffer.alloc(16);
  [1_111, 2_222, 3_333, relativeId].forEach((number, place) => numbers.writeUInt32LE(number, 4 * place));
  return Buffer.concat([sid, numbers]);
}

/** @throws SyntaxError where the text is no LDIF, or has no entry whose DN is of DCs alone */
export function readDemoEntries(ldif: string): DemoEntries {
  const parsed = parseLdif(ldif);
  const baseDn = parsed.find(({ dn }) => relativeNames(dn).every((name) => name.startsWith('dc=')))?.dn;
  if (baseDn === undefined) {
    throw new SyntaxError('the directory needs an entry for its domain, such as DC=example,DC=com');
  }
  const domain = dnsDomainOf(baseDn) ?? '';
  const memberOf = new Map<string, Buffer[]>();
  for (const { dn, values } of parsed) {
    for (const [name, value] of values) {
      if (name.toLowerCase() === 'member') {
        const path = pathOf(value.toString());
        memberOf.set(path, [...(memberOf.get(path) ?? []), Buffer.from(dn)]);
      }
    }
  }

  const all = parsed.map(({ dn, values }, place): DemoEntry => {
    const path = pathOf(dn);
    const attributes = new Map<string, DemoAttribute>();
    const add = (name: string, added: readonly Buffer[]): void => {
      const key = name.toLowerCase();
      const old = attributes.get(key);
      const together = [...(old?.values ?? []), ...added];
      attributes.set(key, {
        name: old?.name ?? name,
        values: together,
        compared: together.map((value) => comparedValue(key, value)),
      });
    };
    let password: string | undefined;
    for (const [name, value] of values) {
      if (name.toLowerCase() === 'userpassword') {
        password = value.toString();
      } else if (value.length > 0) {
        add(name, [value]);
      }
    }
    const complete = (name: string, value: () => Buffer): void => {
      if (!attributes.has(name.toLowerCase())) {
        add(name, [value()]);
      }
    };
    complete('objectClass', () => Buffer.from('top'));
    complete('distinguishedName', () => Buffer.from(dn));
    complete('objectGUID', () => guidFor(`${domain}/${dn}`));
    if (attributes.has('samaccountname')) {
      complete('objectSid', () => sidFor(1_000 + place));
    }
    if (password !== undefined) {
      complete('userAccountControl', () => Buffer.from('512'));
    }
    const groups = memberOf.get(path);
    if (groups !== undefined) {
      add('memberOf', groups);
    }
    return { dn, path, attributes, password };
  });

  const index = new Map<string, Map<string, DemoEntry[]>>();
  for (const entry of all) {
    for (const [key, { compared }] of entry.attributes) {
      const values = index.get(key) ?? new Map<string, DemoEntry[]>();
      index.set(key, values);
      for (const value of new Set(compared)) {
        const holders = values.get(value);
        if (holders === undefined) {
          values.set(value, [entry]);
        } else {
          holders.push(entry);
        }
      }
    }
  }
  return { baseDn, all, byPath: new Map(all.map((entry) => [entry.path, entry])), index };
}

/** The SIDs of the groups that hold the entry, itself or through others (MS-ADTS §3.1.1.4.5.19), the nearest first. */
export function tokenGroupsOf(entry: DemoEntry, { byPath }: DemoEntries): readonly Buffer[] {
  const groups = new Set<DemoEntry>();
  let level: readonly DemoEntry[] = [entry];
  while (level.length > 0) {
    const next = level.flatMap(({ attributes }) =>
      (attributes.get('memberof')?.values ?? []).flatMap((dn) => byPath.get(pathOf(dn.toString())) ?? []),
    );
    level = [...new Set(next)].filter((group) => !groups.has(group));
    for (const group of level) groups.add(group);
  }
  return [...groups].flatMap(({ attributes }) => attributes.get('objectsid')?.values ?? []);
}
