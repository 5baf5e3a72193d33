/** The directory against a real OpenLDAP. */
import { describe } from 'node:test';
import { type DirectoryUnderTest, directoryContract } from '../contract/directory.ts';
import { openldap } from '../testbed/openldap.ts';
import { openOneDomain, optionsFor } from './options.ts';

async function open(startTls: boolean): Promise<DirectoryUnderTest> {
  const server = await openldap();
  const urls = [startTls ? server.startTlsUrl : server.url];
  const directory = openOneDomain({ ...optionsFor(server), urls, startTls });
  return { directory, dnsDomain: 'ldap.example.com', netbios: 'LDAP', kind: 'openldap', close: () => directory.close() };
}

describe('OpenLDAP by ldaps', () => {
  directoryContract(() => open(false));
});

describe('OpenLDAP by StartTLS', () => {
  directoryContract(() => open(true));
});
