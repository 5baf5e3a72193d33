/** Who was let in by AD FS: everybody, or members of groups; whatever else it says must not be passed over. */
import type { AccessConfig } from '../../../config/access-schema.ts';
import { at, isObject, isOtherThanText, textAt, textsAt, type JsonObject } from '../read-json.ts';
import type { Told } from '../imported.ts';
import { claimTypes, ofDirectory, textType } from './claim-types.ts';
import { parseRule, type ClaimRule, type Condition, type Test } from './parse-rule.ts';
import { splitRules } from './rule-tokens.ts';

export interface Authorization {
  readonly access: Partial<AccessConfig> | undefined;
  readonly held: readonly string[];
  readonly told: readonly Told[];
}

const sid = /^S-1-(?:0|[1-9]\d{0,14})(?:-(?:0|[1-9]\d{0,9})){1,15}$/;
const about = 'access';

const refused = (because: string, text?: string): Authorization => ({
  access: undefined,
  held: [because],
  told: [{ outcome: 'not plain', about, because, text }],
});

/** The SID of the group that a condition asks for. */
function groupOf({ how, tests }: Condition): string | undefined {
  const valueOf = (property: string): Condition['tests'] => tests.filter((test) => test.property === property);
  const [type] = valueOf('type');
  const [value] = valueOf('value');
  const others = tests.filter((test) => test !== type && test !== value);
  if (how === 'not exists' || type?.operator !== '==' || type.text !== claimTypes.groupSid || value === undefined)
    return undefined;
  const holds = ({ property, operator, text }: Test): boolean =>
    operator === '==' && (property === 'issuer' ? ofDirectory.test(text) : property === 'valuetype' && text === textType);
  if (!others.every(holds)) return undefined;
  if (value.operator === '==') return sid.test(value.text) ? value.text : undefined;
  const [, ignoresCase, text = ''] = (value.operator === '=~' ? /^\^(\(\?i\))?([^^$]+)\$$/.exec(value.text) : null) ?? [];
  const written = ignoresCase === undefined ? text : text.toUpperCase();
  return sid.test(written) ? written : undefined;
}

const literal = (rule: ClaimRule, name: string): string | undefined => {
  const value = rule.given.find((each) => each.name === name)?.value;
  return value?.kind === 'text' ? value.text : undefined;
};

function byRules(text: string): Authorization {
  const [groups, except] = [new Set<string>(), new Set<string>()];
  let everybody = false;
  for (const [index, written] of splitRules(text).entries()) {
    const rule = parseRule(written);
    const type = rule === undefined ? undefined : literal(rule, 'type');
    const isPlain =
      rule?.action === 'issue' && (type === claimTypes.permit || type === claimTypes.deny) && rule.conditions.length <= 1;
    const [condition] = rule?.conditions ?? [];
    const group = condition === undefined ? undefined : groupOf(condition);
    if (!isPlain || (condition !== undefined && group === undefined) || (condition === undefined && type === claimTypes.deny)) {
      return refused(`authorization rule ${String(index + 1)} is neither for everybody nor about one group`, written);
    }
    if (group === undefined) everybody = true;
    else (type === claimTypes.deny ? except : groups).add(group);
  }
  if (!everybody && groups.size === 0) return refused('its authorization rules let nobody in', text);
  const access = { ...(everybody ? {} : { groups: [...groups] }), ...(except.size === 0 ? {} : { except: [...except] }) };
  const because = `${everybody ? 'everybody' : `members of ${[...groups].join(', ')}`}${except.size === 0 ? '' : `, but not of ${[...except].join(', ')}`}`;
  return {
    access: Object.keys(access).length === 0 ? undefined : access,
    held: [],
    told: [{ outcome: 'taken over', about, because }],
  };
}

/** The values of a parameter, however PowerShell wrote it. */
function parameters(trust: JsonObject): readonly string[] {
  const found = at(trust, 'AccessControlPolicyParameters');
  if (typeof found === 'string') return [found];
  if (Array.isArray(found)) return textsAt(trust, 'AccessControlPolicyParameters');
  return isObject(found) ? Object.keys(found).flatMap((name) => textsAt(found, name)) : [];
}

function byPolicy(name: string, trust: JsonObject): Authorization {
  if (name === 'Permit everyone') {
    return {
      access: undefined,
      held: [],
      told: [{ outcome: 'taken over', about, because: 'everybody, as the policy Permit everyone has it' }],
    };
  }
  const groups = parameters(trust);
  if (name === 'Permit specific group' && groups.length > 0) {
    if (groups.every((group) => sid.test(group))) {
      return {
        access: { groups: [...groups] },
        held: [],
        told: [{ outcome: 'taken over', about, because: `members of ${groups.join(', ')}` }],
      };
    }
    return refused(
      'the policy Permit specific group names groups that are known here by SID or distinguished name alone: write them into access.groups',
      groups.join('; '),
    );
  }
  return refused(
    `the access control policy ${JSON.stringify(name.slice(0, 80))} has no like here: see access and policy in the documentation`,
  );
}

export function readAuthorization(trust: JsonObject): Authorization {
  const policy = textAt(trust, 'AccessControlPolicyName');
  const rules = textAt(trust, 'IssuanceAuthorizationRules');
  const main =
    policy !== undefined && rules !== undefined
      ? refused('it has authorization rules and an access control policy, and nothing says which of them held', rules)
      : policy !== undefined
        ? byPolicy(policy, trust)
        : rules !== undefined
          ? byRules(rules)
          : refused('it has neither authorization rules nor an access control policy, so that nobody was let in');
  const held = [...main.held];
  const told = [...main.told];
  const hold = (because: string, text?: string): void => {
    held.push(because);
    told.push({ outcome: 'not plain', about, because, text });
  };
  for (const name of ['AccessControlPolicyName', 'IssuanceAuthorizationRules', 'AdditionalAuthenticationRules']) {
    if (isOtherThanText(trust, name)) hold(`${name} is no text in the export, so that nothing says whom it let in`);
  }
  const further = textAt(trust, 'AdditionalAuthenticationRules');
  if (further !== undefined) hold('it demanded a further factor by rules of its own: see policy in the documentation', further);
  const classes = textsAt(trust, 'AllowedAuthenticationClassReferences');
  if (classes.length > 0) hold('it allowed certain ways of signing in alone: see policy in the documentation', classes.join(' '));
  const parties = textsAt(trust, 'ClaimsProviderName').filter((name) => name.toLowerCase() !== 'active directory');
  if (parties.length > 0) hold('people signed in to it at another claims provider', parties.join('; '));
  return { access: main.access, held, told };
}
