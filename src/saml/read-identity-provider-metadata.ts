/** Reads an identity provider's metadata (saml-metadata §2.4.3), as a service provider must. */
import samlify from 'samlify';
import { namespaces } from './names.ts';

export interface IdentityProviderMetadata {
  readonly entityID: string;
  /** Location of the SingleSignOnService of the HTTP-Redirect binding. */
  readonly singleSignOnService: string;
  /** Signing certificates, DER in base64 without white space; never empty. */
  readonly certificates: readonly string[];
}

/** What is wrong with the metadata of an identity provider. */
export class IdentityProviderMetadataMistake extends Error {
  override readonly name = 'IdentityProviderMetadataMistake';
}

const longest = 131_072;

/**
 * Reads an md:EntityDescriptor that comes from where it may be trusted: its signature is not looked at. Certificates must be
 * marked `use="signing"`: samlify drops one of several that are not.
 * @throws IdentityProviderMetadataMistake
 */
export function readIdentityProviderMetadata(xml: string): IdentityProviderMetadata {
  if (xml.length > longest) throw new IdentityProviderMetadataMistake('the metadata is longer than 128k characters');
  if (xml.includes('<!DOCTYPE') || !xml.includes(namespaces.metadata)) {
    throw new IdentityProviderMetadataMistake('this is not SAML metadata');
  }
  let entityMeta;
  try {
    ({ entityMeta } = samlify.IdentityProvider({ metadata: xml }));
  } catch (cause) {
    throw new IdentityProviderMetadataMistake('the metadata is not well-formed or describes several entities', { cause });
  }
  const entityID: unknown = entityMeta.getEntityID();
  const location: unknown = entityMeta.getSingleSignOnService('redirect');
  const found: unknown = entityMeta.getX509Certificate('signing');
  const certificates = [found].flat().filter((certificate) => typeof certificate === 'string');
  if (typeof entityID !== 'string' || entityID === '') throw new IdentityProviderMetadataMistake('the metadata has no entityID');
  if (typeof location !== 'string' || !URL.canParse(location)) {
    throw new IdentityProviderMetadataMistake('the metadata has no SingleSignOnService of the HTTP-Redirect binding');
  }
  if (certificates.length === 0) throw new IdentityProviderMetadataMistake('the metadata has no signing certificate');
  return { entityID, singleSignOnService: location, certificates: certificates.map((text) => text.replace(/\s+/g, '')) };
}
