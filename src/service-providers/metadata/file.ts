/** A metadata file that is read again whenever it has changed. */
import { stat } from 'node:fs/promises';
import type { MetadataDocument } from '../../saml/metadata-document.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';
import type { MetadataRules } from '../../saml/index-metadata.ts';
import { HeldMetadata } from './held.ts';
import { loadMetadata } from './load.ts';
import type { MetadataWorld } from './world.ts';

const troubles: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist.',
  EACCES: 'the file may not be read by the user that Passerelle runs as.',
};

/** Whatever the file system has against it, as a mistake that can be told. */
export const asMistake = (cause: unknown): MetadataMistake => {
  if (cause instanceof MetadataMistake) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  if (code === undefined) throw cause;
  return new MetadataMistake(troubles[code] ?? `the file cannot be read (${code}).`);
};

/** Another where the file is another or was written to. */
async function markOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return [ino, size, mtimeMs].join(' ');
  } catch (cause) {
    return asMistake(cause).message;
  }
}

export class MetadataFile {
  readonly held: HeldMetadata;
  readonly #file: string;
  readonly #limit: number;
  readonly #rules: () => MetadataRules;
  readonly #accept: (document: MetadataDocument) => void;
  readonly #world: MetadataWorld;
  #mark: string | undefined;
  /** Why it could not be read the last time. */
  #trouble: string | undefined;

  /**
   * @param options.limit in bytes
   * @param options.document what the file held a moment ago
   * @param options.accept throws a MetadataMistake where a document is not what the file is for
   */
  constructor(
    file: string,
    options: {
      readonly limit: number;
      readonly rules: () => MetadataRules;
      readonly document?: MetadataDocument;
      readonly accept?: (document: MetadataDocument) => void;
    },
    world: MetadataWorld,
  ) {
    this.#file = file;
    this.#limit = options.limit;
    this.#rules = options.rules;
    this.#accept = options.accept ?? (() => undefined);
    this.#world = world;
    this.held = new HeldMetadata(file, world, options.document);
  }

  /** Reads the file where it is not the one that was read last. What cannot be used is reported, and the last good one stays. */
  async refresh(): Promise<void> {
    const mark = await markOf(this.#file);
    if (mark !== this.#mark) {
      this.#mark = mark;
      try {
        const document = await loadMetadata(this.#file, this.#limit, this.#rules(), this.#world.signal);
        this.#accept(document);
        // The first look at a file that was read before finds what is known.
        if (this.held.holds(document)) this.held.confirm();
        else await this.held.replace(document);
        this.#trouble = undefined;
      } catch (cause) {
        const mistake = asMistake(cause);
        if (!this.#world.signal.aborted && mistake.message !== this.#trouble) this.#world.report.failed(this.#file, mistake);
        this.#trouble = mistake.message;
        // What the file system has against it may pass, though the file stays as it is.
        if (!(cause instanceof MetadataMistake)) this.#mark = undefined;
      }
    } else if (this.#trouble === undefined) this.held.confirm();
    this.held.reportExpired();
  }
}
