/** The audit trail for a deed of an operator: shown on standard error, and kept wherever the running house keeps its events. */
import { existsSync } from 'node:fs';
import type { Audit, AuditEvent } from '../audit/audit.ts';
import { openAudit } from '../audit/open-audit.ts';
import { openLog } from '../audit/open-log.ts';
import { newReference } from '../audit/reference.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Io } from './command.ts';

/** A deed, which gets a reference of its own. */
type Deed = Omit<AuditEvent, 'reference'>;

export interface Deeds extends Audit {
  tell(deed: Deed): void;
}

/**
 * Resolves with what `work` gives once everything is written, or given up.
 * @param command its name, such as `throttle clear`
 * @param opened the store is undefined where there is none yet
 * @throws whatever `work` throws
 */
export async function withAudit<Result>(
  command: string,
  { configuration, store }: { readonly configuration: Configuration; readonly store: Pick<Store, 'journal'> | undefined },
  io: Pick<Io, 'clock' | 'random' | 'errorLog'>,
  work: (deeds: Deeds) => Promise<Result>,
): Promise<Result> {
  const { clock, random } = io;
  const settings = store === undefined ? { ...configuration.audit, store: false } : configuration.audit;
  const { audit, journal, stop, close } = await openAudit(
    // What an operator does is told whatever the log of the house leaves out.
    { log: { level: 'info' }, audit: settings },
    { role: 'command', process: `passerelle ${command}`, log: openLog(io.errorLog, clock), clock, random },
  );
  if (store !== undefined) journal?.into((entries) => store.journal.append(entries));
  try {
    return await work({
      ...audit,
      tell: (deed) => {
        audit.record({ ...deed, reference: newReference(random) });
      },
    });
  } finally {
    stop();
    await journal?.flush();
    await close();
  }
}

/** One deed alone, in the store that is open, or that which is there. */
export async function tellDeed(
  command: string,
  { configuration, store }: { readonly configuration: Configuration; readonly store?: Pick<Store, 'journal'> | undefined },
  io: Pick<Io, 'clock' | 'random' | 'errorLog'>,
  deed: Deed,
): Promise<void> {
  let own: Store | undefined;
  let trouble: string | undefined;
  try {
    const { file, url } = configuration.store;
    // One made here would belong to whoever runs this.
    if (store === undefined && (url !== undefined || existsSync(file))) {
      own = await openStore(configuration.store, { clock: io.clock });
    }
  } catch (error) {
    // What is told was done already.
    trouble = error instanceof Error ? error.message : 'unknown';
  }
  try {
    await withAudit(command, { configuration, store: store ?? own }, io, (deeds) => {
      if (trouble !== undefined) deeds.note('error', 'events do not reach the store', { cause: trouble });
      deeds.tell(deed);
      return Promise.resolve();
    });
  } finally {
    await own?.close();
  }
}
