/** The file of an exported store: lines of JSON, a head, one record each, and an end that counts and seals what is before it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { boundedExpiry, boundedJson, boundedKey } from '../store/bounds.ts';
import { isKind, type Kind, type RawRecord } from '../store/store.ts';

const format = 'passerelle store';
const version = 1;
/** Bytes of a line: the largest record, its key and what is around them, should every character be escaped. */
const longestLine = 4 * 1024 * 1024;

export interface ImportedRecord {
  readonly kind: Kind;
  readonly key: string;
  readonly value: unknown;
  readonly expiresAt: number;
}

/** The file is none of ours, cut off, changed or damaged. */
export class ExportDamaged extends Error {
  override readonly name = 'ExportDamaged';
}

/** Makes the lines, each with its line feed, in the order of calling. */
export function createExportLines(now: number) {
  const hash = createHash('sha256');
  let count = 0;
  const counted = (line: string): string => {
    hash.update(line);
    return line;
  };
  return {
    head: (): string => counted(`${JSON.stringify({ format, version, at: new Date(now).toISOString() })}\n`),
    /** @throws SyntaxError where the record holds no JSON */
    record({ kind, key, json, expiresAt }: RawRecord): string {
      // Read and written anew: on one line, whatever was stored.
      const value = JSON.stringify(JSON.parse(json) as unknown);
      count += 1;
      return counted(
        `{"kind":${JSON.stringify(kind)},"key":${JSON.stringify(key)},"expiresAt":${String(expiresAt)},"value":${value}}\n`,
      );
    },
    end: (): string => `${JSON.stringify({ end: true, records: count, sha256: hash.digest('hex') })}\n`,
  };
}

async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, from)) {
      yield bytes.subarray(from, at);
      from = at + 1;
    }
    bytes = bytes.subarray(from);
    if (bytes.length > longestLine) throw new ExportDamaged('it holds a line that is too long');
    rest = bytes;
  }
  if (rest.length > 0) throw new ExportDamaged('it is cut off');
}

function parse(line: Buffer, number: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Told below.
  }
  throw new ExportDamaged(`line ${String(number)} is no JSON object`);
}

function recordOf({ kind, key, value, expiresAt }: Readonly<Record<string, unknown>>, number: number): ImportedRecord {
  const wrong = (what: string): ExportDamaged => new ExportDamaged(`line ${String(number)} ${what}`);
  if (typeof kind !== 'string' || typeof key !== 'string' || typeof expiresAt !== 'number') throw wrong('is no record');
  if (!isKind(kind)) throw wrong('holds a record of a kind that is not known here; a newer Passerelle wrote it');
  try {
    boundedKey(key);
    boundedJson(value);
    boundedExpiry(expiresAt);
  } catch (error) {
    throw wrong(`holds what no store keeps: ${error instanceof Error ? error.message : ''}`);
  }
  return { kind, key, value, expiresAt };
}

/**
 * The records of a file, each as it is read; once all of them are given, what stands at the end has been found to be true.
 * @throws ExportDamaged, and what the system has against the file
 */
export async function* readExport(file: string): AsyncGenerator<ImportedRecord> {
  const hash = createHash('sha256');
  let number = 0;
  let records = 0;
  let isEnded = false;
  for await (const line of linesOf(file)) {
    number += 1;
    if (isEnded) throw new ExportDamaged('something stands behind its end');
    const parsed = parse(line, number);
    if (number === 1) {
      if (parsed.format !== format) throw new ExportDamaged('it is not what passerelle store export writes');
      if (parsed.version !== version) throw new ExportDamaged('a newer Passerelle wrote it');
    } else if (parsed.end === true) {
      if (parsed.records !== records) throw new ExportDamaged(`it holds ${String(records)} records, and its end says otherwise`);
      if (parsed.sha256 !== hash.digest('hex')) throw new ExportDamaged('it was changed: its SHA-256 is another');
      isEnded = true;
      continue;
    } else {
      records += 1;
      yield recordOf(parsed, number);
    }
    hash.update(line).update('\n');
  }
  if (!isEnded) throw new ExportDamaged('it is cut off: its end is missing');
}
