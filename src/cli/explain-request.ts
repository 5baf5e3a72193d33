/** A request as it came, in words, and as text. */
import type { Line } from './explain-line.ts';
import { detailOf, numberIn, textIn, textsIn, type Detail } from './explain-kept.ts';
import { all, quote, short, some } from './explain-words.ts';

/** What the journal wrote for a character that would have acted. */
const written = /\\u\{([0-9a-f]{1,6})\}/g;
const mostIndented = 24;

/** Elements that hold nothing but text stay in one line. */
function indent(xml: string): readonly string[] {
  const lines: string[] = [];
  let depth = 0;
  for (const [part] of xml.replace(/>\s+</g, '><').matchAll(/<\/[^>]*>|<[^>]*[/?]>|<[^>]*>(?:[^<]*<\/[^>]*>)?|[^<]+/g)) {
    const closesAtOnce = part.startsWith('</');
    if (closesAtOnce) depth -= 1;
    lines.push(`${'  '.repeat(Math.max(0, Math.min(depth, mostIndented)))}${part.replace(/\s+/g, ' ').trim()}`);
    if (closesAtOnce || part.endsWith('/>') || part.includes('</') || part.startsWith('<?') || !part.startsWith('<')) continue;
    depth += 1;
  }
  return lines;
}

function xmlLines(detail: Detail): readonly string[] {
  const pieces = textsIn(detail, 'xml');
  if (pieces.length === 0) return [];
  const xml = pieces.join('').replace(written, (_, hex: string) => (['a', 'd', '9'].includes(hex) ? ' ' : `\\u{${hex}}`));
  const kept = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const isCut = (numberIn(detail, 'characters') ?? 0) > kept;
  return [...indent(xml), ...(isCut ? [`… ${String(numberIn(detail, 'characters'))} characters in all`] : [])];
}

function asks(detail: Detail, attributes: Detail): readonly string[] {
  const policy = detailOf(detail.nameIDPolicy);
  const context = detailOf(detail.requestedAuthnContext);
  const subject = detailOf(detail.subject);
  const is = (name: string): boolean => /^(true|1)$/.test(textIn(attributes, name) ?? '');
  const acs = textIn(attributes, 'AssertionConsumerServiceURL');
  const index = textIn(attributes, 'AssertionConsumerServiceIndex');
  const contexts = textsIn(context, 'asked').map(short);
  const qualifier = textIn(policy, 'SPNameQualifier');
  return some([
    is('ForceAuthn') && 'that the person prove anew who they are (ForceAuthn)',
    is('IsPassive') && 'that nobody be asked anything (IsPassive)',
    acs !== undefined && `for the answer at ${acs}`,
    index !== undefined && `for the answer at its endpoint number ${index}`,
    textIn(attributes, 'ProtocolBinding') !== undefined && `for the answer by ${short(textIn(attributes, 'ProtocolBinding'))}`,
    textIn(policy, 'Format') !== undefined && `for a name of the format ${short(textIn(policy, 'Format'))}`,
    qualifier !== undefined && `for a name in the space ${qualifier}`,
    contexts.length > 0 && `for ${textIn(context, 'comparison') ?? 'exact'} ${contexts.join(' or ')} (RequestedAuthnContext)`,
    textIn(subject, 'name') !== undefined && `about the person ${quote(textIn(subject, 'name') ?? '')}`,
    textIn(detail, 'sessionIndex') !== undefined && `about the session ${textIn(detail, 'sessionIndex') ?? ''}`,
    detail.conditions === true && 'for conditions of its own',
    textsIn(detail, 'scoping').length > 0 && `that one of these answer: ${textsIn(detail, 'scoping').join(', ')}`,
  ]);
}

export function describeRequest(detail: Detail): Line {
  const begunHere = textIn(detail, 'begunHere');
  if (begunHere === 'own page') return { text: 'The sign-in began here, for the person’s own page.' };
  const relayState = numberIn(detail, 'relayStateLength') ?? 0;
  const cameAlong = relayState > 0 && `A RelayState of ${String(relayState)} characters came along.`;
  if (begunHere !== undefined)
    return { text: `The sign-in began here, without a request of the service provider ${begunHere}.`, more: some([cameAlong]) };
  const binding = textIn(detail, 'binding') ?? 'an unknown binding';
  const undecoded = numberIn(detail, 'undecodedLength');
  if (undecoded !== undefined)
    return { text: `What came by ${binding}, ${String(undecoded)} characters, was not taken for a message that could be read.` };
  const attributes = detailOf(detail.attributes);
  const [id, made, destination] = ['ID', 'IssueInstant', 'Destination'].map((name) => textIn(attributes, name));
  const root = textIn(detail, 'root');
  const issuer = textIn(detail, 'issuer');
  const signedWith = textIn(detail, 'signedWith');
  const wishes = asks(detail, attributes);
  return {
    text: `A message came by ${binding}: ${root ?? 'it cannot be read as XML'}${id === undefined ? '' : ` ${id}`}${
      issuer === undefined ? '' : ` of ${issuer}`
    }${made === undefined ? '' : `, made at ${made}`}${destination === undefined ? '' : `, for ${destination}`}.`,
    more: [
      ...(wishes.length > 0 ? [`It asks ${all(wishes)}.`] : []),
      ...some([
        textIn(detail, 'status') !== undefined && `It says ${short(textIn(detail, 'status'))}.`,
        signedWith !== undefined && `It bears a signature by ${short(signedWith)}.`,
        cameAlong,
      ]),
    ],
    raw: xmlLines(detail),
  };
}
