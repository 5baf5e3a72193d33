/** The refusal of an entry that hides who it is: left out, it could be somebody who cannot sign in, unsaid. */
import { Refusal } from '../../refusal.ts';
import type { Entry } from '../connection.ts';
import { identityOf } from '../person-entry.ts';

const cause =
  'an entry does not tell the service account its objectClass, or its objectGUID or entryUUID: no sign-in would find whoever that is, ' +
  'and they must not be left out';

/** @throws Refusal directory-refused */
export function assertIdentified(entry: Entry, server: string): void {
  if (entry.attributes.has('objectclass') && identityOf(entry) !== undefined) return;
  throw new Refusal('directory-refused', { server, stage: 'survey', cause, entry: entry.dn.slice(0, 500) });
}
