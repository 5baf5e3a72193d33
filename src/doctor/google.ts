/** Looks at what Google asks of a sign-in, as far as it can be seen from here. */
import { isLoopback } from '../config/loopback.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { ServiceProviderConfig } from '../config/schema.ts';
import { paths, publishedUrls } from '../config/published-urls.ts';
import { openDirectory } from '../directory/open-directory.ts';
import type { Directory, Person } from '../directory/directory.ts';
import type { FileKey } from '../keys/key-files.ts';
import { mapAddress } from '../mapping/address.ts';
import { prepareMapping } from '../mapping/prepare-mapping.ts';
import { Refusal } from '../refusal.ts';
import { createRelease } from '../service-providers/release.ts';
import { attributeBytes } from '../service-providers/release-limits.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import { ask, NoAnswer } from './ask.ts';
import { tell, type Finding, type Probe } from './check.ts';
import type { CheckId } from './checks.ts';
import { readKeys } from './keys.ts';
import { wantedAttributes } from './wanted-attributes.ts';
import type { World } from './world.ts';

type Google = Exclude<ServiceProviderConfig, { kind: 'metadata' }>;

const isGoogle = (config: ServiceProviderConfig): config is Google => config.kind !== 'metadata';
const longestMetadata = 128_000;
const mostKeys = 3;
/** People whose attributes are tried. */
const mostTried = 50;

/** What Google Admin is told must be https, and its apps on iOS refuse some hosts. */
export function judgeUrls(configuration: Configuration): Finding {
  const check = tell('google.urls');
  const { singleSignOn, signOut, changePassword } = publishedUrls(configuration);
  if (isLoopback(new URL(singleSignOn).hostname))
    return check.skipped('publicUrl is on this machine, where Google does not come');
  const urls = [
    ['sign-in page', singleSignOn],
    ['sign-out page', signOut],
    ['change-password page', changePassword],
  ] as const;
  const wrong = urls.flatMap(([what, url]) => {
    const { protocol, hostname, host } = new URL(url);
    return [
      ...(protocol === 'https:' ? [] : [`the ${what} is ${protocol}//${host}, and not https`]),
      ...(/^(www\.)?google\./.test(hostname) ? [`the host of the ${what}, ${hostname}, is refused on iOS`] : []),
    ];
  });
  return wrong.length > 0
    ? check.problem(wrong.join('; '))
    : check.ok(`https, at ${new URL(singleSignOn).hostname}, which Google takes`);
}

/** Both generations of URLs: each names its profile twice. */
const profileForms = [
  [
    /^https:\/\/accounts\.google\.com\/samlrp\/metadata\?rpid=([\w-]+)$/,
    /^https:\/\/accounts\.google\.com\/samlrp\/acs\?rpid=([\w-]+)$/,
  ],
  [/^https:\/\/accounts\.google\.com\/samlrp\/([\w-]+)$/, /^https:\/\/accounts\.google\.com\/samlrp\/([\w-]+)\/acs$/],
] as const;

export function judgeProfile({
  entityId,
  acsUrl,
}: Pick<Extract<Google, { kind: 'google-profile' }>, 'entityId' | 'acsUrl'>): Finding {
  const check = tell('google.profile', entityId.slice(0, 120));
  const profiles = profileForms.map(([entity, acs]) => [entity.exec(entityId)?.[1], acs.exec(acsUrl)?.[1]] as const);
  const [found] = profiles.filter(([one, other]) => one !== undefined && other !== undefined);
  if (found === undefined)
    return check.warning(`entity ID and ACS URL (${acsUrl.slice(0, 120)}) are not as Google Admin shows them`);
  const [one = '', other = ''] = found;
  return one === other
    ? check.ok(`entity ID and ACS URL are of the profile ${one}`)
    : check.warning(`the entity ID is of the profile ${one}, the ACS URL of ${other}`);
}

