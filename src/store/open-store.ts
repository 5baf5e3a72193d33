/** Opens the store that the configuration names, and makes of one that does not serve a refusal that says so. */
import type { Clock } from '../clock.ts';
import type { StoreConfig } from '../config/store-schema.ts';
import { Refusal } from '../refusal.ts';
import { createSqliteStore } from './sqlite.ts';
import { StoreUnavailable } from './store-unavailable.ts';
import type { Store } from './store.ts';

interface World {
  readonly clock: Clock;
  /** Told once when the store does not serve any more, and once when it does again. */
  /** Whether all of a file is examined before it is used, however large it is. */
  readonly thorough?: boolean;
  readonly note?: (level: 'error' | 'info', message: string, detail?: Readonly<Record<string, unknown>>) => void;
}

/**
 * What is asked of it for a person throws Refusal store-unavailable where it does not serve; `check`, `sweep` and `snapshot`, which
 * nobody waits for, throw StoreUnavailable.
 * @throws StoreUnusable where the store cannot or must not be used
 */
export async function openStore(config: StoreConfig, { clock, thorough = false, note = () => undefined }: World): Promise<Store> {
  const store =
    config.url === undefined
      ? await createSqliteStore({ file: config.file, clock, thorough })
      : // pg is loaded for those alone who use it.
        await (await import('./postgres.ts')).createPostgresStore({ config, clock });
  let serves = true;

  async function asked<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      if (!serves) note('info', 'the store serves again');
      serves = true;
      return result;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (serves) note('error', error.message);
      serves = false;
      throw new Refusal('store-unavailable', { cause: error.message });
    }
  }

  return {
    create: (...given) => asked(store.create(...given)),
    get: (...given) => asked(store.get(...given)),
    update: (...given) => asked(store.update(...given)),
    delete: (...given) => asked(store.delete(...given)),
    list: (...given) => asked(store.list(...given)),
    journal: {
      append: (entries) => asked(store.journal.append(entries)),
      search: (query) => asked(store.journal.search(query)),
    },
    count: (kind) => store.count(kind),
    sweep: (limit) => store.sweep(limit),
    snapshot: (kinds) => store.snapshot(kinds),
    subscribe: (kind, listener) => store.subscribe(kind, listener),
    check: () => store.check(),
    close: () => store.close(),
  };
}
