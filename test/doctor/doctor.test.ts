import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { schema } from '../../src/config/schema.ts';
import { openStore } from '../../src/store/open-store.ts';
import { renderDoctorReference } from '../../src/cli/doctor-reference.ts';
import { startDemo } from '../../src/demo/demo.ts';
import { checkIds } from '../../src/doctor/checks.ts';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Report } from '../../src/doctor/report.ts';
import { thisMachine, timeServersIn } from '../../src/doctor/this-machine.ts';
import { answerProof, isDoctorToken, makeDoctorToken } from '../../src/http/doctor-token.ts';
import { createSeal } from '../../src/keys/seal.ts';
import { run, type Told } from '../cli/scripted-io.ts';
import { clock } from '../directory/options.ts';
import { scriptedServer } from '../directory/scripted-server.ts';
import { freePort } from '../fixtures/free-port.ts';
import { startNode, type NodeConfig, type NodeProcess } from '../fixtures/node-process.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { openldap } from '../testbed/openldap.ts';
import { postgres } from '../testbed/postgres.ts';
import { samba } from '../testbed/samba.ts';
import { machineOf } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-doctor-'));
chmodSync(folder, 0o755);
const port = await freePort();
let corp: DirectoryServer;
let other: DirectoryServer;
let config: NodeConfig;
let house: NodeProcess;

/** The doctor, of a configuration that is another one in this. */
function doctor(changes: Partial<NodeConfig>, ...args: readonly string[]): Promise<Told> {
  const name = `${randomBytes(4).toString('hex')}.yaml`;
  writeFileSync(join(folder, name), JSON.stringify({ ...config, ...changes }), { mode: 0o600 });
  return run(['doctor', '--config', name, ...args], { folder, clock, random: randomBytes });
}

const reportOf = ({ out }: Told): Report => JSON.parse(out) as Report;
/** What is not well, each as `id verdict`. */
const ill = ({ checks }: Report): readonly string[] =>
  checks
    .filter(({ verdict }) => verdict === 'warning' || verdict === 'problem')
    .map(({ id, verdict, found }) => `${id} ${verdict}: ${found}`);

before(async () => {
  [corp, other] = [await samba(), await openldap()];
  writeFileSync(join(folder, 'password'), corp.password, { mode: 0o600 });
  config = {
    publicUrl: `http://localhost:${String(port)}`,
    entityId: 'https://sso.example.com/saml/metadata',
    listen: { host: '127.0.0.1', port },
    directory: {
      urls: [corp.url],
      caFile: corp.caFile,
      baseDn: `OU=Engineering,OU=Staff,${corp.baseDn}`,
      bindDn: corp.bindDn,
      passwordFile: 'password',
    },
    mapping: {
      substitute: Object.fromEntries(
        ['corp.example.com', 'corp.local', 'elsewhere.net', 'example.org'].map((from) => [from, 'example.com']),
      ),
      domains: { primary: 'example.com' },
    },
    serviceProviders: [
      {
        kind: 'google-profile',
        entityId: 'https://accounts.google.com/samlrp/03test',
        acsUrl: 'https://accounts.google.com/samlrp/03test/acs',
      },
    ],
    keys: { folder: join(folder, 'keys') },
    store: { file: join(folder, 'data', 'store.sqlite') },
  };
  house = startNode(folder, config);
  await house.ready();
});

after(async () => {
  house.signal('SIGTERM');
  await house.ended;
  rmSync(folder, { recursive: true });
});

