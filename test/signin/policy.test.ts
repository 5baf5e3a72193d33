/** The policy: which rule fits, by which facts, and that nothing is decided about somebody who is not known. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { policy as schema, type PolicyRule } from '../../src/config/policy-schema.ts';
import { Refusal } from '../../src/refusal.ts';
import { evaluatePolicy, type Facts } from '../../src/signin/evaluate-policy.ts';
import { createPolicy, type Caller, type Decision } from '../../src/signin/policy.ts';
import type { Session } from '../../src/signin/session.ts';
import type { Request } from '../../src/signin/verify-requested.ts';

const hour = 3_600_000;
const now = 1_800_000_000_000;
const admins = 'CN=Admins,DC=corp,DC=example,DC=com';
const mfa = 'https://refeds.org/profile/mfa';
const rulesOf = (...rules: unknown[]): PolicyRule[] => schema.parse(rules);

const facts: Facts = {
  serviceProvider: 'https://wiki.example.com',
  remoteAddress: '10.1.2.3',
  authnContexts: [],
  evidenceAge: 'none',
  isIn: () => false,
  device: 'unknown',
  risks: new Set(),
};

describe('a rule', () => {
  const rows: readonly (readonly [what: string, when: object, changes: Partial<Facts>, expected: 'yes' | 'no' | 'unknown'])[] = [
    ['without a condition', {}, {}, 'yes'],
    ['for the service provider', { serviceProviders: [facts.serviceProvider] }, {}, 'yes'],
    ['for another service provider', { serviceProviders: ['https://other.example.com'] }, {}, 'no'],
    ['for a service provider in other letters', { serviceProviders: [facts.serviceProvider.toUpperCase()] }, {}, 'no'],
    ['for the network', { networks: ['10.0.0.0/8'] }, {}, 'yes'],
    ['for another network', { networks: ['192.168.0.0/16', 'fd00::/8'] }, {}, 'no'],
    ['for IPv4 within IPv6', { networks: ['10.0.0.0/8'] }, { remoteAddress: '::ffff:10.1.2.3' }, 'yes'],
    ['for a network, from nowhere', { networks: ['0.0.0.0/0', '::/0'] }, { remoteAddress: 'unknown' }, 'no'],
    ['for a class that is asked for', { authnContexts: [mfa] }, { authnContexts: ['urn:x', mfa] }, 'yes'],
    ['for a class that is not asked for', { authnContexts: [mfa] }, {}, 'no'],
    ['for old evidence', { evidenceOlderThan: '8h' }, { evidenceAge: 8 * hour + 1 }, 'yes'],
    ['for evidence of exactly that age', { evidenceOlderThan: '8h' }, { evidenceAge: 8 * hour }, 'no'],
    ['for old evidence, where there is none', { evidenceOlderThan: '8h' }, {}, 'no'],
    ['for a remembered device', { device: 'remembered' }, { device: 'remembered' }, 'yes'],
    ['for an unknown device', { device: 'unknown' }, { device: 'remembered' }, 'no'],
    ['for a device of which nothing is known yet', { device: 'remembered' }, { device: undefined }, 'unknown'],
    ['for a group', { groups: [admins] }, { isIn: (group) => group === admins }, 'yes'],
    ['for a group of others', { groups: [admins] }, {}, 'no'],
    ['for a group of somebody not known', { groups: [admins] }, { isIn: undefined }, 'unknown'],
    ['for a risk', { risks: ['spray', 'recent-failures'] }, { risks: new Set(['recent-failures'] as const) }, 'yes'],
    ['for another risk', { risks: ['spray'] }, { risks: new Set(['unfamiliar-place'] as const) }, 'no'],
    ['for two conditions of which one fails', { groups: [admins], networks: ['192.168.0.0/16'] }, { isIn: undefined }, 'no'],
  ];
  for (const [what, when, changes, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      const [reported] = evaluatePolicy(rulesOf({ name: 'one', when, refuse: true }), { ...facts, ...changes });
      assert.equal(reported?.holds, expected);
    });
  }

  it('that holds ends the search; one that may hold does not', () => {
    const rules = rulesOf(
      { name: 'maybe', when: { groups: [admins] }, refuse: true },
      { name: 'never', when: { networks: ['192.168.0.0/16'] }, refuse: true },
      { name: 'always', require: [['password']] },
      { name: 'beyond', refuse: true },
    );
    const reported = evaluatePolicy(rules, { ...facts, isIn: undefined });
    assert.deepEqual(
      reported.map(({ rule, holds }) => [rule.name, holds]),
      [
        ['maybe', 'unknown'],
        ['never', 'no'],
        ['always', 'yes'],
      ],
    );
  });
});

const person = {
  objectGUID: 'g',
  distinguishedName: 'CN=x',
  sAMAccountName: 'x',
  userPrincipalName: undefined,
  mail: undefined,
  displayName: undefined,
  barred: undefined,
  attributes: {},
};
const sessionOf = (age: number): Session => ({
  id: 'id',
  objectGUID: 'g',
  evidence: [{ authenticator: 'password', objectGUID: 'g', at: now - age, endsAt: now + hour, signIn: 'one' }],
  endsAt: now + hour,
  person,
  personReadAt: 0,
});
const request = { serviceProvider: { entityID: facts.serviceProvider }, requestedAuthnContext: undefined } as Request;
const caller: Caller = { session: undefined, remoteAddress: facts.remoteAddress };

function policyWith(
  rules: readonly PolicyRule[],
  parts: { groups?: readonly string[]; remembered?: boolean; asked?: string[] } = {},
) {
  const { groups = [], remembered = false, asked = [] } = parts;
  return createPolicy({
    rules,
    first: ['password', 'kerberos'],
    directory: {
      readFurther: () => {
        asked.push('groups');
        return Promise.resolve({ bytes: {}, groups: groups.map((dn) => ({ dn, direct: true })) });
      },
    },
    isRemembered: () => {
      asked.push('device');
      return Promise.resolve(remembered);
    },
    risksOf: () => {
      asked.push('risks');
      return Promise.resolve(new Set());
    },
    clock: { now: () => now },
  });
}

const refusedBy = async (decided: Promise<Decision>): Promise<unknown> =>
  decided.then(
    (decision) => decision.requirement,
    (error: unknown) => (error instanceof Refusal ? `${error.reason} by ${String(error.detail.rule)}` : error),
  );

describe('the policy', () => {
  const strict = { name: 'admins', when: { groups: [admins] }, require: [['totp'], ['password']] };
  const closed = { name: 'closed', when: { groups: [admins] }, refuse: true };
  const usual = { name: 'usual', require: [['password'], ['totp', 'webauthn']] };

  it('asks nothing of anybody where there are no rules', async () => {
    const asked: string[] = [];
    const decision = await policyWith([], { asked }).decide(request, sessionOf(0), caller);
    assert.deepEqual([decision.requirement, decision.rule, asked], [[['password', 'kerberos']], 'default', []]);
  });

  it('lets somebody who is not known begin as any rule would have them begin that may fit', async () => {
    const { requirement, preliminary } = await policyWith(rulesOf(strict, usual)).decide(request, undefined, caller);
    assert.deepEqual([requirement, preliminary], [[['totp', 'password']], true]);
    const open = await policyWith(rulesOf(strict)).decide(request, undefined, caller);
    assert.deepEqual(open.requirement, [['totp', 'password', 'kerberos']]);
  });

  it('decides about somebody who is known, by the first rule that fits', async () => {
    const rules = rulesOf(strict, usual);
    const of = async (groups: readonly string[]) =>
      (await policyWith(rules, { groups }).decide(request, sessionOf(0), caller)).rule;
    assert.deepEqual([await of([admins]), await of([])], ['admins', 'usual']);
  });

  it('refuses by name', async () => {
    const rules = rulesOf(closed, usual);
    assert.equal(
      await refusedBy(policyWith(rules, { groups: [admins] }).decide(request, sessionOf(0), caller)),
      'policy-refused by closed',
    );
    assert.deepEqual(await refusedBy(policyWith(rules).decide(request, sessionOf(0), caller)), [
      ['password'],
      ['totp', 'webauthn'],
    ]);
    assert.equal(
      await refusedBy(policyWith(rulesOf({ name: 'nobody', refuse: true })).decide(request, undefined, caller)),
      'policy-refused by nobody',
    );
  });

  it('does not read what no rule asks that is still open', async () => {
    const asked: string[] = [];
    const elsewhere = {
      name: 'elsewhere',
      when: { networks: ['192.168.0.0/16'], groups: [admins], risks: ['spray'] },
      refuse: true,
    };
    await policyWith(rulesOf(elsewhere, usual, strict), { asked }).decide(request, sessionOf(0), caller);
    assert.deepEqual(asked, []);
  });

  it('looks for a remembered device only where the browser brings something', async () => {
    const asked: string[] = [];
    const rules = rulesOf({ name: 'known', when: { device: 'remembered' }, require: [['password']] }, usual);
    const policy = policyWith(rules, { remembered: true, asked });
    assert.equal((await policy.decide(request, sessionOf(0), caller)).rule, 'usual');
    assert.deepEqual(asked, []);
    assert.equal((await policy.decide(request, sessionOf(0), { ...caller, device: 'token' })).rule, 'known');
    assert.deepEqual(asked, ['device']);
  });

  it('does not let in, or out, where the directory cannot tell a group', async () => {
    const incomplete = new Refusal('directory-unavailable');
    const policy = createPolicy({
      rules: rulesOf(strict, usual),
      first: ['password'],
      directory: { readFurther: () => Promise.resolve({ bytes: {}, groups: [], incomplete }) },
      isRemembered: () => Promise.resolve(false),
      risksOf: () => Promise.resolve(new Set()),
      clock: { now: () => now },
    });
    await assert.rejects(policy.decide(request, sessionOf(0), caller), incomplete);
  });

  it('is the rule that stands first, whatever stands behind it', async () => {
    const arbitrary = fc.array(
      fc.record({
        when: fc.constantFrom(
          {},
          { groups: [admins] },
          { networks: ['10.0.0.0/8'] },
          { networks: ['192.168.0.0/16'] },
          { device: 'unknown' },
        ),
        refuse: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.boolean(), async (written, isAdmin) => {
        const rules = rulesOf(
          ...written.map(({ when, refuse }, index) => ({
            name: `${index}`,
            when,
            ...(refuse ? { refuse } : { require: [['password']] }),
          })),
        );
        const fits = ({ when }: PolicyRule): boolean =>
          (when.groups === undefined || isAdmin) && (when.networks === undefined || when.networks[0] === '10.0.0.0/8');
        const expected = rules.find(fits);
        const groups = isAdmin ? [admins] : [];
        const result = await refusedBy(policyWith(rules, { groups }).decide(request, sessionOf(0), caller));
        if (expected?.refuse === true) assert.equal(result, `policy-refused by ${expected.name}`);
        else assert.deepEqual(result, [expected === undefined ? ['password', 'kerberos'] : ['password']]);
      }),
      { numRuns: 400 },
    );
  });
});