export function judgeDomain(domain: string, { primary, secondary, aliases }: Configuration['mapping']['domains']): Finding {
  const check = tell('google.domains', domain);
  const known = [primary, ...secondary, ...Object.keys(aliases)];
  return known.some((one) => one.toLowerCase() === domain.toLowerCase())
    ? check.ok('it is a domain of the account')
    : check.warning(`it is none of ${known.slice(0, 6).join(', ')}`);
}

export function judgeLetterCase(people: readonly Person[], mapping: Configuration['mapping']): Finding {
  const check = tell('google.letter-case');
  if (mapping.letterCase === 'lower') return check.ok('the mapping makes all addresses lower case');
  const prepared = prepareMapping(mapping);
  const addresses = people.flatMap((person) => {
    try {
      return [mapAddress(person, prepared).address];
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
  const capital = addresses.filter((address) => address !== address.toLowerCase()).length;
  if (capital > 0) return check.warning(`${String(capital)} of ${String(addresses.length)} addresses have capital letters`);
  return addresses.length === 0
    ? check.skipped('nobody was read whose address could be seen')
    : check.ok(`all ${String(addresses.length)} addresses that were seen are in lower case`);
}

export function judgeGoogleCertificates({
  published,
  active,
}: {
  readonly published: readonly FileKey[];
  readonly active: string | undefined;
}): Finding {
  const check = tell('google.certificates');
  if (published.length === 0) return check.skipped('there are no keys yet');
  if (published.length > 2)
    return check.problem(
      `${String(published.length)} keys sign for everybody, and a profile takes 2 certificates`,
      'Retire those that do not sign: `passerelle keys retire NAME`.',
    );
  const wrong = published.filter(
    ({ certificate: { publicKey } }) =>
      publicKey.asymmetricKeyType !== 'rsa' || (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < 2_048,
  );
  if (wrong.length > 0) return check.problem(`${wrong.map(({ name }) => name).join(', ')} is no RSA key of 2,048 bits or more`);
  return check.ok(
    `${String(published.length)} RSA certificates, of 2 that a profile takes${active === undefined ? '' : `; ${active} signs`}`,
  );
}

/** @param metadata ours, as they are given out */
export function judgeWorkforce(metadata: string, keys: readonly FileKey[], now: number): Finding {
  const check = tell('google.workforce');
  const count = [...metadata.matchAll(/<(?:[\w.-]+:)?KeyDescriptor\b(?![^>]*\buse="encryption")/g)].length;
  if (metadata.length > longestMetadata)
    return check.problem(`our metadata have ${String(metadata.length)} characters, and ${String(longestMetadata)} are taken`);
  if (count > mostKeys)
    return check.problem(`our metadata name ${String(count)} keys that sign, and ${String(mostKeys)} are taken`);
  if (keys.length > 0 && keys.every(({ certificate }) => Date.parse(certificate.validTo) <= now))
    return check.problem('all our certificates have expired, and an update must hold one that has not');
  return check.ok(
    `our metadata have ${String(metadata.length)} of ${String(longestMetadata)} characters and ${String(count)} of ${String(mostKeys)} keys`,
  );
}

/** The largest of what people would be told of. */
export async function judgeAttributes(
  serviceProviders: readonly RegisteredServiceProvider[],
  people: readonly Person[],
  {
    configuration,
    directory,
  }: { readonly configuration: Pick<Configuration, 'release' | 'mapping'>; readonly directory: Pick<Directory, 'readFurther'> },
): Promise<readonly Finding[]> {
  const release = createRelease({ release: configuration.release, directory });
  const prepared = prepareMapping(configuration.mapping);
  const addressOf = (person: Person): string | undefined => {
    try {
      return mapAddress(person, prepared).address;
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  };
  const findings: Finding[] = [];
  for (const serviceProvider of serviceProviders) {
    const check = tell('google.attributes', serviceProvider.entityID);
    const refused = new Map<string, string>();
    let largest = 0;
    let tried = 0;
    for (const person of people.slice(0, mostTried)) {
      try {
        const request = { address: addressOf(person), attributeConsumingServiceIndex: undefined };
        largest = Math.max(largest, attributeBytes(await release.attributes(serviceProvider, person, request)));
        tried += 1;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.reason.startsWith('attribute')) refused.set(error.reason, person.sAMAccountName ?? 'somebody');
      }
    }
    const limit = serviceProvider.attributeLimits.bytes;
    const words = `${String(largest)} bytes at most${limit === undefined ? '' : ` of ${String(limit)}`}, of ${String(tried)} people`;
    findings.push(
      refused.size > 0
        ? check.problem(
            `of some people it would not be taken: ${[...refused].map(([reason, name]) => `${reason} (such as ${name})`).join(', ')}`,
          )
        : tried === 0
          ? check.skipped('nobody was read whose attributes could be seen')
          : check.ok(words),
    );
  }
  return findings;
}

async function lookAtAttributes(world: World): Promise<readonly Finding[]> {
  const { configuration, patient, read, clock, random } = world;
  const registry = await patient.registry();
  // Two entity IDs of one profile are told the same.
  const ours = registry.list.filter(
    ({ kind, name, rules }, index, all) =>
      kind.startsWith('google-') &&
      all.findIndex((other) => other.rules === rules || (other.kind === kind && other.name === name)) === index,
  );
  const people = await patient.people();
  const directory = openDirectory(configuration.directory, {
    read,
    released: wantedAttributes(configuration),
    clock,
    random,
    note: () => undefined,
  });
  try {
    return await judgeAttributes(ours, people, { configuration, directory });
  } finally {
    await directory.close();
  }
}

async function lookAtWorkforce({ configuration, machine, clock, random }: World, signal: AbortSignal): Promise<Finding> {
  try {
    const url = configuration.publicUrl + paths.metadata;
    const { body, status } = await ask({ url, authorities: machine.authorities, now: clock.now(), signal });
    if (status !== 200) return tell('google.workforce').skipped('our metadata are not given out');
    return judgeWorkforce(body.toString(), (await readKeys({ configuration, clock, random })).read.signing, clock.now());
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return tell('google.workforce').skipped('our metadata are not given out: nobody answers');
  }
}

const ids = [
  'google.urls',
  'google.profile',
  'google.domains',
  'google.attributes',
  'google.letter-case',
  'google.workforce',
  'google.certificates',
] as const satisfies readonly CheckId[];

export function googleProbes(world: World): readonly Probe[] {
  const { configuration, patient } = world;
  const google = configuration.serviceProviders.filter(isGoogle);
  const none = (wanted: readonly CheckId[], why: string): Probe => ({
    ids: wanted,
    run: () => Promise.resolve(wanted.map((id) => tell(id).skipped(why))),
  });
  if (google.length === 0) return [none(ids, 'Google is none of the service providers')];
  const profiles = google.flatMap((each) => (each.kind === 'google-profile' ? [each] : []));
  const domains = google.flatMap((each) => (each.kind === 'google-legacy' ? [each.domain] : []));
  const hasWorkforce = google.some(({ kind }) => kind === 'google-workforce');
  return [
    { ids: ['google.urls'], run: () => Promise.resolve([judgeUrls(configuration)]) },
    profiles.length === 0
      ? none(['google.profile'], 'there is no SSO profile')
      : { ids: ['google.profile'], run: () => Promise.resolve(profiles.map(judgeProfile)) },
    domains.length === 0
      ? none(['google.domains'], 'there is no profile for the organisation')
      : {
          ids: ['google.domains'],
          run: () => Promise.resolve(domains.map((domain) => judgeDomain(domain, configuration.mapping.domains))),
        },
    { ids: ['google.attributes'], limit: 60_000, run: () => lookAtAttributes(world) },
    {
      ids: ['google.letter-case'],
      limit: 60_000,
      run: async () => [judgeLetterCase(await patient.people(), configuration.mapping)],
    },
    hasWorkforce
      ? { ids: ['google.workforce'], run: async (signal) => [await lookAtWorkforce(world, signal)] }
      : none(['google.workforce'], 'workforce identity federation is not configured'),
    {
      ids: ['google.certificates'],
      run: async () => {
        const { read, active } = await readKeys(world);
        return [judgeGoogleCertificates({ published: read.signing, active })];
      },
    },
  ];
}
