/** The Online Certificate Status Protocol (RFC 6960): asks for one certificate, and verifies what is answered. */
import { hash } from 'node:crypto';
import {
  context,
  DerMistake,
  fieldsOf,
  readDer,
  readObjectIdentifier,
  readOctets,
  readSmall,
  readTime,
  tags,
  valuesIn,
  within,
  type Der,
} from './der.ts';
import { skew } from './revocation-list.ts';
import { keyUsages, readCertificate, readExtensions, type Certificate } from './read-certificate.ts';
import { isSignedBy, readSignatureAlgorithm } from './signature.ts';
import { unknownCritical } from './verify-path.ts';
import { writeDer, writeObjectIdentifier } from './write-der.ts';

export interface OcspStatus {
  readonly status: 'good' | 'revoked';
  /** Milliseconds since the epoch; undefined where newer information is always there, and nothing may be kept. */
  readonly nextUpdate: number | undefined;
}

export interface OcspQuestion {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** What was sent, and must come back where one comes back at all; undefined where nothing was sent. */
  readonly nonce: Buffer | undefined;
  readonly now: number;
  /** Whether a certificate of the issuer was revoked, by its lists alone. @throws DerMistake where that is not known */
  readonly askLists: (responder: Certificate) => Promise<'good' | 'revoked'>;
}

const basicId = '1.3.6.1.5.5.7.48.1.1';
const nonceId = '1.3.6.1.5.5.7.48.1.2';
const noCheckId = '1.3.6.1.5.5.7.48.1.5';
const signingPurpose = '1.3.6.1.5.5.7.3.9';
const hashes: Readonly<Record<string, string>> = { '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256' };
const statuses: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
};
const mostCertificates = 8;
const mostAnswers = 64;

const digest = (algorithm: string, bytes: Buffer): Buffer => hash(algorithm, bytes, 'buffer');

/** RFC 6960 §4.1.1; by SHA-1, which every responder knows and on which nothing rests here. */
export function writeOcspRequest({ certificate, issuer, nonce }: Pick<OcspQuestion, 'certificate' | 'issuer' | 'nonce'>): Buffer {
  const sequence = (...contents: readonly Buffer[]): Buffer => writeDer(tags.sequence, ...contents);
  const octets = (content: Buffer): Buffer => writeDer(tags.octetString, content);
  const id = sequence(
    sequence(writeObjectIdentifier('1.3.14.3.2.26'), Buffer.from([0x05, 0x00])),
    octets(digest('sha1', certificate.issuer)),
    octets(digest('sha1', issuer.publicKeyBits)),
    writeDer(tags.integer, certificate.serialNumber),
  );
  const extensions =
    nonce === undefined ? [] : [writeDer(context(2), sequence(sequence(writeObjectIdentifier(nonceId), octets(octets(nonce)))))];
  return sequence(sequence(sequence(sequence(id)), ...extensions));
}

function isAskedFor(id: Der, { certificate, issuer }: OcspQuestion): boolean {
  const fields = fieldsOf(id);
  const algorithm = hashes[readObjectIdentifier(fieldsOf(fields.next(tags.sequence)).next())];
  const [name, key, serial] = [fields.next(tags.octetString), fields.next(tags.octetString), fields.next(tags.integer)];
  fields.end();
  return (
    algorithm !== undefined &&
    name.content.equals(digest(algorithm, certificate.issuer)) &&
    key.content.equals(digest(algorithm, issuer.publicKeyBits)) &&
    serial.content.equals(certificate.serialNumber)
  );
}

function readAnswer(fields: ReturnType<typeof fieldsOf>, now: number): OcspStatus {
  const status = fields.next();
  const thisUpdate = readTime(fields.next(tags.generalizedTime));
  const next = fields.optional(context(0));
  const more = fields.optional(context(1));
  fields.end();
  if (more !== undefined) refuseCritical(readExtensions(within(more, tags.sequence)));
  const nextUpdate = next && readTime(within(next, tags.generalizedTime));
  if (thisUpdate > now + skew) throw new DerMistake('the answer comes from the future');
  if (nextUpdate === undefined ? thisUpdate < now - skew : nextUpdate <= now) throw new DerMistake('the answer is too old');
  if (status.tag === context(0, false)) return { status: 'good', nextUpdate };
  if (status.tag === context(1)) return { status: 'revoked', nextUpdate };
  throw new DerMistake('the responder does not know the certificate');
}

