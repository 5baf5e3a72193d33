/** OpenLDAP with numbered people, from the test bed; it serves this run alone. */
import { privateOpenldap } from '../test/testbed/openldap.ts';
import { type Account, bulkAccounts } from './people.ts';
import type { DirectorySettings } from './server.ts';

/** A directory with numbered people. */
export interface StagedDirectory {
  readonly settings: DirectorySettings;
  readonly accounts: readonly Account[];
  destroy(): Promise<void>;
}

/** Or why it cannot be started here. `number` tells several at once apart; each of the people is in `each` groups. */
export async function startOpenldap(
  people: number,
  groups: number,
  number = 0,
  each = 10,
): Promise<StagedDirectory | { readonly reason: string }> {
  let server;
  try {
    server = await privateOpenldap(number);
    await server.bulk(people, groups, each);
  } catch (error) {
    await server?.destroy();
    return { reason: error instanceof Error ? error.message.trim() : String(error) };
  }
  const { url, caFile, baseDn, bindDn, password } = server;
  const domain = baseDn.replaceAll(/,?dc=/gi, '.').slice(1);
  return {
    settings: { urls: [url], caFile, baseDn, bindDn, password, domain },
    accounts: bulkAccounts(domain, password),
    destroy: () => server.destroy(),
  };
}
