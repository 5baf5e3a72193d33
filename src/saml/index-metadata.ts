/** Finds out what a metadata document holds (saml-metadata §2.3): where each service provider stands, and what is wrong. */
import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readCacheDuration } from './metadata-duration.ts';
import { MetadataMistake, mistaken } from './metadata-mistake.ts';
import { childrenNamed, requireUri } from './metadata-values.ts';
import { namespaces } from './names.ts';
import { readEntity, readValidUntil, requireValid, serviceProviderRoles, type Judging } from './read-entity.ts';
import { readEntityAttributes } from './read-metadata-attributes.ts';
import { declarationsOf, parseMetadata, readPiece, textOf } from './read-piece.ts';
import { scanMetadata, type Piece, type Span } from './scan-metadata.ts';
import type { EntityAttribute } from './service-provider.ts';
import { verifyMetadataSignature } from './verify-metadata-signature.ts';
import type { XmlElement } from './xml.ts';

/** What is asked of a document beside being metadata. */
export interface MetadataRules extends Judging {
  /** One of them must have signed it; empty where it need not be signed. */
  readonly keys: readonly KeyObject[];
  /** URIs of algorithms that may not have signed it, beside those that never may. */
  readonly forbidden?: readonly string[];
  readonly requireValidUntil: boolean;
  /** Milliseconds that validUntil may lie ahead at most; undefined where it may lie anywhere. */
  readonly validAtMost: number | undefined;
}

/** What stands around entities. */
export interface Group {
  readonly declared: ReadonlyMap<string, string>;
  /** The earliest of its own and of those around it, in milliseconds since the epoch. */
  readonly validUntil: number | undefined;
  readonly line: number;
  entityAttributes: readonly EntityAttribute[];
}

export interface IndexedEntity extends Span {
  readonly entityID: string;
  /** Index into the groups. */
  readonly group: number;
  /** Of its bytes, to tell whether it has changed. */
  readonly digest: string;
}

/** An entity that was left out. */
export interface EntityMistake {
  /** undefined where even that could not be read. */
  readonly entityID: string | undefined;
  readonly sentence: string;
  readonly element: string | undefined;
  readonly line: number | undefined;
}

/** Plain values, which may go from one thread to another. */
export interface MetadataIndex {
  /** Instant and milliseconds; undefined where the root does not say. */
  readonly validUntil: number | undefined;
  readonly cacheDuration: number | undefined;
  readonly groups: readonly Group[];
  /** The service providers, in the order of the document; each entity ID once. */
  readonly entities: readonly IndexedEntity[];
  /** Entities of other kinds, such as identity providers. */
  readonly others: number;
  /** saml-metadata §2.5: members by the entity ID of their affiliation. */
  readonly affiliations: ReadonlyMap<string, readonly string[]>;
  readonly mistakes: readonly EntityMistake[];
}