describe('passerelle doctor', () => {
  it('finds everything well with a real Active Directory, from outside in', async () => {
    const told = await doctor({}, '--json');
    const report = reportOf(told);
    // A test run may be root's, and the disk of whoever runs it nearly full.
    const own = /^machine\.(user|disk|memory|files) /;
    assert.deepEqual(
      ill(report).filter((line) => !own.test(line)),
      [],
    );
    assert.deepEqual([...new Set(report.checks.map(({ id }) => id))].toSorted(), [...checkIds].toSorted());
    assert.deepEqual([report.version, told.code], [1, report.verdict === 'ok' ? 0 : 3]);
    assert.ok(report.checks.every(({ milliseconds }) => Number.isInteger(milliseconds)));
    const well = (id: string) => report.checks.some((check) => check.id === id && check.verdict === 'ok');
    for (const id of [
      'proxy.address',
      'proxy.sizes',
      'directory.privileges',
      'directory.schema',
      'public-url.ours',
      'store.works',
    ])
      assert.ok(well(id), id);
    assert.ok(!told.out.includes(corp.password) && !told.err.includes(corp.password));
  });

  it('finds a real OpenLDAP well', async () => {
    const directory = {
      urls: [other.startTlsUrl],
      startTls: true,
      caFile: other.caFile,
      baseDn: `ou=Engineering,ou=Staff,${other.baseDn}`,
      bindDn: other.bindDn,
      passwordFile: 'password',
    };
    const mapping = { substitute: { 'ldap.example.com': 'example.com' }, domains: { primary: 'example.com' } };
    const report = reportOf(await doctor({ directory, mapping }, '--json', '--only', 'directory,clock', '--only', 'mapping'));
    assert.deepEqual(ill(report), []);
    assert.deepEqual([...new Set(report.checks.map(({ area }) => area))], ['clock', 'directory', 'mapping']);
    const skipped = report.checks.filter(({ verdict }) => verdict === 'skipped').map(({ id }) => id);
    assert.ok(
      ['directory.level', 'clock.controllers', 'mapping.suffixes'].every((id) => skipped.includes(id as 'directory.level')),
    );
    assert.ok(!skipped.includes('directory.schema'));
  });

  it('finds a real PostgreSQL well once it is prepared, and says before that it is not', async () => {
    const database = await (await postgres()).database();
    const { url, password, caFile } = database;
    const store = { url: `${url}?sslmode=verify-full`, password, caFile };
    try {
      const look = async (): Promise<Report> => reportOf(await doctor({ store }, '--json', '--only', 'store'));
      assert.match(
        ill(await look()).join(),
        /^store\.opens warning: its schema is of version 0, ours of \d+: the next start migrates it$/,
      );
      await (await openStore(schema.shape.store.parse(store), { clock })).close();
      const report = await look();
      assert.deepEqual(ill(report), []);
      const found = Object.fromEntries(report.checks.map((check) => [check.id, check.found]));
      assert.match(found['store.version'] ?? '', /^PostgreSQL \d+\.\d+/);
      assert.match(found['store.private'] ?? '', /encrypted/);
      assert.match(found['store.works'] ?? '', /ms$/);
      const refused = await doctor({ store: { ...store, password: 'not-that' } }, '--only', 'store');
      assert.match(refused.out, /✗ opens: postgres:\/\/.*does not take the password \(28P01\)/);
      assert.ok(!refused.out.includes('not-that'));
    } finally {
      await database.drop();
    }
  });

  it('sees of a real directory that the account may too much, that an attribute is unknown and that people are refused', async () => {
    const directory = { ...config.directory, baseDn: corp.baseDn, bindDn: corp.administrator };
    const [google] = config.serviceProviders ?? [];
    assert.ok(google !== undefined);
    const changes = {
      directory,
      serviceProviders: [{ ...google, attributes: { x: { from: 'noSuchAttribute' } } }],
    } as Partial<NodeConfig>;
    const told = await doctor(
      { ...changes, mapping: { domains: { primary: 'example.com' } } },
      '--only',
      'directory,mapping',
      '--quiet',
    );
    assert.equal(told.code, 3, told.out + told.err);
    assert.match(told.out, /! privileges .*Domain Admins/);
    assert.match(told.out, /! schema .*knows no noSuchAttribute/);
    assert.match(told.out, /! suffixes: .*lead nowhere: corp\.example\.com, corp\.local/);
    assert.match(told.out, /! people: .*address-not-in-domains \d+ \(such as \w+\)/);
    assert.doesNotMatch(told.out, /✓|problems/);
  });

  it('tries the service account nowhere again once it was refused', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => scriptedServer()));
    for (const server of servers) server.behave(({ kind, answer }) => answer(kind === 'bind' ? 49 : 0, 'data 52e'));
    const directory = { urls: servers.map(({ url }) => url), baseDn: 'DC=x', bindDn: 'cn=svc', password: 'not-this-one' };
    const told = await doctor({ directory }, '--json', '--only', 'directory,mapping,google');
    assert.equal(told.code, 1);
    assert.equal(servers.flatMap(({ binds }) => binds).length, 1);
    const binds = reportOf(told).checks.filter(({ id }) => id === 'directory.bind');
    assert.deepEqual(binds.map(({ verdict }) => verdict).toSorted(), ['problem', 'skipped', 'skipped']);
    assert.match(binds.find(({ verdict }) => verdict === 'problem')?.found ?? '', /LDAP code 49, data 52e/);
    assert.ok(!told.out.includes('not-this-one'));
    await Promise.all(servers.map((server) => server.close()));
  });

  it('says what is wrong with the configuration, and skips the rest', async () => {
    const told = await doctor({ listen: { host: '127.0.0.1', port: 99_999 } });
    assert.equal(told.code, 1);
    assert.match(told.out, /^configuration\n {2}✗ whole .*: listen\.port .*\.\n/);
    assert.match(told.out, /^store\n {2}– skipped: the configuration cannot be used\.$/m);
    const narrow = await doctor({ listen: { host: '127.0.0.1', port: 99_999 } }, '--only', 'keys', '--quiet');
    assert.equal(narrow.code, 1);
    assert.match(narrow.out, /^configuration\n {2}✗ whole/);
    const missing = await run(['doctor', '--config', 'nowhere.yaml'], { folder, clock });
    assert.match(missing.out, /✗ whole \(nowhere\.yaml\): does not exist\.\n {6}passerelle init/);
  });

  for (const [what, args, words] of [
    ['an area that is none', ['--only', 'weather'], /There is no area "weather"\. There are: configuration, public-url/],
    ['an unknown flag', ['--fix'], /Unknown option '--fix'/],
    ['a word', ['keys'], /Unexpected argument 'keys'/],
  ] as const) {
    it(`exits with 2: ${what}`, async () => {
      const told = await run(['doctor', ...args], { folder, clock });
      assert.deepEqual([told.code, told.out], [2, '']);
      assert.match(told.err, words);
    });
  }

  it('finds nothing wrong with the demo', async () => {
    const audit = { record: () => undefined, note: () => undefined, flush: () => Promise.resolve() };
    const demo = await startDemo({
      port: 0,
      serviceProviderPort: 0,
      folder: join(folder, 'demo'),
      audit,
      clock,
      random: randomBytes,
    });
    try {
      const { configuration } = demo;
      const { versions } = machineOf();
      const report = await diagnose({
        ...{ file: 'demo', only: undefined, clock, random: randomBytes },
        reading: { configuration, warnings: [], contradictions: [], secrets: [] },
        read: (file) => readFileSync(file, 'utf8'),
        machine: { ...thisMachine({ versions, random: randomBytes }), timeServers: [] },
        done: () => undefined,
        doing: () => undefined,
      });
      const known = /^(machine\.|google\.profile|mapping\.people|public-url\.ours warning)/;
      assert.deepEqual(
        ill(report).filter((line) => !known.test(line)),
        [],
      );
    } finally {
      await demo.close();
    }
  });
});

