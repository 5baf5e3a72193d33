/** A web hook that misbehaves in every way: nothing of that is ever an approval, and nothing of it takes long. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ServiceTrouble } from '../../src/authenticators/post.ts';
import { readAnswer } from '../../src/authenticators/webhook/read-answer.ts';
import { isSignedAnswer, signRequest } from '../../src/authenticators/webhook/signature.ts';
import type { WebhookConfig } from '../../src/config/webhook-schema.ts';
import { freePort } from '../fixtures/free-port.ts';
import { hookSecret, reply, signedBy, type Behave } from '../fixtures/hook-server.ts';
import { ada, asking, hookCertificate, luca, openHookStage, refused, type HookStage } from '../fixtures/hook-stage.ts';
import { Authority, type Issued } from '../fixtures/people-authority.ts';

const hour = 3_600_000;
let stage: HookStage;
before(async () => {
  stage = await openHookStage();
});
afterEach(() => stage.clear());
after(() => stage.close());
const open = (behave: Behave, config: Partial<WebhookConfig> = {}) => stage.open(behave, config);

/** An answer with its signature, whatever both are. */
const raw =
  (body: string, signature: (request: string) => string, headers: Readonly<Record<string, string>> = {}, status = 200): Behave =>
  ({ asked }, response) => {
    const usual = { 'Content-Type': 'application/json', 'Passerelle-Signature': signature(asked.request) };
    response.writeHead(status, { ...usual, ...headers });
    response.end(body);
  };
/** Signed as it should be. */
const signedRaw =
  (make: (id: string) => string, headers: Readonly<Record<string, string>> = {}, status = 200): Behave =>
  (received, response) => {
    const body = make(received.asked.id);
    raw(body, (request) => signedBy(hookSecret, request, body), headers, status)(received, response);
  };
const pending = (id: string): string => JSON.stringify({ id, answer: 'pending' });
const gzipped: Behave = ({ asked }, response) => {
  const bomb = gzipSync(Buffer.from(`{"id":"${asked.id}","answer":"pending","x":"${'x'.repeat(1_000_000)}"}`));
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(bomb);
};

