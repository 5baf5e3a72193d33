/** Active Directory refuses members of Protected Users before it judges the password: that must not tell who they are. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { Visitor } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

let server: DirectoryServer;
let house: House;
let dn = '';
const name = `admin-${randomBytes(4).toString('hex')}`;
before(async () => {
  server = await samba();
  house = await openHouse({ directory: server });
  dn = `CN=${name},OU=Guests,${server.baseDn}`;
  const quoted = Buffer.from('"Passw0rd!"', 'utf16le').toString('base64');
  await modify(
    server,
    `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: ${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n`,
  );
  await modify(server, `dn: CN=Protected Users,CN=Users,${server.baseDn}\nchangetype: modify\nadd: member\nmember: ${dn}\n`);
});
after(async () => {
  await modify(server, `dn: ${dn}\nchangetype: delete\n`);
  await house.close();
});

describe('a member of Protected Users', () => {
  it('reads with any password what a stranger reads', async () => {
    const absent = await new Visitor(house.url).signIn(`${name}x`, 'wrong');
    for (const password of ['wrong', 'Passw0rd!']) {
      const page = await new Visitor(house.url).signIn(name, password);
      assert.equal(house.events.at(-1)?.reason, 'protected-user');
      assert.equal(page.status, absent.status);
      const notice = /<div class="notice"[^]*?<code>/;
      assert.equal(notice.exec(page.body)?.[0], notice.exec(absent.body)?.[0]);
    }
  });
});
