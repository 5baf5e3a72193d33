/** What people enrolled: one record a person, so that all of it is read at once and changed in one step. */
import type { Store } from '../store/store.ts';

interface Enrolled {
  /** Unique among those of the person. */
  readonly id: string;
  /** As the person named it. */
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lastUsedAt?: number | undefined;
}

/** An authenticator app (RFC 6238). */
export interface TotpEnrolment extends Enrolled {
  /** Sealed: the key in base32, bound to `totp`, the person and the id. */
  readonly secret: string;
  /** The time step of the last code that was taken: no code counts twice. */
  readonly lastStep: number;
}

/** A security key or passkey (W3C WebAuthn §4, credential record). */
export interface WebauthnEnrolment extends Enrolled {
  /** The credential ID in base64url. */
  readonly id: string;
  /** COSE key in base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly ('usb' | 'nfc' | 'ble' | 'smart-card' | 'hybrid' | 'internal')[];
  /** Whether it finds its person by itself, and verified them: without a password then. */
  readonly passkey: boolean;
  readonly backedUp: boolean;
  readonly aaguid: string;
  /** Where the person was when the key was last seen: a passkey has no name to look for, and `read` finds whoever moved from there. */
  readonly distinguishedName: string;
}

export interface RecoveryCodes {
  /** Of the codes that were not used yet. */
  readonly hashes: readonly string[];
  readonly createdAt: number;
}

export interface Enrolments {
  readonly totp: readonly TotpEnrolment[];
  readonly webauthn: readonly WebauthnEnrolment[];
  readonly recovery: RecoveryCodes | undefined;
}

export interface EnrolmentRecords {
  of(objectGUID: string): Promise<Enrolments>;
  /**
   * Changes what a person has in one atomic step; `change` must be pure and may run again. Gives back what there is then; the very
   * value that it was handed means that nothing changed.
   */
  change(objectGUID: string, change: (before: Enrolments) => Enrolments): Promise<Enrolments>;
  /** Forgets everything; answers what there was. */
  forget(objectGUID: string): Promise<Enrolments>;
}

/** An enrolment has no end of its own: the last instant that every store can keep. */
const never = Date.UTC(9999, 0, 1);
const nothing: Enrolments = { totp: [], webauthn: [], recovery: undefined };

// The store holds only what this file wrote.
const stored = (value: unknown): Enrolments => (value === undefined ? nothing : { ...nothing, ...(value as Enrolments) });
const isEmpty = ({ totp, webauthn, recovery }: Enrolments): boolean =>
  totp.length === 0 && webauthn.length === 0 && recovery === undefined;

export function createEnrolments({ store }: { store: Pick<Store, 'get' | 'update' | 'delete'> }): EnrolmentRecords {
  return {
    of: async (objectGUID) => stored(await store.get('enrolment', objectGUID)),
    async change(objectGUID, change) {
      const kept = await store.update('enrolment', objectGUID, (record) => {
        const before = stored(record?.value);
        const after = change(before);
        if (after === before) return record;
        return isEmpty(after) ? undefined : { value: after, expiresAt: never };
      });
      return stored(kept?.value);
    },
    async forget(objectGUID) {
      let before = nothing;
      await store.update('enrolment', objectGUID, (record) => {
        before = stored(record?.value);
        return undefined;
      });
      return before;
    },
  };
}
