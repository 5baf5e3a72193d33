/** The SAML messages that a browser carried, decoded. */
import { inflateRawSync } from 'node:zlib';
import type { Visit } from './browser.ts';

export interface CarriedMessage {
  /** The root element, such as AuthnRequest. */
  readonly name: string;
  readonly binding: 'HTTP-Redirect' | 'HTTP-POST';
  /** Where it went, without the query. */
  readonly to: string;
  readonly xml: string;
  /** Whether the message itself is signed, by a Signature within or by one in the query. */
  readonly signed: boolean;
  readonly encrypted: boolean;
}

function read(visit: Visit): CarriedMessage | undefined {
  const url = new URL(visit.url);
  const carried = visit.method === 'POST' ? new URLSearchParams(visit.fields) : url.searchParams;
  const text = carried.get('SAMLRequest') ?? carried.get('SAMLResponse');
  if (text === null) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const xml = (visit.method === 'POST' ? bytes : inflateRawSync(bytes)).toString();
  const [, prefix = '', name = ''] = /<((?:[\w-]+:)?)([A-Z]\w+)[\s>]/.exec(xml) ?? [];
  const head = xml.slice(0, xml.search(/<(?:[\w-]+:)?(?:Assertion|EncryptedAssertion)[\s>]/) >>> 0);
  return {
    name,
    binding: visit.method === 'POST' ? 'HTTP-POST' : 'HTTP-Redirect',
    to: url.origin + url.pathname,
    xml,
    signed: carried.has('Signature') || (prefix + name !== '' && /<(?:[\w-]+:)?Signature[\s>]/.test(head)),
    encrypted: /<(?:[\w-]+:)?EncryptedAssertion[\s>]/.test(xml),
  };
}

export const messagesOf = (visits: readonly Visit[]): readonly CarriedMessage[] => visits.flatMap((visit) => read(visit) ?? []);

/** Such as `AuthnRequest by HTTP-Redirect, signed`, for tests to compare at a glance. */
export const describeMessage = ({ name, binding, signed, encrypted }: CarriedMessage): string =>
  `${name} by ${binding}${signed ? ', signed' : ''}${encrypted ? ', encrypted' : ''}`;
