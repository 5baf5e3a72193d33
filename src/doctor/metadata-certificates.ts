/** The certificates that stand in metadata, by the entity they belong to. */
import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { MetadataIndex, MetadataRules } from '../saml/index-metadata.ts';
import { loadMetadata } from '../service-providers/metadata/load.ts';

const mostBytes = 500_000_000;
const mostEach = 16;

/** In the order of the text, each once; what cannot be read is left out, since whoever reads the metadata says so. */
function certificatesIn(text: string): readonly X509Certificate[] {
  const found = new Map<string, X509Certificate>();
  for (const [, base64 = ''] of text.matchAll(/<(?:[\w.-]+:)?X509Certificate>([A-Za-z0-9+/=\s]+)</g)) {
    if (found.size >= mostEach) break;
    try {
      const certificate = new X509Certificate(Buffer.from(base64, 'base64'));
      found.set(certificate.fingerprint256, certificate);
    } catch {
      continue;
    }
  }
  return [...found.values()];
}

/**
 * @param wanted entity IDs; undefined for all that are in the file
 * @throws MetadataMistake, and what the file system has against reading it
 */
export async function metadataCertificates(
  file: string,
  wanted: ReadonlySet<string> | undefined,
  rules: MetadataRules,
  signal: AbortSignal,
): Promise<{
  readonly certificates: ReadonlyMap<string, readonly X509Certificate[]>;
  /** Entities that cannot be used. */
  readonly leftOut: MetadataIndex['mistakes'];
}> {
  if ((await stat(file)).size > mostBytes) return { certificates: new Map(), leftOut: [] };
  const { index } = await loadMetadata(file, mostBytes, rules, signal);
  const bytes = await readFile(file);
  const isWanted = ({ entityID = '' }: { readonly entityID?: string | undefined }): boolean =>
    wanted === undefined || wanted.has(entityID);
  return {
    certificates: new Map(
      index.entities
        .filter(isWanted)
        .map(({ entityID, start, end }) => [entityID, certificatesIn(bytes.subarray(start, end).toString('latin1'))]),
    ),
    leftOut: index.mistakes.filter(isWanted),
  };
}
