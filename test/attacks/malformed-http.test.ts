/** Requests that no browser sends: none may provoke a fault, a stranger's page, or more than one event. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openHouse, type House } from '../fixtures/house.ts';
import { rawExchange, rawRequest, statusIn } from '../fixtures/raw-exchange.ts';
import { authnRequest, redirectQuery } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** Answered by us: exactly one event with this reason. */
async function refused(bytes: Buffer, status: number, reason: string): Promise<string> {
  const before = house.events.length;
  const answer = await rawExchange(house.url, bytes);
  assert.equal(statusIn(answer), status, answer.slice(0, 500));
  assert.deepEqual(
    house.events.slice(before).map((event) => [event.event, event.reason]),
    [['signin.refused', reason]],
  );
  return answer;
}

describe('a method', () => {
  for (const method of ['OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
    for (const path of ['/', '/saml/sso', '/signin/password', '/signout', '/saml/metadata', '/nope']) {
      it(`${method} ${path} is refused on a page of ours`, async () => {
        const answer = await refused(rawRequest(`${method} ${path}`, 'X-Echo: <secret>\r\n'), 405, 'method-unknown');
        assert.match(answer, /frame-ancestors 'none'/);
        assert.doesNotMatch(answer, /secret|\r\nAllow:/);
      });
    }
  }
});

describe('a target', () => {
  const strange = [
    '//saml/sso',
    '//evil.example.net/signin',
    '/\\evil.example.net',
    '/saml//sso',
    '/saml/sso/',
    '/SAML/sso',
    '/saml/%73so',
    '/saml%2fsso',
    '/saml/./sso',
    '/saml/x/../sso',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/../../etc/passwd',
    '/branding/../../package.json',
    '/signin;id=x',
    '/.git/config',
    '//[x',
    'http://[/x',
    'http://evil.example.net/signin',
    'http://evil.example.net:99999/saml/metadata',
  ];
  for (const target of strange) {
    it(`${target} is no page`, async () => {
      const answer = await refused(rawRequest(`GET ${target}`), 404, 'page-unknown');
      assert.doesNotMatch(answer, /\r\nLocation:/i);
      assert.match(answer, /form-action 'none'/);
    });
  }
  it('that cannot be decoded is refused', async () => {
    await refused(rawRequest('POST /signin/%ff'), 400, 'form-malformed');
  });
});

describe('a body', () => {
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
  const sized = (body: string | Buffer, headers = form): Buffer =>
    rawRequest('POST /saml/sso', `${headers}Content-Length: ${String(Buffer.byteLength(body))}\r\n`, body);
  const rows: readonly (readonly [string, Buffer, number, string])[] = [
    ['of nothing', sized(''), 400, 'request-missing'],
    ['without a type', sized('SAMLRequest=x', ''), 400, 'form-malformed'],
    ['of a type of control characters', sized('SAMLRequest=x', 'Content-Type: \u0080\u0081\r\n'), 400, 'form-malformed'],
    ['of several parts', sized('--x--', 'Content-Type: multipart/form-data; boundary=x\r\n'), 400, 'form-malformed'],
    ['of JSON', sized('{"__proto__":{"x":1}}', 'Content-Type: application/json\r\n'), 400, 'form-malformed'],
    ['compressed', sized(gzipSync('SAMLRequest=x'), `${form}Content-Encoding: gzip\r\n`), 400, 'form-malformed'],
    ['compressed by nothing known', sized('x', `${form}Content-Encoding: <script>\r\n`), 400, 'form-malformed'],
    ['in UTF-16', sized('S\0A\0', form.replace('\r\n', '; charset=utf-16\r\n')), 400, 'request-parameter-malformed'],
    ['too large', sized('x'.repeat(400_000)), 413, 'request-too-large'],
    ['with NUL', sized('SAMLRequest=\0'), 400, 'request-parameter-malformed'],
    ['with a line break', sized('SAMLRequest=\r\nx'), 400, 'request-parameter-malformed'],
    ['with __proto__', sized('__proto__=x&constructor=y&SAMLRequest='), 400, 'request-missing'],
    ['of a thousand parameters', sized('a=b&'.repeat(1_000)), 413, 'request-too-large'],
    [
      'in chunks',
      rawRequest('POST /saml/sso', `${form}Transfer-Encoding: chunked\r\n`, '3\r\nabc\r\n0\r\n\r\n'),
      400,
      'request-missing',
    ],
    [
      'that is waited for',
      rawRequest('POST /saml/sso', `${form}Expect: 100-continue\r\nContent-Length: 3\r\n`, 'a=b'),
      400,
      'request-missing',
    ],
  ];
  for (const [what, bytes, status, reason] of rows) {
    it(`${what} is refused`, async () => {
      await refused(bytes, status, reason);
    });
  }

  const smuggled = '0\r\n\r\nGET /signout HTTP/1.1\r\nHost: x\r\n\r\n';
  const ambiguous: readonly (readonly [string, string])[] = [
    ['a length and chunks', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['a negative length', 'Content-Length: -1\r\n'],
    ['a length in other digits', 'Content-Length: 0x5\r\n'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n'],
    ['chunks that are not last', 'Transfer-Encoding: chunked, identity\r\n'],
    ['a coding behind a blank', 'Transfer-Encoding : chunked\r\n'],
    ['a folded coding', 'Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n'],
  ];
  for (const [what, headers] of ambiguous) {
    it(`with ${what} smuggles nothing: one answer, and the connection ends`, async () => {
      const bytes = Buffer.from(`POST /saml/sso HTTP/1.1\r\nHost: x\r\n${form}${headers}\r\n${smuggled}`);
      const answer = await rawExchange(house.url, bytes);
      assert.equal(statusIn(answer), 400);
      assert.equal(answer.split('HTTP/1.1 ').length, 2);
      assert.doesNotMatch(answer, /Set-Cookie/);
    });
  }
});

describe('headers', () => {
  const rows: readonly (readonly [string, string, number])[] = [
    ['too large', `X: ${'x'.repeat(300_000)}\r\n`, 431],
    ['of every language', `Accept-Language: ${'de;q=0.9,'.repeat(5_000)}__proto__\r\n`, 200],
    ['of a thousand cookies', `Cookie: ${'a=b; '.repeat(1_000)}__Host-passerelle=${'A'.repeat(43)}\r\n`, 200],
    ['that forward from everywhere', `X-Forwarded-For: ${'evil, '.repeat(1_000)}\r\n`, 200],
    ['that upgrade', 'Upgrade: h2c\r\nHTTP2-Settings: AAAA\r\n', 200],
    [
      'that name other hosts',
      'X-Forwarded-Host: evil.example.net\r\nForwarded: host=evil.example.net\r\nX-Original-URL: /x\r\n',
      200,
    ],
  ];
  for (const [what, headers, status] of rows) {
    it(`${what} do no harm`, async () => {
      const before = house.events.length;
      const answer = await rawExchange(house.url, rawRequest('GET /saml', headers));
      assert.equal(statusIn(answer), status);
      assert.doesNotMatch(answer, /evil/);
      assert.equal(house.events.length, before);
    });
  }

  it('named Host lead nowhere: what is published and where people are sent comes from the configuration', async () => {
    for (const path of ['/saml', '/saml/metadata', `/saml/sso?${redirectQuery(authnRequest())}`, '/signout', '/']) {
      const answer = await rawExchange(
        house.url,
        `GET ${path} HTTP/1.1\r\nHost: evil.example.net\r\nX-Forwarded-Proto: ftp\r\nConnection: close\r\n\r\n`,
      );
      assert.ok([200, 303].includes(statusIn(answer) ?? 0));
      assert.doesNotMatch(answer, /evil|ftp/);
    }
  });
});
