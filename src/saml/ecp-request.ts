/** The only maker of a verified request of an enhanced client (saml-ecp-v2.0 §2.3.4, §2.3.6): message and header blocks together. */
import { Refusal } from '../refusal.ts';
import type { AuthnRequest, Verified } from './authn-request.ts';
import { type ChannelBindings, matchChannelBindings, readChannelBindings } from './channel-bindings.ts';
import { understoodOfClients } from './ecp-envelope.ts';
import { namespaces } from './names.ts';
import { requireRoot } from './read-message.ts';
import type { ServiceProvider } from './service-provider.ts';
import { readSoapEnvelope } from './soap-envelope.ts';
import { verifyProven, type Addressed } from './verify-authn-request.ts';
import { verifyMessage, type VerificationContext } from './verify-message.ts';
import type { XmlElement } from './xml.ts';

export interface EcpRequest<SP extends ServiceProvider> {
  readonly request: Verified<AuthnRequest<SP>>;
  /** What service provider and client agree about; empty where neither said anything. */
  readonly channelBindings: readonly ChannelBindings[];
}

const extensionsOf = (root: XmlElement): readonly XmlElement[] =>
  root.children
    .filter(({ localName, namespace }) => localName === 'Extensions' && namespace === namespaces.protocol)
    .flatMap(({ children }) => children);

/**
 * saml-ecp-v2.0 §2.3.6.2: once either side speaks of channel bindings, both must, the service provider in a request that is
 * signed, and one must be the same.
 * @throws Refusal channel-bindings-unverified
 */
const verifyChannelBindings = (
  requested: readonly ChannelBindings[],
  sent: readonly ChannelBindings[],
  signed: boolean,
): readonly ChannelBindings[] => {
  if (requested.length === 0 && sent.length === 0) return [];
  const matched = matchChannelBindings(requested, sent);
  if (!signed || matched.length === 0) {
    const types = (list: readonly ChannelBindings[]): string => list.map(({ type }) => type?.slice(0, 64) ?? '-').join(' ');
    throw new Refusal('channel-bindings-unverified', { signed, requested: types(requested), sent: types(sent) });
  }
  return matched;
};

/**
 * Verifies the envelope as it came. `addressed` is told where an answer may go, and whether the request is signed, as soon as that
 * is certain.
 * @throws Refusal those of SOAP, and those of `verifyAuthnRequest`; channel-bindings-unverified
 */
export const verifyEcpRequest = async <SP extends ServiceProvider>(
  envelope: Buffer,
  context: VerificationContext<SP>,
  addressed: (to: Parameters<Addressed<SP>>[0], signed: boolean) => void,
): Promise<EcpRequest<SP>> => {
  const { header, message } = readSoapEnvelope(envelope, understoodOfClients);
  const proven = await verifyMessage(
    { binding: 'SOAP', xml: message },
    requireRoot('AuthnRequest', 'request-not-authn-request'),
    context,
  );
  const { root, signed } = proven;
  const request = verifyProven(
    proven,
    context,
    (to) => {
      addressed(to, signed);
    },
    'enhanced client',
  );
  const channelBindings = verifyChannelBindings(readChannelBindings(extensionsOf(root)), readChannelBindings(header), signed);
  return { request, channelBindings };
};
