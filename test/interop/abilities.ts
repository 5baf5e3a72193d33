/** What each service provider can do with us: the tests go by this, and docs/interop.md shows it. */
import type { dataCiphers, keyTransports, SignatureName } from '../../src/config/algorithm-names.ts';

export const bindings = ['HTTP-Redirect', 'HTTP-POST'] as const;
export type Binding = (typeof bindings)[number];

export interface Encryption {
  readonly algorithm: keyof typeof dataCiphers;
  readonly keyTransport: keyof typeof keyTransports;
  readonly digest: 'sha1' | 'sha256';
}

export interface Abilities {
  readonly title: string;
  /** How the tests have it ask for a sign-out. */
  readonly signsOutBy: readonly Binding[];
  readonly asksAsynchronously: boolean;
  /** Whether the tests have it ask with IsPassive. */
  readonly asksSilently: boolean;
  readonly forcesAuthentication: boolean;
  /** The end of the URN of the NameID that it is given by default. */
  readonly nameIDFormat: string;
  /** How it comes by our metadata. */
  readonly loadsOurs: string;
  readonly decrypts: readonly Encryption[];
  readonly decryptsNot: readonly Encryption[];
  readonly verifies: readonly SignatureName[];
  readonly verifiesNot: readonly SignatureName[];
  /** Of these its metadata says so itself (saml-metadata-algsupport), so that they are not tried. */
  readonly namesNot: readonly SignatureName[];
}

const aes256Mgf1p: Encryption = { algorithm: 'aes256-gcm', keyTransport: 'rsa-oaep-mgf1p', digest: 'sha1' };
const aes128Mgf1p: Encryption = { algorithm: 'aes128-gcm', keyTransport: 'rsa-oaep-mgf1p', digest: 'sha1' };
const aes128Mgf1pSha256: Encryption = { algorithm: 'aes128-gcm', keyTransport: 'rsa-oaep-mgf1p', digest: 'sha256' };
const aes256Oaep: Encryption = { algorithm: 'aes256-gcm', keyTransport: 'rsa-oaep', digest: 'sha256' };
const aes128OaepSha1: Encryption = { algorithm: 'aes128-gcm', keyTransport: 'rsa-oaep', digest: 'sha1' };

export const abilities = {
  mellon: {
    title: 'Apache with mod_auth_mellon',
    signsOutBy: ['HTTP-Redirect'],
    asksAsynchronously: false,
    asksSilently: true,
    forcesAuthentication: false,
    nameIDFormat: 'nameid-format:transient',
    loadsOurs: 'a file, fetched from our URL',
    decrypts: [aes256Mgf1p, aes128Mgf1p],
    decryptsNot: [aes128Mgf1pSha256, aes256Oaep, aes128OaepSha1],
    verifies: ['rsa-sha256', 'rsa-sha384', 'rsa-sha512'],
    verifiesNot: ['rsa-pss-sha256', 'ecdsa-sha256'],
    namesNot: [],
  },
  shibboleth: {
    title: 'Apache with the Shibboleth service provider',
    signsOutBy: bindings,
    asksAsynchronously: true,
    asksSilently: true,
    forcesAuthentication: true,
    nameIDFormat: 'nameid-format:transient',
    loadsOurs: 'from our URL, regularly',
    decrypts: [aes256Mgf1p, aes128Mgf1p, aes128Mgf1pSha256, aes256Oaep, aes128OaepSha1],
    decryptsNot: [],
    verifies: ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'ecdsa-sha256'],
    verifiesNot: [],
    namesNot: ['rsa-pss-sha256'],
  },
  passport: {
    title: '@node-saml/passport-saml in Express',
    signsOutBy: ['HTTP-Redirect'],
    asksAsynchronously: false,
    asksSilently: false,
    forcesAuthentication: false,
    nameIDFormat: 'nameid-format:emailAddress',
    loadsOurs: 'from our URL, by code of the application',
    decrypts: [aes256Mgf1p, aes128Mgf1p],
    decryptsNot: [aes128Mgf1pSha256, aes256Oaep, aes128OaepSha1],
    verifies: ['rsa-sha256', 'rsa-sha512', 'rsa-pss-sha256'],
    verifiesNot: ['rsa-sha384', 'ecdsa-sha256'],
    namesNot: [],
  },
} as const satisfies Record<string, Abilities>;

export type PartnerName = keyof typeof abilities;
