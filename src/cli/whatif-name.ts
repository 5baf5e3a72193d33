/** The name identifier that a person would bear toward a service provider; what is not made yet is not made here. */
import type { Random } from '../clock.ts';
import { publishedUrls } from '../config/published-urls.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import { chooseNameID } from '../signin/choose-name-id.ts';
import { createNameIdentifier, type Named } from '../signin/name-identifier.ts';
import { createPairwise, type Pairwise } from '../signin/pairwise.ts';
import type { Store } from '../store/store.ts';

export interface NameReport {
  /** As the configuration calls it. */
  readonly format: string;
  /** Null where there is none, or none yet. */
  readonly value: string | null;
  /** What is to be known of it; null where it stays as it is. */
  readonly why: string | null;
}

class NotMadeYet extends Error {
  override readonly name = 'NotMadeYet';
}

/** Looks where the house looks. */
function lookingAt(store: Store | undefined, random: Random): Pairwise {
  const found = store && createPairwise({ store, random });
  const find: Pairwise['find'] = (...which) => found?.find(...which) ?? Promise.resolve(undefined);
  return {
    find,
    async findOrCreate(...which) {
      const known = await find(...which);
      if (known === undefined) throw new NotMadeYet();
      return known;
    },
  };
}

/** Of a request that leaves the choice to us. */
export async function reportName(
  serviceProvider: RegisteredServiceProvider,
  person: Named,
  parts: { configuration: Configuration; store: Store | undefined; random: Random },
): Promise<NameReport> {
  const { configuration, store, random } = parts;
  const nameID = chooseNameID({ nameIDPolicy: undefined, serviceProvider });
  const { format } = nameID;
  const { entityID } = publishedUrls(configuration);
  const nameIdentifier = createNameIdentifier({ entityID, pairwise: lookingAt(store, random), random });
  try {
    const named = await nameIdentifier(serviceProvider, { nameID, subject: undefined }, person);
    if (named === undefined) return { format, value: null, why: 'nobody is named' };
    return format === 'transient'
      ? { format, value: null, why: 'new at each sign-in' }
      : { format, value: named.value, why: null };
  } catch (error) {
    if (!(error instanceof NotMadeYet)) throw error;
    return { format, value: null, why: 'none yet: it is made at the first sign-in, and stays' };
  }
}
