/** What all messages have in common (saml-core §3.2.1 and §3.2.2), read as their schema has it. */
import { type Reason, Refusal } from '../refusal.ts';
import { nameIDFormats, namespaces } from './names.ts';
import { invalid, is, readInstant, readString, readText, requireElementsOnly } from './read-element.ts';
import { isNcName } from './xml-characters.ts';
import type { XmlElement } from './xml.ts';

export interface MessageFrame {
  /** Milliseconds since the epoch. */
  readonly issueInstant: number;
  readonly destination: string | undefined;
}

const { assertion, ds, protocol } = namespaces;
const longestID = 1024;

/** The first steps of every message's sequence, for `readSequence`. */
export const beginning: readonly (readonly string[])[] = [
  [`${assertion} Issuer`],
  [`${ds} Signature`],
  [`${protocol} Extensions`],
];

/** Requires the root to be that element of the protocol; throws a Refusal of that reason. */
export const requireRoot =
  (localName: string, reason: Reason) =>
  (root: XmlElement): void => {
    if (!is(root, protocol, localName)) throw new Refusal(reason, { root: root.localName.slice(0, 64) });
  };

/**
 * The entity ID in the Issuer (saml-profiles §4.1.4.1: never absent), exactly as written.
 * @throws Refusal request-invalid
 */
export const readIssuer = (root: XmlElement): string => {
  const issuer = root.children[0];
  if (issuer === undefined || !is(issuer, assertion, 'Issuer')) return invalid(root, 'its first element is not the Issuer');
  const format = issuer.attributes.get('Format');
  if (format !== undefined && format !== nameIDFormats.entity) invalid(issuer, 'its Format is not that of an entity');
  // saml-core §8.3.6
  if (['NameQualifier', 'SPNameQualifier', 'SPProvidedID'].some((attribute) => issuer.attributes.has(attribute))) {
    invalid(issuer, 'an entity has no qualifier');
  }
  return readText(issuer);
};

/** The ID, if an answer may repeat it (saml-core §3.2.2). */
export const readAnswerableID = (root: XmlElement): string | undefined => {
  const id = root.attributes.get('ID');
  return id !== undefined && id.length <= longestID && isNcName(id) ? id : undefined;
};

/** @throws Refusal request-invalid */
export const readID = (root: XmlElement): string => readAnswerableID(root) ?? invalid(root, 'its ID is missing or no NCName');

/** @throws Refusal request-version, request-invalid */
export const readFrame = (root: XmlElement): MessageFrame => {
  const version = readString(root, 'Version') ?? invalid(root, 'no Version');
  if (version !== '2.0') throw new Refusal('request-version', { version: version.slice(0, 64) });
  return {
    issueInstant: readInstant(root, 'IssueInstant') ?? invalid(root, 'no IssueInstant'),
    destination: readString(root, 'Destination'),
  };
};

/**
 * The children by their place in the schema, which `steps` lists: of each step the names (namespace, space, local name) that may
 * stand there, at most one element a step but for the last where `many` says so.
 * @throws Refusal request-invalid for what is unknown, repeated or out of order
 */
export const readSequence = (root: XmlElement, steps: readonly (readonly string[])[], many = false): readonly XmlElement[][] => {
  requireElementsOnly(root);
  const found = steps.map((): XmlElement[] => []);
  let at = -1;
  for (const child of root.children) {
    const step = steps.findIndex((names) => names.includes(`${child.namespace} ${child.localName}`));
    const repeated = step === at && many && step === steps.length - 1;
    if (step < 0 || (step <= at && !repeated)) invalid(child, 'unknown, repeated or out of order');
    at = step;
    found[step]?.push(child);
  }
  return found;
};
