/**
 * Remembered browsers: what the policy may ask about, and never evidence. The secret is another one after each sign-in, so that a copied
 * cookie shows: of two who bring the same one, the second to go on is taken for a copy, and both are forgotten.
 */
import type { Audit } from '../audit/audit.ts';
import { newReference } from '../audit/reference.ts';
import type { Clock, Random } from '../clock.ts';
import type { Person } from '../directory/directory.ts';
import type { Seal } from '../keys/seal.ts';
import type { Store } from '../store/store.ts';
import { openDevices, sealDevices, type DeviceCookieText, type DeviceEntry } from './device-cookie.ts';
import { addDevice, deviceKey, deviceOf, deviceRecordOf, judgeSecret, secretHash, type DeviceRecord } from './device-records.ts';
import { networkOf } from '../audit/network.ts';
import { passwordSeen, seenAgain } from './password-seen.ts';
import type { Caller } from './policy.ts';

type Bringing = Pick<Caller, 'device' | 'remoteAddress'> & { readonly userAgent?: string | undefined };

export interface Devices {
  /** Whether the browser is one that the person had remembered. */
  isRemembered(person: Person, caller: Pick<Caller, 'device'>): Promise<boolean>;
  /** Remembers it for that long (milliseconds). @throws KeyMistake */
  remember(person: Person, caller: Bringing, life: number): Promise<DeviceCookieText>;
  /** The person signed in there once more: the next secret; undefined where it is not remembered. @throws KeyMistake */
  renew(person: Person, caller: Bringing): Promise<DeviceCookieText | undefined>;
  /** The id of the record that the browser names as that person's. */
  idOf(objectGUID: string, cookie: string | undefined): string | undefined;
}

/** Two tabs that sign in at once must not take each other for a copy. */
const renewAfter = 60_000;
const longestUserAgent = 512;

/** @param parts `longest` for which any rule of the policy lets a browser be remembered, in milliseconds; 0: none does */
export function createDevices(parts: {
  store: Store;
  seal: Seal;
  clock: Pick<Clock, 'now'>;
  random: Random;
  audit: Pick<Audit, 'record'>;
  longest: number;
}): Devices {
  const { store, seal, clock, random, audit, longest } = parts;

  const entriesOf = (cookie: string | undefined): readonly DeviceEntry[] => openDevices(seal, cookie, clock.now());
  const entryOf = (objectGUID: string, cookie: string | undefined): DeviceEntry | undefined =>
    entriesOf(cookie).find((entry) => entry.objectGUID === objectGUID);
  const aboutBrowser = ({ remoteAddress, userAgent = '' }: Bringing) => ({
    place: networkOf(remoteAddress),
    userAgent: userAgent.slice(0, longestUserAgent).toWellFormed(),
  });

  async function forget(objectGUID: string, id: string, why: string): Promise<void> {
    if (!(await store.delete('device', deviceKey(objectGUID, id)))) return;
    const reference = newReference(random);
    audit.record({ event: 'device.forgotten', reference, person: objectGUID, detail: { id, why } });
  }

  /** The record that stands behind the entry, and which secret it was; undefined where none does any more. */
  async function verified(
    person: Person,
    { id, secret }: DeviceEntry,
  ): Promise<{ readonly record: DeviceRecord; readonly by: 'current' | 'before' } | undefined> {
    const value = await store.get('device', deviceKey(person.objectGUID, id));
    if (value === undefined) return undefined;
    const record = deviceOf(value);
    const by = judgeSecret(record, secret);
    if (by === 'copy') {
      await forget(person.objectGUID, id, 'an old copy of its cookie was brought');
      return undefined;
    }
    if (seenAgain(record.password, person.account) === 'changed') {
      await forget(person.objectGUID, id, 'password changed');
      return undefined;
    }
    return clock.now() < record.createdAt + longest ? { record, by } : undefined;
  }

  return {
    async isRemembered(person, { device }) {
      const entry = entryOf(person.objectGUID, device);
      return entry !== undefined && (await verified(person, entry)) !== undefined;
    },

    async remember(person, caller, life) {
      const { objectGUID } = person;
      const now = clock.now();
      const before = entryOf(objectGUID, caller.device);
      if (before !== undefined) await store.delete('device', deviceKey(objectGUID, before.id));
      const id = random(16).toString('base64url');
      const secret = random(32).toString('base64url');
      const endsAt = now + life;
      await addDevice(store, objectGUID, {
        id,
        secret: secretHash(secret),
        renewedAt: now,
        createdAt: now,
        lastUsedAt: now,
        endsAt,
        ...aboutBrowser(caller),
        password: passwordSeen(person, now),
      });
      return sealDevices(seal, entriesOf(caller.device), { objectGUID, id, secret, endsAt }, now);
    },

    async renew(person, caller) {
      const { objectGUID } = person;
      const entry = entryOf(objectGUID, caller.device);
      const known = entry && (await verified(person, entry));
      if (entry === undefined || known === undefined) return undefined;
      const now = clock.now();
      if (known.by === 'before' && now - known.record.renewedAt < renewAfter) return undefined;
      const next = random(32).toString('base64url');
      const outcome = { renewed: false };
      await store.update('device', deviceKey(objectGUID, entry.id), (stored) => {
        // Another one may have been faster.
        outcome.renewed = stored !== undefined && deviceOf(stored.value).renewedAt === known.record.renewedAt;
        if (stored === undefined || !outcome.renewed) return stored;
        const record = deviceOf(stored.value);
        const seen = seenAgain(record.password, person.account);
        return deviceRecordOf({
          ...record,
          secret: secretHash(next),
          before: secretHash(entry.secret),
          renewedAt: now,
          lastUsedAt: now,
          ...aboutBrowser(caller),
          password: seen === 'changed' ? record.password : seen,
        });
      });
      return outcome.renewed ? sealDevices(seal, entriesOf(caller.device), { ...entry, secret: next }, now) : undefined;
    },

    idOf: (objectGUID, cookie) => entryOf(objectGUID, cookie)?.id,
  };
}
