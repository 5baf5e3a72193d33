/** Duo Universal Prompt against a stand-in of its documented endpoints: the way there and back, and everything that is no answer. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, beforeEach, describe, it } from 'node:test';
import type { Asking, Challenge, Verdict } from '../../src/authenticators/authenticator.ts';
import { openDuo } from '../../src/authenticators/duo/open-duo.ts';
import type { DuoConfig } from '../../src/config/duo-schema.ts';
import { type Reason, Refusal, type RefusalDetail } from '../../src/refusal.ts';
import { makeAuthority } from '../directory/make-certificate.ts';
import { json, type Misbehaviour, openDuoServer, type Respond, seal } from '../fixtures/duo-server.ts';
import { somebody } from '../signin/somebody.ts';

const returnUrl = 'https://sso.example.com/signin/duo/return';
const anna = somebody('11111111-1111-1111-1111-111111111111', {
  userPrincipalName: 'anna@corp.example.com',
  mail: 'a@example.com',
});
const bert = somebody('22222222-2222-2222-2222-222222222222', { userPrincipalName: 'bert@corp.example.com' });
const noName = somebody('33333333-3333-3333-3333-333333333333', { sAMAccountName: 'svc', userPrincipalName: '' });

let now = Date.now();
const clock = { now: () => now, until: () => Promise.resolve() };
const server = await openDuoServer({ now: clock.now });
server.registered.add(returnUrl);
after(() => server.close());
beforeEach(() => {
  server.misbehaviour = {};
  server.asked.length = 0;
  now = Date.now();
});

type Settings = Partial<DuoConfig>;
const open = (settings: Settings = {}, read: (file: string) => string = () => '') =>
  openDuo(
    {
      apiHost: server.origin,
      clientId: server.clientId,
      clientSecret: server.clientSecret,
      username: 'userPrincipalName',
      failMode: 'closed',
      timeout: 5_000,
      ...settings,
    },
    { clock, random: randomBytes, read },
  );
const asking = (more: Partial<Asking> = {}): Asking => ({
  forceAuthn: false,
  returnUrl,
  handle: randomBytes(24).toString('base64url'),
  locale: 'en',
  remoteAddress: '192.0.2.1',
  serviceProvider: 'Google',
  name: '',
  ...more,
});
const urlOf = (challenge: Challenge): string => {
  assert.ok(challenge.kind === 'redirect', challenge.kind);
  return challenge.url;
};

/** What stands against it, with a detail that tells nothing secret. */
async function refusalOf(made: Promise<unknown>): Promise<{ reason: Reason; detail: RefusalDetail } | Verdict> {
  try {
    return (await made) as Verdict;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    const told = JSON.stringify(error.detail);
    const secrets = [
      server.clientSecret,
      'LEAK',
      ...server.asked.flatMap(({ fields }) => [fields.code, fields.client_assertion]),
    ];
    for (const secret of secrets) assert.ok(secret === undefined || secret === '' || !told.includes(secret), told);
    return { reason: error.reason, detail: error.detail };
  }
}

/** One whole way, there and back. */
async function goRound(settings: Settings = {}, more: Partial<Asking> = {}, person = anna) {
  const factor = open(settings);
  const asked = asking(more);
  const challenge = await factor.challenge(person, asked);
  const back = Object.fromEntries((await server.prompt(urlOf(challenge))).searchParams);
  const verify = (presented: Readonly<Record<string, string>> = back) =>
    factor.verify(person, presented, { ...asked, state: challenge.state });
  return { factor, asked, challenge, back, verify };
}

