/** Whether people can change their password here: it is wanted, and nobody on the way to the directory could read it. */
import type { Configuration } from './read-configuration.ts';

export function changesPasswords({ password, directory }: Pick<Configuration, 'password' | 'directory'>): boolean {
  const encrypted = directory.forests.every(
    ({ startTls, domains }) =>
      startTls || domains.every(({ controllers }) => controllers.every(({ url }) => url.toLowerCase().startsWith('ldaps:'))),
  );
  return password.change && encrypted;
}
