/** What a running Passerelle is asked by the commands of its operator, and what it answers: one line of JSON each way. */
import type { Mistake } from '../config/configuration-mistakes.ts';

/** As `{"ask":"…"}`. */
export interface Answers {
  /** To take over the configuration as its files are now. */
  readonly reload: ReloadAnswer;
  /** What runs there, and by which configuration. */
  readonly status: Status;
}

/** A setting that changed and that a restart alone takes over. */
export interface Waiting {
  readonly setting: string;
  readonly why: string;
}

export type ReloadAnswer =
  | {
      readonly result: 'reloaded';
      /** Settings that changed, such as `policy.0.require`; never their values. */
      readonly changed: readonly string[];
      /** Files that the configuration names and that changed. */
      readonly files: readonly string[];
      readonly waiting: readonly Waiting[];
    }
  | {
      readonly result: 'refused';
      /** In one line; what was in force goes on. */
      readonly why: string;
      /** What the configuration file is called. */
      readonly file: string;
      /** Of the configuration file; none where it is right and something else failed. */
      readonly mistakes: readonly Mistake[];
    };

export interface Status {
  readonly version: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** The configuration file, absolute. */
  readonly file: string;
  /** SHA-256 (hexadecimal) of the bytes of the configuration file that is in force. */
  readonly configuration: string;
  /** Milliseconds since the epoch at which it was taken over. */
  readonly inForceSince: number;
  /** What waits for a restart. */
  readonly waiting: readonly Waiting[];
  /** Why the last reload was refused, if it was. */
  readonly refused: string | undefined;
  /** Ids of the processes that serve. */
  readonly workers: readonly number[];
}
