/** Builds our own metadata (saml-metadata §2.4.3), straight in exclusive canonical form as responses are. */
import { escapeAttribute, escapeText } from './escape.ts';
import { namespaces } from './names.ts';
import type { Endpoint } from './service-provider.ts';
import { sign, type Signer } from './signer.ts';

export interface IdentityProvider {
  readonly entityID: string;
  readonly singleSignOnServices: readonly Endpoint[];
  readonly singleLogoutServices: readonly Endpoint[];
  readonly artifactResolutionServices: readonly (Endpoint & { readonly index: number })[];
  readonly nameIDFormats: readonly string[];
  /** Certificates to accept, DER in base64, the one that signs now first. */
  readonly certificates: readonly string[];
}

const keyDescriptor = (certificate: string): string =>
  `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="${namespaces.ds}"><ds:X509Data><ds:X509Certificate>${certificate}` +
  '</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>';

/** Attributes stand in the order of exclusive canonicalization. */
function endpoint(name: string, { binding, location, responseLocation }: Endpoint, index?: number): string {
  return (
    `<md:${name} Binding="${binding}" Location="${escapeAttribute(location, 'Location')}"` +
    (responseLocation === undefined ? '' : ` ResponseLocation="${escapeAttribute(responseLocation, 'ResponseLocation')}"`) +
    (index === undefined ? '' : ` index="${String(index)}"`) +
    `></md:${name}>`
  );
}

/**
 * The signed md:EntityDescriptor. `id` is an NCName, `validUntil` in milliseconds since the epoch.
 * @returns the XML document
 */
export function buildMetadata(provider: IdentityProvider, id: string, validUntil: number, signer: Signer): Promise<string> {
  const before =
    `<md:EntityDescriptor xmlns:md="${namespaces.metadata}" ID="${id}" cacheDuration="P1D"` +
    ` entityID="${escapeAttribute(provider.entityID, 'entityID')}" validUntil="${new Date(validUntil).toISOString()}">`;
  const after =
    `<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="${namespaces.protocol}">` +
    provider.certificates.map(keyDescriptor).join('') +
    provider.artifactResolutionServices.map((each) => endpoint('ArtifactResolutionService', each, each.index)).join('') +
    provider.singleLogoutServices.map((each) => endpoint('SingleLogoutService', each)).join('') +
    provider.nameIDFormats.map((format) => `<md:NameIDFormat>${escapeText(format, 'NameIDFormat')}</md:NameIDFormat>`).join('') +
    provider.singleSignOnServices.map((each) => endpoint('SingleSignOnService', each)).join('') +
    '</md:IDPSSODescriptor></md:EntityDescriptor>';
  return sign(before, after, id, signer);
}
