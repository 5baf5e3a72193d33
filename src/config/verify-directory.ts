/** The rules about the directory: one way of writing it, protected connections, one password for each service account. */
import { schema } from './schema.ts';
import { textsAt, urlAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import type { Path, Settings } from './settings.ts';
import { verifyForests } from './verify-forests.ts';

const single = ['urls', 'baseDn', 'bindDn'] as const;
const beside = [...single, 'startTls', 'caFile', 'password', 'passwordFile', 'netbiosNames'];

/** Where the service account of the whole, or of a forest, is written. */
function forestPaths(settings: Settings): readonly Path[] {
  const forests = settings.at(['directory', 'forests']);
  return Array.isArray(forests) ? [...forests.keys()].map((index) => ['directory', 'forests', index]) : [['directory']];
}

/** Where the service accounts of single domains are written. */
function ownAccountPaths(settings: Settings): readonly Path[] {
  return forestPaths(settings).flatMap((forest) => {
    const domains = settings.at([...forest, 'domains']);
    const paths = Array.isArray(domains) ? [...domains.keys()].map((index) => [...forest, 'domains', index]) : [];
    return paths.filter((path) => ['bindDn', 'password', 'passwordFile'].some((name) => settings.has([...path, name])));
  });
}

/** Where service accounts are written. */
export const accountPaths = (settings: Settings): readonly Path[] => [...forestPaths(settings), ...ownAccountPaths(settings)];

export function verifyDirectory(settings: Settings, findings: Findings): void {
  const written = settings.at(['directory']);
  if (typeof written !== 'object' || written === null) return;
  const forests = settings.has(['directory', 'forests']);
  for (const name of forests ? beside : []) {
    if (settings.has(['directory', name])) {
      findings.mistake(['directory', name], 'is given beside forests', 'Write it below the forest or the domain that it is of.');
    }
  }
  for (const name of forests ? [] : single) {
    if (settings.has(['directory', name])) continue;
    findings.mistake(['directory', name], 'is missing', schema.shape.directory.shape[name].unwrap().description ?? '');
  }
  verifyForests(settings, findings);
  for (const path of ownAccountPaths(settings)) {
    verifyPassword(settings, findings, path);
    if (!settings.has([...path, 'bindDn'])) {
      findings.mistake(
        [...path, 'bindDn'],
        'is missing',
        'Whose password is it? Without both, the service account is that of the forest.',
      );
    }
  }
  for (const path of forestPaths(settings)) {
    verifyUrls(settings, findings, path);
    verifyPassword(settings, findings, path);
  }
}

function verifyUrls(settings: Settings, findings: Findings, account: Path): void {
  const startTls = settings.at([...account, 'startTls']) === true;
  const allowed = settings.has(['directory', 'plaintext']);
  const domains = settings.at([...account, 'domains']);
  const paths: Path[] = ['urls', 'globalCatalogs'].flatMap((name) =>
    textsAt(settings, [...account, name]).map(({ path }) => path),
  );
  for (const domain of Array.isArray(domains) ? domains.keys() : []) {
    const controllers = settings.at([...account, 'domains', domain, 'controllers']);
    for (const index of Array.isArray(controllers) ? controllers.keys() : []) {
      paths.push([...account, 'domains', domain, 'controllers', index, 'url']);
    }
  }
  for (const path of paths) {
    const url = urlAt(settings, path, ['ldaps:', 'ldap:']);
    if (url === undefined) continue;
    if (url.username !== '' || url.password !== '') {
      findings.mistake(path, 'must not hold a user name or password', 'They belong in bindDn and passwordFile.');
    } else if (url.hostname === '') {
      findings.mistake(path, 'must name a host', 'Such as ldaps://dc1.corp.example.com.');
    } else if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
      findings.mistake(path, 'must have no path, query or fragment', 'Where people are searched belongs in baseDn.');
    }
    if (url.protocol === 'ldaps:' && startTls) {
      findings.mistake(path, 'must begin ldap:// where startTls is true', 'ldaps:// is TLS from the start; leave out startTls.');
    }
    if (url.protocol === 'ldap:' && !startTls && !allowed && !isLoopback(url.host)) {
      findings.mistake(
        path,
        'would send passwords unencrypted',
        'Begin with ldaps://, or set startTls: true; the setting plaintext is for those who cannot do either.',
      );
    }
  }
}

function verifyPassword(settings: Settings, findings: Findings, account: Path): void {
  const inline = settings.has([...account, 'password']);
  const file = settings.has([...account, 'passwordFile']);
  if (inline && file) {
    findings.mistake([...account, 'password'], 'is given beside passwordFile', 'Leave out one of the two.');
  } else if (!inline && !file) {
    findings.mistake(
      [...account, 'passwordFile'],
      'is missing',
      'A file that holds the password of bindDn; or give password, best as ${ENVIRONMENT_VARIABLE}.',
    );
  }
}
