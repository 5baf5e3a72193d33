/** What stands sealed in a ticket and in its authenticator (RFC 4120 §5.3, §5.5.1), once the service's key has opened them. */
import { readName } from './ap-request.ts';
import { application, context, DerReader, integerOf, openWhole, tags, timeOf } from './der.ts';
import { readPac, type Pac } from './pac.ts';
import type { KeytabEntry } from '../../config/keytab.ts';

export interface Ticket {
  readonly sessionKey: { readonly enctype: number; readonly key: Buffer };
  readonly realm: string;
  readonly name: readonly string[];
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /** What the KDC says about the account; undefined where it says nothing. */
  readonly pac: Pac | undefined;
}

export interface Authenticator {
  /** Milliseconds since the epoch, by the clock of the browser's machine. */
  readonly at: number;
  /** The hash of the TLS connection's binding (RFC 4121 §4.1.1.2); undefined where there is none. */
  readonly bindings: Buffer | undefined;
}

const ifRelevant = 1;
const pacType = 128;
/** Checksum type of GSS-API's own fields (RFC 4121 §4.1.1). */
const gssChecksum = 0x8003;
const deepest = 3;

/** The PAC within AuthorizationData (RFC 4120 §5.2.6), which may lie within others. */
function findPac(data: DerReader, depth = 0): Buffer | undefined {
  while (!data.isDone) {
    const entry = data.open(tags.sequence);
    const type = integerOf(entry.field(0, tags.integer));
    const content = entry.field(1, tags.octetString);
    entry.end();
    if (type === pacType) return content;
    const within = type === ifRelevant && depth < deepest ? findPac(openWhole(content, tags.sequence), depth + 1) : undefined;
    if (within !== undefined) return within;
  }
  return undefined;
}

function readKey(sequence: DerReader): Ticket['sessionKey'] {
  const enctype = integerOf(sequence.field(0, tags.integer));
  const key = sequence.field(1, tags.octetString);
  sequence.end();
  return { enctype, key };
}

/** EncTicketPart, which `key` opened. @throws DerMistake */
export function readTicket(plain: Buffer, key: Pick<KeytabEntry, 'enctype' | 'key'>): Ticket {
  // What was encrypted may be padded.
  const part = new DerReader(plain).open(application(3)).open(tags.sequence);
  part.field(0, tags.bitString);
  const sessionKey = readKey(new DerReader(part.field(1, tags.sequence)));
  const realm = part.field(2, tags.generalString).toString();
  const { components: name } = readName(new DerReader(part.field(3, tags.sequence)));
  part.field(4, tags.sequence);
  const authenticatedAt = part.field(5, tags.generalizedTime);
  const from = timeOf(part.optional(6, tags.generalizedTime) ?? authenticatedAt);
  const until = timeOf(part.field(7, tags.generalizedTime));
  part.skip(8);
  part.skip(9);
  const pac = part.next === context(10) ? findPac(new DerReader(part.field(10, tags.sequence))) : undefined;
  return { sessionKey, realm, name, from, until, pac: pac && readPac(pac, key) };
}

/** Authenticator. @throws DerMistake */
export function readAuthenticator(plain: Buffer): Authenticator {
  const part = new DerReader(plain).open(application(2)).open(tags.sequence);
  part.field(0, tags.integer);
  part.field(1, tags.generalString);
  part.field(2, tags.sequence);
  const sum = part.optional(3, tags.sequence);
  part.field(4, tags.integer);
  const at = timeOf(part.field(5, tags.generalizedTime));
  return { at, bindings: sum && readBindings(new DerReader(sum)) };
}

function readBindings(sum: DerReader): Buffer | undefined {
  const type = integerOf(sum.field(0, tags.integer));
  const content = sum.field(1, tags.octetString);
  if (type !== gssChecksum || content.length < 24 || content.readUInt32LE() !== 16) return undefined;
  const bindings = content.subarray(4, 20);
  // All zeros: the browser binds to nothing.
  return bindings.some((byte) => byte !== 0) ? bindings : undefined;
}
