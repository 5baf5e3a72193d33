/** Refusals of what would go out: the person's address and attributes, and its signature. */
import { again, person, type Row } from './row.ts';

export const answerRows = {
  // Which address the person has.
  'no-user-principal-name': person(
    'no-address',
    'The person has no userPrincipalName and mapping.source asks for it.',
    'UnknownPrincipal',
  ),
  'no-mail': person('no-address', 'The person has no mail attribute and mapping.source asks for it.', 'UnknownPrincipal'),
  'not-an-email-address': person('no-address', 'The source value is not a valid e-mail address.', 'UnknownPrincipal'),
  'address-not-in-domains': person(
    'no-address',
    'The address lies in none of the domains of the Cloud Identity account (mapping.domains).',
    'UnknownPrincipal',
  ),
  'address-not-unique': person(
    'no-address',
    'Two people map to this address. Change one of them in the directory.',
    'UnknownPrincipal',
  ),
  // What goes out.
  'attribute-character-forbidden': person(
    'attributes-unusable',
    'A directory attribute holds a character that XML forbids.',
    'RequestDenied',
  ),
  'attributes-too-large': person(
    'attributes-unusable',
    'The attributes exceed the 2 kB that Google accepts, or the 256 kB that anybody else is sent and a session holds.',
    'RequestDenied',
  ),
  'signing-unavailable': again(
    'signing-unavailable',
    'The key that signs lies outside of Passerelle and did not sign; the event names it and says why. Nothing was answered. The person may try again.',
    503,
  ),
  'attributes-not-ascii': person('attributes-unusable', 'Google’s legacy profile takes ASCII attributes only.', 'RequestDenied'),
} as const satisfies Record<string, Row>;
