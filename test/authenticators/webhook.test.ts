/** The web hook: what approves, what does not, and that nobody learns who exists. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Challenge, Factor } from '../../src/authenticators/authenticator.ts';
import { chooseNumber } from '../../src/authenticators/webhook/choose-number.ts';
import { createLiveQuestions } from '../../src/authenticators/webhook/live-questions.ts';
import type { WebhookConfig } from '../../src/config/webhook-schema.ts';
import type { Person } from '../../src/directory/directory.ts';
import type { Reason } from '../../src/refusal.ts';
import { hookSecret, reply, signedBy, type Behave } from '../fixtures/hook-server.ts';
import { ada, asking, emptyStore, type HookStage, luca, openHookStage, refused } from '../fixtures/hook-stage.ts';

let stage: HookStage;
before(async () => {
  stage = await openHookStage();
});
afterEach(() => stage.clear());
after(() => stage.close());
const open = (behave: Behave, config: Partial<WebhookConfig> = {}) => stage.open(behave, config);

/** Answers each request by the next of these, the last one again and again. */
function saying(...answers: readonly object[]): Behave {
  let given = 0;
  return (received, response) => {
    const members = answers[Math.min(given, answers.length - 1)] ?? {};
    given += 1;
    // `NUMBER` stands for the one that the page shows.
    const chosen = 'number' in members && members.number === 'NUMBER' ? { number: received.asked.number } : {};
    reply(response, received, { ...members, ...chosen });
  };
}

const verify = (factor: Factor, challenge: Challenge, presented: Readonly<Record<string, string>> = {}) =>
  factor.verify(ada, presented, { ...asking, state: structuredClone(challenge.state) });
/** Undefined: nobody. */
const verifyAs = (
  who: Person | undefined,
  factor: Factor,
  challenge: Challenge,
  presented: Readonly<Record<string, string>> = {},
) => factor.verify(who, presented, { ...asking, state: structuredClone(challenge.state) });

