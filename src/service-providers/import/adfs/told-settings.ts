/** The settings of a relying party trust beside its endpoints and rules. */
import type { SignatureName } from '../../../config/algorithm-names.ts';
import type { Told } from '../imported.ts';
import { at, flagAt, textAt, type JsonObject } from '../read-json.ts';

interface AdfsSettings {
  readonly sign: 'both' | 'response' | 'assertion';
  readonly signature: SignatureName | undefined;
  readonly authnRequestsSigned: boolean;
  readonly held: readonly string[];
  readonly told: readonly Told[];
}

const signs: Readonly<Record<string, AdfsSettings['sign']>> = {
  assertiononly: 'assertion',
  messageandassertion: 'both',
  messageonly: 'response',
};

const numberAt = (trust: JsonObject, name: string): number => {
  const found = at(trust, name);
  return typeof found === 'number' ? found : 0;
};

/** @param known what its certificates allow */
export function adfsSettings(trust: JsonObject, known: { hasSigning: boolean; encrypts: boolean }): AdfsSettings {
  const [held, told]: [string[], Told[]] = [[], []];
  const tell = (about: string, because: string, outcome: Told['outcome'] = 'left out'): void => {
    told.push({ outcome, about, because });
  };
  if (flagAt(trust, 'Enabled') === false) held.push('it was switched off (Enabled is false)');
  const written = (textAt(trust, 'SamlResponseSignature') ?? '').toLowerCase();
  const sign = Object.hasOwn(signs, written) ? (signs[written] ?? 'both') : 'both';
  tell('SamlResponseSignature', `sign: ${sign}`, written === '' ? 'taken over with a difference' : 'taken over');
  const algorithm = textAt(trust, 'SignatureAlgorithm') ?? '';
  if (algorithm.endsWith('#rsa-sha1')) {
    tell('SignatureAlgorithm', 'SHA-1 is signed with by nobody any more; it must know SHA-256', 'taken over with a difference');
  }
  const authnRequestsSigned = flagAt(trust, 'SignedSamlRequestsRequired') === true;
  if (authnRequestsSigned && !known.hasSigning)
    held.push('its requests must be signed, and the export has no certificate to verify them with');
  if (known.encrypts) {
    const because =
      'AD FS encrypted with AES-256-CBC, Passerelle does with AES-256-GCM: see encryption.algorithm and algorithms.allowed where it cannot open that';
    tell('EncryptClaims', because, 'taken over with a difference');
  }
  if (flagAt(trust, 'EncryptedNameIdRequired') === true)
    tell('EncryptedNameIdRequired', 'requests to sign out are taken with names in the clear too');
  if (numberAt(trust, 'NotBeforeSkew') !== 0) tell('NotBeforeSkew', 'the one clockSkew of the configuration holds for all');
  if (numberAt(trust, 'TokenLifetime') !== 0)
    tell('TokenLifetime', 'how long its own session lasts is for the service provider to say');
  if (flagAt(trust, 'AlwaysRequireAuthentication') === true)
    tell('AlwaysRequireAuthentication', 'see maxAge of a rule of the policy');
  if (textAt(trust, 'WSFedEndpoint') !== undefined) tell('WSFedEndpoint', 'Passerelle does not speak WS-Federation');
  const url = textAt(trust, 'MetadataUrl') ?? textAt(at(trust, 'MetadataUrl'), 'OriginalString');
  if (url !== undefined && (flagAt(trust, 'MonitoringEnabled') === true || flagAt(trust, 'AutoUpdateEnabled') === true)) {
    tell('MetadataUrl', `its metadata are no longer fetched from ${url}: a source of the section metadata can do that`);
  }
  return { sign, signature: undefined, authnRequestsSigned, held, told };
}
