/** Builds our LogoutRequests (saml-core §3.7.1), straight in exclusive canonical form. */
import type { Encryption } from './encrypt.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import type { Built } from './front-channel.ts';
import { type NameID, writeNameID } from './name-id.ts';
import { namespaces } from './names.ts';

/** Identifiers are NCNames; times are milliseconds since the epoch. */
export interface OurLogoutRequest {
  readonly id: string;
  readonly issuer: string;
  readonly issueInstant: number;
  readonly notOnOrAfter: number;
  readonly destination: string;
  /** As it was issued, qualifiers included. */
  readonly nameID: NameID;
  readonly sessionIndexes: readonly string[];
  /** Where what the service provider is told of people is encrypted to it. */
  readonly encryption: Pick<Encryption, 'encryptNameID'> | undefined;
}

/** saml-core §3.7.3: the person wanted it. */
const byUser = 'urn:oasis:names:tc:SAML:2.0:logout:user';

/** @throws Refusal attribute-character-forbidden */
export function buildLogoutRequest(request: OurLogoutRequest): Built {
  const before =
    `<samlp:LogoutRequest xmlns:samlp="${namespaces.protocol}" Destination="${escapeAttribute(request.destination, 'Destination')}"` +
    ` ID="${request.id}" IssueInstant="${new Date(request.issueInstant).toISOString()}"` +
    ` NotOnOrAfter="${new Date(request.notOnOrAfter).toISOString()}" Reason="${byUser}" Version="2.0">` +
    `<saml:Issuer xmlns:saml="${namespaces.assertion}">${escapeText(request.issuer, 'Issuer')}</saml:Issuer>`;
  const { nameID, encryption } = request;
  const written = encryption === undefined ? writeNameID(nameID) : encryption.encryptNameID(nameID);
  // Within the request nothing around it declares its prefix in canonical form.
  const identifier = written.replace(/^<saml:\w+/, (start) => `${start} xmlns:saml="${namespaces.assertion}"`);
  const indexes = request.sessionIndexes.map(
    (index) => `<samlp:SessionIndex>${escapeText(index, 'SessionIndex')}</samlp:SessionIndex>`,
  );
  return { id: request.id, before, after: `${identifier}${indexes.join('')}</samlp:LogoutRequest>` };
}