describe('Duo', () => {
  it('leads a person there and takes its word when they are back', async () => {
    const { back, verify, asked, challenge } = await goRound();
    assert.deepEqual(Object.keys(back), ['state', 'duo_code']);
    // Duo takes the request for five minutes.
    assert.equal(challenge.endsAt, now + 240_000);
    assert.deepEqual(await verify(), { verdict: 'accepted' });
    assert.deepEqual(
      server.asked.map(({ line }) => line),
      ['POST /oauth/v1/health_check', 'GET /oauth/v1/authorize', 'GET /frame/prompt', 'POST /oauth/v1/token'],
    );
    const request = server.requests.at(-1) ?? {};
    assert.equal(request.duo_uname, 'anna@corp.example.com');
    assert.equal(request.state, asked.handle);
    assert.equal(request.dest_app_name, 'Google');
    assert.equal('prompt' in request, false);
  });

  it('is for whoever has the attribute, whatever it is', async () => {
    assert.deepEqual(await Promise.all([anna, bert, noName].map((person) => open().enrolled(person))), [true, true, false]);
    const byMail = open({ username: 'mail' });
    assert.deepEqual(await Promise.all([anna, bert].map((person) => byMail.enrolled(person))), [true, false]);
    await goRound({ username: 'mail' });
    assert.equal(server.requests.at(-1)?.duo_uname, 'a@example.com');
  });

  it('leads nobody there, and asks Duo about its health all the same', async () => {
    for (const person of [undefined, noName]) {
      server.asked.length = 0;
      const refusal = await refusalOf(open().challenge(person, asking()));
      assert.equal('reason' in refusal && refusal.reason, 'factor-not-enrolled');
      assert.deepEqual(
        server.asked.map(({ line }) => line),
        ['POST /oauth/v1/health_check'],
      );
      const { verify: _, back, factor, asked, challenge } = await goRound();
      const judged = await refusalOf(factor.verify(person, back, { ...asked, state: challenge.state }));
      assert.equal('reason' in judged && judged.reason, 'factor-not-enrolled');
    }
  });

  const seconds = (): number => Math.floor(now / 1_000);
  const claiming = (changes: Readonly<Record<string, unknown>>): Misbehaviour => ({
    idToken: (claims, secret) => seal({ ...claims, ...changes }, secret),
  });
  const unsigned = (header: object, signature = ''): Misbehaviour => ({
    idToken: (claims) =>
      `${seal(claims, 'x', { ...header })
        .split('.')
        .slice(0, 2)
        .join('.')}.${signature}`,
  });
  const lazily = (make: () => Misbehaviour): Misbehaviour => ({
    idToken: (claims, secret) => make().idToken?.(claims, secret) ?? '',
  });
  const slow = (): void => undefined;
  const big = `{"id_token":"LEAK","token_type":"Bearer","x":"${'x'.repeat(70_000)}"}`;
  const redirected: Respond = (response) => {
    response.writeHead(307, { Location: '/elsewhere' }).end('LEAK');
  };
  const raw =
    (status: number, body: string): Respond =>
    (response) => {
      response.writeHead(status).end(body);
    };

  /** Title, what goes wrong, what comes of it. */
  const returns: readonly (readonly [string, Misbehaviour, Reason | 'accepted'])[] = [
    ['a person who denies', { outcome: 'deny' }, 'factor-denied'],
    ['a person who is sent back with access_denied', { outcome: 'cancel' }, 'factor-denied'],
    ['another error', { back: (query) => query.set('error', 'server_error') }, 'factor-unavailable'],
    ['an error that is no word', { back: (query) => query.set('error', 'LEAK <b>') }, 'factor-unavailable'],
    [
      'allowed by the result, denied by the status',
      claiming({ auth_result: { result: 'allow', status: 'deny' } }),
      'factor-denied',
    ],
    [
      'denied by the result, allowed by the status',
      claiming({ auth_result: { result: 'deny', status: 'allow' } }),
      'factor-denied',
    ],
    ['a result that is spelled otherwise', claiming({ auth_result: { result: 'ALLOW', status: 'ALLOW' } }), 'factor-denied'],
    ['no result', claiming({ auth_result: undefined }), 'factor-unavailable'],
    ['a result that is no object', claiming({ auth_result: 'allow' }), 'factor-unavailable'],
    ['another nonce', claiming({ nonce: 'n'.repeat(32) }), 'code-wrong'],
    ['no nonce', claiming({ nonce: undefined }), 'code-wrong'],
    ['the name of somebody else', claiming({ preferred_username: 'bert@corp.example.com' }), 'code-wrong'],
    ['no name', claiming({ preferred_username: undefined }), 'code-wrong'],
    ['the name in the subject alone', claiming({ preferred_username: 'x', sub: 'anna@corp.example.com' }), 'code-wrong'],
    ['another audience', claiming({ aud: 'DIAAAAAAAAAAAAAAAAAA' }), 'factor-unavailable'],
    ['two audiences', claiming({ aud: [server.clientId, 'DIAAAAAAAAAAAAAAAAAA'] }), 'factor-unavailable'],
    ['another issuer', claiming({ iss: 'https://api-evil.duosecurity.com/oauth/v1/token' }), 'factor-unavailable'],
    ['no issuer', claiming({ iss: undefined }), 'factor-unavailable'],
    ['no end', claiming({ exp: undefined }), 'factor-unavailable'],
    ['an end that is text', claiming({ exp: '9999999999' }), 'factor-unavailable'],
    ['an end that a number cannot hold', claiming({ exp: Infinity }), 'factor-unavailable'],
    ['no beginning', claiming({ iat: undefined }), 'factor-unavailable'],
    ['what ended a minute ago', lazily(() => claiming({ exp: seconds() - 61 })), 'factor-unavailable'],
    ['what ended within the skew', lazily(() => claiming({ exp: seconds() - 58 })), 'accepted'],
    ['what is of the future', lazily(() => claiming({ iat: seconds() + 62 })), 'factor-unavailable'],
    ['what is of the future within the skew', lazily(() => claiming({ iat: seconds() + 58.5 })), 'accepted'],
    ['no algorithm and no signature', unsigned({ alg: 'none' }), 'factor-unavailable'],
    ['no algorithm, another letter case', unsigned({ alg: 'nOnE' }, 'AAAA'), 'factor-unavailable'],
    ['no signature', unsigned({ alg: 'HS512' }), 'factor-unavailable'],
    ['no algorithm, signed', { idToken: (claims, secret) => seal(claims, secret, { alg: 'none' }) }, 'factor-unavailable'],
    ['HS256', { idToken: (claims, secret) => seal(claims, secret, { alg: 'HS256' }, 'sha256') }, 'factor-unavailable'],
    ['HS512 signed by HS256', { idToken: (claims, secret) => seal(claims, secret, undefined, 'sha256') }, 'factor-unavailable'],
    ['HS256 signed by HS512', { idToken: (claims, secret) => seal(claims, secret, { alg: 'HS256' }) }, 'factor-unavailable'],
    ['another secret', { idToken: (claims) => seal(claims, 'a'.repeat(40)) }, 'factor-unavailable'],
    ['an empty secret', { idToken: (claims) => seal(claims, '') }, 'factor-unavailable'],
    [
      'something critical',
      { idToken: (claims, secret) => seal(claims, secret, { alg: 'HS512', crit: ['b64'], b64: false }) },
      'factor-unavailable',
    ],
    ['an ID token that is none', { answer: (answer) => ({ ...answer, id_token: 'LEAK' }) }, 'factor-unavailable'],
    ['an ID token that is no text', { answer: (answer) => ({ ...answer, id_token: { LEAK: 1 } }) }, 'factor-unavailable'],
    ['no ID token', { answer: ({ id_token: _, ...answer }) => answer }, 'factor-unavailable'],
    ['another kind of token', { answer: (answer) => ({ ...answer, token_type: 'mac' }) }, 'factor-unavailable'],
    ['no state', { back: (query) => query.delete('state') }, 'challenge-lapsed'],
    ['the state of another sign-in', { back: (query) => query.set('state', 's'.repeat(32)) }, 'challenge-lapsed'],
    [
      'the state of another sign-in, with an error',
      { outcome: 'cancel', back: (query) => query.set('state', 's'.repeat(32)) },
      'challenge-lapsed',
    ],
    ['no code', { back: (query) => query.delete('duo_code') }, 'code-wrong'],
    ['an empty code', { back: (query) => query.set('duo_code', '') }, 'code-wrong'],
    ['a code that was made up', { back: (query) => query.set('duo_code', 'ffff') }, 'code-wrong'],
    ['a code that is too long', { back: (query) => query.set('duo_code', 'f'.repeat(1_025)) }, 'code-wrong'],
    ['a code of other characters', { back: (query) => query.set('duo_code', 'é\r\n') }, 'code-wrong'],
    ['two codes', { back: (query) => query.set('code', 'ffff') }, 'code-wrong'],
    ['an error of the server', { token: raw(500, '{"error":"LEAK"}') }, 'factor-unavailable'],
    ['a code refused by an unknown status', { token: json(403, { error: 'invalid_grant' }) }, 'factor-unavailable'],
    [
      'a secret that Duo does not know',
      { token: json(400, { error: 'invalid_client', error_description: 'LEAK' }) },
      'factor-unavailable',
    ],
    ['an answer that is not JSON', { token: raw(200, 'LEAK') }, 'factor-unavailable'],
    ['an answer that is null', { token: raw(200, 'null') }, 'factor-unavailable'],
    ['an answer that is a list', { token: raw(200, '["LEAK"]') }, 'factor-unavailable'],
    ['an answer without end', { token: raw(200, big) }, 'factor-unavailable'],
    ['a redirect', { token: redirected }, 'factor-unavailable'],
    ['a connection that is cut', { token: (response) => response.destroy() }, 'factor-unavailable'],
    [
      'an answer that is cut',
      {
        token: (response) => {
          response.writeHead(200, { 'Content-Length': 100 });
          response.write('{', () => response.destroy());
        },
      },
      'factor-unavailable',
    ],
  ];
  for (const [title, misbehaviour, expected] of returns) {
    it(`judges the return: ${title}`, async () => {
      server.misbehaviour = misbehaviour;
      const { verify } = await goRound();
      const judged = await refusalOf(verify());
      assert.equal('reason' in judged ? judged.reason : judged.verdict, expected, JSON.stringify(judged));
      assert.ok(!server.asked.some(({ line }) => line.includes('elsewhere')));
    });
  }

  const unhealthy: readonly (readonly [string, Respond])[] = [
    ['an error of the server', raw(500, 'LEAK')],
    ['a secret that it does not know', json(400, { stat: 'FAIL', message: 'invalid_client', message_detail: 'LEAK' })],
    ['it is not well', json(200, { stat: 'FAIL', message: 'LEAK' })],
    ['no state of health', json(200, {})],
    ['not JSON', raw(200, 'OK')],
    ['a redirect', redirected],
    ['without end', raw(200, big)],
  ];
  for (const [title, health] of unhealthy) {
    it(`leads nobody to Duo where it is not well: ${title}`, async () => {
      server.misbehaviour = { health };
      const refusal = await refusalOf(open().challenge(anna, asking()));
      assert.equal('reason' in refusal && refusal.reason, 'factor-unavailable');
      assert.equal(server.asked.length, 1);
    });
  }

  it('waits for no answer longer than it was told, nor once it is closed', async () => {
    server.misbehaviour = { health: slow };
    const late = await refusalOf(open({ timeout: 40 }).challenge(anna, asking()));
    assert.match('detail' in late ? String(late.detail.cause) : '', /within 40 ms/);
    const { factor, asked, challenge, back } = await (async () => {
      server.misbehaviour = { token: slow };
      return goRound({ timeout: 200 });
    })();
    const judging = refusalOf(factor.verify(anna, back, { ...asked, state: challenge.state }));
    factor.close();
    const closed = await judging;
    assert.equal('reason' in closed && closed.reason, 'factor-unavailable');
  });

  it('is unavailable where nothing listens', async () => {
    const refusal = await refusalOf(open({ apiHost: 'http://127.0.0.1:1' }).challenge(anna, asking()));
    assert.deepEqual(refusal, {
      reason: 'factor-unavailable',
      detail: { factor: 'duo', cause: 'the connection failed (ECONNREFUSED)' },
    });
  });

  it('takes a return once, and asks for nothing where the state is wrong', async () => {
    const { verify, back } = await goRound();
    assert.deepEqual(await verify(), { verdict: 'accepted' });
    const again = await refusalOf(verify());
    assert.equal('reason' in again && again.reason, 'code-wrong');
    server.asked.length = 0;
    await refusalOf(verify({ ...back, state: `${back.state ?? ''}x` }));
    assert.deepEqual(server.asked, []);
  });

  it('takes the code by its other name, too, as long as there is one alone', async () => {
    const { verify, back } = await goRound();
    const { duo_code: code = '', state = '' } = back;
    assert.deepEqual(await verify({ code, state }), { verdict: 'accepted' });
  });

  it('takes no code of another sign-in, be it of somebody else or of the same person', async () => {
    for (const person of [bert, anna]) {
      const victim = await goRound();
      const other = await goRound({}, {}, person);
      const judged = await refusalOf(victim.verify({ ...victim.back, duo_code: other.back.duo_code ?? '' }));
      assert.equal('reason' in judged && judged.reason, 'code-wrong', person.objectGUID);
    }
  });

  it('judges nothing where nobody was led away', async () => {
    const { factor, asked, back } = await goRound();
    for (const state of [undefined, null, 'x', {}, { nonce: 1, at: 1 }, { nonce: 'x' }]) {
      const judged = await refusalOf(factor.verify(anna, back, { ...asked, state }));
      assert.equal('reason' in judged && judged.reason, 'challenge-lapsed');
    }
  });

  describe('asked for a new proof', () => {
    const anew = { forceAuthn: true };
    it('says so to Duo, and takes one', async () => {
      const { verify } = await goRound({}, anew);
      assert.equal(server.requests.at(-1)?.prompt, 'login');
      assert.deepEqual(await verify(), { verdict: 'accepted' });
    });
    const old: readonly (readonly [string, () => Misbehaviour])[] = [
      ['a remembered device', () => claiming({ auth_context: { factor: 'remembered_device' } })],
      ['a remembered device as the reason', () => claiming({ auth_context: { reason: 'remembered_device' } })],
      ['a proof of before', () => claiming({ auth_time: seconds() - 62 })],
      ['a proof of no time', () => claiming({ auth_time: undefined })],
    ];
    for (const [title, make] of old) {
      it(`takes no ${title}, which does otherwise`, async () => {
        server.misbehaviour = make();
        assert.deepEqual(await (await goRound()).verify(), { verdict: 'accepted' });
        const judged = await refusalOf((await goRound({}, anew)).verify());
        assert.equal('reason' in judged && judged.reason, 'factor-unavailable');
      });
    }
  });

  it('says who Duo must prove to be by TLS', async () => {
    const authority = await makeAuthority('duo');
    const secured = await openDuoServer({ tls: await authority.certify() });
    try {
      const settings = { apiHost: secured.origin, clientId: secured.clientId, clientSecretFile: '/secret', caFile: '/ca' };
      const read = (file: string): string => (file === '/ca' ? authority.pem : `${secured.clientSecret}\n`);
      const trusting = open({ ...settings, clientSecret: undefined }, read);
      assert.equal((await trusting.challenge(anna, asking())).kind, 'redirect');
      const refusal = await refusalOf(open({ ...settings, caFile: undefined }, read).challenge(anna, asking()));
      assert.match('detail' in refusal ? String(refusal.detail.cause) : '', /^the connection failed \(.*(SIGNATURE|CERT).*\)$/);
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      const lax = await refusalOf(open({ ...settings, caFile: undefined }, read).challenge(anna, asking()));
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      assert.match('detail' in lax ? String(lax.detail.cause) : '', /CERT|SIGNATURE/, 'whatever the environment says');
      const unreadable = open(settings, () => 'no certificate');
      const untrusted = await refusalOf(unreadable.challenge(anna, asking()));
      assert.match('detail' in untrusted ? String(untrusted.detail.cause) : '', /^caFile holds no certificates/);
    } finally {
      await secured.close();
    }
  });

  it('does not open without a client secret', () => {
    for (const settings of [{ clientSecret: undefined }, { clientSecret: undefined, clientSecretFile: '/empty' }])
      assert.throws(() => open(settings), /no client secret/);
  });
});
