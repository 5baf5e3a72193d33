/** Judges signatures by xmlsec1, and holds their form to saml-core §5.4. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xmlsec1 } from '../fixtures/xmlsec1.ts';
import { attribute, maybe, one } from './dom.ts';

/** The algorithms that a signature names. */
export interface SignatureFacts {
  readonly signing: string;
  readonly digest: string;
}

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const identified = ['protocol:Response', 'protocol:LogoutRequest', 'protocol:LogoutResponse', 'protocol:ArtifactResponse']
  .concat(['assertion:Assertion', 'metadata:EntityDescriptor'])
  .flatMap((name) => ['--id-attr:ID', `urn:oasis:names:tc:SAML:2.0:${name}`]);

/** Whether xmlsec1 takes the signature that is a child of the element with that ID, by that certificate alone. */
function isVerifiedByXmlsec(xml: string, id: string, certificate: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-conformance-'));
  try {
    const [file, pem] = [join(folder, 'message.xml'), join(folder, 'certificate.pem')];
    writeFileSync(file, xml);
    writeFileSync(pem, certificate);
    const trusted = ['--enabled-key-data', 'rsa,ec,ecdsa,x509', '--pubkey-cert-pem', pem];
    const where = ['--node-xpath', `//*[@ID='${id}']/*[local-name()='Signature']`];
    xmlsec1(['--verify', ...trusted, ...identified, ...where, file]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The facts of the signature on an element, once it is proven; undefined where it has none. */
export function judgeSignature(xml: string, element: Element, certificates: readonly string[]): SignatureFacts | undefined {
  const signature = maybe('ds:Signature', element);
  if (signature === undefined) return undefined;
  const id = attribute(element, 'ID') ?? '';
  const reference = one('ds:SignedInfo/ds:Reference', signature);
  assert.equal(attribute(reference, 'URI'), `#${id}`, 'the signature is of another element');
  const transforms = Array.from(one('ds:Transforms', reference).childNodes, (child) => attribute(child as Element, 'Algorithm'));
  assert.deepEqual(transforms, [enveloped, exclusiveC14n], 'saml-core §5.4.4');
  const canonicalization = one('ds:SignedInfo/ds:CanonicalizationMethod', signature);
  assert.equal(attribute(canonicalization, 'Algorithm'), exclusiveC14n);
  assert.ok(
    certificates.some((certificate) => isVerifiedByXmlsec(xml, id, certificate)),
    `xmlsec1 refuses the signature of ${element.localName}`,
  );
  return {
    signing: attribute(one('ds:SignedInfo/ds:SignatureMethod', signature), 'Algorithm') ?? '',
    digest: attribute(one('ds:DigestMethod', reference), 'Algorithm') ?? '',
  };
}