describe('a push', () => {
  it('is approved with the number that the page shows', async () => {
    const factor = open(saying({ answer: 'pending' }, { answer: 'pending' }, { answer: 'approved', number: 'NUMBER' }));
    const begun = await factor.challenge(ada, asking);
    assert.equal(begun.kind, 'wait');
    assert.match(begun.number ?? '', /^[1-9]\d$/);
    assert.equal(begun.pollAfter, 2_000);
    // Too early to ask again: nothing is sent.
    assert.equal((await verify(factor, begun)).verdict, 'pending');
    assert.equal(stage.server.received.length, 1);
    stage.pass(2_000);
    const waited = await verify(factor, begun);
    assert.ok(waited.verdict === 'pending' && waited.challenge.kind === 'wait');
    assert.equal(waited.challenge.number, begun.number);
    stage.pass(2_000);
    assert.deepEqual(await verify(factor, waited.challenge), { verdict: 'accepted' });
    const [first, ...polls] = stage.server.received.map(({ asked }) => asked);
    assert.deepEqual(
      polls.map(({ action, id }) => [action, id]),
      [
        ['poll', first?.id],
        ['poll', first?.id],
      ],
    );
    assert.equal(new Set(stage.server.received.map(({ asked }) => asked.request)).size, 3);
  });

  it('says who, for whom, from where, signed over the time, with no compression asked for', async () => {
    const factor = open(saying({ answer: 'pending' }), { send: ['objectGUID', 'mail', 'displayName'] });
    const begun = await factor.challenge(ada, asking);
    const { asked, headers, body } = stage.server.received[0]!;
    const { request, id, ...rest } = asked;
    assert.match(request, /^[\w-]{22}$/);
    assert.match(id, /^[\w-]{22}$/);
    assert.deepEqual(rest, {
      version: 1,
      action: 'begin',
      person: { objectGUID: ada.objectGUID, displayName: 'Ada' },
      serviceProvider: 'Google',
      remoteAddress: '192.0.2.7',
      locale: 'de',
      number: begun.kind === 'wait' ? begun.number : '',
      code: null,
      time: new Date(stage.clock.now()).toISOString(),
    });
    const time = String(Math.floor(stage.clock.now() / 1_000));
    const mac = createHmac('sha256', hookSecret).update(`${time}.${body}`).digest('hex');
    assert.equal(headers['passerelle-signature'], `t=${time},v1=${mac}`);
    assert.equal(headers['accept-encoding'], undefined);
    assert.equal(headers['content-type'], 'application/json');
  });

  const ends: readonly (readonly [string, object, Reason, RegExp?])[] = [
    ['denied', { answer: 'denied' }, 'factor-denied'],
    ['approved with another number', { answer: 'approved', number: '1' }, 'factor-denied', /another number/],
    ['approved without the number', { answer: 'approved' }, 'factor-unavailable', /approved without the number/],
    ['approved with a number that is none', { answer: 'approved', number: 42 }, 'factor-unavailable', /number of its answer/],
    ['not enrolled any more', { answer: 'not-enrolled' }, 'factor-not-enrolled'],
    ['unavailable by its own word', { answer: 'unavailable' }, 'factor-unavailable', /says so itself/],
    ['an answer to another question', { answer: 'enrolled' }, 'factor-unavailable', /does not fit/],
  ];
  for (const [title, answer, reason, cause] of ends) {
    it(`ends: ${title}`, async () => {
      const factor = open(saying({ answer: 'pending' }, answer));
      const begun = await factor.challenge(ada, asking);
      stage.pass(2_000);
      await refused(verify(factor, begun), reason, cause);
    });
  }

  it('ends when nobody approves in time, and is called off', async () => {
    const factor = open(saying({ answer: 'pending' }, { answer: 'approved', number: 'NUMBER' }));
    const begun = await factor.challenge(ada, asking);
    stage.pass(60_000);
    await refused(verify(factor, begun), 'factor-unanswered');
    await cancelled(1);
    assert.equal(stage.server.received.at(-1)?.asked.id, stage.server.received[0]?.asked.id);
  });

  it('is not asked as nobody’s of a person whose attributes went away meanwhile', async () => {
    const factor = open(saying({ answer: 'pending' }, { answer: 'approved', number: 'NUMBER' }), { send: ['mail'] });
    const begun = await factor.challenge({ ...ada, mail: 'ada@example.com' }, asking);
    stage.pass(2_000);
    await refused(verify(factor, begun), 'factor-not-enrolled');
    assert.deepEqual(
      stage.server.received.filter(({ asked }) => asked.person === null).map(({ asked }) => asked.action),
      [],
    );
  });

  it('is not accepted where the approval comes after the limit', async () => {
    const factor = open((received, response) => {
      const isPoll = received.asked.action === 'poll';
      if (isPoll) stage.pass(60_000);
      reply(response, received, isPoll ? { answer: 'approved', number: received.asked.number } : { answer: 'pending' });
    });
    const begun = await factor.challenge(ada, asking);
    stage.pass(2_000);
    await refused(verify(factor, begun), 'factor-unanswered');
  });

  it('gives way to one that another node asks, which the store tells', async () => {
    const store = emptyStore(stage.clock);
    const [here, there] = [createLiveQuestions(store), createLiveQuestions(store)];
    const endsAt = stage.clock.now() + 60_000;
    assert.equal(await here.begin('ada', 'one', endsAt), undefined);
    assert.equal(await there.isReplaced('ada', 'one'), false);
    assert.equal(await there.begin('ada', 'two', endsAt), 'one');
    assert.equal(await here.isReplaced('ada', 'one'), true);
    await there.end('ada', 'two');
    assert.equal(await here.begin('ada', 'three', endsAt), undefined, 'what is over needs no calling off');
    assert.equal(await there.isReplaced('ada', 'two'), true);
    stage.pass(60_000);
    assert.equal(await there.begin('ada', 'four', endsAt + 60_000), undefined);
  });

  it('gives way to the next one of the same person, and of nobody else', async () => {
    const factor = open(saying({ answer: 'pending' }));
    const [first, foreign] = [await factor.challenge(ada, asking), await factor.challenge(luca, asking)];
    const second = await factor.challenge(ada, asking);
    await cancelled(1);
    const [one, , , called] = stage.server.received.map(({ asked }) => asked);
    const call = stage.server.received.find(({ asked }) => asked.action === 'cancel')?.asked;
    assert.ok(called !== undefined);
    assert.equal(call?.id, one?.id);
    await refused(verify(factor, first), 'challenge-lapsed', /took its place/);
    assert.equal((await verify(factor, second)).verdict, 'pending');
    assert.equal((await verifyAs(luca, factor, foreign)).verdict, 'pending');
  });

  it('outlives a moment without an answer, and no more than that', async () => {
    let isDown = false;
    const factor = open((received, response) => {
      if (isDown) response.writeHead(503).end();
      else reply(response, received, { answer: 'pending' });
    });
    let challenge = await factor.challenge(ada, asking);
    isDown = true;
    for (const expected of ['pending', 'pending']) {
      stage.pass(2_000);
      const verdict = await verify(factor, challenge);
      assert.ok(verdict.verdict === expected && 'challenge' in verdict);
      challenge = verdict.challenge;
    }
    stage.pass(2_000);
    await refused(verify(factor, challenge), 'factor-unavailable', /status 503/);
  });

  it('lapses where the store holds no challenge', async () => {
    const factor = open(saying({ answer: 'approved' }));
    for (const state of [undefined, null, 'x', {}])
      await refused(factor.verify(ada, {}, { ...asking, state }), 'challenge-lapsed');
  });
});

