/** Somebody to release attributes of, and a service provider that they go to. */
import type { ReleaseConfig } from '../../src/config/release-schema.ts';
import type { Further, FurtherWanted, Person } from '../../src/directory/directory.ts';
import type { Attribute } from '../../src/saml/response.ts';
import { unsaid } from '../../src/saml/service-provider.ts';
import { createRelease, type Release } from '../../src/service-providers/release.ts';
import type { RegisteredServiceProvider } from '../../src/service-providers/service-provider.ts';

export const somebody = (given: Partial<Person> = {}): Person => ({
  objectGUID: '00112233-4455-6677-8899-aabbccddeeff',
  distinguishedName: 'CN=Alice,DC=example,DC=com',
  sAMAccountName: 'alice',
  userPrincipalName: 'alice@corp.example',
  mail: 'alice@example.com',
  displayName: 'Alice',
  barred: undefined,
  attributes: {},
  ...given,
});

export const registered = (given: Partial<RegisteredServiceProvider> = {}): RegisteredServiceProvider => ({
  kind: 'metadata',
  entityID: 'https://sp.example.net/',
  name: 'sp',
  ...unsaid,
  assertionConsumerServices: [],
  sign: { response: true, assertion: true },
  nameID: { unasked: 'transient', offered: ['transient'] },
  rules: [],
  attributeLimits: {},
  ...given,
});

interface More {
  /** The top-level `release`. */
  readonly release?: ReleaseConfig;
  readonly further?: Further;
  /** Told what was read beyond the person. */
  readonly asked?: FurtherWanted[];
  readonly index?: number;
}

const address = 'alice@example.com';

export const releaseOf = ({ release = [], further = { bytes: {}, groups: [] }, asked = [] }: More): Release =>
  createRelease({
    release,
    directory: {
      readFurther: (_person, wanted) => {
        asked.push(wanted);
        return Promise.resolve(further);
      },
    },
  });

/** What that service provider is told of that person. */
export const releasing = (
  serviceProvider: RegisteredServiceProvider,
  person: Person,
  more: More = {},
): Promise<readonly Attribute[]> =>
  releaseOf(more).attributes(serviceProvider, person, { address, attributeConsumingServiceIndex: more.index });
