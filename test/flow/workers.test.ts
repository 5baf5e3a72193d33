/** Several processes of one machine on one port: started as an operator starts them, and killed as operators fear. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createDemoDirectory } from '../../src/directory/demo-directory.ts';
import { eventually } from '../fixtures/eventually.ts';
import { freePort } from '../fixtures/free-port.ts';
import { acs, entityID } from '../fixtures/house.ts';
import { document, openMetadataServer, type MetadataServer } from '../fixtures/metadata-server.ts';
import { startNode, statusOf, type NodeConfig, type NodeProcess } from '../fixtures/node-process.ts';
import { authnRequest, redirectQuery, responseOf, Visitor } from '../fixtures/visitor.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-workers-'));
const password = 'Passw0rd!';
const floor = 700;
const urn = 'urn:oasis:names:tc:SAML:2.0';
const partner = `<md:EntityDescriptor xmlns:md="${urn}:metadata" entityID="https://wiki.example.net/">
<md:SPSSODescriptor protocolSupportEnumeration="${urn}:protocol">
<md:AssertionConsumerService Binding="${urn}:bindings:HTTP-POST" Location="https://wiki.example.net/acs" index="0"/>
</md:SPSSODescriptor></md:EntityDescriptor>`;

let directory: Awaited<ReturnType<typeof createDemoDirectory>>;
let metadata: MetadataServer;
let config: NodeConfig;
let node: NodeProcess;
let url = '';
before(async () => {
  const clock = { now: Date.now, until: () => Promise.reject(new Error('nothing here waits')) };
  directory = await createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock });
  metadata = await openMetadataServer();
  metadata.answers.set('/all', document(partner));
  const [port, metricsPort] = [await freePort(), await freePort()];
  url = `http://localhost:${String(port)}`;
  config = {
    publicUrl: url,
    listen: { host: '127.0.0.1', port },
    workers: 2,
    metrics: { port: metricsPort },
    directory: { urls: [directory.url], baseDn: directory.baseDn, bindDn: 'svc-ldap@corp.example.com', password },
    mapping: { substitute: { 'corp.example.com': 'example.com' }, domains: { primary: 'example.com' } },
    serviceProviders: [{ kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google' }],
    metadata: [{ kind: 'url', url: `${metadata.url}/all`, admit: 'all' }],
    throttle: { floor: `${floor}ms`, attemptsPerAddress: 1_000, accountsPerAddress: 1_000, accountsPerPassword: 1_000 },
  };
  node = startNode(folder, config);
  await node.ready();
});
after(async () => {
  node.signal('SIGKILL');
  await node.ended;
  await metadata.close();
  await directory.close();
  rmSync(folder, { recursive: true });
});

/** Milliseconds on a processor, of all threads. */
const cpuOf = (pid: number): number =>
  readdirSync(`/proc/${String(pid)}/task`)
    .map((task) => Number(readFileSync(`/proc/${String(pid)}/task/${task}/schedstat`, 'utf8').split(' ', 1)[0]))
    .reduce((sum, one) => sum + one, 0) / 1e6;
