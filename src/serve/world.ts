/** The world in which a configuration is served: what outlasts each configuration, and is handed in. */
import type { Audit } from '../audit/audit.ts';
import type { JournalOutlet } from '../audit/journal-outlet.ts';
import type { Runtime } from '../audit/measure-process.ts';
import type { Metrics } from '../audit/metrics.ts';
import type { OutletState } from '../audit/outlets.ts';
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { KeyRing } from '../keys/key-ring.ts';

export interface World {
  readonly audit: Audit;
  /** Takes what is kept in the store of events and trails; undefined where nothing is. */
  readonly journal?: JournalOutlet | undefined;
  /** Told of the last lines of the log that the store holds, the oldest first, as it is opened. */
  readonly witness?: ((lines: readonly string[]) => void) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Sets a variable of the process's environment, which Kerberos alone needs. */
  readonly setVariable?: (name: string, value: string) => void;
  /** From now on the log is as detailed as that. */
  readonly setLevel?: ((level: Configuration['log']['level']) => void) | undefined;
  /** Puts keys that lie elsewhere, in an HSM say, in the place of those in the folder. */
  readonly holdKeys?: ((inFolder: KeyRing) => KeyRing) | undefined;
  /** How the outlets of the audit do, for the metrics. */
  readonly outlets?: (() => readonly OutletState[]) | undefined;
  /** What the process says of itself, for the metrics. */
  readonly runtime?: Runtime | undefined;
  /** Where it is one of several processes. */
  readonly worker?: Worker;
}

interface Worker {
  /** Whether it does what one of them does for all: sweeping, and asking the web for metadata. */
  readonly hasChores: boolean;
  readonly metrics: Metrics;
  /** Called when everything is open but the ports; resolves when it is to listen. @throws where it is not to, any more */
  mayListen(): Promise<void>;
  /** Resolves when all of them listen. */
  readonly allListen: Promise<void>;
}
