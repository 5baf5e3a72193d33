/** Notices that the files of a configuration changed, once they have come to rest. */
import type { Source } from './source.ts';

/**
 * Looks at them rather than be told: so that it is seen on every file system, whether a file is written over, replaced, or reached by
 * links of which one changes, as within Kubernetes.
 * @param parts `isOn` is asked at each look; `every` in milliseconds, and so long they must stay as they are
 * @returns what ends it
 */
export function watchSource(parts: {
  source: Pick<Source, 'stamp' | 'stampRead'>;
  isOn: () => boolean;
  changed: () => void;
  every: number;
}): () => void {
  const { source, isOn, changed, every } = parts;
  let isLooking = false;
  let seen: string | undefined;

  async function look(): Promise<void> {
    if (isLooking || !isOn()) return;
    isLooking = true;
    try {
      const stamp = await source.stamp();
      const hasRested = stamp === seen;
      seen = stamp === source.stampRead ? undefined : stamp;
      if (seen === undefined || !hasRested) return;
      seen = undefined;
      changed();
    } finally {
      isLooking = false;
    }
  }

  const timer = setInterval(() => void look(), every);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
