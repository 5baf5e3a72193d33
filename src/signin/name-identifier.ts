/** The name identifier that a service provider knows a person by (saml-core §3.4.1.1). */
import type { Random } from '../clock.ts';
import { objectGuidBytes } from '../directory/object-guid.ts';
import { Refusal } from '../refusal.ts';
import { nameIDFormats } from '../saml/names.ts';
import type { NameID } from '../saml/name-id.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import { isOwnQualifier, type NameIDChoice } from './choose-name-id.ts';
import type { Pairwise } from './pairwise.ts';
import { matchSubject, type BorneName } from './verify-subject.ts';
import type { Requested } from './verify-requested.ts';

/** Who signed in. */
export interface Named {
  readonly objectGUID: string;
  /** Undefined where there is none that is theirs alone. */
  readonly address: string | undefined;
}

/**
 * Undefined where the assertion is to name nobody.
 * @throws Refusal name-id-not-created, subject-mismatch
 */
export type NameIdentifier = (
  serviceProvider: RegisteredServiceProvider,
  requested: Pick<Requested, 'nameID' | 'subject'>,
  person: Named,
) => Promise<NameID | undefined>;

/** Whether nobody can be named without an address. */
export const needsAddress = ({ nameID }: Pick<Requested, 'nameID'>): boolean => nameID.format === 'emailAddress';

/** An affiliation may be called as a service provider is, in other metadata: what the one knows people by tells the other nothing. */
const spaceOf = ({ entityID }: RegisteredServiceProvider, qualifier: string): string =>
  qualifier === entityID ? qualifier : `affiliation\0${qualifier}`;

/** What Microsoft Entra calls the immutable ID; it is never created, so that AllowCreate says nothing of it. */
function immutableID(objectGUID: string): NameID {
  return { value: objectGuidBytes(objectGUID)?.toString('base64') ?? objectGUID, format: nameIDFormats.persistent };
}

/** @param parts `entityID` is ours */
export function createNameIdentifier(parts: { entityID: string; pairwise: Pairwise; random: Random }): NameIdentifier {
  const { entityID, pairwise, random } = parts;

  /** saml-core §8.3.7: both qualifiers written, so that the name means the same wherever it is carried. */
  async function persistent(
    choice: NameIDChoice,
    serviceProvider: RegisteredServiceProvider,
    { objectGUID }: Named,
  ): Promise<NameID> {
    const spNameQualifier = choice.spNameQualifier ?? serviceProvider.entityID;
    const space = spaceOf(serviceProvider, spNameQualifier);
    const value = choice.mayCreate ? await pairwise.findOrCreate(objectGUID, space) : await pairwise.find(objectGUID, space);
    if (value === undefined) throw new Refusal('name-id-not-created', { spNameQualifier });
    return { value, format: nameIDFormats.persistent, nameQualifier: entityID, spNameQualifier };
  }

  /** By every name of the person that the service provider may know. */
  async function matching(
    serviceProvider: RegisteredServiceProvider,
    asked: NameID,
    choice: NameIDChoice,
    { objectGUID, address }: Named,
  ): Promise<NameID> {
    const spNameQualifier = asked.spNameQualifier ?? choice.spNameQualifier ?? serviceProvider.entityID;
    const borne: BorneName[] = [];
    if (isOwnQualifier(spNameQualifier, serviceProvider)) {
      const { offered } = serviceProvider.nameID;
      if (offered.includes('emailAddress') && address !== undefined) {
        borne.push({ format: 'emailAddress', value: address, nameQualifier: undefined, spNameQualifier });
      }
      if (offered.includes('persistent') && serviceProvider.nameID.persistent === 'immutableId') {
        const { value } = immutableID(objectGUID);
        borne.push({ format: 'persistent', value, nameQualifier: undefined, spNameQualifier: undefined });
      } else if (offered.includes('persistent')) {
        const value = await pairwise.find(objectGUID, spaceOf(serviceProvider, spNameQualifier));
        if (value !== undefined) borne.push({ format: 'persistent', value, nameQualifier: entityID, spNameQualifier });
      }
    }
    const found = matchSubject(asked, borne, choice);
    if (found === undefined) throw new Refusal('subject-mismatch');
    return found;
  }

  return async (serviceProvider, { nameID: choice, subject }, person) => {
    if (subject !== undefined) return matching(serviceProvider, subject, choice, person);
    const { spNameQualifier } = choice;
    switch (choice.format) {
      case 'none':
        return undefined;
      case 'persistent':
        if (serviceProvider.nameID.persistent === 'immutableId') return immutableID(person.objectGUID);
        return persistent(choice, serviceProvider, person);
      case 'transient':
        // saml-core §8.3.8: an identifier by the rules of §1.3.4, which are those of an xs:ID.
        return { value: `_${random(20).toString('hex')}`, format: nameIDFormats.transient, spNameQualifier };
      case 'emailAddress':
        if (person.address === undefined) throw new Error('a name that is an address, and no address');
        return { value: person.address, format: nameIDFormats.emailAddress, spNameQualifier };
    }
  };
}
