/** How a directory server is asked to change a password: as Active Directory wants it, or by the extended operation of RFC 3062. */
import { Ber, BerWriter, ExtendedRequest, PasswordPolicyControl, PresenceFilter } from 'ldapts';
import { Refusal } from '../refusal.ts';
import type { Connection } from './connection.ts';
import type { Domain } from './domain.ts';
import { accept, refusalOf } from './ldap-refusal.ts';
import { type PasswordChange, breachIn } from './password-breach.ts';
import { modifyRefusal, passwordModifyRefusal } from './password-refusal.ts';
import { ReadOnly } from './unanswered.ts';
import { verifyWell } from './verify-well.ts';

const EXTENDED_RESPONSE = 0x78;
const REFERRAL = 10;
/** LDAP_CAP_ACTIVE_DIRECTORY_OID (MS-ADTS §3.1.1.3.4.3.1). */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';
/** The extended operation of RFC 3062. */
const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';

/** Asks a directory server to make the change. @throws Refusal, Unanswered */
export type AskForChange = (connection: Connection, change: PasswordChange, now: number) => Promise<void>;

/** MS-ADTS §3.1.1.3.1.5: in quotation marks, as UTF-16. */
const unicodePwd = (password: string): readonly Buffer[] => [Buffer.from(`"${password}"`, 'utf16le')];

/** Delete and add in one is what tells a change, for which the old password must be right, from a reset by an administrator. */
const askActiveDirectory: AskForChange = async (connection, change, now) => {
  const { person, current, next } = change;
  const result = await connection.modify(person.distinguishedName, [
    { operation: 'delete', attribute: 'unicodePwd', values: unicodePwd(current) },
    { operation: 'add', attribute: 'unicodePwd', values: unicodePwd(next) },
  ]);
  verifyWell(connection, result);
  const reason = modifyRefusal(result);
  if (reason === undefined) return;
  // It does not say which part of the policy was breached: what cannot be seen from here is the history.
  const seen = reason === 'policy' ? breachIn(change, now) : undefined;
  if (seen !== undefined) throw seen;
  const { history = 0, unsure = false } = change.policy ?? {};
  const unseen = history > 0 && !unsure ? 'new-password-used' : 'password-refused';
  throw refusalOf(reason === 'policy' ? unseen : reason, connection.server, 'change of the password', result);
};

/** RFC 3062 §2. */
function passwordModifyValue({ person, current, next }: PasswordChange): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeString(person.distinguishedName, Ber.Context);
  writer.writeString(current, Ber.Context | 1);
  writer.writeString(next, Ber.Context | 2);
  writer.endSequence();
  return writer.buffer;
}

const askByExtension: AskForChange = async (connection, change) => {
  const value = passwordModifyValue(change);
  const controls = [new PasswordPolicyControl()];
  const result = await connection.perform(
    (messageId) => new ExtendedRequest({ messageId, oid: PASSWORD_MODIFY, value, controls }).write(),
    EXTENDED_RESPONSE,
  );
  verifyWell(connection, result);
  if (result.code === REFERRAL) throw new ReadOnly(connection.server, 'takes no writes');
  const reason = passwordModifyRefusal(result);
  if (reason !== undefined) throw refusalOf(reason, connection.server, 'change of the password', result);
};

/** How servers of that kind change a password. @throws Refusal password-change-unsupported, directory-unavailable, directory-refused */
export async function askForChange({ controllers }: Domain): Promise<AskForChange> {
  return controllers.asService(async (connection) => {
    const result = await connection.search({
      base: '',
      scope: 'base',
      filter: new PresenceFilter({ attribute: 'objectClass' }),
      attributes: ['supportedCapabilities', 'supportedExtension'],
      limit: 0,
    });
    accept(connection.server, result);
    const says = (attribute: string, value: string): boolean =>
      result.entries.some(({ attributes }) => attributes.get(attribute)?.some((each) => each.toString() === value) === true);
    if (says('supportedcapabilities', ACTIVE_DIRECTORY)) return askActiveDirectory;
    if (says('supportedextension', PASSWORD_MODIFY)) return askByExtension;
    throw new Refusal('password-change-unsupported', { server: connection.server });
  });
}
