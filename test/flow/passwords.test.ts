/** Passwords that expire, must be changed or are to be changed, against a real Active Directory (Samba): in a sign-in and at /password. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refusals, type Reason } from '../../src/refusal.ts';
import { openCutConnection, type CutConnection } from '../fixtures/cut-connection.ts';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople, type PassingPerson } from '../fixtures/passing-people.ts';
import { basic, envelope, paos, soapPost } from '../fixtures/soap-client.ts';
import { responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';
import en from '../../views/locales/en.json' with { type: 'json' };

const password = 'Passw0rd!';
const next = 'Quiet-Harbour-71';
const shown = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
const wordsOf = (key: string): Readonly<Record<string, string>> =>
  (en as unknown as Record<string, Readonly<Record<string, string>>>)[key] ?? {};

let server: DirectoryServer;
let people: PassingPeople;
/** Its service account sees fine-grained policies, which a plain one does not. */
let house: House;
/** Its service account is plain. */
let plain: House;

before(async () => {
  server = await samba();
  people = passingPeople(server);
  plain = await openHouse({ directory: server });
  house = await openHouse({ directory: server, ldap: { bindDn: server.administrator } });
});
after(async () => {
  await people.removeAll();
  await house.close();
  await plain.close();
});

const tells = (page: Page, key: string, word = 'what'): boolean => page.body.includes(shown(wordsOf(key)[word] ?? '\0'));
const last = (at: House) => at.events.at(-1);

/** Fills in the page that changes the password. */
function choose(visitor: Visitor, page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
  assert.ok(page.form?.fields.next !== undefined, `no page to change the password: ${page.body.slice(0, 2_000)}`);
  return visitor.post(page.form.action, { ...page.form.fields, password, next, repeat: fields.next ?? next, ...fields });
}

function assertSignedIn(page: Page, { name }: PassingPerson): void {
  const { xml } = responseOf(page);
  assert.deepEqual(statusOf(xml), ['Success']);
  assert.equal(textOf(xml, 'NameID'), `${name}@example.com`);
}

async function assertPassword(at: House, { name }: PassingPerson, right: string, wrong: string): Promise<void> {
  responseOf(await new Visitor(at.url).signIn(name, right));
  assert.equal((await new Visitor(at.url).signIn(name, wrong)).status, 401);
  responseOf(await new Visitor(at.url).signIn(name, right));
}

describe('a password that cannot be used any longer', () => {
  const rows = [
    ['has expired', 'password-expired', () => people.makeAged(400)],
    ['must be changed', 'password-must-change', () => people.makeMustChange()],
  ] as const;
  for (const [what, reason, make] of rows) {
    it(`and ${what} is changed within the sign-in, by the right of a plain service account`, async () => {
      const person = await make();
      const visitor = new Visitor(plain.url);
      const asked = await visitor.arrive({}, 'the way on');
      const page = await visitor.fill(asked, person.name, password);
      assert.equal(page.status, 403);
      assert.equal(last(plain)?.reason, reason);
      assert.equal(page.form?.action, '/signin/new-password');
      assert.equal(page.form.fields.signin, asked.form?.fields.signin);
      assert.equal(page.form.fields.name, person.name);
      assert.equal(page.form.fields.password, '', 'nothing typed comes back');
      assert.ok(tells(page, reason) && tells(page, 'change-password', 'then'));
      assert.ok(page.body.includes('8 characters or more'), 'the policy is shown');

      const answer = await choose(visitor, page, {});
      assertSignedIn(answer, person);
      assert.equal(responseOf(answer).relayState, 'the way on');
      const changed = plain.events.findLast(({ event }) => event === 'password.changed');
      assert.equal(changed?.name, person.name);
      assert.match(changed.person ?? '', /^[0-9a-f-]{36}$/);
      await assertPassword(plain, person, next, password);
    });
  }

  it('is told as before where passwords are not changed here', async () => {
    const person = await people.makeMustChange();
    const at = await openHouse({
      directory: server,
      config: { password: { change: false }, branding: { changePasswordUrl: 'https://pw.example.com/' } },
    });
    try {
      const page = await new Visitor(at.url).signIn(person.name, password);
      assert.equal(page.status, 403);
      assert.ok(tells(page, 'password-must-change', 'next'));
      assert.deepEqual(statusOf(responseOf(page).xml), ['Responder', 'AuthnFailed']);
      assert.match(page.body, /href="https:\/\/pw\.example\.com\/"/);
      for (const method of ['GET', 'POST'])
        assert.equal((await new Visitor(at.url).request('/signin/new-password', { method })).status, 404, method);
    } finally {
      await at.close();
    }
  });

  it('is told as before where no password could be changed without being read on the way', async () => {
    const at = await openHouse();
    try {
      assert.deepEqual(statusOf(responseOf(await new Visitor(at.url).signIn('mustchange', password)).xml), [
        'Responder',
        'AuthnFailed',
      ]);
      assert.equal((await new Visitor(at.url).visit('/password')).form, undefined);
    } finally {
      await at.close();
    }
  });

  it('leads nobody to the page who typed another one', async () => {
    const person = await people.makeMustChange();
    const page = await new Visitor(plain.url).signIn(person.name, 'not it');
    assert.equal(page.status, 401);
    assert.equal(page.form?.action, '/signin/password');
  });
});

