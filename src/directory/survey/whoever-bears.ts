/** Who it is whose objectGUID came twice under two names: one person who was moved meanwhile, or two, which is refused. */
import { Refusal } from '../../refusal.ts';
import { keyOf } from '../distinguished-name.ts';
import type { Domain } from '../domain.ts';
import { equals } from '../filters.ts';
import { objectGuidBytes } from '../object-guid.ts';
import type { SurveyedPerson } from './survey.ts';

async function namesIn(domain: Domain, objectGUID: string): Promise<readonly string[]> {
  const bytes = objectGuidBytes(objectGUID);
  const found = await Promise.all(
    [...(bytes === undefined ? [] : [equals('objectGUID', bytes)]), equals('entryUUID', objectGUID)].map((filter) =>
      domain.few(filter),
    ),
  );
  return found.flatMap(({ entries }) =>
    entries.filter((entry) => domain.personOf(entry)?.objectGUID === objectGUID).map(({ dn }) => dn),
  );
}

export const isSameName = (one: SurveyedPerson, other: SurveyedPerson): boolean =>
  one.distinguishedName === other.distinguishedName || keyOf(one.distinguishedName) === keyOf(other.distinguishedName);

/**
 * Sign-ins take the bearers of one objectGUID for one person, so that of two the one could stand for the other.
 * @param domains where they were read
 * @throws Refusal directory-refused where both are there
 */
export async function whoeverBears(
  domains: ReadonlySet<Domain>,
  earlier: SurveyedPerson,
  later: SurveyedPerson,
): Promise<SurveyedPerson> {
  if (isSameName(earlier, later)) return earlier;
  const { objectGUID } = earlier;
  const names = (await Promise.all([...domains].map((domain) => namesIn(domain, objectGUID)))).flat();
  const [entry, other] = [...new Map(names.map((dn) => [keyOf(dn), dn])).values()];
  if (other !== undefined) {
    const cause = 'two entries have the same objectGUID: a sign-in could take the one for the other';
    throw new Refusal('directory-refused', { stage: 'survey', cause, objectGUID, entry, other });
  }
  return entry !== undefined && keyOf(entry) === keyOf(earlier.distinguishedName) ? earlier : later;
}
