/** `passerelle sessions` beside a house that runs: what is shown, what never is, and what ends at once. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { giveApps, type App } from '../fixtures/enrolled.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { openPeople, type People } from '../fixtures/people.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { run as runAnywhere, type Told } from './scripted-io.ts';

const password = 'Passw0rd!';

interface Shown {
  readonly person: { readonly objectGUID: string };
  readonly sessions: readonly {
    readonly id: string;
    readonly createdAt: string;
    readonly place: string;
    readonly userAgent: string;
    readonly evidence: readonly { readonly authenticator: string }[];
  }[];
  readonly devices: readonly { readonly id: string; readonly endsAt: string }[];
}

describe('passerelle sessions', () => {
  let people: People;
  let house: House;
  let apps: Readonly<Record<'ada' | 'bob', App>>;
  let folder = '';
  before(async () => {
    people = await openPeople(
      ['ada', 'bob', 'cleo'].map((name) => ({ name, password, upn: `${name}@corp.example.com`, mail: `${name}@example.com` })),
    );
    house = await openHouse({
      ldap: people.ldap,
      config: {
        policy: [
          { name: 'remembered', when: { device: 'remembered' }, require: [['password']] },
          { name: 'both', require: [['password'], ['totp']], rememberDevice: '10d' },
        ],
        factors: { webauthn: { enabled: false } },
      },
    });
    apps = await giveApps(house, ['ada', 'bob']);
    folder = mkdtempSync(join(tmpdir(), 'passerelle-cli-sessions-'));
    const { urls = [], baseDn = '', bindDn = '', password: secret = '' } = people.ldap;
    writeFileSync(
      join(folder, 'passerelle.yaml'),
      `publicUrl: http://localhost:8080
directory: { urls: ${JSON.stringify(urls)}, baseDn: "${baseDn}", bindDn: ${bindDn}, password: ${secret} }
mapping: { domains: { primary: example.com } }
store: { file: ${house.configuration.store.file} }
`,
    );
  });
  after(async () => {
    await house.close();
    await people.close();
    rmSync(folder, { recursive: true });
  });

  const clock = { now: () => house.now(), until: () => Promise.resolve() };
  /** Beside what it said, the events that it told. */
  async function run(...args: string[]): Promise<Told & { events: Record<string, unknown>[] }> {
    const file = join(folder, 'log');
    const log = openSync(file, 'w');
    try {
      const told = await runAnywhere(['sessions', ...args], { folder, clock, random: randomBytes, errorLog: { fd: log } });
      const lines = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      return { ...told, events: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
    } finally {
      closeSync(log);
    }
  }
  const list = async (name: string): Promise<Shown> => {
    const { code, out, err } = await run('list', name, '--json');
    assert.equal(code, 0, err);
    return JSON.parse(out) as Shown;
  };
  const come = (visitor: Visitor): Promise<Page> => visitor.arrive({ issueInstant: house.now() });
  const isIn = async (visitor: Visitor): Promise<boolean> => (await come(visitor)).form?.action !== '/signin/password';
  async function signedIn(person: 'ada' | 'bob'): Promise<Visitor> {
    const visitor = new Visitor(house.url);
    const asked = await visitor.fill(await come(visitor), person, password);
    house.advance(60_000);
    responseOf(await visitor.post('/signin/totp', { ...asked.form?.fields, code: apps[person].code(), remember: '1' }));
    return visitor;
  }

  it('list shows sessions and browsers, and nothing that signs anybody in', async () => {
    const visitor = await signedIn('bob');
    const { person, sessions, devices } = await list('bob');
    assert.equal(person.objectGUID, apps.bob.objectGUID);
    const [session] = sessions;
    assert.match(session?.id ?? '', /^[0-9a-f]{32}$/);
    assert.deepEqual(
      [session?.place, session?.evidence.map(({ authenticator }) => authenticator)],
      ['127.0.0.1', ['password', 'totp']],
    );
    assert.equal(Date.parse(devices[0]?.endsAt ?? '') > house.now() + 9 * 86_400_000, true);
    const { out } = await run('list', 'bob');
    assert.ok(out.includes(session?.id ?? '\0') && out.includes('by password, totp') && out.includes('remembered browsers\n'));
    for (const secret of [visitor.cookie, visitor.furtherCookies.get('__Host-passerelle-device')]) {
      assert.ok(secret !== undefined && !out.includes(secret.split('=')[1] ?? ''));
    }
    assert.match((await run('list', 'cleo')).out, /sessions: none\nremembered browsers: none\n$/);
  });

  it('end ends the one of that id, and nobody else’s by it', async () => {
    const [one, two] = [await signedIn('ada'), await signedIn('ada')];
    const [newest] = (await list('ada')).sessions;
    const strange = await run('end', 'bob', '--id', newest?.id ?? '');
    assert.deepEqual([strange.code, strange.events], [1, []]);
    assert.match(strange.err, /has no session of that id/);
    const { code, events } = await run('end', 'ada', '--id', newest?.id ?? '');
    assert.equal(code, 0);
    assert.deepEqual(
      events.map(({ event, person, name, detail }) => [event, person, name, detail]),
      [['session.ended', apps.ada.objectGUID, 'ada', { session: newest?.id, by: 'an administrator' }]],
    );
    assert.deepEqual([await isIn(one), await isIn(two)], [true, false]);
  });

  it('end ends all of the person’s, and no browser is forgotten by it', async () => {
    const [one, two, other] = [await signedIn('ada'), await signedIn('ada'), await signedIn('bob')];
    const { code, out } = await run('end', 'ada');
    assert.equal(code, 0);
    assert.match(out, /^Ended: \d of the sessions of /);
    assert.deepEqual([await isIn(one), await isIn(two), await isIn(other)], [false, false, true]);
    responseOf(await one.fill(await come(one), 'ada', password));
  });

  it('forget-devices forgets the browsers, and no session ends', async () => {
    const visitor = await signedIn('ada');
    const { code, events } = await run('forget-devices', 'ada');
    assert.equal(code, 0);
    assert.equal(events[0]?.event, 'device.forgotten');
    assert.deepEqual((await list('ada')).devices, []);
    visitor.cookie = undefined;
    assert.equal((await visitor.fill(await come(visitor), 'ada', password)).form?.action, '/signin/totp');
  });

  it('factors reset forgets them, too', async () => {
    await signedIn('ada');
    const { out } = await runAnywhere(['factors', 'reset', 'ada', '--factor', 'recovery-code'], {
      folder,
      clock,
      random: randomBytes,
    });
    assert.match(out, /Browsers forgotten: 1\.$/m);
    assert.deepEqual((await list('ada')).devices, []);
  });

  it('cut-off of one person ends what began before, and not what began since', async () => {
    const old = await signedIn('bob');
    house.advance(60_000);
    const before = new Date(house.now()).toISOString();
    house.advance(60_000);
    const young = await signedIn('bob');
    const { code, events } = await run('cut-off', '--person', 'bob', '--before', before);
    assert.equal(code, 0);
    assert.deepEqual([events[0]?.event, events[0]?.person], ['session.cut-off', apps.bob.objectGUID]);
    assert.deepEqual([await isIn(old), await isIn(young)], [false, true]);
  });

  it('cut-off of everybody is noticed by the house that runs, and nobody is kept from signing in', async () => {
    const visitors = [await signedIn('ada'), await signedIn('bob')];
    assert.deepEqual(await Promise.all(visitors.map(isIn)), [true, true]);
    house.advance(1);
    const { code, events, out } = await run('cut-off');
    assert.equal(code, 0);
    assert.match(out, /^All sessions have ended that began before \d{4}-/);
    assert.deepEqual(
      events.map(({ event, person }) => [event, person]),
      [['session.cut-off', undefined]],
    );
    // Of what another process did the store hears within a fifth of a second.
    for (let times = 0; times < 50 && (await isIn(visitors[0] ?? new Visitor(house.url))); times += 1) await setTimeout(50);
    assert.deepEqual(await Promise.all(visitors.map(isIn)), [false, false]);
    assert.ok(house.events.some(({ event, detail }) => event === 'session.ended' && detail?.why === 'cut off'));
    house.advance(1);
    assert.equal(await isIn(await signedIn('bob')), true);
    assert.match((await run('cut-off', '--before', '2020-01-01T00:00Z')).out, /A later time holds already/);
  });

  it('tells a wrong call, and whom it does not know', async () => {
    const calls: readonly (readonly [string[], number, RegExp])[] = [
      [['list'], 2, /Missing argument PERSON/],
      [['end', 'bob', 'ada'], 2, /Unexpected argument/],
      [['end', 'bob', '--id', '\0'], 1, /no session of that id/],
      [['list', 'nobody-of-that-name'], 1, /person-unknown/],
      [['cut-off', '--before', 'yesterday'], 2, /a time with its zone/],
      [['cut-off', '--before', '2026-02-31'], 2, /a time with its zone/],
      [['cut-off', '--before', '2999-01-01T00:00Z'], 2, /lies behind us/],
    ];
    for (const [args, code, says] of calls) {
      const told = await run(...args);
      assert.equal(told.code, code, args.join(' '));
      assert.match(told.err, says);
      assert.deepEqual(told.events, []);
    }
  });
});
