/** The factor of RADIUS with several servers, some of which are silent or gone, and its bounds. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { askServer } from '../../src/authenticators/radius/ask-server.ts';
import { answer, scriptedServer } from './radius/scripted-server.ts';
import {
  again,
  alice,
  asking,
  at,
  challengeOf,
  codes,
  ok,
  open,
  present,
  refusalOf,
  secret,
  twoServers,
} from './radius/stage.ts';

const servers = twoServers();

describe('several servers', () => {
  let closed: { host: string; port: number };
  before(async () => {
    const gone = await scriptedServer();
    closed = at(gone);
    gone.close();
  });

  it('the first is asked as long as it answers', async () => {
    const opened = open([at(servers.first), at(servers.second)]);
    for (let count = 0; count < 3; count += 1) await present(opened, '1');
    assert.deepEqual([servers.first.received.length, servers.second.received.length], [3, 0]);
    assert.deepEqual(opened.notes, []);
  });

  it('one that is silent is passed over in its part of the time, asked last for a minute, then first again', async () => {
    const opened = open([at(servers.first), at(servers.second)], { timeout: 300 });
    servers.first.script = () => [];
    const began = performance.now();
    assert.equal((await present(opened, '1')).verdict, 'accepted');
    assert.ok(performance.now() - began < 1_500);
    assert.deepEqual([servers.first.received.length, servers.second.received.length], [3, 1]);
    assert.equal((await present(opened, '1')).verdict, 'accepted');
    assert.deepEqual([servers.first.received.length, servers.second.received.length], [3, 2]);
    opened.clock.time += 60_001;
    servers.first.script = ok;
    await present(opened, '1');
    assert.deepEqual([servers.first.received.length, servers.second.received.length], [4, 2]);
    const name = `127.0.0.1:${servers.first.port}`;
    assert.deepEqual(opened.notes, [
      `warn | a RADIUS server does not answer | ${name} | no answer`,
      `info | a RADIUS server answers again | ${name}`,
    ]);
  });

  it('one that was passed over is asked all the same where no other answers', async () => {
    const opened = open([at(servers.first), at(servers.second)], { timeout: 240 });
    servers.first.script = () => [];
    await present(opened, '1');
    servers.first.script = ok;
    servers.second.script = () => [];
    assert.equal((await present(opened, '1')).verdict, 'accepted');
  });

  it('one where nobody listens costs no time', async () => {
    const opened = open([closed, at(servers.second)], { timeout: 30_000 });
    const began = performance.now();
    assert.equal((await present(opened, '1')).verdict, 'accepted');
    assert.ok(performance.now() - began < 9_000);
    assert.deepEqual(opened.notes, [
      `warn | a RADIUS server does not answer | 127.0.0.1:${closed.port} | cannot be reached (ECONNREFUSED)`,
    ]);
  });

  it('one is known by its name, or its name is known to nobody', async () => {
    assert.equal((await present(open([{ host: 'localhost', port: servers.first.port }]), '1')).verdict, 'accepted');
    const question = { secret: Buffer.from(secret), attributes: () => [], attempts: 1, random: randomBytes };
    const { signal } = new AbortController();
    const limits = { within: 60_000, hurry: false };
    const outcome = await askServer({ host: 'x'.repeat(300), port: 1 }, { ...question, signal }, limits);
    assert.match('unanswered' in outcome ? outcome.unanswered : '', /^cannot be reached \(E\w+\)$/);
    // To which nothing may be sent without further ado.
    const unreachable = await askServer({ host: '255.255.255.255', port: 1 }, { ...question, signal }, limits);
    assert.match('unanswered' in unreachable ? unreachable.unanswered : '', /^cannot be reached \(E\w+\)$/);
    const tooMuch = { ...question, signal, attributes: () => [{ type: 1, value: Buffer.alloc(254) }] };
    await assert.rejects(askServer(at(servers.first), tooMuch, limits), RangeError);
  });

  it('none answers: all are told, within the one time', async () => {
    servers.first.script = servers.second.script = () => [];
    const began = performance.now();
    const { reason, detail } = await refusalOf(present(open([at(servers.first), at(servers.second)], { timeout: 160 }), '1'));
    assert.equal(reason, 'factor-unavailable');
    assert.equal(detail.cause, `127.0.0.1:${servers.first.port}: no answer; 127.0.0.1:${servers.second.port}: no answer`);
    assert.ok(performance.now() - began < 2_000);
  });

  it('the answer to what a server asked goes to no other; anew, any of them may ask', async () => {
    const opened = open([at(servers.first), at(servers.second)], { timeout: 120 });
    servers.first.script = (request) => [answer(request, secret, codes.challenge, [[24, 'x']])];
    const asked = challengeOf(await present(opened, '1'));
    servers.first.script = () => [];
    assert.equal((await refusalOf(again(opened, asked, '2'))).reason, 'factor-unavailable');
    assert.equal(servers.second.received.length, 0);
    assert.equal((await present(opened, '1')).verdict, 'accepted');
    assert.equal(servers.second.received.length, 1);
    const elsewhere = open([at(servers.second)], { timeout: 60 });
    const { reason, detail } = await refusalOf(again(elsewhere, asked, '2'));
    assert.deepEqual([reason, detail.cause], ['factor-unavailable', 'the server that asked is configured no more']);
    assert.equal(servers.second.received.length, 1);
  });

  it('is asked once more where nobody listened at first, since somebody may be starting it', async () => {
    const { factor } = open([closed], { timeout: 90 });
    const { state } = await factor.challenge(alice, asking);
    const { reason, detail } = await refusalOf(factor.verify(alice, { code: '1' }, { ...asking, state }));
    assert.deepEqual(
      [reason, detail.cause],
      ['factor-unavailable', `127.0.0.1:${closed.port}: cannot be reached (ECONNREFUSED)`],
    );
  });
});

describe('bounds', () => {
  it('closes: whoever waits is told at once, and nobody is asked any more', async () => {
    servers.first.script = () => [];
    const opened = open([at(servers.first), at(servers.second)], { timeout: 60_000 });
    const waiting = refusalOf(present(opened, '1'));
    while (servers.first.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    opened.factor.close();
    assert.deepEqual(await waiting, { reason: 'factor-unavailable', detail: { cause: 'Passerelle stops' } });
    assert.equal((await refusalOf(present(opened, '1'))).reason, 'factor-unavailable');
    assert.equal(servers.second.received.length, 0);
  });

  it('so many wait at once and no more', async () => {
    servers.first.script = () => [];
    const opened = open([at(servers.first)], { timeout: 60_000 });
    const waiting = Array.from({ length: 256 }, () => refusalOf(present(opened, '1')));
    const { reason, detail } = await refusalOf(present(opened, '1'));
    assert.deepEqual([reason, detail.cause], ['factor-unavailable', 'too many wait for an answer']);
    opened.factor.close();
    assert.ok((await Promise.all(waiting)).every((one) => one.reason === 'factor-unavailable'));
  });
});
