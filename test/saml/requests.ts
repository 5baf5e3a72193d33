/** Requests as service providers make them, for the tests: plain, signed either way, and spoilt. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { Refusal } from '../../src/refusal.ts';
import type { Reason } from '../../src/refusal.ts';
import { algorithms, bindings } from '../../src/saml/names.ts';
import type { Binding } from '../../src/saml/message.ts';
import { parseParameters } from '../../src/saml/parameters.ts';
import { type ServiceProvider, unsaid } from '../../src/saml/service-provider.ts';
import { verifyAuthnRequest } from '../../src/saml/verify-authn-request.ts';

export const now = Date.parse('2026-07-01T10:00:05Z');
export const destination = 'https://idp.example.com/saml/sso';
export const acs = 'https://sp.example.com/acs';
export const entityID = 'https://sp.example.com/metadata';

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const serviceProvider: ServiceProvider = {
  ...unsaid,
  entityID,
  assertionConsumerServices: [{ index: 0, binding: bindings.httpPost, location: acs, isDefault: true }],
};
export const signing: ServiceProvider = {
  ...serviceProvider,
  signingKeys: [otherRsa.publicKey, rsa.publicKey],
  authnRequestsSigned: true,
};

export interface RequestParts {
  readonly attributes?: Readonly<Record<string, string | undefined>>;
  readonly issuer?: string;
  readonly content?: string;
  readonly root?: string;
}

/** A request of `entityID`; attributes that are given as undefined are left out. */
export const authnRequest = ({
  attributes = {},
  issuer,
  content = '',
  root = 'samlp:AuthnRequest',
}: RequestParts = {}): string => {
  const all: Readonly<Record<string, string | undefined>> = {
    ID: '_0123456789abcdef0123456789abcdef',
    Version: '2.0',
    IssueInstant: '2026-07-01T10:00:00.123Z',
    AssertionConsumerServiceURL: acs,
    Destination: destination,
    ...attributes,
  };
  const written = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [` ${name}="${value}"`]));
  return (
    `<${root} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"${written.join('')}>` +
    `${issuer ?? `<saml:Issuer>${entityID}</saml:Issuer>`}${content}</${root}>`
  );
};

export interface SignOptions {
  readonly key?: KeyObject;
  readonly algorithm?: string;
  readonly digest?: string;
  readonly transforms?: readonly string[];
  readonly canonicalization?: string;
  readonly inclusive?: readonly string[];
  readonly reference?: string;
  readonly emptyUri?: boolean;
}

const namedHash = (uri: string): string => `sha${/\d+$/.exec(uri)?.[0] ?? '1'}`;

/** Puts an enveloped signature after the Issuer, by any algorithm, allowed or not. */
export const sign = (xml: string, options: SignOptions = {}): string => {
  const {
    key = rsa.privateKey,
    algorithm = algorithms.rsaSha256,
    digest = algorithms.sha256,
    transforms = [algorithms.envelopedSignature, algorithms.exclusiveC14n],
    canonicalization = algorithms.exclusiveC14n,
    inclusive = [],
    reference = '/*',
    emptyUri = false,
  } = options;
  const signed = new SignedXml({ privateKey: key, signatureAlgorithm: algorithm, canonicalizationAlgorithm: canonicalization });
  if (!(algorithm in signed.SignatureAlgorithms)) {
    signed.SignatureAlgorithms[algorithm] = class {
      getAlgorithmName = () => algorithm;
      getSignature = (octets: unknown) =>
        createSign(namedHash(algorithm)).update(String(octets)).sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64');
      verifySignature = () => false;
    };
  }
  signed.addReference({
    xpath: reference,
    transforms: [...transforms],
    digestAlgorithm: digest,
    inclusiveNamespacesPrefixList: [...inclusive],
    isEmptyUri: emptyUri,
  });
  signed.computeSignature(xml, { prefix: 'ds', location: { reference: "/*/*[local-name()='Issuer']", action: 'after' } });
  return signed.getSignedXml();
};

export const redirect = (xml: string, relayState?: string): string =>
  `SAMLRequest=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}` +
  (relayState === undefined ? '' : `&RelayState=${encodeURIComponent(relayState)}`);

export const post = (xml: string, relayState?: string): string =>
  `SAMLRequest=${encodeURIComponent(Buffer.from(xml).toString('base64'))}` +
  (relayState === undefined ? '' : `&RelayState=${encodeURIComponent(relayState)}`);

/** Signs a query as saml-bindings §3.4.4.1 has it. */
export const signQuery = (query: string, key: KeyObject = rsa.privateKey, algorithm: string = algorithms.rsaSha256): string => {
  const octets = `${query}&SigAlg=${encodeURIComponent(algorithm)}`;
  const signature = createSign(namedHash(algorithm)).update(octets).sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64');
  return `${octets}&Signature=${encodeURIComponent(signature)}`;
};

/** Verifies what came, at the instant of the tests. */
export const verify = (binding: Binding, text: string, serviceProviders: readonly ServiceProvider[] = [serviceProvider]) =>
  verifyAuthnRequest(
    { binding, parameters: parseParameters(text) },
    {
      serviceProviders: (asked) => serviceProviders.filter((candidate) => candidate.entityID === asked),
      destination,
      now,
      clockSkew: 180_000,
      maxAge: 600_000,
    },
  );

/**
 * The reason of the Refusal that it ends in; `accepted` where it does not; any other error is a fault and thrown on. An attempt gives
 * back what it came to, a promise included: one that drops the promise of what it tries does not type-check.
 */
export const outcome = async (attempt: () => object | Promise<object>): Promise<Reason | 'accepted'> => {
  try {
    await attempt();
    return 'accepted';
  } catch (cause) {
    if (cause instanceof Refusal) return cause.reason;
    throw cause;
  }
};

/** Milliseconds of CPU that it takes, its Refusal included: the least of so many attempts, one after the other. */
export const cpuOf = async (attempt: () => object | Promise<object>, attempts = 1): Promise<number> => {
  let least = Infinity;
  for (let made = 0; made < attempts; made += 1) {
    const before = process.cpuUsage();
    await outcome(attempt);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
};