/** Waits until so many questions were called off, which nothing else waits for. */
async function cancelled(count: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (stage.server.received.filter(({ asked }) => asked.action === 'cancel').length < count) {
    assert.ok(Date.now() < deadline, 'nothing was called off');
    await new Promise(setImmediate);
  }
}

describe('an answer now', () => {
  it('is accepted without waiting, where no number is to match', async () => {
    const factor = open(saying({ answer: 'approved' }), { numberMatching: false });
    const begun = await factor.challenge(ada, asking);
    assert.ok(begun.kind === 'wait' && begun.pollAfter === 0 && begun.number === undefined);
    assert.deepEqual(await verify(factor, begun), { verdict: 'accepted' });
    assert.equal(stage.server.received.length, 1);
    stage.pass(60_000);
    await refused(verify(factor, begun), 'factor-unanswered');
  });

  it('does not count where one is: nobody has seen it', async () => {
    const factor = open(saying({ answer: 'approved', number: 'NUMBER' }));
    await refused(factor.challenge(ada, asking), 'factor-unavailable', /before the number was shown/);
    await cancelled(1);
  });

  const refusals: readonly (readonly [string, Reason])[] = [
    ['denied', 'factor-denied'],
    ['not-enrolled', 'factor-not-enrolled'],
    ['unavailable', 'factor-unavailable'],
  ];
  for (const [answer, reason] of refusals) {
    it(`is ${answer}`, () => refused(open(saying({ answer })).challenge(ada, asking), reason));
  }
});

describe('a code', () => {
  const ask = { ask: 'code', message: 'It was sent to +49 … 89', hidden: true };

  it('is asked for in the words of the hook, and judged by it', async () => {
    const factor = open(saying(ask, { answer: 'approved' }));
    const begun = await factor.challenge(ada, asking);
    assert.ok(begun.kind === 'code');
    assert.equal(begun.message, ask.message);
    assert.equal(begun.hidden, true);
    assert.deepEqual(await verify(factor, begun, { code: '123456' }), { verdict: 'accepted' });
    assert.deepEqual(
      stage.server.received.map(({ asked }) => [asked.action, asked.code]),
      [
        ['begin', null],
        ['verify', '123456'],
      ],
    );
  });

  it('is wrong where the hook refuses it', async () => {
    const factor = open(saying(ask, { answer: 'denied' }));
    await refused(verify(factor, await factor.challenge(ada, asking), { code: '1' }), 'code-wrong');
  });

  for (const [title, code] of [
    ['none', undefined],
    ['an empty one', ''],
    ['a long one', 'x'.repeat(257)],
  ] as const) {
    it(`is wrong without being asked about: ${title}`, async () => {
      const factor = open(saying(ask, { answer: 'approved' }));
      const begun = await factor.challenge(ada, asking);
      await refused(verify(factor, begun, code === undefined ? {} : { code }), 'code-wrong');
      assert.deepEqual(
        stage.server.received.filter(({ asked }) => asked.action === 'verify'),
        [],
      );
    });
  }

  it('may be followed by another, and by a push, but not for ever', async () => {
    const factor = open(saying(ask, ask, { answer: 'pending' }, ask, ask, ask, ask));
    let verdict = await verify(factor, await factor.challenge(ada, asking), { code: '1' });
    assert.ok(verdict.verdict === 'again' && verdict.challenge.kind === 'code');
    verdict = await verify(factor, verdict.challenge, { code: '2' });
    assert.ok(verdict.verdict === 'again' && verdict.challenge.kind === 'wait');
    stage.pass(2_000);
    for (let round = 3; round <= 5; round += 1) {
      verdict = await verify(factor, verdict.challenge, { code: '3' });
      assert.ok(verdict.verdict === 'again');
    }
    await refused(verify(factor, verdict.challenge, { code: '4' }), 'code-wrong', /one code after the other/);
  });

  it('lapses', async () => {
    const factor = open(saying(ask, { answer: 'approved' }));
    const begun = await factor.challenge(ada, asking);
    stage.pass(60_000);
    await refused(verify(factor, begun, { code: '1' }), 'challenge-lapsed');
  });
});

