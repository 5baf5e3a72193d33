/** Certificate revocation lists (RFC 5280 §5): complete ones that an authority signs for itself. */
import { distributionUris, readDistributionPoints } from './general-names.ts';
import {
  context,
  DerMistake,
  fieldsOf,
  readBoolean,
  readDer,
  readInteger,
  readOctets,
  readSmall,
  readTime,
  tags,
  valuesIn,
  within,
  type Der,
} from './der.ts';
import { extensionIds, keyUsages, readExtensions, type Certificate } from './read-certificate.ts';
import { isSignedBy, readSignatureAlgorithm, type Signed } from './signature.ts';

export interface RevocationList extends Signed {
  /** DER. */
  readonly issuer: Buffer;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Serial numbers in hexadecimal. */
  readonly revoked: ReadonlySet<string>;
  /** Of whom it tells: people, authorities, or both. */
  readonly of: 'people' | 'authorities' | 'all';
  /** Only of certificates that name one of these addresses; undefined where it tells of all. */
  readonly addresses: readonly string[] | undefined;
}

/** Milliseconds that another's clock may be ahead. */
export const skew = 300_000;

const numberId = '2.5.29.20';
const deltaId = '2.5.29.27';
const scopeId = '2.5.29.28';
const understood: ReadonlySet<string> = new Set([numberId, scopeId, '2.5.29.35']);
const entryUnderstood: ReadonlySet<string> = new Set(['2.5.29.21', '2.5.29.24']);
/** So many entries are read before others have their turn. */
const atOnce = 2_000;

/** Of PEM what it encloses. */
function toDer(bytes: Buffer): Buffer {
  if (bytes[0] === tags.sequence) return bytes;
  const match = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(bytes.toString('latin1'));
  if (match?.[1] === undefined) throw new DerMistake('it is no revocation list');
  return Buffer.from(match[1], 'base64');
}

function readScope(value: Buffer | undefined): Pick<RevocationList, 'of' | 'addresses'> {
  if (value === undefined) return { of: 'all', addresses: undefined };
  const fields = fieldsOf(readDer(value));
  const point = fields.optional(context(0));
  const flag = (number: number): boolean => {
    const field = fields.optional(context(number, false));
    return field !== undefined && readBoolean(field);
  };
  const [onlyPeople, onlyAuthorities] = [flag(1), flag(2)];
  if (fields.optional(context(3, false)) !== undefined) throw new DerMistake('it tells of some reasons alone');
  if (flag(4)) throw new DerMistake('it is indirect: another authority’s certificates stand in it');
  if (flag(5) || (onlyPeople && onlyAuthorities)) throw new DerMistake('it tells of no certificates that come here');
  fields.end();
  const of = onlyPeople ? 'people' : onlyAuthorities ? 'authorities' : 'all';
  return { of, addresses: point && distributionUris(point) };
}

async function readRevoked(list: Der | undefined): Promise<ReadonlySet<string>> {
  const revoked = new Set<string>();
  let count = 0;
  for (const entry of list === undefined ? [] : valuesIn(list)) {
    const fields = fieldsOf(entry);
    revoked.add(readInteger(fields.next(tags.integer)).toString('hex'));
    fields.next();
    const extensions = fields.optional(tags.sequence);
    fields.end();
    for (const [id, { critical }] of extensions === undefined ? [] : readExtensions(extensions)) {
      if (critical && !entryUnderstood.has(id)) throw new DerMistake(`an entry with the unknown critical extension ${id}`);
    }
    count += 1;
    if (count % atOnce === 0) await new Promise(setImmediate);
  }
  return revoked;
}

/** @throws DerMistake */
export async function readRevocationList(bytes: Buffer): Promise<RevocationList> {
  const outer = fieldsOf(readDer(toDer(bytes), tags.sequence));
  const toBeSigned = outer.next(tags.sequence);
  const algorithm = outer.next(tags.sequence);
  const signature = readOctets(outer.next(tags.bitString));
  outer.end();

  const fields = fieldsOf(toBeSigned);
  const version = fields.optional(tags.integer);
  if (version !== undefined && readSmall(version) !== 1) throw new DerMistake('its version');
  if (!fields.next(tags.sequence).raw.equals(algorithm.raw)) throw new DerMistake('two algorithms');
  const issuer = fields.next(tags.sequence).raw;
  const thisUpdate = readTime(fields.next());
  const next = fields.optional(tags.utcTime) ?? fields.optional(tags.generalizedTime);
  // RFC 5280 §5.1.2.5: without it, nobody knows how old a list may be.
  if (next === undefined) throw new DerMistake('it does not say when the next one comes');
  const list = fields.optional(tags.sequence);
  const more = fields.optional(context(0));
  fields.end();

  const extensions = more === undefined ? new Map<string, never>() : readExtensions(within(more, tags.sequence));
  if (extensions.has(deltaId)) throw new DerMistake('it tells of changes alone (delta)');
  for (const [id, { critical }] of extensions)
    if (critical && !understood.has(id)) throw new DerMistake(`the unknown critical extension ${id}`);
  return {
    issuer,
    thisUpdate,
    nextUpdate: readTime(next),
    ...readScope(extensions.get(scopeId)?.value),
    signed: toBeSigned.raw,
    algorithm: readSignatureAlgorithm(algorithm),
    signature,
    revoked: await readRevoked(list),
  };
}

/** The addresses of lists that a certificate names. @throws DerMistake */
export function listAddresses({ extensions }: Certificate): readonly string[] {
  const points = extensions.get(extensionIds.crlDistributionPoints);
  return points === undefined ? [] : readDistributionPoints(points.value);
}

/** Whether the list is one of that authority, by its signature. */
export const isListOf = (list: RevocationList, { subject, keyUsage, publicKey }: Certificate): boolean =>
  list.issuer.equals(subject) && keyUsage?.has(keyUsages.cRLSign) === true && isSignedBy(publicKey, list);

/**
 * What a list, which is known to be its issuer's, says of a certificate.
 * @throws DerMistake where it does not tell of this certificate, or not of now
 */
export function askList(list: RevocationList, certificate: Certificate, now: number): 'good' | 'revoked' {
  if (list.thisUpdate > now + skew) throw new DerMistake('the list comes from the future');
  if (list.nextUpdate <= now)
    throw new DerMistake(`the list has expired (nextUpdate ${new Date(list.nextUpdate).toISOString()})`);
  if (list.of !== 'all' && (list.of === 'authorities') !== certificate.isAuthority)
    throw new DerMistake('the list tells of other certificates');
  const { addresses } = list;
  if (addresses !== undefined && !listAddresses(certificate).some((address) => addresses.includes(address)))
    throw new DerMistake('the list is for another distribution point');
  return list.revoked.has(certificate.serialNumber.toString('hex')) ? 'revoked' : 'good';
}
