/** Every algorithm of XML Signature and XML Encryption that Passerelle knows, by the name that a configuration gives it. */

const xmldsig = 'http://www.w3.org/2000/09/xmldsig#';
const xmldsigMore = 'http://www.w3.org/2001/04/xmldsig-more#';
const xmldsigMore2007 = 'http://www.w3.org/2007/05/xmldsig-more#';
const xmlenc = 'http://www.w3.org/2001/04/xmlenc#';
const xmlenc11 = 'http://www.w3.org/2009/xmlenc11#';

export interface SignatureAlgorithm {
  readonly uri: string;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** RSASSA-PKCS1-v1_5, RSASSA-PSS with MGF1 of the same hash and a salt of its length, or ECDSA. */
  readonly scheme: 'pkcs1' | 'pss' | 'ecdsa';
}

/** What signs and verifies (RFC 9231 §2.3), the first choice first. */
export const signatureAlgorithms = {
  'rsa-sha256': { uri: `${xmldsigMore}rsa-sha256`, hash: 'sha256', scheme: 'pkcs1' },
  'rsa-sha384': { uri: `${xmldsigMore}rsa-sha384`, hash: 'sha384', scheme: 'pkcs1' },
  'rsa-sha512': { uri: `${xmldsigMore}rsa-sha512`, hash: 'sha512', scheme: 'pkcs1' },
  'rsa-pss-sha256': { uri: `${xmldsigMore2007}sha256-rsa-MGF1`, hash: 'sha256', scheme: 'pss' },
  'rsa-pss-sha384': { uri: `${xmldsigMore2007}sha384-rsa-MGF1`, hash: 'sha384', scheme: 'pss' },
  'rsa-pss-sha512': { uri: `${xmldsigMore2007}sha512-rsa-MGF1`, hash: 'sha512', scheme: 'pss' },
  'ecdsa-sha256': { uri: `${xmldsigMore}ecdsa-sha256`, hash: 'sha256', scheme: 'ecdsa' },
  'ecdsa-sha384': { uri: `${xmldsigMore}ecdsa-sha384`, hash: 'sha384', scheme: 'ecdsa' },
  'ecdsa-sha512': { uri: `${xmldsigMore}ecdsa-sha512`, hash: 'sha512', scheme: 'ecdsa' },
} as const satisfies Record<string, SignatureAlgorithm>;

export type SignatureName = keyof typeof signatureAlgorithms;

/** RSASSA-PSS whose parameters stand beside it (RFC 9231 §2.3.9); each of its uses is one of the above. */
export const rsaPss = `${xmldsigMore2007}rsa-pss`;

/** Digests of what a signature covers, the first choice first. */
export const digestAlgorithms = {
  sha256: `${xmlenc}sha256`,
  sha384: `${xmldsigMore}sha384`,
  sha512: `${xmlenc}sha512`,
} as const;

export type DigestName = keyof typeof digestAlgorithms;

/** Their names, which are those of node:crypto as well, by their URIs. */
export const digestNames: ReadonlyMap<string, DigestName> = new Map(
  (Object.keys(digestAlgorithms) as DigestName[]).map((name) => [digestAlgorithms[name], name]),
);

export interface DataCipher {
  readonly uri: string;
  /** As OpenSSL names it. */
  readonly cipher: 'aes-256-gcm' | 'aes-192-gcm' | 'aes-128-gcm' | 'aes-256-cbc' | 'aes-192-cbc' | 'aes-128-cbc';
  /** Bytes of its key. */
  readonly keyLength: number;
}

/** What encrypts content (xmlenc-core1 §5.2), the first choice first. */
export const dataCiphers = {
  'aes256-gcm': { uri: `${xmlenc11}aes256-gcm`, cipher: 'aes-256-gcm', keyLength: 32 },
  'aes128-gcm': { uri: `${xmlenc11}aes128-gcm`, cipher: 'aes-128-gcm', keyLength: 16 },
  'aes192-gcm': { uri: `${xmlenc11}aes192-gcm`, cipher: 'aes-192-gcm', keyLength: 24 },
  'aes256-cbc': { uri: `${xmlenc}aes256-cbc`, cipher: 'aes-256-cbc', keyLength: 32 },
  'aes128-cbc': { uri: `${xmlenc}aes128-cbc`, cipher: 'aes-128-cbc', keyLength: 16 },
  'aes192-cbc': { uri: `${xmlenc}aes192-cbc`, cipher: 'aes-192-cbc', keyLength: 24 },
} as const satisfies Record<string, DataCipher>;

