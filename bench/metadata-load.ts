/** How long others wait while a large metadata document is read, in a process of its own. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { loadMetadata } from '../src/service-providers/metadata/load.ts';

export interface MetadataLoad {
  /** Milliseconds. */
  readonly taken: number;
  /** Milliseconds that the event loop was held up at most. */
  readonly blocked: number;
  readonly entities: number;
}

const resolution = 1;

async function measure(file: string, key: string): Promise<MetadataLoad> {
  const keys = [createPublicKey(readFileSync(key))];
  const rules = { keys, requireValidUntil: true, validAtMost: undefined, now: Date.now(), clockSkew: 0 };
  const delay = monitorEventLoopDelay({ resolution });
  const began = performance.now();
  delay.enable();
  const { index } = await loadMetadata(file, 500_000_000, rules, new AbortController().signal);
  delay.disable();
  return { taken: performance.now() - began, blocked: delay.max / 1e6 - resolution, entities: index.entities.length };
}

process.once('message', ({ file, key }: { file: string; key: string }) => {
  measure(file, key).then(
    (measured) => process.send?.(measured, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
