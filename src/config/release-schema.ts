/** What service providers are told about people: rules that an administrator can read. */
import { z } from 'zod';
import { parsePattern, PatternMistake, type Pattern } from './pattern.ts';

const mostValues = 200;
const longestText = 1_024;

/** Attributes whose values let somebody in; in lower case. */
const secrets: ReadonlySet<string> = new Set([
  'userpassword',
  'unicodepwd',
  'dbcspwd',
  'authpassword',
  'supplementalcredentials',
  'ms-mcs-admpwd',
  'mslaps-password',
  'msds-managedpassword',
  'msfve-recoverypassword',
  'sambantpassword',
  'sambalmpassword',
  'sambapasswordhistory',
  'krbprincipalkey',
  'ipanthash',
]);
const directoryAttribute = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'the name of a directory attribute')
  .refine((name) => !secrets.has(name.toLowerCase()), 'an attribute that holds no password')
  .meta({ values: 'the name of a directory attribute' });
const text = z.string().min(1).max(longestText);
const texts = z.union([text, z.array(text).min(1).max(mostValues)]).meta({ values: 'a text or a list of texts' });
const attributeName = z.string().min(1).max(256);

const readPattern = (written: string): Pattern | PatternMistake => {
  try {
    return parsePattern(written);
  } catch (error) {
    if (error instanceof PatternMistake) return error;
    throw error;
  }
};
const pattern = z
  .string()
  .min(1)
  .superRefine((written, context) => {
    const read = readPattern(written);
    if (read instanceof PatternMistake) context.addIssue({ code: 'custom', message: read.message });
  })
  .meta({ values: 'a pattern' });

const keep = z
  .strictObject({
    equals: texts.optional().describe('It is one of these.').meta({ without: 'any' }),
    prefix: texts.optional().describe('It begins with one of these.').meta({ without: 'any' }),
    pattern: pattern.optional().describe('It fits this pattern as a whole.').meta({ without: 'any' }),
    below: text
      .regex(/^\s*[A-Za-z0-9][A-Za-z0-9.-]*\s*=[^,]/, 'a distinguished name')
      .optional()
      .describe('The group lies below this entry of the directory.')
      .meta({ without: 'anywhere', values: 'a distinguished name' }),
  })
  .describe('Which values go on; all that is written must hold. Of groups the name is looked at, whatever is released of them.');

const match = z
  .strictObject({
    pattern: pattern.describe(
      'What a value must be as a whole; others are left out. A regular expression without backreferences and lookaround, so that no value can make it slow. A value of more than 1,024 characters fits none.',
    ),
    becomes: text.describe(
      'What it becomes: `$1` to `$9` are what the brackets of the pattern captured, `$0` is all, `$$` a dollar.',
    ),
  })
  .describe('Takes values apart by a pattern and puts them together anew.');

const forms = ['text', 'base64', 'hex', 'uuid', 'sid'] as const;

