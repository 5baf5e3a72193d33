/** Client certificates: who presents one of our authorities', not revoked, is whoever the directory ties to it. */
import type { Clock } from '../clock.ts';
import type { Directory, SecurityIdentified } from '../directory/directory.ts';
import { fold } from '../directory/fold.ts';
import { Refusal } from '../refusal.ts';
import type { Recogniser } from './authenticator.ts';
import { DerMistake } from './certificate/der.ts';
import { identitiesOf } from './certificate/identities.ts';
import { readCertificate, type Certificate } from './certificate/read-certificate.ts';
import type { Revocation } from './certificate/revocation.ts';
import { createVerifyPath, type Path, type Trust } from './certificate/verify-path.ts';
import { nameText } from './certificate/x500-name.ts';

const mostPresented = 8;

/** The certificates that came, the person's own first. @throws Refusal certificate-missing, certificate-untrusted */
function readPresented(text: string): readonly [Certificate, ...Certificate[]] {
  const [first, ...others] = text.split(' ').filter((part) => part !== '');
  if (first === undefined) throw new Refusal('certificate-missing');
  if (others.length >= mostPresented) throw new Refusal('certificate-untrusted', { cause: 'too many certificates' });
  const read = (base64: string): Certificate => readCertificate(Buffer.from(base64, 'base64'));
  let leaf: Certificate;
  try {
    leaf = read(first);
  } catch (error) {
    if (!(error instanceof DerMistake)) throw error;
    throw new Refusal('certificate-untrusted', { cause: `the certificate cannot be read: ${error.message}` });
  }
  const along = others.flatMap((one) => {
    try {
      return [read(one)];
    } catch (error) {
      if (error instanceof DerMistake) return [];
      throw error;
    }
  });
  return [leaf, ...along];
}

/** For the audit. */
function describe({ subject, issuer, serialNumber }: Certificate): Record<string, string> {
  const name = (der: Buffer): string => {
    try {
      return nameText(der).slice(0, 256);
    } catch (error) {
      if (error instanceof DerMistake) return 'unreadable';
      throw error;
    }
  };
  return { subject: name(subject), issuer: name(issuer), serialNumber: serialNumber.toString('hex') };
}

/** What the audit calls the certificate of somebody: its number and who issued it. */
export function nameOfCertificate(certificates: string): string {
  try {
    const { serialNumber, issuer } = describe(readPresented(certificates)[0]);
    return `${serialNumber ?? ''} ${issuer ?? ''}`;
  } catch (error) {
    if (error instanceof Refusal) return '';
    throw error;
  }
}

/**
 * `certificates` of what is presented: DER in base64, the person's first, a space between them; whoever hands them over has seen
 * proof of the private key. `ocsp`: a response for it that came along, DER in base64, or nothing.
 */
export function createCertificateRecogniser(parts: {
  trust: Trust;
  revocation: Revocation;
  directory: Pick<Directory, 'bySecurityIdentity'>;
  clock: Clock;
}): Recogniser {
  const { trust, revocation, directory, clock } = parts;
  const verifyPath = createVerifyPath(trust);

  /** Whether what an authority wrote into a certificate, of that kind, may name that person. */
  const mayName = (issuer: Certificate, by: 'trustUpn' | 'trustSid', { domain = '' }: SecurityIdentified['person']): boolean =>
    trust.authorities.some(
      ({ certificate, [by]: isTrusted, domains }) =>
        isTrusted &&
        certificate.subject.equals(issuer.subject) &&
        certificate.subjectPublicKeyInfo.equals(issuer.subjectPublicKeyInfo) &&
        (domains.length === 0 || domains.some((name) => name.toLowerCase() === domain.toLowerCase())),
    );

  /** @throws Refusal certificate-person-unknown, certificate-ambiguous, certificate-mapping-weak */
  async function whose([leaf, issuer]: Path): Promise<SecurityIdentified['person']> {
    const { strong, weak, securityIdentifier } = identitiesOf(leaf);
    const { userPrincipalNames } = leaf.names;
    const found = await directory.bySecurityIdentity({
      altSecurityIdentities: [...strong, ...weak],
      objectSids: securityIdentifier === undefined ? [] : [securityIdentifier],
      userPrincipalNames: userPrincipalNames.slice(0, 4),
    });
    const mapped = new Set(strong.map(fold));
    const named = new Set(userPrincipalNames.map(fold));
    const people: SecurityIdentified['person'][] = [];
    for (const { person, altSecurityIdentities, objectSid } of found) {
      const isTied = altSecurityIdentities.some((value) => mapped.has(fold(value)));
      const isSame = securityIdentifier !== undefined && objectSid === securityIdentifier;
      const isIdentified = isSame && mayName(issuer, 'trustSid', person);
      const bearsName = person.userPrincipalName !== undefined && named.has(fold(person.userPrincipalName));
      const isNamed = bearsName && mayName(issuer, 'trustUpn', person);
      // KB5014754: the name was given to somebody else since, or was never theirs.
      if (isNamed && !isTied && securityIdentifier !== undefined && !isSame)
        throw new Refusal('certificate-ambiguous', { cause: 'the security identifier is not that of whoever bears the name' });
      if (isTied || isIdentified || isNamed) people.push(person);
    }
    const [person, second] = people;
    if (second !== undefined) throw new Refusal('certificate-ambiguous', { people: people.length });
    if (person !== undefined) return person;
    throw new Refusal(found.length > 0 ? 'certificate-mapping-weak' : 'certificate-person-unknown');
  }

  return {
    name: 'certificate',
    async recognise({ certificates = '', ocsp = '' }) {
      const presented = readPresented(certificates);
      try {
        const path = verifyPath(presented, clock.now());
        await revocation.verify(path, ocsp === '' ? undefined : Buffer.from(ocsp, 'base64'));
        return await whose(path);
      } catch (error) {
        if (error instanceof DerMistake)
          throw new Refusal('certificate-untrusted', { cause: error.message, ...describe(presented[0]) });
        if (!(error instanceof Refusal)) throw error;
        throw new Refusal(error.reason, { ...describe(presented[0]), ...error.detail });
      }
    },
  };
}
