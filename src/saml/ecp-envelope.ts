/** What an enhanced client gets (saml-ecp-v2.0 §2.3.6): a Response in a SOAP envelope, and header blocks that tell it what to do. */
import { type ChannelBindings, writeChannelBindings } from './channel-bindings.ts';
import { escapeAttribute } from './escape.ts';
import { namespaces } from './names.ts';
import { writeGeneratedKey } from './samlec-key.ts';
import { actorNext, writeSoapEnvelope } from './soap-envelope.ts';

/** Header blocks that a client may send to us, as `namespace localName`; what the service provider sent it has removed (§2.3.4). */
export const understoodOfClients: ReadonlySet<string> = new Set([
  `${namespaces.channelBinding} ChannelBindings`,
  // The acceptor's list of encryption types is between it and the client: the key is of use with each.
  `${namespaces.samlec} SessionKey`,
]);

export interface EcpAnswer {
  /** The Response, an XML document. */
  readonly response: string;
  /** Where the client is to bring it, so that it can tell a service provider that lies about that. */
  readonly assertionConsumerServiceURL: string;
  /** Whether the service provider proved that the request is its own. */
  readonly requestAuthenticated: boolean;
  /** Those that were verified; empty where there were none to verify. */
  readonly channelBindings: readonly ChannelBindings[];
  readonly generatedKey: string | undefined;
}

const forNext = ` soap:actor="${actorNext}"`;
const forNextToUnderstand = `${forNext} soap:mustUnderstand="1"`;

export const writeEcpEnvelope = (answer: EcpAnswer): string => {
  const { response, assertionConsumerServiceURL, requestAuthenticated, channelBindings, generatedKey } = answer;
  const url = escapeAttribute(assertionConsumerServiceURL, 'AssertionConsumerServiceURL');
  const header =
    `<ecp:Response xmlns:ecp="${namespaces.ecp}" AssertionConsumerServiceURL="${url}"${forNextToUnderstand}></ecp:Response>` +
    (requestAuthenticated
      ? `<ecp:RequestAuthenticated xmlns:ecp="${namespaces.ecp}"${forNext}></ecp:RequestAuthenticated>`
      : '') +
    channelBindings.map((bindings) => writeChannelBindings(bindings, forNextToUnderstand)).join('') +
    (generatedKey === undefined ? '' : writeGeneratedKey(generatedKey, forNext));
  return writeSoapEnvelope(response, header);
};

/**
 * The saml:Advice (saml-core §2.6.1) that tells the service provider the same, in exclusive canonical form for the inside of an
 * assertion; empty where there is nothing to tell.
 */
export const writeEcpAdvice = (told: Pick<EcpAnswer, 'channelBindings' | 'generatedKey'>): string => {
  const { channelBindings, generatedKey } = told;
  const content =
    channelBindings.map((bindings) => writeChannelBindings(bindings)).join('') +
    (generatedKey === undefined ? '' : writeGeneratedKey(generatedKey));
  return content === '' ? '' : `<saml:Advice>${content}</saml:Advice>`;
};
