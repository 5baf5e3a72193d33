/** Signs what is already in exclusive canonical form: an enveloped XML signature (xmldsig-core §4) without a canonicalizer. */
import { hash } from 'node:crypto';
import { digestNames } from '../config/algorithm-names.ts';
import { algorithms, namespaces } from './names.ts';
import type { ServiceProvider } from './service-provider.ts';

/** Whatever holds a private key: a file today, perhaps a security module. */
export interface Signer {
  /** SignatureMethod URI. */
  readonly algorithm: string;
  /** DigestMethod URI of what the signature covers. */
  readonly digest: string;
  /** The certificate that service providers were given: DER in base64 without line breaks. */
  readonly certificate: string;
  /** What the configuration calls the key. */
  readonly keyName?: string | undefined;
  /** Signs UTF-8 text away from the event loop; gives back base64. */
  sign(text: string): Promise<string>;
}

/** Which key and algorithm sign what goes to whom. */
export interface Signers {
  /** Signs our metadata, and whatever goes to nobody in particular. */
  readonly default: Signer;
  /** By what its settings say and its metadata takes. @throws Refusal algorithms-not-shared */
  for(serviceProvider: ServiceProvider): Signer;
}

const signedInfoStart = `<ds:CanonicalizationMethod Algorithm="${algorithms.exclusiveC14n}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="`;
const referenceStart = '"></ds:SignatureMethod><ds:Reference URI="#';
const transforms =
  `"><ds:Transforms><ds:Transform Algorithm="${algorithms.envelopedSignature}"></ds:Transform>` +
  `<ds:Transform Algorithm="${algorithms.exclusiveC14n}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="`;
const digestStart = '"></ds:DigestMethod><ds:DigestValue>';
const signedInfoEnd = '</ds:DigestValue></ds:Reference></ds:SignedInfo>';

/**
 * Signs an element and gives it back with its ds:Signature between `before` and `after`.
 * `before + after` must be the element in exclusive canonical form, as the apex of a document subset; `id` is its ID.
 */
export async function sign(before: string, after: string, id: string, signer: Signer): Promise<string> {
  const hashName = digestNames.get(signer.digest);
  if (hashName === undefined) throw new Error(`no digest is known as ${signer.digest}`);
  const digest = hash(hashName, before + after, 'base64');
  const content =
    signedInfoStart + signer.algorithm + referenceStart + id + transforms + signer.digest + digestStart + digest + signedInfoEnd;
  // As the apex of its own subset, SignedInfo declares the prefix that it otherwise takes from ds:Signature.
  const value = await signer.sign(`<ds:SignedInfo xmlns:ds="${namespaces.ds}">${content}`);
  return (
    `${before}<ds:Signature xmlns:ds="${namespaces.ds}"><ds:SignedInfo>${content}` +
    `<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${signer.certificate}` +
    `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>${after}`
  );
}
