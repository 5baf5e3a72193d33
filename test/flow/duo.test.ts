/** A sign-in by password and Duo through the whole house, and returns from Duo that are not one's own. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Reason } from '../../src/refusal.ts';
import { json, openDuoServer, type DuoServer } from '../fixtures/duo-server.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { refusedAt } from '../fixtures/refused-at.ts';
import { responseOf, statusOf, textOf, Visitor, type Page, type RequestOptions } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const window = 3_600_000;
const anew = { attributes: { ForceAuthn: 'true' } };

let duo: DuoServer;
let house: House;
before(async () => {
  duo = await openDuoServer({ now: () => house.now() });
  house = await openHouse({
    config: {
      factors: { duo: { apiHost: duo.origin, clientId: duo.clientId, clientSecret: duo.clientSecret, timeout: '2s' } },
      policy: [{ name: 'everybody', require: [['password'], ['duo']] }],
    },
  });
  duo.registered.add(`${house.url}/signin/duo/return`);
});
after(async () => {
  await house.close();
  await duo.close();
});
beforeEach(() => {
  duo.misbehaviour = {};
  // Nobody is led there more than ten times within the window.
  house.advance(window);
});

/** Where a page leads by itself. */
function leadsTo(page: Page): string {
  const url = /^0; url=(.+)$/.exec(page.headers.get('refresh') ?? '')?.[1] ?? '';
  assert.ok(url.startsWith(`${duo.origin}/oauth/v1/authorize?`), `${String(page.status)} ${page.body.slice(0, 2_000)}`);
  return url;
}
/** Path and query with which Duo sends the browser back. */
async function approve(page: Page): Promise<string> {
  const { origin, pathname, search } = await duo.prompt(leadsTo(page));
  assert.equal(origin, house.url);
  return pathname + search;
}
const newVisitor = (): Visitor => new Visitor(house.url);
const signIn = (visitor: Visitor, name: string, options: RequestOptions = {}): Promise<Page> =>
  visitor.signIn(name, password, { issueInstant: house.now(), ...options });
const hasResponse = (page: Page): boolean => page.form?.fields.SAMLResponse !== undefined;

/** Somebody whose password was right and who approved at Duo, but is not back yet. */
async function almost(name: string, options: RequestOptions = {}, visitor = newVisitor()) {
  const page = await signIn(visitor, name, options);
  return { visitor, page, back: await approve(page) };
}
/** The same return with some of its parameters those of others. */
function changed(back: string, changes: Readonly<Record<string, string>>): string {
  const url = new URL(back, house.url);
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
  return url.pathname + url.search;
}
const parameter = (back: string, name: string): string => new URL(back, house.url).searchParams.get(name) ?? '';

describe('a sign-in by password and Duo', () => {
  it('leads to Duo and back, and ends in a Response', async () => {
    const visitor = newVisitor();
    const page = await signIn(visitor, 'alice');
    assert.equal(page.status, 200);
    // Chromium stays where it is when a redirect to another site follows a form, so that a page leads there.
    assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'none'/);
    const done = await visitor.visit(await approve(page));
    const { xml } = responseOf(done);
    assert.deepEqual(statusOf(xml), ['Success']);
    assert.equal(textOf(xml, 'NameID'), 'alice.liddell@example.com');
    assert.equal(duo.requests.at(-1)?.duo_uname, 'alice.liddell@example.com');
    const accepted = house.events.findLast(({ event }) => event === 'duo.accepted');
    assert.match(accepted?.person ?? '', /^[0-9a-f-]{36}$/);

    const asked = duo.asked.length;
    assert.equal(hasResponse(await visitor.arrive({ issueInstant: house.now() })), true, 'what was proven is carried over');
    assert.equal(duo.asked.length, asked);
    const again = await signIn(visitor, 'alice', anew);
    assert.equal(hasResponse(again), false, 'unless it is asked for anew');
    assert.equal(hasResponse(await visitor.visit(await approve(again))), true);
    assert.equal(duo.requests.at(-1)?.prompt, 'login');
  });

  it('reads why where Duo denied it, and may try again', async () => {
    duo.misbehaviour = { outcome: 'deny' };
    const { visitor, back } = await almost('alice');
    const denied = await visitor.visit(back);
    refusedAt(house, denied, 'factor-denied');
    assert.equal(hasResponse(denied), false);
    assert.equal(denied.headers.get('refresh'), null);
    duo.misbehaviour = {};
    const link = /<a class="button" href="([^"]+)"/.exec(denied.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const next = await duo.prompt(link);
    assert.equal(hasResponse(await visitor.visit(next.pathname + next.search)), true);
  });

  it('goes nowhere while Duo is away, and on once it is back', async () => {
    duo.misbehaviour = { health: json(503, {}) };
    const visitor = newVisitor();
    const page = await signIn(visitor, 'alice');
    assert.equal(page.status, 503);
    const refused = house.events.findLast(({ event }) => event === 'signin.refused');
    assert.equal(refused?.reason, 'factor-unavailable');
    assert.equal(refused.detail?.cause, 'it answers with the status 503');
    duo.misbehaviour = {};
    const link = /<a class="button" href="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    assert.equal(hasResponse(await visitor.visit(await approve(await visitor.visit(link)))), true);
  });

  it('leads there anew where what Duo was asked has ended', async () => {
    const visitor = newVisitor();
    const page = await signIn(visitor, 'alice');
    const url = leadsTo(page);
    const path = `/signin/duo?id=${new URL(page.url).searchParams.get('id') ?? ''}`;
    assert.equal(leadsTo(await visitor.visit(path)), url, 'nobody is asked anew by looking again');
    house.advance(250_000);
    const later = await visitor.visit(path);
    assert.notEqual(leadsTo(later), url);
    assert.equal(hasResponse(await visitor.visit(await approve(later))), true);
  });

  it('is none for whom Duo cannot be told of', async () => {
    const page = await signIn(newVisitor(), 'noupn');
    refusedAt(house, page, 'no-way-left');
  });
});

