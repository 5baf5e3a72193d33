/** Events on their way to a syslog server: in its form, over TLS that is verified, again where it was away, and never in the way. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { readChainLine, type ChainLine } from '../../src/audit/chain-line.ts';
import type { Losses } from '../../src/audit/outlets.ts';
import { createSyslogOutlet, type SyslogOutletParts } from '../../src/audit/syslog-outlet.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { eventually } from '../fixtures/eventually.ts';
import { startSyslogReceiver, type SyslogReceiver } from './syslog-receiver.ts';
import { findingsOf, startProcess } from './written-chains.ts';

interface Told {
  readonly broken: string[];
  mended: number;
  readonly lost: Losses[];
}

function openOutlet(port: number, parts: Partial<SyslogOutletParts> = {}) {
  const told: Told = { broken: [], mended: 0, lost: [] };
  const outlet = createSyslogOutlet({
    host: '127.0.0.1',
    port,
    tls: false,
    authorities: undefined,
    facility: 'local3',
    hostname: 'sso.example.com',
    told: {
      broken: (cause) => void told.broken.push(cause),
      mended: () => void (told.mended += 1),
      lost: (losses) => void told.lost.push(losses),
    },
    patience: { least: 5, most: 20, still: 50 },
    ...parts,
  });
  return { ...outlet, told };
}

/** Lines of a process, some with a name of whatever kind. */
function linesOf(names: readonly string[]): readonly ChainLine[] {
  const texts: string[] = [];
  const process = startProcess(texts);
  process.begin();
  for (const name of names) process.write('signin.refused', { name });
  process.end();
  return texts.map((text) => readChainLine(text)!);
}

