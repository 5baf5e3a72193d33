/** The same configuration in front of each directory: the embedded one, Active Directory, OpenLDAP; and directories in trouble. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, textOf, Visitor } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { openldap, privateOpenldap, type PrivateServer } from '../testbed/openldap.ts';
import { samba } from '../testbed/samba.ts';

const password = 'Passw0rd!';
const minute = 60_000;

for (const [title, start] of [
  ['the embedded directory', () => Promise.resolve(undefined)],
  ['Samba’s Active Directory', samba],
  ['OpenLDAP', openldap],
] as const) {
  describe(title, () => {
    let house: House;
    let domain: string;
    before(async () => {
      const directory = await start();
      house = await openHouse(directory === undefined ? {} : { directory });
      domain = directory?.baseDn.startsWith('dc=ldap') === true ? 'ldap' : 'corp';
    });
    after(() => house.close());

    for (const [name, address] of [
      ['alice', 'alice.liddell@example.com'],
      ['bob', 'bob@example.com'],
      ['carol@example.org', 'carol@example.org'],
      ["pat.o'brien@example.com", 'pat.obrien@example.com'],
      ['zoe', 'zoe@example.com'],
    ] as const) {
      it(`signs in ${name} as ${address}`, async () => {
        const { xml } = responseOf(await new Visitor(house.url).signIn(name, password));
        assert.equal(textOf(xml, 'NameID'), address);
      });
    }

    it('knows DOMAIN\\user', async () => {
      const { xml } = responseOf(await new Visitor(house.url).signIn(`${domain.toUpperCase()}\\bob`, password));
      assert.equal(textOf(xml, 'NameID'), 'bob@example.com');
    });

    it('refuses a wrong password, an empty one and an unknown name in the same words', async () => {
      const pages = await Promise.all(
        [
          ['bob', 'wrong'],
          ['bob', ''],
          ['nobody', password],
          ['bob\u0000', password],
          ['*', password],
        ].map(([name = '', typed = '']) => new Visitor(house.url).signIn(name, typed)),
      );
      const told = pages.map(({ body, status }) => `${String(status)} ${/<div class="notice"[^]*?<code>/.exec(body)?.[0] ?? ''}`);
      assert.equal(new Set(told).size, 1);
      assert.match(told[0] ?? '', /^401 <div/);
      // The right one afterwards, so that the directory’s own count begins anew.
      responseOf(await new Visitor(house.url).signIn('bob', password));
    });
  });
}

describe('a live session', () => {
  let server: DirectoryServer;
  let house: House;
  before(async () => {
    server = await samba();
    house = await openHouse({ directory: server });
  });
  after(() => house.close());

  async function withPerson(use: (name: string, dn: string) => Promise<void>): Promise<void> {
    const name = `live-${String(process.pid)}-${String(Math.trunc(performance.now() * 1000))}`;
    const dn = `CN=${name},OU=Guests,${server.baseDn}`;
    const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
    await modify(
      server,
      `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: l${name.slice(-15)}\nuserPrincipalName: ${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n`,
    );
    await use(`${name}@example.com`, dn);
    await modify(server, `dn: ${dn}\nchangetype: delete\n`);
  }

  it('notices within a minute that the person has been disabled, and ends', () =>
    withPerson(async (name, dn) => {
      const visitor = new Visitor(house.url);
      responseOf(await visitor.signIn(name, password));
      await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n`);
      house.advance(minute);
      const refused = await visitor.arrive({ issueInstant: house.now() });
      assert.deepEqual(statusOf(responseOf(refused).xml), ['Responder', 'AuthnFailed']);
      assert.equal(house.events.at(-1)?.reason, 'person-disabled');
      const again = await visitor.arrive({ issueInstant: house.now() });
      assert.equal(again.form?.action, '/signin/password');
    }));

  it('follows a person whose name changes to the new address', () =>
    withPerson(async (name, dn) => {
      const visitor = new Visitor(house.url);
      assert.equal(textOf(responseOf(await visitor.signIn(name, password)).xml, 'NameID'), name);
      await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: userPrincipalName\nuserPrincipalName: new-${name}\n`);
      house.advance(minute);
      assert.equal(textOf(responseOf(await visitor.arrive({ issueInstant: house.now() })).xml, 'NameID'), `new-${name}`);
    }));

  it('ends after its idle life, and after its absolute life however busy', async () => {
    const idle = new Visitor(house.url);
    responseOf(await idle.signIn('bob', password, { issueInstant: house.now() }));
    house.advance(59 * minute);
    responseOf(await idle.arrive({ issueInstant: house.now() }));
    house.advance(61 * minute);
    assert.equal((await idle.arrive({ issueInstant: house.now() })).form?.action, '/signin/password');

    const busy = new Visitor(house.url);
    const first = responseOf(await busy.signIn('bob', password, { issueInstant: house.now() })).xml;
    const ends = Date.parse(/SessionNotOnOrAfter="([^"]+)"/.exec(first)?.[1] ?? '');
    for (let answered = 0; ; answered += 1) {
      house.advance(30 * minute);
      const page = await busy.arrive({ issueInstant: house.now() });
      if (page.form?.action === '/signin/password') {
        assert.ok(house.now() >= ends && answered >= 22, `ended after ${String(answered)} half hours`);
        break;
      }
      assert.ok(house.now() < ends, 'outlived its absolute life');
    }
  });
});

describe('a directory in trouble', () => {
  let server: PrivateServer;
  let house: House;
  before(async () => {
    server = await privateOpenldap(7);
    house = await openHouse({ directory: server, ldap: { connectTimeout: '500ms', operationTimeout: '500ms' } });
  });
  after(async () => {
    await house.close();
    await server.destroy();
  });

  it('that stops and starts again costs one refusal of its own, never a wrong password', async () => {
    responseOf(await new Visitor(house.url).signIn('bob', password));
    await server.stop();
    const visitor = new Visitor(house.url);
    const page = await visitor.signIn('bob', password);
    assert.equal(page.status, 503);
    assert.equal(house.events.at(-1)?.reason, 'directory-unavailable');
    assert.equal((await visitor.request('/readyz')).status, 503);
    assert.equal((await visitor.request('/healthz')).status, 200);
    await server.start();
    // What was found about readiness holds for a second.
    house.advance(1_000);
    assert.equal((await visitor.request('/readyz')).status, 200);
    // On the very page that told of the trouble.
    assert.equal(textOf(responseOf(await visitor.fill(page, 'bob', password)).xml, 'NameID'), 'bob@example.com');
  });

  it('that freezes is refused in time, and a live session goes on meanwhile', async () => {
    const visitor = new Visitor(house.url);
    responseOf(await visitor.signIn('bob', password));
    server.freeze();
    try {
      const started = Date.now();
      assert.equal((await new Visitor(house.url).signIn('bob', password)).status, 503);
      assert.ok(Date.now() - started < 4_000);
      responseOf(await visitor.arrive());
      // Once what was read is no longer believed, it takes a retry, and the session is still there for it.
      house.advance(minute);
      const page = await visitor.arrive({ issueInstant: house.now() });
      assert.equal(page.status, 503);
      server.thaw();
      const link = /href="(\/signin\?id=[^"]+)"/.exec(page.body)?.[1];
      assert.ok(link !== undefined);
      assert.deepEqual(statusOf(responseOf(await visitor.visit(link)).xml), ['Success']);
    } finally {
      server.thaw();
    }
  });
});
