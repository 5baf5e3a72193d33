/** Builds our own metadata (saml-metadata §2.4.3), straight in exclusive canonical form as responses are. */
import type { Capabilities } from './capabilities.ts';
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
  /** Certificates of keys that others may encrypt to. */
  readonly encryptionCertificates?: readonly string[];
  /** What we verify and open; nothing is said of it where left out. */
  readonly capabilities?: Capabilities;
}

const keyDescriptor = (use: 'signing' | 'encryption', certificate: string, methods = ''): string =>
  `<md:KeyDescriptor use="${use}"><ds:KeyInfo xmlns:ds="${namespaces.ds}"><ds:X509Data><ds:X509Certificate>${certificate}` +
  `</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${methods}</md:KeyDescriptor>`;

const declared = (prefix: string, namespace: string, name: string, algorithm: string): string =>
  `<${prefix}:${name} xmlns:${prefix}="${namespace}" Algorithm="${algorithm}"></${prefix}:${name}>`;

function encryptionMethod({ algorithm, digest, mgf }: Capabilities['encryptions'][number]): string {
  const digestMethod = digest === undefined ? '' : declared('ds', namespaces.ds, 'DigestMethod', digest);
  const mask = mgf === undefined ? '' : declared('xenc11', namespaces.xenc11, 'MGF', mgf);
  return `<md:EncryptionMethod Algorithm="${algorithm}">${digestMethod}${mask}</md:EncryptionMethod>`;
}

/** saml-metadata-algsupport §2.3 and §2.4 */
function extensions({ digests, signings }: Capabilities): string {
  const methods = [
    ...digests.map((algorithm) => declared('alg', namespaces.alg, 'DigestMethod', algorithm)),
    ...signings.map(
      ({ algorithm, minKeySize }) =>
        `<alg:SigningMethod xmlns:alg="${namespaces.alg}" Algorithm="${algorithm}" MinKeySize="${String(minKeySize)}"></alg:SigningMethod>`,
    ),
  ];
  return methods.length === 0 ? '' : `<md:Extensions>${methods.join('')}</md:Extensions>`;
}

/** Attributes stand in the order of exclusive canonicalization. */
function endpoint(name: string, each: Endpoint, index?: number): string {
  const { binding, location, responseLocation, supportsChannelBindings = false } = each;
  return (
    `<md:${name}${supportsChannelBindings ? ` xmlns:cb="${namespaces.channelBinding}"` : ''} Binding="${binding}" Location="${escapeAttribute(location, 'Location')}"` +
    (responseLocation === undefined ? '' : ` ResponseLocation="${escapeAttribute(responseLocation, 'ResponseLocation')}"`) +
    (index === undefined ? '' : ` index="${String(index)}"`) +
    (supportsChannelBindings ? ' cb:supportsChannelBindings="true"' : '') +
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
  const { capabilities, encryptionCertificates = [] } = provider;
  const encryptionMethods = capabilities?.encryptions.map(encryptionMethod).join('');
  const after =
    (capabilities === undefined ? '' : extensions(capabilities)) +
    `<md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="${namespaces.protocol}">` +
    provider.certificates.map((certificate) => keyDescriptor('signing', certificate)).join('') +
    encryptionCertificates.map((certificate) => keyDescriptor('encryption', certificate, encryptionMethods)).join('') +
    provider.artifactResolutionServices.map((each) => endpoint('ArtifactResolutionService', each, each.index)).join('') +
    provider.singleLogoutServices.map((each) => endpoint('SingleLogoutService', each)).join('') +
    provider.nameIDFormats.map((format) => `<md:NameIDFormat>${escapeText(format, 'NameIDFormat')}</md:NameIDFormat>`).join('') +
    provider.singleSignOnServices.map((each) => endpoint('SingleSignOnService', each)).join('') +
    '</md:IDPSSODescriptor></md:EntityDescriptor>';
  return sign(before, after, id, signer);
}
