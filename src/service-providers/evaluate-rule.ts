/** What one rule makes of one person, step by step. */
import { matchPattern } from '../config/match-pattern.ts';
import type { Further, Person, PersonGroup } from '../directory/directory.ts';
import { relativeNames } from '../directory/distinguished-name.ts';
import { objectGuidBytes, objectGuidText } from '../directory/object-guid.ts';
import { objectSidText } from '../directory/object-sid.ts';
import { groupName } from './group-name.ts';
import type { Form, Keep, ReleaseRule, Source } from './release-rule.ts';

/** Whom it is about. */
export interface Facts {
  readonly person: Person;
  /** Their address under the mapping; undefined where they have none. */
  readonly address: string | undefined;
  /** What was read of them for these rules alone. */
  readonly further: Further;
}

/** The values after each step; those of a step that the rule does not have are those before it. */
export interface Evaluation {
  readonly found: readonly string[];
  readonly kept: readonly string[];
  readonly matched: readonly string[];
  /** After renames, each value once. */
  readonly values: readonly string[];
}

interface Candidate {
  readonly value: string;
  /** What filters look at. */
  readonly name: string;
  readonly dn: string | undefined;
}

/** The values of a directory attribute, whose name is compared without regard to case (RFC 4512 §2.5). */
function textsOf(person: Person, attribute: string): readonly string[] {
  const wanted = attribute.toLowerCase();
  for (const [name, values] of Object.entries(person.attributes)) {
    if (name.toLowerCase() === wanted) return values;
  }
  const known = {
    objectguid: person.objectGUID,
    distinguishedname: person.distinguishedName,
    samaccountname: person.sAMAccountName,
    userprincipalname: person.userPrincipalName,
    mail: person.mail,
    displayname: person.displayName,
  };
  const value = Object.entries(known).find(([name]) => name === wanted)?.[1];
  return value === undefined ? [] : [value];
}

/** Bytes in that form; undefined where they have none. */
function write(bytes: Buffer, as: Form): string | undefined {
  switch (as) {
    case 'uuid':
      return objectGuidText(bytes);
    case 'sid':
      return objectSidText(bytes);
    case 'hex':
    case 'base64':
      return bytes.toString(as);
    case 'text':
      return bytes.toString();
  }
}

/** A GUID that is at hand as text, in that form. */
function writeGuid(guid: string, as: Form): string | undefined {
  const bytes = as === 'uuid' || as === 'text' ? undefined : objectGuidBytes(guid);
  return bytes === undefined ? guid : write(bytes, as);
}

function attributeValues({ attribute, as }: Extract<Source, { kind: 'attribute' }>, facts: Facts): readonly string[] {
  const name = attribute.toLowerCase();
  if (name === 'objectguid') {
    const guid = writeGuid(facts.person.objectGUID, as);
    return guid === undefined ? [] : [guid];
  }
  if (as === 'text') return textsOf(facts.person, attribute);
  const { bytes } = facts.further;
  const read = Object.hasOwn(bytes, name) ? (bytes[name] ?? []) : [];
  return read.flatMap((value) => write(Buffer.from(value, 'base64'), as) ?? []);
}

/** The groups that hold the person directly, as the entry names them. */
const directGroups = (person: Person): readonly PersonGroup[] => textsOf(person, 'memberOf').map((dn) => ({ dn, direct: true }));

function groupCandidates(source: Extract<Source, { kind: 'groups' }>, { person, further }: Facts): readonly Candidate[] {
  const groups = readsFurther(source) ? further.groups.filter(({ direct }) => direct || source.nested) : directGroups(person);
  return groups.flatMap(({ dn, sid, objectGUID }): readonly Candidate[] => {
    const name = dn === undefined ? undefined : groupName(dn);
    const guid = objectGUID === undefined ? undefined : writeGuid(objectGUID, source.as);
    const value = { name, dn, sid, objectGUID: guid }[source.by];
    return value === undefined ? [] : [{ value, name: name ?? '', dn }];
  });
}

function candidates(source: Source, facts: Facts): readonly Candidate[] {
  if (source.kind === 'groups') return groupCandidates(source, facts);
  const values =
    source.kind === 'text' ? source.values : source.kind === 'address' ? [facts.address ?? ''] : attributeValues(source, facts);
  return values.filter((value) => value !== '').map((value) => ({ value, name: value, dn: undefined }));
}

function lies(dn: string, roots: readonly string[]): boolean {
  const names = relativeNames(dn);
  return names.length > roots.length && roots.every((name, place) => names[names.length - roots.length + place] === name);
}

function isKept({ name, dn }: Candidate, keep: Keep): boolean {
  return (
    (keep.equals?.includes(name) ?? true) &&
    (keep.prefix?.some((prefix) => name.startsWith(prefix)) ?? true) &&
    (keep.pattern === undefined || matchPattern(keep.pattern, name) !== undefined) &&
    (keep.below === undefined || (dn !== undefined && lies(dn, keep.below)))
  );
}

function matched(value: string, { pattern, becomes }: NonNullable<ReleaseRule['match']>): readonly string[] {
  const captured = matchPattern(pattern, value);
  if (captured === undefined) return [];
  const made = becomes.replace(/\$(\$|\d)/g, (_, what: string) => (what === '$' ? '$' : (captured[Number(what)] ?? '')));
  return made === '' ? [] : [made];
}

function renamed(value: string, { rename, onlyRenamed }: ReleaseRule): readonly string[] {
  const to = rename?.get(value);
  return to === undefined ? (onlyRenamed ? [] : [value]) : [to];
}

/** Whether the source needs a search beyond the person's entry. */
export function readsFurther(source: Source): boolean {
  if (source.kind === 'groups') return source.nested || source.by === 'sid' || source.by === 'objectGUID';
  return source.kind === 'attribute' && source.as !== 'text' && source.attribute.toLowerCase() !== 'objectguid';
}

/** Values that the source cannot write in the rule's form are left out, as are empty ones; the order is the directory's. */
export function evaluateRule(rule: ReleaseRule, facts: Facts): Evaluation {
  const { source, keep, match } = rule;
  const all = candidates(source, facts);
  const kept = keep === undefined ? all : all.filter((candidate) => isKept(candidate, keep));
  const keptValues = kept.map(({ value }) => value);
  const afterMatch = match === undefined ? keptValues : keptValues.flatMap((value) => matched(value, match));
  const values = [...new Set(afterMatch.flatMap((value) => renamed(value, rule)))];
  return { found: all.map(({ value }) => value), kept: keptValues, matched: afterMatch, values };
}