export type DataCipherName = keyof typeof dataCiphers;

/** What encrypts the key of the content (xmlenc-core1 §5.5), the first choice first. */
export const keyTransports = {
  'rsa-oaep-mgf1p': `${xmlenc}rsa-oaep-mgf1p`,
  'rsa-oaep': `${xmlenc11}rsa-oaep`,
  'rsa-1_5': `${xmlenc}rsa-1_5`,
} as const;

export type KeyTransportName = keyof typeof keyTransports;

/** Digests of OAEP, where SHA-1 rests on no collision resistance. */
export const oaepDigests = { sha1: `${xmldsig}sha1`, ...digestAlgorithms } as const;

/** Mask generation functions of xmlenc11 rsa-oaep (xmlenc-core1 §5.5.2), by the hash of MGF1. */
export const maskFunctions = {
  sha1: `${xmlenc11}mgf1sha1`,
  sha256: `${xmlenc11}mgf1sha256`,
  sha384: `${xmlenc11}mgf1sha384`,
  sha512: `${xmlenc11}mgf1sha512`,
} as const;

/** What is forbidden unless a configuration allows it by name, and why it is allowed at all: older service providers. */
export const weakAlgorithms = {
  'aes256-cbc': dataCiphers['aes256-cbc'].uri,
  'aes192-cbc': dataCiphers['aes192-cbc'].uri,
  'aes128-cbc': dataCiphers['aes128-cbc'].uri,
  'rsa-1_5': keyTransports['rsa-1_5'],
} as const;

/** What nothing allows. */
const brokenAlgorithms = {
  md5: `${xmldsigMore}md5`,
  'rsa-md5': `${xmldsigMore}rsa-md5`,
  'rsa-sha1': `${xmldsig}rsa-sha1`,
  'dsa-sha1': `${xmldsig}dsa-sha1`,
  'ecdsa-sha1': `${xmldsigMore}ecdsa-sha1`,
  'hmac-md5': `${xmldsigMore}hmac-md5`,
  'hmac-sha1': `${xmldsig}hmac-sha1`,
  'hmac-sha256': `${xmldsigMore}hmac-sha256`,
  'hmac-sha384': `${xmldsigMore}hmac-sha384`,
  'hmac-sha512': `${xmldsigMore}hmac-sha512`,
  'tripledes-cbc': `${xmlenc}tripledes-cbc`,
} as const;

export const forbiddenByDefault: Readonly<Record<string, string>> = { ...brokenAlgorithms, ...weakAlgorithms };

/** The URIs that may not be used, where a configuration names these (URIs as well) beside those that it need not name. */
export function closedAlgorithms(forbidden: readonly string[], allowed: readonly string[]): ReadonlySet<string> {
  const closed = new Set([...Object.values(forbiddenByDefault).filter((uri) => !allowed.includes(uri)), ...forbidden]);
  // Whoever forbids a hash means it within MGF1 as well.
  for (const name of Object.keys(maskFunctions) as (keyof typeof maskFunctions)[]) {
    if (closed.has(oaepDigests[name])) closed.add(maskFunctions[name]);
  }
  return closed;
}

const urisByName: ReadonlyMap<string, string> = new Map([
  ...Object.entries(signatureAlgorithms).map(([name, { uri }]) => [name, uri] as const),
  ...Object.entries(dataCiphers).map(([name, { uri }]) => [name, uri] as const),
  ...Object.entries(keyTransports),
  ...Object.entries(oaepDigests),
  ...Object.entries(forbiddenByDefault),
]);

const known: ReadonlySet<string> = new Set([...urisByName.values(), ...Object.values(maskFunctions), rsaPss]);

/** Whether forbidding that URI forbids anything. */
export const isKnown = (uri: string): boolean => known.has(uri);

/** The URI of a name, or a URI as it stands; undefined for a word that names nothing. */
export function algorithmUri(nameOrUri: string): string | undefined {
  return urisByName.get(nameOrUri) ?? (/^[a-z][a-z0-9+.-]*:\S+$/i.test(nameOrUri) ? nameOrUri : undefined);
}
