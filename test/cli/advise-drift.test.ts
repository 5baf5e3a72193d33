/** `passerelle advise drift`: two reports in, what to do in Google out. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Advice, Standing } from '../../src/advisor/advice.ts';
import type { Drift } from '../../src/advisor/drift.ts';
import { adviceChunks } from '../../src/advisor/write-advice.ts';
import { emptyAdvice } from '../advisor/empty-advice.ts';
import { guid, makeMapping } from '../advisor/make-survey.ts';
import { run, type Told } from './scripted-io.ts';

const somebody = (id: number, given: Partial<Standing> = {}): Standing => ({
  objectGUID: guid(1, id),
  domain: 'corp.example.com',
  name: `person${String(id).padStart(3, '0')}`,
  kind: 'person',
  address: `person${String(id)}@example.com`,
  refused: null,
  ...given,
});
const crowd = Array.from({ length: 120 }, (_, id) => somebody(id));

let folder = '';
const keep = (name: string, given: Partial<Advice>): Promise<void> =>
  writeFile(join(folder, name), [...adviceChunks({ ...emptyAdvice, ...given })].join(''));
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-drift-'));
  await keep('empty.json', {});
  await keep('later.json', { made: '2026-03-08T08:30:00.000Z' });
  await keep('remapped.json', { configured: makeMapping({ source: 'mail' }) });
  await keep('before.json', {
    people: [
      somebody(1),
      somebody(2),
      somebody(3),
      somebody(4, { address: null, refused: 'no-mail' }),
      somebody(5, { name: 'svc', kind: 'service' }),
      somebody(6),
    ],
  });
  await keep('after.json', {
    made: '2026-03-08T08:30:00.000Z',
    people: [
      somebody(1, { address: 'ada@example.com' }),
      somebody(2, { kind: 'disabled', refused: 'person-disabled' }),
      somebody(4),
      somebody(5, { name: 'svc', kind: 'service', address: 'robot@example.com' }),
      somebody(6),
      somebody(7, { address: 'person3@example.com', domain: null }),
    ],
  });
  await keep('crowd.json', { people: crowd });
  await keep('renamed.json', { people: crowd.map((one) => ({ ...one, address: `x${one.address ?? ''}` })) });
  const shared = { address: 'info@example.com', refused: 'address-not-unique' } as const;
  await keep('shared.json', { people: [somebody(1, shared), somebody(2, shared)] });
  await keep('freed.json', { people: [somebody(1), somebody(2, { address: 'info@example.com' })] });
  await keep('hostile.json', {
    people: [
      somebody(1, { name: '\u001b]0;x\u0007\u202egnp\nVanished: 9 people', domain: '\u009b2J', address: 'x@example.com' }),
    ],
  });
  await writeFile(join(folder, 'broken.json'), '{"format":');
  await writeFile(join(folder, 'other.json'), '{"name":"x"}');
  await writeFile(join(folder, 'v2.json'), '{"format":"passerelle-advice","version":2}');
});
after(() => rm(folder, { recursive: true }));
const drift = (...args: string[]): Promise<Told> => run(['advise', 'drift', ...args], { folder });

describe('passerelle advise drift', () => {
  it('says that nothing changed', async () => {
    assert.deepEqual(await drift('empty.json', 'later.json'), {
      code: 0,
      out: `Compared: the report of 2026-03-01T08:30:00.000Z with that of 2026-03-08T08:30:00.000Z.

Nothing changed.
`,
      err: '',
      asked: [],
    });
    assert.equal((await drift('crowd.json', 'crowd.json')).code, 0);
  });

  it('says of each what changed and what to do', async () => {
    const { code, out, err } = await drift('before.json', 'after.json');
    assert.deepEqual([code, err], [1, '']);
    assert.equal(
      out,
      `Compared: the report of 2026-03-01T08:30:00.000Z with that of 2026-03-08T08:30:00.000Z.

Handed on: 1 person
  The address is somebody else’s now, who would sign in to the Google account of
  who had it. Rename or delete that account first; where two swapped, rename one
  of them to a third address for the moment. Where both are one human, leave it.

  ADDRESS              HAD BY                       NOW OF
  -------------------  ---------------------------  ---------
  person3@example.com  person003, corp.example.com  person007

Renamed: 1 person, 1 other account
  Rename their Google accounts before they sign in again. A new account would be
  an empty one.

  NAME           DOMAIN            BEFORE               AFTER
  -------------  ----------------  -------------------  -----------------
  person001      corp.example.com  person1@example.com  ada@example.com
  svc (service)  corp.example.com  person5@example.com  robot@example.com

Lost: 1 person
  They had an address that a sign-in carried, and would be refused now.

  NAME                DOMAIN            BEFORE               AFTER
  ------------------  ----------------  -------------------  -------------------
  person002           corp.example.com  person2@example.com  person2@example.com
  (disabled)                                                 (person-disabled)

Gained: 1 person
  They would have been refused, and have an address now.

  NAME       DOMAIN            BEFORE   AFTER
  ---------  ----------------  -------  -------------------
  person004  corp.example.com  no-mail  person4@example.com

Appeared: 1 person
  They need a Google account, where they are to have one.

  NAME       DOMAIN  ADDRESS
  ---------  ------  -------------------
  person007          person3@example.com

Vanished: 1 person
  Their Google accounts, where they have one, are nobody’s any more.

  NAME       DOMAIN            ADDRESS
  ---------  ----------------  -------------------
  person003  corp.example.com  person3@example.com
`,
    );
  });

  it('shows fifty of many, and all of them to programs', async () => {
    const { code, out } = await drift('crowd.json', 'renamed.json');
    assert.equal(code, 1);
    assert.equal(out.match(/ xperson\d+@example\.com$/gm)?.length, 50);
    assert.match(out, /^Renamed: 120 people$/m);
    assert.match(out, /\n {2}and 70 more, which --json lists\n$/);
    const told = await drift('crowd.json', 'renamed.json', '--json');
    assert.equal(told.code, 1);
    const { format, version, renamed, mappingChanged, appeared } = JSON.parse(told.out) as Drift & {
      format: string;
      version: number;
    };
    assert.deepEqual([format, version], ['passerelle-advice-drift', 1]);
    assert.equal(renamed.length, 120);
    assert.deepEqual([mappingChanged, appeared], [false, []]);
    assert.equal(renamed[7]?.after.address, 'xperson7@example.com');
  });

  it('warns of an address that two had and one has now', async () => {
    const { code, out } = await drift('shared.json', 'freed.json');
    assert.equal(code, 1);
    assert.match(
      out.replace(/\s+/g, ' '),
      /Gained: 2 people .* Where it was address-not-unique before, somebody else had that address too: see first whose Google account it is\. NAME/,
    );
    assert.doesNotMatch((await drift('before.json', 'after.json')).out, /address-not-unique/);
  });

  it('says that the mapping is another one', async () => {
    const { code, out } = await drift('empty.json', 'remapped.json');
    assert.equal(code, 1);
    assert.match(out, /\n\nThe configured mapping is another one: what changed may be its doing\.\n$/);
  });

  it('asks whether the later report was meant to come first', async () => {
    const { code, err } = await drift('later.json', 'empty.json');
    assert.equal(code, 0);
    assert.equal(err, 'later.json was made later than empty.json: are they meant so?\n');
  });

  for (const args of [
    ['hostile.json', 'empty.json'],
    ['hostile.json', 'empty.json', '--json'],
  ]) {
    it(`shows nothing that would write to the terminal by itself: ${args.join(' ')}`, async () => {
      const { code, out } = await drift(...args);
      assert.equal(code, 1);
      assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
      assert.doesNotMatch(out, /^Vanished: 9 people/m);
    });
  }

  const failures: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
    ['no file', [], /^Missing argument BEFORE\.json\.\n/],
    ['one file', ['empty.json'], /^Missing argument AFTER\.json\.\n/],
    ['three files', ['empty.json', 'empty.json', 'empty.json'], /^Unexpected argument/],
    ['an unknown option', ['empty.json', 'empty.json', '--all'], /^Unknown option '--all'/],
    ['a file that is not there', ['empty.json', 'nowhere.json'], /^nowhere\.json does not exist\.\n$/],
    ['a folder', ['.', 'empty.json'], /^\. is not a file\.\n$/],
    ['half a report', ['empty.json', 'broken.json'], /^broken\.json cannot be compared: it is no JSON, or was cut off\.\n$/],
    [
      'another file',
      ['other.json', 'empty.json'],
      /^other\.json cannot be compared: it is not what passerelle advise writes\.\n$/,
    ],
    ['a later version', ['v2.json', 'empty.json'], /^v2\.json cannot be compared: it is of version 2, and this Passerelle reads/],
    ['a hostile name', ['\u001b[2J', 'empty.json'], /^\uFFFD\[2J does not exist\.\n$/],
  ];
  for (const [what, args, says] of failures) {
    it(`fails for ${what}`, async () => {
      const { code, out, err } = await drift(...args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, says);
    });
  }
});