describe('a new password that is refused', () => {
  interface Case {
    readonly reason: Reason;
    readonly fields: Readonly<Record<string, string>>;
    readonly make?: () => Promise<PassingPerson>;
    /** On the page, beside the words. */
    readonly says?: RegExp;
  }
  async function governed(settings: Parameters<PassingPeople['govern']>[1]): Promise<PassingPerson> {
    const person = await people.make();
    await people.govern(person, settings);
    return person;
  }
  const rows: readonly Case[] = [
    { reason: 'password-wrong', fields: { password: 'not it' }, says: /Your password was not changed/ },
    { reason: 'password-unusable', fields: { password: '' } },
    { reason: 'password-unusable', fields: { password: 'p'.repeat(1_025) } },
    { reason: 'password-unusable', fields: { password: `${password}\0` } },
    { reason: 'new-password-mismatch', fields: { repeat: `${next} ` } },
    { reason: 'new-password-same', fields: { next: password, repeat: password } },
    { reason: 'new-password-unusable', fields: { next: '', repeat: '' } },
    { reason: 'new-password-unusable', fields: { next: `Aa1!${'x'.repeat(253)}` } },
    { reason: 'new-password-unusable', fields: { next: 'Passw0rd\0Passw0rd' } },
    { reason: 'new-password-short', fields: { next: 'Ab1!x' }, says: /class="broken">It has 8 characters or more/ },
    { reason: 'new-password-simple', fields: { next: 'abcdefghij1' }, says: /class="broken">It has three of these/ },
    {
      reason: 'new-password-name',
      fields: { next: 'Wanda-2026-x' },
      make: () => people.make('displayName: Wanda Warth\n'),
      says: /class="broken">It contains neither/,
    },
    {
      reason: 'new-password-short',
      fields: { next: 'Ab1!ab1!ab1!x' },
      make: () => governed({ minLength: 14 }),
      says: /class="broken">It has 14 characters or more/,
    },
    {
      reason: 'password-too-young',
      fields: {},
      make: () => governed({ minAge: 3 }),
      says: /You can change it in 3 days\.[^]*It stays for 3 days at least/,
    },
    {
      reason: 'password-change-forbidden',
      fields: {},
      async make() {
        const person = await people.make();
        await people.forbid(person);
        return person;
      },
    },
  ];
  for (const { reason, fields, make = () => people.make(), says } of rows) {
    it(`says so: ${reason}, ${JSON.stringify(fields).slice(0, 60)}`, async () => {
      const person = await make();
      const visitor = new Visitor(house.url);
      const page = await choose(visitor, await visitor.visit('/password'), { name: person.name, ...fields });
      const event = last(house);
      assert.equal(event?.reason, reason, JSON.stringify(event));
      assert.equal(event.event, 'password.refused');
      assert.equal(event.name, person.name);
      assert.equal(page.status, refusals[reason].http);
      assert.equal(page.reference, event.reference);
      assert.ok(tells(page, refusals[reason].words), page.body);
      if (says !== undefined) assert.match(page.body, says);
      if (page.form !== undefined) {
        assert.equal(page.form.action, '/password');
        assert.deepEqual(page.form.fields, { name: person.name, password: '', next: '', repeat: '' });
      }
      responseOf(await new Visitor(house.url).signIn(person.name, password));
    });
  }

  it('says what was used before', async () => {
    const person = await people.make();
    const visitor = new Visitor(house.url);
    let current = password;
    for (const each of [next, `${next}2`]) {
      const page = await choose(visitor, await visitor.visit('/password'), { name: person.name, password: current, next: each });
      assert.equal(page.status, 200, JSON.stringify(last(house)));
      current = each;
    }
    const page = await choose(visitor, await visitor.visit('/password'), { name: person.name, password: current, next });
    assert.equal(page.status, 422);
    assert.equal(last(house)?.reason, 'new-password-used');
    assert.match(page.body, /class="broken">It is none of your last 3 passwords/);
    await assertPassword(house, person, current, next);
  });

  it('is judged by the directory alone where the policy of the person is not to be seen', async () => {
    const person = await people.make();
    await people.govern(person, { minLength: 14 });
    const visitor = new Visitor(plain.url);
    const page = await choose(visitor, await visitor.visit('/password'), { name: person.name, next: 'Harbour-71' });
    assert.equal(page.status, 422);
    assert.equal(last(plain)?.reason, 'password-refused');
    assert.match(String(last(plain)?.detail?.message), /^0000052D/);
  });

  it('keeps the sign-in, which goes on with a better one', async () => {
    const person = await people.makeMustChange();
    const visitor = new Visitor(plain.url);
    let page = await visitor.signIn(person.name, password);
    for (const [fields, reason] of [
      [{ next: 'short' }, 'new-password-short'],
      [{ password: 'not it' }, 'password-wrong'],
      [{ repeat: 'x' }, 'new-password-mismatch'],
    ] as const) {
      // The domain's own policy cannot be relied on where a fine-grained one might hold.
      page = await choose(visitor, page, fields);
      assert.equal(page.form?.action, '/signin/new-password');
      assert.equal(last(plain)?.reason, reason);
      assert.equal(last(plain)?.event, 'signin.refused');
    }
    assertSignedIn(await choose(visitor, page, {}), person);
  });
});

