/** Reads a report back as far as drift is measured by it, and says in words what is wrong with one that somebody else wrote. */
import { isDeepStrictEqual } from 'node:util';
import { schema } from '../config/schema.ts';
import type { Mapping } from '../mapping/prepare-mapping.ts';
import { refusals, type Reason } from '../refusal.ts';
import type { AccountKind, Advice, Standing } from './advice.ts';
import { elementsOf, JsonBroken, membersOf, parseSlice, type Slice } from './json-slices.ts';
import type { Measured } from './measured.ts';
import { longestName } from './standings.ts';

/** The sentence reads on after the name of the file and `cannot be compared:`. */
export class AdviceUnreadable extends Error {
  override readonly name = 'AdviceUnreadable';
}

/** Bytes of a report: several times what one of 100,000 people takes of whom each is in several lists. */
export const longestAdvice = 268_435_456;
/** Bytes, where they are no whole report. */
const longest = { word: 256, mapping: 1_048_576, forests: 8_388_608, person: 65_536 } as const;
const mostPeople = 1_000_000;
const mostDomains = 10_000;
const longestText = { name: longestName, domain: 255, address: 254 } as const;

const members: Readonly<Record<keyof Advice, true>> = {
  format: true,
  version: true,
  made: true,
  configured: true,
  forests: true,
  domains: true,
  mapping: true,
  groups: true,
  units: true,
  verdict: true,
  people: true,
};
const standingMembers: Readonly<Record<keyof Standing, true>> = {
  objectGUID: true,
  domain: true,
  name: true,
  kind: true,
  address: true,
  refused: true,
};
const kinds: Readonly<Record<AccountKind, true>> = { person: true, service: true, disabled: true, guest: true };

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What mapAddress makes. */
const addressShape = /^[!-?A-~]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;

type Members = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= most;
const isKind = (value: unknown): value is AccountKind => typeof value === 'string' && Object.hasOwn(kinds, value);
const isReason = (value: unknown): value is Reason => typeof value === 'string' && Object.hasOwn(refusals, value);

/** Where each member stands; each once. */
function membersOnce(bytes: Uint8Array): ReadonlyMap<string, Slice> {
  const found = new Map<string, Slice>();
  // RFC 8259 §8.1: a byte order mark may be ignored.
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (const { name, value } of membersOf(bytes, { from, to: bytes.length })) {
    if (found.has(name)) throw new AdviceUnreadable('it says one thing twice');
    if (found.size === 100) throw new AdviceUnreadable('it is not what passerelle advise writes');
    found.set(name, value);
  }
  return found;
}

function verifyKind(read: (name: keyof Advice) => unknown, names: readonly string[]): void {
  if (!names.includes('format') || read('format') !== 'passerelle-advice')
    throw new AdviceUnreadable('it is not what passerelle advise writes');
  const version = names.includes('version') ? read('version') : undefined;
  if (version !== 1) {
    const which = typeof version === 'number' ? `of version ${String(version)}` : 'of no version';
    throw new AdviceUnreadable(`it is ${which}, and this Passerelle reads version 1: make both reports with the same Passerelle`);
  }
  for (const name of Object.keys(members)) if (!names.includes(name)) throw new AdviceUnreadable(`its part "${name}" is missing`);
  if (names.length > Object.keys(members).length) throw new AdviceUnreadable('it holds parts that no report has');
}

function madeOf(value: unknown): string {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) {
    const time = Date.parse(value);
    if (!Number.isNaN(time) && new Date(time).toISOString() === value) return value;
  }
  throw new AdviceUnreadable('it does not say when it was made');
}

function mappingOf(value: unknown): Mapping {
  const { success, data } = schema.shape.mapping.safeParse(value);
  // Nothing left out, nothing beside it.
  if (success && isDeepStrictEqual(data, value)) return data;
  throw new AdviceUnreadable('the mapping in it ("configured") is none that a configuration can have');
}

