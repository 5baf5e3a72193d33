/** The factor of RADIUS: what it sends, and what it makes of the answers, against a server that does as a test tells it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Challenge } from '../../src/authenticators/authenticator.ts';
import { openRadius } from '../../src/authenticators/radius/open-radius.ts';
import { radius } from '../../src/config/radius-schema.ts';
import type { Person } from '../../src/directory/directory.ts';
import { somebody } from '../signin/somebody.ts';
import { answer, scriptedServer, type Received } from './radius/scripted-server.ts';
import {
  again,
  alice,
  asking,
  at,
  challengeOf,
  codes,
  no,
  ok,
  open,
  present,
  refusalOf,
  secret,
  twoServers,
} from './radius/stage.ts';

const servers = twoServers();

describe('a request', () => {
  it('says who, what, for whom and from where, with its Message-Authenticator first and no Proxy-State', async () => {
    const code = 'é correct horse battery staple';
    const accepted = { verdict: 'accepted', detail: { server: `127.0.0.1:${servers.first.port}` } };
    assert.deepEqual(await present(open([at(servers.first)]), code), accepted);
    const [request] = servers.first.received;
    assert.ok(request);
    assert.equal(request.bytes[0], 1);
    assert.deepEqual([...request.bytes.subarray(20, 22)], [80, 18]);
    assert.equal(request.values(1).join(), 'alice@example.com');
    assert.equal(request.password(secret), code);
    assert.equal(request.values(32).join(), 'sso.example.com');
    assert.equal(request.values(31).join(), '192.0.2.7');
    assert.deepEqual(request.values(4), [Buffer.of(127, 0, 0, 1)]);
    assert.deepEqual(request.values(61), [Buffer.of(0, 0, 0, 5)]);
    assert.deepEqual([request.values(24), request.values(33)], [[], []]);
  });

  it('can neither be foreseen nor mistaken for another: authenticator, identifier and port differ', async () => {
    const opened = open([at(servers.first)]);
    for (let count = 0; count < 12; count += 1) await present(opened, '123456');
    const different = (of: (one: Received) => string | number): number => new Set(servers.first.received.map(of)).size;
    assert.equal(
      different(({ authenticator }) => authenticator.toString('hex')),
      12,
    );
    assert.equal(
      different(({ bytes }) => bytes.toString('hex')),
      12,
    );
    assert.ok(different(({ identifier }) => identifier) > 4);
    assert.ok(different(({ from }) => from.port) > 4);
  });

  it('is sent again as it was, after waits that double, and answered once', async () => {
    servers.first.script = (request) => (servers.first.received.length < 3 ? [] : ok(request));
    assert.equal((await present(open([at(servers.first)], { timeout: 350 }), '1')).verdict, 'accepted');
    const [one, two, three] = servers.first.received.map(({ bytes, from }) => `${from.port} ${bytes.toString('hex')}`);
    assert.equal(servers.first.received.length, 3);
    assert.ok(one === two && two === three);
  });

  it('goes over IPv6 as well, and says so', async () => {
    const six = await scriptedServer('::1');
    try {
      six.script = ok;
      assert.equal((await present(open([at(six)]), '1')).verdict, 'accepted');
      assert.equal(six.received[0]?.values(95).join(), Buffer.of(...Array.from({ length: 15 }, () => 0), 1).toString());
    } finally {
      six.close();
    }
  });

  it('may name another attribute and another NAS', async () => {
    const opened = open([at(servers.first)], { username: 'sAMAccountName', nasIdentifier: 'door' });
    await present(opened, '1', alice, { ...asking, remoteAddress: '' });
    assert.equal(servers.first.received[0]?.values(1).join(), 'alice');
    assert.equal(servers.first.received[0].values(32).join(), 'door');
    assert.deepEqual(servers.first.received[0].values(31), []);
  });
});

describe('the secret', () => {
  const parts = {
    publicUrl: 'https://sso.example.com',
    clock: { now: () => 0 },
    random: randomBytes,
    note: () => undefined,
    read: (file: string) => (file === '/etc/radius-secret' ? `${secret}\r\n` : ''),
  };
  const config = (given: object) => radius.unwrap().parse({ servers: [at(servers.first)], timeout: '2s', ...given });

  for (const given of [{ secret }, { secretFile: '/etc/radius-secret' }]) {
    it(`is taken from ${Object.keys(given).join()}`, async () => {
      const factor = openRadius(config(given), parts);
      const { state } = await factor.challenge(alice, asking);
      assert.equal((await factor.verify(alice, { code: '1' }, { ...asking, state })).verdict, 'accepted');
    });
  }

  it('must be there', () => {
    for (const given of [{}, { secretFile: '/etc/empty' }])
      assert.throws(() => openRadius(config(given), parts), { message: 'factors.radius has no secret' });
  });
});

describe('who can be asked', () => {
  const { factor } = open([{ host: '127.0.0.1', port: 1 }], { username: 'mail' });
  const people: readonly [string, Person, boolean][] = [
    ['somebody with the attribute', somebody('a', { mail: 'a@example.com' }), true],
    ['nobody without it', somebody('b', { userPrincipalName: 'b@example.com' }), false],
    ['nobody whose value is empty', somebody('c', { mail: '' }), false],
    ['nobody whose value is too long', somebody('d', { mail: 'é'.repeat(127) }), false],
    ['nobody whose value has controls', somebody('e', { mail: 'a\nb' }), false],
  ];
  for (const [title, person, is] of people) it(title, async () => assert.equal(await factor.enrolled(person), is));
});

describe('an answer of the server', () => {
  it('rejects: a wrong code, told without the code', async () => {
    servers.first.script = (request) => [
      answer(request, secret, codes.reject, [[18, `No, ${request.password(secret)} is wrong`]]),
    ];
    const refusal = await refusalOf(present(open([at(servers.first)]), '867530'));
    assert.equal(refusal.reason, 'code-wrong');
    assert.equal(refusal.detail.server, `127.0.0.1:${servers.first.port}`);
    assert.doesNotMatch(JSON.stringify(refusal), /867530|secret/);
  });

  it('asks further: its words are shown, its State comes back, to the same server', async () => {
    servers.first.script = (request) => {
      const state = request.values(24).join();
      if (state === '')
        return [
          answer(request, secret, codes.challenge, [
            [18, 'Next\u202e code'],
            [24, 'one'],
            [76, Buffer.alloc(4)],
          ]),
        ];
      if (state === 'one') return [answer(request, secret, codes.challenge, [[24, 'two']])];
      return state === 'two' && request.password(secret) === 'c' ? ok(request) : no(request);
    };
    const opened = open([at(servers.first), at(servers.second)]);
    const one = challengeOf(await present(opened, 'a'));
    assert.deepEqual([one.kind, 'message' in one && one.message, 'hidden' in one && one.hidden], ['code', 'Next code', true]);
    const two = challengeOf(await again(opened, one, 'b'));
    assert.deepEqual(['message' in two, 'hidden' in two && two.hidden], [false, false]);
    // It survives being kept as JSON.
    const kept = JSON.parse(JSON.stringify(two)) as Challenge;
    assert.equal((await refusalOf(again(opened, kept, 'd'))).reason, 'code-wrong');
    assert.equal((await again(opened, kept, 'c')).verdict, 'accepted');
    assert.equal(servers.second.received.length, 0);
  });

  it('asks without a State, and may get an empty answer to one alone', async () => {
    servers.first.script = (request) => {
      if (request.password(secret) === 'a') return [answer(request, secret, codes.challenge)];
      if (request.password(secret) === 'b') return [answer(request, secret, codes.challenge, [[24, 's'.repeat(253)]])];
      return request.password(secret) === '' && request.values(24)[0]?.length === 253 ? ok(request) : no(request);
    };
    const opened = open([at(servers.first)]);
    assert.equal((await refusalOf(again(opened, challengeOf(await present(opened, 'a')), ''))).reason, 'code-wrong');
    assert.equal(servers.first.received.length, 1);
    assert.equal((await again(opened, challengeOf(await present(opened, 'b')), '')).verdict, 'accepted');
  });

  it('asks again and again: that counts as a wrong code in the end', async () => {
    servers.first.script = (request) => [answer(request, secret, codes.challenge, [[24, 'x']])];
    const opened = open([at(servers.first)]);
    let verdict = await present(opened, '0');
    for (let round = 1; round < 6; round += 1) verdict = await again(opened, challengeOf(verdict), '0');
    assert.equal((await refusalOf(again(opened, challengeOf(verdict), '0'))).reason, 'code-wrong');
  });

  it('is of no use to anybody else, or without what was asked', async () => {
    servers.first.script = (request) => [answer(request, secret, codes.challenge, [[24, 'x']])];
    const opened = open([at(servers.first)]);
    const asked = challengeOf(await present(opened, '1'));
    servers.first.script = ok;
    const before = servers.first.received.length;
    assert.equal(
      (await refusalOf(again(opened, asked, '1', somebody('bob', { userPrincipalName: 'b@x.y' })))).reason,
      'challenge-lapsed',
    );
    assert.equal((await refusalOf(again(opened, asked, '1', 'nobody'))).reason, 'challenge-lapsed');
    for (const state of [undefined, null, 'x', {}, []])
      assert.equal(
        (await refusalOf(opened.factor.verify(alice, { code: '1' }, { ...asking, state }))).reason,
        'challenge-lapsed',
      );
    assert.equal(servers.first.received.length, before);
  });

  const unsendable: readonly [string, Readonly<Record<string, string>>][] = [
    ['none', {}],
    ['an empty one', { code: '' }],
    ['one with a NUL, which padding would hide', { code: '123456\0' }],
    ['one with a line end', { code: '1\n' }],
    ['one of 129 bytes', { code: 'é'.repeat(65).slice(0, 64) + '1' }],
  ];
  for (const [title, presented] of unsendable) {
    it(`is not even asked for about a code that could not be right: ${title}`, async () => {
      const { factor } = open([at(servers.first)]);
      for (const person of [alice, undefined]) {
        const { state } = await factor.challenge(person, asking);
        assert.equal((await refusalOf(factor.verify(person, presented, { ...asking, state }))).reason, 'code-wrong');
      }
      assert.equal(servers.first.received.length, 0);
    });
  }
});

describe('nobody', () => {
  const outcomes: readonly [string, number][] = [
    ['accepted', codes.accept],
    ['rejected', codes.reject],
  ];
  for (const [title, code] of outcomes) {
    it(`is asked for under a name that nobody can have guessed, and refused when ${title}`, async () => {
      servers.first.script = (request) => [answer(request, secret, code)];
      const opened = open([at(servers.first)]);
      for (const person of ['nobody', somebody('nameless')] as const)
        assert.equal((await refusalOf(present(opened, '123456', person))).reason, 'code-wrong');
      const names = servers.first.received.map((request) => request.values(1).join());
      assert.ok(names.length === 2 && new Set(names).size === 2);
      assert.ok(names.every((name) => /^nobody-[0-9a-f]{24}$/.test(name)));
    });
  }

  it('is asked further as anybody is, under the same name, and refused in the end', async () => {
    servers.first.script = (request) =>
      request.values(24).length === 0
        ? [
            answer(request, secret, codes.challenge, [
              [24, 'x'],
              [18, 'More'],
            ]),
          ]
        : ok(request);
    const opened = open([at(servers.first)]);
    const asked = challengeOf(await present(opened, '1', 'nobody'));
    assert.equal((await refusalOf(again(opened, asked, '2', 'nobody'))).reason, 'code-wrong');
    assert.equal(new Set(servers.first.received.map((request) => request.values(1).join())).size, 1);
    // Nor does somebody who came to be meanwhile get in by it.
    assert.equal((await refusalOf(again(opened, asked, '2'))).reason, 'code-wrong');
  });
});

describe('a server that is told to begin', () => {
  it('sends its message, whose words are shown', async () => {
    servers.first.script = (request) => {
      if (request.values(24).length > 0) return request.password(secret) === '42' ? ok(request) : no(request);
      return request.password(secret) === ''
        ? [
            answer(request, secret, codes.challenge, [
              [18, 'Sent to **12'],
              [24, 's'],
            ]),
          ]
        : no(request);
    };
    const opened = open([at(servers.first)], { start: 'push' });
    const asked = await opened.factor.challenge(alice, asking);
    assert.deepEqual([asked.kind, 'message' in asked && asked.message], ['code', 'Sent to **12']);
    assert.equal((await refusalOf(again(opened, asked, '41'))).reason, 'code-wrong');
    assert.equal((await again(opened, asked, '42')).verdict, 'accepted');
  });

  it('rejects: a code is asked for all the same, and judged', async () => {
    servers.first.script = no;
    const opened = open([at(servers.first)], { start: 'push' });
    const asked = await opened.factor.challenge(alice, asking);
    assert.deepEqual([asked.kind, 'message' in asked], ['code', false]);
    assert.equal((await refusalOf(again(opened, asked, '42'))).reason, 'code-wrong');
  });

  it('accepts an empty password: that proves nothing', async () => {
    const opened = open([at(servers.first)], { start: 'push' });
    const { reason, detail } = await refusalOf(opened.factor.challenge(alice, asking));
    assert.deepEqual([reason, detail.cause], ['factor-unavailable', 'it accepts an empty password']);
  });

  it('accepts the word that is to begin: somebody approved, and it was that person', async () => {
    const opened = open([at(servers.first)], { start: 'push', startPassword: 'push' });
    const asked = await opened.factor.challenge(alice, asking);
    assert.equal(servers.first.received[0]?.password(secret), 'push');
    assert.equal(asked.kind, 'wait');
    assert.equal((await opened.factor.verify(alice, {}, { ...asking, state: asked.state })).verdict, 'accepted');
    assert.equal(
      (await refusalOf(again(opened, asked, '', somebody('bob', { userPrincipalName: 'b@x.y' })))).reason,
      'challenge-lapsed',
    );
    const nobody = await opened.factor.challenge(undefined, asking);
    assert.equal(nobody.kind, 'code');
    assert.equal((await refusalOf(present(opened, '1', 'nobody'))).reason, 'code-wrong');
  });
});
