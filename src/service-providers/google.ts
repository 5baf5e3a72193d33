/** What Google's three kinds of service provider have in common. */
import type { AssertionConsumerService, Protection } from '../saml/service-provider.ts';
import { bindings, nameIDFormats } from '../saml/names.ts';
import { unsaid } from '../saml/service-provider.ts';

/** Google sends unsigned requests, takes e-mail addresses, and is answered with both signatures. */
export const google = {
  ...unsaid,
  wantAssertionsSigned: true,
  nameIDFormats: [nameIDFormats.emailAddress],
  sign: { response: true, assertion: true },
  // Nothing but the address means anybody to Google.
  nameID: { unasked: 'emailAddress', offered: ['emailAddress'] },
} as const;

/** A key of its own, where its settings name one. */
export const googleProtection = ({ signature }: { readonly signature: Protection['signature'] }): { protection?: Protection } =>
  signature.key === undefined ? {} : { protection: { signature, encryption: {} } };

/** HTTP-POST at each location, the first the default. */
export function assertionConsumerServices(...locations: readonly string[]): readonly AssertionConsumerService[] {
  return locations.map((location, index) => ({ index, binding: bindings.httpPost, location, isDefault: index === 0 }));
}
