/**
 * Two nodes behind a HAProxy that sends each request to the next one, by the very lines of the guide for operators; with a PostgreSQL
 * that both share.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.ts';
import { createDemoDirectory } from '../../src/directory/demo-directory.ts';
import { setCutOff } from '../../src/signin/cut-off.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { blockWith } from '../docs/pages.ts';
import { eventually } from '../fixtures/eventually.ts';
import { freePort } from '../fixtures/free-port.ts';
import { haproxyBlock, startHaproxy, type Haproxy } from '../fixtures/haproxy.ts';
import { acs, entityID } from '../fixtures/house.ts';
import { startNode, type NodeConfig, type NodeProcess } from '../fixtures/node-process.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';
import { privatePostgres, type PrivatePostgres, type TestDatabase } from '../testbed/postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-nodes-'));
const password = 'Passw0rd!';
const names = ['alice', 'bob', 'carol', 'dave'] as const;
const servedBy = 'x-served-by';

/** Notes which node answered. */
class Follower extends Visitor {
  readonly nodes: string[] = [];

  override async request(path: string, init: RequestInit = {}): Promise<Page> {
    const page = await super.request(path, init);
    this.nodes.push(page.headers.get(servedBy) ?? '');
    return page;
  }
}

let directory: Awaited<ReturnType<typeof createDemoDirectory>>;
let postgres: PrivatePostgres;
let database: TestDatabase;
let haproxy: Haproxy;
let url = '';
const configs: Record<'a' | 'b', NodeConfig | undefined> = { a: undefined, b: undefined };
const nodes: Record<'a' | 'b', NodeProcess | undefined> = { a: undefined, b: undefined };

const nodeOf = (name: 'a' | 'b'): NodeProcess => nodes[name] ?? assert.fail('no such node');
function start(name: 'a' | 'b'): NodeProcess {
  const node = startNode(folder, configs[name] ?? assert.fail(), name);
  nodes[name] = node;
  return node;
}
/** Whether HAProxy sends requests there again. */
const takesPart = (name: 'a' | 'b') =>
  eventually(`${name} takes part`, async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => fetch(`${url}/healthz`)));
    return answers.some((answer) => answer.headers.get(servedBy) === name);
  });

before(async () => {
  const clock = { now: Date.now, until: () => Promise.reject(new Error('nothing here waits')) };
  [directory, postgres] = await Promise.all([
    createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock }),
    privatePostgres(),
  ]);
  database = await postgres.database();
  const ports = { front: await freePort(), a: await freePort(), b: await freePort() };
  url = `http://localhost:${String(ports.front)}`;
  const { drain } = parse(blockWith('docs/operator.md', 'yaml', 'drain:')) as Pick<ConfigInput, 'drain'>;
  for (const name of ['a', 'b'] as const) {
    configs[name] = {
      publicUrl: url,
      listen: { host: '127.0.0.1', port: ports[name] },
      trustProxy: ['127.0.0.1'],
      ...(drain !== undefined && { drain }),
      // The one is killed as a whole, the other is several processes itself.
      workers: name === 'a' ? 1 : 2,
      directory: { urls: [directory.url], baseDn: directory.baseDn, bindDn: 'svc-ldap@corp.example.com', password },
      mapping: { substitute: { 'corp.example.com': 'example.com' }, domains: { primary: 'example.com' } },
      serviceProviders: [{ kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google' }],
      throttle: { floor: '1ms', attemptsPerAddress: 1_000, accountsPerAddress: 1_000, accountsPerPassword: 5 },
      keys: { folder: 'certs' },
      store: { url: database.url, password: database.password, caFile: database.caFile, folder: `own-${name}` },
    };
  }
  // Both at once, at an empty database and an empty folder of keys.
  const both = [start('a'), start('b')];
  haproxy = await startHaproxy(
    folder,
    haproxyBlock('docs/operator.md', 'global')
      .replace(/bind :443 .*/, `bind 127.0.0.1:${String(ports.front)}`)
      .replaceAll('10.0.0.11:8080', `127.0.0.1:${String(ports.a)}`)
      .replaceAll('10.0.0.12:8080', `127.0.0.1:${String(ports.b)}`)
      .replace('  balance roundrobin\n', '$&  http-response set-header X-Served-By %s\n'),
    ports.front,
  );
  await Promise.all(both.map((node) => node.ready()));
  await Promise.all([takesPart('a'), takesPart('b')]);
});
after(async () => {
  await haproxy.stop();
  for (const node of Object.values(nodes)) {
    node?.signal('SIGKILL');
    await node?.ended;
  }
  await directory.close();
  await postgres.destroy();
  rmSync(folder, { recursive: true });
});