function forestsOf(value: unknown): Measured['forests'] {
  const wrong = new AdviceUnreadable('its forests are not what passerelle advise writes');
  const list = (of: unknown, name: string): readonly unknown[] => {
    const found: unknown = isRecord(of) && Object.hasOwn(of, name) ? of[name] : undefined;
    if (!Array.isArray(found) || found.length > mostDomains) throw wrong;
    return found;
  };
  const forests = list(value, 'forests').map((forest) => ({
    domains: list(forest, 'domains').map((domain) => {
      const name: unknown = isRecord(domain) && Object.hasOwn(domain, 'dnsDomain') ? domain.dnsDomain : undefined;
      if (typeof name !== 'string') throw wrong;
      return { dnsDomain: name };
    }),
  }));
  return { forests };
}

/** @param place counted from 1 */
function standingOf(value: unknown, place: number): Standing {
  const wrong = (what: string): AdviceUnreadable => new AdviceUnreadable(`entry ${String(place)} of its people ${what}`);
  const names = isRecord(value) ? Object.keys(value) : [];
  if (!isRecord(value) || names.length !== 6 || !names.every((name) => Object.hasOwn(standingMembers, name)))
    throw wrong('is not what passerelle advise writes');
  const { objectGUID, domain, name, kind, address, refused } = value;
  if (typeof objectGUID !== 'string' || !guid.test(objectGUID)) throw wrong('has no objectGUID');
  if (domain !== null && !isText(domain, longestText.domain)) throw wrong('has no domain, nor says that there is none');
  if (!isText(name, longestText.name)) throw wrong('has no name');
  if (!isKind(kind)) throw wrong('is of no kind of account that is known here');
  if (address !== null && !(isText(address, longestText.address) && addressShape.test(address)))
    throw wrong('has an address that is none');
  if (refused !== null && !isReason(refused)) throw wrong('is refused for a reason that is not known here');
  if (address === null && refused === null) throw wrong('has neither an address nor a reason why not');
  return { objectGUID, domain, name, kind, address, refused };
}

function peopleOf(bytes: Uint8Array, slice: Slice): readonly Standing[] {
  const people: Standing[] = [];
  const seen = new Set<string>();
  for (const element of elementsOf(bytes, slice)) {
    if (people.length === mostPeople)
      throw new AdviceUnreadable(`it holds more than ${mostPeople.toLocaleString('en-GB')} people`);
    const standing = standingOf(parseSlice(bytes, element, longest.person), people.length + 1);
    const key = `${standing.objectGUID} ${standing.domain ?? ''}`;
    if (seen.has(key)) throw new AdviceUnreadable(`entry ${String(people.length + 1)} of its people is there twice`);
    seen.add(key);
    people.push(standing);
  }
  return people;
}

/**
 * Of what drift is not measured by, only that it stands there is looked at: who changed it changes nothing here.
 * @param bytes UTF-8
 * @throws AdviceUnreadable
 */
export function readAdvice(bytes: Uint8Array): Measured {
  if (bytes.length > longestAdvice)
    throw new AdviceUnreadable(`it is larger than ${longestAdvice.toLocaleString('en-GB')} bytes`);
  try {
    const found = membersOnce(bytes);
    const sliceOf = (name: keyof Advice): Slice => found.get(name) ?? { from: 0, to: 0 };
    verifyKind((name) => parseSlice(bytes, sliceOf(name), longest.word), [...found.keys()]);
    return {
      made: madeOf(parseSlice(bytes, sliceOf('made'), longest.word)),
      configured: mappingOf(parseSlice(bytes, sliceOf('configured'), longest.mapping)),
      forests: forestsOf(parseSlice(bytes, sliceOf('forests'), longest.forests)),
      people: peopleOf(bytes, sliceOf('people')),
    };
  } catch (error) {
    if (error instanceof JsonBroken) throw new AdviceUnreadable(error.message);
    throw error;
  }
}
