/** Comparisons of authentication contexts (saml-core §3.3.2.2.1), by a password over TLS, and by several factors. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AuthenticatorName, Evidence } from '../../src/authenticators/authenticator.ts';
import { Refusal } from '../../src/refusal.ts';
import type { RequestedAuthnContext } from '../../src/saml/authn-request.ts';
import { chooseAuthnContexts, contextOf, needsOf } from '../../src/signin/authn-context.ts';
import { both, fills, type AnyOf, type Requirement } from '../../src/signin/requirement.ts';

const prefix = 'urn:oasis:names:tc:SAML:2.0:ac:classes:';
const classOf = (name: string): string => prefix + name;
const [none, password, tls, x509] = ['unspecified', 'Password', 'PasswordProtectedTransport', 'X509'].map(classOf) as [
  string,
  string,
  string,
  string,
];

const evidenceOf = (authenticator: AuthenticatorName): Evidence => ({
  authenticator,
  objectGUID: 'a',
  at: 0,
  endsAt: 1,
  signIn: 'one',
});

const answer = (
  comparison: RequestedAuthnContext['comparison'],
  refs: readonly string[],
  declarations: readonly string[] = [],
) => {
  try {
    const requested = { comparison, authnContextClassRefs: refs, authnContextDeclRefs: declarations };
    return contextOf(chooseAuthnContexts(requested, ['password']), [evidenceOf('password')]);
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
};

describe('the authentication context', () => {
  it('is the strongest where none is asked for', () =>
    assert.equal(contextOf(chooseAuthnContexts(undefined, ['password']), [evidenceOf('password')]), tls));

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

const refeds = (name: string): string => `https://refeds.org/profile/${name}`;
const microsoft = 'http://schemas.microsoft.com/claims/multipleauthn';
const [mfa, sfa, token, kerberos] = [refeds('mfa'), refeds('sfa'), classOf('TimeSyncToken'), classOf('Kerberos')];
const enabled: readonly AuthenticatorName[] = ['password', 'kerberos', 'totp', 'webauthn', 'passkey', 'recovery-code'];

describe('the context of several factors', () => {
  const stated = (
    comparison: RequestedAuthnContext['comparison'] | undefined,
    refs: readonly string[],
    by: readonly AuthenticatorName[],
  ) => {
    const requested = comparison && { comparison, authnContextClassRefs: refs, authnContextDeclRefs: [] };
    return contextOf(chooseAuthnContexts(requested, enabled), by.map(evidenceOf));
  };
  for (const [comparison, refs, by, expected] of [
    [undefined, [], ['password', 'totp'], tls],
    [undefined, [], ['totp', 'password'], token],
    [undefined, [], ['passkey'], none],
    [undefined, [], ['recovery-code'], none],
    ['exact', [mfa], ['password', 'totp'], mfa],
    ['exact', [mfa], ['password', 'recovery-code'], mfa],
    ['exact', [microsoft], ['kerberos', 'webauthn'], microsoft],
    ['exact', [mfa, tls], ['password'], tls],
    ['exact', [mfa, tls], ['password', 'totp'], mfa],
    ['exact', [mfa], ['passkey', 'passkey'], mfa],
    ['exact', [sfa], ['password', 'totp'], sfa],
    ['exact', [tls, kerberos], ['kerberos'], kerberos],
    ['minimum', [tls], ['password'], tls],
    ['minimum', [tls], ['password', 'totp'], token],
    ['minimum', [mfa], ['password', 'webauthn'], mfa],
    ['better', [tls], ['password', 'totp'], token],
    ['maximum', [tls], ['password', 'totp'], tls],
  ] as const) {
    const named = refs.map((ref) => ref.replace(prefix, ''));
    it(`${comparison ?? 'not asked for'} ${named.join(', ')} by ${by.join(' and ')}: ${expected.replace(prefix, '')}`, () =>
      assert.equal(stated(comparison, refs, by), expected));
  }

  const names = fc.constantFrom(...enabled);
  const requirement = fc
    .array(fc.uniqueArray(names, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((sets) => sets as unknown as Requirement);
  const requested: fc.Arbitrary<RequestedAuthnContext> = fc.record({
    comparison: fc.constantFrom('exact', 'minimum', 'maximum', 'better'),
    authnContextClassRefs: fc.uniqueArray(fc.constantFrom(none, password, tls, x509, kerberos, token, mfa, sfa, microsoft), {
      minLength: 1,
      maxLength: 3,
    }),
    authnContextDeclRefs: fc.constant([]),
  });

  it('can always be stated once what it needs and what the policy requires is proven; and is true', () => {
    fc.assert(
      fc.property(requirement, requested, fc.infiniteStream(fc.nat()), (required, asked, picks) => {
        let contexts;
        try {
          contexts = chooseAuthnContexts(asked, enabled);
        } catch (error) {
          assert.ok(error instanceof Refusal);
          return;
        }
        const sets: readonly AnyOf[] = both(required, needsOf(contexts, enabled));
        const evidence = sets.map((set) => evidenceOf(set[picks.next().value % set.length] ?? set[0]));
        assert.ok(fills(required, evidence), 'no less than the policy requires');
        const context = contextOf(contexts, evidence);
        assert.ok(contexts?.includes(context));
        const by = new Set(evidence.map(({ authenticator }) => authenticator));
        if (context === kerberos) assert.ok(by.has('kerberos'));
        if (context === token) assert.ok(by.has('totp'));
        if (context === tls || context === password) assert.ok(by.has('password'));
        if (context === mfa || context === microsoft) assert.ok(by.has('passkey') || by.size > 1);
      }),
      { numRuns: 500 },
    );
  });
});
