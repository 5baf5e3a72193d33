/** Worlds in which each check of what is seen from outside is well, a warning, a problem. */
import { createSocket } from 'node:dgram';
import type { RequestListener } from 'node:http';
import { ConfigurationMistakes } from '../../src/config/configuration-mistakes.ts';
import { NoRecords } from '../../src/directory/discover/service-records.ts';
import { tell, type Finding } from '../../src/doctor/check.ts';
import type { outside as rows } from '../../src/doctor/checks/outside.ts';
import { clockProbes } from '../../src/doctor/clock.ts';
import { judgeConfiguration, judgeSecrets, tellMistakes } from '../../src/doctor/configuration.ts';
import { compareRecords, directoryProbes } from '../../src/doctor/directory.ts';
import { judgeAnswerHeaders } from '../../src/doctor/judge-answer-headers.ts';
import { judgeCookies, judgeHeaders, judgeSizes } from '../../src/doctor/judge-arrival.ts';
import { judgeClock } from '../../src/doctor/judge-clock.ts';
import { judgeController } from '../../src/doctor/judge-controller.ts';
import { judgeForwarding } from '../../src/doctor/judge-forwarding.ts';
import { judgeMetadata } from '../../src/doctor/judge-metadata.ts';
import { publicUrlProbes } from '../../src/doctor/public-url.ts';
import { securityHeaders } from '../../src/http/security-headers.ts';
import { doctorCookie } from '../../src/http/doctor-routes.ts';
import type { Proofs } from './proof.ts';
import {
  authority,
  certificateOf,
  clock,
  configurationOf,
  day,
  factsOf,
  file,
  machineOf,
  told,
  withWeb,
  worldOf,
} from './stage.ts';

const mistake = {
  line: 3,
  column: 1,
  path: 'publicUrl',
  message: 'must begin https://',
  hint: 'Plain http is for loopback names.',
};

/** A server with that certificate, looked at. */
const tlsWorld = async (
  id: 'public-url.certificate' | 'public-url.tls',
  changes: Parameters<typeof authority.certify>[0] = { to: 100 * day },
  options: object = {},
): Promise<readonly Finding[]> =>
  withWeb(
    (_req, res) => res.end(),
    (publicUrl) => told(id, publicUrlProbes(worldOf({ publicUrl }))),
    { ...(await authority.certify(changes)), ...options },
  );

const health =
  (ready: number) =>
  (req: { url?: string | undefined }, res: { writeHead(status: number): { end(text?: string): unknown } }): void => {
    if (req.url === '/healthz') res.writeHead(200).end('{"status":"ok"}');
    else if (req.url === '/readyz') res.writeHead(ready).end('{"status":"failed","directory":"failed"}');
    else res.writeHead(404).end();
  };

/** An answer without an end. */
const endless: RequestListener = (_, res) => {
  const more = (): void => {
    if (!res.destroyed && res.write('a'.repeat(65_536))) setImmediate(more);
  };
  res.on('drain', more).writeHead(200);
  more();
};

const redirecting = (to: Readonly<Record<string, string>>): Promise<readonly Finding[]> =>
  withWeb(
    (req, res) => {
      const next = to[req.url ?? ''];
      if (next === undefined) res.writeHead(200).end('{"status":"ok"}');
      else res.writeHead(302, { Location: next }).end();
    },
    (publicUrl) => told('public-url.redirects', publicUrlProbes(worldOf({ publicUrl }))),
  );

const ours = await certificateOf(0);
const metadataOf = (entityID: string, certificate = ours): { status: number; text: string } => ({
  status: 200,
  text: `<md:EntityDescriptor entityID="${entityID}"><ds:X509Certificate>${certificate.raw.toString('base64')}</ds:X509Certificate></md:EntityDescriptor>`,
});
const metadata = (came: { status: number; text: string }, more: readonly (readonly [string, typeof ours])[] = []): Finding =>
  judgeMetadata(tell('public-url.ours'), came, { entityID: 'https://us', certificates: new Map([['first', ours], ...more]) });

const headers = securityHeaders({ page: 'home', nonce: 'other', formAction: [], https: true });
const lower = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]));

const here = { address: '10.0.0.9', port: 40_000 };
const proxy = { address: '10.0.0.5', port: 50_000 };
const forwarding = (
  remoteAddress: string,
  peer: typeof here,
  forwardedFor: string | null,
  trustProxy: readonly string[],
): Finding => judgeForwarding(tell('proxy.address'), { remoteAddress, peer, forwardedFor }, { local: here, trustProxy });

