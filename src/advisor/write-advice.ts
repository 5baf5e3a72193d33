/** The report as JSON, as `read-advice.ts` takes it back. */
import type { Advice } from './advice.ts';
import { jsonChunks } from './json-chunks.ts';

/** In pieces of about 64 KiB. Their order is that of the report: what it is comes first, the people last. */
export const adviceChunks = (advice: Advice): Iterable<string> => jsonChunks(advice);
