/** A metadata document that was indexed: its service providers are read when somebody asks for them. */
import { indexMetadata, type MetadataIndex, type MetadataRules } from './index-metadata.ts';
import { MetadataMistake } from './metadata-mistake.ts';
import { readEntity, serviceProviderRoles, readValidUntil, type Judging } from './read-entity.ts';
import { readPiece, textOf } from './read-piece.ts';
import type { ServiceProvider } from './service-provider.ts';

interface Found {
  readonly serviceProvider: ServiceProvider;
  /** Milliseconds since the epoch; infinite where nothing says so. */
  readonly validUntil: number;
}

/** Service providers that are kept as they were read. */
const mostKept = 1_000;

function keep<Value>(kept: Map<string, Value>, entityID: string, value: Value): void {
  for (const oldest of kept.keys()) {
    if (kept.size < mostKept) break;
    kept.delete(oldest);
  }
  kept.set(entityID, value);
}

export class MetadataDocument {
  readonly index: MetadataIndex;
  readonly #bytes: Buffer;
  readonly #entities: ReadonlyMap<string, MetadataIndex['entities'][number]>;
  readonly #mistakes: ReadonlyMap<string | undefined, MetadataIndex['mistakes'][number]>;
  readonly #found = new Map<string, Found>();
  /** Of those that were there to be used and have expired: nobody makes us read them again and again. */
  readonly #gone = new Map<string, MetadataMistake>();

  /** `index` is what `indexMetadata` made of the bytes. */
  constructor(bytes: Buffer, index: MetadataIndex) {
    this.#bytes = bytes;
    this.index = index;
    this.#entities = new Map(index.entities.map((entity) => [entity.entityID, entity]));
    this.#mistakes = new Map(index.mistakes.map((mistake) => [mistake.entityID, mistake]));
  }

  /** In bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Of its bytes; undefined where it is not here or cannot be used. */
  digestOf(entityID: string): string | undefined {
    return this.#entities.get(entityID)?.digest;
  }

  /** What its entity of that ID is, whether or not it can be used; undefined where it has none, or one of another kind. */
  kindOf(entityID: string): 'service provider' | 'affiliation' | undefined {
    if (this.#entities.has(entityID) || this.#mistakes.has(entityID)) return 'service provider';
    return this.index.affiliations.has(entityID) ? 'affiliation' : undefined;
  }

  /** Those that somebody asked for, and until when they are valid (milliseconds since the epoch). */
  asked(): readonly (readonly [entityID: string, validUntil: number])[] {
    return [...this.#found].map(([entityID, { validUntil }]) => [entityID, validUntil]);
  }

  /** Until when what was read of it is valid, in milliseconds since the epoch; undefined where nothing says so, or nobody asked for it. */
  validUntilOf(entityID: string): number | undefined {
    const until = this.#found.get(entityID)?.validUntil;
    return until === Infinity ? undefined : until;
  }

  /**
   * The service provider of that entity ID, the same value each time; undefined where there is none.
   * @throws MetadataMistake where it was left out, or its metadata have expired meanwhile
   */
  find(entityID: string, judging: Judging): ServiceProvider | undefined {
    const known = this.#found.get(entityID);
    if (known !== undefined && known.validUntil + judging.clockSkew > judging.now) return known.serviceProvider;
    const gone = this.#gone.get(entityID);
    if (gone !== undefined) throw gone;
    try {
      const found = this.#read(entityID, judging);
      if (found !== undefined) keep(this.#found, entityID, found);
      return found?.serviceProvider;
    } catch (cause) {
      if (cause instanceof MetadataMistake) keep(this.#gone, entityID, cause);
      throw cause;
    }
  }

  #read(entityID: string, judging: Judging): Found | undefined {
    const entity = this.#entities.get(entityID);
    if (entity === undefined) {
      const mistake = this.#mistakes.get(entityID);
      if (mistake !== undefined) throw new MetadataMistake(mistake.sentence, mistake.line, mistake.element);
      return undefined;
    }
    const group = this.index.groups[entity.group];
    const until = group?.validUntil ?? Infinity;
    if (until + judging.clockSkew <= judging.now) {
      const sentence = `the element EntitiesDescriptor was valid until ${new Date(until).toISOString()} only; get the current metadata.`;
      throw new MetadataMistake(sentence, group?.line, 'EntitiesDescriptor');
    }
    const affiliations = [...this.index.affiliations].flatMap(([id, members]) => (members.includes(entityID) ? [id] : []));
    return readPiece(textOf(this.#bytes, entity), entity.line, group?.declared ?? new Map(), (element) => ({
      serviceProvider: readEntity(element, judging, { entityAttributes: group?.entityAttributes ?? [], affiliations }),
      validUntil: Math.min(until, ...[element, ...serviceProviderRoles(element)].map((each) => readValidUntil(each) ?? Infinity)),
    }));
  }
}

/** Reads a document that is small enough to be read at once. @throws MetadataMistake */
export const openMetadata = (bytes: Buffer, rules: MetadataRules): MetadataDocument =>
  new MetadataDocument(bytes, indexMetadata(bytes, rules));
