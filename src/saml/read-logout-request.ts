/** Reads a samlp:LogoutRequest (saml-core §3.7.1) as its schema has it; whether it may be believed is decided elsewhere. */
import { Refusal } from '../refusal.ts';
import type { NameID } from './name-id.ts';
import { namespaces } from './names.ts';
import { invalid, is, readInstant, readString, readText } from './read-element.ts';
import { beginning, type MessageFrame, readFrame, readSequence } from './read-message.ts';
import type { XmlElement } from './xml.ts';

export interface LogoutRequestContent extends MessageFrame {
  /** Milliseconds since the epoch. */
  readonly notOnOrAfter: number | undefined;
  readonly nameID: NameID;
  /** Empty: every session of the principal. */
  readonly sessionIndexes: readonly string[];
  /** No LogoutResponse is wanted (async-slo §2.1). */
  readonly asynchronous: boolean;
}

const { assertion, protocol } = namespaces;
const mostSessionIndexes = 256;

const steps = [
  ...beginning,
  ['BaseID', 'NameID', 'EncryptedID'].map((name) => `${assertion} ${name}`),
  [`${protocol} SessionIndex`],
];

const readNameID = (element: XmlElement): NameID => {
  // A name of the service provider's own choice is one that nobody gave it here (saml-core §3.6).
  if (element.attributes.has('SPProvidedID')) throw new Refusal('logout-principal-unknown', { why: 'SPProvidedID' });
  return {
    value: readText(element),
    format: readString(element, 'Format'),
    nameQualifier: readString(element, 'NameQualifier'),
    spNameQualifier: readString(element, 'SPNameQualifier'),
  };
};

const readIdentifier = (element: XmlElement, decrypt: (encrypted: XmlElement) => XmlElement): NameID => {
  if (element.localName === 'NameID') return readNameID(element);
  if (element.localName === 'BaseID') throw new Refusal('logout-identifier-unreadable', { element: element.localName });
  const opened = decrypt(element);
  return is(opened, assertion, 'NameID')
    ? readNameID(opened)
    : invalid(element, `it holds ${opened.localName.slice(0, 64)} and no NameID`);
};

const isAsynchronous = (extensions: XmlElement | undefined): boolean =>
  extensions?.children.some((child) => is(child, namespaces.asynchronousLogout, 'Asynchronous')) ?? false;

/** @throws Refusal request-version, request-invalid, logout-identifier-unreadable, logout-principal-unknown, and those of `decrypt` */
export const readLogoutRequest = (root: XmlElement, decrypt: (encrypted: XmlElement) => XmlElement): LogoutRequestContent => {
  const frame = readFrame(root);
  const [, , [extensions] = [], [identifier] = [], sessionIndexes = []] = readSequence(root, steps, true);
  const notOnOrAfter = readInstant(root, 'NotOnOrAfter');
  if (sessionIndexes.length > mostSessionIndexes) invalid(root, 'too many of SessionIndex');
  return {
    ...frame,
    notOnOrAfter,
    nameID: readIdentifier(identifier ?? invalid(root, 'no identifier'), decrypt),
    sessionIndexes: sessionIndexes.map(readText),
    asynchronous: isAsynchronous(extensions),
  };
};
