/** One forest of the directory: its domains, its global catalogs and its names. */
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import type { Clock, Random } from '../clock.ts';
import type { DirectoryConfiguration, ForestConfiguration } from '../config/directory-configuration.ts';
import { Refusal } from '../refusal.ts';
import type { AnswerLimits } from './connection.ts';
import { type Controllers, createControllers } from './controllers.ts';
import { type Domain, createDomain } from './domain.ts';
import { type Naming, createNaming } from './naming.ts';
import { type PeopleSearch, createPeopleSearch } from './people-search.ts';
import { personAttributes } from './person-entry.ts';

export interface LdapForest extends Omit<ForestConfiguration, 'caFile'> {
  /** Reads the certificates (PEM) that vouch for its servers; undefined for the well-known authorities. */
  readonly ca: (() => string) | undefined;
}

export interface LdapDirectoryOptions extends Omit<DirectoryConfiguration, 'forests' | 'recheck'> {
  /** At least one. */
  readonly forests: readonly LdapForest[];
  /** Further attributes of people to read. */
  readonly released: readonly string[];
  /** Larger ones than sign-ins need. */
  readonly answerLimits?: AnswerLimits | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly note: Audit['note'];
  /** Where it is told that controllers were lost and are back. */
  readonly record?: Audit['record'] | undefined;
  readonly steps?: Steps | undefined;
}

export interface Forest {
  /** DNS name of its root domain; undefined where only one domain was written. */
  readonly name: string | undefined;
  readonly domains: readonly [Domain, ...Domain[]];
  /** Finds people of all its domains, though not all about them; undefined where there is none, or no need of it. */
  readonly catalog: PeopleSearch | undefined;
  /** The controllers behind it. */
  readonly catalogs: Controllers | undefined;
  readonly naming: Naming;
  /** The domain that an entry of this name lies in, below what is searched there. */
  domainOf(distinguishedName: string): Domain | undefined;
  /** Refusals of this work name the forest, for the audit. */
  blamed<Result>(work: Promise<Result>): Promise<Result>;
  close(): void;
}

/** A name such as `administrator` exists in every domain of the forest. */
const FEW_OF_ALL = 200;

/** @throws TypeError where there is no domain or no controller, or a URL of another kind */
export function createForest(options: LdapDirectoryOptions, forest: LdapForest): Forest {
  const { name, globalCatalogs } = forest;
  const { released, clock, random, note } = options;
  const [first, ...others] = forest.domains.map(({ baseDn, netbiosNames, controllers, account }) =>
    createDomain({
      controllers: createControllers({ ...options, ...forest, ...account, controllers }),
      baseDn,
      netbiosNames,
      isOnly: options.forests.length === 1 && forest.domains.length === 1,
      released,
      clock,
      random,
      note,
    }),
  );
  if (first === undefined) throw new TypeError('a forest needs at least one domain');
  const domains = [first, ...others] as const;
  const catalogs =
    others.length > 0 && globalCatalogs.length > 0
      ? createControllers({ ...options, ...forest, controllers: globalCatalogs.map((url) => ({ url, priority: 1 })) })
      : undefined;

  return {
    name,
    domains,
    catalogs,
    // At a global catalog's port the empty base stands for the whole forest.
    catalog: catalogs && createPeopleSearch(catalogs, '', personAttributes, FEW_OF_ALL),
    naming: createNaming(
      domains.map(({ controllers }) => controllers),
      clock,
    ),
    domainOf: (distinguishedName) => domains.find((domain) => domain.holds(distinguishedName)),
    async blamed(work) {
      try {
        return await work;
      } catch (error) {
        if (!(error instanceof Refusal) || name === undefined) throw error;
        throw new Refusal(error.reason, { ...error.detail, forest: name });
      }
    },
    close() {
      catalogs?.close();
      for (const { controllers } of domains) controllers.close();
    },
  };
}