describe('events to a syslog server', () => {
  let good: Awaited<ReturnType<typeof makeKey>>;
  let other: Awaited<ReturnType<typeof makeKey>>;
  let expired: Awaited<ReturnType<typeof makeKey>>;
  before(async () => {
    const make = (commonName: string, now = Date.now()) =>
      makeKey({ commonName, now, serialNumber: randomBytes(8), type: 'ec-p256' });
    [good, other, expired] = await Promise.all([make('localhost'), make('localhost'), make('localhost', Date.UTC(2012))]);
  });

  async function withReceiver(
    options: Parameters<typeof startSyslogReceiver>[0],
    work: (receiver: SyslogReceiver) => Promise<void>,
  ) {
    const receiver = await startSyslogReceiver(options);
    try {
      await work(receiver);
      assert.deepEqual(receiver.complaints, []);
    } finally {
      await receiver.close();
    }
  }

  it('have the form of RFC 5424, and bring the line as it is', () =>
    withReceiver({}, async (receiver) => {
      const lines = linesOf(['alice', 'Zoë, ☃ 😀', '"quoted" ] and \\ more', 'x'.repeat(100_000)]);
      const { take, close, told } = openOutlet(receiver.port);
      for (const line of lines) take(line);
      await close();
      await eventually('all messages', () => receiver.messages.length === lines.length);
      const first = lines[0]!;
      const { data, text, timestamp, ...rest } = receiver.messages[0]!;
      assert.deepEqual(rest, {
        ...{ facility: 19, severity: 6, hostname: 'sso.example.com', application: 'passerelle' },
        ...{ process: first.chain, kind: 'audit.begun' },
      });
      assert.equal(timestamp, first.time);
      assert.deepEqual(data, { 'passerelle@32473': { event: 'audit.begun', reference: 'R', chain: first.chain, seq: '1' } });
      assert.deepEqual(
        receiver.messages.map((message) => message.text),
        lines.map((line) => line.text),
      );
      assert.deepEqual(findingsOf(receiver.messages.map((message) => message.text)), { isSound: true, words: [] });
      assert.equal(text, first.text);
      assert.deepEqual(told, { broken: [], mended: 0, lost: [] });
    }));

  const hostile: readonly (readonly [string, Partial<ChainLine>])[] = [
    ['a name of an event', { event: 'x] [y="z"\n' }],
    ['a reference', { reference: '"] forged' }],
    ['a chain', { chain: 'é ]"\\' }],
    ['a time', { time: '2026-01-02T03:04:05.678Z' }],
  ];
  for (const [title, changes] of hostile) {
    it(`stay one message each with a hostile value: ${title}`, () =>
      withReceiver({}, async (receiver) => {
        const [line] = linesOf([]);
        const { take, close } = openOutlet(receiver.port, { hostname: title === 'a chain' ? 'böser host' : 'h' });
        take({ ...line!, ...changes });
        take({ ...line!, text: '{"last":true}' });
        await close();
        await eventually('both messages', () => receiver.messages.length === 2);
        const { event, reference } = { ...line!, ...changes };
        const told = receiver.messages[0]!.data['passerelle@32473'];
        assert.deepEqual([told?.event, told?.reference], [event, reference]);
      }));
  }

  it('go over TLS where the server proves who it is', () =>
    withReceiver({ tls: { key: good.privateKey, cert: good.certificate } }, async (receiver) => {
      const { take, close, told } = openOutlet(receiver.port, { host: 'localhost', tls: true, authorities: good.certificate });
      for (const line of linesOf(['alice'])) take(line);
      await close();
      await eventually('all messages', () => receiver.messages.length === 3);
      assert.deepEqual(told.broken, []);
    }));

  const untrusted: readonly (readonly [string, () => Partial<SyslogOutletParts>, RegExp])[] = [
    ['of another authority', () => ({ host: 'localhost', authorities: other.certificate }), /SELF_SIGNED|UNABLE|CERT/],
    ['of nobody that Node.js trusts', () => ({ host: 'localhost', authorities: undefined }), /SELF_SIGNED|UNABLE|CERT/],
    ['of another name', () => ({ host: '127.0.0.1', authorities: good.certificate }), /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['that has expired', () => ({ host: 'localhost', authorities: expired.certificate }), /CERT_HAS_EXPIRED/],
  ];
  const shown = (title: string) => {
    const { privateKey: key, certificate: cert } = title === 'that has expired' ? expired : good;
    return { tls: { key, cert } };
  };
  for (const [title, parts, cause] of untrusted) {
    it(`do not go to a server with a certificate ${title}`, () =>
      withReceiver(shown(title), async (receiver) => {
        const { take, flush, close, told } = openOutlet(receiver.port, { tls: true, ...parts() });
        for (const line of linesOf(['alice'])) take(line);
        await eventually('the refusal', () => told.broken.length > 0);
        await flush();
        await close();
        assert.deepEqual(receiver.messages, []);
        assert.equal(told.broken.length, 1);
        assert.match(told.broken[0] ?? '', cause);
      }));
  }

  it('wait while it is away, are told of once, and come in order when it is back', async () => {
    const first = await startSyslogReceiver();
    const { port } = first;
    const lines = linesOf(['a', 'b', 'c', 'd']);
    const { take, flush, close, told } = openOutlet(port);
    for (const line of lines.slice(0, 2)) take(line);
    await flush();
    await eventually('the first', () => first.messages.length === 2);
    await first.close();
    await wait(20);
    for (const line of lines.slice(2)) take(line);
    await eventually('the trouble', () => told.broken.length === 1);
    const second = await startSyslogReceiver({ port });
    await eventually('the others', () => second.messages.length === lines.length - 2);
    await close();
    assert.deepEqual([told.broken.length, told.mended, told.lost], [1, 1, []]);
    const texts = [...first.messages, ...second.messages].map(({ text }) => text);
    assert.deepEqual(
      texts,
      lines.map(({ text }) => text),
    );
    assert.deepEqual([...first.complaints, ...second.complaints], []);
    await second.close();
  });

  it('wait within bounds for a server that takes nothing, which is told of as what is lost is by its place', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.pause();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { take, close, told } = openOutlet((server.address() as AddressInfo).port);
    const [line] = linesOf([]);
    const text = 'x'.repeat(100_000);
    const number = 200;
    try {
      for (let seq = 1; seq <= number; seq += 1) take({ ...line!, seq, text });
      await eventually('that it takes nothing', () => told.broken.length > 0);
      assert.deepEqual([told.broken, told.mended], [['it takes nothing'], 0]);
      for (const socket of sockets) socket.resume();
      await eventually('the losses', () => told.lost.length > 0);
      assert.ok(told.mended > 0);
      assert.equal(sockets.length, 1);
      const [losses] = told.lost;
      assert.deepEqual(losses?.chains, [{ chain: line?.chain, from: number - losses!.lines + 1, to: number }]);
      assert.ok(losses.lines > 100);
      await close();
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('survive a server that talks, in whatever tongue', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end(randomBytes(300_000));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    for (const tls of [true, false]) {
      const { take, flush, close, told } = openOutlet((server.address() as AddressInfo).port, { tls });
      for (const line of linesOf(['alice'])) take(line);
      if (tls) await eventually('trouble', () => told.broken.length > 0);
      await flush();
      await close();
    }
    await new Promise((resolve) => server.close(resolve));
  });

  it('hold nobody up where there is no server at all', async () => {
    const { take, flush, close, told } = openOutlet(1);
    const begun = performance.now();
    for (const line of linesOf(['alice'])) take(line);
    assert.ok(performance.now() - begun < 100);
    await flush();
    await flush();
    await close();
    assert.deepEqual(told.broken, ['ECONNREFUSED']);
    assert.ok(performance.now() - begun < 1_500);
  });
});
