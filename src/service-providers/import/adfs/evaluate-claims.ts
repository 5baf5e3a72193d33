/** Follows the claims of a rule set from where they begin to what is issued, rule by rule, without a person. */
import { matchPattern } from '../../../config/match-pattern.ts';
import { parsePattern } from '../../../config/pattern.ts';
import type { ReleaseRuleConfig } from '../../../config/release-schema.ts';
import { always, claimTypes, firstClaims, isHere, ldapAttribute, textType } from './claim-types.ts';
import { parseRule, type ClaimRule, type Condition, type Expression } from './parse-rule.ts';
import { translatePattern, translateReplacement } from './translate-pattern.ts';

export interface Claim {
  readonly type: string;
  /** What it is made of; a text says why that is not plain. */
  readonly value: ReleaseRuleConfig | string;
  readonly properties: ReadonlyMap<string, string>;
  readonly differences: readonly string[];
}

export interface RuleResult {
  /** Its name, or its number. */
  readonly about: string;
  readonly text: string;
  readonly action: ClaimRule['action'] | undefined;
  readonly claims: readonly Claim[];
  /** Why it is not plain; undefined where it is. */
  readonly because: string | undefined;
  /** Whether it may give a name identifier although it is not plain. */
  readonly mayName: boolean;
}

/** The types that a rule makes claims of; undefined where only its run would tell. */
function typesMade({ given }: ClaimRule): readonly string[] | undefined {
  const value = given.find(({ name }) => name === 'type' || name === 'types')?.value;
  const list = value?.kind === 'list' ? value.values : [value];
  const types = list.flatMap((each) => (each?.kind === 'text' ? [each.text] : []));
  return types.length === list.length ? types : undefined;
}

/** Says why a rule is not plain. */
class NotPlain extends Error {}

const anything = '[\\s\\S]*';
const noProperties: ReadonlyMap<string, string> = new Map();
const byCommonName = 'groups are told by their common name (CN), which was sAMAccountName there';
const mostClaims = 1_000;
const plainDollar = (text: string): string => text.replaceAll('$', '$$$$');

/** The one Type that a condition names. */
function typeOf({ tests }: Condition): string {
  const types = tests.filter(({ property }) => property === 'type');
  const [type] = types;
  if (type?.operator !== '==' || types.length > 1) throw new NotPlain('its condition names no one type of claim');
  return type.text;
}

/** Tests of who issued a claim hold for everybody of Active Directory, or the rule is about others. */
function valueTests({ tests }: Condition): Condition['tests'] {
  for (const { property, operator, text } of tests) {
    if (property === 'type' || property === 'value' || (property === 'valuetype' && operator === '==' && text === textType))
      continue;
    if (property !== 'issuer' && property !== 'originalissuer') throw new NotPlain(`its condition asks for ${property}`);
    if (operator !== '==' || !isHere(text)) throw new NotPlain('its condition is about claims that another party issued');
  }
  return tests.filter(({ property }) => property === 'value');
}

const isBare = (condition: Condition): boolean => condition.how !== 'not exists' && valueTests(condition).length === 0;

function keeping(value: ReleaseRuleConfig, wanted: string): ReleaseRuleConfig | undefined {
  if (value.text !== undefined) return [value.text].flat().includes(wanted) ? { text: wanted } : undefined;
  if (value.rename !== undefined) {
    const rename = Object.fromEntries(Object.entries(value.rename).filter(([, to]) => to === wanted));
    if (value.onlyRenamed !== true) throw new NotPlain('its condition looks at values that were rewritten before');
    return Object.keys(rename).length === 0 ? undefined : { ...value, rename };
  }
  return { ...value, rename: { [wanted]: wanted }, onlyRenamed: true };
}