describe('nobody', () => {
  it('is asked about as others are, and waits as they do', async () => {
    const factor = open(saying({ answer: 'pending' }));
    const [nobody, somebody] = [await factor.challenge(undefined, asking), await factor.challenge(ada, asking)];
    const [one, two] = stage.server.received.map(({ asked }) => asked);
    assert.equal(one?.person, null);
    assert.deepEqual({ ...one, id: 0, request: 0, number: 0, person: 0 }, { ...two, id: 0, request: 0, number: 0, person: 0 });
    assert.ok(nobody.kind === 'wait' && somebody.kind === 'wait' && nobody.pollAfter === somebody.pollAfter);
    assert.match(nobody.number ?? '', /^[1-9]\d$/);
    stage.pass(2_000);
    const verdict = await verifyAs(undefined, factor, nobody);
    assert.equal(verdict.verdict, 'pending');
    stage.pass(60_000);
    for (const [challenge, who] of [
      [nobody, undefined],
      [somebody, ada],
    ] as const)
      await refused(verifyAs(who, factor, challenge), 'factor-unanswered');
  });

  it('is never accepted, whatever the hook says', async () => {
    const atOnce = open(saying({ answer: 'approved' }), { numberMatching: false });
    await refused(verifyAs(undefined, atOnce, await atOnce.challenge(undefined, asking)), 'code-wrong');
    const push = open(saying({ answer: 'pending' }, { answer: 'approved', number: 'NUMBER' }));
    const begun = await push.challenge(undefined, asking);
    stage.pass(2_000);
    await refused(verifyAs(undefined, push, begun), 'code-wrong');
    const code = open(saying({ ask: 'code' }, { answer: 'approved' }));
    await refused(verifyAs(undefined, code, await code.challenge(undefined, asking), { code: '1' }), 'code-wrong');
  });
});

describe('who is enrolled', () => {
  it('the hook says, once a minute', async () => {
    const factor = open(saying({ answer: 'enrolled' }, { answer: 'not-enrolled' }));
    assert.equal(await factor.enrolled(ada), true);
    assert.equal(await factor.enrolled(ada), true);
    assert.equal(stage.server.received.length, 1);
    stage.pass(60_000);
    assert.equal(await factor.enrolled(ada), false);
    assert.equal(await factor.enrolled(ada), false);
    assert.equal(stage.server.received.length, 3);
  });

  it('is nobody of whom nothing would be told', async () => {
    const factor = open(saying({ answer: 'enrolled' }), { send: ['mail'] });
    assert.equal(await factor.enrolled(ada), false);
    await refused(factor.challenge(ada, asking), 'factor-not-enrolled');
    assert.equal(stage.server.received.length, 0);
  });

  // Were it false, whoever keeps the answer away could enrol something else.
  for (const answer of ['unavailable', 'approved', 'pending', 'nonsense']) {
    it(`is taken to be whoever it says ${answer} of, and the log says so`, async () => {
      const factor = open(saying({ answer }));
      assert.equal(await factor.enrolled(ada), true);
      assert.equal(await factor.enrolled(ada), true);
      assert.equal(stage.server.received.length, 2);
      assert.equal(stage.notes.length, 2);
    });
  }
});

describe('secrets', () => {
  const next = 'another secret that comes after the first one';

  it('change without a gap: requests by both, answers by either', async () => {
    for (const secret of [hookSecret, next]) {
      const factor = open(
        (received, response) => {
          const body = JSON.stringify({ id: received.asked.id, answer: 'pending' });
          const headers = {
            'Content-Type': 'application/json',
            'Passerelle-Signature': signedBy(secret, received.asked.request, body),
          };
          response.writeHead(200, headers).end(body);
        },
        { secret: next, previousSecret: hookSecret },
      );
      assert.equal((await factor.challenge(luca, asking)).kind, 'wait');
    }
    const { headers, body } = stage.server.received[0]!;
    const [time = '', ...macs] = String(headers['passerelle-signature']).split(',');
    assert.deepEqual(
      macs,
      [next, hookSecret].map(
        (one) =>
          `v1=${createHmac('sha256', one)
            .update(`${time.slice(2)}.${body}`)
            .digest('hex')}`,
      ),
    );
  });

  it('come from files, without what ends the line', async () => {
    const factor = open(saying({ answer: 'pending' }), { secret: undefined, secretFile: 's' });
    assert.equal((await factor.challenge(ada, asking)).kind, 'wait');
  });
});

describe('numbers', () => {
  it('are each as likely as the others', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte += 1) {
      let isFirst = true;
      const number = chooseNumber((bytes) => Buffer.alloc(bytes, isFirst ? ((isFirst = false), byte) : 0));
      if (byte < 180) counts.set(number, (counts.get(number) ?? 0) + 1);
      else assert.equal(number, '10');
    }
    assert.equal(counts.size, 90);
    assert.deepEqual([...new Set(counts.values())], [2]);
    assert.deepEqual([[...counts.keys()].at(0), [...counts.keys()].at(89)], ['10', '99']);
  });
});
