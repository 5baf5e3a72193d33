/** OpenLDAP with numbered people, from the test bed; it serves this run alone. */
import { privateOpenldap } from '../test/testbed/openldap.ts';
import { type Account, openldapAccounts } from './people.ts';
import type { DirectorySettings } from './server.ts';

export interface Openldap {
  readonly settings: DirectorySettings;
  readonly accounts: readonly Account[];
  destroy(): Promise<void>;
}

const people = 1_000;

/** Or why it cannot be started here. */
export async function startOpenldap(): Promise<Openldap | { readonly reason: string }> {
  let server;
  try {
    server = await privateOpenldap();
    await server.bulk(people);
  } catch (error) {
    await server?.destroy();
    return { reason: error instanceof Error ? error.message.trim() : String(error) };
  }
  const { url, caFile, baseDn, bindDn, password } = server;
  const domain = baseDn.replaceAll(/,?dc=/gi, '.').slice(1);
  return {
    settings: { urls: [url], caFile, baseDn, bindDn, password, domain },
    accounts: openldapAccounts(domain, password),
    destroy: () => server.destroy(),
  };
}
