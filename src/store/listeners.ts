/** Those who want to know which watched records changed. */
import type { WatchedKind } from './store.ts';

type Listener = (key: string | undefined) => void;

export interface Listeners {
  /** Answers what takes it away again. */
  add(kind: WatchedKind, listener: Listener): () => void;
  /** Of one record. Kinds that nobody watches are nobody's business. */
  tell(kind: string, key: string | undefined): void;
  /** Anything may have changed. */
  tellAll(): void;
  /** How many there are. */
  count(): number;
}

export function createListeners(): Listeners {
  const listeners = new Set<{ readonly kind: string; readonly listener: Listener }>();
  return {
    add(kind, listener) {
      const added = { kind, listener };
      listeners.add(added);
      return () => void listeners.delete(added);
    },
    tell(kind, key) {
      for (const each of listeners) if (each.kind === kind) each.listener(key);
    },
    tellAll() {
      for (const { listener } of listeners) listener(undefined);
    },
    count: () => listeners.size,
  };
}
