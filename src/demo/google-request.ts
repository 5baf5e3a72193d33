/** AuthnRequests as Google sends them: attribute for attribute, in its order, by the HTTP-Redirect binding, unsigned. */
import { deflateRawSync } from 'node:zlib';
import type { Random } from '../clock.ts';
import { escapeAttribute, escapeText } from '../saml/escape.ts';
import { bindings, nameIDFormats, namespaces } from '../saml/names.ts';
import type { Party } from './parties.ts';

export interface GoogleRequest {
  readonly id: string;
  readonly relayState: string;
  readonly xml: string;
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** 40 letters from a to p: 160 random bits, each half byte a letter. */
const letters = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/[0-9a-f]/g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 16)));

/** As the legacy profile does: whole seconds, an ID without underscore, Issuer without Format, RelayState a whole URL. */
export function legacyRequest(party: Party, now: number, random: Random): GoogleRequest {
  const id = letters(random(20));
  const instant = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  const xml =
    `${declaration}<samlp:AuthnRequest xmlns:samlp="${namespaces.protocol}" ID="${id}" Version="2.0" IssueInstant="${instant}"` +
    ` ProtocolBinding="${bindings.httpPost}" ProviderName="google.com" IsPassive="false"` +
    ` AssertionConsumerServiceURL="${escapeAttribute(party.acsUrl, 'AssertionConsumerServiceURL')}">` +
    `<saml:Issuer xmlns:saml="${namespaces.assertion}">${escapeText(party.entityID, 'Issuer')}</saml:Issuer>` +
    `<samlp:NameIDPolicy AllowCreate="true" Format="${nameIDFormats.unspecified}"/></samlp:AuthnRequest>`;
  const after = 'https://mail.google.com/mail/';
  const query = new URLSearchParams({
    continue: after,
    service: 'mail',
    passive: 'true',
    rm: 'false',
    ss: '1',
    ltmpl: 'default',
  });
  const origin = new URL(party.acsUrl).origin;
  return {
    id,
    xml,
    relayState: `${origin}/a/ServiceLogin?${query.toString()}&shva=1&flowName=GlifWebSignIn&nonce=${random(24).toString('base64url')}`,
  };
}

/** As an SSO profile does: milliseconds, an ID of hexadecimal digits, Issuer with Format, RelayState opaque. */
export function profileRequest(party: Party, now: number, random: Random): GoogleRequest {
  const id = `_${random(16).toString('hex')}`;
  const xml =
    `${declaration}<saml2p:AuthnRequest xmlns:saml2p="${namespaces.protocol}"` +
    ` AssertionConsumerServiceURL="${escapeAttribute(party.acsUrl, 'AssertionConsumerServiceURL')}" ForceAuthn="false" ID="${id}"` +
    ` IsPassive="false" IssueInstant="${new Date(now).toISOString()}" Version="2.0">` +
    `<saml2:Issuer xmlns:saml2="${namespaces.assertion}" Format="${nameIDFormats.entity}">${escapeText(party.entityID, 'Issuer')}</saml2:Issuer>` +
    `<saml2p:NameIDPolicy AllowCreate="true" Format="${nameIDFormats.emailAddress}"/></saml2p:AuthnRequest>`;
  return { id, xml, relayState: `CAES${random(48).toString('base64')}` };
}

/** saml-bindings §3.4.4.1. `loginHint` goes along as the autofill of an address does. */
export function redirectUrl(request: GoogleRequest, singleSignOnService: string, loginHint: string | undefined): string {
  const url = new URL(singleSignOnService);
  url.searchParams.append('SAMLRequest', deflateRawSync(request.xml).toString('base64'));
  url.searchParams.append('RelayState', request.relayState);
  if (loginHint !== undefined) url.searchParams.append('login_hint', loginHint);
  return url.href;
}
