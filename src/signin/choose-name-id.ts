/** Which kind of name identifier answers a request (saml-core §3.4.1.1), settled before anybody is asked for a password. */
import { Refusal } from '../refusal.ts';
import type { NameIDPolicy } from '../saml/authn-request.ts';
import { nameIDFormats } from '../saml/names.ts';
import type { OfferedFormat } from '../service-providers/name-id-rules.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';

export interface NameIDChoice {
  readonly format: OfferedFormat | 'none';
  /** Whether the request itself names that format. */
  readonly named: boolean;
  /** In whose name space, where the request says: the service provider's own, or an affiliation's. */
  readonly spNameQualifier: string | undefined;
  readonly mayCreate: boolean;
  /** Whether it must leave as an EncryptedID. */
  readonly encrypted: boolean;
}

/** saml-core §8.3.1: unspecified leaves the choice to us; the prefix of SAML 2.0 is an older Google's. */
const unspecified: readonly (string | undefined)[] = [undefined, nameIDFormats.unspecified, nameIDFormats.unspecified20];

/** Whether a Format leaves open what kind of name it is. */
export const isUnspecified = (format: string | undefined): boolean => unspecified.includes(format);

/** Whether a name of that Format can be what NameIDPolicy names. */
export const agreesInFormat = ({ format, named }: NameIDChoice, written: string | undefined): boolean =>
  !named || isUnspecified(written) || (format !== 'none' && nameIDFormats[format] === written);

/** Whether it is a name space that the service provider may have names in. */
export const isOwnQualifier = (
  qualifier: string,
  { entityID, affiliations }: Pick<RegisteredServiceProvider, 'entityID' | 'affiliations'>,
): boolean => qualifier === entityID || affiliations.includes(qualifier);

/** @throws Refusal name-id-policy-unsupported */
export function chooseNameID(asking: {
  readonly nameIDPolicy: NameIDPolicy | undefined;
  readonly serviceProvider: RegisteredServiceProvider;
}): NameIDChoice {
  const { nameIDPolicy, serviceProvider } = asking;
  const { nameID: rules, encryptionKeys } = serviceProvider;
  // saml-core §3.4.1.1: AllowCreate constrains only where there is a policy at all.
  if (nameIDPolicy === undefined) {
    return { format: rules.unasked, named: false, spNameQualifier: undefined, mayCreate: true, encrypted: false };
  }
  const { format: asked, spNameQualifier, allowCreate: mayCreate } = nameIDPolicy;
  const unsupported = new Refusal('name-id-policy-unsupported', { format: asked, spNameQualifier });
  if (spNameQualifier !== undefined && !isOwnQualifier(spNameQualifier, serviceProvider)) throw unsupported;
  const encrypted = asked === nameIDFormats.encrypted;
  if (encrypted || isUnspecified(asked)) {
    // saml-core §3.4.1.1: whoever asks for an EncryptedID must be able to open it.
    if (encrypted && (encryptionKeys.length === 0 || rules.unasked === 'none')) throw unsupported;
    return { format: rules.unasked, named: false, spNameQualifier, mayCreate, encrypted };
  }
  const format = rules.offered.find((offered) => nameIDFormats[offered] === asked);
  if (format === undefined) throw unsupported;
  return { format, named: true, spNameQualifier, mayCreate, encrypted };
}
