/** What a page may load and where its form may go is said exactly, and cannot be widened by a URL. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PageName } from '../../src/http/page-contents.ts';
import { securityHeaders } from '../../src/http/security-headers.ts';
import { specimens } from '../../src/http/specimens.ts';

const nonce = 'c29tZSByYW5kb20gYnl0ZQ==';
const of = (page: PageName, formAction: readonly string[] = [], https = true): Record<string, string> =>
  securityHeaders({ page, nonce, formAction, https });
const policyOf = (page: PageName, formAction: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(
    (of(page, formAction)['Content-Security-Policy'] ?? '').split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );
const pages = Object.keys(specimens) as PageName[];

describe('securityHeaders', () => {
  for (const page of pages) {
    it(`is strict on ${page}`, () => {
      const policy = policyOf(page);
      const scripted = ['respond', 'logout', 'saml', 'factor-webauthn', 'enrol-webauthn', 'recovery-codes'].includes(page);
      const posting = (page.startsWith('factor-') && page !== 'factor-redirect') || /^(?:enrol-|account)/.test(page);
      assert.deepEqual(policy, {
        'default-src': "'none'",
        'style-src': `'nonce-${nonce}'`,
        ...(scripted && { 'script-src': `'nonce-${nonce}'` }),
        'img-src': "'self'",
        'form-action': posting || ['password', 'logout', 'change-password'].includes(page) ? "'self'" : "'none'",
        'frame-ancestors': "'none'",
        'base-uri': "'none'",
      });
      const headers = of(page);
      assert.equal(headers['Cache-Control'], 'no-store');
      assert.equal(headers['X-Robots-Tag'], 'noindex, nofollow');
      assert.equal(headers['X-Content-Type-Options'], 'nosniff');
      assert.equal(headers['X-Frame-Options'], 'DENY');
      for (const value of Object.values(headers)) assert.match(value, /^[\x20-\x7e]+$/);
    });
  }

  const acs: readonly [title: string, location: string, expected: string][] = [
    ['a path', 'https://sp.example/acs', 'https://sp.example/acs https:'],
    [
      'a query, which no source has',
      'https://accounts.google.com/samlrp/acs?rpid=1',
      'https://accounts.google.com/samlrp/acs https:',
    ],
    ['loopback', 'http://127.0.0.1:8081/a/example.com/acs', 'http://127.0.0.1:8081/a/example.com/acs https:'],
    [
      'a semicolon',
      "https://sp.example/acs;script-src 'unsafe-inline'",
      'https://sp.example/acs%3Bscript-src%20%27unsafe-inline%27 https:',
    ],
    ['a comma', 'https://sp.example/a,b', 'https://sp.example/a%2Cb https:'],
    ['a line break', 'https://sp.example/acs\r\nSet-Cookie: a=b', 'https://sp.example/acsSet-Cookie:%20a=b https:'],
  ];
  for (const [title, location, expected] of acs) {
    it(`lets a form go to an AssertionConsumerService with ${title}`, () => {
      assert.equal(policyOf('respond', [location])['form-action'], expected);
    });
  }
  for (const location of ['javascript:alert(1)', 'data:text/html,x', '/relative', "'unsafe-inline'", '*']) {
    it(`refuses ${location} as the target of a form`, () => {
      assert.throws(() => of('respond', [location]));
    });
  }

  it('speaks of HTTPS for ever only where it is spoken', () => {
    assert.match(of('password', [], true)['Strict-Transport-Security'] ?? '', /^max-age=31536000$/);
    assert.equal('Strict-Transport-Security' in of('password', [], false), false);
  });

  it('leaves the window of a sign-in to whoever opened it', () => {
    for (const page of ['password', 'refusal', 'respond', 'change-password', 'password-expiring', 'fault'] as const) {
      assert.equal(of(page)['Cross-Origin-Opener-Policy'], 'unsafe-none');
    }
    for (const page of ['saml', 'signed-out', 'home', 'password-changed', 'change-password-elsewhere'] as const)
      assert.equal(of(page)['Cross-Origin-Opener-Policy'], 'same-origin');
  });
});
