/** A changed configuration is taken over while people sign in: whoever is under way notices nothing, and what is wrong changes nothing. */
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { after, before, describe, it } from 'node:test';
import type { Configuration } from '../../src/config/read-configuration.ts';
import { createDemoDirectory, type DemoDirectory } from '../../src/directory/demo-directory.ts';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { eventually } from '../fixtures/eventually.ts';
import { freePort } from '../fixtures/free-port.ts';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { plainConfiguration } from '../fixtures/plain-configuration.ts';
import { responseOf, statusOf, textOf, Visitor } from '../fixtures/visitor.ts';
import { Authority } from '../fixtures/people-authority.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';

const password = 'Passw0rd!';

/** Timers that are set at the moment, those that keep nothing from ending included. */
const timers = new Set<number>();
const counting = createHook({
  init(id, type) {
    if (type === 'Timeout') timers.add(id);
  },
  destroy(id) {
    timers.delete(id);
  },
});

/** What stands between the house and its directory, which may take its time. */
interface Relay {
  readonly port: number;
  hold(): void;
  /** How much waits. */
  readonly held: number;
  release(): void;
  close(): void;
}

async function openRelay(port: number): Promise<Relay> {
  let waiting: (() => void)[] | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTcp(port, '127.0.0.1');
    near.on('data', (bytes) => {
      if (waiting === undefined) far.write(bytes);
      else waiting.push(() => far.write(bytes));
    });
    far.on('data', (bytes) => near.write(bytes));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          other.destroy();
          sockets.delete(one);
        });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    get held() {
      return waiting?.length ?? 0;
    },
    hold() {
      waiting = [];
    },
    release() {
      const all = waiting ?? [];
      waiting = undefined;
      for (const pass of all) pass();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let demo: DemoDirectory;
let relay: Relay;
let house: House;
before(async () => {
  counting.enable();
  const clock = { now: Date.now, until: () => Promise.reject(new Error('nothing here waits')) };
  demo = await createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock });
  relay = await openRelay(Number(new URL(demo.url).port));
  house = await openHouse({
    ldap: { urls: [`ldap://127.0.0.1:${String(relay.port)}`], baseDn: demo.baseDn, recheck: '1ms' },
  });
});
after(async () => {
  await house.close();
  relay.close();
  await demo.close();
});

const other = 'https://accounts.google.com/samlrp/04other';
const providers = (...entityIds: readonly string[]): Pick<Configuration, 'serviceProviders'> => {
  const { serviceProviders } = plainConfiguration({
    serviceProviders: entityIds.map((entityId) => ({
      kind: 'google-profile',
      entityId,
      acsUrl: `${entityId}/acs`,
      name: `Service ${entityId.slice(-5)}`,
    })),
  });
  return { serviceProviders };
};
const names = ['alice', 'bob', 'carol', 'dave'];
const { branding } = plainConfiguration();
const called = (name: string): Pick<Configuration, 'branding'> => ({ branding: { ...branding, name } });
/** The first word of the failed part of a chain of texts. */
const certificateOf = (xml: string): string | undefined => textOf(xml, 'X509Certificate')?.replace(/\s/g, '');
const succeed = async (visitor = new Visitor(house.url)): Promise<string> => {
  const { xml } = responseOf(await visitor.signIn('alice', password));
  assert.deepEqual(statusOf(xml), ['Success']);
  return xml;
};

/** What the process holds: timers, and sockets that listen or are connected. */
const held = (): { readonly timers: number; readonly sockets: number } => ({
  timers: timers.size,
  sockets: process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length,
});
/** Bytes that are in use for good. */
const used = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

