/** The rules about service providers: where answers may go, and that none is named twice. */
import { domainToASCII } from 'node:url';
import { textAt, urlAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import type { Path, Settings } from './settings.ts';

export function verifyServiceProviders(settings: Settings, findings: Findings): void {
  const list = settings.at(['serviceProviders']);
  const isEmpty =
    list === undefined
      ? settings.value !== undefined && !settings.has(['serviceProviders'])
      : Array.isArray(list) && list.length === 0;
  const sources = settings.at(['metadata']);
  const admitsAll =
    Array.isArray(sources) && [...sources.keys()].some((index) => settings.at(['metadata', index, 'admit']) === 'all');
  if (isEmpty && !admitsAll) {
    findings.warning(['serviceProviders'], 'names nobody', 'Nobody can ask Passerelle to sign people in yet.');
  }
  if (!Array.isArray(list)) return;
  const seen = new Map<string, number>();
  for (const index of list.keys()) {
    const path = ['serviceProviders', index];
    verifyAcsUrl(settings, findings, [...path, 'acsUrl']);
    const identity = identityOf(settings, path);
    if (identity === undefined) continue;
    const first = seen.get(identity);
    if (first === undefined) seen.set(identity, index);
    else findings.mistake(path, 'is a service provider named twice', `It stands at serviceProviders.${String(first)} already.`);
  }
}

function verifyAcsUrl(settings: Settings, findings: Findings, path: Path): void {
  const url = urlAt(settings, path, ['https:', 'http:']);
  if (url === undefined) return;
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    findings.mistake(path, 'must begin https://', 'Assertions go there. Plain http is for loopback names alone.');
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    findings.mistake(path, 'must have no user name, password or fragment', 'Copy it as the service provider shows it.');
  }
}

/** Equal for two entries that mean the same service provider and ACS; undefined where too little is sound. */
function identityOf(settings: Settings, path: Path): string | undefined {
  const kind = textAt(settings, [...path, 'kind']);
  const parts: Readonly<Record<string, readonly (string | undefined)[]>> = {
    'google-profile': [textAt(settings, [...path, 'entityId']), textAt(settings, [...path, 'acsUrl'])],
    'google-legacy': [
      domainToASCII(textAt(settings, [...path, 'domain']) ?? '') || undefined,
      textAt(settings, [...path, 'acsUrl']) ?? '',
    ],
    'google-workforce': [textAt(settings, [...path, 'pool']), textAt(settings, [...path, 'provider'])],
    metadata: [textAt(settings, [...path, 'file']) ?? '', textAt(settings, [...path, 'entityId']) ?? ''],
  };
  const identity = kind !== undefined && Object.hasOwn(parts, kind) ? parts[kind] : undefined;
  return identity === undefined || identity.includes(undefined) ? undefined : JSON.stringify([kind, ...identity]);
}
