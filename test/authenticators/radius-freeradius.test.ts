/** The factor of RADIUS against real FreeRADIUS servers: accepted, refused, asked further, with another secret, and gone. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RadiusConfig } from '../../src/config/radius-schema.ts';
import { somebody } from '../signin/somebody.ts';
import { freeradius, type Freeradius } from '../testbed/freeradius.ts';
import { again, asking, challengeOf, open, present, refusalOf, type Opened } from './radius/stage.ts';

let first: Freeradius;
let second: Freeradius;
const started: Freeradius[] = [];
before(async () => {
  for (const number of [0, 1]) started.push(await freeradius(number));
  [first, second] = [started[0]!, started[1]!];
});
after(async () => {
  await Promise.all(started.map((one) => one.destroy()));
});

const named = (name: string) => somebody(name, { userPrincipalName: name });
const to = (servers: readonly { host: string; port: number }[], more: Partial<RadiusConfig> & { shared?: string } = {}): Opened =>
  open(
    servers.map(({ host, port }) => ({ host, port })),
    { shared: first.secret, timeout: 20_000, ...more },
  );

describe('FreeRADIUS', () => {
  const judged: readonly [title: string, name: string, code: string, reason: string][] = [
    ['accepts the right password', 'static', 'correct horse', 'none'],
    ['accepts one of several blocks', 'long', 'x'.repeat(100), 'none'],
    ['refuses a wrong one', 'static', 'correct horses', 'code-wrong'],
    ['refuses one whose last block is wrong', 'long', 'x'.repeat(99), 'code-wrong'],
    ['refuses somebody it does not know', 'stranger', 'correct horse', 'code-wrong'],
  ];
  for (const [title, name, code, reason] of judged) {
    it(title, async () => assert.equal((await refusalOf(present(to([first]), code, named(name)))).reason, reason));
  }

  it('asks further, and judges the answer', async () => {
    const opened = to([first, second]);
    const person = named('challenge');
    assert.equal((await refusalOf(present(opened, '4321', person))).reason, 'code-wrong');
    const asked = challengeOf(await present(opened, '1234', person));
    assert.equal('message' in asked && asked.message, 'The code of your token:');
    assert.equal((await refusalOf(again(opened, asked, '098765', person))).reason, 'code-wrong');
    assert.equal((await again(opened, asked, '567890', person)).verdict, 'accepted');
  });

  it('begins as it is told: by an empty password it sends a message, by a word it lets in', async () => {
    const message = to([first], { start: 'push' });
    const asked = await message.factor.challenge(named('message'), asking);
    assert.equal('message' in asked && asked.message, 'We sent a code to +33 6 ** ** 12.');
    assert.equal((await again(message, asked, '246802', named('message'))).verdict, 'accepted');
    const word = to([first], { start: 'push', startPassword: 'begin' });
    const waited = await word.factor.challenge(named('push'), asking);
    assert.equal(waited.kind, 'wait');
    assert.equal((await again(word, waited, '', named('push'))).verdict, 'accepted');
  });

  it('lets nobody in, even where it accepts whatever comes', async () => {
    assert.equal((await present(to([first]), 'x', named('open'))).verdict, 'accepted');
    assert.equal((await refusalOf(present(to([first]), 'x', 'nobody'))).reason, 'code-wrong');
  });

  it('understands what we say of ourselves', async () => {
    await present(to([first], { nasIdentifier: 'the front door' }), 'correct horse', named('static'));
    const last = (await first.requests()).trim().split(/\n\n/).at(-1) ?? '';
    for (const line of [
      'Packet-Type = Access-Request',
      'User-Name = "static"',
      'NAS-Identifier = "the front door"',
      'NAS-Port-Type = Virtual',
      'Calling-Station-Id = "192.0.2.7"',
    ])
      assert.ok(last.includes(line), line);
    assert.match(last, /NAS-IP-Address = 127\./);
    assert.doesNotMatch(last, /Proxy-State/);
  });

  it('is not believed where its answers lack a Message-Authenticator', async () => {
    const bare = { host: first.host, port: first.barePort };
    const { reason, detail } = await refusalOf(present(to([bare], { timeout: 300, attempts: 1 }), 'x', named('open')));
    assert.equal(reason, 'factor-unavailable');
    assert.match(String(detail.cause), /no Message-Authenticator$/);
  });

  it('does not answer somebody with another secret', async () => {
    const opened = to([first], { shared: 'quite another secret', timeout: 300, attempts: 1 });
    const { reason, detail } = await refusalOf(present(opened, 'correct horse', named('static')));
    assert.deepEqual([reason, detail.cause], ['factor-unavailable', `${first.host}:${first.port}: no answer`]);
  });

  it('stops, and the other one is asked; it comes back, and is asked again after a minute', async () => {
    const opened = to([first, second]);
    await first.stop();
    assert.equal((await present(opened, 'correct horse', named('static'))).verdict, 'accepted');
    await first.start();
    await second.stop();
    opened.clock.time += 60_001;
    assert.equal((await present(opened, 'correct horse', named('static'))).verdict, 'accepted');
    assert.deepEqual(opened.notes, [
      `warn | a RADIUS server does not answer | ${first.host}:1812 | cannot be reached (ECONNREFUSED)`,
      `info | a RADIUS server answers again | ${first.host}:1812`,
    ]);
    await first.stop();
    const { reason } = await refusalOf(present(to([first, second], { timeout: 200 }), 'correct horse', named('static')));
    assert.equal(reason, 'factor-unavailable');
  });
});