/** Signs people in, one after the other, until it is over; what did not lead to a Response, in one line each. */
function keepSigningIn(many: number) {
  const troubles: string[] = [];
  let isOver = false;
  let done = 0;
  async function work(index: number): Promise<void> {
    while (!isOver) {
      const page = await new Visitor(url).signIn(names[index % names.length] ?? '', password).catch(String);
      if (typeof page !== 'string' && page.form?.fields.SAMLResponse !== undefined) done += 1;
      else troubles.push(typeof page === 'string' ? page.slice(0, 300) : `${String(page.status)} ${page.reference ?? page.url}`);
    }
  }
  const working = Promise.all(Array.from({ length: many }, (_, index) => work(index)));
  return {
    done: () => done,
    async end(): Promise<readonly string[]> {
      isOver = true;
      await working;
      return troubles;
    },
  };
}

describe('two nodes', () => {
  it('that start at once agree on keys', () => {
    assert.equal(readdirSync(join(folder, 'certs')).filter((name) => name.endsWith('.key.pem')).length, 1);
    assert.equal(readdirSync(join(folder, 'certs')).filter((name) => name === 'sealing.keys').length, 1);
  });

  it('share each sign-in, its session, and single sign-on', async () => {
    const visitor = new Follower(url);
    responseOf(await visitor.signIn('alice', password));
    assert.ok(visitor.nodes.includes('a') && visitor.nodes.includes('b'), visitor.nodes.join());
    visitor.nodes.length = 0;
    for (let turn = 0; turn < 4; turn += 1) responseOf(await visitor.arrive());
    assert.ok(visitor.nodes.includes('a') && visitor.nodes.includes('b'), visitor.nodes.join());
  });

  it('take a request once, and notice together one password that is tried on many people', async () => {
    const visitor = new Visitor(url);
    const id = `_${'7'.repeat(32)}`;
    await visitor.arrive({ id });
    assert.equal((await visitor.arrive({ id })).form?.action === '/signin/password', false);
    for (let turn = 0; turn < 6; turn += 1) {
      const stranger = new Visitor(url);
      await stranger.signIn(`nobody${String(turn)}`, 'Spring2026!');
    }
    const told = () =>
      [nodeOf('a'), nodeOf('b')].flatMap((node) => node.events().filter(({ event }) => event === 'spray.detected'));
    await eventually('it is told', () => told().length > 0);
    assert.equal(told().length, 1);
  });

  it('end the sessions that a cut-off ends, both of them at once', async () => {
    const visitor = new Visitor(url);
    responseOf(await visitor.signIn('bob', password));
    const clock = { now: Date.now, until: () => Promise.resolve() };
    const { url: at, password: secret, caFile } = database;
    const store = await createPostgresStore({
      config: { url: at, password: secret, caFile, connections: 1, file: '' },
      clock,
    });
    try {
      await setCutOff(store, Date.now() + 1, clock);
    } finally {
      await store.close();
    }
    // Nobody asks the database for it: it is told.
    await eventually('the session is over', async () => (await visitor.arrive()).form?.action === '/signin/password', 1_000);
    for (let turn = 0; turn < 4; turn += 1) assert.equal((await visitor.arrive()).form?.action, '/signin/password');
  });
});

