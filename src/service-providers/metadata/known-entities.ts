/** What is remembered of the entities that a responder was asked about, within bounds that no stranger moves. */
import type { MetadataMistake } from '../../saml/metadata-mistake.ts';
import type { Validators } from './fetch.ts';
import type { HeldMetadata } from './held.ts';
import type { MetadataTimetable } from './timetable.ts';

/** What is known of one entity. */
export interface Known {
  readonly held: HeldMetadata;
  readonly timetable: MetadataTimetable;
  validators: Validators | undefined;
  /** The responder that the document came from, which alone knows its validators. */
  base: string | undefined;
  /** Of the copy that was taken over last. */
  mark: string | undefined;
  /** Why there is nothing to use, where there was an answer. */
  mistake: MetadataMistake | undefined;
}

/** Entities, those unknown to the responders included. */
const most = 2_000;
/** Of all documents together. */
const mostBytes = 50_000_000;

export class KnownEntities {
  /** The one that nobody has asked for longest comes first. */
  readonly #known = new Map<string, Known>();
  readonly #named: ReadonlySet<string>;
  readonly #make: (entityID: string) => Known;

  /** `named` are never forgotten. */
  constructor(named: ReadonlySet<string>, make: (entityID: string) => Known) {
    this.#named = named;
    this.#make = make;
  }

  get(entityID: string): Known | undefined {
    return this.#known.get(entityID);
  }

  entries(): Iterable<[string, Known]> {
    return this.#known.entries();
  }

  forget(entityID: string): void {
    this.#known.delete(entityID);
  }

  remember(entityID: string): Known {
    const found = this.#known.get(entityID);
    this.#known.delete(entityID);
    const entry = found ?? this.#make(entityID);
    this.#known.set(entityID, entry);
    // Those of which there is nothing to know go first: whoever makes names up pushes nobody out.
    if (this.#known.size > most) this.#forgetOldest(entityID, ({ held }) => held.document === undefined);
    if (this.#known.size > most) this.#forgetOldest(entityID, () => true);
    return entry;
  }

  #forgetOldest(except: string, which: (entry: Known) => boolean): void {
    for (const [entityID, entry] of this.#known) {
      if (entityID === except || this.#named.has(entityID) || !which(entry)) continue;
      this.#known.delete(entityID);
      return;
    }
  }

  /** To be called where a document has come in. */
  weigh(): void {
    let bytes = 0;
    for (const { held } of this.#known.values()) bytes += held.document?.size ?? 0;
    for (const [entityID, { held }] of this.#known) {
      if (bytes <= mostBytes) return;
      if (this.#named.has(entityID) || held.document === undefined) continue;
      bytes -= held.document.size;
      this.#known.delete(entityID);
    }
  }
}
