/** Gathers the rules of one service provider: those that the configuration could not have are told instead. */
import { attributes as attributesSchema, type ReleaseRuleConfig } from '../../config/release-schema.ts';
import type { AttributeRules, Told } from './imported.ts';

const mostRules = 500;

/** `address`, and rules by groups, told in words. */
function describeRule(rule: ReleaseRuleConfig): string {
  const source =
    rule.from !== undefined
      ? `from ${rule.from}${rule.as === undefined ? '' : ` as ${rule.as}`}`
      : rule.groups !== undefined
        ? `the ${rule.groups === 'dn' ? 'distinguished name' : rule.groups} of groups${rule.nested === true ? ', nested ones too' : ''}`
        : rule.text !== undefined
          ? 'fixed text'
          : 'the address';
  const steps = [
    ...(rule.keep === undefined ? [] : ['filtered']),
    ...(rule.match === undefined ? [] : ['rewritten']),
    ...(rule.rename === undefined ? [] : [rule.onlyRenamed === true ? 'those that are renamed' : 'renamed']),
  ];
  return [source, ...steps].join(', ');
}

/** Two rules by the same groups that rename other values are one. */
function merged(first: ReleaseRuleConfig, second: ReleaseRuleConfig): ReleaseRuleConfig | undefined {
  const { rename: before, ...rest } = first;
  const { rename: after, ...others } = second;
  if (before === undefined || after === undefined || first.onlyRenamed !== true) return undefined;
  if (JSON.stringify(rest) !== JSON.stringify(others)) return undefined;
  return Object.keys(after).some((value) => Object.hasOwn(before, value))
    ? undefined
    : { ...first, rename: { ...before, ...after } };
}

export interface GatheredRules {
  readonly rules: AttributeRules;
  /** @returns why not; undefined where the rule is taken */
  add(name: string, rule: ReleaseRuleConfig): string | undefined;
}

/** What the configuration has against an attribute; undefined where it takes it. */
function judgeRule(name: string, rule: ReleaseRuleConfig): string | undefined {
  // What a schema of records does with it is not to be relied upon.
  if (name === '__proto__' || Object.hasOwn(rule.rename ?? {}, '__proto__')) return 'it has a name that no setting can have';
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(name)) return 'its name holds characters that cannot be seen';
  const result = attributesSchema.safeParse({ [name]: rule });
  return result.success ? undefined : `it must be ${result.error.issues[0]?.message ?? 'another rule'}`;
}

export function gatherRules(): GatheredRules {
  const rules = new Map<string, ReleaseRuleConfig[]>();
  let count = 0;
  return {
    rules,
    add(name, rule) {
      const trouble = judgeRule(name, rule);
      if (trouble !== undefined) return trouble;
      count += 1;
      if (count > mostRules) return `a service provider has at most ${String(mostRules)} rules here`;
      const list = rules.get(name) ?? [];
      rules.set(name, list);
      if (list.some((each) => JSON.stringify(each) === JSON.stringify(rule))) return undefined;
      for (const [index, each] of list.entries()) {
        const both = merged(each, rule);
        if (both === undefined) continue;
        list[index] = both;
        return undefined;
      }
      list.push(rule);
      return undefined;
    },
  };
}

/** Adds an attribute, and tells what became of it. */
export function tellRule(
  gathered: GatheredRules,
  told: Told[],
  parts: { name: string; rule: ReleaseRuleConfig; about: string; differences?: readonly string[]; text?: string | undefined },
): void {
  const { name, rule, about, differences = [], text } = parts;
  const trouble = gathered.add(name, rule);
  if (trouble !== undefined) {
    told.push({ outcome: 'not plain', about, because: `${name}: ${trouble}`, text });
    return;
  }
  const outcome = differences.length === 0 ? 'taken over' : 'taken over with a difference';
  const because = [`${name} ${describeRule(rule)}`, ...differences].join('; ');
  told.push({ outcome, about, because });
}
