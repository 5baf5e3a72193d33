/** People found by what a certificate says of them, in a real Active Directory (Samba). */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Directory, SecurityIdentities } from '../../src/directory/directory.ts';
import { openDirectory } from '../../src/directory/open-directory.ts';
import { completeDirectory } from '../../src/config/directory-configuration.ts';
import { schema } from '../../src/config/schema.ts';
import { readFileSync } from 'node:fs';
import { modify, runScript, type DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const name = `sid${randomBytes(4).toString('hex')}`;
const tied = `X509:<SKI>${randomBytes(20).toString('hex')}`;
let server: DirectoryServer;
let directory: Directory;
let sid: string;
let dn: string;

before(async () => {
  server = await samba();
  dn = `CN=${name},CN=Users,${server.baseDn}`;
  await modify(
    server,
    `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: ${name}@example.com\naltSecurityIdentities: ${tied}\naltSecurityIdentities: X509:<I>CN=a\\,b*(c)<SR>01\n`,
  );
  sid =
    /objectSid: (S-[\d-]+)/.exec(await runScript('samba-ad', ['tool', 'user', 'show', name, '--attributes=objectSid']))?.[1] ??
    '';
  const config = schema.parse({
    publicUrl: 'http://localhost',
    mapping: { domains: { primary: 'example.com' } },
    directory: {
      urls: [server.url],
      baseDn: server.baseDn,
      bindDn: server.bindDn,
      password: server.password,
      caFile: server.caFile,
    },
  });
  directory = openDirectory(completeDirectory(config.directory), {
    read: (file) => readFileSync(file, 'utf8'),
    released: [],
    clock: { now: Date.now, until: () => Promise.resolve() },
    random: randomBytes,
    note: () => undefined,
    record: () => undefined,
  });
});
after(async () => {
  await directory.close();
  await modify(server, `dn: ${dn}\nchangetype: delete\n`);
});

const nothing: SecurityIdentities = { altSecurityIdentities: [], objectSids: [], userPrincipalNames: [] };
const find = async (wanted: Partial<SecurityIdentities>): Promise<readonly string[]> =>
  (await directory.bySecurityIdentity({ ...nothing, ...wanted })).map(({ person }) => person.sAMAccountName ?? '');

describe('a certificate', () => {
  it('finds its person by each of what it says, in any letters', async () => {
    assert.deepEqual(await find({ altSecurityIdentities: [tied] }), [name]);
    assert.deepEqual(await find({ altSecurityIdentities: [tied.toLowerCase()] }), [name]);
    assert.deepEqual(await find({ altSecurityIdentities: ['x', String.raw`X509:<I>CN=a\,b*(c)<SR>01`] }), [name]);
    assert.deepEqual(await find({ objectSids: [sid] }), [name]);
    assert.deepEqual(await find({ userPrincipalNames: [`${name.toUpperCase()}@Example.com`] }), [name]);
  });

  it('is told what of it was found', async () => {
    const [found] = await directory.bySecurityIdentity({ ...nothing, altSecurityIdentities: [tied, 'x'], objectSids: [sid] });
    assert.deepEqual(found?.altSecurityIdentities, [tied]);
    assert.equal(found.objectSid, sid);
    assert.equal(found.person.distinguishedName, dn);
  });

  it('finds nobody by what is nobody’s, and by what could be more than a value', async () => {
    const cases: readonly Partial<SecurityIdentities>[] = [
      {},
      { altSecurityIdentities: ['*'] },
      { altSecurityIdentities: [`${tied.slice(0, -1)}*`] },
      { altSecurityIdentities: ['x)(objectClass=*'] },
      { objectSids: ['S-1-5-21-1-2-3-4', 'S-1-5-*', 'S-1-5-99999999999', 'rubbish', ''] },
      { userPrincipalNames: [name, `${name}@corp.example.com`, '*@example.com', `${name}@example.com\0`] },
    ];
    for (const wanted of cases) assert.deepEqual(await find(wanted), [], JSON.stringify(wanted));
  });

  it('finds no group and no computer', async () => {
    assert.deepEqual(await find({ objectSids: ['S-1-5-32-544', sid.replace(/\d+$/, '512'), sid.replace(/\d+$/, '1000')] }), []);
  });

  it('has no more than a hundred values', async () => {
    await assert.rejects(find({ altSecurityIdentities: Array.from({ length: 101 }, String) }), RangeError);
  });
});
