/** Who may use a service provider: members of its groups, as the directory has them at each answer. */
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Directory, Person, PersonGroup } from '../directory/directory.ts';
import { keyOf } from '../directory/distinguished-name.ts';
import { Refusal } from '../refusal.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

/** Lets a person pass who may use it. @throws Refusal access-not-granted, and those of the directory */
export type VerifyAccess = (serviceProvider: RegisteredServiceProvider, person: Person) => Promise<void>;

const mostNamed = 20;
const isSid = (text: string): boolean => text.startsWith('S-1-');

/** What is configured, in the form in which groups are known. */
function formOf(reference: string): string {
  if (isSid(reference)) return reference;
  return reference.includes('=') ? keyOf(reference) : reference.toLowerCase();
}

function formsOf({ dn, sid, objectGUID }: PersonGroup): readonly string[] {
  return [dn === undefined ? undefined : keyOf(dn), sid, objectGUID].filter((form) => form !== undefined);
}

/**
 * Tells of each of those references whether a person is in that group. Where it cannot be told of all, and of the one that is asked
 * about it would matter, it throws.
 * @throws Refusal those of the directory
 */
export type HoldsGroup = (person: Person, references: readonly string[]) => Promise<(reference: string) => boolean>;

export function createHoldsGroup(directory: Pick<Directory, 'readFurther'>): HoldsGroup {
  return async (person, references) => {
    const entries = references.some((reference) => !isSid(reference));
    const { groups, incomplete } = await directory.readFurther(person, { bytes: [], groups: { nested: true, entries } });
    const held = new Set(groups.flatMap(formsOf));
    return (reference) => {
      if (held.has(formOf(reference))) return true;
      if (incomplete !== undefined) throw incomplete;
      return false;
    };
  };
}

export function createVerifyAccess(
  directory: Pick<Directory, 'readFurther'>,
  steps: Pick<Steps, 'take'> = noSteps,
): VerifyAccess {
  async function verify(
    person: Person,
    allowed: readonly string[] | undefined,
    except: readonly string[],
  ): Promise<string | undefined> {
    const entries = [...(allowed ?? []), ...except].some((reference) => !isSid(reference));
    const { groups, incomplete } = await directory.readFurther(person, { bytes: [], groups: { nested: true, entries } });
    const held = new Set(groups.flatMap(formsOf));
    const isIn = (reference: string): boolean => held.has(formOf(reference));
    const excluding = except.find(isIn);
    if (excluding !== undefined)
      throw new Refusal('access-not-granted', { because: 'member of an excepted group', group: excluding });
    const granting = allowed?.find(isIn);
    const isAllowed = allowed === undefined || granting !== undefined;
    // A group that is not known may be the one that lets the person in, or keeps them out.
    if (incomplete !== undefined && (except.length > 0 || !isAllowed)) throw incomplete;
    if (!isAllowed) {
      const named = allowed.slice(0, mostNamed).join('; ');
      throw new Refusal('access-not-granted', { because: 'member of none of the groups', groups: named });
    }
    return granting;
  }

  return async ({ access }, person) => {
    const { groups: allowed, except = [] } = access ?? {};
    if (allowed === undefined && except.length === 0) return;
    await steps.take('access', { groups: allowed, except }, async (tell) => {
      tell({ by: await verify(person, allowed, except) });
    });
  };
}
