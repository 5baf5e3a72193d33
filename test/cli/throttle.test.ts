/** `passerelle throttle` beside a house that runs: what counts, from where people are known, and how to forget it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, type Page, Visitor } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';
import { run as runAnywhere, type Told } from './scripted-io.ts';

const password = 'Passw0rd!';
const name = `shown-${randomBytes(3).toString('hex')}`;

describe('passerelle throttle', () => {
  let server: DirectoryServer;
  let house: House;
  let folder = '';
  let dn = '';
  before(async () => {
    server = await samba();
    dn = `CN=${name},OU=Guests,${server.baseDn}`;
    const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
    const values = `sAMAccountName: ${name}\nuserPrincipalName: other-${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n`;
    await modify(server, `dn: ${dn}\nchangetype: add\nobjectClass: user\n${values}`);
    house = await openHouse({ directory: server, config: { trustProxy: ['127.0.0.1'], throttle: { floor: '1ms' } } });
    folder = mkdtempSync(join(tmpdir(), 'passerelle-cli-throttle-'));
    writeFileSync(
      join(folder, 'passerelle.yaml'),
      `publicUrl: https://sso.example.com
directory:
  urls: [${server.url}]
  caFile: ${server.caFile}
  baseDn: ${server.baseDn}
  bindDn: ${server.bindDn}
  password: \${PW}
mapping: { domains: { primary: example.com } }
store: { file: ${house.configuration.store.file} }
`,
    );
  });
  after(async () => {
    await house.close();
    rmSync(folder, { recursive: true });
    await modify(server, `dn: ${dn}\nchangetype: delete\n`);
  });

  const clock = { now: Date.now, until: () => Promise.resolve() };
  const run = (...args: string[]): Promise<Told> =>
    runAnywhere(['throttle', ...args], { folder, environment: { PW: password }, clock, random: randomBytes });
  const signIn = (from: string, secret: string, as = name): Promise<Page> => {
    const visitor = new Visitor(house.url);
    visitor.forwardedFor = from;
    return visitor.signIn(as, secret);
  };
  interface Shown {
    readonly person: { readonly distinguishedName: string };
    readonly familiar: readonly { readonly network: string; readonly since: string; readonly last: string }[];
    readonly counters: readonly {
      readonly of: string;
      readonly familiar: { readonly failures: number; readonly left: number };
      readonly unfamiliar: { readonly failures: number; readonly left: number };
      readonly opensAt: string | null;
    }[];
    readonly controllers: readonly { readonly server: string; readonly count: number; readonly at: string | null }[];
    readonly policy: { readonly lockoutThreshold: number; readonly unsure: boolean } | null;
  }
  const show = async (): Promise<Shown> => {
    const { code, out, err } = await run('show', name, '--json');
    assert.equal(code, 0, err);
    return JSON.parse(out) as Shown;
  };

  it('shows nothing of somebody new', async () => {
    const shown = await show();
    assert.equal(shown.person.distinguishedName, dn);
    assert.deepEqual(shown.familiar, []);
    assert.deepEqual(
      shown.counters.map(({ of, familiar, unfamiliar, opensAt }) => [of, familiar, unfamiliar, opensAt]),
      [
        ['person', { failures: 0, left: 3 }, { failures: 0, left: 3 }, null],
        [name, { failures: 0, left: 4 }, { failures: 0, left: 4 }, null],
        [`other-${name}@example.com`, { failures: 0, left: 4 }, { failures: 0, left: 4 }, null],
      ],
    );
    assert.deepEqual(shown.controllers, [{ server: '127.0.0.10:636', count: 0, at: null }]);
    assert.deepEqual([shown.policy?.lockoutThreshold, shown.policy?.unsure], [5, true]);
  });

  it('shows places and failures of somebody who is guessed at, while the house runs', async () => {
    responseOf(await signIn('203.0.113.5', password));
    for (let turn = 0; turn < 3; turn += 1) await signIn(`2001:db8::${String(turn)}`, 'wrong');
    await signIn('203.0.113.5', 'wrong', `other-${name}@example.com`);
    const shown = await show();
    assert.deepEqual(
      shown.familiar.map(({ network }) => network),
      ['203.0.113.5'],
    );
    assert.deepEqual(
      shown.counters.map(({ familiar, unfamiliar }) => [familiar, unfamiliar]),
      [
        [
          { failures: 1, left: 0 },
          { failures: 2, left: 0 },
        ],
        [
          { failures: 0, left: 4 },
          { failures: 3, left: 1 },
        ],
        [
          { failures: 1, left: 3 },
          { failures: 0, left: 4 },
        ],
      ],
    );
    assert.equal(shown.controllers[0]?.count, 3);
    const { out } = await run('show', name);
    assert.match(out, /^CN=shown-.*\n\nfamiliar places\n {2}203\.0\.113\.5 {2}since \d{4}-\d\d-\d\d, last /);
    assert.match(out, /\n {2}person: from familiar places 1 \(0 left\), from others 2 \(0 left\); forgotten at \d{4}-/);
    assert.match(out, /\n {2}127\.0\.0\.10:636: 3, last \d{4}-/);
    assert.match(out, /\npolicy: the domain’s policy locks the account at 5 failures within 30 minutes; whether a fine-grained/);
  });

  it('forgets, and says so in the audit', async () => {
    assert.equal((await signIn('203.0.113.5', password)).status, 429);
    await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: 0\n`);
    const log = openSync(join(folder, 'log'), 'w');
    const { code, out } = await runAnywhere(['throttle', 'clear', name], {
      folder,
      environment: { PW: password },
      clock,
      random: randomBytes,
      errorLog: { fd: log },
    });
    closeSync(log);
    assert.equal(code, 0);
    assert.match(out, /^Forgotten: the failures of [0-9a-f-]{36}\.\n$/);
    const event = JSON.parse(readFileSync(join(folder, 'log'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([event.event, event.name, event.level], ['throttle.cleared', name, 'info']);
    const shown = await show();
    assert.equal(shown.familiar.length, 1);
    assert.ok(shown.counters.every(({ familiar, unfamiliar }) => familiar.failures + unfamiliar.failures === 0));
    responseOf(await signIn('203.0.113.5', password));
  });

  it('forgets the places, too, where asked to', async () => {
    const { code, out } = await run('clear', name, '--places');
    assert.equal(code, 0);
    assert.match(out, /, and the familiar places\.\n$/);
    assert.deepEqual((await show()).familiar, []);
  });

  it('says so where there is nobody, no name, or no store', async () => {
    assert.deepEqual(await run('show', 'nobody-of-that-name').then(({ code, err }) => [code, err.split(':')[0]]), [
      1,
      'person-unknown',
    ]);
    assert.equal((await run('show')).code, 2);
    assert.equal((await run('clear')).code, 2);
    const text = readFileSync(join(folder, 'passerelle.yaml'), 'utf8').replace(/store: .*/, 'store: { file: nowhere.sqlite }');
    writeFileSync(join(folder, 'other.yaml'), text);
    await assert.rejects(
      run('show', name, '--config', 'other.yaml'),
      /There is no store .*nowhere\.sqlite yet: nothing was counted\./,
    );
  });
});
