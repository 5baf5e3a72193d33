/** What the protocol mappers of a client, and of its scopes, become. */
import type { ReleaseRuleConfig } from '../../../config/release-schema.ts';
import { tellRule, type GatheredRules } from '../gather-rules.ts';
import type { Told } from '../imported.ts';
import { at, flagAt, textAt } from '../read-json.ts';
import type { People } from './ldap-mappers.ts';

/** A name identifier that a mapper makes. */
export interface MappedName {
  readonly format: string | undefined;
  readonly source: ReleaseRuleConfig | undefined;
}

const formats: Readonly<Record<string, string>> = {
  basic: 'basic',
  'uri reference': 'uri',
  unspecified: 'unspecified',
  'urn:oasis:names:tc:saml:2.0:attrname-format:basic': 'basic',
  'urn:oasis:names:tc:saml:2.0:attrname-format:uri': 'uri',
  'urn:oasis:names:tc:saml:2.0:attrname-format:unspecified': 'unspecified',
};
/** Why some of them have no like here. */
const without: Readonly<Record<string, string>> = {
  'saml-role-list-mapper': 'there are no roles here: release groups instead',
  'saml-role-name-mapper': 'there are no roles here: release groups instead',
  'saml-hardcode-role-mapper': 'there are no roles here: release groups instead',
  'saml-user-session-note-mapper': 'what an identity provider behind Keycloak said is not to be had here',
  'saml-javascript-mapper': 'it is a program',
  'saml-audience-mapper': 'the one audience is the service provider',
  'saml-audience-resolve-mapper': 'the one audience is the service provider',
  'saml-organization-membership-mapper': 'there are no organizations here',
};

/** @param mapper of whatever shape. @returns the name identifier it makes, if it makes one */
export function applyMapper(mapper: unknown, people: People, gathered: GatheredRules, told: Told[]): MappedName | undefined {
  const kind = textAt(mapper, 'protocolMapper') ?? '';
  const about = `mapper ${textAt(mapper, 'name') ?? kind}`;
  const config = at(mapper, 'config');
  const name = textAt(config, 'attribute.name');
  const notPlain = (because: string, text?: string): void => {
    told.push({ outcome: 'not plain', about, because, text });
  };
  const take = (rule: ReleaseRuleConfig | string, differences: readonly string[] = []): void => {
    if (typeof rule === 'string' || name === undefined) {
      notPlain(typeof rule === 'string' ? rule : 'it has no attribute.name');
      return;
    }
    const written = (textAt(config, 'attribute.nameformat') ?? 'basic').toLowerCase();
    const nameFormat = Object.hasOwn(formats, written) ? formats[written] : 'basic';
    const friendlyName = textAt(config, 'friendly.name');
    const made = {
      ...rule,
      ...(nameFormat !== undefined && { nameFormat }),
      ...(friendlyName !== undefined && { friendlyName }),
    };
    tellRule(gathered, told, { name, rule: made, about, differences });
  };
  switch (kind) {
    case 'saml-user-property-mapper':
    case 'saml-user-attribute-mapper': {
      const attribute = textAt(config, 'user.attribute') ?? '';
      const differences = flagAt(config, 'aggregate.attrs') === true ? ['values that groups have are not joined'] : [];
      take(people.of(attribute), differences);
      return undefined;
    }
    case 'saml-hardcode-attribute-mapper': {
      const value = at(config, 'attribute.value');
      take(typeof value === 'string' && value !== '' ? { text: value } : 'it has no attribute.value');
      return undefined;
    }
    case 'saml-group-membership-mapper':
      if (!people.hasGroups) notPlain('the groups are Keycloak’s own, and not those of the directory');
      else if (flagAt(config, 'full.path') !== false) notPlain('groups go out by their path within Keycloak');
      else take({ groups: 'name' }, ['groups are those that hold the person directly, by their common name (CN)']);
      return undefined;
    case 'saml-user-attribute-nameid-mapper': {
      const source = people.of(textAt(config, 'user.attribute') ?? '');
      const format = textAt(config, 'mapper.nameid.format');
      if (typeof source !== 'string') return { format, source };
      notPlain(source);
      return { format, source: undefined };
    }
    default:
      notPlain(Object.hasOwn(without, kind) ? (without[kind] ?? '') : 'its kind is not known here', kind);
      return undefined;
  }
}
