/** Keeps one question alive a person at most, at whichever node: two of them at once are how people approve the wrong one. */
import type { Store } from '../../store/store.ts';

export interface LiveQuestions {
  /** One begins; answers the one that it takes the place of, where that is alive. */
  begin(objectGUID: string, id: string, endsAt: number): Promise<string | undefined>;
  /** Whether another one took its place. */
  isReplaced(objectGUID: string, id: string): Promise<boolean>;
  end(objectGUID: string, id: string): Promise<void>;
}

/** The last of a person, kept until its time is over; `isOver` where it ended before. */
interface Last {
  readonly id: string;
  readonly isOver: boolean;
}

// The store holds only what this file wrote.
const lastOf = (value: unknown): Last | undefined => value as Last | undefined;
const keyOf = (objectGUID: string): string => `webhook ${objectGUID}`;

export function createLiveQuestions(store: Pick<Store, 'get' | 'update'>): LiveQuestions {
  return {
    async begin(objectGUID, id, endsAt) {
      let before: Last | undefined;
      await store.update('challenge', keyOf(objectGUID), (record) => {
        before = lastOf(record?.value);
        return { value: { id, isOver: false } satisfies Last, expiresAt: endsAt };
      });
      return before === undefined || before.isOver ? undefined : before.id;
    },
    async isReplaced(objectGUID, id) {
      const last = lastOf(await store.get('challenge', keyOf(objectGUID)));
      return last !== undefined && last.id !== id;
    },
    async end(objectGUID, id) {
      await store.update('challenge', keyOf(objectGUID), (record) => {
        const isLast = record !== undefined && lastOf(record.value)?.id === id;
        return isLast ? { ...record, value: { id, isOver: true } satisfies Last } : record;
      });
    },
  };
}