describe('what is between', () => {
  /** A proxy of few words before the house. `spoil` may change what goes on, and what comes back. */
  async function behind(
    spoil: {
      headers?: (headers: IncomingHttpHeaders, from: string) => IncomingHttpHeaders;
      answer?: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
      most?: number;
    },
    work: (publicUrl: string) => Promise<void>,
  ): Promise<void> {
    const listener: RequestListener = (req, res) => {
      if ((req.url ?? '').length > (spoil.most ?? Infinity)) {
        res.writeHead(414).end();
        return;
      }
      const headers = spoil.headers?.(req.headers, req.socket.remoteAddress ?? '') ?? req.headers;
      const onward = request({ host: '127.0.0.1', port, path: req.url, method: req.method, headers, agent: false }, (answer) => {
        res.writeHead(answer.statusCode ?? 502, spoil.answer?.(answer.headers) ?? answer.headers);
        answer.pipe(res);
      });
      req.pipe(onward);
    };
    const proxy = createServer({ maxHeaderSize: 300_000 }, listener);
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    const address = proxy.address();
    assert.ok(typeof address === 'object' && address !== null);
    try {
      await work(`http://127.0.0.1:${String(address.port)}`);
    } finally {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    }
  }

  const look = async (publicUrl: string): Promise<readonly string[]> =>
    ill(reportOf(await doctor({ publicUrl }, '--json', '--only', 'proxy,public-url')));

  it('sees that a proxy is not trusted, whatever it hands on', async () => {
    const headers = (given: IncomingHttpHeaders, from: string): IncomingHttpHeaders => ({
      ...given,
      'x-forwarded-for': `${String(given['x-forwarded-for'])}, ${from}`,
    });
    await behind({ headers }, async (publicUrl) => {
      const [found, ...others] = await look(publicUrl);
      assert.match(found ?? '', /^proxy\.address problem: everybody seems to come from 127\.0\.0\.1/);
      // The house has its own publicUrl, and the cookies and pages of that.
      assert.deepEqual(
        others.filter((line) => !line.startsWith('proxy.headers')),
        [],
      );
    });
  });

  it('sees what a proxy takes away', async () => {
    const headers = ({ 'x-forwarded-for': _address, origin: _origin, ...rest }: IncomingHttpHeaders): IncomingHttpHeaders => rest;
    const answer = (given: IncomingHttpHeaders): IncomingHttpHeaders => ({
      ...given,
      'content-security-policy': "default-src 'self'",
      ...(given['set-cookie'] && { 'set-cookie': given['set-cookie'].map((one) => one.replace('; Secure', '')) }),
    });
    await behind({ headers, answer, most: 16_000 }, async (publicUrl) => {
      const found = await look(publicUrl);
      assert.deepEqual(
        found.map((line) => line.replace(/:.*/s, '')),
        [
          'public-url.hsts warning',
          'proxy.address problem',
          'proxy.headers problem',
          'proxy.cookies problem',
          'proxy.sizes warning',
        ],
      );
      assert.match(found.join('\n'), /a URL of 32 kB does not pass \(status 414\)/);
      assert.match(found.join('\n'), /cookies arrive without secure/);
    });
  });

  it('tells strangers nothing: the page is one that is not there', async () => {
    const seal = createSeal(() => [{ id: '00000001', key: Buffer.alloc(32) }], randomBytes);
    const tokens = [undefined, 'x', makeDoctorToken(seal, randomBytes(16), Date.now())];
    const ask = async (path: string, token: string | undefined): Promise<readonly [number, string]> => {
      const answer = await fetch(`${config.publicUrl}${path}`, {
        headers: token === undefined ? {} : { 'X-Passerelle-Doctor': token },
      });
      return [answer.status, (await answer.text()).replaceAll(/[0-9A-Z]{4}-[0-9A-Z]{6}|nonce[-=]"?[^"']+/g, '')];
    };
    const nowhere = await ask('/no-such-page', undefined);
    for (const token of tokens) assert.deepEqual(await ask('/doctor', token), nowhere);
  });

  it('believes tokens of our sealing keys alone, and for some minutes', () => {
    const seal = createSeal(() => [{ id: '00000001', key: Buffer.alloc(32, 1) }], randomBytes);
    const other = createSeal(() => [{ id: '00000001', key: Buffer.alloc(32, 2) }], randomBytes);
    const token = makeDoctorToken(seal, randomBytes(16), 1_000_000);
    assert.equal(isDoctorToken(seal, token, 1_000_000 + 15 * 60_000), true);
    assert.equal(isDoctorToken(seal, token, 1_000_001 + 15 * 60_000), false);
    assert.equal(isDoctorToken(other, token, 1_000_000), false);
    for (const forged of [token.replace(/^1/, '2'), `${token}x`, token.slice(0, -1), '', undefined, ['x']])
      assert.equal(isDoctorToken(seal, forged, 1_000_000), false);
    assert.notEqual(answerProof(seal, token), answerProof(other, token));
  });
});

describe('the page of all checks', () => {
  it('is up to date', () => {
    const page = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8');
    assert.equal(page, renderDoctorReference(), 'run: passerelle config reference');
    for (const id of checkIds) assert.ok(page.includes(`\`${id}\``), id);
  });
});

describe('time servers of this machine', () => {
  for (const [what, text, servers] of [
    ['chrony', '# server no.example\npool ntp.example.com iburst\nserver 10.0.0.1\n', ['ntp.example.com', '10.0.0.1']],
    [
      'systemd-timesyncd',
      '[Time]\n#NTP=no.example\nNTP=one.example two.example\nFallbackNTP=three.example\n',
      ['one.example', 'two.example', 'three.example'],
    ],
    ['ntpd', 'server one.example prefer\nserver one.example\nrestrict default\nserver $(x)\n', ['one.example']],
    ['nothing', '', []],
  ] as const) {
    it(what, () => {
      assert.deepEqual(timeServersIn(text), servers);
    });
  }
});
