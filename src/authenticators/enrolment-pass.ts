/** A pass that an administrator issues and hands over, with which a person may set up a factor: good once, and not for long. */
import { timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '../clock.ts';
import type { Store } from '../store/store.ts';
import { hashWrittenCode, newCode, readWrittenCode } from './written-code.ts';

export interface EnrolmentPasses {
  /** A new one in place of the one before, in clear for the only time; `until` in milliseconds since the epoch. */
  issue(objectGUID: string): Promise<{ readonly text: string; readonly until: number }>;
  /** Whether it is that person's, however it was typed. It is used up then. For nobody's, the same effort. */
  redeem(objectGUID: string, typed: string): Promise<boolean>;
  /** Until when one counts that was not used yet. */
  until(objectGUID: string): Promise<number | undefined>;
  /** Takes back what was issued. */
  revoke(objectGUID: string): Promise<void>;
}

interface Kept {
  /** In base64url. */
  readonly salt: string;
  readonly hash: string;
  readonly until: number;
}

const saltBytes = 16;

/** @param parts `life` in milliseconds */
export function createEnrolmentPasses(parts: {
  readonly store: Pick<Store, 'get' | 'update' | 'delete'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly life: number;
}): EnrolmentPasses {
  const { store, clock, random, life } = parts;

  // The store holds only what `issue` wrote.
  const keptOf = async (objectGUID: string): Promise<Kept | undefined> =>
    (await store.get('enrolment-pass', objectGUID)) as Kept | undefined;

  return {
    async issue(objectGUID) {
      const text = newCode(random);
      const salt = random(saltBytes);
      const until = clock.now() + life;
      const hash = await hashWrittenCode(text.replaceAll('-', ''), salt, objectGUID);
      const value: Kept = { salt: salt.toString('base64url'), hash: hash.toString('base64url'), until };
      await store.update('enrolment-pass', objectGUID, () => ({ value, expiresAt: until }));
      return { text, until };
    },
    async redeem(objectGUID, typed) {
      const text = readWrittenCode(typed);
      if (text === undefined) return false;
      const kept = await keptOf(objectGUID);
      const salt = kept === undefined ? random(saltBytes) : Buffer.from(kept.salt, 'base64url');
      const hash = await hashWrittenCode(text, salt, objectGUID);
      if (kept === undefined || !timingSafeEqual(hash, Buffer.from(kept.hash, 'base64url'))) return false;
      let isRedeemed = false;
      await store.update('enrolment-pass', objectGUID, (record) => {
        // Another one may have been issued meanwhile, and this one was used or taken back then.
        isRedeemed = (record?.value as Kept | undefined)?.hash === kept.hash;
        return isRedeemed ? undefined : record;
      });
      return isRedeemed;
    },
    until: async (objectGUID) => (await keptOf(objectGUID))?.until,
    async revoke(objectGUID) {
      await store.delete('enrolment-pass', objectGUID);
    },
  };
}
