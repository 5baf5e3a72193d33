/** Receives what is posted to an ACS: form, signatures, then everything that the Response says. */
import { isUtf8 } from 'node:buffer';
import { decodeBase64 } from '../saml/base64.ts';
import type { IdentityProviderMetadata } from '../saml/read-identity-provider-metadata.ts';
import { gates, ResponseMistake, verifyResponse, type Gate, type VerifiedResponse } from '../saml/verify-response.ts';
import { judgeResponse, type Check, type Judged } from './judge-response.ts';
import type { Memory } from './memory.ts';
import type { Party } from './parties.ts';

export interface Pending {
  readonly party: Party;
  readonly relayState: string;
}

export interface Outcome {
  readonly party: Party;
  readonly accepted: boolean;
  readonly checks: readonly Check<'form' | Gate | Judged>[];
  /** The message, where the form held one; not to be trusted for that. */
  readonly xml: string | undefined;
  /** Undefined unless every signature fits. */
  readonly verified: VerifiedResponse | undefined;
  readonly receivedAt: number;
}

export interface Reception {
  readonly party: Party;
  readonly identityProvider: IdentityProviderMetadata;
  readonly people: readonly string[];
  readonly pending: Memory<Pending>;
  readonly used: Memory<true>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const demands: Readonly<Record<'form' | Gate, string>> = {
  form: 'The form holds SAMLResponse once, in base64, and RelayState at most once.',
  xml: 'It is one well-formed Response without DOCTYPE, comments or duplicate IDs, and with at most one Assertion.',
  'response-signature': 'The Response is signed: RSA-SHA256, exclusive C14N, by a certificate of the metadata.',
  'assertion-signature': 'The Assertion is signed the same way.',
};
// As long as a window may be, and the clocks may differ.
const usedFor = 600_000;

interface Form {
  readonly xml: string;
  readonly relayState: string | undefined;
}

/** The posted form, or what is wrong with it. */
function readForm(body: Buffer): Form | string {
  const text = body.toString('latin1');
  if (!/^[\x21-\x7e]*$/.test(text)) return 'not application/x-www-form-urlencoded';
  const form = new URLSearchParams(text);
  const names = [...form.keys()];
  const [response] = form.getAll('SAMLResponse');
  if (response === undefined) return 'no SAMLResponse';
  const unexpected = names.find((name, index) => names.indexOf(name) !== index || !['SAMLResponse', 'RelayState'].includes(name));
  if (unexpected !== undefined) return `${unexpected.slice(0, 80)} is repeated or unexpected`;
  const bytes = decodeBase64(response.replace(/[\t\n\r ]/g, ''));
  if (bytes === undefined || bytes.length === 0) return 'SAMLResponse is not base64';
  if (!isUtf8(bytes)) return 'the message is not UTF-8';
  return { xml: bytes.toString('utf8'), relayState: form.get('RelayState') ?? undefined };
}

const passed = <Name extends 'form' | Gate>(name: Name): Check<Name> => ({
  name,
  demand: demands[name],
  passed: true,
  found: '',
});
const failed = <Name extends 'form' | Gate>(name: Name, found: string): Check<Name> => ({
  name,
  demand: demands[name],
  passed: false,
  found,
});

/** Judges a posted body. Whatever the outcome, a request that a signed Response names waits no longer. */
export function receiveResponse(body: Buffer, reception: Reception): Outcome {
  const { party, identityProvider, people, pending, used, now } = reception;
  const refused = { party, accepted: false, xml: undefined, verified: undefined, receivedAt: now };
  const form = readForm(body);
  if (typeof form === 'string') return { ...refused, checks: [failed('form', form)] };

  let verified;
  try {
    verified = verifyResponse(form.xml, identityProvider.certificates);
  } catch (error) {
    if (!(error instanceof ResponseMistake)) throw error;
    const before = gates.slice(0, gates.indexOf(error.gate)).map(passed);
    return { ...refused, xml: form.xml, checks: [passed('form'), ...before, failed(error.gate, error.message)] };
  }

  const { response, assertion } = verified;
  const waiting = response.inResponseTo === undefined ? undefined : pending.get(response.inResponseTo, now);
  const judged = judgeResponse(verified, {
    party,
    issuer: identityProvider.entityID,
    pending:
      waiting?.party.acsUrl === party.acsUrl && response.inResponseTo !== undefined
        ? { id: response.inResponseTo, relayState: waiting.relayState }
        : undefined,
    relayState: form.relayState,
    people,
    isUsed: (id) => used.get(id, now) === true,
    now,
  });
  if (response.inResponseTo !== undefined) pending.delete(response.inResponseTo);
  if (assertion !== undefined) used.set(assertion.id, true, now + usedFor, now);

  const signatures = gates.filter((gate) => gate !== 'assertion-signature' || assertion !== undefined).map(passed);
  const checks = [passed('form'), ...signatures, ...judged];
  return { ...refused, accepted: checks.every((check) => check.passed), xml: form.xml, verified, checks };
}
