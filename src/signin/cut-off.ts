/** The cut-off: sessions that began before it are over, everybody's. Known to each node without a question to the store. */
import type { Clock } from '../clock.ts';
import type { Store, StoredRecord, Subscription } from '../store/store.ts';

export interface CutOff {
  /** Milliseconds since the epoch; 0: there is none. */
  before(): Promise<number>;
}

const key = 'sessions';
/** No session lives longer, whatever the configuration allows. */
const longestLife = 91 * 24 * 3_600_000;

const instantOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Ends all sessions that began before that instant (milliseconds since the epoch); an earlier one than there is changes nothing. */
export async function setCutOff(store: Pick<Store, 'update'>, before: number, clock: Pick<Clock, 'now'>): Promise<number> {
  const kept = await store.update('cut-off', key, (record): StoredRecord => {
    if (record !== undefined && instantOf(record.value) >= before) return record;
    return { value: before, expiresAt: clock.now() + longestLife };
  });
  return instantOf(kept?.value);
}

/** Subscribes at the first question, until the store is closed. */
export function createCutOff({ store }: { store: Pick<Store, 'get' | 'subscribe'> }): CutOff {
  let subscription: Subscription | undefined;
  let remembered: number | undefined;
  /** Counts the changes that were told: what was read before one of them is not remembered. */
  let changes = 0;

  return {
    async before() {
      subscription ??= store.subscribe('cut-off', () => {
        changes += 1;
        remembered = undefined;
      });
      if (remembered !== undefined && subscription.isLive()) return remembered;
      const told = changes;
      const isLive = subscription.isLive();
      const before = instantOf(await store.get('cut-off', key));
      if (isLive && told === changes) remembered = before;
      return before;
    },
  };
}
