/** A store whose answers are timed. */
import type { Metrics } from '../audit/metrics.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from './store.ts';

const meansDown = (error: unknown): boolean => error instanceof Refusal && error.reason === 'store-unavailable';

export function measuredStore(store: Store, metrics: Pick<Metrics, 'stored'>): Store {
  async function timed<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    let failed = false;
    try {
      return await work();
    } catch (error) {
      failed = meansDown(error);
      throw error;
    } finally {
      metrics.stored(operation, performance.now() - began, failed);
    }
  }
  return {
    ...store,
    create: (...given) => timed('create', () => store.create(...given)),
    get: (...given) => timed('get', () => store.get(...given)),
    update: (...given) => timed('update', () => store.update(...given)),
    delete: (...given) => timed('delete', () => store.delete(...given)),
    list: (...given) => timed('list', () => store.list(...given)),
    journal: {
      append: (entries) => timed('append', () => store.journal.append(entries)),
      search: (query) => timed('search', () => store.journal.search(query)),
    },
  };
}
