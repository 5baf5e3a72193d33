/** What is signed is read again, and nothing else is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { signToken, verifyToken } from '../../../src/authenticators/duo/json-web-token.ts';
import { seal } from '../../fixtures/duo-server.ts';

const secret = 'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef';
const claims = { iss: 'https://api-1.duosecurity.com/oauth/v1/token', nonce: 'ü', exp: 1 };
const token = seal(claims, secret);

describe('a token between Duo and us', () => {
  it('is what anybody else makes of the same claims', () => {
    assert.equal(signToken(claims, secret), token);
    assert.deepEqual(verifyToken(token, secret), claims);
  });

  it('gives back any claims', () => {
    const values = fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 5 },
    );
    fc.assert(
      fc.property(values, (any) => {
        assert.deepEqual(verifyToken(signToken(any, secret), secret), JSON.parse(JSON.stringify(any)));
      }),
      { numRuns: 50 },
    );
  });

  it('is nothing where one character is another, more or less', () => {
    const change = fc.tuple(
      fc.nat(token.length - 1),
      fc.constantFrom('A', 'Q', 'g', 'w', '0', '-', '_', '=', '.', '+', '/', ' ', '\n'),
      fc.constantFrom(0, 1),
    );
    fc.assert(
      fc.property(change, ([at, character, length]) => {
        const changed = token.slice(0, at) + character + token.slice(at + length);
        assert.deepEqual(verifyToken(changed, secret), changed === token ? claims : undefined);
      }),
      { numRuns: 300 },
    );
    for (const at of token.split('').keys()) assert.equal(verifyToken(token.slice(0, at), secret), undefined);
  });

  it('has one text alone: the bits that base64url has to spare are none to choose', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters.indexOf(token.at(-1) ?? '');
    const same = token.slice(0, -1) + (letters[last + 1] ?? '');
    assert.deepEqual(Buffer.from(same.split('.')[2] ?? '', 'base64url'), Buffer.from(token.split('.')[2] ?? '', 'base64url'));
    assert.equal(verifyToken(same, secret), undefined);
  });

  const part = (text: string): string => Buffer.from(text).toString('base64url');
  const [, payload = '', signature = ''] = token.split('.');
  const refused: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['two parts', `${part('{"alg":"HS512"}')}.${payload}`],
    ['four parts', `${token}.x`],
    ['a header that is no JSON', `${part('x')}.${payload}.${signature}`],
    ['a list of claims', seal([1] as never, secret)],
    ['claims that are null', seal(null as never, secret)],
    ['another algorithm', seal(claims, secret, { alg: 'none' })],
    ['algorithms in a list', seal(claims, secret, { alg: ['HS512'] })],
    ['what must be understood', seal(claims, secret, { alg: 'HS512', crit: ['exp'] })],
    ['another secret', seal(claims, `${secret}x`)],
    ['too long', seal({ x: 'x'.repeat(16_384) }, secret)],
  ];
  for (const [title, text] of refused) it(`is not: ${title}`, () => assert.equal(verifyToken(text, secret), undefined));
});
