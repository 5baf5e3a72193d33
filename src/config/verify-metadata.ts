/** The rules about sources of metadata: whom they let in, and that nobody on the way can say who that is. */
import { textAt, textsAt, urlAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import type { Path, Settings } from './settings.ts';

export function verifyMetadata(settings: Settings, findings: Findings): void {
  const list = settings.at(['metadata']);
  for (const index of Array.isArray(list) ? list.keys() : []) {
    const path = ['metadata', index];
    const keys = settings.at([...path, 'keyFiles']);
    const isSigned = Array.isArray(keys) && keys.length > 0;
    const kind = textAt(settings, [...path, 'kind']);
    if (isSigned && settings.at([...path, 'requireValidUntil']) !== true) {
      const urls =
        kind === 'query' ? textsAt(settings, [...path, 'urls']).map(({ text }) => text) : [textAt(settings, [...path, 'url'])];
      if (urls.some((url) => url !== undefined && isPlain(url))) {
        findings.warning(
          path,
          'takes metadata over plain http that may be valid for ever',
          'Whoever sits on the way can bring back old ones, with keys that were stolen since: set requireValidUntil and validAtMost.',
        );
      }
    }
    if (kind === 'url') verifyUrl(settings, findings, [...path, 'url'], isSigned);
    if (kind === 'query') {
      for (const { path: at } of textsAt(settings, [...path, 'urls'])) {
        const url = verifyUrl(settings, findings, at, isSigned);
        if (url !== undefined && url.search !== '') {
          findings.mistake(at, 'must have no query', 'The entity ID follows it: BASE/entities/ENTITY-ID.');
        }
      }
    }
    if ((kind === 'url' || kind === 'query') && settings.at([...path, 'admit']) === 'all' && !isSigned) {
      findings.warning(
        [...path, 'admit'],
        'lets in whoever the web server there names',
        'Give the key that signs there in keyFiles, so that TLS is not all that vouches for it.',
      );
    }
  }
  verifyEntries(settings, findings, Array.isArray(list) && list.length > 0);
}

function isPlain(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && !isLoopback(url.hostname);
}

function verifyUrl(settings: Settings, findings: Findings, path: Path, isSigned: boolean): URL | undefined {
  const url = urlAt(settings, path, ['https:', 'http:']);
  if (url === undefined) return undefined;
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    findings.mistake(path, 'must have no user name, password or fragment', 'It may show in the log.');
  }
  if (url.protocol === 'http:' && !isSigned && !isLoopback(url.hostname)) {
    findings.mistake(
      path,
      'must begin https:// where keyFiles is not given',
      'Anybody on the way could otherwise name service providers of their own.',
    );
  }
  return url;
}

/** An entry of kind metadata names its file or, in one of the sources, its entity ID. */
function verifyEntries(settings: Settings, findings: Findings, hasSources: boolean): void {
  const list = settings.at(['serviceProviders']);
  for (const index of Array.isArray(list) ? list.keys() : []) {
    const path = ['serviceProviders', index];
    if (textAt(settings, [...path, 'kind']) !== 'metadata' || settings.has([...path, 'file'])) continue;
    if (!settings.has([...path, 'entityId'])) {
      findings.mistake(
        path,
        'has neither file nor entityId',
        'Give its metadata file, or its entity ID where metadata names sources.',
      );
    } else if (!hasSources) {
      findings.mistake([...path, 'entityId'], 'is looked for nowhere', 'Give its metadata as file, or a source under metadata.');
    }
  }
}