const sent = { host: 'sso', origin: 'https://sso', fetchSite: 'same-origin', cookie: 'a=b', authorization: 11 };
const arriving = (changes: Partial<typeof sent> | { origin: null }): Finding =>
  judgeHeaders(tell('proxy.headers'), sent, { ...sent, ...changes }, false);

/** A time server whose clock is so far ahead. */
async function timeServer(ahead: number | undefined): Promise<readonly Finding[]> {
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    const answer = Buffer.alloc(48);
    answer.set([0x24, ahead === undefined ? 0 : 2]);
    question.copy(answer, 24, 40, 48);
    const seconds = (Date.now() + (ahead ?? 0)) / 1_000 + 2_208_988_800;
    for (const at of [32, 40]) {
      answer.writeUInt32BE(Math.floor(seconds), at);
      answer.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
    }
    server.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  try {
    return await told('clock.ntp', clockProbes(worldOf({}, { timeServers: [`127.0.0.1:${String(server.address().port)}`] })));
  } finally {
    server.close();
  }
}

const terms = { baseDn: 'DC=x', bindDn: 'svc', clockSkew: 180_000, operationTimeout: 5_000, now: clock.now() };
const clockOf = (ahead: number): readonly Finding[] =>
  judgeController(factsOf({ said: { ...(factsOf().said ?? assertSaid()), ahead } }), terms);
const assertSaid = (): never => {
  throw new Error('a controller that is well says something');
};

const record = (host: string) => ({ host, port: 389, priority: 0, weight: 100 });
const records = (...hosts: readonly string[]) =>
  compareRecords(
    { machine: machineOf({ records: { find: () => Promise.resolve(hosts.map(record)), addresses: () => Promise.resolve([]) } }) },
    { baseDn: 'DC=corp,DC=test', netbiosNames: [], controllers: [{ url: 'ldaps://dc1.corp.test', priority: 1 }] },
  );
const named = (host: string): Promise<readonly Finding[]> => {
  const { directory } = configurationOf();
  const [forest] = directory.forests;
  if (forest === undefined) throw new NoRecords('nothing', 'unreachable');
  return told(
    'dns.controllers',
    directoryProbes(worldOf({ directory: { urls: [`ldaps://${host}`], baseDn: 'DC=x', bindDn: 'svc', password: 'x' } })).slice(
      0,
      1,
    ),
  );
};

