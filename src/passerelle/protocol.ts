/** What signs, encrypts and decrypts, and what our metadata say of it. */
import type { Audit } from '../audit/audit.ts';
import type { Clock, Random } from '../clock.ts';
import { publishedUrls } from '../config/published-urls.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { KeyRing, NamedCertificate } from '../keys/key-ring.ts';
import { requireKeys } from '../keys/require-keys.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from '../saml/algorithm-policy.ts';
import { capabilitiesOf } from '../saml/capabilities.ts';
import { createDecrypter, type Decrypter } from '../saml/decrypt.ts';
import { createEncryptions, type Encryptions } from '../saml/encrypt.ts';
import { buildMetadata } from '../saml/metadata.ts';
import { bindings, nameIDFormats } from '../saml/names.ts';
import type { Signers } from '../saml/signer.ts';
import type { Registry } from '../service-providers/registry.ts';
import { artifactEndpointIndex } from '../signin/artifacts.ts';
import { createOurSigners, readPolicy } from './our-signers.ts';

export interface Protocol {
  readonly algorithms: AlgorithmPolicy;
  readonly signers: Signers;
  readonly encryptions: Encryptions;
  readonly decrypter: Decrypter;
  /** Signed, to be made anew from `renewAt` on, and of no use from `validUntil` on (milliseconds since the epoch). */
  readonly makeMetadata: () => Promise<{ readonly xml: string; readonly renewAt: number; readonly validUntil: number }>;
}

const day = 24 * 3_600_000;
const metadataLife = 30 * day;
const certificateOf = ({ certificate }: NamedCertificate): string => certificate.raw.toString('base64');

/** Tells at start of those who could not be answered, rather than when the first person comes from there. */
function tellUnanswerable(registry: Registry, signers: Signers, encryptions: Encryptions, audit: Audit): void {
  for (const serviceProvider of registry.list) {
    try {
      signers.for(serviceProvider);
      encryptions.for(serviceProvider);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      audit.note('warn', 'a service provider shares no algorithms with us', error.detail);
    }
  }
}

/** @throws KeyMistake where a key is missing that the configuration names */
export function createProtocol(parts: {
  config: Configuration;
  keys: KeyRing;
  registry: Registry;
  audit: Audit;
  clock: Clock;
  random: Random;
}): Protocol {
  const { config, keys, registry, audit, clock, random } = parts;
  const urls = publishedUrls(config);
  requireKeys(keys, config.serviceProviders);
  const algorithms = readPolicy(config, audit);
  const signers = createOurSigners(keys, algorithms);
  const encryptions = createEncryptions({ policy: algorithms, random });
  tellUnanswerable(registry, signers, encryptions, audit);
  const decrypter = createDecrypter({
    keys: keys.decryption.map(({ privateKey }) => privateKey),
    entityID: urls.entityID,
    policy: algorithms,
    random,
  });
  const provider = {
    entityID: urls.entityID,
    singleSignOnServices: [
      { binding: bindings.httpRedirect, location: urls.singleSignOn },
      { binding: bindings.httpPost, location: urls.singleSignOn },
      ...(config.ecp.enabled ? [{ binding: bindings.soap, location: urls.enhancedClient, supportsChannelBindings: true }] : []),
    ],
    singleLogoutServices: [bindings.httpRedirect, bindings.httpPost].map((binding) => ({ binding, location: urls.singleLogout })),
    artifactResolutionServices: [{ binding: bindings.soap, location: urls.artifactResolution, index: artifactEndpointIndex }],
    nameIDFormats: [nameIDFormats.emailAddress, nameIDFormats.persistent, nameIDFormats.transient],
    certificates: [...keys.published, ...keys.forServiceProviders].map(certificateOf),
    // The newest alone, so that it is the only one in use by the time that an older one is retired.
    encryptionCertificates: keys.decryption.slice(0, 1).map(certificateOf),
    capabilities: capabilitiesOf(algorithms),
  };
  return {
    algorithms,
    signers,
    encryptions,
    decrypter,
    async makeMetadata() {
      const now = clock.now();
      const validUntil = now + metadataLife;
      const xml = await buildMetadata(provider, `_${random(20).toString('hex')}`, validUntil, signers.default);
      return { xml, renewAt: now + day, validUntil };
    },
  };
}
