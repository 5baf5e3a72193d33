/** Makes an import ready to be written: each service provider is judged as the configuration and the house would judge it. */
import { verifyText } from '../../config/read-configuration.ts';
import { Refusal } from '../../refusal.ts';
import { openMetadata } from '../../saml/metadata-document.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';
import { bindings } from '../../saml/names.ts';
import { describeEntry, type Described } from './describe-entry.ts';
import type { Draft, Export, Told } from './imported.ts';
import { renderItem } from './render-yaml.ts';
import { renderMetadata } from './render-metadata.ts';

export interface Imported {
  readonly entityId: string;
  readonly name: string | undefined;
  /** Undefined for Google’s, which need none. */
  readonly metadata: { readonly file: string; readonly xml: string } | undefined;
  /** Lines of its item of `serviceProviders`, and of `release` where it has a share in it. */
  readonly entry: readonly string[];
  readonly release: readonly string[];
  readonly held: readonly string[];
  readonly told: readonly Told[];
}

export interface Finished {
  readonly imported: readonly Imported[];
  readonly leftOut: Export['leftOut'];
  readonly told: readonly Told[];
}

const surroundings = `publicUrl: https://idp.example.com
directory: { urls: [ldaps://dc.example.com], baseDn: 'dc=example,dc=com', bindDn: reader, password: none }
mapping: { domains: { primary: example.com } }
`;
const mostTold = 500;
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** What the check of the configuration has against it; undefined where it passes. */
function judgeText(entry: readonly string[], release: readonly string[]): string | undefined {
  const text = `${surroundings}serviceProviders:\n${entry.join('\n')}\n${release.length === 0 ? '' : `release:\n${release.join('\n')}\n`}`;
  const { findings, config } = verifyText(text, {});
  const [mistake] = findings.mistakes;
  if (mistake !== undefined) return `${mistake.path.replace(/^serviceProviders\.0\.?/, '')} ${mistake.message}`.trim();
  return config?.serviceProviders.length === 1 ? undefined : 'it is no service provider';
}

/** What the house would have against its metadata; undefined where it reads them. */
function judgeMetadata(xml: string, now: number): string | undefined {
  try {
    const rules = { keys: [], requireValidUntil: false, validAtMost: undefined, now, clockSkew: 0 };
    const document = openMetadata(Buffer.from(xml), rules);
    const [entity] = document.index.entities;
    if (entity !== undefined && document.index.entities.length === 1) {
      document.find(entity.entityID, rules);
      return undefined;
    }
    return document.index.mistakes[0]?.sentence ?? 'its metadata hold no service provider';
  } catch (cause) {
    if (cause instanceof MetadataMistake) return cause.sentence;
    throw cause;
  }
}

