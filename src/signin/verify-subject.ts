/** Whether the Subject that a request names is the person who signed in (saml-core §3.3.4, §3.4.1.4). */
import { nameIDFormats } from '../saml/names.ts';
import type { NameID } from '../saml/name-id.ts';
import type { OfferedFormat } from '../service-providers/name-id-rules.ts';
import { isUnspecified, type NameIDChoice } from './choose-name-id.ts';

/** A name that the person bears toward the service provider, with the qualifiers that belong to it. */
export interface BorneName {
  readonly format: OfferedFormat;
  readonly value: string;
  readonly nameQualifier: string | undefined;
  readonly spNameQualifier: string | undefined;
}

/** What a Subject leaves out goes without saying (saml-core §8.3.7); what it says must be so. */
const agrees = (said: string | undefined, is: string | undefined): boolean => said === undefined || said === is;

/**
 * The name to give back, identical to the one asked for: what it leaves out is left out, unless NameIDPolicy names it. Undefined
 * where the person bears no such name.
 */
export function matchSubject(asked: NameID, borne: readonly BorneName[], choice: NameIDChoice): NameID | undefined {
  const found = borne.find(
    (name) =>
      name.value === asked.value &&
      (isUnspecified(asked.format) || asked.format === nameIDFormats[name.format]) &&
      (!choice.named || choice.format === name.format) &&
      agrees(asked.nameQualifier, name.nameQualifier) &&
      agrees(asked.spNameQualifier, name.spNameQualifier) &&
      agrees(choice.spNameQualifier, name.spNameQualifier),
  );
  if (found === undefined) return undefined;
  return {
    value: asked.value,
    format: choice.named ? nameIDFormats[found.format] : asked.format,
    nameQualifier: asked.nameQualifier,
    spNameQualifier: asked.spNameQualifier ?? choice.spNameQualifier,
  };
}
