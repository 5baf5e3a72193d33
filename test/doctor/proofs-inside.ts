/** Worlds in which each check of store, machine, factors and outlets is well, a warning, a problem. */
import { createSocket } from 'node:dgram';
import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/schema.ts';
import { auditProbes, judgeFile, judgeOutlets } from '../../src/doctor/audit.ts';
import type { Finding } from '../../src/doctor/check.ts';
import type { inside as rows } from '../../src/doctor/checks/inside.ts';
import { factorProbes, judgeKeytab, judgeList } from '../../src/doctor/factors.ts';
import { judgeDisk, judgeFiles, judgeMemory, judgeNode, judgeOpenssl, judgeUser } from '../../src/doctor/machine.ts';
import { judgePostgres, judgeSealed, judgeSqlite, judgeWork, storeProbes } from '../../src/doctor/store.ts';
import { createSeal } from '../../src/keys/seal.ts';
import { sealSecret } from '../../src/authenticators/sealed-secret.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { PostgresFacts } from '../../src/store/examine/examine-postgres.ts';
import type { SqliteFacts } from '../../src/store/examine/examine-sqlite.ts';
import type { Proofs } from './proof.ts';
import { authority, clock, configurationOf, day, file, folder, told, withWeb, worldOf } from './stage.ts';

const [megabyte, gigabyte] = [1024 ** 2, 1024 ** 3];
const sqlite = (changes: Partial<SqliteFacts> = {}): readonly Finding[] =>
  judgeSqlite('store.sqlite', { mode: 0o600, size: 5e6, version: 2, newest: 2, whole: 'ok', trouble: undefined, ...changes });
const postgres = (changes: Partial<PostgresFacts> = {}): readonly Finding[] =>
  judgePostgres(
    {
      name: 'postgres://x',
      server: 170_002,
      isReadOnly: false,
      isEncrypted: true,
      isHere: false,
      left: 90,
      each: 11,
      size: 5e6,
      version: 2,
      newest: 2,
      ...changes,
    },
    Date.parse('2026-06-01'),
  );

/** Of a real file, as this Passerelle makes it, which `spoil` has done something to. */
async function realStore(id: 'store.opens' | 'store.works' | 'store.sealed', make = true): Promise<readonly Finding[]> {
  const path = join(folder(), 'store.sqlite');
  if (make) await (await createSqliteStore({ file: path, clock })).close();
  return told(id, storeProbes(worldOf({ store: { file: path } })));
}
const broken = { check: () => Promise.reject(new Error('the disk is full')) };
const slow = { check: () => new Promise<void>((resolve) => setTimeout(resolve, 120)) };

const key = (byte: number) => ({ id: `0000000${String(byte)}`, key: Buffer.alloc(32, byte) });
const sealOf = (byte: number) =>
  createSeal(
    () => [key(byte)],
    (bytes) => Buffer.alloc(bytes, 7),
  );
const enrolled = {
  list: () =>
    Promise.resolve([
      { key: 'guid', value: { totp: [{ id: 'app', secret: sealSecret(sealOf(1), 'guid', 'app', 'JBSWY3DP') }] } },
    ]),
};

const now = Date.parse('2026-11-22');

/** A RADIUS server that answers Status-Server, with that secret. */
async function radius(secret: string): Promise<readonly Finding[]> {
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    const answer = Buffer.concat([
      Buffer.of(2, question[1] ?? 0, 0, 38),
      question.subarray(4, 20),
      Buffer.of(80, 18),
      Buffer.alloc(16),
    ]);
    createHmac('md5', secret).update(answer).digest().copy(answer, 22);
    createHash('md5').update(answer).update(secret).digest().copy(answer, 4);
    server.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  try {
    const servers = [{ host: '127.0.0.1', port: server.address().port }];
    return await told(
      'factors.radius',
      factorProbes(worldOf({ factors: { radius: { servers, secret: 'shared', timeout: '1s' } } })),
    );
  } finally {
    server.close();
  }
}

const hook = (url: string, caFile?: string): Promise<readonly Finding[]> =>
  told(
    'factors.webhook',
    factorProbes(worldOf({ factors: { webhook: { url, secret: 'x'.repeat(32), ...(caFile !== undefined && { caFile }) } } })),
  );
const duo = (status: number, stat: string): Promise<readonly Finding[]> =>
  withWeb(
    (_req, res) => res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ stat })),
    (apiHost) =>
      told(
        'factors.duo',
        factorProbes(worldOf({ factors: { duo: { apiHost, clientId: 'x'.repeat(20), clientSecret: 'x'.repeat(40) } } })),
      ),
  );

const principal = 'HTTP/sso.example.com@CORP.EXAMPLE.COM';
const entries = [{ principal, kvno: 3, enctype: 18, key: Buffer.alloc(32) }];
const keytab = (version: number | undefined, mode = 0o600, found: typeof entries | undefined = entries): readonly Finding[] =>
  judgeKeytab(
    { mode, entries: found, principals: [principal] },
    version === undefined ? undefined : new Map([['http/sso.example.com', version]]),
  );

const { audit } = configurationOf();
const outlets = (changes: Partial<typeof audit>): Finding => judgeOutlets({ ...audit, ...changes });
const syslog = (url: string, caFile?: string): Promise<readonly Finding[]> =>
  told(
    'audit.syslog',
    auditProbes(worldOf({ audit: { syslog: { url, ...(caFile !== undefined && { caFile }) } } satisfies ConfigInput['audit'] })),
  );
