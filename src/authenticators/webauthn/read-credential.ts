/** Reads what a browser posts of a key: the JSON of W3C WebAuthn §5.1, strictly and within bounds, and only what is judged. */
import { Refusal } from '../../refusal.ts';
import type { WebauthnEnrolment } from '../enrolments.ts';

/** PublicKeyCredential with an AuthenticatorAssertionResponse; all values in base64url. */
export interface Assertion {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | undefined;
}

/** PublicKeyCredential with an AuthenticatorAttestationResponse. */
export interface Attestation {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  /** Those of AuthenticatorTransport that we know. */
  readonly transports: readonly Transport[];
  /** Whether the key said that it finds its person by itself (§10.1.3, credProps). */
  readonly discoverable: boolean;
}

export type Transport = WebauthnEnrolment['transports'][number];
const transports: readonly Transport[] = ['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal'];

/** UTF-16 code units; all of it is ASCII. */
const longest = 16_384;
/** W3C WebAuthn §4, credential ID: 1,023 bytes; in base64url. */
const longestId = 1_364;
/** §4, user handle: 64 bytes. */
const longestHandle = 86;

type Fields = Readonly<Record<string, unknown>>;

/** Nothing that a key or whoever imitates one sends is told to the person: the event alone says what was wrong, and of which key. */
export const refuseKey = (cause: string, key?: { readonly id: string; readonly label: string }): Refusal =>
  new Refusal('code-wrong', { cause: cause.slice(0, 200), ...(key !== undefined && { key: key.id, label: key.label }) });

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** An own property: a name that every object inherits is no value that was sent. */
const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

function fieldsAt(fields: Fields, name: string): Fields {
  const value = own(fields, name);
  if (!isFields(value)) throw refuseKey(`${name} is no object`);
  return value;
}

/** RFC 4648 §5 without padding; one spelling of each value. */
function bytesAt(fields: Fields, name: string, most = longest): string {
  const value = own(fields, name);
  if (typeof value !== 'string' || value.length > most || !/^[A-Za-z0-9_-]+$/.test(value))
    throw refuseKey(`${name} is no base64url`);
  if (Buffer.from(value, 'base64url').toString('base64url') !== value) throw refuseKey(`${name} is no base64url`);
  return value;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What both have in common. @throws Refusal code-wrong */
function read(text: string): { readonly id: string; readonly credential: Fields; readonly response: Fields } {
  if (text.length > longest) throw refuseKey('longer than 16 kB');
  const credential = parse(text);
  if (!isFields(credential)) throw refuseKey('no JSON object');
  const id = bytesAt(credential, 'id', longestId);
  if (own(credential, 'rawId') !== id) throw refuseKey('rawId is not id');
  if (own(credential, 'type') !== 'public-key') throw refuseKey('type is not public-key');
  const response = fieldsAt(credential, 'response');
  verifyFrame(bytesAt(response, 'clientDataJSON'));
  return { id, credential, response };
}

/** W3C WebAuthn §7.1 and §7.2 on crossOrigin and topOrigin: nobody frames our pages. Everything else of it is verified later. */
function verifyFrame(clientDataJSON: string): void {
  const clientData = parse(Buffer.from(clientDataJSON, 'base64url').toString());
  if (!isFields(clientData)) throw refuseKey('clientDataJSON is no JSON object');
  const crossOrigin = own(clientData, 'crossOrigin');
  if ((crossOrigin !== undefined && crossOrigin !== false) || own(clientData, 'topOrigin') !== undefined)
    throw refuseKey('from within a page of somebody else');
}

/** @throws Refusal code-wrong */
export function readAssertion(text: string): Assertion {
  const { id, response } = read(text);
  const userHandle = own(response, 'userHandle');
  return {
    id,
    clientDataJSON: bytesAt(response, 'clientDataJSON'),
    authenticatorData: bytesAt(response, 'authenticatorData'),
    signature: bytesAt(response, 'signature'),
    // Keys without one say null, or nothing, or give none at all.
    userHandle:
      userHandle === undefined || userHandle === null || userHandle === ''
        ? undefined
        : bytesAt(response, 'userHandle', longestHandle),
  };
}

/** @throws Refusal code-wrong */
export function readAttestation(text: string): Attestation {
  const { id, credential, response } = read(text);
  const listed = own(response, 'transports');
  const extensions = own(credential, 'clientExtensionResults');
  const properties = isFields(extensions) ? own(extensions, 'credProps') : undefined;
  return {
    id,
    clientDataJSON: bytesAt(response, 'clientDataJSON'),
    attestationObject: bytesAt(response, 'attestationObject'),
    transports: transports.filter((transport) => Array.isArray(listed) && listed.includes(transport)),
    discoverable: isFields(properties) && own(properties, 'rk') === true,
  };
}
