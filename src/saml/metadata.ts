/** Builds our own metadata (saml-metadata §2.4.3), straight in exclusive canonical form as responses are. */
import { escapeAttribute, escapeText } from './escape.ts';
import { bindings, nameIDFormats, namespaces } from './names.ts';
import { sign, type Signer } from './signer.ts';

export interface IdentityProvider {
  readonly entityID: string;
  /** URL of the SingleSignOnService, the same for both bindings. */
  readonly singleSignOnService: string;
  /** Certificates to accept, DER in base64, the one that signs now first. */
  readonly certificates: readonly string[];
}

const keyDescriptor = (certificate: string): string =>
  `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="${namespaces.ds}"><ds:X509Data><ds:X509Certificate>${certificate}` +
  '</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>';

/**
 * The signed md:EntityDescriptor. `id` is an NCName, `validUntil` in milliseconds since the epoch.
 * @returns the XML document
 */
export function buildMetadata(provider: IdentityProvider, id: string, validUntil: number, signer: Signer): Promise<string> {
  const location = escapeAttribute(provider.singleSignOnService, 'Location');
  const before =
    `<md:EntityDescriptor xmlns:md="${namespaces.metadata}" ID="${id}" cacheDuration="P1D"` +
    ` entityID="${escapeAttribute(provider.entityID, 'entityID')}" validUntil="${new Date(validUntil).toISOString()}">`;
  const after =
    `<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="${namespaces.protocol}">` +
    `${provider.certificates.map(keyDescriptor).join('')}<md:NameIDFormat>${escapeText(nameIDFormats.emailAddress, 'NameIDFormat')}</md:NameIDFormat>` +
    `<md:SingleSignOnService Binding="${bindings.httpRedirect}" Location="${location}"></md:SingleSignOnService>` +
    `<md:SingleSignOnService Binding="${bindings.httpPost}" Location="${location}"></md:SingleSignOnService>` +
    '</md:IDPSSODescriptor></md:EntityDescriptor>';
  return sign(before, after, id, signer);
}
