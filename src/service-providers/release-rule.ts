/** A rule of attribute release, made ready from how the configuration writes it. */
import { parsePattern, type Pattern } from '../config/pattern.ts';
import type { AttributesConfig, ReleaseRuleConfig } from '../config/release-schema.ts';
import { relativeNames } from '../directory/distinguished-name.ts';
import { attributeNameFormats } from '../saml/names.ts';

export type Form = NonNullable<ReleaseRuleConfig['as']>;

export type Source =
  | { readonly kind: 'attribute'; readonly attribute: string; readonly as: Form }
  | { readonly kind: 'text'; readonly values: readonly string[] }
  | { readonly kind: 'address' }
  | {
      readonly kind: 'groups';
      readonly by: NonNullable<ReleaseRuleConfig['groups']>;
      readonly nested: boolean;
      readonly as: Form;
    };

export interface Keep {
  readonly equals: readonly string[] | undefined;
  readonly prefix: readonly string[] | undefined;
  readonly pattern: Pattern | undefined;
  /** Relative names, from the leaf up. */
  readonly below: readonly string[] | undefined;
}

export interface ReleaseRule {
  readonly name: string;
  /** saml-core §8.2. */
  readonly nameFormat: string;
  readonly friendlyName: string | undefined;
  readonly source: Source;
  readonly keep: Keep | undefined;
  readonly match: { readonly pattern: Pattern; readonly becomes: string } | undefined;
  readonly rename: ReadonlyMap<string, string> | undefined;
  readonly onlyRenamed: boolean;
  readonly requested: 'any' | 'required' | undefined;
}

const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/;
const xmlName = /^[\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*$/u;
const formats: Readonly<Record<string, string>> = attributeNameFormats;

/** Attributes that hold bytes, and the text that they are known by; in lower case. */
const bytesAs: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['objectguid', 'uuid'],
  ['objectsid', 'sid'],
  ['sidhistory', 'sid'],
  ['ms-ds-consistencyguid', 'base64'],
  ['msexchmailboxguid', 'uuid'],
  ['usercertificate', 'base64'],
  ['cacertificate', 'base64'],
  ['usersmimecertificate', 'base64'],
  ['userpkcs12', 'base64'],
  ['thumbnailphoto', 'base64'],
  ['thumbnaillogo', 'base64'],
  ['jpegphoto', 'base64'],
  ['photo', 'base64'],
  ['audio', 'base64'],
  ['logonhours', 'base64'],
]);

function nameFormatOf(name: string): string {
  if (uri.test(name)) return attributeNameFormats.uri;
  // saml-core §8.2.3: basic names are of type xs:Name.
  return xmlName.test(name) ? attributeNameFormats.basic : attributeNameFormats.unspecified;
}

const listOf = (texts: string | readonly string[]): readonly string[] => (typeof texts === 'string' ? [texts] : texts);

function sourceOf(name: string, config: ReleaseRuleConfig): Source {
  if (config.from !== undefined) {
    const attribute = config.from.toLowerCase();
    const as = config.as ?? bytesAs.get(attribute) ?? 'text';
    // The directory writes SIDs itself, so that they need not be read apart.
    return { kind: 'attribute', attribute: config.from, as: attribute === 'objectsid' && as === 'sid' ? 'text' : as };
  }
  if (config.text !== undefined) return { kind: 'text', values: listOf(config.text) };
  if (config.groups !== undefined) {
    return { kind: 'groups', by: config.groups, nested: config.nested === true, as: config.as ?? 'uuid' };
  }
  if (config.address !== true) throw new Error(`the rule of ${name} has no source`);
  return { kind: 'address' };
}

/** @throws PatternMistake, which the schema has found before */
function releaseRule(name: string, config: ReleaseRuleConfig): ReleaseRule {
  const { keep, match, rename } = config;
  const given = config.nameFormat;
  return {
    name,
    nameFormat: given === undefined ? nameFormatOf(name) : Object.hasOwn(formats, given) ? (formats[given] ?? given) : given,
    friendlyName: config.friendlyName,
    source: sourceOf(name, config),
    keep: keep && {
      equals: keep.equals === undefined ? undefined : listOf(keep.equals),
      prefix: keep.prefix === undefined ? undefined : listOf(keep.prefix),
      pattern: keep.pattern === undefined ? undefined : parsePattern(keep.pattern),
      below: keep.below === undefined ? undefined : relativeNames(keep.below),
    },
    match: match && { pattern: parsePattern(match.pattern), becomes: match.becomes },
    rename: rename && new Map(Object.entries(rename)),
    onlyRenamed: config.onlyRenamed === true,
    requested: config.requested,
  };
}

/** The rules of an `attributes` section, in its order. */
export function releaseRules(attributes: AttributesConfig): readonly ReleaseRule[] {
  return Object.entries(attributes).map(([name, config]) =>
    releaseRule(name, typeof config === 'string' ? { from: config } : config),
  );
}
