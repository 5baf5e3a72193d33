/** From a person to their Cloud Identity address, and back to all the people who could have that address. */
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import { followRules, splitAddress, type MappedAddress } from './address-rules.ts';
import { prepareMapping, type Mapping, type PreparedMapping } from './prepare-mapping.ts';

export { describeSteps, type MappedAddress, type MappingStep } from './address-rules.ts';

/**
 * The person's address: the source attribute, and what `followRules` makes of it.
 * @throws Refusal no-user-principal-name, no-mail, not-an-email-address, address-not-in-domains; `detail.steps` says how far it
 *   came, `detail.because` what stood in the way
 * @throws MappingMistake where the configuration contradicts itself (never, once prepared)
 */
export function mapAddress(
  person: Pick<Person, 'userPrincipalName' | 'mail'>,
  mapping: Mapping | PreparedMapping,
): MappedAddress {
  const prepared = prepareMapping(mapping);
  const { source } = prepared;
  const value = person[source];
  if (value === undefined || value === '') {
    throw new Refusal(source === 'mail' ? 'no-mail' : 'no-user-principal-name', {
      steps: '',
      because: `the person has no ${source}`,
    });
  }
  return followRules(source, value, prepared);
}

/**
 * All values of the source attribute that could map to the address, up to letter case: a directory that is searched for them
 * without regard to case finds every person who maps to it. Where letterCase is `preserve` it also finds people whose
 * addresses differ in case alone. Google compares a NameID exactly, yet holds one account for all spellings, so that a caller
 * must count such people as one address held twice: compare addresses in lower case.
 * Empty where the address lies in no primary or secondary domain.
 */
export function sourcesOf(address: string, mapping: Mapping | PreparedMapping): readonly string[] {
  const [local, domain] = splitAddress(address);
  return (prepareMapping(mapping).tables.origins.get(domain) ?? []).map((origin) => `${local}@${origin}`);
}
