/** What strangers can do to the story of a sign-in: drown it, break its teller, speak to the terminal, or learn secrets from what is kept. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { JournalEntry } from '../../src/store/journal.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { run, type Told } from '../cli/scripted-io.ts';
import { giveApps } from '../fixtures/enrolled.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const folder = mkdtempSync(join(tmpdir(), 'passerelle-explained-'));
const configuration = join(folder, 'passerelle.yaml');
const clock = { now: () => house.now(), until: () => Promise.resolve() };
let house: House;
let store: Store;

before(async () => {
  house = await openHouse({ journal: true, config: { policy: [{ name: 'two', require: [['password'], ['totp']] }] } });
  store = await createSqliteStore({ file: house.configuration.store.file, clock });
  writeFileSync(
    configuration,
    `publicUrl: https://sso.example.com
directory: { urls: [ldaps://dc1.corp.example.com], baseDn: "DC=corp,DC=example,DC=com", bindDn: service, password: none }
mapping: { domains: { primary: example.com } }
store: { file: ${house.configuration.store.file} }
`,
  );
});
after(async () => {
  await store.close();
  await house.close();
  rmSync(folder, { recursive: true });
});

const explain = async (reference: string, ...more: string[]): Promise<Told> => {
  await house.kept();
  return run(['explain', reference, '--config', configuration, ...more], { folder, clock, random: randomBytes });
};
const entryOf = (reference: string, at: number, text: string, event = 'trail'): JournalEntry => ({
  ...{ at, event, reference, text, expiresAt: house.now() + 60_000 },
  ...{ person: undefined, serviceProvider: undefined },
});
/** As people bring them, in the order of numbers. */
const referenceOf = (number: number): string => `TEST-${String(number).padStart(6, '0')}`;
const trail = (steps: unknown, more: object = {}): string =>
  JSON.stringify({ event: 'trail', exchange: 'GET /signin', remoteAddress: '203.0.113.9', status: 200, steps, ...more });

