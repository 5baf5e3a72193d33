/** A person of whom the directory tells little. */
import type { Person } from '../../src/directory/directory.ts';

export const somebody = (objectGUID: string, more: Partial<Person> = {}): Person => ({
  objectGUID,
  distinguishedName: `CN=${objectGUID},DC=corp,DC=example`,
  sAMAccountName: undefined,
  userPrincipalName: undefined,
  mail: undefined,
  displayName: undefined,
  barred: undefined,
  attributes: {},
  ...more,
});
