/** A SAML message as it was carried by the HTTP-Redirect (saml-bindings §3.4) or HTTP-POST binding (§3.5). */
import { isUtf8 } from 'node:buffer';
import { inflateRawSync } from 'node:zlib';
import { Refusal } from '../refusal.ts';
import { decodeBase64 } from './base64.ts';
import { bindings, deflateEncoding } from './names.ts';
import type { Parameters } from './parameters.ts';

export type Binding = 'HTTP-Redirect' | 'HTTP-POST';

/** The parameter that holds the message (saml-bindings §3.4.4.1 and §3.5.4). */
export type MessageParameter = 'SAMLRequest' | 'SAMLResponse';

/** The signature that the HTTP-Redirect binding carries beside the message (saml-bindings §3.4.4.1). */
export interface DetachedSignature {
  /** A URI. */
  readonly algorithm: string;
  readonly value: Buffer;
  /** What was signed: the parameters in the order of the standard, encoded as the service provider encoded them. */
  readonly octets: Buffer;
}

export interface Message {
  readonly xml: string;
  readonly relayState: string | undefined;
  readonly signature: DetachedSignature | undefined;
}

/** Bytes of XML. The largest signed AuthnRequests in the field have about a tenth. */
const mostBytes = 131_072;
const mostRelayStateBytes = 65_536;

const decodeText = (encoded: string): Buffer => {
  // Base64 is a third longer, and line breaks may add a little.
  if (encoded.length > mostBytes * 1.4) throw new Refusal('request-too-large', { limit: mostBytes });
  const bytes = decodeBase64(encoded);
  if (bytes === undefined || bytes.length === 0) throw new Refusal('request-not-base64');
  return bytes;
};

const inflate = (deflated: Buffer): Buffer => {
  let inflated: unknown;
  try {
    // By default 16 KiB are set aside, for messages of about one.
    inflated = inflateRawSync(deflated, { chunkSize: 2048, maxOutputLength: mostBytes, info: true });
  } catch (cause) {
    if (cause instanceof RangeError) throw new Refusal('request-too-large', { limit: mostBytes });
    if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_'))
      throw new Refusal('request-not-deflated');
    throw cause;
  }
  const { buffer, engine } = inflated as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  if (engine.bytesWritten !== deflated.length) throw new Refusal('request-not-deflated', { why: 'bytes after the end' });
  return buffer;
};

const decodeXml = (bytes: Buffer): string => {
  if (bytes.length > mostBytes) throw new Refusal('request-too-large', { limit: mostBytes });
  if (!isUtf8(bytes)) throw new Refusal('request-not-xml', { why: 'not UTF-8' });
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
};

/** @throws Refusal relay-state-too-large */
export const verifyRelayState = (relayState: string | undefined): void => {
  if (relayState !== undefined && Buffer.byteLength(relayState) > mostRelayStateBytes) throw new Refusal('relay-state-too-large');
};

const decodeSignature = (parameters: Parameters, holder: MessageParameter): DetachedSignature | undefined => {
  const algorithm = parameters.get('SigAlg');
  const signature = parameters.get('Signature');
  if (algorithm === undefined && signature === undefined) return undefined;
  if (algorithm === undefined || signature === undefined) {
    throw new Refusal('signature-malformed', { why: 'one of SigAlg and Signature without the other' });
  }
  const value = decodeBase64(signature.value);
  if (value === undefined || value.length === 0) throw new Refusal('signature-malformed', { why: 'Signature is not base64' });
  // saml-bindings §3.4.4.1: RelayState is left out of the signed string when it is absent.
  const signed = [holder, 'RelayState', 'SigAlg'].flatMap((name) => {
    const parameter = parameters.get(name);
    return parameter === undefined ? [] : [`${name}=${parameter.raw}`];
  });
  return { algorithm: algorithm.value, value, octets: Buffer.from(signed.join('&'), 'latin1') };
};

/**
 * Decodes what SAMLRequest holds, or SAMLResponse where a response is expected; nothing of it is trusted yet.
 * @throws Refusal request-missing, request-too-large, request-not-base64, request-not-deflated, request-not-xml (not UTF-8),
 *   request-not-authn-request (the other of the two), relay-state-too-large, signature-malformed or binding-unsupported
 */
export const decodeMessage = (binding: Binding, parameters: Parameters, holder: MessageParameter = 'SAMLRequest'): Message => {
  const other = holder === 'SAMLRequest' ? 'SAMLResponse' : 'SAMLRequest';
  if (parameters.has(other)) throw new Refusal('request-not-authn-request', { why: `a ${other}` });
  const message = parameters.get(holder)?.value;
  if (message === undefined || message === '') throw new Refusal('request-missing');
  const relayState = parameters.get('RelayState')?.value;
  verifyRelayState(relayState);
  if (binding === 'HTTP-POST') {
    if (parameters.has('SigAlg') || parameters.has('Signature')) {
      throw new Refusal('binding-unsupported', { binding: bindings.httpPostSimpleSign });
    }
    return { xml: decodeXml(decodeText(message.replace(/[ \t\r\n]+/g, ''))), relayState, signature: undefined };
  }
  const encoding = parameters.get('SAMLEncoding')?.value;
  if (encoding !== undefined && encoding !== deflateEncoding) {
    throw new Refusal('request-not-deflated', { encoding: encoding.slice(0, 256) });
  }
  return { xml: decodeXml(inflate(decodeText(message))), relayState, signature: decodeSignature(parameters, holder) };
};
