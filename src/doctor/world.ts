/** What the doctor looks at, and the machine it stands on: all of it handed in, so that a test can have any of it ill. */
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { ServiceRecords } from '../directory/discover/service-records.ts';
import type { Patient } from './patient.ts';

export interface Room {
  /** Bytes that we may still write there. */
  readonly free: number;
  readonly size: number;
}

/** The machine that we run on, and what is around it. */
export interface Machine {
  /** Addresses, of both kinds. Rejects where the name has none. */
  lookup(host: string): Promise<readonly string[]>;
  readonly records: ServiceRecords;
  /** Of the file system that holds that folder, or the nearest one above it that is there. */
  room(path: string): Promise<Room>;
  /** Bytes: what is to be had, of what there is. */
  readonly memory: Room;
  /** How many files a process of ours may have open; undefined where that cannot be known. */
  readonly openFiles: number | undefined;
  /** Of the user that we run as; -1 where there is no such thing. */
  readonly userId: number;
  /** Such as 24.1.0 and 3.5.1. */
  readonly versions: { readonly node: string; readonly openssl: string };
  /** Time servers that its configuration names, `HOST` or `HOST:PORT`. */
  readonly timeServers: readonly string[];
  /** Certificates (PEM) of whom browsers trust here. */
  readonly authorities: readonly string[];
}

export interface World {
  readonly configuration: Configuration;
  /** The text of a file. */
  readonly read: (file: string) => string;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly random: Random;
  /** What several checks need, looked for once. */
  readonly patient: Patient;
}
