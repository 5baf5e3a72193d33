/** The real Active Directory of the tests: Samba's domain controller on 127.0.0.10, shared by all test files. */
import { type DirectoryServer, readSettings, runScript } from './directory-server.ts';

/** Starts it where it does not run, and leaves it running. */
export async function samba(): Promise<DirectoryServer> {
  await runScript('samba-ad', ['start']);
  const setting = await readSettings('samba-ad');
  return {
    url: setting('AD_URL'),
    startTlsUrl: setting('AD_STARTTLS_URL'),
    caFile: setting('AD_CA'),
    baseDn: setting('AD_BASE_DN'),
    bindDn: `svc-ldap@${setting('AD_REALM').toLowerCase()}`,
    password: setting('AD_PASSWORD'),
    administrator: setting('AD_ADMIN'),
  };
}