describe('a hook that misbehaves', () => {
  let stale: { body: string; signature: string } | undefined;
  const rows: readonly (readonly [string, Behave, RegExp, number?])[] = [
    ['hangs before it answers', () => undefined, /did not begin its answer within 400 ms/, 400],
    [
      'hangs within its answer',
      (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).write('{'),
      /did not end its answer within 400 ms/,
      400,
    ],
    [
      'drips',
      (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
      /did not end its answer within 400 ms/,
      400,
    ],
    [
      'never ends',
      (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' });
        const more = (): void => {
          while (!response.destroyed && response.write(' '.repeat(8_192)));
        };
        response.on('drain', more);
        more();
      },
      /longer than 16384 bytes/,
    ],
    ['announces too much', signedRaw(() => `"${'x'.repeat(20_000)}"`), /longer than 16384 bytes/],
    ['closes before it answers', (_, response) => response.destroy(), /the connection failed \(ECONNRESET\)/],
    [
      'closes within its answer',
      (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' });
        response.write('{"id"', () => response.destroy());
      },
      /broke off its answer/,
    ],
    ['fails', (_, response) => response.writeHead(500).end('{}'), /the status 500/],
    [
      'leads elsewhere',
      (_, response) => response.writeHead(302, { Location: 'https://localhost:1/elsewhere' }).end(),
      /the status 302/,
    ],
    ['says 204', (_, response) => response.writeHead(204).end(), /the status 204/],
    ['says 201', signedRaw(pending, {}, 201), /the status 201/],
    [
      'has heads without end',
      (_, response) => response.writeHead(200, { 'X-Long': 'x'.repeat(10_000) }).end(),
      /HPE_HEADER_OVERFLOW/,
    ],
    ['speaks no HTTP', (_, response) => response.socket?.end('hello\r\n\r\n'), /HPE_/],
    ['answers as text', signedRaw(pending, { 'Content-Type': 'text/plain' }), /not of the type application\/json/],
    ['answers without a type', signedRaw(pending, { 'Content-Type': '' }), /not of the type application\/json/],
    ['is compressed', gzipped, /compressed/],
    ['is no JSON', signedRaw(() => '{'), /not JSON/],
    ['is empty', signedRaw(() => ''), /not JSON/],
    ['is a list', signedRaw(() => '[]'), /no JSON object/],
    ['is null', signedRaw(() => 'null'), /no JSON object/],
    [
      'nests',
      signedRaw((id) => `{"id":"${id}","answer":"pending","x":${'['.repeat(7_000)}${']'.repeat(7_000)}}`),
      /list or an object/,
    ],
    ['is not signed', raw('{}', () => ''), /not signed/],
    [
      'is signed by another',
      (received, response) => {
        const body = pending(received.asked.id);
        raw(body, (request) => signedBy('x'.repeat(32), request, body))(received, response);
      },
      /not signed/,
    ],
    [
      'is signed for another request',
      (received, response) => {
        const body = pending(received.asked.id);
        raw(body, () => signedBy(hookSecret, 'AAAAAAAAAAAAAAAAAAAAAA', body))(received, response);
      },
      /not signed/,
    ],
    [
      'gives an older answer of this challenge again',
      (received, response) => {
        // What it said for the first of two requests stands for the second.
        const body = JSON.stringify({ id: received.asked.id, answer: 'approved', number: received.asked.number });
        stale ??= { body, signature: signedBy(hookSecret, 'an-earlier-request-000', body) };
        raw(stale.body, () => stale?.signature ?? '')(received, response);
      },
      /not signed/,
    ],
    [
      'gives our request back',
      (received, response) => {
        const signature = String(received.headers['passerelle-signature']);
        raw(received.body, () => signature)(received, response);
      },
      /not signed/,
    ],
    ['answers about another challenge', signedRaw(() => pending('AAAAAAAAAAAAAAAAAAAAAA')), /another challenge/],
    ['answers about none', signedRaw(() => '{"answer":"pending"}'), /another challenge/],
    ['answers by an inherited name', signedRaw((id) => `{"id":"${id}","__proto__":null,"answer":"toString"}`), /none of those/],
    ['says something unknown', signedRaw((id) => JSON.stringify({ id, answer: 'Approved' })), /none of those/],
    ['says a truth value', signedRaw((id) => JSON.stringify({ id, answer: true })), /none of those/],
    ['asks for something else', signedRaw((id) => JSON.stringify({ id, ask: 'password' })), /what is not known/],
    ['asks and answers', signedRaw((id) => JSON.stringify({ id, ask: 'code', answer: 'approved' })), /what is not known/],
    [
      'asks in too many words',
      signedRaw((id) => JSON.stringify({ id, ask: 'code', message: 'x'.repeat(301) })),
      /cannot be shown/,
    ],
    [
      'asks in words that turn round',
      signedRaw((id) => JSON.stringify({ id, ask: 'code', message: 'x\u202ey' })),
      /cannot be shown/,
    ],
    ['asks in half a character', signedRaw((id) => `{"id":"${id}","ask":"code","message":"\\ud800"}`), /cannot be shown/],
    ['asks in no words', signedRaw((id) => JSON.stringify({ id, ask: 'code', message: 1 })), /no text/],
    ['hides by a number', signedRaw((id) => JSON.stringify({ id, ask: 'code', hidden: 1 })), /no truth value/],
  ];
  for (const [title, behave, cause, timeout] of rows) {
    it(title, async () => {
      const factor = open(behave, timeout === undefined ? {} : { timeout });
      await refused(factor.challenge(ada, asking), 'factor-unavailable', cause);
    });
  }

  it('refuses connections', async () => {
    const factor = open(signedRaw(pending), { url: `https://localhost:${String(await freePort())}/` });
    await refused(factor.challenge(ada, asking), 'factor-unavailable', /\(ECONNREFUSED\)/);
  });

  const shown: readonly (readonly [string, Issued, RegExp])[] = [
    ['of another name', hookCertificate('hook.example.com'), /ERR_TLS_CERT_ALTNAME_INVALID/],
    [
      'that has expired',
      hookCertificate('localhost', { from: Date.now() - 2 * hour, to: Date.now() - hour }),
      /CERT_HAS_EXPIRED/,
    ],
    ['of another authority', hookCertificate('localhost', {}, Authority.root('CN=Another')), /UNABLE_TO_(VERIFY|GET)/],
  ];
  for (const [title, issued, cause] of shown) {
    it(`shows a certificate ${title}`, async () => {
      stage.server.show(issued);
      await refused(open(signedRaw(pending)).challenge(ada, asking), 'factor-unavailable', cause);
      assert.equal(stage.server.received.length, 0);
    });
  }

  it('is not believed though the environment would have any certificate do', async () => {
    stage.server.show(hookCertificate('hook.example.com'));
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      await refused(open(signedRaw(pending)).challenge(ada, asking), 'factor-unavailable', /ERR_TLS_CERT_ALTNAME_INVALID/);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it('closes a connection that was kept: the question comes once more on a new one', async () => {
    let asked = 0;
    const factor = open((received, response) => {
      asked += 1;
      if (asked === 2) response.destroy();
      else reply(response, received, { answer: 'pending' });
    });
    await factor.challenge(ada, asking);
    assert.equal((await factor.challenge(luca, asking)).kind, 'wait');
    const [, second, third] = stage.server.received;
    assert.equal(second?.body, third?.body);
  });

  it('is not waited for once the house closes', async () => {
    const factor = open(() => factor.close());
    await refused(factor.challenge(ada, asking), 'factor-unavailable', /not waited for any longer/);
    await refused(factor.challenge(ada, asking), 'factor-unavailable', /not asked any more/);
    assert.deepEqual(
      stage.server.received.map(({ asked }) => asked.action),
      ['begin'],
    );
  });
});

describe('signatures of answers', () => {
  const [request, body] = ['AAAAAAAAAAAAAAAAAAAAAA', '{"id":"x","answer":"approved"}'];
  const good = signedBy(hookSecret, request, body);

  it('hold for every byte', () => {
    assert.ok(isSignedAnswer([hookSecret], good, request, Buffer.from(body)));
    assert.ok(isSignedAnswer(['x'.repeat(32), hookSecret], `v1=00, ${good}`, request, Buffer.from(body)));
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = Buffer.from(body);
        changed[place] = changed[place]! ^ change;
        return !isSignedAnswer([hookSecret], good, request, changed);
      }),
      { numRuns: 50 },
    );
  });

  it('are not those of requests', () => {
    const asked = signRequest([hookSecret], 1_700_000_000, Buffer.from(body));
    assert.ok(!isSignedAnswer([hookSecret], asked, request, Buffer.from(body)));
  });

  it('are none where there are none', () => {
    for (const header of [undefined, '', 'v1=', `v1=${'0'.repeat(63)}`, `t=1,v2=${good.slice(3)}`, `${'v1=,'.repeat(4)}${good}`])
      assert.ok(!isSignedAnswer([hookSecret], header, request, Buffer.from(body)), header);
  });
});

describe('answers', () => {
  it('are read or refused, never a fault', () => {
    const member = fc.constantFrom('id', 'answer', 'ask', 'number', 'message', 'hidden', '__proto__');
    const value = fc.oneof(fc.constantFrom('x', 'approved', 'code', 'pending'), fc.jsonValue({ maxDepth: 1 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(member, value), { maxLength: 7 }), (pairs) => {
        const text = `{${pairs.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join(',')}}`;
        try {
          readAnswer(Buffer.from(text), 'x');
        } catch (error) {
          assert.ok(error instanceof ServiceTrouble, String(error));
        }
      }),
      { numRuns: 200 },
    );
  });
});