/** Of a URL that endpoints may have; the one in plain http is left out by whoever reads metadata. */
function endpointTrouble(location: string): string | undefined {
  const url = URL.parse(location);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'is no URL that begins with https://';
  if (url.username !== '' || url.password !== '') return 'holds a user name or a password';
  return /^[\x21-\x7e]{1,1024}$/.test(location) && !/["'<>\\]/.test(location) ? undefined : 'is no plain URL';
}

/** Without endpoints that would spoil all the others. */
function withSoundEndpoints(draft: Draft): Draft {
  const told = [...draft.told];
  const isSound = ({ location, responseLocation }: { location: string; responseLocation?: string | undefined }): boolean => {
    const trouble = endpointTrouble(location) ?? (responseLocation === undefined ? undefined : endpointTrouble(responseLocation));
    if (trouble !== undefined) told.push({ outcome: 'not plain', about: 'endpoint', because: `it ${trouble}`, text: location });
    return trouble === undefined;
  };
  const { assertionConsumerServices: acs, singleLogoutServices: logout } = draft.metadata;
  const metadata = {
    ...draft.metadata,
    assertionConsumerServices: acs.filter(isSound),
    singleLogoutServices: logout.filter(isSound),
  };
  for (const { binding, location } of metadata.assertionConsumerServices) {
    if (binding === bindings.httpRedirect) {
      told.push({ outcome: 'left out', about: 'endpoint', because: `answers never go by redirect: ${location}` });
    } else if (/^http:/i.test(location)) {
      told.push({
        outcome: 'left out',
        about: 'endpoint',
        because: `nobody is answered over plain http, but on this machine: ${location}`,
      });
    }
  }
  return { ...draft, metadata, told };
}

function fileName(draft: Draft, taken: Set<string>): string {
  const host = URL.parse(draft.entityId)?.hostname;
  const words = (host === undefined || host === '' ? (draft.name ?? draft.entityId) : host).toLowerCase();
  const base =
    words
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'service-provider';
  let name = `${base}.xml`;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${String(number)}.xml`;
  taken.add(name);
  return name;
}

function finishOne(
  draft: Draft,
  described: Described,
  parts: { folder: string; taken: Set<string>; now: number },
): Imported | string {
  const { metadata, entityId } = draft;
  if (invisible.test(entityId) || entityId !== entityId.trim()) return 'its entity ID holds characters that cannot be seen';
  let xml: string | undefined;
  if (described.needsMetadata) {
    try {
      xml = renderMetadata(entityId, metadata);
      // Requests that must be signed, and no key: whoever uncomments the entry is told so at the start.
      const lacksKey = metadata.authnRequestsSigned && metadata.signing.length === 0 && draft.held.length > 0;
      const trouble = judgeMetadata(
        lacksKey ? renderMetadata(entityId, { ...metadata, authnRequestsSigned: false }) : xml,
        parts.now,
      );
      if (trouble !== undefined) return trouble;
    } catch (cause) {
      if (cause instanceof Refusal) return 'it holds characters that cannot stand in metadata';
      throw cause;
    }
  }
  const file = xml === undefined ? undefined : fileName(draft, parts.taken);
  const path = file === undefined ? undefined : parts.folder === '' ? file : `${parts.folder}/${file}`;
  const entry = renderItem(path === undefined ? described.entry : { kind: 'metadata', file: path, ...described.entry });
  const release = described.release.flatMap(renderItem);
  const trouble = judgeText(entry, release);
  if (trouble !== undefined) {
    if (file !== undefined) parts.taken.delete(file);
    return `the configuration would not take it: ${trouble}`;
  }
  return {
    entityId,
    name: draft.name,
    metadata: file === undefined || xml === undefined ? undefined : { file, xml },
    entry,
    release,
    held: described.needsMetadata ? [...draft.held, ...draft.heldByName] : draft.held,
    told: draft.told.slice(0, mostTold),
  };
}

/**
 * @param folder where the metadata files will lie, as the configuration names it; empty for its own
 * @param now milliseconds since the epoch
 */
export function finish(read: Export, folder: string, now: number): Finished {
  const taken = new Set<string>();
  const seen = new Map<string, Draft['attributes']>();
  const imported: Imported[] = [];
  const leftOut = [...read.leftOut];
  for (const each of read.drafts) {
    const draft = withSoundEndpoints(each);
    const described = describeEntry(draft);
    const before = seen.get(described.identity);
    if (before !== undefined) {
      // The legacy profile of Google has two names, for which one entry is enough.
      const isSame = !described.needsMetadata && before === draft.attributes;
      if (!isSame) leftOut.push({ name: draft.entityId, because: 'it is a service provider that stands there before' });
      continue;
    }
    const made = finishOne(draft, described, { folder, taken, now });
    if (typeof made === 'string') leftOut.push({ name: draft.name ?? draft.entityId, because: made });
    else {
      seen.set(described.identity, draft.attributes);
      imported.push({ ...made, told: [...made.told, ...described.told] });
    }
  }
  return { imported, leftOut, told: read.told };
}
