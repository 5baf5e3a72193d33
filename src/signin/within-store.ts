/** The same store, in which what one part keeps lies under keys of its own. */
import type { Store } from '../store/store.ts';

export function within(store: Store, space: string): Store {
  const keyOf = (key: string): string => `${space} ${key}`;
  return {
    ...store,
    create: (kind, key, value, expiresAt) => store.create(kind, keyOf(key), value, expiresAt),
    get: (kind, key) => store.get(kind, keyOf(key)),
    update: (kind, key, change) => store.update(kind, keyOf(key), change),
    delete: (kind, key) => store.delete(kind, keyOf(key)),
  };
}
