/** Passwords changed in OpenLDAP, by the person's own right (RFC 3062), with what its password policy says against them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { openldap } from '../testbed/openldap.ts';

const password = 'Passw0rd!';
const next = 'Quiet-Harbour-71';

let server: DirectoryServer;
let house: House;
const made: string[] = [];
before(async () => {
  server = await openldap();
  house = await openHouse({ directory: server });
});
after(async () => {
  for (const dn of made) await modify(server, `dn: ${dn}\nchangetype: delete\n`);
  await house.close();
});

async function entry(kind: string, lines: string): Promise<{ name: string; dn: string }> {
  const name = `p-${randomBytes(5).toString('hex')}`;
  const dn = `cn=${name},${server.baseDn}`;
  await modify(server, `dn: ${dn}\nchangetype: add\nobjectClass: ${kind}\ncn: ${name}\n${lines.replaceAll('NAME', name)}`);
  made.unshift(dn);
  return { name, dn };
}

/** Somebody under a policy of their own. */
async function person(policy = '', state = ''): Promise<string> {
  const rules = await entry('device', `objectClass: pwdPolicy\npwdAttribute: userPassword\npwdMustChange: TRUE\n${policy}`);
  const { name, dn } = await entry(
    'user',
    `sn: Person\nuid: NAME\nsAMAccountName: NAME\nuserPrincipalName: NAME@example.com\nuserPassword: ${password}\npwdPolicySubentry: ${rules.dn}\n`,
  );
  // The control to relax the rules lets the directory's own attributes be written.
  if (state !== '') await modify(server, `dn: ${dn}\ncontrol: 1.3.6.1.4.1.4203.666.5.12 true\nchangetype: modify\n${state}`);
  return name;
}

async function change(name: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
  const visitor = new Visitor(house.url);
  const { form } = await visitor.visit('/password');
  const typed = { name, password, next, repeat: fields.next ?? next, ...fields };
  return visitor.post(form?.action ?? '', { ...form?.fields, ...typed });
}

describe('OpenLDAP', () => {
  it('changes a password for the person alone', async () => {
    const name = await person();
    const page = await change(name);
    assert.equal(page.status, 200, JSON.stringify(house.events.at(-1)));
    responseOf(await new Visitor(house.url).signIn(name, next));
    assert.equal((await new Visitor(house.url).signIn(name, password)).status, 401);
  });

  it('lets whoever must change it do so within the sign-in', async () => {
    const name = await person('', 'replace: pwdReset\npwdReset: TRUE\n');
    const visitor = new Visitor(house.url);
    const page = await visitor.signIn(name, password);
    assert.equal(page.status, 403);
    assert.equal(house.events.at(-1)?.reason, 'password-must-change');
    assert.ok(page.form !== undefined);
    const answer = await visitor.post(page.form.action, { ...page.form.fields, name, password, next, repeat: next });
    assert.deepEqual(statusOf(responseOf(answer).xml), ['Success']);
    responseOf(await new Visitor(house.url).signIn(name, next));
  });

  const rows: readonly (readonly [reason: string, policy: string, fields?: Readonly<Record<string, string>>])[] = [
    ['password-wrong', '', { password: 'not it' }],
    ['new-password-short', 'pwdMinLength: 20\npwdCheckQuality: 2\n'],
    ['password-too-young', 'pwdMinAge: 86400\n'],
    ['password-change-forbidden', 'pwdAllowUserChange: FALSE\n'],
  ];
  for (const [reason, policy, fields] of rows) {
    it(`says no: ${reason}`, async () => {
      const name = await person(policy);
      const page = await change(name, fields);
      assert.equal(house.events.at(-1)?.reason, reason, JSON.stringify(house.events.at(-1)));
      assert.ok(page.status >= 400);
      responseOf(await new Visitor(house.url).signIn(name, password));
    });
  }

  it('says what was used before', async () => {
    const name = await person('pwdInHistory: 5\n');
    assert.equal((await change(name)).status, 200);
    assert.equal((await change(name, { password: next, next: password })).status, 422);
    assert.equal(house.events.at(-1)?.reason, 'new-password-used');
  });

  it('has no way for one that has expired, which nobody but an administrator may then set', async () => {
    const name = await person('pwdMaxAge: 1\n', 'replace: pwdChangedTime\npwdChangedTime: 20200101000000Z\n');
    const visitor = new Visitor(house.url);
    const page = await visitor.signIn(name, password);
    assert.equal(house.events.at(-1)?.reason, 'password-expired');
    assert.ok(page.form !== undefined);
    const answer = await visitor.post(page.form.action, { ...page.form.fields, name, password, next, repeat: next });
    assert.equal(house.events.at(-1)?.reason, 'password-change-unsupported');
    assert.deepEqual(statusOf(responseOf(answer).xml), ['Responder', 'AuthnFailed']);
  });
});
