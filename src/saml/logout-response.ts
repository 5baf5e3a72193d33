/** Builds our LogoutResponses (saml-core §3.7.2), straight in exclusive canonical form. */
import { escapeAttribute, escapeText } from './escape.ts';
import type { Built } from './front-channel.ts';
import { namespaces, statusPrefix } from './names.ts';

/** Identifiers are NCNames; times are milliseconds since the epoch. */
export interface OurLogoutResponse {
  readonly id: string;
  readonly issuer: string;
  readonly issueInstant: number;
  readonly destination: string;
  readonly inResponseTo: string;
  /** Codes of saml-core §3.2.2.2 without their prefix: the top-level one, then the second-level one. */
  readonly status: readonly [string, string?];
  /** For the administrator on the other side: no personal data. */
  readonly message: string | undefined;
}

/** @throws Refusal attribute-character-forbidden */
export function buildLogoutResponse(response: OurLogoutResponse): Built {
  const [first, second] = response.status;
  const inner = second === undefined ? '' : `<samlp:StatusCode Value="${statusPrefix}${second}"></samlp:StatusCode>`;
  const message =
    response.message === undefined
      ? ''
      : `<samlp:StatusMessage>${escapeText(response.message, 'StatusMessage')}</samlp:StatusMessage>`;
  return {
    id: response.id,
    before:
      `<samlp:LogoutResponse xmlns:samlp="${namespaces.protocol}" Destination="${escapeAttribute(response.destination, 'Destination')}"` +
      ` ID="${response.id}" InResponseTo="${escapeAttribute(response.inResponseTo, 'InResponseTo')}"` +
      ` IssueInstant="${new Date(response.issueInstant).toISOString()}" Version="2.0">` +
      `<saml:Issuer xmlns:saml="${namespaces.assertion}">${escapeText(response.issuer, 'Issuer')}</saml:Issuer>`,
    after:
      `<samlp:Status><samlp:StatusCode Value="${statusPrefix}${first}">${inner}</samlp:StatusCode>${message}</samlp:Status>` +
      '</samlp:LogoutResponse>',
  };
}
