/** The metadata document that is in use, and what is reported when another takes its place. */
import { isDeepStrictEqual } from 'node:util';
import type { MetadataDocument } from '../../saml/metadata-document.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';
import type { ServiceProvider } from '../../saml/service-provider.ts';
import { describeChange } from './change.ts';
import type { MetadataWorld } from './world.ts';

/** How old what is known is. Milliseconds since the epoch. */
export interface MetadataState {
  /** When it was read, fetched, or found to be unchanged; undefined where nobody knows. */
  readonly takenAt: number | undefined;
  /** Undefined where nothing says so. */
  readonly validUntil: number | undefined;
}

/** Mistakes of one document that are reported one by one. */
const mostMistakes = 20;
/** Entities that are compared before others have their turn. */
const atOnce = 10;

export class HeldMetadata {
  /** undefined where nothing usable has come yet. */
  document: MetadataDocument | undefined;
  readonly #name: string;
  readonly #world: MetadataWorld;
  readonly #expired = new Set<string | undefined>();
  #takenAt: number | undefined;

  /** `name` is what reports call its source. */
  constructor(name: string, world: MetadataWorld, document?: MetadataDocument) {
    this.#name = name;
    this.#world = world;
    this.document = document;
    if (document !== undefined) this.confirm();
  }

  /** Whether the document says the same of every service provider as the one in use. */
  holds(document: MetadataDocument): boolean {
    const ours = this.document?.index;
    const theirs = document.index;
    return (
      ours?.entities.length === theirs.entities.length &&
      ours.validUntil === theirs.validUntil &&
      ours.mistakes.length === theirs.mistakes.length &&
      ours.entities.every(
        ({ entityID, digest }, at) => entityID === theirs.entities[at]?.entityID && digest === theirs.entities[at].digest,
      ) &&
      isDeepStrictEqual([ours.groups, ours.affiliations], [theirs.groups, theirs.affiliations])
    );
  }

  /** @throws MetadataMistake */
  find(entityID: string): ServiceProvider | undefined {
    const { clock, clockSkew } = this.#world;
    return this.document?.find(entityID, { now: clock.now(), clockSkew });
  }

  peek(entityID: string): ServiceProvider | undefined {
    return this.#peekIn(this.document, entityID);
  }

  kindOf(entityID: string): ReturnType<MetadataDocument['kindOf']> {
    return this.document?.kindOf(entityID);
  }

  stateOf(entityID: string): MetadataState {
    return { takenAt: this.#takenAt, validUntil: this.document?.validUntilOf(entityID) };
  }

  /** Of the whole document. */
  get age(): MetadataState & { readonly serviceProviders: number } {
    const index = this.document?.index;
    const takenAt = index === undefined ? undefined : this.#takenAt;
    return { takenAt, validUntil: index?.validUntil, serviceProviders: index?.entities.length ?? 0 };
  }

  /** It was found to be unchanged, now or at that time. */
  confirm(at: number = this.#world.clock.now()): void {
    if (Number.isFinite(at)) this.#takenAt = at;
  }

  #peekIn(document: MetadataDocument | undefined, entityID: string): ServiceProvider | undefined {
    const { clock, clockSkew } = this.#world;
    try {
      return document?.find(entityID, { now: clock.now(), clockSkew });
    } catch (cause) {
      if (cause instanceof MetadataMistake) return undefined;
      throw cause;
    }
  }

  /** Puts another document in place of the one there; undefined takes it away. Reports what has changed of those that matter. */
  async replace(document: MetadataDocument | undefined): Promise<void> {
    const before = this.document;
    const { report, named } = this.#world;
    const isFirst = before === undefined;
    const watched = new Set([...named, ...(before?.asked() ?? []).map(([entityID]) => entityID)]);
    const states: [entityID: string, before: ServiceProvider | undefined][] = [];
    if (!isFirst) {
      for (const entityID of watched) {
        if (before.digestOf(entityID) === document?.digestOf(entityID) && before.digestOf(entityID) === undefined) continue;
        states.push([entityID, this.#peekIn(before, entityID)]);
        if (states.length % atOnce === 0) await new Promise(setImmediate);
      }
    }
    this.document = document;
    this.confirm();
    this.#expired.clear();
    if (document !== undefined) this.#reportContent(document);
    let compared = 0;
    for (const [entityID, old] of states) {
      const change = describeChange(old, this.#peekIn(document, entityID));
      if (change !== undefined) report.changed(this.#name, entityID, change);
      compared += 1;
      if (compared % atOnce === 0) await new Promise(setImmediate);
    }
    // Read now, so that the next change of theirs is noticed and pages can name them.
    if (isFirst) for (const entityID of named) this.#peekIn(document, entityID);
  }

  #reportContent({ index }: MetadataDocument): void {
    const { report } = this.#world;
    const { entities, others, mistakes } = index;
    report.renewed(this.#name, { serviceProviders: entities.length, others, leftOut: mistakes.length });
    for (const { entityID, sentence, line, element } of mistakes.slice(0, mostMistakes)) {
      report.failed(this.#name, new MetadataMistake(sentence, line, element), entityID);
    }
  }

  /** Reports, once, that the document or one of those asked for has expired. */
  reportExpired(): void {
    const { clock, clockSkew, report } = this.#world;
    const limit = clock.now() - clockSkew;
    const validUntil = this.document?.index.validUntil;
    if (validUntil !== undefined && validUntil <= limit) {
      if (!this.#expired.has(undefined)) report.stale(this.#name, validUntil);
      this.#expired.add(undefined);
      return;
    }
    for (const [entityID, until] of this.document?.asked() ?? []) {
      if (until > limit || this.#expired.has(entityID)) continue;
      this.#expired.add(entityID);
      report.stale(this.#name, until, entityID);
    }
  }
}

/** What the first of several documents that knows it says. @throws MetadataMistake where it is in none that can be used */
export const findIn = (documents: Iterable<HeldMetadata>, entityID: string): ServiceProvider | undefined => {
  let mistake: MetadataMistake | undefined;
  for (const held of documents) {
    try {
      const found = held.find(entityID);
      if (found !== undefined) return found;
    } catch (cause) {
      if (!(cause instanceof MetadataMistake)) throw cause;
      mistake ??= cause;
    }
  }
  if (mistake !== undefined) throw mistake;
  return undefined;
};
