/** Steps go where they belong, whatever runs at the same time, and their spans tell the story of a sign-in without naming anybody. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createSteps, type Ended } from '../../src/audit/steps.ts';
import type { Step } from '../../src/audit/trail.ts';
import { Refusal } from '../../src/refusal.ts';
import { eventually } from '../fixtures/eventually.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { recordSpans, type RecordedSpan } from '../fixtures/span-recorder.ts';
import { Visitor } from '../fixtures/visitor.ts';

const spans = recordSpans();
const ignore = (): void => undefined;
const last = (name: string): RecordedSpan => spans.findLast((span) => span.name === name) ?? assert.fail(name);

describe('steps', () => {
  it('of exchanges at the same time do not mix, and nest as they are awaited', async () => {
    const steps = createSteps({ took: ignore });
    const run = async (server: string): Promise<readonly Step[]> => {
      const taken: Step[] = [];
      await steps.within(taken, () =>
        steps.take('person', { by: 'name' }, async () => {
          await wait(2);
          await steps.take('ldap.search', { server }, () => wait(2));
          steps.tell('throttle', { server });
        }),
      );
      return taken;
    };
    const all = await Promise.all(['a', 'b', 'c'].map(run));
    for (const [index, taken] of all.entries()) {
      assert.deepEqual(
        taken.map(({ name }) => name),
        ['ldap.search', 'throttle', 'person'],
      );
      assert.equal(taken[0]?.detail.server, 'abc'[index]);
      assert.equal(taken[1]?.milliseconds, undefined);
      assert.ok((taken[2]?.milliseconds ?? 0) >= (taken[0]?.milliseconds ?? 0));
    }
    const search = last('passerelle.ldap.search');
    assert.equal(spans.find(({ id }) => id === search.parent)?.name, 'passerelle.person');
  });

  it('are at most a hundred an exchange and then how it ended, and none outside of any', async () => {
    const took: string[] = [];
    const steps = createSteps({ took: (name) => took.push(name) });
    const taken: Step[] = [];
    await steps.take('sign', {}, () => Promise.resolve());
    await steps.within(taken, async () => {
      for (let index = 0; index < 150; index += 1) await steps.take('policy', {}, () => Promise.resolve());
      for (let index = 0; index < 20; index += 1) steps.tell('refusal', { reason: 'access-not-granted' });
    });
    assert.equal(taken.filter(({ name }) => name === 'policy').length, 100);
    assert.equal(taken.filter(({ name }) => name === 'refusal').length, 8);
    assert.equal(took.length, 151);
  });

  it('of what an exchange only led to are none of its own', async () => {
    const took: string[] = [];
    const steps = createSteps({ took: (name) => took.push(name) });
    const taken: Step[] = [];
    await steps.within(taken, () =>
      steps.take('person', {}, () => steps.apart(() => steps.take('ldap.bind', { server: 'apart' }, () => wait(1)))),
    );
    assert.deepEqual([taken.map(({ name }) => name), took], [['person'], ['ldap.bind', 'person']]);
    assert.equal(last('passerelle.ldap.bind').parent, undefined);
  });

  const troubles: readonly (readonly [string, Error, string, string, boolean])[] = [
    ['a Refusal that was meant', new Refusal('password-wrong'), 'password-wrong', 'password-wrong', false],
    ['a Refusal that is ours', new Refusal('directory-unavailable'), 'directory-unavailable', 'directory-unavailable', true],
    ['a fault', new TypeError('cannot read alice'), 'cannot read alice', 'TypeError', true],
  ];
  for (const [what, thrown, inTrail, inSpan, failed] of troubles) {
    it(`name ${what}, in the span by its kind alone`, async () => {
      const steps = createSteps({ took: ignore });
      const taken: Step[] = [];
      await assert.rejects(
        steps.within(taken, () =>
          steps.take('authenticator', { authenticator: 'password', name: 'alice' }, () => Promise.reject(thrown)),
        ),
        thrown,
      );
      assert.equal(taken[0]?.detail.error, inTrail);
      const span = last('passerelle.authenticator');
      assert.deepEqual(span.attributes, { 'passerelle.authenticator': 'password', 'error.type': inSpan });
      assert.deepEqual([span.failed, span.ended], [failed, 1]);
    });
  }

  it('take what was told during the work, and cut what is long', async () => {
    const steps = createSteps({ took: ignore });
    await steps.take('ldap.bind', { server: 'dc1:636' }, (tell) => {
      tell({ code: 49, server: 'x'.repeat(999), dn: 'CN=Alice', values: ['a'] });
      return Promise.resolve();
    });
    const { attributes } = last('passerelle.ldap.bind');
    assert.deepEqual(attributes, { 'passerelle.code': 49, 'passerelle.server': 'x'.repeat(256) });
  });

  it('tell of an exchange once, when it is over, however it ended', () => {
    const told: Ended[] = [];
    const steps = createSteps({ took: ignore, exchanged: (ended) => told.push(ended) });
    let end: (ended: Ended) => void = ignore;
    steps.within([], (given) => {
      end = given;
    });
    const ended = { method: 'GET', route: undefined, status: undefined };
    end(ended);
    end({ ...ended, status: 200 });
    assert.deepEqual(told, [ended]);
    const span = last('GET unknown');
    assert.deepEqual([span.ended, span.failed, span.attributes], [1, true, { 'http.request.method': 'GET' }]);
  });
});

describe('the spans of a sign-in', () => {
  let house: House;
  let from = 0;
  const own = (): readonly RecordedSpan[] => spans.slice(from);
  before(async () => {
    house = await openHouse();
    from = spans.length;
    await new Visitor(house.url).signIn('alice', 'Passw0rd!');
    await eventually('all are ended', () => own().every(({ ended }) => ended === 1));
  });
  after(() => house.close());
  const named = (id: string | undefined): string | undefined => spans.find((span) => span.id === id)?.name;

  it('have one root an exchange, named by its route, with its status', () => {
    const roots = own().filter(({ parent }) => parent === undefined);
    const told = roots.map(({ name, attributes }) => [name, attributes['http.route'], attributes['http.response.status_code']]);
    assert.deepEqual(told, [
      ['GET /saml/sso', '/saml/sso', 303],
      ['GET /signin', '/signin', 200],
      ['POST /signin/:authenticator', '/signin/:authenticator', 303],
      ['GET /signin', '/signin', 200],
    ]);
    assert.ok(own().every(({ failed }) => !failed));
  });

  it('stand below each other as the steps were taken', () => {
    const binds = own().filter(({ name }) => name === 'passerelle.ldap.bind');
    const signs = own().filter(({ name }) => name === 'passerelle.sign');
    assert.ok(
      binds.length > 0 && signs.length > 0,
      own()
        .map(({ name }) => name)
        .join(' '),
    );
    const wayUp = (span: RecordedSpan): string[] => {
      const above = spans.find(({ id }) => id === span.parent);
      return above === undefined ? [span.name] : [span.name, ...wayUp(above)];
    };
    // The person's own bind judges the password within the step of the authenticator, within the exchange that brought it.
    assert.ok(
      binds.map(wayUp).some((way) => way.includes('passerelle.authenticator') && way.at(-1) === 'POST /signin/:authenticator'),
      JSON.stringify(binds.map(wayUp)),
    );
    for (const sign of signs) assert.equal(wayUp(sign).at(-1), 'GET /signin');
    const searches = own().filter(({ name }) => name === 'passerelle.ldap.search');
    assert.ok(searches.some(({ parent }) => named(parent) === 'passerelle.person'));
  });

  it('name no person, address, place or token', () => {
    const told = JSON.stringify(own().map(({ name, attributes }) => [name, attributes]));
    assert.doesNotMatch(told, /alice|Passw0rd|CN=|@|127\.0\.0\.1(?!:\d+")|id=|[A-Za-z0-9_-]{22,}/i);
  });
});
