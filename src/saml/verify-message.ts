/** What all verified messages have in common: decoded, parsed once, known issuer, signature, destination, age. */
import { hash, type KeyObject } from 'node:crypto';
import { noSteps, type Steps } from '../audit/steps.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import { decodeMessage } from './message.ts';
import type { Binding, Message, MessageParameter } from './message.ts';
import type { Parameters } from './parameters.ts';
import { readIssuer } from './read-message.ts';
import type { ServiceProvider } from './service-provider.ts';
import { tellMessage } from './tell-message.ts';
import { findSignature, verifyEnvelopedSignature } from './verify-enveloped-signature.ts';
import { verifyWithKeys } from './verify-with-keys.ts';
import { parseXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

export interface Carried {
  readonly binding: Binding;
  readonly parameters: Parameters;
  /** Which parameter holds the message; SAMLRequest where left out. */
  readonly holder?: MessageParameter;
}

/** The content of a SOAP body, cut out as a document of its own. */
export interface CarriedBySoap {
  readonly binding: 'SOAP';
  readonly xml: string;
}

export interface VerificationContext<SP extends ServiceProvider> {
  /** Those registered under an entity ID, compared as an exact string; Google's legacy profiles share theirs. */
  readonly serviceProviders: (entityID: string) => readonly SP[] | Promise<readonly SP[]>;
  /** URL of our endpoint that the message came to, as we publish it. */
  readonly destination: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds that a service provider's clock may be off. */
  readonly clockSkew: number;
  /** Milliseconds that a request stays good. */
  readonly maxAge: number;
  /** Which algorithms may sign; those of the standard policy where left out. */
  readonly algorithms?: AlgorithmPolicy;
  /** Told of the message as it came, and of its signature. */
  readonly steps?: Pick<Steps, 'tell'> | undefined;
}

/** A message whose issuer is known and whose signature, where it has one, is the issuer's. */
export interface Proven<SP extends ServiceProvider> {
  /** The only thing that is read from here on: where it is signed, what the signature covers. */
  readonly root: XmlElement;
  readonly signed: boolean;
  /** Those whose key signed it; all where it is not signed. Never empty. */
  readonly candidates: readonly SP[];
  readonly issuer: string;
  readonly relayState: string | undefined;
}

const verifySignature = <SP extends ServiceProvider>(
  binding: (Carried | CarriedBySoap)['binding'],
  { xml, signature: detached }: Message,
  claimed: XmlElement,
  known: readonly SP[],
  policy: AlgorithmPolicy | undefined,
  steps: Pick<Steps, 'tell'>,
): Pick<Proven<SP>, 'root' | 'signed' | 'candidates'> => {
  const keys = known.flatMap(({ signingKeys }) => signingKeys);
  const signedBy = (key: KeyObject): readonly SP[] => {
    steps.tell('signature', { result: 'verified', key: fingerprintOf(key), number: keys.indexOf(key) + 1, keys: keys.length });
    return known.filter(({ signingKeys }) => signingKeys.includes(key));
  };
  const enveloped = findSignature(claimed);
  if (enveloped === undefined && detached === undefined) {
    steps.tell('signature', { result: 'not signed', keys: keys.length });
    return { root: claimed, signed: false, candidates: known };
  }
  if (enveloped === undefined && detached !== undefined) {
    const key = verifyWithKeys(detached.algorithm, detached.octets, detached.value, keys, policy);
    return { root: claimed, signed: true, candidates: signedBy(key) };
  }
  // saml-bindings §3.4.4.1: the message itself carries no signature there.
  if (enveloped === undefined || binding === 'HTTP-Redirect') {
    throw new Refusal('signature-malformed', { why: 'a signature within the message of the HTTP-Redirect binding' });
  }
  const { root, key } = verifyEnvelopedSignature(xml, claimed, enveloped, keys, policy);
  return { root, signed: true, candidates: signedBy(key) };
};

/** As `passerelle metadata check` shows keys. */
const fingerprintOf = (key: KeyObject): string => hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex');

/** What cannot be decoded is told by its binding alone. */
const open = (carried: Carried | CarriedBySoap, steps: Pick<Steps, 'tell'>): Message => {
  if (carried.binding === 'SOAP') return { xml: carried.xml, relayState: undefined, signature: undefined };
  try {
    return decodeMessage(carried.binding, carried.parameters, carried.holder);
  } catch (error) {
    const [holder, relayState] = [carried.holder ?? 'SAMLRequest', 'RelayState'].map((name) => carried.parameters.get(name));
    steps.tell('request', {
      binding: carried.binding,
      undecodedLength: holder?.value.length ?? 0,
      ...(relayState !== undefined && { relayStateLength: relayState.value.length }),
    });
    throw error;
  }
};

const parse = (carried: Carried | CarriedBySoap, message: Message, steps: Pick<Steps, 'tell'>): XmlElement => {
  let claimed: XmlElement | undefined;
  try {
    claimed = parseXml(message.xml);
    return claimed;
  } finally {
    tellMessage(steps, carried, message, claimed);
  }
};

/**
 * Proves whose message it is. `requireRoot` throws where the root element is not the one expected.
 * @throws Refusal those of decoding, parsing and signatures; service-provider-unknown
 */
export const verifyMessage = async <SP extends ServiceProvider>(
  carried: Carried | CarriedBySoap,
  requireRoot: (root: XmlElement) => void,
  { serviceProviders, algorithms, steps = noSteps }: Pick<VerificationContext<SP>, 'serviceProviders' | 'algorithms' | 'steps'>,
): Promise<Proven<SP>> => {
  const message = open(carried, steps);
  const claimed = parse(carried, message, steps);
  requireRoot(claimed);
  const issuer = readIssuer(claimed);
  const known = await serviceProviders(issuer);
  if (known.length === 0) throw new Refusal('service-provider-unknown', { entityID: issuer.slice(0, 256) });
  const proven = verifySignature(carried.binding, message, claimed, known, algorithms, steps);
  // Whose keys were tried must be who speaks in the signed bytes.
  if (readIssuer(proven.root) !== issuer) throw new Refusal('signature-invalid', { why: 'another Issuer is signed' });
  return { ...proven, issuer, relayState: message.relayState };
};

/** saml-bindings §3.4.5.2 and §3.5.5.2: a signed message names its destination. @throws Refusal request-wrong-destination */
export const requireDestination = (found: string | undefined, signed: boolean, destination: string): void => {
  if (found === undefined ? signed : found !== destination) {
    throw new Refusal('request-wrong-destination', { destination: found?.slice(0, 256), expected: destination });
  }
};

/** @throws Refusal request-stale, request-from-future */
export const requireFresh = (
  issueInstant: number,
  { now, clockSkew, maxAge }: Pick<VerificationContext<ServiceProvider>, 'now' | 'clockSkew' | 'maxAge'>,
): void => {
  const age = now - issueInstant;
  if (age > maxAge + clockSkew) throw new Refusal('request-stale', { age });
  if (age < -clockSkew) throw new Refusal('request-from-future', { age });
};