function refuseCritical(extensions: ReturnType<typeof readExtensions>): void {
  for (const [id, { critical }] of extensions)
    if (critical && id !== nonceId) throw new DerMistake(`the answer has the unknown critical extension ${id}`);
}

/** RFC 6960 §4.2.2.2: the authority itself, or whom it named for this by a certificate of its own making. */
async function isResponder(candidate: Certificate, { issuer, now, askLists }: OcspQuestion): Promise<boolean> {
  if (candidate.fingerprint === issuer.fingerprint) return true;
  const { extensions, extendedKeyUsage, isAuthority, keyUsage, notAfter, notBefore } = candidate;
  if (!candidate.issuer.equals(issuer.subject) || !isSignedBy(issuer.publicKey, candidate)) return false;
  if (isAuthority || unknownCritical(candidate) !== undefined || extendedKeyUsage?.includes(signingPurpose) !== true)
    return false;
  if (keyUsage?.has(keyUsages.digitalSignature) === false || now < notBefore || now > notAfter) return false;
  return extensions.has(noCheckId) || (await askLists(candidate)) === 'good';
}

/** @throws DerMistake where it says nothing that is certain */
export async function readOcspResponse(bytes: Buffer, question: OcspQuestion): Promise<OcspStatus> {
  const outer = fieldsOf(readDer(bytes, tags.sequence));
  const code = readSmall(outer.next(tags.enumerated));
  if (code !== 0) throw new DerMistake(`the responder answers ${statuses[code] ?? String(code)}`);
  const responseBytes = fieldsOf(within(outer.next(context(0)), tags.sequence));
  outer.end();
  if (readObjectIdentifier(responseBytes.next()) !== basicId) throw new DerMistake('an answer of another kind');
  const basic = fieldsOf(readDer(responseBytes.next(tags.octetString).content, tags.sequence));
  responseBytes.end();

  const data = basic.next(tags.sequence);
  const algorithm = readSignatureAlgorithm(basic.next(tags.sequence));
  const signature = readOctets(basic.next(tags.bitString));
  const attached = basic.optional(context(0));
  basic.end();
  const certificates = attached === undefined ? [] : [...valuesIn(within(attached, tags.sequence))];
  if (certificates.length > mostCertificates) throw new DerMistake('too many certificates');

  const fields = fieldsOf(data);
  const version = fields.optional(context(0));
  if (version !== undefined && readSmall(within(version, tags.integer)) !== 0) throw new DerMistake('its version');
  const responder = fields.next();
  readTime(fields.next(tags.generalizedTime));
  const answers = fields.next(tags.sequence);
  const more = fields.optional(context(1));
  fields.end();

  const isNamed = ({ subject, publicKeyBits }: Certificate): boolean => {
    if (responder.tag === context(1)) return responder.content.equals(subject);
    if (responder.tag !== context(2)) throw new DerMistake('an answer of nobody');
    return within(responder, tags.octetString).content.equals(digest('sha1', publicKeyBits));
  };
  const signed = { algorithm, signature, signed: data.raw };
  const candidates = [question.issuer, ...certificates.map(({ raw }) => readCertificate(raw))].filter(
    (candidate) => isNamed(candidate) && isSignedBy(candidate.publicKey, signed),
  );
  let isBelieved = false;
  for (const candidate of candidates) isBelieved ||= await isResponder(candidate, question);
  if (!isBelieved) throw new DerMistake('nobody signed the answer who may');

  const extensions = more === undefined ? new Map<string, never>() : readExtensions(within(more, tags.sequence));
  refuseCritical(extensions);
  const nonce = extensions.get(nonceId);
  // RFC 5019 §4: a responder that prepares its answers leaves it out.
  if (nonce !== undefined && question.nonce !== undefined) {
    if (!readDer(nonce.value, tags.octetString).content.equals(question.nonce))
      throw new DerMistake('the answer is to another question (nonce)');
  }

  const found: OcspStatus[] = [];
  let count = 0;
  for (const answer of valuesIn(answers)) {
    count += 1;
    if (count > mostAnswers) throw new DerMistake('too many answers');
    const single = fieldsOf(answer);
    if (isAskedFor(single.next(tags.sequence), question)) found.push(readAnswer(single, question.now));
  }
  const [first] = found;
  if (first === undefined) throw new DerMistake('the answer is about other certificates');
  return found.find(({ status }) => status === 'revoked') ?? first;
}
