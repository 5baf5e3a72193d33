/** Which sessions a person has: a small record beside each, which names its key, so that they are listed and ended without a token. */
import type { Store, StoredRecord } from '../store/store.ts';

export interface SessionIndex {
  /** Notes a session under a person; it must be stored already. `endsAt` in milliseconds since the epoch. */
  add(session: Indexed): Promise<void>;
  /**
   * The session that was stored under `from` goes on under its key, to its end. Answers false, changing nothing, where it was ended
   * meanwhile, and must not go on, or where it went on under another key.
   */
  follow(session: Indexed, from: string): Promise<boolean>;
  /** Takes it away, unless the session goes on under another key. */
  remove(session: Pick<Indexed, 'objectGUID' | 'id' | 'key'>): Promise<void>;
  /** Takes it away, and answers the key under which the session is stored now; undefined where there is none. */
  take(objectGUID: string, id: string): Promise<string | undefined>;
  /** Id and key of each whose id begins so, in the order of ids. Some may be over. */
  of(objectGUID: string, limit: number, idPrefix?: string): Promise<readonly { readonly id: string; readonly key: string }[]>;
}

interface Indexed {
  readonly objectGUID: string;
  readonly id: string;
  /** Of the session's record. */
  readonly key: string;
  readonly endsAt: number;
}

const prefixOf = (objectGUID: string): string => `${objectGUID} `;
const nameOf = (objectGUID: string, id: string): string => prefixOf(objectGUID) + id;

export function createSessionIndex({ store }: { store: Pick<Store, 'update' | 'list'> }): SessionIndex {
  const recordOf = ({ key, endsAt }: Indexed): StoredRecord => ({ value: key, expiresAt: endsAt });
  return {
    async add(session) {
      await store.update('session-of', nameOf(session.objectGUID, session.id), () => recordOf(session));
    },
    async follow(session, from) {
      let follows = false;
      await store.update('session-of', nameOf(session.objectGUID, session.id), (record) => {
        follows = record?.value === from;
        return follows ? recordOf(session) : record;
      });
      return follows;
    },
    async remove({ objectGUID, id, key }) {
      await store.update('session-of', nameOf(objectGUID, id), (record) => (record?.value === key ? undefined : record));
    },
    async take(objectGUID, id) {
      let key: unknown;
      await store.update('session-of', nameOf(objectGUID, id), (record) => {
        key = record?.value;
        return undefined;
      });
      return typeof key === 'string' ? key : undefined;
    },
    async of(objectGUID, limit, idPrefix = '') {
      const prefix = prefixOf(objectGUID);
      const found = await store.list('session-of', prefix + idPrefix, limit);
      return found.flatMap(({ key, value }) => (typeof value === 'string' ? [{ id: key.slice(prefix.length), key: value }] : []));
    },
  };
}
