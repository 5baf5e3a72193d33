/** Reads a metadata document into memory: a large one in a thread of its own, so that nobody's sign-in waits for it. */
import { open, stat } from 'node:fs/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { indexMetadata, type MetadataIndex, type MetadataRules } from '../../saml/index-metadata.ts';
import { MetadataDocument } from '../../saml/metadata-document.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';

/** Bytes and tags that are read in some 20 ms, whoever wrote them; the metadata of one service provider have fewer. */
const mostAtOnce = 32_768;
const mostTags = 500;
/** Milliseconds for a document of no length, and for each byte: ten times what is needed. */
const patience = { least: 20_000, perByte: 0.001 };
/** Of the thread, beside the document itself. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

interface Work {
  readonly purpose: 'index-metadata';
  readonly file: string;
  readonly limit: number;
  readonly rules: MetadataRules;
}

type Outcome =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly index: MetadataIndex }
  | { readonly sentence: string; readonly line: number | undefined; readonly element: string | undefined };

/** Exactly as many bytes as there are, in memory of their own. */
async function readWhole(file: string, limit: number): Promise<Buffer<ArrayBuffer>> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size > limit) throw new MetadataMistake(`the metadata are larger than ${String(limit / 1_000_000)} megabytes.`);
    const bytes = Buffer.from(new ArrayBuffer(size));
    for (let read = 0; read < size;) {
      const { bytesRead } = await handle.read(bytes, read, size - read, read);
      if (bytesRead === 0) throw new MetadataMistake('the file changes as it is read.');
      read += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

function inThread(work: Work, signal: AbortSignal, timeLimit: number): Promise<MetadataDocument> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: work, resourceLimits });
    const stop = (): void => void worker.terminate();
    const timer = setTimeout(() => {
      reject(new MetadataMistake(`reading the metadata takes longer than ${String(Math.round(timeLimit))} ms.`));
      stop();
    }, timeLimit);
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', (outcome: Outcome) => {
      if ('sentence' in outcome) reject(new MetadataMistake(outcome.sentence, outcome.line, outcome.element));
      else resolve(new MetadataDocument(Buffer.from(outcome.bytes.buffer), outcome.index));
    });
    worker.once('error', (cause: Error) => {
      const isMemory = 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(isMemory ? new MetadataMistake('reading the metadata takes too much memory.') : cause);
    });
    worker.once('exit', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      reject(new MetadataMistake('reading was stopped.'));
    });
  });
}

async function indexHere({ file, limit, rules }: Work): Promise<Outcome> {
  try {
    const bytes = await readWhole(file, limit);
    return { bytes, index: indexMetadata(bytes, rules) };
  } catch (cause) {
    if (!(cause instanceof MetadataMistake)) throw cause;
    return { sentence: cause.sentence, line: cause.line, element: cause.element };
  }
}

function hasFewTags(bytes: Buffer): boolean {
  let tags = 0;
  for (let at = bytes.indexOf(0x3c); at >= 0 && tags <= mostTags; at = bytes.indexOf(0x3c, at + 1)) tags += 1;
  return tags <= mostTags;
}

/**
 * @param limit in bytes
 * @param timeLimit in milliseconds, of what is read in a thread
 * @throws MetadataMistake, and whatever the file system has against reading the file
 */
export async function loadMetadata(
  file: string,
  limit: number,
  rules: MetadataRules,
  signal: AbortSignal,
  timeLimit?: number,
): Promise<MetadataDocument> {
  const status = await stat(file);
  // Opening a pipe waits for whoever writes into it.
  if (!status.isFile()) throw new MetadataMistake('it is no file.');
  if (status.size <= mostAtOnce) {
    const bytes = await readWhole(file, limit);
    if (bytes.length <= mostAtOnce && hasFewTags(bytes)) return new MetadataDocument(bytes, indexMetadata(bytes, rules));
  }
  const time = timeLimit ?? patience.least + patience.perByte * status.size;
  return inThread({ purpose: 'index-metadata', file, limit, rules }, signal, time);
}

const isWork = (value: unknown): value is Work =>
  typeof value === 'object' && value !== null && 'purpose' in value && value.purpose === 'index-metadata';

if (!isMainThread && parentPort !== null && isWork(workerData)) {
  const outcome = await indexHere(workerData);
  parentPort.postMessage(outcome, 'bytes' in outcome ? [outcome.bytes.buffer] : []);
}
