/** `passerelle audit tail`, `search` and `export` beside a house that runs, on what really happened in it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { csvColumns, csvHead, csvRow } from '../../src/cli/audit-csv.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { JournalEntry } from '../../src/store/journal.ts';
import type { Store } from '../../src/store/store.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { run as runAnywhere, type Told } from './scripted-io.ts';

const password = 'Passw0rd!';
const hostile = '=cmd|"/c calc"!A1,\u202Eevil\u001B[2J\r\n"x"';
/** What a spreadsheet with another separator would take for the beginning of a formula. */
const hidden = /([;\t]["'\s]*)(?=[=+\-@|%＝＋－＠])/g;
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

type Line = Readonly<Record<string, unknown>>;
const linesOf = (out: string): Line[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/** Rows of cells (RFC 4180 §2), by a reader of its own. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  assert.equal(
    rows.map((cells) => cells.length).find((length) => length !== rows[0]!.length),
    undefined,
  );
  return rows;
}

describe('passerelle audit', () => {
  let people: People;
  let house: House;
  /** A second node on the same store. */
  let store: Store;
  let folder = '';
  let ada = '';

  before(async () => {
    people = await openPeople(
      ['ada', 'bob'].map((name) => ({ name, password, upn: `${name}@corp.example.com`, mail: `${name}@example.com` })),
    );
    house = await openHouse({ ldap: people.ldap, journal: true });
    folder = mkdtempSync(join(tmpdir(), 'passerelle-cli-audit-'));
    writeFileSync(join(folder, 'passerelle.yaml'), configuration());
    const signIn = (name: string, typed = password) => new Visitor(house.url).signIn(name, typed, { issueInstant: house.now() });
    for (const name of ['ada', 'bob', 'ada']) {
      await signIn(name);
      house.advance(3_600_000);
    }
    await signIn('ada', 'wrong');
    await signIn(hostile);
    await new Visitor(house.url).request('/saml/sso?SAMLRequest=rubbish');
    await house.kept();
    store = await createSqliteStore({ file: house.configuration.store.file, clock });
    ada = house.events.find(({ name }) => name === 'ada')!.person!;
  });
  after(async () => {
    await store.close();
    await house.close();
    await people.close();
    rmSync(folder, { recursive: true });
  });

  const configuration = (more = ''): string => {
    const { urls = [], baseDn = '', bindDn = '', password: secret = '' } = people.ldap;
    return `publicUrl: http://localhost:8080
directory: { urls: ${JSON.stringify(urls)}, baseDn: "${baseDn}", bindDn: ${bindDn}, password: ${secret} }
mapping: { domains: { primary: example.com } }
store: { file: ${house.configuration.store.file} }
serviceProviders:
  - { kind: google-profile, name: Google Workspace, entityId: https://accounts.google.com/samlrp/03test, acsUrl: https://accounts.google.com/samlrp/03test/acs }
  - { kind: google-profile, name: Lab, entityId: https://accounts.google.com/samlrp/04lab, acsUrl: https://accounts.google.com/samlrp/04lab/acs }
${more}`;
  };
  const clock = { now: () => house.now(), until: () => Promise.resolve() };
  /** What is thrown in one sentence src/main.ts says, with exit code 1. */
  const run = (...args: string[]): Promise<Told> =>
    runAnywhere(['audit', ...args], { folder, clock, random: randomBytes }).catch((error: unknown) => {
      assert.ok(error instanceof Error);
      return { code: 1, out: '', err: `${error.message}\n`, asked: [] };
    });
  const entryOf = (changes: Partial<JournalEntry>): JournalEntry => ({
    ...{ at: house.now(), event: 'fault', reference: 'X', person: undefined, serviceProvider: undefined },
    ...{ text: '{"event":"fault"}', expiresAt: house.now() + 60_000, ...changes },
  });

  describe('search', () => {
    const found = async (...args: string[]): Promise<Line[]> => {
      const { code, out, err } = await run('search', '--json', ...args);
      assert.equal(code, 0, err);
      return linesOf(out);
    };
    const eventsOf = (lines: readonly Line[]) => lines.map(({ event }) => event);

    it('finds what happened, in the order of time, each line as it was told', async () => {
      const lines = await found();
      const own = lines.filter(({ event }) => !String(event).startsWith('audit.'));
      assert.deepEqual(
        own.map(({ reference }) => reference),
        house.events.map(({ reference }) => reference),
      );
      assert.ok(lines.every(({ event }) => event !== 'trail'));
    });

    it('finds all of one sign-in by its reference, however it is read out', async () => {
      const { reference } = house.events.find(({ event }) => event === 'signin.issued')!;
      const lines = await found('--reference', ` ${reference.toLowerCase()} `);
      assert.deepEqual(eventsOf(lines), ['password.accepted', 'signin.issued']);
    });

    it('finds a person by what they type, and by objectGUID without asking the directory', async () => {
      const byName = await found('--person', 'ada@corp.example.com');
      assert.deepEqual(new Set(byName.map(({ person }) => person)), new Set([ada]));
      assert.equal(byName.length, 5);
      const searches = () => people.asked.filter((tag) => tag === 0x63).length;
      const asked = searches();
      assert.deepEqual(await found('--person', ada.toUpperCase()), byName);
      assert.equal(searches(), asked);
    });

    it('finds by the name as typed, by reason, by event and by all that of an event', async () => {
      assert.deepEqual(eventsOf(await found('--name', 'ADA')), ['password.accepted', 'password.accepted', 'signin.refused']);
      assert.deepEqual(eventsOf(await found('--name', hostile)), ['signin.refused']);
      const [{ reason } = { reason: '' }] = await found('--name', 'ada', '--event', 'signin.refused');
      assert.equal((await found('--reason', String(reason), '--person', ada)).length, 1);
      assert.deepEqual(new Set(eventsOf(await found('--event', 'signin'))), new Set(['signin.issued', 'signin.refused']));
      assert.equal((await found('--event', 'signin.issued', '--event', 'password.accepted')).length, 6);
    });

    it('finds a service provider by its entity ID, by part of it and by its name', async () => {
      const whole = await found('--service-provider', 'https://accounts.google.com/samlrp/03test');
      assert.ok(whole.length >= 3);
      for (const part of ['03TEST', 'workspace']) assert.deepEqual(await found('--service-provider', part), whole);
      assert.deepEqual(await found('--service-provider', 'lab'), []);
      const several = await run('search', '--service-provider', 'samlrp');
      assert.equal(several.code, 1);
      assert.match(several.err, /^Several service providers have samlrp .*03test, .*04lab\.\n$/);
      const former = await run('search', '--service-provider', 'https://gone.example.com');
      assert.equal(former.code, 0);
      assert.match(former.err, /former times/);
    });

    it('takes times as such, and as lengths ago', async () => {
      const all = await found();
      const third = String(all[4]!.time);
      assert.deepEqual(
        await found('--from', third),
        all.filter(({ time }) => String(time) >= third),
      );
      assert.deepEqual(
        await found('--to', third),
        all.filter(({ time }) => String(time) < third),
      );
      assert.deepEqual(eventsOf(await found('--from', '30m', '--event', 'signin.issued')), []);
      assert.equal((await found('--from', '90m', '--event', 'signin.issued')).length, 1);
      assert.equal((await found('--from', '2h', '--to', '90m')).length, 0);
      assert.deepEqual(await found('--from', '2020-01-01', '--to', '2020-01-02T00:00+01:00'), []);
    });

    it('shows the newest only, and says that there are more', async () => {
      const all = await found();
      const { out, err } = await run('search', '--json', '--limit', '2');
      assert.deepEqual(linesOf(out), all.slice(-2));
      assert.match(err, /newest 2; there are more/);
      assert.match((await run('search', '--person', ada, '--to', '2020-01-01')).err, /^Nothing was found\.\n$/);
    });

    it('shows people short lines under the day, and nothing that acts on a terminal', async () => {
      const { out } = await run('search');
      const [day, ...lines] = out.trimEnd().split('\n');
      assert.match(day!, /^\d{4}-\d\d-\d\d$/);
      assert.ok(lines.some((line) => /^\d\d:\d\d:\d\dZ .*signin\.issued .*ada/.test(line)));
      for (const line of lines) assert.ok(!acting.test(line), JSON.stringify(line));
      assert.match(out, /evil/);
    });

    it('shows harmlessly what somebody else wrote into the store', async () => {
      await store.journal.append([
        entryOf({ reference: 'FOREIGN', text: `no JSON ${hostile.replaceAll('\r\n', ' ')}`, at: house.now() - 86_400_000 }),
        entryOf({ reference: 'FOREIGN', text: '{"event":"fault","name":"\u202E\u009B2J"}', at: house.now() - 86_400_000 }),
      ]);
      for (const args of [[], ['--json']]) {
        const { out } = await run('search', '--reference', 'foreign', ...args);
        assert.equal(out.trimEnd().split('\n').length, args.length === 0 ? 3 : 2);
        assert.ok(!acting.test(out.replaceAll('\n', '')), out);
      }
      house.advance(61_000);
    });
  });

  describe('tail', () => {
    it('shows the newest, oldest of them first', async () => {
      const all = linesOf((await run('search', '--json')).out);
      const { out, code } = await run('tail', '-n', '3', '--json');
      assert.equal(code, 0);
      assert.deepEqual(linesOf(out), all.slice(-3));
      assert.equal((await run('tail', '-n', '2', '--event', 'signin')).out.trimEnd().split('\n').length, 3);
    });

    it('follows what any node appends, late ones and those of one instant too, each once, and ends when it is stopped', async () => {
      const stop = new AbortController();
      const expected = Array.from({ length: 1_300 }, (_, index) => JSON.stringify({ event: 'fault', number: index }));
      let turn = 0;
      let heard = '';
      const { code, out, err } = await runAnywhere(['audit', 'tail', '-n', '1', '--follow', '--json', '--event', 'fault'], {
        folder,
        random: randomBytes,
        signal: stop.signal,
        heard: (text) => {
          heard += text;
        },
        clock: {
          now: clock.now,
          async until() {
            turn += 1;
            if (turn === 1) {
              const at = house.now() + 5;
              await store.journal.append(expected.slice(0, 700).map((text) => entryOf({ text, at })));
            } else if (turn === 2) {
              // Twenty seconds late.
              await store.journal.append(expected.slice(700).map((text) => entryOf({ text, at: house.now() - 20_000 })));
            } else if (turn === 4) {
              assert.ok(heard.includes('"number":1299'));
              stop.abort();
            }
          },
        },
      });
      assert.equal(code, 0, err);
      assert.deepEqual(out.trimEnd().split('\n'), expected);
      house.advance(61_000);
    });
  });

  describe('export', () => {
    it('writes JSON that can be verified, to a file for its owner alone, and never over another', async () => {
      const file = join(folder, 'events.jsonl');
      const told = await run('export', '--format', 'json', '--out', 'events.jsonl');
      assert.deepEqual([told.code, told.out], [0, '']);
      const count = linesOf(readFileSync(file, 'utf8')).length;
      assert.equal(told.err, `Written: ${count} events.\n`);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const verified = await run('verify', file);
      assert.equal(verified.code, 0, verified.out);
      assert.equal((await run('export', '--format', 'json')).out, readFileSync(file, 'utf8'));
      const again = await run('export', '--format', 'csv', '--out', 'events.jsonl');
      assert.equal(again.code, 1);
      assert.match(again.err, /exists already\.\n$/);
      assert.equal(linesOf(readFileSync(file, 'utf8')).length, count);
      // One that was changed shows.
      writeFileSync(join(folder, 'changed.jsonl'), readFileSync(file, 'utf8').replace('"name":"bob"', '"name":"eve"'));
      assert.equal((await run('verify', join(folder, 'changed.jsonl'))).code, 1);
    });

    it('writes once what was appended twice, because nobody could know whether it had been', async () => {
      const all = (await run('export', '--format', 'json')).out;
      const entries = await store.journal.search({ order: 'oldest first', limit: 9, except: 'trail' });
      await store.journal.append(entries.map(({ place: _, ...entry }) => entry));
      assert.equal((await run('export', '--format', 'json')).out, all);
    });

    it('writes CSV whose columns are fixed and whose cells are no formulas', async () => {
      const { out } = await run('export', '--format', 'csv');
      const [head, ...rows] = readCsv(out);
      assert.deepEqual(head, csvColumns);
      const json = linesOf((await run('export', '--format', 'json')).out);
      assert.deepEqual(
        rows.map((row) => row[csvColumns.indexOf('hash')]),
        json.map(({ hash }) => hash),
      );
      const names = rows.map((row) => row[csvColumns.indexOf('name')]!);
      assert.ok(names.some((name) => name.startsWith(`'=cmd|"/c calc"!A1,`)));
      assert.ok(rows.flat().every((cell) => !/^[=+\-@\t\r]/.test(cell)));
    });

    it('brings every text through CSV, for any text', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
          const [, cells = []] = readCsv(csvHead + csvRow(JSON.stringify({ name: text })));
          const cell = cells[csvColumns.indexOf('name')]!;
          assert.equal(/^[=+\-@\t\r\n|%＝＋－＠]/.test(text) ? cell.slice(1) : cell, text.replace(hidden, "$1'"));
          assert.ok(!/^[=+\-@\t\r]/.test(cell));
        }),
        { numRuns: 300, examples: [['=1+1'], ['"'], ['a,b'], ['\r\n'], ['@x'], ["'"], ['a;=1'], ['＝1']] },
      );
    });

    it('writes CSV without formulas also for whom a semicolon or a tab parts cells', () => {
      for (const evil of ['x;=cmd|calc!A1', 'x;"=1+1"', 'x\t@SUM(A1)', ';;-1', 'x; "+1'])
        for (const fields of [{ name: evil }, { detail: { cause: evil } }]) {
          const cells = csvRow(JSON.stringify(fields)).split(/[;\t]/);
          assert.ok(!cells.some((cell) => /^["\s]*[=+\-@|%]/.test(cell)), cells.join(' ~ '));
        }
    });

    it('goes on over many pages, and leaves nothing behind where it is stopped', async () => {
      const at = house.now();
      const texts = Array.from({ length: 1_700 }, (_, index) => JSON.stringify({ event: 'fault', number: index }));
      for (let from = 0; from < texts.length; from += 850)
        await store.journal.append(texts.slice(from, from + 850).map((text) => entryOf({ reference: 'MANY', text, at })));
      const { out } = await run('export', '--format', 'json', '--reference', 'MANY');
      assert.deepEqual(out.trimEnd().split('\n'), texts);
      const signal = AbortSignal.abort();
      const stopped = runAnywhere(['audit', 'export', '--format', 'csv', '--out', 'half.csv'], { folder, clock, signal });
      await assert.rejects(stopped, /^Error: (Ended before all was read|Stopped)\.$/);
      assert.throws(() => statSync(join(folder, 'half.csv')), /ENOENT/);
      house.advance(61_000);
    });
  });

  describe('says in one sentence', () => {
    const rows: readonly (readonly [string, number, RegExp, readonly string[]])[] = [
      ['that a time is none', 2, /--from is a time such as/, ['search', '--from', 'yesterday']],
      ['that a day is none', 2, /--to is a time such as/, ['search', '--to', '2026-02-31T25:00']],
      ['that a span is empty', 2, /earlier than --to/, ['export', '--format', 'csv', '--from', '1h', '--to', '2h']],
      [
        'that an event is none',
        2,
        /There is no event 'signin.issue'. Did you mean signin.issued\?/,
        ['tail', '--event', 'signin.issue'],
      ],
      ['that a number is none', 2, /--lines is a number from 1 to 10000/, ['tail', '-n', '0']],
      ['that a limit is too large', 2, /--limit is a number/, ['search', '--limit', '10001']],
      ['that a format is missing', 2, /--format is csv or json/, ['export']],
      ['that a name is empty', 2, /--person is empty/, ['search', '--person', '']],
      ['that a person is nobody', 1, /^person-unknown: /, ['search', '--person', 'nobody']],
      ['that a folder is not there', 1, /cannot be made \(ENOENT\)/, ['export', '--format', 'csv', '--out', 'no/where.csv']],
    ];
    for (const [what, code, message, args] of rows) {
      it(what, async () => {
        const told = await run(...args);
        assert.equal(told.code, code);
        assert.match(told.err, message);
        assert.equal(told.out, '');
      });
    }

    it('that nothing is kept in the store, or that there is none yet', async () => {
      writeFileSync(join(folder, 'none.yaml'), configuration('audit: { store: false }'));
      writeFileSync(
        join(folder, 'new.yaml'),
        configuration().replace(house.configuration.store.file, join(folder, 'new.sqlite')),
      );
      for (const args of [['tail'], ['search'], ['export', '--format', 'csv']]) {
        const none = await run(...args, '--config', 'none.yaml');
        assert.equal(none.code, 1);
        assert.match(none.err, /^No events are kept in the store, since audit\.store is false/);
        assert.match((await run(...args, '--config', 'new.yaml')).err, /^There is no store .*new\.sqlite yet\.\n$/);
      }
    });

    it('with an example, how each is called', async () => {
      for (const name of ['tail', 'search', 'export'])
        assert.match((await run(name, '--help')).out, /\nExample: passerelle audit /);
    });
  });
});
