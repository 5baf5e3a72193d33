/** Worlds in which each check of the directory, the mapping, keys, Google and service providers is well, a warning, a problem. */
import { createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { Directory } from '../../src/directory/directory.ts';
import type { ControllerFacts, ReadByAccount } from '../../src/directory/examine/examine-controller.ts';
import type { Finding } from '../../src/doctor/check.ts';
import type { between as rows } from '../../src/doctor/checks/between.ts';
import type { CheckId } from '../../src/doctor/checks.ts';
import { directoryProbes } from '../../src/doctor/directory.ts';
import {
  judgeAttributes,
  judgeDomain,
  judgeGoogleCertificates,
  judgeLetterCase,
  judgeProfile,
  judgeUrls,
  judgeWorkforce,
} from '../../src/doctor/google.ts';
import { judgeCatalog, judgeController } from '../../src/doctor/judge-controller.ts';
import { judgeAlgorithms, judgeCertificates, judgeEndpoints, judgeSigning } from '../../src/doctor/judge-service-providers.ts';
import { keysProbes } from '../../src/doctor/keys.ts';
import { judgePeople, judgeSuffixes } from '../../src/doctor/mapping.ts';
import { judgeAge, sourceProbes } from '../../src/doctor/metadata-sources.ts';
import { serviceProviderProbes } from '../../src/doctor/service-providers.ts';
import type { FileKey } from '../../src/keys/key-files.ts';
import { createMetadataCopies } from '../../src/service-providers/metadata/copies.ts';
import { createRegistry } from '../../src/service-providers/registry.ts';
import type { Proofs } from './proof.ts';
import {
  certificateOf,
  clock,
  configurationOf,
  day,
  factsOf,
  file,
  folder,
  keyFolder,
  personOf,
  readOf,
  told,
  weakKey,
  withWeb,
  worldOf,
} from './stage.ts';

/** Signed by SHA-1, of RSA with 1,024 bits. */
const sha1Certificate = new X509Certificate(`-----BEGIN CERTIFICATE-----
MIICEDCCAXmgAwIBAgIUJJHpW0iWq6Ly1HVzAxRNVAvM4IYwDQYJKoZIhvcNAQEF
BQAwGjEYMBYGA1UEAwwPb2xkLmV4YW1wbGUubmV0MB4XDTI2MTEyMjE3NDUxMVoX
DTM2MTExOTE3NDUxMVowGjEYMBYGA1UEAwwPb2xkLmV4YW1wbGUubmV0MIGfMA0G
CSqGSIb3DQEBAQUAA4GNADCBiQKBgQDez7uR1yMTSXd8JUamRjMj9P3+CKOl7unq
z8VVFo9Iucd7gTYy/lMqNoQiSbWLgHZdqBAhhiFU4rQtwgfjaqB5nqGQ7nlgY/Hb
tkZqONX+fIeN5DEjSTRUrGLWiQ/Dcub/jDvBPIxJozDbsWy4dnTmvghbVM/klDBO
eAx5v4sCEQIDAQABo1MwUTAdBgNVHQ4EFgQUzVckKbeVE7EGdCBCn5Q9K6o+wbEw
HwYDVR0jBBgwFoAUzVckKbeVE7EGdCBCn5Q9K6o+wbEwDwYDVR0TAQH/BAUwAwEB
/zANBgkqhkiG9w0BAQUFAAOBgQCJyee2zQTwcx5il3b9CPq+HFZ9nhMzRCigwcad
KDwVwWhvLDaJHqkF6LTVv765S4I4UkGYxlLIsOTpFHy2L53FFXsppgLCDaVD83xG
SPawomJN8rRB9FVoDEgWdAI/no/ImOZywWr6f2+clCFx3b/opNLRO0wi3diHY7im
4fxalQ==
-----END CERTIFICATE-----
`);

const terms = {
  baseDn: 'DC=corp,DC=example,DC=com',
  bindDn: 'svc',
  clockSkew: 180_000,
  operationTimeout: 5_000,
  now: clock.now(),
};
const controller = (changes: Partial<ControllerFacts> = {}): readonly Finding[] => judgeController(factsOf(changes), terms);
const reading = (changes: Partial<ReadByAccount>): readonly Finding[] => controller({ read: readOf(changes) });
const shown = (changes: object) => ({ certificate: { ...certificateShown, ...changes } });
const certificateShown = { subject: 'dc1', issuer: 'CA', notAfter: '2100-01-01', problem: undefined };
const said = factsOf().said;

/** A domain whose controllers are as `examine` would find them. */
function domainOf(readOnly: readonly boolean[], changes: Partial<ConfigInput> = {}): Promise<readonly Finding[]> {
  const world = worldOf({
    ...changes,
    directory: { urls: readOnly.map((_, at) => `ldaps://dc${String(at)}.x`), baseDn: 'DC=x', bindDn: 'svc', password: 'x' },
  });
  const { patient } = world;
  const examine: typeof patient.examine = (server) => {
    const at = patient.servers.indexOf(server);
    return Promise.resolve(factsOf({ name: server.url, ...(said && { said: { ...said, isReadOnly: readOnly[at] === true } }) }));
  };
  return told('directory.writable', directoryProbes({ ...world, patient: { ...patient, examine } }));
}

const forest = (globalCatalogs: readonly string[]): Promise<readonly Finding[]> => {
  const domain = (baseDn: string) => ({ baseDn, controllers: [{ url: 'ldaps://127.0.0.1:9' }] });
  const forests = [
    {
      name: 'corp.test',
      bindDn: 'svc',
      password: 'x',
      globalCatalogs: [...globalCatalogs],
      domains: [domain('DC=a,DC=test'), domain('DC=b,DC=test')],
    },
  ];
  return told('directory.catalog', directoryProbes(worldOf({ directory: { forests } })));
};

const { mapping } = configurationOf();
const suffixes = (...names: readonly string[]): Finding => judgeSuffixes({ suffixes: new Set(names) }, mapping);
const stranger = personOf({ userPrincipalName: 'bob@elsewhere.net', objectGUID: '2' });

const keys = async (id: CheckId, changes?: Parameters<typeof keyFolder>[0]): Promise<readonly Finding[]> =>
  told(id, keysProbes(worldOf({ keys: { folder: await keyFolder(changes) } })));
const noKeys = (id: CheckId): Promise<readonly Finding[]> => told(id, keysProbes(worldOf()));
/** The sealing keys of a folder. */
function sealed(text: string | undefined, mode = 0o600): Promise<readonly Finding[]> {
  const path = join(folder(), 'keys');
  mkdirSync(path, { mode: 0o700 });
  if (text !== undefined) {
    writeFileSync(join(path, 'sealing.keys'), text);
    chmodSync(join(path, 'sealing.keys'), mode);
  }
  return told('keys.sealing', keysProbes(worldOf({ keys: { folder: path } })));
}
const sealingLine = (): string => `${randomBytes(4).toString('hex')} ${randomBytes(32).toString('base64url')}`;

const fileKey = async (
  name: string,
  ageInDays: number,
  publicKey = undefined as ReturnType<typeof createPublicKey> | undefined,
): Promise<FileKey> => {
  const certificate = await certificateOf(ageInDays);
  if (publicKey !== undefined) Object.defineProperty(certificate, 'publicKey', { value: publicKey });
  return { name, certificate, privateKey: weakKey };
};
const keyDescriptors = (count: number): string => '<md:KeyDescriptor use="signing">'.repeat(count);

/** What a person's attributes for Google come to. */
async function attributesFor(length: number): Promise<readonly Finding[]> {
  const configuration = configurationOf({
    serviceProviders: [
      {
        kind: 'google-profile',
        entityId: 'https://g',
        acsUrl: 'https://g/acs',
        attributes: { note: { from: 'description' } },
      },
    ],
  });
  const { list } = createRegistry(configuration.serviceProviders, { read: () => '', now: 0 });
  const people = [personOf({ attributes: { description: ['x'.repeat(length)] } })];
  const directory: Pick<Directory, 'readFurther'> = { readFurther: () => Promise.resolve({ bytes: {}, groups: [] }) };
  return judgeAttributes(list, people, { configuration, directory });
}

const sp = {
  entityID: 'https://sp.example.net',
  assertionConsumerServices: [{ index: 0, binding: 'post', location: 'https://sp.example.net/acs', isDefault: true }],
  algorithmSupport: { digests: undefined, signings: undefined },
  authnRequestsSigned: false,
  signingKeys: [],
};
const insecure = [{ index: 0, binding: 'post', location: 'http://sp.example.net/acs', isDefault: true }];

const descriptor = (entityID: string, attributes = ''): string =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityID}"${attributes}><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example.net/acs" index="0"/></md:SPSSODescriptor></md:EntityDescriptor>`;
const known = (serviceProviders: ConfigInput['serviceProviders']): Promise<readonly Finding[]> =>
  told('service-providers.known', serviceProviderProbes(worldOf({ serviceProviders })));

/** A source on the web, of which there may be a copy. */
async function source(
  id: 'service-providers.sources' | 'service-providers.age',
  status: number,
  copied: boolean,
): Promise<readonly Finding[]> {
  return withWeb(
    (_req, res) => res.writeHead(status).end(descriptor('https://sp.example.net')),
    async (url) => {
      const world = worldOf({ metadata: [{ kind: 'url', url: `${url}/all.xml` }] });
      if (copied) {
        const copies = createMetadataCopies({
          folder: join(world.configuration.store.file, '..', 'metadata'),
          most: 9,
          clock,
          random: randomBytes,
        });
        async function* body() {
          yield await Promise.resolve(Buffer.from(descriptor('https://sp.example.net')));
        }
        await (await copies.receive(`${url}/all.xml`, body())).keep({});
      }
      return told(id, sourceProbes(world));
    },
  );
}
const age = (confirmedAt: number, validUntil?: number): Finding =>
  judgeAge(
    'x',
    { confirmedAt: clock.now() - confirmedAt, validUntil: validUntil === undefined ? undefined : clock.now() + validUntil },
    { refresh: 3_600_000, now: clock.now() },
  );

export const between: Proofs<keyof typeof rows> = {
  'directory.reachable': {
    ok: () => controller(),
    warning: () => controller({ connected: 1_500 }),
    problem: () =>
      controller({ connected: undefined, bound: undefined, said: undefined, read: undefined, trouble: 'ECONNREFUSED' }),
  },
  'directory.certificate': {
    ok: () => controller(),
    warning: () => [
      ...controller(shown({ notAfter: new Date(Date.now() + 5 * day).toISOString().slice(0, 10) })),
      ...controller({ protection: 'none', certificate: undefined }),
    ],
    problem: () => controller(shown({ problem: 'certificate has expired (2020-01-01)' })),
  },
  'directory.bind': {
    ok: () => controller(),
    problem: () => [
      ...controller({ bound: 'refused', read: undefined, trouble: 'LDAP code 49, data 52e' }),
      // It takes a connection, and nothing comes over it.
      ...controller({ said: undefined, bound: undefined, read: undefined, trouble: 'no answer within 1000 ms' }),
    ],
  },
  'directory.base': {
    ok: () => controller(),
    warning: () => reading({ entries: 0, people: [] }),
    problem: () => [...reading({ base: 32 }), ...reading({ base: 50 }), ...reading({ base: 1 })],
  },
  'directory.rights': {
    ok: () => controller(),
    problem: () => [...reading({ unreadable: ['pwdLastSet'] }), ...reading({ people: [], entries: 3 })],
  },
  'directory.privileges': {
    ok: () => controller(),
    warning: () => [
      ...reading({ privileges: { groups: ['Domain Admins'], writable: [] } }),
      ...reading({ privileges: { groups: [], writable: ['member'] } }),
    ],
  },
  'directory.schema': { ok: () => controller(), warning: () => reading({ schema: { unknown: ['emploeeId'] } }) },
  'directory.latency': {
    ok: () => controller(),
    warning: () => reading({ latencies: [150, 160, 170, 10, 190] }),
    problem: () => controller({ read: undefined, trouble: 'no answer within 5000 ms' }),
  },
  'directory.writable': {
    ok: () => domainOf([false]),
    warning: () => domainOf([false, true]),
    problem: () => domainOf([true, true], { password: { change: true } }),
  },
  'directory.level': {
    ok: () => controller(),
    warning: () => [
      ...controller({ ...(said && { said: { ...said, domainLevel: 2 } }) }),
      ...controller({ ...(said && { said: { ...said, isSynchronized: false } }) }),
    ],
  },
  'directory.catalog': {
    ok: () => judgeCatalog(factsOf()),
    warning: () => forest([]),
    problem: async () => [
      ...(await forest(['ldaps://127.0.0.1:9'])),
      judgeCatalog(factsOf({ ...(said && { said: { ...said, isGlobalCatalog: false } }) })),
    ],
  },
  'mapping.suffixes': { ok: () => suffixes('example.com'), warning: () => suffixes('example.com', 'corp.local') },
  'mapping.people': {
    ok: () => judgePeople([personOf()], mapping),
    warning: () => [judgePeople([personOf(), stranger], mapping), judgePeople([personOf(), personOf()], mapping)],
    problem: () => judgePeople([stranger], mapping),
  },
  'keys.folder': {
    ok: () => keys('keys.folder'),
    warning: async () => [...(await noKeys('keys.folder')), ...(await keys('keys.folder', { mode: 0o755 }))],
    problem: () => keys('keys.folder', { mode: 0o777 }),
  },
  'keys.readable': { ok: () => keys('keys.readable'), problem: () => keys('keys.readable', { keyMode: 0o644 }) },
  'keys.expiry': {
    ok: () => keys('keys.expiry'),
    warning: () => keys('keys.expiry', { ageInDays: 3_600 }),
    problem: async () => [
      ...(await keys('keys.expiry', { ageInDays: 3_645 })),
      ...(await keys('keys.expiry', { ageInDays: 4_000 })),
    ],
  },
  'keys.rollover': {
    ok: async () => [...(await keys('keys.rollover')), ...(await keys('keys.rollover', { ageInDays: 300, second: 5 }))],
    warning: () => keys('keys.rollover', { ageInDays: 300, second: 40 }),
  },
  'keys.sealing': {
    ok: () => sealed(`${sealingLine()}\n`),
    warning: async () => [...(await sealed(undefined)), ...(await sealed(`${sealingLine()}\n${sealingLine()} next\n`))],
    problem: async () => [
      ...(await sealed(`${sealingLine()}\n`, 0o644)),
      ...(await sealed('nonsense\n')),
      // A start would make another one, which opens nothing of what people enrolled.
      ...(await keys('keys.sealing')),
    ],
  },
  'google.urls': {
    ok: () => judgeUrls(configurationOf()),
    problem: () => [
      judgeUrls(configurationOf({ publicUrl: 'https://google.example.com' })),
      judgeUrls(configurationOf({ branding: { changePasswordUrl: 'http://password.example.com/' } })),
    ],
  },
  'google.profile': {
    ok: () => [
      judgeProfile({ entityId: 'https://accounts.google.com/samlrp/abc', acsUrl: 'https://accounts.google.com/samlrp/abc/acs' }),
      judgeProfile({
        entityId: 'https://accounts.google.com/samlrp/metadata?rpid=abc',
        acsUrl: 'https://accounts.google.com/samlrp/acs?rpid=abc',
      }),
    ],
    warning: () => [
      judgeProfile({ entityId: 'https://accounts.google.com/samlrp/abc', acsUrl: 'https://accounts.google.com/samlrp/xyz/acs' }),
      judgeProfile({ entityId: 'google.com', acsUrl: 'https://example.com/acs' }),
    ],
  },
  'google.domains': {
    ok: () => judgeDomain('Example.com', mapping.domains),
    warning: () => judgeDomain('other.com', mapping.domains),
  },
  'google.attributes': { ok: () => attributesFor(100), problem: () => attributesFor(3_000) },
  'google.letter-case': {
    ok: () => judgeLetterCase([personOf()], { ...mapping, letterCase: 'preserve' }),
    warning: () => judgeLetterCase([personOf({ userPrincipalName: 'Ada@example.com' })], { ...mapping, letterCase: 'preserve' }),
  },
  'google.workforce': {
    ok: async () => judgeWorkforce(keyDescriptors(2), [await fileKey('a', 0)], clock.now()),
    problem: async () => [
      judgeWorkforce('x'.repeat(128_001), [], clock.now()),
      judgeWorkforce(keyDescriptors(4), [], clock.now()),
      judgeWorkforce('', [await fileKey('a', 4_000)], clock.now()),
    ],
  },
  'google.certificates': {
    ok: async () => judgeGoogleCertificates({ published: [await fileKey('a', 0)], active: 'a' }),
    problem: async () => [
      judgeGoogleCertificates({ published: [await fileKey('a', 0, createPublicKey(weakKey))], active: 'a' }),
      judgeGoogleCertificates({ published: await Promise.all(['a', 'b', 'c'].map((name) => fileKey(name, 0))), active: 'a' }),
    ],
  },
  'service-providers.known': {
    ok: () => known([{ kind: 'metadata', file: file(descriptor('https://sp.example.net')) }]),
    warning: async () => [
      ...(await known([])),
      // Nobody can sign in there, and no other check knows of them.
      ...(await told(
        'service-providers.known',
        serviceProviderProbes(
          worldOf({
            metadata: [
              {
                kind: 'file',
                file: file(descriptor('https://sp.example.net').replaceAll('Location="https:', 'Location="http:')),
                admit: 'all',
              },
            ],
          }),
        ),
      )),
    ],
    problem: async () => [
      ...(await known([{ kind: 'metadata', entityId: 'https://nowhere.example.net' }])),
      ...(await known([{ kind: 'metadata', file: file('<nothing/>') }])),
    ],
  },
  'service-providers.endpoints': {
    ok: () => judgeEndpoints([sp]),
    problem: () => judgeEndpoints([{ ...sp, assertionConsumerServices: insecure }]),
  },
  'service-providers.certificates': {
    ok: async () => judgeCertificates(new Map([['https://sp', [await certificateOf(0)]]]), clock.now()),
    warning: async () => [
      ...judgeCertificates(new Map([['https://sp', [await certificateOf(4_000)]]]), clock.now()),
      ...judgeCertificates(new Map([['https://sp', [await certificateOf(3_640)]]]), clock.now()),
      ...judgeCertificates(new Map([['https://sp', [sha1Certificate]]]), clock.now()),
    ],
  },
  'service-providers.algorithms': {
    ok: () => judgeAlgorithms([sp], [], []),
    problem: () =>
      judgeAlgorithms(
        [
          {
            ...sp,
            algorithmSupport: {
              digests: ['http://www.w3.org/2000/09/xmldsig#sha1'],
              signings: [{ algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }],
            },
          },
        ],
        [],
        [],
      ),
  },
  'service-providers.signing': {
    ok: () => judgeSigning([sp]),
    problem: () => judgeSigning([{ ...sp, authnRequestsSigned: true }]),
  },
  'service-providers.sources': {
    ok: () => source('service-providers.sources', 200, false),
    warning: () => source('service-providers.sources', 503, true),
    problem: () => source('service-providers.sources', 404, false),
  },
  'service-providers.age': {
    ok: async () => [...(await source('service-providers.age', 200, true)), age(day)],
    warning: () => [age(3 * day), age(0, day)],
    problem: () => age(0, -day),
  },
};
