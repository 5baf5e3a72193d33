/**
 * The checklist: what the Kantara SAML V2.0 Implementation Profile for Federation Interoperability 1.1 asks of an identity provider.
 * The IDs are the profile's own, the words are ours.
 */

export type Level = 'must' | 'should' | 'may';

export interface Obligation {
  readonly level: Level;
  readonly words: string;
  /** For a should or a may: whether it is done, and how; or why it is not. */
  readonly answer?: string;
}

const must = (words: string): Obligation => ({ level: 'must', words });
const should = (words: string, answer: string): Obligation => ({ level: 'should', words, answer });
const may = (words: string, answer: string): Obligation => ({ level: 'may', words, answer });

/** In the order of the profile; each with its obligations, the heaviest first. */
export const requirements = {
  'IIP-G01': [
    must('Clocks may differ wherever a time is judged, by an amount that is configured.'),
    should('The default lies between three and five minutes.', 'Yes: clockSkew is three minutes where nothing is configured.'),
  ],
  'IIP-G02': [must('Any text of XML characters up to 256 code points passes whole and without error.')],
  'IIP-G03': [must('No message of ours holds a DTD, and a message that holds one is refused.')],
  'IIP-MD01': [must('The metadata of any peer that sends a message is obtained by the Metadata Query Protocol.')],
  'IIP-MD02': [
    must('Metadata is fetched from URLs on a schedule and applied by itself; redirects are followed; any root will do.'),
  ],
  'IIP-MD03': [
    must('The signature on the root of the metadata is verified with a configured key, of which nothing but the key counts.'),
  ],
  'IIP-MD04': [must('Metadata whose validUntil is absent, past or too far ahead can be rejected.')],
  'IIP-MD05': [must('The standards of metadata and its extensions are understood; what else it holds does not get in the way.')],
  'IIP-MD06': [must('Trust comes from metadata alone, for any number of peers.')],
  'IIP-MD07': [must('Each of any number of signing keys is tried until one verifies.')],
  'IIP-MD08': [must('Any number of encryption keys is accepted and any one of them is used.')],
  'IIP-MD09': [
    must('Which algorithms we are capable of is published.'),
    should(
      'What is published is generated from the running configuration, as algorithm support in our metadata.',
      'Yes: alg:DigestMethod and alg:SigningMethod follow the list of forbidden algorithms and the keys in use.',
    ),
  ],
  'IIP-MD10': [must('For a peer that declares algorithms, no others are used.')],
  'IIP-MD11': [must('A KeyDescriptor without a use serves for signing and for encryption.')],
  'IIP-MD12': [must('A certificate merely carries a key: whatever else it says changes nothing.')],
  'IIP-SSO01': [must('The Web Browser SSO profile is kept, with its errata.')],
  'IIP-SSO02': [must('Requests come by HTTP-Redirect and by HTTP-POST.')],
  'IIP-SSO03': [must('Responses leave by HTTP-POST, errors included.')],
  'IIP-SSO04': [must('The assertion, the Response or both are signed, as each peer is configured.')],
  'IIP-SSO05': [must('Persistent and transient identifiers are what saml-core §8.3.7 and §8.3.8 say.')],
  'IIP-SSO06': [must('What saml-profiles §4.1.6 reads from metadata needs no other setting.')],
  'IIP-SSO07': [must('What a request may ask for is either honoured or answered with the error that saml-core names.')],
  'IIP-IDP01': [must('Attributes go out with any Name and any NameFormat.')],
  'IIP-IDP02': [must('Attributes are released by the entity ID of the peer.')],
  'IIP-IDP03': [must('Attributes are released by the entity attributes of the peer.')],
  'IIP-IDP04': [must('Attributes are released by what the metadata of the peer requests, chosen by index.')],
  'IIP-IDP05': [must('An error is a Response with the right status codes whenever an acceptable endpoint is known.')],
  'IIP-IDP06': [must('ForceAuthn asks the person again, whatever the method of authentication.')],
  'IIP-IDP07': [must('IsPassive never shows a page of ours; what would need one is answered by NoPassive.')],
  'IIP-IDP08': [
    must('RequestedAuthnContext is honoured with the comparison exact, and NoAuthnContext says where it cannot be.'),
    may('The comparisons minimum, maximum and better are honoured too.', 'Yes: all four.'),
  ],
  'IIP-IDP09': [must('Assertions can be encrypted.')],
  'IIP-IDP10': [must('NameIDPolicy is honoured in its format, AllowCreate and SPNameQualifier.')],
  'IIP-IDP11': [must('An assertion can go out whose Subject has no NameID.')],
  'IIP-IDP12': [
    must('The endpoint of the Response is chosen as the request says, and only among those that the peer registered.'),
  ],
  'IIP-IDP13': [must('Enhanced Client or Proxy 2.0 works, with bearer confirmation and channel bindings.')],
  'IIP-IDP14': [must('Enhanced clients authenticate by HTTP Basic.')],
  'IIP-IDP15': [must('A key is generated for SAML-EC where the client asks for one.')],
  'IIP-IDP16': [must('The settings of a peer for ECP come from its metadata.')],
  'IIP-IDP17': [must('Single Logout works, and the extension for asynchronous logout; what we send is signed and has an end.')],
  'IIP-IDP18': [must('Single Logout works over HTTP-Redirect.')],
  'IIP-IDP19': [must('A LogoutRequest may hold an encrypted identifier, for any one of two decryption keys at least.')],
  'IIP-IDP20': [must('The settings of a peer for Single Logout come from its metadata.')],
  'IIP-IDP21': [must('Persistent identifiers never differ by letter case alone.')],
  'IIP-ALG01': [must('SHA-256 digests are made and taken.')],
  'IIP-ALG02': [must('RSA with SHA-256 signs and verifies.')],
  'IIP-ALG03': [
    should('ECDSA with SHA-256 signs and verifies.', 'Yes: a service provider can be given a key of the curve P-256.'),
  ],
  'IIP-ALG04': [must('AES-GCM with 128 and with 256 bits encrypts and decrypts.')],
  'IIP-ALG05': [
    may(
      'AES-CBC may be used, with a warning.',
      'Yes, where it is allowed by name; forbidden otherwise. A warning is noted on use.',
    ),
  ],
  'IIP-ALG06': [must('RSA-OAEP transports keys by both of its names, with SHA-256 and SHA-1 digests.')],
  'IIP-ALG08': [must('A set of forbidden algorithms is configured, and the use of any of them fails.')],
  'IIP-EXT01': [must('Extensions and foreign attributes that are not known never break anything.')],
} as const satisfies Readonly<Record<string, readonly [Obligation, ...Obligation[]]>>;

export type RequirementID = keyof typeof requirements;
