/** Which refusals of a request may be answered to the service provider, where, and to which ID. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal, type Reason } from '../../src/refusal.ts';
import type { ReturnAddress } from '../../src/saml/authn-request.ts';
import { bindings } from '../../src/saml/names.ts';
import { parseParameters } from '../../src/saml/parameters.ts';
import type { AssertionConsumerService, ServiceProvider } from '../../src/saml/service-provider.ts';
import { verifyAuthnRequest } from '../../src/saml/verify-authn-request.ts';
import {
  acs,
  authnRequest,
  destination,
  now,
  otherRsa,
  post,
  redirect,
  serviceProvider,
  sign,
  signing,
  signQuery,
  rsa,
  type RequestParts,
} from './requests.ts';

const id = '_0123456789abcdef0123456789abcdef';

const addressOf = async (
  text: string,
  serviceProviders: readonly ServiceProvider[],
  binding: 'HTTP-POST' | 'HTTP-Redirect',
): Promise<{ readonly reason: Reason | 'accepted'; readonly to: ReturnAddress | undefined }> => {
  let to: ReturnAddress | undefined;
  try {
    await verifyAuthnRequest(
      { binding, parameters: parseParameters(text) },
      {
        serviceProviders: (asked) => serviceProviders.filter(({ entityID }) => entityID === asked),
        destination,
        now,
        clockSkew: 180_000,
        maxAge: 600_000,
      },
      (known) => {
        to = known;
      },
    );
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.reason, to };
    throw error;
  }
  return { reason: 'accepted', to };
};

const attributes = (given: Readonly<Record<string, string | undefined>>): RequestParts => ({ attributes: given });
const service = (index: number, location: string, binding: string, isDefault = false): AssertionConsumerService => ({
  index,
  binding,
  location,
  isDefault,
});
const paosAcs = 'https://sp.example.com/paos';
const several: ServiceProvider = {
  ...serviceProvider,
  assertionConsumerServices: [
    service(0, paosAcs, bindings.paos),
    service(1, 'https://sp.example.com/other', bindings.httpPost),
    service(2, acs, bindings.httpPost, true),
  ],
};
const twin: ServiceProvider = {
  ...serviceProvider,
  assertionConsumerServices: [service(5, 'https://twin.example.com/acs', bindings.httpPost, true)],
};

type Case = readonly [
  what: string,
  text: string,
  reason: Reason | 'accepted',
  to: readonly [location: string, id: string | undefined] | undefined,
  serviceProviders?: readonly ServiceProvider[],
];

const spoilt: readonly (readonly [string, RequestParts, Reason, (string | undefined)?])[] = [
  ['Version 1.1', attributes({ Version: '1.1' }), 'request-version'],
  ['no Version', attributes({ Version: undefined }), 'request-invalid'],
  ['another Destination', attributes({ Destination: 'https://elsewhere.example/' }), 'request-wrong-destination'],
  ['a stale request', attributes({ IssueInstant: '2026-01-01T00:00:00Z' }), 'request-stale'],
  ['a request from the future', attributes({ IssueInstant: '2027-01-01T00:00:00Z' }), 'request-from-future'],
  ['no IssueInstant', attributes({ IssueInstant: undefined }), 'request-invalid'],
  ['a ForceAuthn that is no boolean', attributes({ ForceAuthn: 'perhaps' }), 'request-invalid'],
  ['an element that the schema does not know', { content: '<samlp:Unknown/>' }, 'request-invalid'],
];

const cases: readonly Case[] = [
  ['a sound request', post(authnRequest()), 'accepted', [acs, id]],
  ...spoilt.map(([what, parts, reason]): Case => [what, post(authnRequest(parts)), reason, [acs, id]]),
  ...spoilt.map(([what, parts, reason]): Case => [
    `${what}, signed`,
    post(sign(authnRequest(parts))),
    reason,
    [acs, id],
    [signing],
  ]),
  // saml-core §3.2.2: what is no ID is not repeated.
  ['no ID', post(authnRequest(attributes({ ID: undefined }))), 'request-invalid', [acs, undefined]],
  ['an ID that is no NCName', post(authnRequest(attributes({ ID: '1 &quot;&lt;' }))), 'request-invalid', [acs, undefined]],
  ['an endless ID', post(authnRequest(attributes({ ID: '_'.repeat(2000) }))), 'request-invalid', [acs, undefined]],
  [
    'an ACS that is not registered',
    post(authnRequest(attributes({ AssertionConsumerServiceURL: `${acs}/` }))),
    'acs-not-registered',
    undefined,
  ],
  [
    'an index that is not registered',
    post(authnRequest(attributes({ AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: '9' }))),
    'acs-not-registered',
    undefined,
  ],
  [
    'an index that is none',
    post(authnRequest(attributes({ AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: 'x' }))),
    'request-invalid',
    undefined,
  ],
  [
    'an index beside a registered URL',
    post(authnRequest(attributes({ AssertionConsumerServiceIndex: '1' }))),
    'request-invalid',
    [acs, id],
    [several],
  ],
  [
    'an index beside a URL that is not registered',
    post(authnRequest(attributes({ AssertionConsumerServiceURL: 'https://evil.example/', AssertionConsumerServiceIndex: '1' }))),
    'request-invalid',
    undefined,
    [several],
  ],
  [
    'SimpleSign for the Response',
    post(authnRequest(attributes({ ProtocolBinding: bindings.httpPostSimpleSign }))),
    'binding-unsupported',
    [acs, id],
  ],
  [
    'a URL that is registered by a binding of others',
    post(authnRequest(attributes({ AssertionConsumerServiceURL: paosAcs }))),
    'binding-unsupported',
    [acs, id],
    [several],
  ],
  [
    'an index that is registered by a binding of others',
    post(authnRequest(attributes({ AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: '0' }))),
    'binding-unsupported',
    [acs, id],
    [several],
  ],
  [
    'a foreign binding, and two who could be meant',
    post(authnRequest(attributes({ AssertionConsumerServiceURL: undefined, ProtocolBinding: bindings.paos }))),
    'binding-unsupported',
    undefined,
    [serviceProvider, twin],
  ],
  // Nobody makes us speak to a service provider in its place.
  ['an unsigned request of one who signs', post(authnRequest()), 'signature-missing', undefined, [signing]],
  ['a spoilt one of it', post(authnRequest(attributes({ Version: '1.1' }))), 'signature-missing', undefined, [signing]],
  [
    'a foreign binding in an unsigned request of one who signs',
    post(authnRequest(attributes({ ProtocolBinding: bindings.paos }))),
    'binding-unsupported',
    undefined,
    [signing],
  ],
  [
    'a signature by a key of nobody',
    post(sign(authnRequest(), { key: otherRsa.privateKey })),
    'signature-invalid',
    undefined,
    [{ ...signing, signingKeys: [rsa.publicKey], authnRequestsSigned: false }],
  ],
  [
    'a changed request, signed before',
    post(sign(authnRequest()).replace('Version="2.0"', 'Version="1.1"')),
    'signature-invalid',
    undefined,
    [signing],
  ],
  ['an unknown service provider', post(authnRequest()), 'service-provider-unknown', undefined, []],
  ['no Issuer', post(authnRequest({ issuer: '' })), 'request-invalid', undefined],
  ['another message', post(authnRequest({ root: 'samlp:LogoutRequest' })), 'request-not-authn-request', undefined],
];

describe('the return address of a request', () => {
  for (const [what, text, reason, to, serviceProviders = [serviceProvider]] of cases) {
    it(`${to === undefined ? 'is nowhere' : 'is known'} for ${what}`, async () => {
      const found = await addressOf(text, serviceProviders, 'HTTP-POST');
      assert.equal(found.reason, reason);
      assert.deepEqual(found.to && [found.to.assertionConsumerService.location, found.to.id], to);
    });
  }

  it('keeps the RelayState, and is as certain by a detached signature', async () => {
    const xml = authnRequest(attributes({ Destination: undefined }));
    const found = await addressOf(signQuery(redirect(xml, 'state & <more>')), [signing], 'HTTP-Redirect');
    assert.equal(found.reason, 'request-wrong-destination');
    assert.deepEqual([found.to?.relayState, found.to?.id], ['state & <more>', id]);
  });
});