export const outside: Proofs<keyof typeof rows> = {
  'configuration.whole': {
    ok: () => judgeConfiguration('passerelle.yaml', [], []),
    problem: () => tellMistakes(new ConfigurationMistakes('passerelle.yaml', [mistake])),
  },
  'configuration.warnings': {
    ok: () => judgeConfiguration('passerelle.yaml', [], []),
    warning: () => judgeConfiguration('passerelle.yaml', [mistake], []),
  },
  'configuration.secrets': {
    ok: () => judgeSecrets([{ path: file('x'), what: 'a password', isSecret: true }]),
    warning: () => judgeSecrets([{ path: file('x', 0o640), what: 'a password', isSecret: true }]),
    problem: () => judgeSecrets([{ path: file('x', 0o644), what: 'a password', isSecret: true }]),
  },
  'public-url.resolves': {
    ok: () => told('public-url.resolves', publicUrlProbes(worldOf())),
    problem: () => told('public-url.resolves', publicUrlProbes(worldOf({ publicUrl: 'https://sso.invalid' }))),
  },
  'public-url.certificate': {
    ok: () => tlsWorld('public-url.certificate'),
    warning: () => tlsWorld('public-url.certificate', { to: 5 * day }),
    problem: async () =>
      (
        await Promise.all([
          tlsWorld('public-url.certificate', { from: -5 * day, to: -day }),
          tlsWorld('public-url.certificate', { names: [{ type: 'dns', value: 'other.example.com' }] }),
        ])
      ).flat(),
  },
  'public-url.tls': {
    ok: () => tlsWorld('public-url.tls'),
    warning: () => tlsWorld('public-url.tls', {}, { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    problem: () =>
      withWeb(
        (_req, res) => res.end(),
        (_origin, port) => told('public-url.tls', publicUrlProbes(worldOf({ publicUrl: `https://127.0.0.1:${String(port)}` }))),
      ),
  },
  'public-url.answers': {
    ok: () => withWeb(health(200), (publicUrl) => told('public-url.answers', publicUrlProbes(worldOf({ publicUrl })))),
    warning: () => withWeb(health(503), (publicUrl) => told('public-url.answers', publicUrlProbes(worldOf({ publicUrl })))),
    problem: async () => [
      ...(await told('public-url.answers', publicUrlProbes(worldOf({ publicUrl: 'http://127.0.0.1:9' })))),
      ...(await withWeb(endless, (publicUrl) => told('public-url.answers', publicUrlProbes(worldOf({ publicUrl }))))),
    ],
  },
  'public-url.ours': {
    ok: () => metadata(metadataOf('https://us')),
    warning: async () => metadata(metadataOf('https://us'), [['second', await certificateOf(1)]]),
    problem: async () => [metadata(metadataOf('https://them')), metadata(metadataOf('https://us', await certificateOf(1)))],
  },
  'public-url.redirects': {
    ok: () => redirecting({}),
    warning: () => redirecting({ '/': '/welcome' }),
    problem: async () => [
      ...(await redirecting({ '/': '/one', '/one': '/' })),
      ...(await redirecting({ '/': 'https://elsewhere.example/' })),
    ],
  },
  'public-url.hsts': {
    ok: () => judgeAnswerHeaders(tell('public-url.hsts'), lower(headers), true),
    warning: () => {
      const { 'strict-transport-security': _gone, ...others } = lower(headers);
      return judgeAnswerHeaders(tell('public-url.hsts'), others, true);
    },
  },
  'proxy.address': {
    ok: () => [
      forwarding('10.0.0.9', here, '192.0.2.66', []),
      forwarding('10.0.0.9', proxy, '192.0.2.66, 10.0.0.9', ['10.0.0.5']),
      forwarding('10.0.0.9', proxy, '10.0.0.9', ['10.0.0.5']),
      forwarding('192.0.2.66', proxy, '192.0.2.66, 10.0.0.9', ['10.0.0.0/8']),
    ],
    warning: () => forwarding('192.0.2.66', here, '192.0.2.66', ['10.0.0.9']),
    problem: () => [
      forwarding('192.0.2.66', proxy, '192.0.2.66', ['10.0.0.5']),
      forwarding('192.0.2.66', proxy, '192.0.2.66, 203.0.113.7', ['10.0.0.5', '203.0.113.0/24']),
      forwarding('10.0.0.5', proxy, '192.0.2.66, 10.0.0.9', []),
      forwarding('10.0.0.5', proxy, null, []),
      forwarding('10.0.0.5', proxy, null, ['10.0.0.5']),
      forwarding('10.0.0.6', proxy, '192.0.2.66, 10.0.0.9, 10.0.0.6', ['10.0.0.5']),
    ],
  },
  'proxy.headers': {
    ok: () => arriving({}),
    warning: () => arriving({ host: '10.0.0.1:8080' }),
    problem: () => arriving({ origin: null }),
  },
  'proxy.cookies': {
    ok: () => judgeCookies(tell('proxy.cookies'), doctorCookie, [doctorCookie]),
    problem: () => [
      judgeCookies(tell('proxy.cookies'), doctorCookie, undefined),
      judgeCookies(tell('proxy.cookies'), doctorCookie, [doctorCookie.replace('; Secure', '')]),
    ],
  },
  'proxy.sizes': {
    ok: () => judgeSizes(tell('proxy.sizes'), [{ what: 'a URL of 8 kB', needed: true, trouble: undefined }]),
    warning: () => judgeSizes(tell('proxy.sizes'), [{ what: 'a URL of 32 kB', needed: false, trouble: 'status 414' }]),
    problem: () => judgeSizes(tell('proxy.sizes'), [{ what: 'a URL of 8 kB', needed: true, trouble: 'status 414' }]),
  },
  'clock.controllers': { ok: () => clockOf(-400), warning: () => clockOf(20_000), problem: () => clockOf(-61_000) },
  'clock.ntp': {
    ok: () => timeServer(0),
    warning: async () => [...(await timeServer(20_000)), ...(await timeServer(undefined))],
    problem: () => timeServer(-90_000),
  },
  'clock.house': {
    ok: () => judgeClock(tell('clock.house'), 1_000, 180_000),
    warning: () => judgeClock(tell('clock.house'), 3_000, 0),
    problem: () => judgeClock(tell('clock.house'), 11_000, 10_000),
  },
  'dns.controllers': { ok: () => named('dc1.example.com'), problem: () => named('dc1.invalid') },
  'dns.records': {
    ok: () => records('dc1.corp.test'),
    warning: async () => [await records('dc2.corp.test'), await records('dc1.corp.test', 'dc2.corp.test')],
  },
};
