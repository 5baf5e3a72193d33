/** Lets the operator reach a running Passerelle: by SIGHUP, by a changed file, by the control socket. */
import type { Audit, AuditEvent } from '../audit/audit.ts';
import type { Clock, Random } from '../clock.ts';
import { readVersion } from '../config/own-version.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { openControl } from './control.ts';
import { createReloader } from './reloader.ts';
import type { Reading, Source } from './source.ts';
import { watchSource } from './watch-source.ts';

/** What serves, be it one process or several. */
export interface Running {
  /** Serves by that from now on, or goes on as before. @throws ReloadRefused and whatever else speaks against it */
  takeOver(configuration: Configuration): Promise<void>;
  record(event: AuditEvent): void;
  /** Ids of the processes that serve. */
  processes(): readonly number[];
}

/** Milliseconds. */
const watchEvery = 1_000;

/** @param parts `first` is what is in force; `onHangup` calls for each SIGHUP, until what it gives back is called. @returns what ends it */
export async function operate(parts: {
  source: Source;
  first: Reading;
  running: Running;
  note: Audit['note'];
  clock: Clock;
  random: Random;
  pid: number;
  onHangup: (listener: () => void) => () => void;
}): Promise<() => Promise<void>> {
  const { source, running, note, clock, random, pid, onHangup } = parts;
  const first = await source.withKeysAsTheyAre(parts.first);
  const since = clock.now();
  let isOver = false;
  const version = await readVersion();
  const reloader = createReloader({
    ...{ source, first, note, clock, random },
    takeOver: running.takeOver.bind(running),
    record(event) {
      // What a stop cut short came to nothing, and the log has ended.
      if (!isOver) running.record(event);
    },
  });
  const deaf = onHangup(() => void reloader.reload('signal'));
  const unwatch = watchSource({
    source,
    isOn: () => reloader.inForce.configuration.reload.watch,
    changed: () => void reloader.reload('watch'),
    every: watchEvery,
  });
  const control = await openControl({
    folder: first.configuration.keys.folder,
    pid,
    note,
    answering: {
      reload: () => reloader.reload('command'),
      status: () => {
        const { digest, since: inForceSince, waiting, refused } = reloader.inForce;
        return Promise.resolve({
          ...{ version, pid, since, file: source.file, configuration: digest, inForceSince, waiting, refused },
          workers: running.processes(),
        });
      },
    },
  });
  return async () => {
    isOver = true;
    deaf();
    unwatch();
    await control?.close();
  };
}