describe('the story of a sign-in', () => {
  it('keeps its beginning and its end, however often somebody loads its page', async () => {
    const reference = referenceOf(1);
    const began = house.now();
    const entries = Array.from({ length: 990 }, (_, index) =>
      entryOf(reference, began + 10 + index, trail([{ name: 'session', at: 0, detail: { held: 'none' } }])),
    );
    const first = trail([
      { name: 'request', at: 0, detail: { binding: 'HTTP-POST', root: 'AuthnRequest', issuer: 'https://first' } },
    ]);
    const last = trail([{ name: 'refusal', at: 1, detail: { reason: 'person-disabled', why: {} } }], { status: 403 });
    await store.journal.append([entryOf(reference, began, first), ...entries, entryOf(reference, began + 2_000, last)]);
    const told = await explain(reference);
    assert.equal(told.code, 0);
    assert.match(told.out, /^\S+\nRefused: person-disabled\. Somebody at https:\/\/first,/);
    assert.match(told.out, /AuthnRequest of https:\/\/first/);
    assert.match(told.out, /\nThere is more than is shown here/);
    assert.ok(told.out.length < 200_000, String(told.out.length));
    // Where all fits, nothing is said to be missing.
    for (const count of [249, 250, 251, 499, 500]) {
      const whole = referenceOf(10_000 + count);
      await store.journal.append(entries.slice(0, count).map((entry) => ({ ...entry, reference: whole })));
      const { out } = await explain(whole);
      assert.equal(out.match(/GET \/signin/g)?.length, count);
      assert.ok(!out.includes('There is more'), String(count));
    }
  });

  it('is told whatever stands in the journal: of another version, cut off, or written by somebody else', async () => {
    const at = house.now();
    const far = { takenAt: 1e300, validUntil: -9e15, readAt: 8.64e15 + 1, sessionNotOnOrAfter: 1e17 };
    const names = [
      'service-provider',
      'person',
      'session',
      'answer',
      'policy',
      'sooner',
      '__proto__',
      'constructor',
      '',
      7,
      null,
    ];
    const rows = [
      ...['', '{', 'null', '[]', '7', '"x"', '{"steps":null}', '{"steps":[null,7,[],{}]}', '{"steps":{"length":9}}'],
      trail(names.map((name) => ({ name, at: 'soon', milliseconds: 'long', detail: far }))),
      trail(
        names.map((name) => ({ name, at: -1e300, milliseconds: 1e300, detail: { found: [far], evidence: [{ at: 1e300 }] } })),
      ),
      trail([{ name: 'session', detail: { held: undefined, by: 'session', evidence: [{ by: 'x', at: 1e99 }] } }]),
    ];
    for (const [index, text] of rows.entries()) {
      const reference = referenceOf(index + 2_000);
      await store.journal.append([entryOf(reference, at, text), entryOf(reference, at, text, 'signin.refused')]);
      for (const more of [[], ['--json']]) assert.equal((await explain(reference, ...more)).code, 0, text);
    }
    let told = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ name: fc.constantFrom(...names), detail: fc.jsonValue() })), async (steps) => {
        const reference = referenceOf(100_000 + (told += 1));
        await store.journal.append([entryOf(reference, at, trail(steps))]);
        const { code, out } = await explain(reference);
        assert.equal(code, 0);
        assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 30 },
    );
  });

  it('says that somebody was signed in, where the events of it are forgotten before its steps', async () => {
    const reference = referenceOf(3);
    const steps = [{ name: 'answer', at: 1, detail: { response: '_r', status: 'Success', location: 'https://acs', by: 'POST' } }];
    const refused = [{ name: 'refusal', at: 1, detail: { reason: 'password-wrong', why: {} } }];
    await store.journal.append([
      entryOf(reference, house.now() - 5, trail(refused)),
      entryOf(reference, house.now(), trail(steps)),
    ]);
    assert.match((await explain(reference)).out, /^\S+\nSigned in: /);
  });

  it('has one reference for itself alone, across a reload and a restart, and none that anybody chooses', async () => {
    const [mine, other] = [new Visitor(house.url), new Visitor(house.url)];
    const begun = await mine.arrive({ issueInstant: house.now() });
    const stranger = await other.arrive({ issueInstant: house.now() });
    await house.reload();
    const chosen = { signin: begun.form?.fields.signin ?? '', name: 'carol', password: 'wrong', reference: 'AAAA-AAAAAA' };
    const refused = await mine.post('/signin/password?reference=AAAA-AAAAAA', chosen, {
      Origin: house.url,
      'X-Request-Id': 'AAAA-AAAAAA',
    });
    await house.restart();
    const again = await mine.post('/signin/password', chosen);
    assert.ok(refused.reference !== undefined && refused.reference !== 'AAAA-AAAAAA');
    assert.equal(again.reference, refused.reference);
    const theirs = await other.fill(stranger, 'carol', 'wrong');
    assert.notEqual(theirs.reference, refused.reference);
    assert.match((await explain(refused.reference)).out, /GET \/saml\/sso.*\n(?:.*\n)*.*POST \/signin/);
    assert.equal((await explain('AAAA-AAAAAA')).code, 1);
  });

  it('holds nothing by which somebody could take over a sign-in or a session, nor what was secret in it', async () => {
    const apps = await giveApps(house, ['dave'], { recovery: true });
    const relayState = `relay-${randomBytes(12).toString('hex')}`;
    const visitor = new Visitor(house.url);
    const asked = await visitor.arrive({ issueInstant: house.now() }, relayState);
    const wrong = `wrong-${randomBytes(8).toString('hex')}`;
    await visitor.fill(asked, 'dave', wrong);
    const signIn = asked.form?.fields.signin ?? assert.fail();
    const second = await visitor.fill(asked, 'dave', password);
    const code = apps.dave.code();
    const page = await visitor.post('/signin/totp', { signin: second.form?.fields.signin ?? signIn, code });
    const { raw } = responseOf(page);
    await house.kept();
    const found = await store.journal.search({ order: 'newest first', limit: 1_000 });
    const written = found.map(({ text }) => text).join('\n');
    const secrets = [signIn, relayState, wrong, password, raw.slice(200, 260), ...apps.dave.recoveryCodes];
    for (const cookie of [visitor.cookie, ...visitor.furtherCookies.values()]) secrets.push(cookie?.split('=')[1] ?? '');
    for (const secret of secrets.filter((each) => each.length > 7)) assert.ok(!written.includes(secret), secret);
    assert.doesNotMatch(written, new RegExp(`"${code}"`));
  });
});
