/** What a domain remembers of its password policies, so that they are asked for now and then only. */
import type { PasswordPolicy } from './directory.ts';

/** What was read, and when (milliseconds since the epoch). */
export interface Remembered<Value> {
  readonly value: Value;
  readonly readAt: number;
}

/** The policy of everybody for whom no other is meant. */
export interface GeneralPolicy {
  /** Undefined where the directory has none, or shows none. */
  readonly policy: PasswordPolicy | undefined;
  /** Whether the service account would see fine-grained policies, were there any. */
  readonly seesFineGrained: boolean;
}

export interface PolicyMemory {
  general: Remembered<GeneralPolicy> | undefined;
  /** By distinguished name; undefined where the service account may not read it. */
  readonly special: Map<string, Remembered<PasswordPolicy | undefined>>;
  /** The distinguished name of the policy meant for a person, by objectGUID; undefined where there is none. */
  readonly people: Map<string, Remembered<string | undefined>>;
  /** That fine-grained policies cannot be read was said. */
  told: boolean;
}

export const createPolicyMemory = (): PolicyMemory => ({
  general: undefined,
  special: new Map(),
  people: new Map(),
  told: false,
});
