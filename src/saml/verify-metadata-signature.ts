/** The enveloped signature of a metadata document of any length (saml-metadata §3), against keys that somebody pinned. */
import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import { createAlgorithmPolicy } from './algorithm-policy.ts';
import { Canonicalizer, NotCanonicalizable } from './canonicalize.ts';
import { MetadataMistake } from './metadata-mistake.ts';
import { namespaces } from './names.ts';
import { readPiece, textOf } from './read-piece.ts';
import type { Piece } from './scan-metadata.ts';
import { readSignature, readSignedInfo, type SignedInfo } from './verify-enveloped-signature.ts';
import { verifyWithKeys } from './verify-with-keys.ts';
import type { XmlElement } from './xml.ts';

const sentences: Readonly<Record<string, string>> = {
  'signature-invalid': 'fits none of the keys that are pinned for this source',
  'signature-malformed': 'is not one enveloped signature of the root with exclusive canonicalization',
  'signature-algorithm-forbidden': 'uses an algorithm that is not allowed',
};

const sentenceOf = (cause: unknown): string | undefined => {
  if (cause instanceof NotCanonicalizable) return `covers what has no canonical form: ${cause.message}`;
  return cause instanceof Refusal ? (sentences[cause.reason] ?? sentences['signature-malformed']) : undefined;
};

/** The bytes that are signed, hashed: the root without its signature, and what stands around it where that is meant. */
const digestOf = (bytes: Buffer, pieces: readonly Piece[], signature: Piece, signed: SignedInfo): Buffer => {
  const hash = createHash(signed.digest);
  const canonicalizer = new Canonicalizer((text) => void hash.update(text), signed.prefixes);
  const feed = (start: number, end: number, line: number): void => {
    if (end > start) canonicalizer.feed(textOf(bytes, { start, end, line }));
  };
  let at = signed.wholeDocument ? 0 : (pieces[0]?.start ?? 0);
  for (const piece of pieces) {
    feed(at, piece.start, piece.line);
    if (piece !== signature) feed(piece.start, piece.end, piece.line);
    at = piece.end;
  }
  if (signed.wholeDocument) feed(at, bytes.length, 0);
  return hash.digest();
};

interface Signing {
  readonly keys: readonly KeyObject[];
  readonly forbidden?: readonly string[];
}

const verify = (
  bytes: Buffer,
  pieces: readonly Piece[],
  piece: Piece,
  root: XmlElement,
  { keys, forbidden = [] }: Signing,
): void => {
  const policy = createAlgorithmPolicy({ forbidden, allowed: [] }, () => undefined);
  const id = root.attributes.get('ID') ?? '';
  const text = textOf(bytes, piece);
  readPiece(text, 1, root.declarations, (signature) => {
    if (signature.namespace !== namespaces.ds) throw new Refusal('signature-malformed', { why: 'its namespace' });
    const { signedInfo, value } = readSignature(signature);
    const signed = readSignedInfo(signedInfo, id, policy);
    if (id === '' && !signed.wholeDocument) throw new Refusal('signature-malformed', { why: 'the root has no ID' });
    if (!digestOf(bytes, pieces, piece, signed).equals(signed.digestValue)) throw new Refusal('signature-invalid');

    const parts: string[] = [];
    const canonicalizer = new Canonicalizer((part) => void parts.push(part));
    const [rootTag] = pieces;
    if (rootTag !== undefined) canonicalizer.enter(textOf(bytes, rootTag));
    // Its own start tag ends where its first child, or the blanks before it, begin.
    canonicalizer.enter(text.slice(0, text.indexOf('>') + 1));
    const offset = signature.start;
    canonicalizer.feed(text.slice(signedInfo.start - offset, signedInfo.end - offset));
    const material = parts.join('');
    verifyWithKeys(signed.algorithm, Buffer.from(material), value, keys, policy);
  });
};

/**
 * Verifies the signature of the root, of which KeyInfo is not looked at.
 * @param root its start tag, as an element of its own
 * @throws MetadataMistake where there is none, or several, or it is not by one of the keys
 */
export const verifyMetadataSignature = (bytes: Buffer, pieces: readonly Piece[], root: XmlElement, signing: Signing): void => {
  const [rootTag] = pieces;
  const mistake = (what: string, line: number | undefined, name: string): never => {
    throw new MetadataMistake(`the element ${name} ${what}.`, line, name);
  };
  const [signature, second] = pieces.filter(
    ({ kind, depth, localName }) => kind === 'child' && depth === 1 && localName === 'Signature',
  );
  if (signature === undefined)
    return mistake('is not signed, and a key is pinned for this source', rootTag?.line, root.localName);
  if (second !== undefined) mistake('is the second of its kind', second.line, 'Signature');
  try {
    verify(bytes, pieces, signature, root, signing);
  } catch (cause) {
    const sentence = sentenceOf(cause);
    if (sentence === undefined) throw cause;
    mistake(sentence, signature.line, 'Signature');
  }
};
