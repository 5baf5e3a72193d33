/** The people who sign in: as many as there are users at once, since one account may not try many passwords at a time. */

export interface Account {
  readonly name: string;
  readonly password: string;
}

const password = 'demo-Passw0rd';
const atMost = 32;

const numbered = Array.from({ length: atMost }, (_, index) => `bench${String(index).padStart(2, '0')}`);

/** Entries to add to the LDIF of the demo directory. */
export const peopleAsLdif = numbered
  .map(
    (name) => `
dn: CN=${name},OU=Staff,DC=corp,DC=example,DC=com
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
cn: ${name}
displayName: Bench ${name}
givenName: Bench
sn: ${name}
sAMAccountName: ${name}
userPrincipalName: ${name}@example.com
mail: ${name}@example.com
department: Engineering
userPassword: ${password}
`,
  )
  .join('');

export const demoAccounts: readonly Account[] = numbered.map((name) => ({ name: `${name}@example.com`, password }));

/** Those whom the servers of the test bed number. */
export const bulkAccounts = (domain: string, theirPassword: string): readonly Account[] =>
  numbered.map((_, index) => ({ name: `u${String(index).padStart(5, '0')}@${domain}`, password: theirPassword }));
