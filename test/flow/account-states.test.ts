/**
 * Every state in which an account may be refused, over HTTP: by Samba's Active Directory, by OpenLDAP, and, where neither says such,
 * by the exact words of Windows; each with its reason in the audit and its sentence on the page, and not one word to a stranger.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { refusedFor } from '../contract/directory.ts';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { locales } from '../../src/http/locale.ts';
import { refusals, type Reason } from '../../src/refusal.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople } from '../fixtures/passing-people.ts';
import { onlyIn, refusedAt, told } from '../fixtures/refused-at.ts';
import { responseOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { openWindows, type WindowsDomain } from '../fixtures/windows-controllers.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { openldap } from '../testbed/openldap.ts';
import { samba } from '../testbed/samba.ts';

const password = 'Passw0rd!';
const hour = 3_600_000;
const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

interface Made {
  readonly name: string;
  readonly dn: string;
}
async function make(server: DirectoryServer, more = '', control = 512): Promise<Made> {
  const name = `state-${randomBytes(4).toString('hex')}`;
  const dn = `CN=${name},OU=Guests,${server.baseDn}`;
  await add(server, { name, dn }, more, control);
  return { name, dn };
}
function add(server: DirectoryServer, { name, dn }: Made, more = '', control = 512): Promise<void> {
  const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
  return modify(
    server,
    `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: ${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: ${String(control)}\n${more}`,
  );
}

describe('Samba’s Active Directory', () => {
  let server: DirectoryServer;
  let house: House;
  let people: PassingPeople;
  const made: Made[] = [];
  const makeOne = async (more?: string, control?: number): Promise<Made> => {
    const one = await make(server, more, control);
    made.push(one);
    return one;
  };
  before(async () => {
    server = await samba();
    people = passingPeople(server);
    house = await openHouse({ directory: server });
  });
  after(async () => {
    await people.removeAll();
    for (const { dn } of made) await modify(server, `dn: ${dn}\nchangetype: delete\n`);
    await house.close();
  });

  const rows: readonly (readonly [state: string, data: string, name: () => Promise<string>, reason: Reason])[] = [
    [
      'no hours at all',
      '530',
      async () => (await makeOne(`logonHours:: ${Buffer.alloc(21).toString('base64')}\n`)).name,
      'logon-hours',
    ],
    ['other workstations', '531', async () => (await makeOne('userWorkstations: DESK7\n')).name, 'logon-workstation'],
    ['an expired password', '532', async () => (await people.makeAged(400)).name, 'password-expired'],
    ['a disabled account', '533', async () => (await makeOne('', 514)).name, 'person-disabled'],
    ['an expired account', '701', async () => (await makeOne('accountExpires: 132000000000000000\n')).name, 'person-expired'],
    ['a password given for the first time', '773', async () => (await makeOne('pwdLastSet: 0\n')).name, 'password-must-change'],
  ];
  for (const [state, data, name, reason] of rows) {
    it(`${state}: ${data} is ${reason}, to those who know the password alone`, async () => {
      const person = await name();
      const page = await new Visitor(house.url).signIn(person, password);
      const detail = refusedAt(house, page, reason);
      assert.equal(detail.data, data);
      assert.equal(detail.until, undefined);
      const stranger = await new Visitor(house.url).signIn(person, 'wrong');
      refusedAt(house, stranger, 'password-wrong');
      assert.equal(told(stranger), told(await new Visitor(house.url).signIn(`${person}x`, 'wrong')));
    });
  }

  it('other hours: 530, with the next one that is allowed, in every language', async () => {
    const now = Date.now();
    const next = (Math.floor(now / hour) + 3) * hour;
    const { name } = await makeOne(`logonHours:: ${onlyIn(now, 3).toString('base64')}\n`);
    const relative = { en: 'in 3 hours', de: 'in 3 Stunden', fr: 'dans 3 heures', es: 'dentro de 3 horas', ja: '3 時間後' };
    for (const locale of locales) {
      const visitor = new Visitor(house.url);
      visitor.language = locale;
      const page = await visitor.signIn(name, password);
      const event = house.events.findLast(({ event: kind }) => kind === 'signin.refused');
      assert.equal(event?.reason, 'logon-hours');
      assert.equal(event.detail?.data, '530');
      assert.equal(event.detail.until, new Date(next).toISOString());
      const date = new Intl.DateTimeFormat(locale, { dateStyle: 'full' }).format(next);
      const zone = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(next).at(-1)?.value ?? '';
      for (const part of [date, relative[locale], zone]) assert.ok(page.body.includes(part), `${locale}: ${part}`);
    }
  });

  it('locked out: 775, with when it opens again, to those who signed in from there before', async () => {
    const { name, dn } = await makeOne();
    responseOf(await new Visitor(house.url).signIn(name, password));
    // Elsewhere: here it is stopped before.
    const elsewhere = openOneDomain(optionsFor(server));
    const person = await elsewhere.find(name);
    for (let guess = 0; guess < 6; guess += 1)
      await assert.rejects(elsewhere.authenticate(person, 'wrong'), refusedFor('password-wrong', 'person-locked'));
    await elsewhere.close();
    const locked = Date.now();
    const page = await new Visitor(house.url).signIn(name, password);
    const detail = refusedAt(house, page, 'person-locked');
    assert.equal(detail.data, '775');
    const minutes = (Date.parse(String(detail.until)) - locked) / 60_000;
    assert.ok(minutes > 28 && minutes <= 30, String(detail.until));
    assert.match(page.body, /in (?:29|30) minutes/);
    assert.equal(page.form?.action, '/signin/password');
    // An administrator opens it sooner.
    await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: 0\n`);
    responseOf(await new Visitor(house.url).signIn(name, password));
  });

  it('locked out: 775 tells a stranger nothing, whatever the password', async () => {
    const absent = await new Visitor(house.url).signIn('lockedx', 'wrong');
    for (const typed of [password, 'wrong']) {
      const page = await new Visitor(house.url).signIn('locked', typed);
      const detail = refusedAt(house, page, 'person-locked-unfamiliar');
      assert.equal(detail.data, '775');
      assert.equal(detail.until, '2108-01-09T04:56:40.000Z');
      assert.equal(told(page), told(absent));
    }
  });

  it('a smart card: the attribute stands against a password that the directory takes', async () => {
    const { name, dn } = await makeOne();
    await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: ${String(0x40200)}\n`);
    // Active Directory gives such accounts a password that nobody knows; an administrator may set another.
    const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
    await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: ${quoted}\n`);
    const page = await new Visitor(house.url).signIn(name, password);
    refusedAt(house, page, 'smart-card-required');
    assert.equal(page.status, 403);
    assert.equal(page.form?.action, '/signin/password');
    const stranger = await new Visitor(house.url).signIn(name, 'wrong');
    refusedAt(house, stranger, 'password-wrong');
    assert.equal(told(stranger), told(await new Visitor(house.url).signIn(`${name}x`, 'wrong')));
  });

  it('a member of Protected Users: 52f, whatever the password, and told as nobody is', async () => {
    const { name, dn } = await makeOne();
    await modify(server, `dn: CN=Protected Users,CN=Users,${server.baseDn}\nchangetype: modify\nadd: member\nmember: ${dn}\n`);
    const absent = await new Visitor(house.url).signIn(`${name}x`, 'wrong');
    for (const typed of [password, 'wrong']) {
      const page = await new Visitor(house.url).signIn(name, typed);
      assert.equal(refusedAt(house, page, 'protected-user').data, '52f');
      assert.equal(told(page), told(absent));
    }
  });

  it('deleted and made again: another person, whom no session, name or count of the former one helps or hurts', async () => {
    const other = await openHouse({
      directory: server,
      ldap: { recheck: '1s' },
      config: {
        throttle: { floor: '1ms', attemptsPerAccount: 3, attemptsPerAddress: 1_000 },
        serviceProviders: [
          {
            kind: 'google-profile',
            entityId: 'https://accounts.google.com/samlrp/03test',
            acsUrl: 'https://accounts.google.com/samlrp/03test/acs',
          },
        ],
      },
      metadata: [{ xml: wiki, nameId: { format: 'persistent' } }],
    });
    try {
      const mail = `mail-${randomBytes(4).toString('hex')}@example.com`;
      const person = await makeOne(`mail: ${mail}\n`);
      const nameOf = (page: Page): string | undefined => textOf(responseOf(page).xml, 'NameID');
      const atWiki = () => ({
        issuer: 'https://wiki.example.net/metadata',
        attributes: { AssertionConsumerServiceURL: 'https://wiki.example.net/acs' },
        content: `<samlp:NameIDPolicy Format="${persistent}" AllowCreate="true"/>`,
        issueInstant: other.now(),
      });
      const old = new Visitor(other.url);
      const known = nameOf(await old.signIn(person.name, password, atWiki()));
      assert.match(known ?? '', /^[A-Z2-7]{32}$/);
      // Tried too often by their mail address, the person is shut under any name.
      for (let guess = 0; guess < 3; guess += 1) await new Visitor(other.url).signIn(mail, 'wrong', atWiki());
      refusedAt(other, await new Visitor(other.url).signIn(person.name, password, atWiki()), 'attempts-exhausted');

      await modify(server, `dn: ${person.dn}\nchangetype: delete\n`);
      await add(server, person);
      other.advance(2_000);
      const gone = await old.arrive(atWiki());
      refusedAt(other, gone, 'person-gone');
      assert.equal((await old.arrive(atWiki())).form?.action, '/signin/password');
      const young = new Visitor(other.url);
      const another = nameOf(await young.signIn(person.name, password, atWiki()));
      assert.match(another ?? '', /^[A-Z2-7]{32}$/);
      assert.notEqual(another, known);
    } finally {
      await other.close();
    }
  });
});

const wiki = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://wiki.example.net/metadata">
  <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
  <md:NameIDFormat>${persistent}</md:NameIDFormat>
  <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://wiki.example.net/acs" index="0"/>
  </md:SPSSODescriptor></md:EntityDescriptor>`;

describe('OpenLDAP', () => {
  let house: House;
  before(async () => {
    house = await openHouse({ directory: await openldap(), ldap: { bindDn: (await openldap()).bindDn } });
  });
  after(() => house.close());

  const rows: readonly (readonly [name: string, reason: Reason])[] = [
    ['locked', 'person-locked-unfamiliar'],
    ['pwexpired', 'password-expired'],
    ['mustchange', 'password-must-change'],
  ];
  for (const [name, reason] of rows) {
    it(`${name}: its password policy control says ${reason}`, async () => {
      refusedAt(house, await new Visitor(house.url).signIn(name, password), reason);
    });
  }
});

describe('the words of Windows that Samba never says', () => {
  let domain: WindowsDomain;
  let house: House;
  const hours = onlyIn(Date.now(), 2);
  before(async () => {
    const people = [
      ['unknown-here', '525'],
      ['restricted', '52f'],
      ['protected', '52f'],
      ['many-groups', '568'],
      ['hours', '530'],
      ['workstations', '531'],
      ['old-password', '532'],
      ['disabled', '533'],
      ['over', '701'],
      ['first-time', '773'],
      ['shut', '775'],
      ['strange', '5a3'],
    ] as const;
    domain = await openWindows(
      [people.map(([name, data]) => ({ name, password, data, ...(name === 'hours' && { attributes: { logonHours: hours } }) }))],
      ['protected'],
    );
    house = await openHouse({ ldap: domain.ldap });
  });
  after(async () => {
    await house.close();
    await domain.close();
  });

  const rows: readonly (readonly [name: string, reason: Reason])[] = [
    ['unknown-here', 'password-wrong'],
    ['restricted', 'bind-refused'],
    ['protected', 'protected-user'],
    ['many-groups', 'too-many-groups'],
    ['hours', 'logon-hours'],
    ['workstations', 'logon-workstation'],
    ['old-password', 'password-expired'],
    ['disabled', 'person-disabled'],
    ['over', 'person-expired'],
    ['first-time', 'password-must-change'],
    ['shut', 'person-locked-unfamiliar'],
    ['strange', 'bind-refused'],
  ];
  for (const [name, reason] of rows) {
    it(`${name}: ${reason}`, async () => {
      const page = await new Visitor(house.url).signIn(name, password);
      const detail = refusedAt(house, page, reason);
      assert.match(String(detail.data), /^[0-9a-f]{3}$/);
      if (name === 'hours') assert.ok(Date.parse(String(detail.until)) > Date.now());
      if (refusals[reason].words === 'not-accepted')
        assert.equal(told(page), told(await new Visitor(house.url).signIn('nobody', 'wrong')));
    });
  }
});