describe('a return from Duo', () => {
  /** What is tried, and the reason that the log names for it; the page that comes of it holds no Response. */
  const attacks: readonly (readonly [string, Reason | undefined, () => Promise<Page>])[] = [
    [
      'of somebody else, in the browser of a person who has given their password',
      'challenge-lapsed',
      async () => (await almost('alice')).visitor.visit((await almost('bob')).back),
    ],
    [
      'of somebody else, in a browser that nobody signed in with',
      undefined,
      async () => newVisitor().visit((await almost('bob')).back),
    ],
    [
      'with the code of another person, whose password is known',
      'code-wrong',
      async () => {
        const [victim, own] = [await almost('alice'), await almost('bob')];
        return victim.visitor.visit(changed(victim.back, { duo_code: parameter(own.back, 'duo_code') }));
      },
    ],
    [
      'with the code of another sign-in of the same person',
      'code-wrong',
      async () => {
        const [one, other] = [await almost('alice'), await almost('alice')];
        return one.visitor.visit(changed(one.back, { duo_code: parameter(other.back, 'duo_code') }));
      },
    ],
    [
      'to another sign-in of the same browser',
      'code-wrong',
      async () => {
        const one = await almost('alice');
        const other = await almost('alice', anew, one.visitor);
        return one.visitor.visit(changed(one.back, { state: parameter(other.back, 'state') }));
      },
    ],
    [
      'that was taken already, in another browser',
      'signin-unknown',
      async () => {
        const { visitor, back } = await almost('alice');
        assert.equal(hasResponse(await visitor.visit(back)), true);
        return newVisitor().visit(back);
      },
    ],
    [
      'that was taken already, for a sign-in that asks anew',
      'code-wrong',
      async () => {
        const { visitor, back } = await almost('alice');
        assert.equal(hasResponse(await visitor.visit(back)), true);
        const { back: next } = await almost('alice', anew, visitor);
        return visitor.visit(changed(next, { duo_code: parameter(back, 'duo_code') }));
      },
    ],
    [
      'that was not approved, tried once more with a code that was made up',
      'challenge-lapsed',
      async () => {
        duo.misbehaviour = { outcome: 'deny' };
        const { visitor, back } = await almost('alice');
        assert.equal(hasResponse(await visitor.visit(back)), false);
        return visitor.visit(changed(back, { duo_code: 'f'.repeat(32) }));
      },
    ],
    ['with no state', 'challenge-lapsed', async () => (await almost('alice')).visitor.visit('/signin/duo/return?duo_code=x')],
    [
      'with a state that was made up',
      'challenge-lapsed',
      async () => (await almost('alice')).visitor.visit('/signin/duo/return?state=x&duo_code=x'),
    ],
    [
      'with two states',
      'request-parameter-repeated',
      async () => {
        const { visitor, back } = await almost('alice');
        return visitor.visit(`${back}&state=${'x'.repeat(43)}`);
      },
    ],
    [
      'before the password was given',
      'challenge-lapsed',
      async () => {
        const visitor = newVisitor();
        const id = new URL((await visitor.arrive({ issueInstant: house.now() })).url).searchParams.get('id') ?? '';
        const page = await visitor.visit(`/signin/duo?id=${id}`);
        assert.doesNotMatch(page.body, /oauth\/v1/, 'nobody is led to Duo by a name alone');
        return visitor.visit('/signin/duo/return?state=x&duo_code=x');
      },
    ],
  ];
  for (const [title, reason, attack] of attacks) {
    it(`proves nothing: ${title}`, async () => {
      const from = house.events.length;
      const page = await attack();
      assert.equal(hasResponse(page), false, page.body.slice(0, 500));
      assert.ok(page.status < 500, String(page.status));
      const events = house.events.slice(from);
      assert.equal(events.findLast(({ event }) => event === 'signin.refused')?.reason, reason);
      const accepted = events.filter(({ event }) => event === 'duo.accepted').length;
      assert.equal(accepted, title.includes('taken already') ? 1 : 0);
    });
  }

  it('that others led the browser to does not spoil one’s own', async () => {
    const own = await almost('alice');
    const foreign = await almost('bob');
    await own.visitor.visit(foreign.back);
    await own.visitor.visit('/signin/duo/return?error=access_denied&state=x');
    assert.equal(hasResponse(await own.visitor.visit(own.back)), true);
    assert.equal(hasResponse(await foreign.visitor.visit(foreign.back)), true);
  });
});
