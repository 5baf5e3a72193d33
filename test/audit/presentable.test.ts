/** What is written down is bounded and bears neither secrets nor characters that act, whatever it was. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { presentable, presentableText } from '../../src/audit/presentable.ts';

const secret = 'correct horse battery staple';

describe('a presentable value', () => {
  const names = [
    'password',
    'Password',
    'newPassword',
    'passwd',
    'passphrase',
    'SAMLRequest',
    'samlResponse',
    'saml_response',
    'assertion',
    'cookie',
    'Set-Cookie',
    'authorization',
    'Proxy-Authorization',
    'accessToken',
    'clientSecret',
    'privateKey',
    'private_key',
    'credentials',
    'RelayState',
    'SAMLart',
    'unicodePwd',
    'passcode',
    'otp',
    'apiKey',
  ];
  for (const name of names) {
    it(`hides what is called ${name}, at any depth and of any type`, () => {
      for (const value of [secret, [secret], { inner: secret }, Buffer.from(secret), 123456]) {
        const shown = JSON.stringify(presentable({ [name]: value, deep: [{ [name]: value }] }));
        assert.equal(shown, JSON.stringify({ [name]: '[redacted]', deep: [{ [name]: '[redacted]' }] }));
      }
    });
  }
  for (const name of ['assertionConsumerService', 'request', 'response', 'name', 'pass', 'reason', 'code', 'key', 'pwdLastSet']) {
    it(`shows what is called ${name}`, () => assert.deepEqual(presentable({ [name]: 'x' }), { [name]: 'x' }));
  }
  it('shows whether there is a secret', () => {
    assert.deepEqual(presentable({ passwordExpired: true }), { passwordExpired: true });
  });

  const texts: readonly [string, string, string][] = [
    ['a query', '/saml/sso?SAMLRequest=fZJ%2B&RelayState=ab', '/saml/sso?SAMLRequest=[redacted]&RelayState=[redacted]'],
    ['a form', 'name=alice&password=hunter2', 'name=alice&password=[redacted]'],
    ['a header', 'Cookie: __Host-session=abc; x=y', 'Cookie: [redacted]'],
    ['JSON', '{"password":"hunter2","a":1}', '{"password":"[redacted]","a":1}'],
    ['JSON within JSON', '{"body":"{\\"newPassword\\":\\"hunter2\\"}"}', '{"body":"{\\"newPassword\\":\\"[redacted]\\"}"}'],
    ['a line of LDIF', 'unicodePwd:: IgBoAHUAbgB0AGUAcgAyACIA', 'unicodePwd:: [redacted]'],
    ['a setting', 'client_secret=hunter2&access_token=hunter3', 'client_secret=[redacted]&access_token=[redacted]'],
    ['a URL', 'postgres://ada:hunter2@db.example.com/x failed', 'postgres://ada:[redacted]@db.example.com/x failed'],
    ['a URL with odd characters', 'ldaps://cn=x:hun:t@er2@dc', 'ldaps://cn=x:[redacted]@dc'],
    ['an address with a port', 'ldaps://dc1:636/ou=a@b', 'ldaps://dc1:636/ou=a@b'],
    ['a ticket', 'Negotiate YIIGhgYGKwYBBQUCoIIGejCCBnag', 'Negotiate [redacted]'],
    ['words about a scheme', 'Negotiate authentication failed', 'Negotiate authentication failed'],
    [
      'a private key',
      '-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----',
      '-----BEGIN EC PRIVATE KEY-----[redacted]-----END EC PRIVATE KEY-----',
    ],
    ['an assertion', 'x <saml:Assertion ID="_1"><saml:Subject>', 'x [redacted]'],
    ['an encoded message', 'PHNhbWxwOlJlc3BvbnNlIHhtbG5z+/=', '[redacted]'],
    ['a forged line', 'alice\n{"level":"info","event":"signin.issued"}', 'alice\\u{a}{"level":"info","event":"signin.issued"}'],
    ['a terminal sequence', '\u001b[2J\u009b31mred', '\\u{1b}[2J\\u{9b}31mred'],
    ['text in disguise', 'a\u202Ecod.exe\u200B\u2028', 'a\\u{202e}cod.exe\\u{200b}\\u{2028}'],
    ['a lone surrogate', 'a\uD800b', 'a\uFFFDb'],
    ['names of people', 'Ægir Ångström 王小明 😀', 'Ægir Ångström 王小明 😀'],
  ];
  for (const [name, text, shown] of texts) it(`makes ${name} harmless`, () => assert.equal(presentableText(text), shown));

  it('tells a fault with its code, origin and causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const shown = presentable({ error: new TypeError('no directory', { cause }) }) as {
      error: { name: string; message: string; stack: string[]; cause: { code: string; message: string } };
    };
    assert.equal(shown.error.name, 'TypeError');
    assert.equal(shown.error.message, 'no directory');
    assert.equal(shown.error.cause.code, 'ECONNREFUSED');
    assert.match(shown.error.stack[0] ?? '', /^at .*presentable\.test\.ts/);
  });

  const odd: readonly [string, unknown, unknown][] = [
    ['nothing', undefined, undefined],
    ['null', null, null],
    ['NaN', Number.NaN, 'NaN'],
    ['a bigint', 10n, '10'],
    ['bytes', new Uint8Array(3), '[3 bytes]'],
    ['an instant', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['no instant', new Date(Number.NaN), 'no date'],
    ['a function', () => 1, undefined],
    ['a list', [1, undefined, 'x'], [1, null, 'x']],
    ['a long list', Array.from({ length: 40 }, () => 0), [...Array.from({ length: 32 }, () => 0), '… 8 more']],
    ['a deep nest', [[[[[[1]]]]]], [[[['[…]']]]]],
  ];
  for (const [name, value, shown] of odd) it(`shows ${name}`, () => assert.deepEqual(presentable(value), shown));

  it('comes to an end where a value holds itself', () => {
    const round: { round?: unknown } = {};
    round.round = round;
    assert.equal(JSON.stringify(presentable(round)), '{"round":{"round":{"round":{"round":"[…]"}}}}');
  });

  it('is one line of printable text, and short, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.string({ unit: 'grapheme' })), (text) => {
        const shown = presentableText(text);
        assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        assert.ok(shown.length <= 513 * 8);
      }),
    );
  });

  it('can be written as JSON, whatever the value', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withTypedArray: true }), (value) => {
        const shown = JSON.stringify(presentable({ value }));
        assert.equal(typeof shown, 'string');
      }),
    );
  });
});
