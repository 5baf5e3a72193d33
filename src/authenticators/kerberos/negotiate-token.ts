/** What a browser presents by HTTP Negotiate (RFC 4559): a Kerberos ticket in SPNEGO's wrapping (RFC 4178), or something else. */
import { Refusal } from '../../refusal.ts';
import { application, DerMistake, DerReader, openWhole, tags } from './der.ts';

/** Active Directory's tokens end at 48,000 bytes (MaxTokenSize); in base64 that is 64 KiB. */
const longestToken = 65_536;

/** Object identifiers in DER. */
const oids = {
  spnego: '2b0601050502',
  kerberos: '2a864886f712010202',
  /** The same mechanism by a number that Windows once got wrong. */
  kerberosOfWindows: '2a864882f712010202',
  ntlm: '2b06010401823702020a',
} as const;
const ntlmSignature = Buffer.from('NTLMSSP\0');
/** RFC 4121 §4.1: what begins the message that brings a ticket. */
const apRequestToken = 0x0100;
const mostMechanisms = 20;

const isKerberos = (mechanism: string): boolean => mechanism === oids.kerberos || mechanism === oids.kerberosOfWindows;
const isNtlm = (token: Buffer): boolean => token.subarray(0, ntlmSignature.length).equals(ntlmSignature);

const malformed = (cause: string): Refusal => new Refusal('kerberos-token-malformed', { cause });
const otherMechanism = (cause: string): Refusal => new Refusal('kerberos-ntlm', { cause });

/** The AP-REQ within a token of the Kerberos mechanism (RFC 4121 §4.1). */
function readKerberosToken(token: Buffer): Buffer {
  const within = openWhole(token, application(0));
  if (!isKerberos(within.take(tags.objectIdentifier).toString('hex'))) throw new DerMistake('another mechanism');
  const rest = within.rest();
  if (rest.length < 2 || rest.readUInt16BE() !== apRequestToken) throw new DerMistake('no AP-REQ');
  return rest.subarray(2);
}

/** RFC 4178 §4.2.1: NegTokenInit. Only the mechanism that stands first may bring its token along. */
function readNegotiation(within: DerReader): Buffer {
  const init = openWhole(within.rest(), 0xa0).open(tags.sequence);
  const list = new DerReader(init.field(0, tags.sequence));
  const mechanisms: string[] = [];
  while (!list.isDone) {
    mechanisms.push(list.take(tags.objectIdentifier).toString('hex'));
    if (mechanisms.length > mostMechanisms) throw new DerMistake('too many mechanisms');
  }
  init.optional(1, tags.bitString);
  const token = init.optional(2, tags.octetString);
  // The checksum of the list, which nobody can make before the first round.
  init.skip(3);
  init.end();
  const [first] = mechanisms;
  if (first === undefined) throw new DerMistake('no mechanism');
  if (token !== undefined && isNtlm(token)) throw otherMechanism('NTLM');
  if (!isKerberos(first)) throw otherMechanism(first === oids.ntlm ? 'NTLM' : `mechanism ${first.slice(0, 40)} first`);
  if (token === undefined) throw otherMechanism('no ticket');
  return readKerberosToken(token);
}

/**
 * The AP-REQ that a token in base64 brings.
 * @throws Refusal kerberos-token-malformed; kerberos-ntlm where it is of another mechanism
 */
export function readNegotiateToken(base64: string): Buffer {
  if (base64.length > longestToken) throw malformed('too long');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw malformed('no base64');
  const token = Buffer.from(base64, 'base64');
  if (isNtlm(token)) throw otherMechanism('NTLM');
  try {
    const within = openWhole(token, application(0));
    const mechanism = within.take(tags.objectIdentifier).toString('hex');
    return mechanism === oids.spnego ? readNegotiation(within) : readKerberosToken(token);
  } catch (error) {
    if (error instanceof DerMistake) throw malformed(error.message);
    throw error;
  }
}