describe('/password', () => {
  it('changes the password of whoever knows the current one, and signs nobody in', async () => {
    const person = await people.make();
    const visitor = new Visitor(house.url);
    const page = await choose(visitor, await visitor.visit('/password'), { name: `CORP\\${person.name}` });
    assert.equal(page.status, 200);
    assert.ok(tells(page, 'password-changed'));
    assert.equal(visitor.cookie, undefined);
    assert.equal(last(house)?.event, 'password.changed');
    assert.equal(last(house)?.serviceProvider, undefined);
    await assertPassword(house, person, next, password);
  });

  for (const [what, odd] of Object.entries({
    'quotation marks at both ends': '"Aa1!\\""',
    'spaces at both ends': '  Aa1! a  ',
    'what a form, a filter and XML escape': '%41%00&next=Aa1+)(uid=*)\\2a<]]>',
    'pairs of surrogates, right to left': 'Aa1!😀\u202eשלום',
    'letters composed of two': 'Aa1!e\u0301e\u0301',
    'as many characters as may be, of three bytes each': `Aa1!${'漢'.repeat(252)}`,
  })) {
    it(`takes a password with ${what}, from which another one follows`, async () => {
      const { name } = await people.make();
      const visitor = new Visitor(house.url);
      assert.equal((await choose(visitor, await visitor.visit('/password'), { name, next: odd })).status, 200);
      responseOf(await new Visitor(house.url).signIn(name, odd));
      assert.equal((await choose(visitor, await visitor.visit('/password'), { name, password: odd, next })).status, 200);
    });
  }

  it('leaves those signed in who are, and shows them their own name and policy', async () => {
    const person = await people.make();
    await people.govern(person, { minLength: 11 });
    const visitor = new Visitor(house.url);
    await visitor.signIn(person.name, password);
    const { cookie } = visitor;
    const page = await visitor.visit('/password');
    assert.equal(page.form?.fields.name, `${person.name}@example.com`);
    assert.match(page.body, /11 characters or more/);
    assert.equal((await choose(visitor, page, {})).status, 200);
    assert.equal(visitor.cookie, cookie);
    assertSignedIn(await visitor.arrive(), person);
  });

  it('is where browsers look for it', async () => {
    const page = await new Visitor(house.url).request('/.well-known/change-password');
    assert.equal(page.status, 303);
    assert.equal(page.headers.get('location'), '/password');
  });

  it('leads elsewhere where passwords are changed elsewhere', async () => {
    const at = await openHouse({ directory: server, config: { branding: { changePasswordUrl: 'https://pw.example.com/' } } });
    try {
      const page = await new Visitor(at.url).visit('/password');
      assert.match(page.body, /<a class="button" href="https:\/\/pw\.example\.com\/">/);
      assert.equal((await new Visitor(at.url).post('/password', { name: 'alice', password, next, repeat: next })).status, 404);
    } finally {
      await at.close();
    }
  });
});