describe('a reload', () => {
  it('leaves a sign-in that has begun where it is, which ends by the new configuration', async () => {
    const visitor = new Visitor(house.url);
    const page = await visitor.arrive();
    await house.reload(called('Other House'));
    assert.match((await new Visitor(house.url).arrive()).body, /Other House/);
    const { xml, location } = responseOf(await visitor.fill(page, 'alice', password));
    assert.equal(location, acs);
    assert.deepEqual(statusOf(xml), ['Success']);
    // So does whoever is signed in.
    responseOf(await visitor.arrive());
  });

  it('leaves a request in flight in the configuration that it began with', async () => {
    const visitor = new Visitor(house.url);
    await succeed(visitor);
    relay.hold();
    const answered = visitor.arrive();
    await eventually('the directory is asked', () => relay.held > 0);
    await house.reload(providers(other));
    // Whoever comes now meets the new one.
    assert.equal((await new Visitor(house.url).arrive()).status, 400);
    relay.release();
    assert.equal(responseOf(await answered).location, acs);
    assert.equal((await visitor.arrive()).status, 400);
    const page = await visitor.arrive({ issuer: other, attributes: { AssertionConsumerServiceURL: `${other}/acs` } });
    assert.equal(responseOf(page).location, `${other}/acs`);
    await house.reload(providers(entityID));
    responseOf(await visitor.arrive());
  });

  it('takes over the policy', async () => {
    const policy = [{ name: 'nobody', when: {}, refuse: true }] as const;
    await house.reload({ policy: [...policy] });
    assert.deepEqual(statusOf(responseOf(await new Visitor(house.url).arrive()).xml)[0], 'Responder');
    await house.reload({ policy: [] });
    await succeed();
  });

  const passkeys = plainConfiguration({ factors: { webauthn: {} } }).factors;
  const midway: readonly (readonly [string, Partial<Configuration>, Partial<Configuration>])[] = [
    ['a policy that refuses', { policy: [{ name: 'nobody', when: {}, refuse: true }] }, { policy: [] }],
    ['a service provider that is gone', providers(other), providers(entityID)],
    [
      'a second factor that nobody has',
      {
        factors: passkeys,
        policy: [
          ...plainConfiguration({
            factors: { webauthn: {} },
            policy: [{ name: 'all', when: {}, require: [['password'], ['webauthn']] }],
          }).policy,
        ],
      },
      { factors: plainConfiguration().factors, policy: [] },
    ],
    ['another public URL', { publicUrl: 'http://127.0.0.1:1', entityId: 'https://another.example.com' }, {}],
  ];
  for (const [title, change, back] of midway) {
    it(`lets nobody through by what was in force before, midway in a sign-in: ${title}`, async () => {
      const { publicUrl, entityId } = house.configuration;
      const visitor = new Visitor(house.url);
      const page = await visitor.arrive();
      await house.reload(change);
      const answered = await visitor.fill(page, 'alice', password);
      await house.reload({ publicUrl, entityId, ...back });
      assert.ok(answered.status < 500, answered.body.slice(0, 500));
      const { action, fields } = answered.form ?? {};
      if (action === acs)
        assert.deepEqual(statusOf(Buffer.from(fields?.SAMLResponse ?? '', 'base64').toString())[0], 'Responder');
      await succeed();
    });
  }

  it('takes over keys', async () => {
    const before = certificateOf(await succeed());
    const clock = { now: Date.now, until: () => Promise.resolve() };
    const folder = createKeyFolder({
      path: house.configuration.keys.folder,
      commonName: 'localhost',
      clock,
      random: randomBytes,
    });
    const { name, certificate } = await folder.add();
    await house.reload();
    assert.equal(certificateOf(await succeed()), before);
    await folder.activate(name);
    await house.reload();
    assert.equal(certificateOf(await succeed()), certificate.raw.toString('base64'));
    assert.match(
      (await new Visitor(house.url).request('/saml/metadata')).body,
      new RegExp(certificate.raw.toString('base64').slice(0, 60).replace(/[+/]/g, '.')),
    );
  });

  it('takes over another service account, and not one that the directory refuses', async () => {
    const { directory } = house.configuration;
    const account = (bindDn: string, secret: string): Configuration['directory'] => ({
      ...directory,
      forests: directory.forests.map((forest) => ({ ...forest, bindDn, password: secret })),
    });
    await assert.rejects(house.reload({ directory: account('svc-ldap@corp.example.com', 'wrong') }), /by the settings in force/);
    await succeed();
    await house.reload({ directory: account('bob@corp.example.com', password) });
    await succeed();
    await house.reload({ directory });
  });

  it('is not noticed by anybody, twenty times over, and leaves nothing behind', async () => {
    const all = (): Promise<unknown> => Promise.all(names.map((name) => new Visitor(house.url).signIn(name, password)));
    await all();
    const atFirst = held();
    await house.reload();
    await all();
    // The house before has a second for what is written down of its last answer.
    await eventually('the house before is gone', () => held().timers <= atFirst.timers);
    const [before, bytes] = [held(), used()];
    let isOver = false;
    let signedIn = 0;
    const signOn = async (name: string): Promise<void> => {
      while (!isOver) {
        const { xml } = responseOf(await new Visitor(house.url).signIn(name, password));
        assert.deepEqual(statusOf(xml), ['Success']);
        signedIn += 1;
      }
    };
    const people = names.map(signOn);
    for (let turn = 0; turn < 20; turn += 1) {
      const sofar = signedIn;
      await Promise.all([house.reload(called(`House ${String(turn)}`)), eventually('somebody signs in', () => signedIn > sofar)]);
    }
    isOver = true;
    await Promise.all(people);
    assert.ok(signedIn >= 20, String(signedIn));
    assert.equal(
      house.events.some(({ event }) => event === 'fault'),
      false,
    );
    await all();
    await eventually('nothing is left', () => {
      const now = held();
      return now.timers <= before.timers && now.sockets <= before.sockets;
    });
    const kilobytes = (used() - bytes) / 1_000;
    assert.ok(kilobytes < 10_000, `${String(kilobytes)} kB more are in use`);
  });

  const rows: readonly (readonly [string, (folder: string) => Partial<Configuration>, RegExp])[] = [
    [
      'a template that cannot be read',
      (folder) => {
        writeFileSync(join(folder, 'signin.eta'), '<% if ( %>');
        return { branding: { ...branding, templates: folder } };
      },
      /./,
    ],
    ['a logo that is not there', (folder) => ({ branding: { ...branding, logoFile: join(folder, 'none.svg') } }), /ENOENT/],
    [
      'metadata that cannot be used',
      (folder) => {
        const file = join(folder, 'partner.xml');
        writeFileSync(file, '<nothing/>');
        const { serviceProviders } = plainConfiguration({ serviceProviders: [{ kind: 'metadata', file }] });
        return { serviceProviders };
      },
      /partner\.xml/,
    ],
    [
      'a service provider twice',
      () => ({ serviceProviders: [...house.configuration.serviceProviders, ...house.configuration.serviceProviders] }),
      /twice/,
    ],
    [
      'authorities of people that are none',
      (folder) => {
        const caFile = join(folder, 'people.pem');
        writeFileSync(caFile, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
        const [authorities, header] = [[{ caFile }], { secretFile: caFile }];
        return { certificate: plainConfiguration({ certificate: { authorities, header } }).certificate };
      },
      /./,
    ],
    [
      'a factor of one’s own that throws as it is opened',
      (folder) => {
        const module = join(folder, 'own.mjs');
        writeFileSync(module, 'export default () => { throw new Error("not today"); }');
        return { factors: plainConfiguration({ factors: { own: { module } } }).factors };
      },
      /not today/,
    ],
    ['a port that another has', () => ({ listen: { ...house.configuration.listen, port: relay.port } }), /EADDRINUSE/],
    [
      'a listener that changes its address alone, and cannot',
      () => ({ listen: { ...house.configuration.listen, host: '0.0.0.0' } }),
      /EADDRINUSE/,
    ],
  ];
  for (const [title, change, why] of rows) {
    it(`is refused for ${title}, and everything goes on as it was`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'passerelle-reload-'));
      const visitor = new Visitor(house.url);
      const page = await visitor.arrive();
      await assert.rejects(house.reload(change(folder)), why);
      responseOf(await visitor.fill(page, 'alice', password));
      rmSync(folder, { recursive: true });
    });
  }

  it('is refused where the key may be read by others, or is gone: none is made in its place', async () => {
    const { folder } = house.configuration.keys;
    const active = join(folder, 'active');
    const keys = readdirSync(folder).filter((name) => name.endsWith('.key.pem'));
    for (const name of keys) chmodSync(join(folder, name), 0o644);
    await assert.rejects(house.reload(), /can be read by others/);
    await succeed();
    for (const name of keys) chmodSync(join(folder, name), 0o600);
    const away = `${active}.away`;
    renameSync(active, away);
    await assert.rejects(house.reload(), /holds no active key any more/);
    renameSync(away, active);
    // What is in the memory still opens what people enrolled; whoever starts next would not.
    const sealing = join(folder, 'sealing.keys');
    renameSync(sealing, away);
    await assert.rejects(house.reload(), /holds no sealing\.keys any more/);
    renameSync(away, sealing);
    await house.reload();
    await succeed();
  });
});