const metrics = (host: string): Promise<readonly Finding[]> =>
  withWeb(
    (_req, res) => res.end('# HELP x\nx 1\n'),
    (_origin, port) => told('audit.metrics', auditProbes(worldOf({ metrics: { host, port } }))),
  );

export const inside: Proofs<keyof typeof rows> = {
  'store.opens': {
    ok: () => realStore('store.opens'),
    warning: async () => [...(await realStore('store.opens', false)), ...sqlite({ version: 1 })],
    problem: async () => [
      ...sqlite({ version: 3 }),
      ...sqlite({ trouble: 'it belongs to another program' }),
      ...(await told(
        'store.opens',
        storeProbes(worldOf({ store: { file: file('no database at all, just text that is long enough') } })),
      )),
    ],
  },
  'store.works': {
    ok: () => realStore('store.works'),
    warning: () => judgeWork(slow),
    problem: () => judgeWork(broken),
  },
  'store.private': {
    ok: () => sqlite(),
    warning: () => postgres({ isEncrypted: false }),
    problem: () => sqlite({ mode: 0o644 }),
  },
  'store.whole': { ok: () => sqlite(), problem: () => sqlite({ whole: 'row 3 missing from index' }) },
  'store.size': { ok: () => sqlite(), warning: () => sqlite({ size: 3 * gigabyte }) },
  'store.version': { ok: () => postgres(), warning: () => [...postgres({ server: 130_004 }), ...judgeOld()] },
  'store.writable': { ok: () => postgres(), problem: () => postgres({ isReadOnly: true }) },
  'store.connections': { ok: () => postgres(), warning: () => postgres({ left: 12 }), problem: () => postgres({ left: 0 }) },
  'store.sealed': {
    ok: () => judgeSealed(enrolled, sealOf(1)),
    problem: async () => [await judgeSealed(enrolled, sealOf(2)), await judgeSealed(enrolled, undefined)],
  },
  'machine.disk': {
    ok: () => judgeDisk('store', { free: 50 * gigabyte, size: 100 * gigabyte }),
    warning: () => judgeDisk('store', { free: 5 * gigabyte, size: 100 * gigabyte }),
    problem: () => judgeDisk('store', { free: 50 * megabyte, size: gigabyte }),
  },
  'machine.memory': {
    ok: () => judgeMemory({ free: gigabyte, size: 2 * gigabyte }),
    warning: () => judgeMemory({ free: 200 * megabyte, size: gigabyte }),
    problem: () => judgeMemory({ free: 10 * megabyte, size: gigabyte }),
  },
  'machine.files': { ok: () => judgeFiles(Infinity), warning: () => judgeFiles(1_024), problem: () => judgeFiles(256) },
  'machine.node': {
    ok: () => judgeNode('24.11.0', now),
    warning: () => [judgeNode('25.2.0', now), judgeNode('24.11.0', Date.parse('2028-03-01'))],
    problem: () => [judgeNode('22.3.0', now), judgeNode('24.11.0', Date.parse('2028-06-01'))],
  },
  'machine.openssl': { ok: () => judgeOpenssl('3.5.1'), warning: () => judgeOpenssl('1.1.1') },
  'machine.user': { ok: () => judgeUser(1_000), warning: () => judgeUser(0) },
  'factors.radius': { ok: () => radius('shared'), warning: () => radius('other') },
  'factors.webhook': {
    ok: async () =>
      withWeb(
        (_req, res) => res.end(),
        (url) => hook(url, file(authority.pem)),
        await authority.certify({ to: 90 * day }),
      ),
    problem: async () => [
      ...(await hook('https://127.0.0.1:9')),
      ...(await withWeb(
        (_req, res) => res.end(),
        (url) => hook(url, file(authority.pem)),
        await authority.certify({ from: -5 * day, to: -day }),
      )),
    ],
  },
  'factors.duo': { ok: () => duo(200, 'OK'), problem: () => duo(401, 'FAIL') },
  'factors.kerberos': {
    ok: () => keytab(3),
    warning: () => [...keytab(4), ...keytab(undefined)],
    problem: () => [...keytab(3, 0o644), ...keytab(3, 0o600, [])],
  },
  'factors.revocation': {
    ok: () => judgeList('list.crl', now + 3 * day, now),
    warning: () => judgeList('list.crl', now + 3_600_000, now),
    problem: async () => [
      judgeList('list.crl', now - 1, now),
      ...(await told(
        'factors.revocation',
        factorProbes(
          worldOf({
            certificate: {
              authorities: [{ caFile: '/x' }],
              revocation: { crlFiles: [file('no list')] },
            },
          }),
        ),
      )),
    ],
  },
  'audit.outlets': {
    ok: () => outlets({}),
    warning: () => [outlets({ store: false }), outlets({ store: false, stdout: false })],
  },
  'audit.file': {
    ok: () => judgeFile(join(folder(), 'events.jsonl')),
    problem: () => judgeFile(join(folder(), 'nowhere', 'events.jsonl')),
  },
  'audit.syslog': {
    ok: async () => [
      ...(await withWeb(
        (_req, res) => res.end(),
        (url) => syslog(url.replace('http:', 'tcp:')),
      )),
      ...(await withWeb(
        (_req, res) => res.end(),
        (url) => syslog(url.replace('https:', 'tls:'), file(authority.pem)),
        await authority.certify({ to: 90 * day }),
      )),
    ],
    problem: () => syslog('tls://127.0.0.1:9'),
  },
  'audit.metrics': { ok: () => metrics('127.0.0.1'), warning: () => metrics('0.0.0.0') },
};

function judgeOld(): readonly Finding[] {
  return postgres({ server: 90_024 });
}
