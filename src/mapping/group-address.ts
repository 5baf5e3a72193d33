/** From a group to its address in the Cloud Identity account. */
import { Refusal } from '../refusal.ts';
import { followRules, type MappedAddress } from './address-rules.ts';
import { prepareMapping, type Mapping, type PreparedMapping } from './prepare-mapping.ts';

/** By `mail`, or by `cn` before the @ and that domain after it. */
export type GroupNamingRule = { readonly by: 'mail' } | { readonly by: 'cn'; readonly domain: string };

export interface NamelessGroup {
  readonly address: undefined;
  readonly trouble: 'without value' | 'not an e-mail address' | 'foreign';
  readonly because: string;
}

/**
 * The group's address by the rules that people's addresses follow: substitution, validity, the account's domains, aliases, letter
 * case. A name is taken as it stands: a cn with a blank or an umlaut is no local part, and nothing is made of it that is one.
 * @throws MappingMistake where the configuration contradicts itself (never, once prepared)
 */
export function mapGroup(
  group: { readonly cn: string | undefined; readonly mail: string | undefined },
  naming: GroupNamingRule,
  mapping: Mapping | PreparedMapping,
): MappedAddress | NamelessGroup {
  const prepared = prepareMapping(mapping);
  const value = group[naming.by];
  if (value === undefined || value === '') {
    return { address: undefined, trouble: 'without value', because: `the group has no ${naming.by}` };
  }
  try {
    return followRules(naming.by, naming.by === 'cn' ? `${value}@${naming.domain}` : value, prepared);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      address: undefined,
      trouble: error.reason === 'address-not-in-domains' ? 'foreign' : 'not an e-mail address',
      because: String(error.detail.because),
    };
  }
}