describe('a node that is killed', () => {
  it('costs those who are half way a retry at most', async () => {
    const visitors = Array.from({ length: 8 }, () => new Visitor(url));
    const pages = await Promise.all(visitors.map((visitor) => visitor.arrive()));
    const answers = visitors.map((visitor, index) =>
      visitor.fill(pages[index] ?? assert.fail(), names[index % 4] ?? '', password),
    );
    nodeOf('a').signal('SIGKILL');
    const first = await Promise.allSettled(answers);
    await nodeOf('a').ended;
    let retries = 0;
    for (const [index, visitor] of visitors.entries()) {
      const one = first[index];
      if (one?.status === 'fulfilled' && one.value.form?.fields.SAMLResponse !== undefined) continue;
      retries += 1;
      const name = names[index % 4] ?? '';
      const again = await visitor.fill(pages[index] ?? assert.fail(), name, password);
      // Where the answer alone was lost, the sign-in is over, and the session is there.
      responseOf(again.form?.fields.SAMLResponse === undefined ? await visitor.arrive() : again);
    }
    assert.ok(retries < visitors.length);
    // Whoever comes now notices nothing.
    for (const name of names) responseOf(await new Visitor(url).signIn(name, password));
    await start('a').ready();
    await takesPart('a');
  });
});

describe('the database', () => {
  it('stopped and started again: people are told so, nothing wedges, and it recovers by itself within five seconds', async () => {
    const halfWay = new Visitor(url);
    const page = await halfWay.arrive();
    const before = [nodeOf('a').pid, nodeOf('b').pid];
    const load = keepSigningIn(3);
    await eventually('some are in', () => load.done() > 2);
    await postgres.stop('immediate');
    const told = await new Visitor(url).arrive();
    assert.equal(told.status, 503);
    assert.match(told.body, /does not work at the moment/);
    assert.ok(told.reference !== undefined);
    await eventually('both are out', async () => {
      const answers = await Promise.all(
        Object.values(configs).map((config) => fetch(`http://127.0.0.1:${String(config?.listen.port)}/readyz`)),
      );
      return answers.every(({ status }) => status === 503);
    });
    // No node is ready, and yet it is they who speak, each within its time.
    for (let turn = 0; turn < 3; turn += 1) {
      const begun = performance.now();
      const refused = await halfWay.fill(page, 'alice', password);
      assert.equal(refused.status, 503);
      assert.ok(refused.reference !== undefined && performance.now() - begun < 5_000);
    }
    await postgres.start();
    const begun = performance.now();
    await eventually(
      'recovery',
      async () => {
        const tried = await new Visitor(url).signIn('carol', password).catch(() => undefined);
        return tried?.form?.fields.SAMLResponse !== undefined;
      },
      5_000,
    );
    assert.ok(performance.now() - begun < 5_000);
    responseOf(await halfWay.fill(page, 'alice', password));
    await load.end();
    const reasons = [nodeOf('a'), nodeOf('b')].flatMap((node) =>
      node.events().flatMap(({ event, reason }) => (event === 'signin.refused' ? [reason] : [])),
    );
    assert.ok(reasons.includes('store-unavailable'));
    assert.deepEqual([nodeOf('a').pid, nodeOf('b').pid], before);
    for (const node of [nodeOf('a'), nodeOf('b')])
      assert.deepEqual(
        node.events().filter(({ event }) => event === 'fault'),
        [],
      );
    await Promise.all([takesPart('a'), takesPart('b')]);
  });
});

describe('a rolling restart under load', () => {
  it('loses no sign-in', async () => {
    const load = keepSigningIn(2);
    const halfWay = new Visitor(url);
    const page = await halfWay.arrive();
    for (const name of ['a', 'b'] as const) {
      nodeOf(name).signal('SIGTERM');
      assert.equal(await nodeOf(name).ended, 0);
      await start(name).ready();
      await takesPart(name);
    }
    responseOf(await halfWay.fill(page, 'alice', password));
    const done = load.done();
    assert.deepEqual(await load.end(), []);
    assert.ok(done > 20, String(done));
  });
});
