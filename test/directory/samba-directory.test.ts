/** The directory against a real Active Directory, Samba's. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type DirectoryUnderTest, directoryContract, refusedFor } from '../contract/directory.ts';
import { type DirectoryServer, modify } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';
import { openOneDomain, optionsFor } from './options.ts';

async function open(startTls: boolean): Promise<DirectoryUnderTest> {
  const server = await samba();
  const urls = [startTls ? server.startTlsUrl : server.url];
  const directory = openOneDomain({ ...optionsFor(server), urls, startTls });
  return {
    directory,
    dnsDomain: 'corp.example.com',
    netbios: 'CORP',
    kind: 'active-directory',
    unlock: (dn) => modify(server, `dn: ${dn}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: 0\n`),
    close: () => directory.close(),
  };
}

describe('Samba’s Active Directory by ldaps', () => {
  directoryContract(() => open(false));
});

describe('Samba’s Active Directory by StartTLS', () => {
  directoryContract(() => open(true));
});

describe('Samba’s Active Directory', () => {
  let server: DirectoryServer;
  before(async () => {
    server = await samba();
  });

  it('finds no computer', async () => {
    const directory = openOneDomain(optionsFor(server));
    await assert.rejects(directory.find('DC1$'), refusedFor('person-unknown'));
    await directory.close();
  });

  it('takes the service account’s UPN, NetBIOS name or DN', async () => {
    const names = ['svc-ldap@corp.example.com', 'CORP\\svc-ldap', `CN=svc-ldap,OU=Services,${server.baseDn}`];
    for (const bindDn of names) {
      const directory = openOneDomain({ ...optionsFor(server), bindDn });
      await directory.check();
      await directory.close();
    }
  });

  it('lets nobody in without TLS, and that is no wrong password', async () => {
    const directory = openOneDomain({ ...optionsFor(server), urls: [server.startTlsUrl], startTls: false });
    await assert.rejects(directory.find('alice'), refusedFor('directory-refused'));
    const protectedOne = openOneDomain(optionsFor(server));
    const alice = await protectedOne.find('alice');
    await assert.rejects(directory.authenticate(alice, 'Passw0rd!'), refusedFor('directory-refused'));
    await assert.rejects(directory.authenticate(undefined, 'Passw0rd!'), refusedFor('directory-refused'));
    await directory.close();
    await protectedOne.close();
  });

  it('refuses the service account with a wrong password', async () => {
    const directory = openOneDomain({ ...optionsFor(server), bindDn: 'nobody@corp.example.com' });
    await assert.rejects(directory.find('alice'), refusedFor('directory-refused'));
    await assert.rejects(directory.check(), refusedFor('directory-refused'));
    await directory.close();
  });
});
