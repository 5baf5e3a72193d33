/** Judges whether metadata that came over the web are ours. */
import { X509Certificate } from 'node:crypto';
import type { Finding, Tell } from './check.ts';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unescape = (text: string): string => text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');

/** SHA-256 fingerprints of all certificates within. */
function certificatesIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, base64 = ''] of text.matchAll(/<(?:[\w.-]+:)?X509Certificate>([A-Za-z0-9+/=\s]+)</g)) {
    try {
      found.add(new X509Certificate(Buffer.from(base64, 'base64')).fingerprint256);
    } catch {
      // Whatever it is, it is none of ours.
    }
  }
  return found;
}

/** @param ours `certificates`: those that we publish, by the names of their keys */
export function judgeMetadata(
  check: Tell,
  came: { readonly status: number; readonly text: string },
  ours: { readonly entityID: string; readonly certificates: ReadonlyMap<string, X509Certificate> },
): Finding {
  if (came.status !== 200) return check.problem(`the metadata answer with the status ${String(came.status)}`);
  const [, written] = /<(?:[\w.-]+:)?EntityDescriptor\b[^>]*?\bentityID="([^"]*)"/.exec(came.text) ?? [];
  const entityID = written === undefined ? undefined : unescape(written);
  if (entityID !== ours.entityID)
    return check.problem(
      entityID === undefined
        ? 'what is given out as metadata are none'
        : `the metadata are those of ${entityID.slice(0, 200)}, and ours would be those of ${ours.entityID}`,
    );
  if (ours.certificates.size === 0) return check.skipped('there are no keys here to compare with');
  const shown = certificatesIn(came.text);
  const missing = [...ours.certificates]
    .filter(([, certificate]) => !shown.has(certificate.fingerprint256))
    .map(([name]) => name);
  if (missing.length === ours.certificates.size)
    return check.problem('none of our certificates is in them: somebody else answers, or with other keys');
  const words = `our entity ID and ${String(ours.certificates.size - missing.length)} of ${String(ours.certificates.size)} certificates`;
  return missing.length === 0
    ? check.ok(words)
    : check.warning(
        `${words}; ${missing.join(', ')} is not published there yet`,
        'Let it read its keys again: `passerelle reload`.',
      );
}
