/** Finds the way from a certificate to one of our authorities and verifies each step of it (RFC 5280 §6.1, RFC 4158). */
import { Refusal, type Reason } from '../../refusal.ts';
import { extensionIds, keyUsages, type Certificate } from './read-certificate.ts';
import { isSignedBy, isSoundKey } from './signature.ts';

/** A certificate that the configuration names. */
export interface Authority {
  readonly certificate: Certificate;
  /** Whether the user principal names in what it issues itself are believed. */
  readonly trustUpn: boolean;
  /** Whether the security identifiers are. */
  readonly trustSid: boolean;
  /** DNS names of the domains whose people it may name so; none: of all. */
  readonly domains: readonly string[];
}

/** From the person's certificate to an authority of ours; each is signed by the key of the next. */
export type Path = readonly [leaf: Certificate, issuer: Certificate, ...others: Certificate[]];

export interface Trust {
  readonly authorities: readonly Authority[];
  /** Object identifiers of extendedKeyUsage, one of which must be there. */
  readonly purposes: readonly string[];
}

const longestPath = 8;
/** Signatures that are verified for one sign-in, whatever is presented. */
const mostSignatures = 32;
const anyPurpose = '2.5.29.37.0';
/** Those that are looked at, here or by revocation; of policies any is right. nameConstraints are refused wherever they stand. */
const understood: ReadonlySet<string> = new Set([
  extensionIds.keyUsage,
  extensionIds.subjectAltName,
  extensionIds.basicConstraints,
  extensionIds.certificatePolicies,
  extensionIds.crlDistributionPoints,
  extensionIds.extendedKeyUsage,
]);

interface Failure {
  readonly reason: Reason;
  readonly cause: string;
}

const untrusted = (cause: string): Failure => ({ reason: 'certificate-untrusted', cause });
const weak = (cause: string): Failure => ({ reason: 'certificate-weak', cause });

const isSelfIssued = ({ subject, issuer }: Certificate): boolean => subject.equals(issuer);

/** The extension that nobody here looks at, though it must be. */
export function unknownCritical({ extensions }: Certificate): string | undefined {
  for (const [id, { critical }] of extensions) if (critical && !understood.has(id)) return id;
  return undefined;
}

/** Why a certificate is no authority that may issue others. `below`: authorities between it and the person's certificate. */
export function barsAuthority(certificate: Certificate, below: number, now: number): Failure | undefined {
  const { extensions, isAuthority, keyUsage, notAfter, notBefore, pathLength, publicKey } = certificate;
  if (!isAuthority) return untrusted('the issuer is no authority (basicConstraints)');
  if (keyUsage?.has(keyUsages.keyCertSign) !== true) return untrusted('the issuer may sign no certificates (keyUsage)');
  if (pathLength !== undefined && below > pathLength)
    return untrusted('more authorities than one of them allows (pathLenConstraint)');
  if (extensions.has(extensionIds.nameConstraints))
    return untrusted('an authority with nameConstraints, which are not supported');
  const critical = unknownCritical(certificate);
  if (critical !== undefined) return untrusted(`an authority with the unknown critical extension ${critical}`);
  if (!isSoundKey(publicKey)) return weak('the key of an authority is too short, or of an unknown kind');
  if (now < notBefore || now > notAfter) return untrusted('an authority is not valid now');
  return undefined;
}

function barsLeaf(leaf: Certificate, now: number): Failure | undefined {
  const critical = unknownCritical(leaf);
  if (critical !== undefined) return untrusted(`the unknown critical extension ${critical}`);
  if (now < leaf.notBefore)
    return { reason: 'certificate-not-yet-valid', cause: `valid from ${new Date(leaf.notBefore).toISOString()}` };
  if (now > leaf.notAfter)
    return { reason: 'certificate-expired', cause: `valid until ${new Date(leaf.notAfter).toISOString()}` };
  if (leaf.isAuthority) return { reason: 'certificate-purpose', cause: 'it is an authority’s, not a person’s' };
  if (leaf.keyUsage?.has(keyUsages.digitalSignature) === false)
    return { reason: 'certificate-purpose', cause: 'it may not sign (keyUsage)' };
  return undefined;
}