const earliest = (...values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

const requireTimes = (root: XmlElement, rules: MetadataRules): void => {
  requireValid(root, rules);
  const until = readValidUntil(root);
  if (until === undefined && rules.requireValidUntil) mistaken(root, 'has no validUntil, which this source must have');
  const { validAtMost, now, clockSkew } = rules;
  if (until !== undefined && validAtMost !== undefined && until - now > validAtMost + clockSkew) {
    mistaken(root, `is valid until ${new Date(until).toISOString()}, which is further ahead than this source may be`);
  }
};

const mostReadAtOnce = 1_000_000;
/** Bytes of one entity, which is read while people wait: some 0.1 s. Those of federations have 10,000 to 100,000. */
const longestEntity = 500_000;
const mostMistakes = 10_000;

/** The same text in memory of its own: a part of a text keeps all of it in memory. */
const apart = (text: string): string => Buffer.from(text).toString();

/** It is wrong with the document. */
class TooManyMistakes extends MetadataMistake {}

class Indexer {
  readonly #bytes: Buffer;
  readonly #rules: MetadataRules;
  readonly #groups: Group[] = [];
  readonly #entities = new Map<string, IndexedEntity>();
  readonly #affiliations = new Map<string, readonly string[]>();
  readonly #mistakes: EntityMistake[] = [];
  #others = 0;
  /** Whether the root is the one entity, so that what is wrong with it is wrong with the document. */
  #isAlone = false;

  constructor(bytes: Buffer, rules: MetadataRules) {
    this.#bytes = bytes;
    this.#rules = rules;
  }

  index(): MetadataIndex {
    const pieces = this.#scan();
    const [first] = pieces;
    const last = pieces.at(-1);
    if (first === undefined || last === undefined) throw new MetadataMistake('there is nothing.');
    this.#requireProlog(first.start, last.end);
    const times = this.#readTag(first, new Map(), (root) => {
      const isEntity = root.localName === 'EntityDescriptor';
      if (root.namespace !== namespaces.metadata || !(isEntity || root.localName === 'EntitiesDescriptor')) {
        mistaken(root, 'stands where an md:EntityDescriptor or md:EntitiesDescriptor belongs');
      }
      requireTimes(root, this.#rules);
      return { validUntil: readValidUntil(root), cacheDuration: readCacheDuration(root), root };
    });
    const { root, ...rest } = times;
    if (this.#rules.keys.length > 0) verifyMetadataSignature(this.#bytes, pieces, root, this.#rules);
    if (root.localName === 'EntityDescriptor') this.#indexEntityAlone({ ...first, end: last.end });
    else this.#indexGroups(pieces);
    return {
      ...rest,
      groups: this.#groups,
      entities: [...this.#entities.values()],
      others: this.#others,
      affiliations: this.#affiliations,
      mistakes: this.#mistakes,
    };
  }

  /** Where tags do not match up in what is short, the strict reader says more exactly where. */
  #scan(): readonly Piece[] {
    try {
      return scanMetadata(this.#bytes);
    } catch (cause) {
      if (this.#bytes.length <= mostReadAtOnce) this.#readWhole();
      throw cause;
    }
  }

  #readWhole(): void {
    const text = textOf(this.#bytes, { start: 0, end: this.#bytes.length, line: 1 });
    parseMetadata(text.startsWith('\uFEFF') ? text.slice(1) : text);
  }

  /** What stands before and after the root: an XML declaration, comments and instructions at most. */
  #requireProlog(start: number, end: number): void {
    const before = textOf(this.#bytes, { start: 0, end: start, line: 1 });
    const after = textOf(this.#bytes, { start: end, end: this.#bytes.length, line: 1 });
    parseMetadata(`${before.startsWith('\uFEFF') ? before.slice(1) : before}<root/>`);
    parseMetadata(`<root/>${after}`);
  }

  /** The start tag of a group, as an element of its own. */
  #readTag<Result>(piece: Piece, declared: ReadonlyMap<string, string>, within: (element: XmlElement) => Result): Result {
    const text = textOf(this.#bytes, piece);
    return readPiece(text.endsWith('/>') ? text : `${text.slice(0, -1)}/>`, piece.line, declared, within);
  }

  #indexEntityAlone(span: Span): void {
    this.#isAlone = true;
    this.#groups.push({ declared: new Map(), validUntil: undefined, line: span.line, entityAttributes: [] });
    this.#indexEntity(span, 0);
    const [mistake] = this.#mistakes;
    if (mistake !== undefined) throw new MetadataMistake(mistake.sentence, mistake.line, mistake.element);
  }

  #indexGroups(pieces: readonly Piece[]): void {
    const around: number[] = [];
    let skipped = 0;
    for (const piece of pieces) {
      const inner = around.at(-1);
      if (piece.kind === 'end') {
        if (skipped > 0) skipped -= 1;
        else around.pop();
      } else if (piece.kind === 'start') {
        if (skipped > 0 || !this.#tolerate(undefined, piece, () => around.push(this.#openGroup(piece, inner)))) skipped += 1;
      } else if (skipped === 0 && inner !== undefined) this.#indexChild(piece, inner);
    }
  }

  /** @returns its index */
  #openGroup(piece: Piece, around: number | undefined): number {
    const outer = around === undefined ? undefined : this.#groups[around];
    return this.#readTag(piece, outer?.declared ?? new Map(), (element) => {
      if (element.namespace !== namespaces.metadata) mistaken(element, 'stands where an md:EntitiesDescriptor belongs');
      requireValid(element, this.#rules);
      const group = {
        declared: declarationsOf(element, outer?.declared ?? new Map()),
        validUntil: earliest(readValidUntil(element), outer?.validUntil),
        line: piece.line,
        entityAttributes: outer?.entityAttributes ?? [],
      };
      return this.#groups.push(group) - 1;
    });
  }

  #indexChild(piece: Piece, group: number): void {
    if (piece.localName === 'EntityDescriptor') this.#indexEntity(piece, group);
    else if (piece.localName === 'Extensions') this.#tolerate(undefined, piece, () => this.#readExtensions(piece, group));
    else if (piece.localName !== 'Signature') {
      this.#tolerate(undefined, piece, () =>
        this.#readHere(piece, group, (element) => mistaken(element, 'does not belong here')),
      );
    }
  }

  #readHere<Result>(piece: Span, group: number, within: (element: XmlElement) => Result): Result {
    return readPiece(textOf(this.#bytes, piece), piece.line, this.#groups[group]?.declared ?? new Map(), within);
  }

  /** saml-metadata-attr §2.1: what is said of a group is said of each entity in it. */
  #readExtensions(piece: Span, group: number): void {
    const found = this.#readHere(piece, group, (element) =>
      readEntityAttributes({ ...element, localName: 'around', children: [element] }),
    );
    const holder = this.#groups[group];
    if (holder !== undefined) holder.entityAttributes = [...holder.entityAttributes, ...found];
  }

  #indexEntity(piece: Span, group: number): void {
    let entityID: string | undefined;
    this.#tolerate(
      () => entityID,
      piece,
      () => {
        if (piece.end - piece.start > longestEntity) {
          const sentence = `the element EntityDescriptor is longer than ${String(longestEntity)} bytes.`;
          throw new MetadataMistake(sentence, piece.line, 'EntityDescriptor');
        }
        this.#readHere(piece, group, (element) => {
          if (element.namespace !== namespaces.metadata) mistaken(element, 'is not in the namespace of metadata');
          entityID = apart(requireUri(element, 'entityID'));
          this.#add(element, entityID, piece, group);
        });
      },
    );
  }

  #add(element: XmlElement, entityID: string, { start, end, line }: Span, group: number): void {
    const affiliation = childrenNamed(element, 'AffiliationDescriptor')[0];
    if (affiliation !== undefined) {
      requireValid(element, this.#rules);
      requireValid(affiliation, this.#rules);
      const members = childrenNamed(affiliation, 'AffiliateMember').map(({ text }) => apart(text.trim()));
      if (this.#affiliations.has(entityID) || this.#entities.has(entityID))
        mistaken(element, 'repeats an entityID of this document');
      this.#affiliations.set(entityID, members);
    } else if (!this.#isAlone && serviceProviderRoles(element).length === 0) {
      this.#others += 1;
    } else {
      if (this.#entities.has(entityID)) mistaken(element, 'repeats an entityID of this document');
      readEntity(element, this.#rules, { entityAttributes: [], affiliations: [] });
      const digest = hash('sha256', this.#bytes.subarray(start, end), 'base64');
      this.#entities.set(entityID, { entityID, start, end, line, group, digest });
      // What a service provider is called is no name for an affiliation of others.
      this.#affiliations.delete(entityID);
    }
  }

  /** What is wrong with one child must not spoil the others. @returns whether nothing was wrong */
  #tolerate(entityID: (() => string | undefined) | undefined, { line }: Span, read: () => void): boolean {
    try {
      read();
      return true;
    } catch (cause) {
      if (!(cause instanceof MetadataMistake) || cause instanceof TooManyMistakes) throw cause;
      const { sentence, element } = cause;
      if (this.#mistakes.length >= mostMistakes) {
        throw new TooManyMistakes(`there are more than ${String(mostMistakes)} mistakes.`, cause.line ?? line);
      }
      this.#mistakes.push({ entityID: entityID?.(), sentence, element, line: cause.line ?? line });
      return false;
    }
  }
}

/**
 * Reads all of a document once. What is wrong with one entity of a group is among the mistakes.
 * @throws MetadataMistake where the document as a whole cannot be used
 */
export const indexMetadata = (bytes: Buffer, rules: MetadataRules): MetadataIndex => new Indexer(bytes, rules).index();
