/** Brings a metadata document from the web: verified before anybody sees it, and kept on disk once it is. */
import type { MetadataRules } from '../../saml/index-metadata.ts';
import type { MetadataDocument } from '../../saml/metadata-document.ts';
import { fetchMetadata, type Validators } from './fetch.ts';
import { loadMetadata } from './load.ts';
import type { Incoming, MetadataCopy } from './copies.ts';
import type { MetadataWorld } from './world.ts';

export interface Downloading {
  readonly url: string;
  /** Of the document at hand. */
  readonly validators: Validators | undefined;
  /** Bytes. */
  readonly limit: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly rules: MetadataRules;
  /** Whether what was read is what was asked for. @throws MetadataMistake */
  readonly accept?: (document: MetadataDocument) => void;
}

export type Downloaded =
  | { readonly kind: 'fresh'; readonly document: MetadataDocument; readonly validators: Validators }
  | { readonly kind: 'unchanged' | 'missing' };

/**
 * @param origin under which the copy is kept
 * @throws MetadataMistake where there is no answer, or none that may be used; the copy is then what it was
 */
export async function downloadMetadata(origin: string, what: Downloading, world: MetadataWorld): Promise<Downloaded> {
  const { url, validators, limit, timeout, rules, accept } = what;
  const { copies, signal } = world;
  let incoming: Incoming | undefined;
  try {
    const isSigned = rules.keys.length > 0;
    const answer = await fetchMetadata({ url, validators, limit, timeout, isSigned, signal }, async (body) => {
      incoming = await copies.receive(origin, body);
    });
    if (answer.kind === 'unchanged') await copies.confirm(origin);
    if (answer.kind !== 'fresh' || incoming === undefined) return { kind: answer.kind === 'missing' ? 'missing' : 'unchanged' };
    const document = await loadMetadata(incoming.file, limit, rules, signal);
    accept?.(document);
    await incoming.keep(answer.validators);
    return { kind: 'fresh', document, validators: answer.validators };
  } finally {
    await incoming?.drop();
  }
}

export interface ReadCopy extends Pick<MetadataCopy, 'validators' | 'mark' | 'confirmedAt'> {
  readonly document: MetadataDocument;
}

/**
 * The copy that is kept of it, verified again; undefined where there is none, or `isWanted` says that it is not wanted.
 * @throws MetadataMistake where it cannot be used
 */
export async function readCopy(
  origin: string,
  { limit, rules, accept }: Pick<Downloading, 'limit' | 'rules' | 'accept'>,
  { copies, signal }: MetadataWorld,
  isWanted: (copy: MetadataCopy) => boolean = () => true,
): Promise<ReadCopy | undefined> {
  const copy = await copies.read(origin);
  if (copy === undefined || !isWanted(copy)) return undefined;
  const document = await loadMetadata(copy.file, limit, rules, signal);
  accept?.(document);
  return { document, ...copy };
}
