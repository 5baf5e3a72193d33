/** Tells of a message as it came, before anything of it is believed: as text, and what stands in it. */
import type { Steps } from '../audit/steps.ts';
import type { StepDetail } from '../audit/trail.ts';
import type { Binding, Message } from './message.ts';
import type { XmlElement } from './xml.ts';

/** UTF-16 code units of the message that are kept, and of each piece, since long texts are cut where they are written down. */
const mostKept = 4_096;
const pieceLength = 500;
const mostChildren = 16;

function pieces(xml: string): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < Math.min(xml.length, mostKept); at += pieceLength) {
    found.push(xml.slice(at, Math.min(at + pieceLength, mostKept)));
  }
  return found;
}

/** The first of its descendants of that name, within the first few levels. */
function find(element: XmlElement, localName: string, depth = 3): XmlElement | undefined {
  for (const child of element.children) {
    const found = child.localName === localName ? child : depth > 1 ? find(child, localName, depth - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const attributesOf = ({ attributes }: XmlElement): Readonly<Record<string, string>> => Object.fromEntries(attributes);

/** As a message of ours may ask it; what is not there is left out. */
function contentOf(root: XmlElement): StepDetail {
  const child = (name: string): XmlElement | undefined => root.children.find(({ localName }) => localName === name);
  const nameIDPolicy = child('NameIDPolicy');
  const context = child('RequestedAuthnContext');
  const subject = child('Subject') ?? (child('NameID') && root);
  const encrypted = subject && find(subject, 'EncryptedID', 1);
  const named = subject && find(subject, 'NameID', 1);
  const scoping = child('Scoping');
  const sessionIndex = child('SessionIndex');
  const status = find(root, 'StatusCode');
  const signature = child('Signature');
  return {
    ...(nameIDPolicy !== undefined && { nameIDPolicy: attributesOf(nameIDPolicy) }),
    ...(context !== undefined && {
      requestedAuthnContext: {
        comparison: context.attributes.get('Comparison') ?? 'exact',
        asked: context.children.slice(0, mostChildren).map(({ text }) => text.trim()),
      },
    }),
    ...(named !== undefined && { subject: { name: named.text, format: named.attributes.get('Format') } }),
    ...(encrypted !== undefined && { subject: { name: 'encrypted' } }),
    ...(child('Conditions') !== undefined && { conditions: true }),
    ...(scoping !== undefined && {
      scoping: (find(scoping, 'IDPList', 1)?.children ?? [])
        .slice(0, mostChildren)
        .map((entry) => entry.attributes.get('ProviderID')),
    }),
    ...(sessionIndex !== undefined && { sessionIndex: sessionIndex.text }),
    ...(status !== undefined && { status: status.attributes.get('Value') }),
    ...(signature !== undefined && {
      signedWith: find(signature, 'SignatureMethod')?.attributes.get('Algorithm') ?? 'no algorithm named',
    }),
  };
}

/** @param root undefined where it cannot be parsed */
export function tellMessage(
  steps: Pick<Steps, 'tell'>,
  { binding }: { readonly binding: Binding | 'SOAP' },
  { xml, relayState, signature }: Message,
  root: XmlElement | undefined,
): void {
  steps.tell('request', {
    binding,
    // An artifact is for whoever it was given to alone.
    ...(root?.localName !== 'ArtifactResolve' && { xml: pieces(xml), characters: xml.length }),
    ...(relayState !== undefined && { relayStateLength: relayState.length }),
    ...(signature !== undefined && { signedWith: signature.algorithm }),
    ...(root !== undefined && {
      root: root.localName,
      attributes: attributesOf(root),
      issuer: root.children.find(({ localName }) => localName === 'Issuer')?.text,
      ...contentOf(root),
    }),
  });
}
