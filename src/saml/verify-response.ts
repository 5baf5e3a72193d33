/** Verifies a Response as a strict service provider does, and reads it from nothing but the bytes that its signatures cover. */
import { X509Certificate } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { Refusal } from '../refusal.ts';
import { algorithms, namespaces } from './names.ts';
import { readAssertion, readResponse, type ReadAssertion, type ReadResponse } from './read-response.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** The gates of verification, in the order in which they are passed. */
export const gates = ['xml', 'response-signature', 'assertion-signature'] as const;
export type Gate = (typeof gates)[number];

/** At which gate a Response failed, and why. */
export class ResponseMistake extends Error {
  override readonly name = 'ResponseMistake';
  readonly gate: Gate;

  constructor(gate: Gate, message: string) {
    super(message);
    this.gate = gate;
  }
}

export interface VerifiedResponse {
  readonly response: ReadResponse;
  /** Undefined where there is none, as with every status but Success. */
  readonly assertion: ReadAssertion | undefined;
}

const fewestBits = 2048;

const isElement = (element: XmlElement | undefined, namespace: string, localName: string): element is XmlElement =>
  element?.namespace === namespace && element.localName === localName;

function* descendants(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* descendants(child);
}

/** The one child of that name. */
function only(parent: XmlElement, localName: string, gate: Gate): XmlElement {
  const [found, ...more] = parent.children.filter((child) => isElement(child, namespaces.ds, localName));
  if (found === undefined || more.length > 0)
    throw new ResponseMistake(gate, `${parent.localName} needs exactly one ${localName}`);
  return found;
}

/** xmldsig-core §4, narrowed to what Google takes: RSA-SHA256, SHA-256, enveloped signature and exclusive canonicalization. */
function verifyForm(signature: XmlElement, signed: XmlElement, gate: Gate): void {
  const expect = (element: XmlElement, attribute: string, value: string): void => {
    const found = element.attributes.get(attribute);
    if (found !== value) {
      throw new ResponseMistake(gate, `${attribute} of ${element.localName} is ${found ?? 'absent'} in place of ${value}`);
    }
    if (element.localName !== 'Reference' && element.children.length > 0) {
      throw new ResponseMistake(gate, `${element.localName} has parameters`);
    }
  };
  const names = signature.children.map((child) => child.localName).join(' ');
  if (names !== 'SignedInfo SignatureValue KeyInfo' && names !== 'SignedInfo SignatureValue') {
    throw new ResponseMistake(gate, `the Signature consists of ${names}`);
  }
  const signedInfo = only(signature, 'SignedInfo', gate);
  if (signedInfo.children.length !== 3) throw new ResponseMistake(gate, 'SignedInfo needs exactly one Reference');
  expect(only(signedInfo, 'CanonicalizationMethod', gate), 'Algorithm', algorithms.exclusiveC14n);
  expect(only(signedInfo, 'SignatureMethod', gate), 'Algorithm', algorithms.rsaSha256);
  const reference = only(signedInfo, 'Reference', gate);
  expect(reference, 'URI', `#${signed.attributes.get('ID') ?? ''}`);
  expect(only(reference, 'DigestMethod', gate), 'Algorithm', algorithms.sha256);
  const [first, second, ...others] = only(reference, 'Transforms', gate).children;
  if (first === undefined || second === undefined || others.length > 0)
    throw new ResponseMistake(gate, 'two Transforms are needed');
  expect(first, 'Algorithm', algorithms.envelopedSignature);
  expect(second, 'Algorithm', algorithms.exclusiveC14n);
}

/** The canonical bytes that the signature of `signed` covers. */
function verifySignature(xml: string, signed: XmlElement, certificates: readonly X509Certificate[], gate: Gate): string {
  const [issuer, signature] = signed.children;
  // saml-core §5.4.1: the signature follows the Issuer.
  if (!isElement(issuer, namespaces.assertion, 'Issuer') || !isElement(signature, namespaces.ds, 'Signature')) {
    throw new ResponseMistake(gate, `the ${signed.localName} is not signed right after its Issuer`);
  }
  verifyForm(signature, signed, gate);
  const because: string[] = [];
  for (const certificate of certificates) {
    const judge = new SignedXml({ publicCert: certificate.toString(), getCertFromKeyInfo: () => null });
    try {
      judge.loadSignature(xml.slice(signature.start, signature.end));
      const valid = judge.checkSignature(xml);
      const [covered, ...more] = judge.getSignedReferences();
      if (valid && covered !== undefined && more.length === 0) return covered;
      because.push('the digest does not fit');
    } catch (error) {
      because.push(error instanceof Error ? error.message.slice(0, 80) : 'it is malformed');
    }
  }
  throw new ResponseMistake(gate, `the signature fits no certificate of the metadata (${[...new Set(because)].join('; ')})`);
}

function parse(xml: string): XmlElement {
  try {
    return parseXml(xml);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new ResponseMistake('xml', `${error.row.hint} ${String(error.detail.why ?? '')}`.trim());
  }
}

/** One Response, at most one Assertion directly below it, signatures nowhere else, and no ID twice. */
function verifyStructure(root: XmlElement): XmlElement | undefined {
  if (!isElement(root, namespaces.protocol, 'Response'))
    throw new ResponseMistake('xml', 'the root element is not samlp:Response');
  const ids = new Set<string>();
  let assertions = 0;
  let signatures = 0;
  for (const element of descendants(root)) {
    const id = element.attributes.get('ID') ?? element.attributes.get('Id') ?? element.attributes.get('id');
    if (id !== undefined && ids.size === ids.add(id).size)
      throw new ResponseMistake('xml', `the ID ${id.slice(0, 80)} stands there twice`);
    if (element.localName === 'Assertion') assertions += 1;
    if (element.localName === 'Signature') signatures += 1;
    if (element.localName.startsWith('Encrypted')) throw new ResponseMistake('xml', 'encrypted parts are refused');
  }
  const own = root.children.filter((child) => isElement(child, namespaces.assertion, 'Assertion'));
  if (assertions > 1 || own.length !== assertions)
    throw new ResponseMistake('xml', 'one Assertion is allowed, as a child of the Response');
  const homes = [root, ...own].filter((element) => isElement(element.children[1], namespaces.ds, 'Signature'));
  if (homes.length !== signatures) throw new ResponseMistake('xml', 'a Signature stands where none belongs');
  return own[0];
}

/**
 * Verifies both signatures (the Response alone where it holds no Assertion) by the certificates of the identity provider's
 * metadata, DER in base64. What the Response says is then still to be judged.
 * @throws ResponseMistake
 */
export function verifyResponse(xml: string, certificates: readonly string[]): VerifiedResponse {
  const root = parse(xml);
  const assertion = verifyStructure(root);
  const keys = certificates.map((certificate) => new X509Certificate(Buffer.from(certificate, 'base64')));
  const weak = keys.find(({ publicKey }) => (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < fewestBits);
  if (weak !== undefined)
    throw new ResponseMistake('response-signature', `an RSA key of ${String(fewestBits)} bits or more is needed`);
  const response = readResponse(parse(verifySignature(xml, root, keys, 'response-signature')));
  if (assertion === undefined) return { response, assertion: undefined };
  const covered = verifySignature(xml, assertion, keys, 'assertion-signature');
  return { response, assertion: readAssertion(parse(covered), covered) };
}
