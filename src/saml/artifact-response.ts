/** Builds ArtifactResponses (saml-core §3.5.2): the message that an artifact stood for, or nothing. */
import type { StatusCode } from '../refusal.ts';
import { escapeAttribute, escapeText, protectLineEnds, resolveLineEnds } from './escape.ts';
import { namespaces, statusPrefix } from './names.ts';
import { sign, type Signer } from './signer.ts';

export interface ArtifactResponse {
  /** An NCName. */
  readonly id: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly issueInstant: number;
  readonly inResponseTo: string;
  /** Undefined: success, with or without a message. */
  readonly status: readonly [StatusCode, StatusCode?] | undefined;
  /** A Response of ours, as it would have been sent; undefined where the artifact stands for nothing. */
  readonly message: string | undefined;
}

const declaration = ` xmlns:samlp="${namespaces.protocol}"`;

/** Within an element that declares its prefix, the canonical form of a message does not declare it again. */
const embed = (message: string): string => {
  const start = `<samlp:Response${declaration}`;
  const canonical = resolveLineEnds(message);
  if (!canonical.startsWith(start)) throw new Error('only a Response of ours goes into an ArtifactResponse');
  return `<samlp:Response${canonical.slice(start.length)}`;
};

const writeStatus = (status: ArtifactResponse['status']): string => {
  const [first, second] = status ?? [];
  const inner = second === undefined ? '' : `<samlp:StatusCode Value="${statusPrefix}${second}"></samlp:StatusCode>`;
  return `<samlp:Status><samlp:StatusCode Value="${statusPrefix}${first ?? 'Success'}">${inner}</samlp:StatusCode></samlp:Status>`;
};

/** The signed element, for the body of a SOAP envelope. */
export const buildArtifactResponse = async (response: ArtifactResponse, signer: Signer): Promise<string> => {
  const { id, issuer, issueInstant, inResponseTo, status, message } = response;
  const before =
    `<samlp:ArtifactResponse${declaration} ID="${id}" InResponseTo="${escapeAttribute(inResponseTo, 'InResponseTo')}"` +
    ` IssueInstant="${new Date(issueInstant).toISOString()}" Version="2.0">` +
    `<saml:Issuer xmlns:saml="${namespaces.assertion}">${escapeText(issuer, 'Issuer')}</saml:Issuer>`;
  const after = `${writeStatus(status)}${message === undefined ? '' : embed(message)}</samlp:ArtifactResponse>`;
  return protectLineEnds(await sign(before, after, id, signer));
};
