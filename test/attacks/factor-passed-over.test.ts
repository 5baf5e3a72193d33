/**
 * No factor can be passed over: whatever two people do in two browsers, in whichever order, replaying what they saw, an assertion
 * about somebody leaves for a browser only after that browser gave their password and a code of theirs, each code once.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { giveApps, type App } from '../fixtures/enrolled.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const people = ['alice', 'bob'] as const;
/** Milliseconds after which neither the directory nor the throttle counts what failed before. */
const lockout = 31 * 60_000;
type Name = (typeof people)[number];
const addresses: Readonly<Record<Name, string>> = { alice: 'alice.liddell@example.com', bob: 'bob@example.com' };

const policies = {
  'the password first': [['password'], ['totp']],
  'the code first': [['totp'], ['password']],
} as const;

/** What one of the two does in one of the browsers; `sign-in` is the number of one that any of them began. */
type Act =
  | { readonly act: 'arrive'; readonly forceAuthn: boolean }
  | { readonly act: 'look'; readonly signIn: number }
  | { readonly act: 'password'; readonly signIn: number; readonly as: Name; readonly right: boolean }
  | {
      readonly act: 'code';
      readonly signIn: number;
      readonly as: Name;
      readonly code: 'fresh' | 'used' | 'wrong' | 'of the other';
    }
  | { readonly act: 'again' }
  | { readonly act: 'idp-initiated' }
  | { readonly act: 'wait' };

const signIn = fc.nat({ max: 3 });
const as = fc.constantFrom(...people);
const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ act: fc.constant('arrive' as const), forceAuthn: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('look' as const), signIn }) },
  { weight: 6, arbitrary: fc.record({ act: fc.constant('password' as const), signIn, as, right: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('code' as const),
      signIn,
      as,
      code: fc.constantFrom('fresh', 'fresh', 'used', 'wrong', 'of the other'),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ act: 'again' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'idp-initiated' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'wait' as const }) },
);
const steps = fc.array(fc.record({ browser: fc.nat({ max: 1 }), step: acts }), { minLength: 8, maxLength: 24 });

interface Proven {
  password: boolean;
  code: boolean;
}

describe('a factor', () => {
  for (const [order, require] of Object.entries(policies)) {
    describe(`with ${order}`, () => {
      let house: House;
      let apps: Readonly<Record<Name, App>>;
      let issued = 0;
      before(async () => {
        house = await openHouse({
          config: {
            policy: [{ name: 'both', require: require.map((set) => [...set]) }],
            factors: { webauthn: { enabled: false } },
          },
        });
        apps = await giveApps(house, people);
      });
      after(() => house.close());

      async function play(played: readonly { readonly browser: number; readonly step: Act }[]): Promise<void> {
        const browsers = [new Visitor(house.url), new Visitor(house.url)];
        const begun: string[] = [];
        /** What each browser gave, of each person, that was right. */
        const proven = browsers.map((): Record<Name, Proven> => ({
          alice: { password: false, code: false },
          bob: { password: false, code: false },
        }));
        const posted: Record<Name, string[]> = { alice: [], bob: [] };
        const before = house.events.length;
        let lastPost: (() => Promise<Page>) | undefined;
        // Each plays with codes of their own, and with accounts that no earlier one left locked.
        house.advance(lockout);

        function judge(browser: number, page: Page): void {
          const id = new URL(page.url).searchParams.get('id') ?? page.form?.fields.signin;
          if (id !== undefined && id !== '' && !begun.includes(id)) begun.push(id);
          assert.ok(page.status < 500, page.body.slice(-600));
          if (page.form?.fields.SAMLResponse === undefined) return;
          const { xml } = responseOf(page);
          if (statusOf(xml)[0] !== 'Success') return;
          issued += 1;
          const name = people.find((each) => addresses[each] === textOf(xml, 'NameID'));
          assert.ok(name !== undefined, 'an assertion about a third person');
          const { [name]: of } = proven[browser] ?? {};
          assert.deepEqual(of, { password: true, code: true }, `${name} in browser ${String(browser)}`);
        }

        for (const { browser, step } of played) {
          const visitor = browsers[browser];
          const mine = proven[browser];
          assert.ok(visitor !== undefined && mine !== undefined);
          const id = 'signIn' in step ? (begun[step.signIn] ?? begun[0] ?? 'none') : '';
          switch (step.act) {
            case 'arrive':
              judge(
                browser,
                await visitor.arrive({ issueInstant: house.now(), attributes: step.forceAuthn ? { ForceAuthn: 'true' } : {} }),
              );
              break;
            case 'look':
              judge(browser, await visitor.visit(`/signin?id=${id}`));
              break;
            case 'idp-initiated':
              judge(browser, await visitor.visit('/saml/idp-initiated?sp=https://accounts.google.com/samlrp/03test'));
              break;
            case 'wait':
              house.advance(30_000);
              break;
            case 'again': {
              // Whatever was posted last, by whichever browser, from this one: what was right then is not right again.
              const page = await lastPost?.();
              if (page !== undefined) judge(browser, page);
              break;
            }
            case 'password': {
              const fields = { signin: id, name: step.as, password: step.right ? password : 'wrong' };
              const send = () => visitor.post('/signin/password', fields);
              // Whether it was asked for is the house's business: it proves something either way.
              if (step.right) mine[step.as].password = true;
              lastPost = send;
              judge(browser, await send());
              break;
            }
            case 'code': {
              const other = people.find((each) => each !== step.as) ?? 'bob';
              const owner = step.code === 'of the other' ? other : step.as;
              const fresh = apps[owner].code();
              const code = step.code === 'wrong' ? '000000' : step.code === 'used' ? (posted[owner].at(-1) ?? '000000') : fresh;
              const send = () => visitor.post('/signin/totp', { signin: id, name: step.as, code });
              // Whether it was asked for, and whose session it came into, is the house's business.
              if (code !== '000000') {
                mine[owner].code = true;
                posted[owner].push(code);
              }
              const page = await send();
              lastPost = send;
              judge(browser, page);
              break;
            }
          }
        }
        for (const name of people) {
          const accepted = house.events
            .slice(before)
            .filter(({ event, person }) => event === 'totp.accepted' && person === apps[name].objectGUID);
          assert.ok(accepted.length <= new Set(posted[name]).size, `a code of ${name} counted twice`);
        }
      }

      it('is never passed over, in any order', async () => {
        await fc.assert(fc.asyncProperty(steps, play), { numRuns: 25 });
      });

      it('is passed by whoever has both, so that the law above says something', async () => {
        const before = issued;
        const right = { act: 'password', signIn: 0, as: 'alice', right: true } as const;
        const code = { act: 'code', signIn: 0, as: 'alice', code: 'fresh' } as const;
        // Whose code it is must be told before one is judged.
        const ordered = require[0][0] === 'password' ? [right, code] : [code, code, right];
        await play([{ act: 'arrive', forceAuthn: false } as const, ...ordered].map((step) => ({ browser: 0, step })));
        assert.equal(issued, before + 1);
      });
    });
  }
});
