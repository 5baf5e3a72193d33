/** The rules about algorithms: nothing asked for is forbidden, something is left to sign with, and what is weak is said to be. */
import {
  algorithmUri,
  closedAlgorithms,
  digestAlgorithms,
  isKnown,
  signatureAlgorithms,
  weakAlgorithms,
} from './algorithm-names.ts';
import { textAt, textsAt, type Findings } from './findings.ts';
import type { Path, Settings } from './settings.ts';

const wishes: readonly Path[] = [
  ['signature', 'algorithm'],
  ['encryption', 'algorithm'],
  ['encryption', 'keyTransport'],
  ['encryption', 'digest'],
];

export function verifyAlgorithms(settings: Settings, findings: Findings): void {
  const forbidden = textsAt(settings, ['algorithms', 'forbidden']);
  const allowed = textsAt(settings, ['algorithms', 'allowed']).filter(({ text }) => Object.hasOwn(weakAlgorithms, text));
  const urisOf = (list: typeof forbidden): readonly string[] => list.flatMap(({ text }) => algorithmUri(text) ?? []);
  const named = urisOf(forbidden);
  const closed = closedAlgorithms(named, urisOf(allowed));

  for (const { text, path } of forbidden) {
    const uri = algorithmUri(text);
    if (uri !== undefined && !isKnown(uri)) {
      findings.warning(
        path,
        'is no algorithm that Passerelle knows, so that it forbids nothing',
        'Compare it with the standard, capitals included, or write the name.',
      );
    }
  }
  for (const { text, path } of allowed) {
    if (named.includes(algorithmUri(text) ?? text)) {
      findings.mistake(path, 'is forbidden and allowed', 'Leave it out of algorithms.forbidden, or of algorithms.allowed.');
    } else {
      findings.warning(path, 'is weak', 'Allow it no longer than a service provider needs it that knows no better.');
    }
  }
  verifySomethingLeft(closed, findings, forbidden.length > 0);

  const list = settings.at(['serviceProviders']);
  if (!Array.isArray(list)) return;
  for (const index of list.keys()) {
    for (const wish of wishes) {
      const path = ['serviceProviders', index, ...wish];
      const text = textAt(settings, path);
      if (text === undefined || !closed.has(algorithmUri(text) ?? text)) continue;
      const hint = Object.hasOwn(weakAlgorithms, text)
        ? `It is weak. If the service provider knows no better: algorithms: { allowed: [${text}] }.`
        : 'Choose another, or leave it out of algorithms.forbidden.';
      findings.mistake(path, 'is an algorithm that algorithms forbids', hint);
    }
  }
}

/** Google and our own metadata are signed by RSA. */
function verifySomethingLeft(closed: ReadonlySet<string>, findings: Findings, isWritten: boolean): void {
  if (!isWritten) return;
  const signing = Object.values(signatureAlgorithms).filter(({ scheme }) => scheme !== 'ecdsa');
  if (signing.every(({ uri }) => closed.has(uri)) || Object.values(digestAlgorithms).every((uri) => closed.has(uri))) {
    findings.mistake(
      ['algorithms', 'forbidden'],
      'leaves nothing to sign with',
      'Allow one of RSA and one digest: rsa-sha256 and sha256.',
    );
  }
}
