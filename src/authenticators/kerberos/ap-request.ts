/** What an AP-REQ (RFC 4120 §5.5.1) says in the clear: for whom its ticket is, and how both halves are encrypted. */
import { isStrong } from '../../config/keytab.ts';
import { Refusal } from '../../refusal.ts';
import { application, context, DerMistake, DerReader, integerOf, openWhole, tags } from './der.ts';

export interface Encrypted {
  readonly enctype: number;
  readonly kvno: number | undefined;
  readonly cipher: Buffer;
}

export interface ApRequest {
  /** `HTTP/sso.example.com@CORP.EXAMPLE.COM`, which nobody has vouched for. */
  readonly service: string;
  readonly ticket: Encrypted;
  readonly authenticator: Encrypted;
}

const mostComponents = 16;

/** RFC 4120 §5.2.2: type of the name, and its components. */
export function readName(sequence: DerReader): { readonly type: number; readonly components: readonly string[] } {
  const type = integerOf(sequence.field(0, tags.integer));
  const list = new DerReader(sequence.field(1, tags.sequence));
  sequence.end();
  const components: string[] = [];
  while (!list.isDone) {
    components.push(list.take(tags.generalString).toString());
    if (components.length > mostComponents) throw new DerMistake('a name of too many parts');
  }
  return { type, components };
}

function readEncrypted(outer: DerReader, number: number): Encrypted {
  const within = new DerReader(outer.field(number, tags.sequence));
  const enctype = integerOf(within.field(0, tags.integer));
  const kvno = within.optional(1, tags.integer);
  const cipher = within.field(2, tags.octetString);
  within.end();
  return { enctype, kvno: kvno && integerOf(kvno), cipher };
}

function read(bytes: Buffer): ApRequest {
  const request = openWhole(bytes, application(14)).open(tags.sequence);
  if (integerOf(request.field(0, tags.integer)) !== 5 || integerOf(request.field(1, tags.integer)) !== 14) {
    throw new DerMistake('no AP-REQ of Kerberos 5');
  }
  request.field(2, tags.bitString);
  const ticket = request.open(context(3)).open(application(1)).open(tags.sequence);
  if (integerOf(ticket.field(0, tags.integer)) !== 5) throw new DerMistake('no ticket of Kerberos 5');
  const realm = ticket.field(1, tags.generalString).toString();
  const { components } = readName(new DerReader(ticket.field(2, tags.sequence)));
  const sealed = readEncrypted(ticket, 3);
  ticket.end();
  const authenticator = readEncrypted(request, 4);
  request.end();
  return { service: `${components.join('/')}@${realm}`, ticket: sealed, authenticator };
}

/** @throws Refusal kerberos-token-malformed; kerberos-encryption-weak where either half is not encrypted by AES */
export function readApRequest(bytes: Buffer): ApRequest {
  let request: ApRequest;
  try {
    request = read(bytes);
  } catch (error) {
    if (error instanceof DerMistake) throw new Refusal('kerberos-token-malformed', { cause: error.message });
    throw error;
  }
  for (const { enctype } of [request.ticket, request.authenticator]) {
    if (!isStrong(enctype)) throw new Refusal('kerberos-encryption-weak', { enctype, service: request.service.slice(0, 256) });
  }
  return request;
}