/** Every certificate of the path must allow one and the same purpose. */
function barsPurpose(path: Path, purposes: readonly string[]): Failure | undefined {
  const [leaf, ...authorities] = path;
  let usable = purposes.filter((purpose) => leaf.extendedKeyUsage?.includes(purpose) === true);
  if (usable.length === 0) return { reason: 'certificate-purpose', cause: 'none of the purposes asked for (extendedKeyUsage)' };
  for (const { extendedKeyUsage } of authorities) {
    if (extendedKeyUsage === undefined || extendedKeyUsage.includes(anyPurpose)) continue;
    usable = usable.filter((purpose) => extendedKeyUsage.includes(purpose));
  }
  return usable.length > 0 ? undefined : { reason: 'certificate-purpose', cause: 'its authority may not issue for that purpose' };
}

/** Whether another certificate of ours vouches for it: then the way goes on, and its own revocation is asked for. */
const isVouchedFor = ({ certificate }: Authority, all: readonly Authority[]): boolean =>
  !isSelfIssued(certificate) &&
  all.some(
    (other) => other.certificate.subject.equals(certificate.issuer) && isSignedBy(other.certificate.publicKey, certificate),
  );

/** @returns verifies a certificate, with others that came along; the function throws Refusal certificate-… */
export function createVerifyPath({
  authorities,
  purposes,
}: Trust): (presented: readonly [Certificate, ...Certificate[]], now: number) => Path {
  const anchors = new Set(
    authorities.filter((authority) => !isVouchedFor(authority, authorities)).map(({ certificate }) => certificate.fingerprint),
  );

  return ([leaf, ...others], now) => {
    const known = new Map([...others, ...authorities.map(({ certificate }) => certificate)].map((one) => [one.fingerprint, one]));
    let signatures = 0;
    let failure: Failure | undefined;
    /** The first trouble is told, except that others say more than that nobody is known. */
    const note = (found: Failure): void => {
      failure ??= found;
    };

    function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
      if (signatures >= mostSignatures) return false;
      signatures += 1;
      return isSignedBy(issuer.publicKey, certificate);
    }

    function extend(path: readonly [Certificate, ...Certificate[]]): Path | undefined {
      const last = path.at(-1) ?? leaf;
      const below = path.slice(1).filter((one) => !isSelfIssued(one)).length;
      for (const issuer of known.values()) {
        if (!issuer.subject.equals(last.issuer)) continue;
        // The same key under the same name once more leads nowhere new.
        const isKnown = (one: Certificate): boolean =>
          one.subject.equals(issuer.subject) && one.subjectPublicKeyInfo.equals(issuer.subjectPublicKeyInfo);
        if (path.some(isKnown)) continue;
        if (!isIssuedBy(last, issuer)) {
          if (!isSoundKey(issuer.publicKey)) note(weak('the key of an authority is too short, or of an unknown kind'));
          continue;
        }
        const bar = barsAuthority(issuer, below, now);
        if (bar !== undefined) {
          note(bar);
          continue;
        }
        const [first, ...between] = path;
        const longer: Path = between[0] === undefined ? [first, issuer] : [first, between[0], ...between.slice(1), issuer];
        if (anchors.has(issuer.fingerprint)) {
          const trouble = barsLeaf(first, now) ?? barsPurpose(longer, purposes);
          if (trouble === undefined) return longer;
          note(trouble);
        } else if (issuer.algorithm === undefined) note(weak('an authority is signed by a weak algorithm'));
        else if (longer.length < longestPath) {
          const found = extend(longer);
          if (found !== undefined) return found;
        }
      }
      return undefined;
    }

    if (leaf.algorithm === undefined) note(weak('signed by a weak algorithm'));
    else if (!isSoundKey(leaf.publicKey)) note(weak('a key that is too short, or of an unknown kind'));
    else {
      const found = extend([leaf]);
      if (found !== undefined) return found;
    }
    const { reason, cause } = failure ?? untrusted('no way leads from it to a configured authority');
    throw new Refusal(reason, { cause });
  };
}
