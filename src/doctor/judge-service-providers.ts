/** Judges what is known of service providers: where they are answered, by what they sign, what they take. */
import type { X509Certificate } from 'node:crypto';
import { closedAlgorithms, digestAlgorithms, signatureAlgorithms } from '../config/algorithm-names.ts';
import { isLoopback } from '../config/loopback.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import { tell, type Finding, type Tell } from './check.ts';
import { dateOf, daysUntil } from './judge-certificate.ts';

type Judged = Pick<
  ServiceProvider,
  'entityID' | 'assertionConsumerServices' | 'algorithmSupport' | 'authnRequestsSigned' | 'signingKeys'
>;

const subjectOf = (entityID: string): string => entityID.slice(0, 200);

/** One finding for each that is ill; where none is, one for all. */
function each(
  id: Parameters<typeof tell>[0],
  all: readonly Judged[],
  judge: (one: Judged, check: Tell) => Finding | undefined,
  well: string,
): readonly Finding[] {
  if (all.length === 0) return [tell(id).skipped('no service provider is known')];
  const found = all.flatMap((one) => judge(one, tell(id, subjectOf(one.entityID))) ?? []);
  return found.length > 0 ? found : [tell(id).ok(well)];
}

export const judgeEndpoints = (all: readonly Judged[]): readonly Finding[] =>
  each(
    'service-providers.endpoints',
    all,
    ({ assertionConsumerServices }, check) => {
      const plain = assertionConsumerServices.filter(({ location }) => {
        const url = URL.parse(location);
        return url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLoopback(url.hostname));
      });
      return plain.length === 0
        ? undefined
        : check.problem(
            `assertions would go over plain http to ${plain.map(({ location }) => location.slice(0, 120)).join(', ')}`,
          );
    },
    'all are answered over https, or on this machine',
  );

/** @param forbidden URIs that the configuration closes. @param allowed URIs that it opens */
export function judgeAlgorithms(
  all: readonly Judged[],
  forbidden: readonly string[],
  allowed: readonly string[],
): readonly Finding[] {
  const closed = closedAlgorithms(forbidden, allowed);
  const isOurs = (uri: string, table: readonly string[]): boolean => table.includes(uri) && !closed.has(uri);
  const signatures = Object.values(signatureAlgorithms).map(({ uri }) => uri);
  const digests: readonly string[] = Object.values(digestAlgorithms);
  return each(
    'service-providers.algorithms',
    all,
    ({ algorithmSupport }, check) => {
      const lacking = [
        ...(algorithmSupport.signings?.some(({ algorithm }) => isOurs(algorithm, signatures)) === false ? ['signatures'] : []),
        ...(algorithmSupport.digests?.some((uri) => isOurs(uri, digests)) === false ? ['digests'] : []),
      ];
      return lacking.length === 0 ? undefined : check.problem(`of ${lacking.join(' and ')} it takes none that we use`);
    },
    'all take algorithms that we use',
  );
}

export const judgeSigning = (all: readonly Judged[]): readonly Finding[] =>
  each(
    'service-providers.signing',
    all,
    ({ authnRequestsSigned, signingKeys }, check) =>
      authnRequestsSigned && signingKeys.length === 0
        ? check.problem('its requests must be signed, and it has no key to verify them by')
        : undefined,
    'whoever must sign its requests has a key',
  );

/** sha1WithRSAEncryption (RFC 8017 §A.2.4) and ecdsa-with-SHA1 (RFC 3279 §2.2.3), as they stand in a certificate. */
const sha1 = [Buffer.from('06092a864886f70d010105', 'hex'), Buffer.from('06072a8648ce3d0401', 'hex')];
const leastBits = 2_048;
const soon = 30;

/** What is wrong with one, in words. */
function wrongOf({ raw, validTo, publicKey }: X509Certificate, now: number): readonly string[] {
  const end = Date.parse(validTo);
  const days = daysUntil(end, now);
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  return [
    ...(end <= now ? [`expired on ${dateOf(end)}`] : days < soon ? [`ends on ${dateOf(end)}, in ${String(days)} days`] : []),
    ...(sha1.some((id) => raw.includes(id)) ? ['is signed by SHA-1'] : []),
    ...(asymmetricKeyType === 'rsa' && bits < leastBits ? [`is of RSA with ${String(bits)} bits`] : []),
  ];
}

/** @param all certificates by entity ID. @param now milliseconds since the epoch */
export function judgeCertificates(all: ReadonlyMap<string, readonly X509Certificate[]>, now: number): readonly Finding[] {
  const id = 'service-providers.certificates';
  const count = [...all.values()].flat().length;
  if (count === 0) return [tell(id).skipped('no metadata hold a certificate')];
  const found = [...all].flatMap(([entityID, certificates]) => {
    const wrong = certificates.flatMap((certificate) => wrongOf(certificate, now));
    return wrong.length === 0
      ? []
      : [tell(id, subjectOf(entityID)).warning(`a certificate ${[...new Set(wrong)].join(', another ')}`)];
  });
  return found.length > 0
    ? found
    : [tell(id).ok(`${String(count)} certificates of ${String(all.size)} service providers are well`)];
}