describe('a password that expires soon', () => {
  const soon = () => people.makeAged(360.5);

  it('is told once it was typed, and the sign-in goes on without a change', async () => {
    const person = await soon();
    const visitor = new Visitor(house.url);
    const page = await visitor.signIn(person.name, password);
    assert.equal(page.status, 200);
    assert.match(page.body, /Your password expires in 4 days/);
    assert.equal(page.form, undefined);
    const later = /href="(\/signin\?id=[\w-]{22}&amp;later=1)"/.exec(page.body)?.[1]?.replace('&amp;', '&') ?? '';
    // Asked for again, it is told again; nothing was answered yet.
    const again = await visitor.visit(page.url);
    assert.equal(again.body.replaceAll(/nonce="[^"]*"/g, ''), page.body.replaceAll(/nonce="[^"]*"/g, ''));
    assertSignedIn(await visitor.visit(later), person);
    assert.equal((await visitor.visit(later)).status, 400, 'answered once');
    assertSignedIn(await visitor.arrive(), person);
    assertSignedIn(await visitor.arrive({ attributes: { IsPassive: 'true' } }), person);
  });

  it('is changed at once, and not told of again', async () => {
    const person = await soon();
    const visitor = new Visitor(house.url);
    const told = await visitor.signIn(person.name, password);
    const change = /href="(\/signin\/new-password\?id=[\w-]{22})"/.exec(told.body)?.[1] ?? '';
    const page = await visitor.visit(change);
    assert.equal(page.form?.fields.name, `${person.name}@example.com`);
    assert.match(page.body, /href="\/signin\?id=[\w-]{22}&amp;later=1"/);
    assertSignedIn(await choose(visitor, page, {}), person);
    await assertPassword(house, person, next, password);
  });

  it('is told to nobody who did not ask, nor too early', async () => {
    const [person, fresh] = [await soon(), await people.makeAged(300)];
    assertSignedIn(await new Visitor(house.url).signIn(fresh.name, password), fresh);
    for (const config of [{ warn: false }, { warnBefore: '3d' as const }]) {
      const at = await openHouse({ directory: server, config: { password: config } });
      try {
        assertSignedIn(await new Visitor(at.url).signIn(person.name, password), person);
      } finally {
        await at.close();
      }
    }
  });

  it('is told to no client without a browser', async () => {
    const { name } = await soon();
    const site = new ForeignServiceProvider(await makeCredential());
    const assertionConsumerServices = `<md:AssertionConsumerService index="0" Binding="${paos}" Location="${site.acs}"/>`;
    const at = await openHouse({
      directory: server,
      config: { ecp: { enabled: true } },
      metadata: [{ xml: site.metadata({ assertionConsumerServices }) }],
    });
    try {
      const { status, text } = await soapPost(
        `${at.url}/saml/ecp`,
        envelope(site.authnRequest(undefined)),
        basic(name, password),
      );
      assert.equal(status, 200);
      assert.deepEqual(statusOf(text), ['Success']);
    } finally {
      await at.close();
    }
  });

  it('is told with a way on alone where passwords are not changed here', async () => {
    const person = await soon();
    const at = await openHouse({ directory: server, config: { password: { change: false } } });
    try {
      const page = await new Visitor(at.url).signIn(person.name, password);
      assert.match(page.body, /Your password expires in 4 days/);
      assert.doesNotMatch(page.body, /new-password/);
      assert.ok(tells(page, 'change-password-elsewhere', 'elsewhere'));
    } finally {
      await at.close();
    }
  });
});
describe('a change whose answer is lost', () => {
  let between: CutConnection;
  let at: House;
  before(async () => {
    between = await openCutConnection(server);
    at = await openHouse({ directory: server, ldap: between.ldap });
  });
  after(async () => {
    await at.close();
    await between.close();
  });

  for (const [where, made] of [
    ['answer', true],
    ['request', false],
  ] as const) {
    it(`is told as uncertain and never asked for again: lost with the ${where}`, async () => {
      const person = await people.make();
      const visitor = new Visitor(at.url);
      const page = await visitor.visit('/password');
      const before = between.changes;
      between.cutNext(where);
      const answer = await choose(visitor, page, { name: person.name });
      assert.equal(answer.status, 503);
      assert.equal(last(at)?.reason, 'password-change-uncertain');
      assert.ok(tells(answer, 'password-change-uncertain'));
      assert.equal(between.changes - before, 1);
      await assertPassword(at, person, made ? next : password, made ? password : next);
    });
  }

  it('leads back to the page that asks for the password, within a sign-in', async () => {
    const person = await people.makeMustChange();
    const visitor = new Visitor(at.url);
    const page = await visitor.signIn(person.name, password);
    between.cutNext('answer');
    const answer = await choose(visitor, page, {});
    assert.equal(answer.status, 503);
    assert.ok(tells(answer, 'password-change-uncertain', 'next'));
    assertSignedIn(await visitor.fill(answer, person.name, next), person);
  });
});
