/** Looks in all that any test had written down for all that any test kept secret. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusals } from '../../src/refusal.ts';

export interface RecordsJudged {
  /** Lines that were looked through. */
  readonly lines: number;
  /** Secrets that were looked for. */
  readonly secrets: number;
  /** One sentence for each line that holds one; no secret is told. */
  readonly complaints: readonly string[];
}

/** What is secret whatever it says: private keys, and SAML messages as XML, deflated by nobody, or as base64. */
const always: readonly (readonly [string, string])[] = [
  ['private key', 'PRIVATE KEY-----'],
  ['assertion', ':Assertion '],
  ['assertion', '<Assertion '],
  ['assertion', 'PHNhbWxw'],
  ['assertion', '%3Csaml'],
];

/** As it may stand somewhere else. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('base64url'),
  Buffer.from(secret).toString('hex'),
];

interface Pattern {
  readonly kind: string;
  readonly bytes: Buffer;
}

/** Finds any of many patterns in one walk: by the first three bytes, then by the rest. */
function createFinder(patterns: readonly Pattern[]): (text: Buffer, found: (pattern: Pattern, at: number) => void) => void {
  const begins = new Uint8Array(1 << 24);
  const byBegin = new Map<number, Pattern[]>();
  for (const pattern of patterns) {
    const key = pattern.bytes.readUIntBE(0, 3);
    begins[key] = 1;
    byBegin.set(key, [...(byBegin.get(key) ?? []), pattern]);
  }
  return (text, found) => {
    let key = ((text[0] ?? 0) << 8) | (text[1] ?? 0);
    for (let end = 2; end < text.length; end += 1) {
      key = ((key << 8) | (text[end] ?? 0)) & 0xffffff;
      if (begins[key] !== 1) continue;
      const at = end - 2;
      for (const pattern of byBegin.get(key) ?? []) {
        if (text.compare(pattern.bytes, 0, pattern.bytes.length, at, Math.min(text.length, at + pattern.bytes.length)) === 0)
          found(pattern, at);
      }
    }
  };
}

/** Of files that hold a value of JSON in each line. */
const valuesIn = (text: Buffer): readonly unknown[] =>
  text
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

export function judgeRecords(folder: string): RecordsJudged {
  const names = readdirSync(folder);
  const read = (name: string): Buffer => (names.includes(name) ? readFileSync(join(folder, name)) : Buffer.alloc(0));
  const secrets = new Map<string, string>(always.map(([kind, text]) => [text, kind]));
  for (const name of names.filter((one) => one.startsWith('secret-'))) {
    for (const [kind, text] of valuesIn(read(name)) as [string, string][]) {
      // Some tests present the name of a refusal to the other side that is to refuse by it.
      if (Object.hasOwn(refusals, text)) continue;
      for (const form of formsOf(text)) secrets.set(form, kind);
    }
  }
  const find = createFinder([...secrets].map(([text, kind]) => ({ kind, bytes: Buffer.from(text) })));
  const complaints = new Set<string>();
  let lines = 0;
  for (const name of names.filter((one) => one.startsWith('told-'))) {
    const text = read(name);
    const open = new Set((valuesIn(read(name.replace('told-', 'open-'))) as string[]).flatMap(formsOf));
    for (const byte of text) if (byte === 10) lines += 1;
    find(text, ({ kind, bytes }, at) => {
      if (open.has(bytes.toString())) return;
      const start = text.lastIndexOf(10, at) + 1;
      const end = text.indexOf(10, at);
      const line = text.toString('utf8', start, end === -1 ? text.length : end).replaceAll(bytes.toString(), `[${kind}]`);
      complaints.add(`${name.replace(/^told-|-\d+$/g, '')} had a ${kind} written down: ${line.slice(0, 400)}`);
    });
  }
  return { lines, secrets: secrets.size - always.length, complaints: [...complaints] };
}
