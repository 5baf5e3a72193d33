/** Opens Kerberos as the configuration has it: the library, told of keytab and replay cache, and what judges tickets by it. */
import { dirname, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { readBounded } from '../../config/read-bounded.ts';
import type { Configuration } from '../../config/read-configuration.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Store } from '../../store/store.ts';
import { createKerberos, type Kerberos } from '../kerberos.ts';
import { openAcceptor } from './acceptor.ts';

const mostPem = 1_048_576;

/**
 * Undefined where the configuration has none.
 * @param world `setVariable` sets a variable of the process's environment, the only place where the library looks for its keytab
 * @throws KerberosUnavailable
 */
export async function openKerberos(
  { kerberos: config, tls, store, directory: { forests } }: Pick<Configuration, 'kerberos' | 'tls' | 'store' | 'directory'>,
  world: {
    directory: Pick<Directory, 'find' | 'readFurther'>;
    store: Pick<Store, 'create'>;
    clock: Clock;
    setVariable: ((name: string, value: string) => void) | undefined;
  },
): Promise<Kerberos | undefined> {
  if (config === undefined) return undefined;
  if (world.setVariable === undefined) throw new Error('kerberos needs to set variables of the environment');
  world.setVariable('KRB5_KTNAME', `FILE:${config.keytab}`);
  // Beside the store, where we may write for certain. Its default, below /var/tmp, is not there in every container.
  world.setVariable('KRB5RCACHENAME', `file2:${join(store.folder ?? dirname(store.file), 'kerberos.replay')}`);
  const accept = await openAcceptor();

  const files = [...(tls === undefined ? [] : [tls.certFile]), ...config.certFiles];
  async function readCertificates(): Promise<readonly string[]> {
    const readings = await Promise.all(files.map((file) => readBounded(file, mostPem)));
    return readings.flatMap((reading) => ('trouble' in reading ? [] : reading.bytes.toString('latin1')));
  }
  // A certificate may be replaced in its file before the server shows it.
  const atStart = await readCertificates();
  return createKerberos({
    config,
    domains: forests.flatMap(({ domains }) => domains),
    directory: world.directory,
    accept,
    readFile: readBounded,
    certificates: async () => [...new Set([...atStart, ...(await readCertificates())])],
    shared: store.url === undefined ? undefined : world.store,
    clock: world.clock,
  });
}
