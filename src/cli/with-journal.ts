/** What the commands about the audit trail work on: the journal of the running house, and what is sought in it. */
import { readFileSync } from 'node:fs';
import { readObject } from '../audit/chain-line.ts';
import { foundBy } from '../audit/journal-outlet.ts';
import { presentableText } from '../audit/presentable.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { openDirectory } from '../directory/open-directory.ts';
import type { Journal } from '../store/journal.ts';
import type { Wishes } from './audit-wishes.ts';
import type { Io } from './command.ts';
import type { Sought } from './journal-pages.ts';
import { nameServiceProvider } from './name-service-provider.ts';
import { unlessStopped } from './unless-stopped.ts';
import { withStore } from './with-store.ts';

/**
 * Where the person is nobody, or the store does not serve, says why and gives 1.
 * @throws ConfigurationMistakes, StoreUnusable, and an Error where nothing is kept in the store
 */
export function withJournal(
  { flag, wishes }: { readonly flag: string | undefined; readonly wishes: Wishes },
  io: Io,
  work: (opened: { readonly journal: Journal; readonly sought: Sought }) => Promise<number>,
): Promise<number> {
  return withStore({ flag }, io, async ({ store: { journal }, configuration }) => {
    if (!configuration.audit.store)
      throw new Error('No events are kept in the store, since audit.store is false; look where they go instead.');
    return work({ journal, sought: await seek(wishes, configuration, io) });
  });
}

async function seek(wishes: Wishes, configuration: Configuration, io: Io): Promise<Sought> {
  const { reference, person, serviceProvider, events, from, before, name, reason } = wishes;
  const query = {
    ...{ events, except: 'trail', from, before },
    reference: reference === undefined ? undefined : foundBy(reference),
    person: person === undefined ? undefined : foundBy(await identify(person, configuration, io)),
    serviceProvider:
      serviceProvider === undefined ? undefined : foundBy(await nameServiceProvider(serviceProvider, configuration, io)),
  };
  const typed = name === undefined ? undefined : presentableText(name).toLowerCase();
  const matches = (text: string): boolean => {
    if (typed === undefined && reason === undefined) return true;
    const fields = readObject(text);
    const found = typeof fields?.name === 'string' ? fields.name.toLowerCase() : undefined;
    return (typed ?? found) === found && (reason ?? fields?.reason) === fields?.reason;
  };
  return { query, matches };
}

const objectGUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Of somebody who is gone the objectGUID alone is left. @throws Refusal */
async function identify(person: string, configuration: Configuration, io: Io): Promise<string> {
  if (objectGUID.test(person)) return person.toLowerCase();
  const directory = openDirectory(configuration.directory, {
    read: (path) => readFileSync(path, 'utf8'),
    ...{ released: [], clock: io.clock, random: io.random },
    note: (_level, message) => {
      io.stderr(`${message}\n`);
    },
  });
  try {
    io.doing(`asking the directory for ${person}`);
    return (await unlessStopped(io.signal, directory.find(person))).objectGUID;
  } finally {
    await directory.close();
  }
}
