/** Counts what node:test tells: tests, never suites, and a file that ran none as a failure. */

/** As much of an event of node:test as counting needs. */
export interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly file?: string | undefined;
    readonly skip?: string | boolean | undefined;
    readonly todo?: string | boolean | undefined;
    readonly details?: { readonly type?: string | undefined; readonly error?: unknown };
  };
}

export interface Tally {
  passed: number;
  failed: number;
  /** Names of tests that did not run, or whose failure does not count. */
  skipped: string[];
  /** Sentences on failures that are no test's own. */
  complaints: string[];
}

const failureTypeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'failureType' in error ? error.failureType : undefined;

/** The tally of one file, from all of its events. */
export function tallyFile(file: string, events: readonly TestEvent[]): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: [], complaints: [] };
  for (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.name === file) {
      continue;
    }
    const isSkipped = data.skip !== undefined || data.todo !== undefined;
    if (data.details?.type === 'suite') {
      if (data.skip !== undefined) {
        tally.skipped.push(data.name ?? '');
      } else if (type === 'test:fail' && failureTypeOf(data.details.error) !== 'subtestsFailed') {
        tally.failed += 1;
      }
    } else if (isSkipped) {
      tally.skipped.push(data.name ?? '');
    } else if (type === 'test:pass') {
      tally.passed += 1;
    } else {
      tally.failed += 1;
    }
  }
  const fileFailed = events.some(({ type, data }) => type === 'test:fail' && data.name === file);
  if (fileFailed) {
    tally.failed += 1;
    tally.complaints.push(`${file} ended badly as a whole`);
  } else if (tally.passed + tally.failed + tally.skipped.length === 0) {
    tally.failed += 1;
    tally.complaints.push(`${file} ran no test`);
  }
  return tally;
}
