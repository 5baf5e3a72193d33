/** Reads a samlp:LogoutResponse (saml-core §3.7.2) as its schema has it; whether it may be believed is decided elsewhere. */
import { namespaces, statusPrefix, statusSuccess } from './names.ts';
import { invalid, is, readString } from './read-element.ts';
import { beginning, type MessageFrame, readFrame, readSequence } from './read-message.ts';
import type { XmlElement } from './xml.ts';

export interface LogoutResponseContent extends MessageFrame {
  readonly inResponseTo: string | undefined;
  /** Status codes without the prefix of the standard, outermost first. */
  readonly status: readonly string[];
  /** Success, and nothing that takes it back. */
  readonly succeeded: boolean;
}

const { protocol } = namespaces;
const mostStatusCodes = 8;

const steps = [...beginning, [`${protocol} Status`]];

const readStatus = (status: XmlElement): readonly string[] => {
  const codes: string[] = [];
  let holder = status;
  for (;;) {
    const [code] = holder.children;
    if (code === undefined || !is(code, protocol, 'StatusCode')) break;
    if (codes.length >= mostStatusCodes) invalid(code, 'too many within each other');
    codes.push(readString(code, 'Value') ?? invalid(code, 'no Value'));
    holder = code;
  }
  return codes.length === 0 ? invalid(status, 'no StatusCode') : codes;
};

/** @throws Refusal request-version, request-invalid */
export const readLogoutResponse = (root: XmlElement): LogoutResponseContent => {
  const frame = readFrame(root);
  const [, , , [status] = []] = readSequence(root, steps);
  const codes = readStatus(status ?? invalid(root, 'no Status'));
  const partial = codes.includes(`${statusPrefix}PartialLogout`);
  return {
    ...frame,
    inResponseTo: readString(root, 'InResponseTo'),
    status: codes.map((code) => (code.startsWith(statusPrefix) ? code.slice(statusPrefix.length) : code).slice(0, 256)),
    succeeded: codes[0] === statusSuccess && !partial,
  };
};