const releaseRule = z
  .strictObject({
    from: directoryAttribute
      .optional()
      .describe('Source: an attribute of the person’s entry.')
      .meta({ without: 'another source' }),
    text: texts.optional().describe('Source: fixed text, the same for everybody.').meta({ without: 'another source' }),
    address: z
      .literal(true)
      .optional()
      .describe('Source: the address that the person has under `mapping`.')
      .meta({ without: 'another source' }),
    groups: z
      .enum(['name', 'dn', 'sid', 'objectGUID'])
      .optional()
      .describe('Source: the groups of the person, and what is told of each.')
      .meta({ without: 'another source' }),
    nested: z
      .boolean()
      .optional()
      .describe('Whether groups count that hold the person through other groups. It costs a few searches more.')
      .meta({ without: '`false`: memberOf alone' }),
    as: z
      .enum(forms)
      .optional()
      .describe('How bytes are written. `base64` of objectGUID is what Microsoft Entra calls the immutable ID.')
      .meta({ without: 'objectGUID as `uuid`, objectSid as `sid`, certificates and photos as `base64`, the rest as `text`' }),
    keep: keep.optional().meta({ without: 'all' }),
    match: match.optional().meta({ without: 'values stay as they are' }),
    rename: z
      .record(text, text)
      .optional()
      .describe('Values, each with what is written in its place.')
      .meta({ without: 'values stay as they are', values: 'values, each with its replacement' }),
    onlyRenamed: z
      .boolean()
      .optional()
      .describe('Whether values that `rename` does not name are left out.')
      .meta({ without: '`false`' }),
    nameFormat: z
      .string()
      .max(1024)
      .regex(/^(?:basic|uri|unspecified|[A-Za-z][A-Za-z0-9+.-]*:\S+)$/, '`basic`, `uri`, `unspecified` or a URI')
      .optional()
      .describe('NameFormat in the assertion.')
      .meta({ without: '`uri` for names that are URIs, else `basic`', values: '`basic`, `uri`, `unspecified` or a URI' }),
    friendlyName: z.string().min(1).max(256).optional().describe('FriendlyName in the assertion.').meta({ without: 'none' }),
    requested: z
      .enum(['any', 'required'])
      .optional()
      .describe(
        'Only if the service provider’s metadata asks for it (RequestedAttribute): at all, or as required. Values that it does not ask for are left out.',
      )
      .meta({ without: 'asked for or not' }),
  })
  .superRefine((rule, context) => {
    const say = (path: string[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const sources = [rule.from, rule.text, rule.address, rule.groups].filter((source) => source !== undefined);
    if (sources.length !== 1) say([], 'a rule with exactly one source: from, text, address or groups');
    if (rule.nested !== undefined && rule.groups === undefined) say(['nested'], 'left out where the source is not groups');
    if (rule.keep?.below !== undefined && rule.groups === undefined)
      say(['keep', 'below'], 'left out where the source is not groups');
    if (rule.onlyRenamed === true && rule.rename === undefined) say(['onlyRenamed'], 'left out where there is no rename');
    const asFits = rule.from !== undefined || (rule.groups === 'objectGUID' && rule.as !== 'text' && rule.as !== 'sid');
    if (rule.as !== undefined && !asFits) say(['as'], 'left out where the source is neither from nor groups: objectGUID');
    if (rule.match === undefined) return;
    const read = readPattern(rule.match.pattern);
    const groups = read instanceof PatternMistake ? 9 : read.groups;
    for (const [written, number] of rule.match.becomes.matchAll(/\$(\$|\d|)/g)) {
      if (number === '') say(['match', 'becomes'], 'a text in which `$` stands before a digit, or twice for a dollar');
      else if (number !== '$' && Number(number) > groups)
        say(['match', 'becomes'], `without ${written}, which the pattern does not capture`);
    }
  })
  .describe('A rule: one source, and what becomes of its values, in this order: keep, match, rename.');

export const attributes = z
  .record(
    attributeName,
    z.union([directoryAttribute, releaseRule]).meta({ values: 'the name of a directory attribute, or a rule' }),
  )
  .default({})
  .describe('Attributes to release: Name in the assertion, then the directory attribute it is read from, or a rule.');

const entityAttribute = z
  .strictObject({
    name: text.describe('Its Name, such as http://macedir.org/entity-category.'),
    nameFormat: text.optional().describe('Its NameFormat, a URI.').meta({ without: 'any' }),
    values: texts.describe('One of these is among its values.'),
  })
  .describe('An entity attribute of the service provider’s metadata.');

const recipients = z
  .strictObject({
    entityIds: z
      .union([text, z.array(text).min(1).max(mostValues)])
      .optional()
      .describe('It is one of these, compared letter by letter.')
      .meta({ without: 'any', values: 'an entity ID or a list of them' }),
    entityAttributes: z
      .array(entityAttribute)
      .min(1)
      .max(20)
      .optional()
      .describe('Its metadata has all of these entity attributes.')
      .meta({ without: 'any', values: 'a list, each with `name`, `values` and perhaps `nameFormat`' }),
    requested: z
      .enum(['any', 'required'])
      .optional()
      .describe('Of the attributes below, those alone that its metadata asks for: at all, or as required.')
      .meta({ without: 'all' }),
  })
  .refine((to) => Object.keys(to).length > 0, 'one condition or more, or the word everybody');

export const release = z
  .array(
    z.strictObject({
      to: z
        .union([z.literal('everybody'), recipients])
        .describe('Which service providers; all that is written must hold.')
        .meta({ values: '`everybody`, or `entityIds`, `entityAttributes` and `requested`' }),
      attributes,
    }),
  )
  .default([])
  .describe(
    'Attributes for several service providers at once, by what they are. Without a rule, a service provider is told none.',
  );

export const presetNames = [
  'google',
  'google-workforce',
  'aws',
  'microsoft-entra',
  'github-enterprise',
  'slack',
  'atlassian',
  'grafana',
] as const;

export const preset = z
  .enum(presetNames)
  .optional()
  .describe('The attributes that this kind of service expects. `attributes` replaces or adds to them, Name by Name.')
  .meta({ without: 'none' });

export type ReleaseRuleConfig = z.input<typeof releaseRule>;
export type AttributesConfig = Readonly<Record<string, string | ReleaseRuleConfig>>;
export type ReleaseConfig = z.output<typeof release>;
export type PresetName = (typeof presetNames)[number];
