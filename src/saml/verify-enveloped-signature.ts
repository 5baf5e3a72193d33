/** The enveloped signature of a message (saml-core §5.4): its structure by our own reading, its canonical forms by xml-crypto. */
import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { digestNames, rsaPss } from '../config/algorithm-names.ts';
import { Refusal } from '../refusal.ts';
import { standardPolicy } from './algorithm-policy.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import { readRsaPss } from './algorithm-rsa-pss.ts';
import { decodeBase64 } from './base64.ts';
import { forXmldom } from './for-xmldom.ts';
import { algorithms, namespaces } from './names.ts';
import { verifyWithKeys, requireAllowedAlgorithm } from './verify-with-keys.ts';
import { isBlank, isNcName } from './xml-characters.ts';
import { parseXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

/** Elements and attributes: ten times what signed requests have, and few enough for xml-crypto to be done in some 20 ms. */
const mostNodes = 500;
const mostDeclarations = 128;
const mostInclusivePrefixes = 64;

// saml-core §5.4.3 allows both; they differ in comments alone, and there are none.
const canonicalizations: ReadonlySet<string> = new Set([algorithms.exclusiveC14n, `${algorithms.exclusiveC14n}WithComments`]);

const malformed = (element: XmlElement, why: string): never => {
  throw new Refusal('signature-malformed', { line: element.line, why });
};

/** The children, which must be exactly these, of XML Signature, with nothing but white space between them. */
const childrenOf = <const Names extends readonly string[]>(
  element: XmlElement,
  ...names: Names
): { readonly [Index in keyof Names]: XmlElement } => {
  const { children } = element;
  const fits =
    children.length === names.length &&
    children.every((child, index) => child.localName === names[index] && child.namespace === namespaces.ds) &&
    (names.length === 0 || isBlank(element.text));
  if (!fits) malformed(element, `the content of ${element.localName.slice(0, 64)}`);
  return children as { readonly [Index in keyof Names]: XmlElement };
};

const algorithmOf = (element: XmlElement): string => element.attributes.get('Algorithm') ?? malformed(element, 'no Algorithm');

const bytesOf = (element: XmlElement): Buffer => {
  childrenOf(element);
  const bytes = decodeBase64(element.text.replace(/[ \t\r\n]+/g, ''));
  return bytes === undefined || bytes.length === 0 ? malformed(element, 'not base64') : bytes;
};

/** Those of InclusiveNamespaces, which stands there alone; some signers, xml-crypto among them, write it into either transform. */
const readPrefixes = (transform: XmlElement): readonly string[] => {
  const [inclusive, ...others] = transform.children;
  if (inclusive === undefined) return [];
  const prefixes = inclusive.attributes.get('PrefixList');
  const known =
    inclusive.localName === 'InclusiveNamespaces' &&
    (inclusive.namespace === namespaces.exclusiveC14n || inclusive.namespace === algorithmOf(transform));
  if (others.length > 0 || !known || inclusive.children.length > 0 || prefixes === undefined) {
    return malformed(transform, 'its content');
  }
  const list = prefixes.split(' ', mostInclusivePrefixes + 1);
  return list.length > mostInclusivePrefixes ? malformed(inclusive, 'too many prefixes') : list.filter((prefix) => prefix !== '');
};

/** The prefixes that the canonicalization treats inclusively. */
const readTransforms = (transforms: XmlElement): readonly string[] => {
  const [enveloped, exclusive] = childrenOf(transforms, 'Transform', 'Transform');
  if (algorithmOf(enveloped) !== algorithms.envelopedSignature) malformed(enveloped, 'the first transform');
  if (!canonicalizations.has(algorithmOf(exclusive))) malformed(exclusive, 'the second transform');
  readPrefixes(enveloped);
  return readPrefixes(exclusive);
};

export interface SignedInfo {
  /** SignatureMethod URI. */
  readonly algorithm: string;
  /** Name of the hash, as node:crypto has it. */
  readonly digest: string;
  readonly digestValue: Buffer;
  /** What InclusiveNamespaces lists for the canonical form of the root. */
  readonly prefixes: readonly string[];
  /** Whether the reference is to the whole document rather than to the root by its ID. */
  readonly wholeDocument: boolean;
}

/** The algorithm's URI; of RSASSA-PSS, whose parameters may stand within, that which names them. */
const readSignatureMethod = (method: XmlElement, policy: AlgorithmPolicy): string => {
  const algorithm = algorithmOf(method);
  requireAllowedAlgorithm(algorithm, policy);
  if (algorithm !== rsaPss) {
    childrenOf(method);
    return algorithm;
  }
  const meant = readRsaPss(method) ?? malformed(method, 'the parameters of RSASSA-PSS');
  requireAllowedAlgorithm(meant, policy);
  return meant;
};

/**
 * What is signed: the root with this ID, by allowed algorithms.
 * @throws Refusal signature-malformed or signature-algorithm-forbidden
 */
export const readSignedInfo = (signedInfo: XmlElement, id: string, policy: AlgorithmPolicy = standardPolicy): SignedInfo => {
  const [canonicalization, method, reference] = childrenOf(signedInfo, 'CanonicalizationMethod', 'SignatureMethod', 'Reference');
  childrenOf(canonicalization);
  if (!canonicalizations.has(algorithmOf(canonicalization))) malformed(canonicalization, 'the canonicalization');
  const algorithm = readSignatureMethod(method, policy);
  const uri = reference.attributes.get('URI');
  if (uri !== '' && uri !== `#${id}`) malformed(reference, 'it does not refer to the root element');
  const [transforms, digest, digestValue] = childrenOf(reference, 'Transforms', 'DigestMethod', 'DigestValue');
  const prefixes = readTransforms(transforms);
  childrenOf(digest);
  const name = digestNames.get(algorithmOf(digest));
  if (name === undefined || !policy.permits(algorithmOf(digest))) {
    throw new Refusal('signature-algorithm-forbidden', { algorithm: algorithmOf(digest).slice(0, 256) });
  }
  return { algorithm, digest: name, digestValue: bytesOf(digestValue), prefixes, wholeDocument: uri === '' };
};

/** The parts of a ds:Signature, whose KeyInfo is not looked at. @throws Refusal signature-malformed */
export const readSignature = (signature: XmlElement): { readonly signedInfo: XmlElement; readonly value: Buffer } => {
  const [, , keyInfo] = signature.children;
  const names = ['SignedInfo', 'SignatureValue'] as const;
  const [signedInfo, signatureValue] =
    keyInfo === undefined ? childrenOf(signature, ...names) : childrenOf(signature, ...names, 'KeyInfo');
  return { signedInfo, value: bytesOf(signatureValue) };
};

const localNameOf = (attribute: string): string => attribute.slice(attribute.lastIndexOf('}') + 1);

const allElements = function* (root: XmlElement): Generator<XmlElement> {
  const waiting = [root];
  for (let element = waiting.pop(); element !== undefined; element = waiting.pop()) {
    yield element;
    for (const child of element.children) waiting.push(child);
  }
};

/** What would let xml-crypto see another document than we do: a second such ID, or a namespace name it would not escape. */
const requireUnambiguous = (root: XmlElement, id: string): void => {
  let identified = 0;
  let declared = 0;
  let nodes = 0;
  for (const element of allElements(root)) {
    nodes += 1 + element.attributes.size;
    for (const [attribute, value] of element.attributes) {
      if (value === id && localNameOf(attribute).toLowerCase() === 'id') identified += 1;
    }
    for (const [, namespace] of element.declarations) {
      declared += 1;
      if (/[\s"&<>]/.test(namespace)) malformed(element, 'a namespace name with characters that no URI has');
    }
  }
  if (nodes > mostNodes)
    throw new Refusal('request-too-complex', { why: 'too many elements and attributes for a signature', nodes });
  if (identified !== 1) malformed(root, 'its ID occurs more than once');
  if (declared > mostDeclarations) malformed(root, 'too many namespace declarations');
};

/** The element as a document of its own; its namespaces are those of the root that holds it. */
const cutOut = (xml: string, element: XmlElement, root: XmlElement): string => {
  const text = xml.slice(element.start, element.end);
  const name = /^<[^\s/>]+/.exec(text)?.[0] ?? '';
  const inherited = [...root.declarations]
    .filter(([prefix]) => !element.declarations.has(prefix))
    .map(([prefix, namespace]) => ` xmlns${prefix === '' ? '' : ':'}${prefix}="${namespace}"`);
  return name + inherited.join('') + text.slice(name.length);
};

/**
 * The ds:Signature of a message, or undefined where it holds none.
 * @throws Refusal signature-malformed where there are several, or one anywhere but after the Issuer of the root
 */
export const findSignature = (root: XmlElement): XmlElement | undefined => {
  const signatures = [...allElements(root)].filter(
    (element) => element.localName === 'Signature' && element.namespace === namespaces.ds,
  );
  const [signature, second] = signatures;
  if (signature === undefined) return undefined;
  if (second !== undefined) malformed(second, 'several signatures');
  const [issuer, following] = root.children;
  const placed = following === signature && issuer?.localName === 'Issuer' && issuer.namespace === namespaces.assertion;
  return placed ? signature : malformed(signature, 'it does not stand after the Issuer of the root element');
};

/**
 * Verifies the signature that `findSignature` found in `root`, as `xml` was parsed, with keys from metadata alone: KeyInfo is
 * not looked at. Gives back the root as it was signed, parsed anew from the verified bytes, and the key.
 * @throws Refusal signature-malformed, signature-algorithm-forbidden, signature-invalid or request-too-complex
 */
export const verifyEnvelopedSignature = (
  xml: string,
  root: XmlElement,
  signature: XmlElement,
  keys: readonly KeyObject[],
  policy: AlgorithmPolicy = standardPolicy,
): { readonly root: XmlElement; readonly key: KeyObject } => {
  const id = root.attributes.get('ID') ?? '';
  if (!isNcName(id)) malformed(root, 'its ID is missing or no NCName');
  const { signedInfo, value } = readSignature(signature);
  const { algorithm } = readSignedInfo(signedInfo, id, policy);
  requireUnambiguous(root, id);
  const [anyKey] = keys;
  if (anyKey === undefined) throw new Refusal('signature-invalid', { keys: 0 });

  let verifying: KeyObject | undefined;
  const requireSigned = (material: string): true => {
    // What counts is what was signed: the canonical form is held to the same structure.
    const covered = readSignedInfo(parseXml(material), id, policy);
    verifying = verifyWithKeys(covered.algorithm, Buffer.from(material), value, keys, policy);
    return true;
  };
  const signed = new SignedXml({ publicCert: anyKey, getCertFromKeyInfo: () => null });
  const judge = class {
    verifySignature = requireSigned;
    getAlgorithmName = (): string => algorithm;
    getSignature = (): never => {
      throw new Error('signing is not done here');
    };
  };
  signed.SignatureAlgorithms = { [algorithm]: judge, [rsaPss]: judge };
  signed.HashAlgorithms = Object.fromEntries(
    [...digestNames].map(([uri, name]) => [
      uri,
      class {
        getAlgorithmName = (): string => uri;
        getHash = (canonical: string): string => hash(name, canonical, 'base64');
      },
    ]),
  );
  let passed: boolean;
  try {
    signed.loadSignature(forXmldom(cutOut(xml, signature, root)));
    passed = signed.checkSignature(forXmldom(xml));
  } catch (cause) {
    // xml-crypto throws plain errors for everything that does not verify.
    throw cause instanceof Refusal ? cause : new Refusal('signature-invalid', { keys: keys.length });
  }
  const [verified, ...others] = signed.getSignedReferences();
  if (!passed || verifying === undefined || verified === undefined || others.length > 0) {
    throw new Refusal('signature-invalid', { keys: keys.length });
  }
  return { root: parseXml(verified), key: verifying };
};