/** A value that fits all of a condition's tests; undefined where none can. */
function tested(value: ReleaseRuleConfig, condition: Condition): { value: ReleaseRuleConfig; pattern?: string } | undefined {
  const tests = valueTests(condition);
  const [test] = tests;
  if (test === undefined) return { value };
  if (tests.length > 1) throw new NotPlain('its condition looks at the value twice');
  if (test.operator === '==') {
    const kept = keeping(value, test.text);
    return kept === undefined ? undefined : { value: kept };
  }
  if (test.operator !== '=~') throw new NotPlain('its condition is that a value is another');
  // As the wizard for groups writes it.
  const literal = /^\^(?:\(\?i\))?([A-Za-z0-9-]+)\$$/.exec(test.text)?.[1];
  if (literal !== undefined && value.groups === 'sid') {
    const kept = keeping(value, literal.toUpperCase());
    return kept === undefined ? undefined : { value: kept };
  }
  if (value.text !== undefined || value.match !== undefined || value.rename !== undefined) {
    throw new NotPlain('its condition looks at values that were rewritten before');
  }
  const translated = translatePattern(test.text);
  if (typeof translated === 'string') throw new NotPlain(`its condition: ${translated}`);
  return { value: { ...value, match: { pattern: translated.pattern, becomes: '$0' } }, pattern: test.text };
}

/** That text for whoever has the value. */
function constant(value: ReleaseRuleConfig, text: string): ReleaseRuleConfig {
  if (value.text !== undefined) return { text };
  if (value.rename !== undefined && value.onlyRenamed === true) {
    return { ...value, rename: Object.fromEntries(Object.keys(value.rename).map((from) => [from, text])) };
  }
  const { rename, ...rest } = value;
  if (rename !== undefined) throw new NotPlain('it depends on values that were rewritten before');
  return { ...rest, match: { pattern: value.match?.pattern ?? anything, becomes: plainDollar(text) } };
}

function replaced(value: ReleaseRuleConfig, written: string, by: string, testedBy: string | undefined) {
  if (value.text !== undefined || value.rename !== undefined || (value.match !== undefined && testedBy === undefined)) {
    throw new NotPlain('it rewrites values that were rewritten before');
  }
  if (testedBy !== undefined && testedBy !== written)
    throw new NotPlain('it looks at the value by one pattern and rewrites it by another');
  const translated = translatePattern(written);
  if (typeof translated === 'string') throw new NotPlain(translated);
  const made = translateReplacement(by, translated);
  if (typeof made === 'string') throw new NotPlain(made);
  const differences =
    testedBy === undefined ? ['a value that does not fit its pattern is left out, and stayed as it was there'] : [];
  return { value: { ...value, match: { pattern: translated.pattern, becomes: made.becomes } }, differences };
}

function around(value: ReleaseRuleConfig, before: string, behind: string): ReleaseRuleConfig {
  if (before === '' && behind === '') return value;
  if (value.text !== undefined) return { text: [value.text].flat().map((each) => before + each + behind) };
  if (value.rename !== undefined) {
    if (value.onlyRenamed !== true) throw new NotPlain('it rewrites values that were rewritten before');
    return {
      ...value,
      rename: Object.fromEntries(Object.entries(value.rename).map(([from, to]) => [from, before + to + behind])),
    };
  }
  const { pattern, becomes } = value.match ?? { pattern: anything, becomes: '$0' };
  return { ...value, match: { pattern, becomes: `${plainDollar(before)}${becomes}${plainDollar(behind)}` } };
}

const literalOf = (value: Expression | undefined): string => {
  if (value?.kind === 'text') return value.text;
  throw new NotPlain('it makes a text out of parts');
};
const isValueOf = (value: Expression | undefined, condition: Condition): boolean =>
  value?.kind === 'property' && value.property === 'value' && value.variable === condition.variable;

/** Of CORP\ada the part that is sAMAccountName, with a text around it; undefined where it is something else. */
function accountName(written: string, by: string): ReleaseRuleConfig | undefined {
  const translated = translatePattern(written);
  const made = typeof translated === 'string' ? translated : translateReplacement(by, translated);
  if (typeof translated === 'string' || typeof made === 'string') return undefined;
  const pattern = parsePattern(translated.pattern);
  const [first, second] = ['ada.b', 'K-7_x'].map((name) => {
    const captured = matchPattern(pattern, `CORP\\${name}`);
    const text =
      captured && made.becomes.replace(/\$(\$|\d)/g, (_, what: string) => (what === '$' ? '$' : (captured[Number(what)] ?? '')));
    return text?.split(name);
  });
  if (first?.length !== 2 || second?.length !== 2 || first[0] !== second[0] || first[1] !== second[1]) return undefined;
  const [before = '', behind = ''] = first;
  if ((before + behind).includes('CORP')) return undefined;
  const value = { from: 'sAMAccountName' };
  return around(value, before, behind);
}

