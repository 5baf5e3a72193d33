/** What a process measures of itself: its memory, its time on a processor, and how late it comes to what is due. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Reading } from './gauges.ts';
import type { Metrics } from './metrics.ts';

/** What the process says of itself, handed in as the clock is. */
export interface Runtime {
  /** Of Node, such as 24.1.0. */
  readonly node: string;
  /** Milliseconds on a processor, of all threads, since it began. */
  processorTime(): number;
  /** Bytes. */
  residentMemory(): number;
}

export interface ProcessMeasures {
  /** Tells how it is now. To be called every few seconds. */
  measure(): void;
  close(): void;
}

/** Milliseconds between two looks at the clock. */
const resolution = 20;
/** Milliseconds; and so many are told of, so that whoever asks twice a minute misses none. */
const span = 10_000;
const spans = 3;

interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How late: what is measured is from one look to the next, in nanoseconds. */
const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolution / 1_000);

export function measureProcess(parts: { metrics: Pick<Metrics, 'measured' | 'processor'>; runtime: Runtime }): ProcessMeasures {
  const { metrics, runtime } = parts;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  let before: readonly Delays[] = [];
  let began = performance.now();
  let counted = 0;

  function delays(): Delays {
    // Without a look there is no percentile.
    const { count } = delay;
    const at = (percentile: number): number => (count === 0 ? 0 : late(delay.percentile(percentile)));
    return { p50: at(50), p99: at(99), max: count === 0 ? 0 : late(delay.max) };
  }

  return {
    measure() {
      const recent = [delays(), ...before];
      const now = performance.now();
      if (now - began >= span) {
        before = recent.slice(0, spans - 1);
        delay.reset();
        began = now;
      }
      const statistics = (['p50', 'p99', 'max'] as const).map((name): Reading => [
        [name],
        Math.max(...recent.map((one) => one[name])),
      ]);
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      const processor = runtime.processorTime();
      metrics.processor(processor - counted);
      counted = processor;
      metrics.measured([
        ['passerelle_event_loop_delay_seconds', statistics],
        ['passerelle_process_resident_memory_bytes', [[[], runtime.residentMemory()]]],
        ['passerelle_process_heap_used_bytes', [[[], used]]],
        ['passerelle_process_heap_limit_bytes', [[[], limit]]],
        ['passerelle_process_start_time_seconds', [[[], performance.timeOrigin / 1_000]]],
      ]);
    },
    close() {
      delay.disable();
    },
  };
}
