/** The records of remembered browsers: one each, under its person, so that they are listed, forgotten and bounded. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Store, StoredRecord } from '../store/store.ts';
import type { PasswordSeen } from './password-seen.ts';

/** Times in milliseconds since the epoch. */
export interface DeviceRecord {
  /** Hashes of the secret that the browser brings now, and of the one before, which it brings where an answer of ours was lost. */
  readonly secret: string;
  readonly before?: string | undefined;
  readonly renewedAt: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly endsAt: number;
  readonly place: string;
  readonly userAgent: string;
  /** The password as it was when the browser was remembered. */
  readonly password: PasswordSeen;
}

/** Of one person. */
const mostDevices = 20;
const idPattern = /^[A-Za-z0-9_-]{22}$/;

const prefixOf = (objectGUID: string): string => `${objectGUID} `;
export const deviceKey = (objectGUID: string, id: string): string => prefixOf(objectGUID) + id;

export const secretHash = (secret: string): string => hash('sha256', secret, 'base64url');

/** Which of its secrets that is. A cookie that we sealed and that holds neither is an old copy. */
export function judgeSecret({ secret, before }: DeviceRecord, brought: string): 'current' | 'before' | 'copy' {
  const is = (known: string | undefined): boolean =>
    known !== undefined && timingSafeEqual(Buffer.from(known), Buffer.from(secretHash(brought)));
  return is(secret) ? 'current' : is(before) ? 'before' : 'copy';
}

// The store holds only what is written here.
export const deviceOf = (value: unknown): DeviceRecord => value as DeviceRecord;
export const deviceRecordOf = (record: DeviceRecord): StoredRecord => ({ value: record, expiresAt: record.endsAt });

/** The newest first. */
export async function listDevices(
  store: Pick<Store, 'list'>,
  objectGUID: string,
): Promise<readonly (DeviceRecord & { readonly id: string })[]> {
  const prefix = prefixOf(objectGUID);
  const found = await store.list('device', prefix, 1_000);
  return found
    .map(({ key, value }) => ({ ...deviceOf(value), id: key.slice(prefix.length) }))
    .sort((one, other) => other.createdAt - one.createdAt);
}

/** Adds one; the oldest leave where there are too many. */
export async function addDevice(
  store: Pick<Store, 'list' | 'create' | 'delete'>,
  objectGUID: string,
  { id, ...record }: DeviceRecord & { readonly id: string },
): Promise<void> {
  const dispensable = (await listDevices(store, objectGUID)).slice(mostDevices - 1);
  await Promise.all(dispensable.map((each) => store.delete('device', deviceKey(objectGUID, each.id))));
  const { value, expiresAt } = deviceRecordOf(record);
  if (!(await store.create('device', deviceKey(objectGUID, id), value, expiresAt))) throw new Error('a device id occurred twice');
}

/** Answers whether there was one. */
export async function forgetDevice(store: Pick<Store, 'delete'>, objectGUID: string, id: string): Promise<boolean> {
  return idPattern.test(id) && (await store.delete('device', deviceKey(objectGUID, id)));
}

/** Answers how many there were. */
export async function forgetDevices(store: Pick<Store, 'list' | 'delete'>, objectGUID: string): Promise<number> {
  const found = await listDevices(store, objectGUID);
  const forgotten = await Promise.all(found.map(({ id }) => store.delete('device', deviceKey(objectGUID, id))));
  return forgotten.filter(Boolean).length;
}