export class ClaimSet {
  readonly #claims = new Map<string, Claim[]>();
  #count = 0;

  constructor() {
    for (const [type, value] of firstClaims) this.#add({ type, value, properties: noProperties, differences: [] });
  }

  #add(claim: Claim): void {
    this.#count += 1;
    if (this.#count > mostClaims) throw new NotPlain('the rules make too many claims');
    this.#claims.set(claim.type, [...(this.#claims.get(claim.type) ?? []), claim]);
  }

  #claimsOf(type: string): readonly Claim[] {
    const found = this.#claims.get(type);
    if (found === undefined) throw new NotPlain(`nothing plain says where claims of the type ${type} come from`);
    return found;
  }

  /** Conditions that hold for everybody are left out. */
  #needed(conditions: readonly Condition[]): readonly Condition[] {
    return conditions.filter((condition) => !isBare(condition) || !always.has(typeOf(condition)));
  }

  #fromStore(rule: ClaimRule): readonly Claim[] {
    const given = (name: string): readonly Expression[] =>
      rule.given.filter((each) => each.name === name).map(({ value }) => value);
    const store = literalOf(given('store')[0]);
    if (store.toLowerCase() !== 'active directory') throw new NotPlain(`it asks the attribute store ${store}`);
    const [condition] = rule.conditions;
    const person = condition === undefined || rule.conditions.length > 1 ? undefined : typeOf(condition);
    if (
      condition === undefined ||
      !isBare(condition) ||
      (person !== claimTypes.windowsAccountName && person !== claimTypes.upn)
    ) {
      throw new NotPlain('it asks Active Directory under a condition, or about somebody else');
    }
    const query = literalOf(given('query')[0]).split(';');
    const [filter = '', names = ''] = query;
    if (
      query.length !== 3 ||
      !/^(?:(?:sAMAccountName|userPrincipalName)=\{0\})?$/i.test(filter.trim().replace(/^\((.*)\)$/, '$1'))
    ) {
      throw new NotPlain('its query looks for people by a filter of its own');
    }
    const isOwn = given('param').map((value) => {
      const of = value.kind === 'call' && value.name === 'regexreplace' ? value.values[0] : value;
      return isValueOf(of, condition);
    });
    // Without a filter, the third part names the person; with one, it names a domain.
    const isNamed = filter.trim() !== '' || query[2]?.trim() === '{0}';
    if (isOwn.length === 0 || isOwn.includes(false) || !isNamed)
      throw new NotPlain('its query is about something else than the person');
    const types = given('types')[0];
    const list = types?.kind === 'list' ? types.values.map(literalOf) : [literalOf(types)];
    const attributes = names.split(',');
    if (list.length !== attributes.length) throw new NotPlain('it has not as many types as attributes');
    return attributes.map((name, index) => {
      const value = ldapAttribute(name);
      const differences = typeof value !== 'string' && value.groups === 'name' ? [byCommonName] : [];
      return { type: list[index] ?? '', value, properties: noProperties, differences };
    });
  }

  #valueBy(rule: ClaimRule, value: Expression, properties: ReadonlyMap<string, string>, type: string): readonly Claim[] {
    const needed = this.#needed(rule.conditions);
    const make = (made: ReleaseRuleConfig, differences: readonly string[] = []): Claim => ({
      type,
      value: made,
      properties,
      differences,
    });
    if (value.kind === 'text') {
      const [condition] = needed;
      if (condition === undefined) return [make({ text: value.text })];
      if (condition.how === 'not exists') throw new NotPlain('it holds where there is no such claim');
      if (needed.length > 1) throw new NotPlain('it holds under several conditions');
      return this.#claimsOf(typeOf(condition)).flatMap((claim) => {
        if (typeof claim.value === 'string') throw new NotPlain(claim.value);
        const found = tested(claim.value, condition);
        return found === undefined ? [] : [make(constant(found.value, value.text), claim.differences)];
      });
    }
    const parts = value.kind === 'joined' ? value.parts : [value];
    const at = parts.findIndex((part) => part.kind !== 'text');
    const rest = parts.filter((_, index) => index !== at);
    const core = parts[at];
    if (core === undefined || rest.some((part) => part.kind !== 'text')) throw new NotPlain('it puts several values together');
    const called = core.kind === 'call' && core.name === 'regexreplace' && core.values.length === 3 ? core.values : undefined;
    const of = called?.[0] ?? core;
    const condition = rule.conditions.find((each) => each.variable !== undefined && isValueOf(of, each));
    if (condition === undefined) throw new NotPlain('it computes its value');
    if (needed.some((each) => each !== condition)) throw new NotPlain('it holds under several conditions');
    const before = parts.slice(0, at).map(literalOf).join('');
    const behind = parts
      .slice(at + 1)
      .map(literalOf)
      .join('');
    return this.#claimsOf(typeOf(condition)).flatMap((claim): readonly Claim[] => {
      if (typeof claim.value === 'string') {
        const isAccount = claim.type === claimTypes.windowsAccountName && isBare(condition) && called !== undefined;
        const value = isAccount ? accountName(literalOf(called[1]), literalOf(called[2])) : undefined;
        return [value === undefined ? { ...claim, type, properties } : make(around(value, before, behind))];
      }
      const found = tested(claim.value, condition);
      if (found === undefined) return [];
      const made =
        called === undefined
          ? { value: found.value, differences: [] }
          : replaced(found.value, literalOf(called[1]), literalOf(called[2]), found.pattern);
      return [make(around(made.value, before, behind), [...claim.differences, ...made.differences])];
    });
  }

  #made(rule: ClaimRule): readonly Claim[] {
    if (rule.given.some(({ name }) => name === 'store')) return this.#fromStore(rule);
    const [first] = rule.given;
    if (first?.name === 'claim' && rule.given.length === 1 && first.value.kind === 'variable') {
      const { variable } = first.value;
      const condition = rule.conditions.find((each) => each.variable === variable);
      if (condition === undefined) throw new NotPlain('it passes on a claim that it does not name');
      const type = typeOf(condition);
      return this.#valueBy(rule, { kind: 'property', variable, property: 'value' }, noProperties, type);
    }
    const type = literalOf(rule.given.find(({ name }) => name === 'type')?.value);
    const value = rule.given.find(({ name }) => name === 'value')?.value;
    if (value === undefined) throw new NotPlain('it issues a claim without a value');
    const properties = new Map<string, string>();
    for (const each of rule.given) if (each.name === 'properties') properties.set(each.key ?? '', literalOf(each.value));
    return this.#valueBy(rule, value, properties, type);
  }

  /** @param number from 1 */
  apply(text: string, number: number): RuleResult {
    const rule = parseRule(text);
    const about = rule?.name === undefined ? `rule ${String(number)}` : `rule ${String(number)}, ${rule.name}`;
    if (rule === undefined) {
      const mayName = /nameidentifier/i.test(text);
      return { about, text, action: undefined, claims: [], because: 'it cannot be read', mayName };
    }
    try {
      const claims = this.#made(rule);
      for (const claim of claims) this.#add(claim);
      return { about, text, action: rule.action, claims, because: undefined, mayName: false };
    } catch (error) {
      if (!(error instanceof NotPlain)) throw error;
      const types = typesMade(rule);
      // Rules behind it see claims that nobody can tell.
      const value = `it goes by what a rule that is not plain makes (${about})`;
      for (const type of types ?? [])
        this.#claims.set(type, [...(this.#claims.get(type) ?? []), { type, value, properties: noProperties, differences: [] }]);
      const mayName = rule.action === 'issue' && (types === undefined || /nameidentifier/i.test(text));
      return { about, text, action: rule.action, claims: [], because: error.message, mayName };
    }
  }
}
