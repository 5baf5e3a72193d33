/** Active Directory (Samba) with numbered people, from the test bed; it serves this run alone. */
import { readSettings, runScript } from '../test/testbed/directory-server.ts';
import type { StagedDirectory } from './openldap.ts';
import { bulkAccounts } from './people.ts';

/** Or why it cannot be started here. `number` tells several at once apart. */
export async function startSamba(
  people: number,
  groups: number,
  number = 0,
): Promise<StagedDirectory | { readonly reason: string }> {
  const domain = `bench${String(number)}.example.com`;
  const environment = {
    AD_ADDRESS: `127.0.1.${String(10 + number)}`,
    AD_REALM: domain.toUpperCase(),
    AD_HOST: `b${String(number)}`,
  };
  const script = (...argv: readonly string[]): Promise<string> => runScript('samba-ad', argv, environment);
  const destroy = async (): Promise<void> => {
    await script('destroy');
  };
  try {
    await destroy();
    await script('start');
    await script('bulk', String(people), String(groups));
  } catch (error) {
    await destroy();
    return { reason: error instanceof Error ? error.message.trim() : String(error) };
  }
  const setting = await readSettings('samba-ad', environment);
  const password = setting('AD_PASSWORD');
  return {
    settings: {
      urls: [setting('AD_URL')],
      caFile: setting('AD_CA'),
      baseDn: setting('AD_BASE_DN'),
      bindDn: `svc-ldap@${domain}`,
      password,
      domain,
    },
    accounts: bulkAccounts(domain, password),
    destroy,
  };
}