describe('ports and certificates', () => {
  /** What a new connection is shown, and by which port. */
  const shownAt = (port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
        socket.destroy();
      }).on('error', reject);
    });

  it('are taken over for new connections, and those that stand go on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-reload-'));
    const [certFile, keyFile] = [join(folder, 'tls.pem'), join(folder, 'tls.key')];
    const renew = async (): Promise<string> => {
      const made = await makeKey({ commonName: 'localhost', now: Date.now(), serialNumber: randomBytes(16), type: 'ec-p256' });
      writeFileSync(certFile, made.certificate);
      writeFileSync(keyFile, made.privateKey, { mode: 0o600 });
      return new X509Certificate(made.certificate).fingerprint256;
    };
    const first = await renew();
    const secure = await openHouse({ https: true, config: { tls: { certFile, keyFile } } });
    const { port } = secure.configuration.listen;
    try {
      const standing = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(standing, 'secureConnect');
      standing.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
      const second = await renew();
      assert.equal(await shownAt(port), first);
      await secure.reload();
      assert.equal(await shownAt(port), second);
      // Of two files that do not belong together neither is taken.
      writeFileSync(
        keyFile,
        (await makeKey({ commonName: 'localhost', now: Date.now(), serialNumber: randomBytes(16), type: 'ec-p256' })).privateKey,
      );
      await assert.rejects(secure.reload(), /key values mismatch/);
      assert.equal(await shownAt(port), second);
      await renew();

      const [elsewhere, asking] = [await freePort(), await freePort()];
      const people = join(folder, 'people.pem');
      writeFileSync(people, Authority.root().issued.certificate);
      const { certificate } = plainConfiguration({
        certificate: {
          authorities: [{ caFile: people }],
          listener: { port: asking, publicUrl: `https://localhost:${String(asking)}`, tls: { certFile, keyFile } },
        },
      });
      await secure.reload({ listen: { host: '127.0.0.1', port: elsewhere }, certificate });
      assert.equal(await shownAt(elsewhere), await shownAt(asking));
      await assert.rejects(shownAt(port), { code: 'ECONNREFUSED' });
      // Whoever came in by the port that is closed is answered there.
      standing.write('Connection: close\r\n\r\n');
      assert.match((await standing.setEncoding('latin1').toArray()).join(''), /^HTTP\/1\.1 200 /);
      await secure.reload({ certificate: undefined });
      await assert.rejects(shownAt(asking), { code: 'ECONNREFUSED' });
    } finally {
      await secure.close();
      rmSync(folder, { recursive: true });
    }
  });
});
