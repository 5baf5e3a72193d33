/** Takes expired records out of the store, in small batches, so that nobody waits for it. */
import type { Audit } from '../audit/audit.ts';
import type { Store } from '../store/store.ts';

const every = 60_000;
const batch = 500;

/** @returns what ends it */
export function sweepRegularly(store: Pick<Store, 'sweep'>, audit: Pick<Audit, 'note'>): () => void {
  let sweeping = false;
  async function sweep(): Promise<void> {
    if (sweeping) return;
    sweeping = true;
    try {
      while ((await store.sweep(batch)) === batch) await new Promise(setImmediate);
    } catch (error) {
      audit.note('warn', 'expired records could not be swept', { cause: error instanceof Error ? error.message : 'unknown' });
    } finally {
      sweeping = false;
    }
  }
  const timer = setInterval(() => void sweep(), every);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
