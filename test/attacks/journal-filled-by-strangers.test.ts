/** Filling the audit trail in the store with what anybody can provoke, so that the disk is full or what concerns others is missing. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { createChainVerifier } from '../../src/audit/chain-verify.ts';
import { openAudit } from '../../src/audit/open-audit.ts';
import type { Journal, JournalEntry, JournalPlace } from '../../src/store/journal.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, Visitor } from '../fixtures/visitor.ts';

const mega = 1024 * 1024;

async function all(journal: Journal): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  for (let after: JournalPlace | undefined; ;) {
    const page = await journal.search({ order: 'oldest first', limit: 1_000, after });
    found.push(...page);
    after = page.at(-1)?.place;
    if (page.length < 1_000) return found;
  }
}

describe('a stranger who floods the house', () => {
  const alice = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
  const clock = {
    instant: Date.UTC(2026, 0, 1),
    now: () => clock.instant,
    until: () => new Promise<void>(setImmediate),
  };
  const notes: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-flood-'));
  const file = join(folder, 'store.sqlite');
  after(() => rmSync(folder, { recursive: true }));

  it('fills a bounded part of the store, pushes nothing out that concerns others, and what is left out is told and accounted for', async () => {
    const store = await createSqliteStore({ file, clock });
    after(() => store.close());
    const { audit, journal, stop, close } = await openAudit(
      { log: { level: 'info' }, audit: { store: true, retention: 86_400_000, trail: 86_400_000, stdout: false } },
      {
        ...{ role: 'alone', process: 'house', clock, random: randomBytes },
        log: { write: (line) => void notes.push(line), flush: () => Promise.resolve(), lost: 0 },
      },
    );
    journal?.into((entries) => store.journal.append(entries));
    const detail = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`a${index}`, 'x'.repeat(500)]));
    const flood = (reference: string, remoteAddress: string, person?: string): AuditEvent => ({
      ...{ event: 'signin.refused', reference, reason: 'message-malformed', remoteAddress, person, detail },
    });
    const granted: string[] = [];
    for (let turn = 0; turn < 3_000; turn += 1) {
      audit.record(flood(`F-${turn}`, '203.0.113.9'));
      journal?.trail({
        ...{ reference: `F-${turn}`, begunAt: clock.now(), exchange: 'GET /saml/sso', remoteAddress: '203.0.113.9', status: 400 },
        steps: [{ name: 'request', at: 0, milliseconds: 1, detail }],
      });
      // In her name, from networks that they have plenty of.
      if (turn % 3 === 0) audit.record(flood(`F-${turn}`, `2001:db8:0:${turn.toString(16)}::1`, alice));
      if (turn % 100 === 0) {
        granted.push(`G-${turn}`);
        audit.record({ event: 'signin.issued', reference: `G-${turn}`, person: alice, remoteAddress: '203.0.113.9' });
        audit.record({ ...flood(`O-${turn}`, '198.51.100.7'), detail: {} });
        granted.push(`O-${turn}`);
      }
      clock.instant += 50;
      if (turn % 20 === 0) await journal?.flush();
    }
    clock.instant += 61_000;
    audit.record({ event: 'controller.back', reference: 'LAST' });
    stop();
    await journal?.flush();
    await close();
    const entries = await all(store.journal);
    const size = (of: (entry: JournalEntry) => boolean) => entries.filter(of).reduce((sum, { text }) => sum + text.length, 0);
    const sent = 3_000 * 2 * 15_500;
    const strangers = size(({ person, text }) => person === undefined && text.includes('203.0.113.9'));
    assert.ok(strangers < 35 * mega && strangers < sent / 2, `${strangers} bytes of one network`);
    assert.ok(size(({ person }) => person === alice) < 18 * mega);
    assert.ok(statSync(file).size < 75 * mega);
    const references = new Set(entries.map(({ reference }) => reference));
    assert.deepEqual(
      granted.filter((reference) => !references.has(reference)),
      [],
    );
    assert.ok(notes.some((line) => line.includes('left out of the store')));
    // Each line that is missing is told by one that is there.
    const verifier = createChainVerifier({ order: false, keptSince: 0, stopped: true, outlet: 'store' });
    for (const { event, text } of entries) if (event !== 'trail') verifier.add(text, event);
    const { isSound, chains } = verifier.finish();
    assert.ok(isSound, JSON.stringify(chains.map(({ findings }) => findings.filter(({ isWrong }) => isWrong).slice(0, 5))));
  });
});

describe('what anybody can send', () => {
  let house: House;
  before(async () => {
    house = await openHouse({ journal: true });
  });
  after(() => house.close());

  const long = 'x'.repeat(60_000);
  const rows: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['rubbish', () => new Visitor(house.url).request(`/saml/sso?SAMLRequest=${'A'.repeat(8_000)}`)],
    ['an unknown issuer', () => new Visitor(house.url).arrive({ issuer: `https://${'é'.repeat(400)}.example.com` })],
    [
      'a long RelayState',
      () =>
        new Visitor(house.url).post('/saml/sso', {
          SAMLRequest: Buffer.from(authnRequest()).toString('base64'),
          RelayState: long,
        }),
    ],
    ['a request without end', () => new Visitor(house.url).visit(`/saml/sso?${redirectQuery(authnRequest())}`)],
    ['a long name', () => new Visitor(house.url).signIn('n'.repeat(10_000), 'Passw0rd!')],
    ['a name that acts', () => new Visitor(house.url).signIn('\u0000\uFFFF\u202E\u001B[2J{"x":"', 'Passw0rd!')],
  ];
  for (const [what, send] of rows) {
    it(`leaves little in the store and counts as a stranger’s: ${what}`, async () => {
      const store = await createSqliteStore({ file: house.configuration.store.file, clock: clockOf() });
      const before = (await all(store.journal)).length;
      await send();
      await house.kept();
      const entries = (await all(store.journal)).slice(before).filter(({ event }) => !event.startsWith('audit.'));
      assert.ok(entries.length > 0);
      for (const { event, person, text } of entries) {
        assert.equal(person, undefined, event);
        assert.ok(text.length < 8_000, `${event}: ${text.length}`);
        assert.ok(!text.includes('Passw0rd!'));
        assert.ok(event === 'trail' || /"remoteAddress":"[^"]+"/.test(text), 'is counted to its network');
      }
      await store.close();
    });
  }
  const clockOf = () => ({ now: () => house.now(), until: () => Promise.resolve() });
});
