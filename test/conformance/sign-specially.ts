/** Signatures as nobody should send them, yet valid by XML Signature: xmlsec1 makes them from a template. */
import { createSign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { xmlsec1 } from '../fixtures/xmlsec1.ts';

const ds = 'http://www.w3.org/2000/09/xmldsig#';
export const algorithms = {
  rsaSha1: `${ds}rsa-sha1`,
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  rsaSha384: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  rsaSha512: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  rsaMd5: 'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
  ecdsaSha1: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1',
  ecdsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  ecdsaSha384: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
  hmacSha256: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
  sha1: `${ds}sha1`,
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
  md5: 'http://www.w3.org/2001/04/xmldsig-more#md5',
  exclusiveC14n: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  enveloped: `${ds}enveloped-signature`,
} as const;

export const transform = (algorithm: string, content = ''): string =>
  `<ds:Transform Algorithm="${algorithm}">${content}</ds:Transform>`;
export const enveloped = transform(algorithms.enveloped);
export const exclusive = transform(algorithms.exclusiveC14n);

export interface SpecialSignature {
  /** PEM. */
  readonly privateKey: string;
  readonly algorithm?: string;
  readonly digest?: string;
  /** ds:Transform elements. */
  readonly transforms?: string;
  readonly canonicalization?: string;
  /** The ID that the Reference names; that of the root where left out. Empty for the whole document. */
  readonly reference?: string;
  /** Further ds:Reference elements. */
  readonly moreReferences?: string;
  /** A secret in place of the key, for HMAC. */
  readonly secret?: string;
}

const rootId = (xml: string): string => / ID="([^"]+)"/.exec(xml)?.[1] ?? '';

/** The message with a signature after its Issuer. */
export function signSpecially(xml: string, options: SpecialSignature): string {
  const { transforms = enveloped + exclusive, digest = algorithms.sha256, reference = rootId(xml) } = options;
  const template =
    `<ds:Signature xmlns:ds="${ds}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${options.canonicalization ?? algorithms.exclusiveC14n}"/>` +
    `<ds:SignatureMethod Algorithm="${options.algorithm ?? algorithms.rsaSha256}"/><ds:Reference URI="${reference === '' ? '' : `#${reference}`}">` +
    `<ds:Transforms>${transforms}</ds:Transforms><ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue/></ds:Reference>` +
    `${options.moreReferences ?? ''}</ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-conformance-'));
  try {
    const [file, key] = [join(folder, 'message.xml'), join(folder, 'key')];
    writeFileSync(file, xml.replace('</saml:Issuer>', `</saml:Issuer>${template}`));
    writeFileSync(key, options.secret ?? options.privateKey, { mode: 0o600 });
    const id = ['AuthnRequest', 'LogoutRequest', 'LogoutResponse'].flatMap((name) => [
      '--id-attr:ID',
      `urn:oasis:names:tc:SAML:2.0:protocol:${name}`,
    ]);
    const by = options.secret === undefined ? '--privkey-pem' : '--hmackey';
    const signed = xmlsec1(['--sign', by, key, ...id, '--id-attr:ID', 'urn:example:part:part', file]);
    return signed.replace(/^<\?xml[^>]*\?>\s*/, '').trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface SpecialQuery {
  readonly privateKey: string | KeyObject;
  readonly algorithm?: string;
  readonly relayState?: string;
  readonly parameter?: 'SAMLRequest' | 'SAMLResponse';
  /** How values are written; as encodeURIComponent has it where left out. */
  readonly encode?: (value: string) => string;
}

/** The signed query of the HTTP-Redirect binding, by any algorithm and any spelling of its values. */
export function signQuery(xml: string, options: SpecialQuery): string {
  const { algorithm = algorithms.rsaSha256, encode = encodeURIComponent, relayState } = options;
  const parts = [`${options.parameter ?? 'SAMLRequest'}=${encode(deflateRawSync(xml).toString('base64'))}`];
  if (relayState !== undefined) parts.push(`RelayState=${encode(relayState)}`);
  parts.push(`SigAlg=${encode(algorithm)}`);
  const hash = /(md5|sha\d+)$/.exec(algorithm)?.[1] ?? 'sha256';
  const signature = createSign(hash)
    .update(parts.join('&'))
    .sign({ key: options.privateKey as KeyObject, dsaEncoding: 'ieee-p1363' });
  return `${parts.join('&')}&Signature=${encode(signature.toString('base64'))}`;
}
