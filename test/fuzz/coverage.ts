/** How much of our code has run, as V8 itself sees it: what tells a fuzzer that an input is new. */
import { Session } from 'node:inspector/promises';

export interface Coverage {
  /** Characters of code that ran for the first time since the last call. */
  fresh(): Promise<number>;
  /** Those that ran altogether. */
  total(): number;
  close(): Promise<void>;
}

/** Watches the scripts whose URL `isOurs`. */
export async function watchCoverage(isOurs: (url: string) => boolean): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const scripts = new Map<string, Uint8Array>();
  let total = 0;

  /** Notes a function, whose ranges stand from the outermost inwards. */
  function note(url: string, ranges: readonly { startOffset: number; endOffset: number; count: number }[]): void {
    const [whole] = ranges;
    if (whole === undefined) return;
    const ran = new Uint8Array(whole.endOffset - whole.startOffset);
    for (const { startOffset, endOffset, count } of ranges) {
      ran.fill(Math.min(count, 1), startOffset - whole.startOffset, endOffset - whole.startOffset);
    }
    let script = scripts.get(url) ?? new Uint8Array(whole.endOffset);
    if (script.length < whole.endOffset) {
      const longer = new Uint8Array(whole.endOffset);
      longer.set(script);
      script = longer;
    }
    scripts.set(url, script);
    for (let at = 0; at < ran.length; at += 1) {
      if (ran[at] === 1 && script[whole.startOffset + at] === 0) {
        script[whole.startOffset + at] = 1;
        total += 1;
      }
    }
  }

  return {
    async fresh() {
      const before = total;
      const { result } = await session.post('Profiler.takePreciseCoverage');
      for (const { url, functions } of result) {
        if (isOurs(url)) for (const { ranges } of functions) note(url, ranges);
      }
      return total - before;
    },
    total: () => total,
    async close() {
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