const notesOf = (message: string) => node.events().filter((event) => event.message === message);
const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${String(config.metrics?.port)}/metrics`)).text();

describe('two workers', () => {
  it('made their keys once, asked for metadata once, and told of it all once', async () => {
    assert.equal(readdirSync(join(folder, 'certs')).filter((name) => name.endsWith('.key.pem')).length, 1);
    assert.equal(node.children().length, 2);
    await eventually('the log says so', () => notesOf('started').length > 0);
    assert.deepEqual(
      notesOf('started').map(({ detail }) => (detail as { workers: number }).workers),
      [2],
    );
    assert.deepEqual(metadata.asked, ['/all']);
    assert.equal(notesOf('metadata were read').length, 1);
    // Each of them knows it.
    const attributes = { AssertionConsumerServiceURL: 'https://wiki.example.net/acs' };
    for (let turn = 0; turn < 8; turn += 1) {
      const query = redirectQuery(authnRequest({ issuer: 'https://wiki.example.net/', attributes }));
      assert.equal(await statusOf(`${url}/saml/sso?${query}`), 303);
    }
    assert.deepEqual(metadata.asked, ['/all']);
  });

  it('sign people in together, and are counted together', async () => {
    const [first = 0, second = 0] = node.children();
    const [before, beforeToo] = [cpuOf(first), cpuOf(second)];
    const names = ['alice', 'bob', 'carol', 'dave'];
    const signIns = Array.from({ length: 16 }, (_, index) => new Visitor(url).signIn(names[index % 4] ?? '', password));
    for (const page of await Promise.all(signIns)) responseOf(page);
    assert.ok(cpuOf(first) > before && cpuOf(second) > beforeToo);
    await eventually('all are counted', async () => {
      const counted = [...(await metrics()).matchAll(/attempts_total\{result="accepted".*\} (\d+)$/gm)];
      return counted.reduce((sum, [, count]) => sum + Number(count), 0) === 16;
    });
  });

  it('lose nobody who is half way when one is killed, leave no connection hanging, and are two again', async () => {
    const visitor = new Visitor(url);
    const page = await visitor.arrive();
    const old = node.children();
    let isOver = false;
    const statuses: number[] = [];
    const askOn = async (): Promise<void> => {
      while (!isOver) statuses.push(await statusOf(`${url}/healthz`));
    };
    const asking = [askOn(), askOn(), askOn()];
    try {
      for (const [index, pid] of old.entries()) {
        process.kill(pid, 'SIGKILL');
        await eventually('two again', () => notesOf('a worker took the place of the one that ended').length === index + 1);
        assert.equal(notesOf('a worker ended and is started again').length, index + 1);
        if (index === 0) responseOf(await visitor.fill(page, 'alice', password));
      }
      responseOf(await new Visitor(url).signIn('bob', password));
    } finally {
      isOver = true;
      await Promise.all(asking);
    }
    assert.equal(node.children().filter((pid) => !old.includes(pid)).length, 2);
    // At each kill what that worker held in its hands, at most.
    const lost = statuses.filter((status) => status !== 200);
    assert.ok(lost.length <= 6 && statuses.length > 50, `${String(lost.length)} of ${String(statuses.length)}`);
  });

  it('cannot be had twice: a second start says so once, and leaves nothing behind', async () => {
    const second = startNode(folder, { ...config, metrics: undefined, store: { file: 'other.sqlite' } }, 'second');
    assert.equal(await second.ended, 1);
    assert.match(second.output().errors, /^passerelle: [^\n]*EADDRINUSE[^\n]*\n$/);
    assert.deepEqual(second.children(), []);
    assert.equal(await statusOf(`${url}/readyz`), 200);
  });

  it('finish what is in flight when they are asked to stop, and end with 0', async () => {
    // A wrong password takes its time before it is answered.
    const visitors = Array.from({ length: 4 }, () => new Visitor(url));
    const pages = await Promise.all(visitors.map((visitor) => visitor.arrive()));
    const answers = visitors.map((visitor, index) =>
      visitor.fill(pages[index] ?? assert.fail(), `nobody${String(index)}`, 'wrong'),
    );
    await eventually('all are counted', async () => /result="refused".*\} [4-9]\n/.test(await metrics()));
    const workers = node.children();
    node.signal('SIGTERM');
    for (const answer of answers) assert.equal((await answer).status, 401);
    assert.equal(await node.ended, 0);
    assert.equal(notesOf('stopping').length, 1);
    for (const pid of workers) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    const { errors } = node.output();
    assert.equal(errors, '');
    const socket = createConnection(config.listen.port, '127.0.0.1');
    await assert.rejects(new Promise((resolve, reject) => socket.once('error', reject).once('connect', resolve)), {
      code: 'ECONNREFUSED',
    });
  });
});
