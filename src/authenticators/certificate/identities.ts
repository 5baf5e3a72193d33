/** What a certificate says of whose it is: values that Active Directory ties to people, and how far each may be believed. */
import { hash } from 'node:crypto';
import { fieldsOf, readDer, readObjectIdentifier, tags, valuesIn, context, within, DerMistake } from './der.ts';
import { extensionIds, type Certificate } from './read-certificate.ts';
import { nameText } from './x500-name.ts';

/** Values of altSecurityIdentities. */
export interface Identities {
  /** Those that one certificate alone can have (MS-PKCA §3.1.5.2.1, KB5014754). */
  readonly strong: readonly string[];
  /** Those that others can be given, too; they only explain a refusal. */
  readonly weak: readonly string[];
  /** S-1-5-…, which the authority itself wrote into it; undefined where it did not. */
  readonly securityIdentifier: string | undefined;
}

const objectSid = '1.3.6.1.4.1.311.25.2.1';
const form = /^S-1-5(?:-\d{1,10}){1,14}$/;

/** MS-WCCE §2.2.2.7.7.4: an otherName whose value is the identifier as text. @throws DerMistake */
function readSecurityIdentifier({ extensions }: Certificate): string | undefined {
  const extension = extensions.get(extensionIds.securityIdentifier);
  if (extension === undefined) return undefined;
  const found: string[] = [];
  for (const name of valuesIn(readDer(extension.value, tags.sequence))) {
    const fields = fieldsOf(name, context(0));
    const type = readObjectIdentifier(fields.next());
    const value = within(fields.next(context(0)), tags.octetString).content.toString('latin1');
    fields.end();
    if (type === objectSid) found.push(value);
  }
  const [first, ...others] = found;
  if (first === undefined || others.length > 0 || !form.test(first)) throw new DerMistake('no security identifier');
  return first;
}

/** Last byte first, as Windows holds numbers; with and without the zero that keeps them positive. */
function serials({ serialNumber }: Certificate): readonly string[] {
  const bare = serialNumber[0] === 0 && serialNumber.length > 1 ? serialNumber.subarray(1) : serialNumber;
  return [...new Set([serialNumber, bare].map((octets) => Buffer.from(octets).reverse().toString('hex')))];
}

/** As Windows writes them, and with the spaces and the ST that other tools write. */
function spellings(name: Buffer): readonly string[] {
  const separators = [',', ', '] as const;
  const states = ['S', 'ST'] as const;
  return [...new Set(separators.flatMap((separator) => states.map((state) => nameText(name, { separator, state }))))];
}

/** @throws DerMistake */
export function identitiesOf(certificate: Certificate): Identities {
  const { issuer, subject, raw, subjectPublicKeyInfo, publicKeyBits, subjectKeyIdentifier, names } = certificate;
  const issuers = spellings(issuer);
  const subjects = subject.length > 2 ? spellings(subject) : [];
  // What is hashed, Microsoft’s pages tell in several ways; each of them names one key alone.
  const hashes = [raw, publicKeyBits, subjectPublicKeyInfo].map((bytes) => hash('sha1', bytes, 'hex'));
  return {
    strong: [
      ...issuers.flatMap((name) => serials(certificate).map((serial) => `X509:<I>${name}<SR>${serial}`)),
      ...(subjectKeyIdentifier === undefined || subjectKeyIdentifier.length < 16
        ? []
        : [`X509:<SKI>${subjectKeyIdentifier.toString('hex')}`]),
      ...hashes.map((one) => `X509:<SHA1-PUKEY>${one}`),
    ],
    weak: [
      ...subjects.flatMap((name) => [...issuers.map((by) => `X509:<I>${by}<S>${name}`), `X509:<S>${name}`]),
      ...names.rfc822Names.slice(0, 4).map((address) => `X509:<RFC822>${address}`),
    ],
    securityIdentifier: readSecurityIdentifier(certificate),
  };
}
