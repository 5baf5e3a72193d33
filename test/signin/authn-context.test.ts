/** Comparisons of authentication contexts (saml-core §3.3.2.2.1), by a password over TLS. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '../../src/refusal.ts';
import type { RequestedAuthnContext } from '../../src/saml/authn-request.ts';
import { chooseAuthnContexts } from '../../src/signin/authn-context.ts';

const prefix = 'urn:oasis:names:tc:SAML:2.0:ac:classes:';
const classOf = (name: string): string => prefix + name;
const [none, password, tls, x509] = ['unspecified', 'Password', 'PasswordProtectedTransport', 'X509'].map(classOf) as [
  string,
  string,
  string,
  string,
];

const answer = (
  comparison: RequestedAuthnContext['comparison'],
  refs: readonly string[],
  declarations: readonly string[] = [],
) => {
  try {
    return chooseAuthnContexts({ comparison, authnContextClassRefs: refs, authnContextDeclRefs: declarations }, ['password']).get(
      'password',
    );
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
};

describe('the authentication context', () => {
  it('is the strongest where none is asked for', () =>
    assert.equal(chooseAuthnContexts(undefined, ['password']).get('password'), tls));

  for (const [comparison, refs, expected] of [
    ['exact', [tls], tls],
    ['exact', [password], password],
    ['exact', [none], none],
    ['exact', [x509, password, tls], password],
    ['exact', [x509], 'authn-context-unmet'],
    ['exact', [tls.toUpperCase()], 'authn-context-unmet'],
    ['minimum', [none], tls],
    ['minimum', [tls], tls],
    ['minimum', [x509, password], tls],
    ['minimum', [x509], 'authn-context-unmet'],
    ['maximum', [tls], tls],
    ['maximum', [password], password],
    ['maximum', [none, password], password],
    ['maximum', [x509], 'authn-context-unmet'],
    ['better', [none], tls],
    ['better', [none, password], tls],
    ['better', [tls], 'authn-context-unmet'],
    ['better', [none, x509], 'authn-context-unmet'],
    ['better', [x509], 'authn-context-unmet'],
  ] as const) {
    it(`${comparison} ${refs.map((ref) => ref.slice(prefix.length)).join(', ')}: ${expected.replace(prefix, '')}`, () =>
      assert.equal(answer(comparison, refs), expected));
  }

  for (const comparison of ['exact', 'minimum', 'maximum', 'better'] as const) {
    it(`is unmet for any declaration, ${comparison}`, () =>
      assert.equal(answer(comparison, [], ['urn:x']), 'authn-context-unmet'));
  }
});
