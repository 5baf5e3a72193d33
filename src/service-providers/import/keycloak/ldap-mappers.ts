/** Which attributes of the directory stand behind those of Keycloak's people, by the mappers of its user federation. */
import type { ReleaseRuleConfig } from '../../../config/release-schema.ts';
import type { Told } from '../imported.ts';
import { at, isObject, listAt, textAt, textsAt, type JsonObject } from '../read-json.ts';

export interface People {
  /** What an attribute of theirs is made of; a text says why that is not plain. */
  of(attribute: string): ReleaseRuleConfig | string;
  /** Whether their groups come from the directory. */
  readonly hasGroups: boolean;
  /** Why everybody of the directory may be more people than could sign in before. */
  readonly held: readonly string[];
  readonly told: readonly Told[];
}

const provider = 'org.keycloak.storage.UserStorageProvider';
const mapper = 'org.keycloak.storage.ldap.mappers.LDAPStorageMapper';
/** What the federation of a directory begins with. */
const wellKnown: ReadonlyMap<string, string> = new Map([
  ['email', 'mail'],
  ['firstName', 'givenName'],
  ['lastName', 'sn'],
]);

const configAt = (component: unknown, name: string): string | undefined => textsAt(at(component, 'config'), name)[0];

export function readPeople(realm: JsonObject): People {
  const [told, held]: [Told[], string[]] = [[], []];
  const providers = listAt(at(realm, 'components'), provider).filter((each) => textAt(each, 'providerId') === 'ldap');
  const found = new Map<string, Set<string>>();
  let hasGroups = false;
  for (const each of providers) {
    const filter = configAt(each, 'customUserSearchFilter');
    if (filter !== undefined) {
      held.push('only people who fit customUserSearchFilter could sign in: see access');
      const because = 'only people who fit it could sign in, which no setting of the section directory says';
      told.push({ outcome: 'not plain', about: 'customUserSearchFilter', because, text: filter });
    }
    const below = configAt(each, 'usersDn');
    if (below !== undefined) {
      const because = 'only people below it could sign in: directory.baseDn must name no more';
      told.push({ outcome: 'taken over with a difference', about: 'usersDn', because, text: below });
    }
    const username = configAt(each, 'usernameLDAPAttribute');
    const mappers = listAt(at(each, 'subComponents'), mapper).filter(isObject);
    const pairs = mappers
      .filter((one) => textAt(one, 'providerId') === 'user-attribute-ldap-mapper')
      .map((one) => [configAt(one, 'user.model.attribute'), configAt(one, 'ldap.attribute')] as const);
    const hasUsername = pairs.some(([model]) => model === 'username');
    for (const [model, ldap] of [...pairs, ...(hasUsername ? [] : [['username', username] as const])]) {
      if (model === undefined || ldap === undefined) continue;
      found.set(model, (found.get(model) ?? new Set<string>()).add(ldap));
    }
    hasGroups ||= mappers.some((one) => textAt(one, 'providerId') === 'group-ldap-mapper');
  }
  if (providers.length === 0) {
    const because =
      'the export names none, so that e-mail, first and last name are taken for mail, givenName and sn; its own people are not in the directory';
    told.push({ outcome: 'taken over with a difference', about: 'user federation', because });
  }
  return {
    hasGroups,
    held,
    told,
    of(attribute) {
      const [first, second] = found.get(attribute) ?? [];
      if (second !== undefined) return `${attribute} is another attribute in each of its directories`;
      const ldap = first ?? wellKnown.get(attribute);
      if (ldap === undefined) return `nothing says which attribute of the directory ${attribute} is`;
      return /^objectGUID$/i.test(ldap) ? { from: ldap, as: 'uuid' } : { from: ldap };
    },
  };
}
