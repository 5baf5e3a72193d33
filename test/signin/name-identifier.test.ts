/** By which name a service provider knows people: NameIDPolicy, its settings, and the Subject that it asks for. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Refusal, type Reason } from '../../src/refusal.ts';
import type { NameIDPolicy } from '../../src/saml/authn-request.ts';
import type { NameID } from '../../src/saml/name-id.ts';
import { nameIDFormats } from '../../src/saml/names.ts';
import { unsaid } from '../../src/saml/service-provider.ts';
import { google } from '../../src/service-providers/google.ts';
import { nameIDRules, type NameIDRules, type OfferedFormat } from '../../src/service-providers/name-id-rules.ts';
import type { RegisteredServiceProvider } from '../../src/service-providers/service-provider.ts';
import { chooseNameID } from '../../src/signin/choose-name-id.ts';
import { createNameIdentifier } from '../../src/signin/name-identifier.ts';
import { createPairwise } from '../../src/signin/pairwise.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { rsa } from '../saml/requests.ts';

const idp = 'https://idp.example/';
const sp = 'https://sp.example/';
const affiliation = 'https://affiliation.example/';
const { emailAddress, persistent, transient, unspecified, unspecified20, encrypted } = nameIDFormats;
const alice = { objectGUID: 'guid-a', address: 'alice@example.com' };

const providing = (nameID: NameIDRules, parts: Partial<RegisteredServiceProvider> = {}): RegisteredServiceProvider =>
  ({ ...unsaid, entityID: sp, affiliations: [affiliation], nameID, ...parts }) as unknown as RegisteredServiceProvider;
const everything = providing({ unasked: 'transient', offered: ['emailAddress', 'persistent', 'transient'] });

const policy = (parts: Partial<NameIDPolicy>): NameIDPolicy => ({
  format: undefined,
  spNameQualifier: undefined,
  allowCreate: true,
  ...parts,
});

async function openNames() {
  const store = await createSqliteStore({ file: ':memory:', clock: { now: Date.now, until: () => Promise.resolve() } });
  const pairwise = createPairwise({ store, random: randomBytes });
  const identify = createNameIdentifier({ entityID: idp, pairwise, random: randomBytes });
  return {
    pairwise,
    name: (
      serviceProvider: RegisteredServiceProvider,
      nameIDPolicy: NameIDPolicy | undefined,
      subject?: NameID,
      person: { objectGUID: string; address: string | undefined } = alice,
    ) => identify(serviceProvider, { nameID: chooseNameID({ nameIDPolicy, serviceProvider }), subject }, person),
  };
}

const reasonOf = async (attempt: () => unknown): Promise<Reason | 'accepted'> => {
  try {
    await attempt();
    return 'accepted';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
};

describe('which formats a service provider is given', () => {
  for (const [what, settings, named, expected] of [
    ['nothing said', {}, [], ['transient', 'persistent', 'transient']],
    ['its metadata names a format', {}, [persistent], ['persistent', 'persistent', 'transient']],
    ['its metadata names the address', {}, [emailAddress], ['emailAddress', 'emailAddress', 'persistent', 'transient']],
    ['its metadata prefers another', {}, [transient, emailAddress], ['transient', 'emailAddress', 'persistent', 'transient']],
    ['its metadata names what we have not', {}, ['urn:x', unspecified, persistent], ['persistent', 'persistent', 'transient']],
    ['the settings say the address', { format: 'emailAddress' }, [], ['emailAddress', 'persistent', 'transient', 'emailAddress']],
    ['the settings say none', { format: 'none' }, [emailAddress], ['none', 'emailAddress', 'persistent', 'transient']],
    ['the settings withhold the address', { offered: ['persistent'] }, [emailAddress], ['persistent', 'persistent']],
    ['the settings offer nothing', { offered: [] }, [emailAddress], ['none']],
    ['nothing but one', { format: 'persistent', offered: [] }, [], ['persistent', 'persistent']],
  ] as const) {
    it(what, () => {
      const { unasked, offered } = nameIDRules(settings as { format?: OfferedFormat | 'none'; offered?: OfferedFormat[] }, named);
      assert.deepEqual([unasked, ...offered], expected);
    });
  }

  it('Google: the address alone', () => {
    assert.deepEqual(google.nameID, { unasked: 'emailAddress', offered: ['emailAddress'] });
  });
});

describe('NameIDPolicy', () => {
  const keyed = { encryptionKeys: [{ key: rsa.publicKey, methods: [] }] };
  for (const [what, nameIDPolicy, expected, parts = {}] of [
    ['none', undefined, transient],
    ['no Format', policy({}), transient],
    ['unspecified', policy({ format: unspecified }), transient],
    ['unspecified with the prefix of 2.0', policy({ format: unspecified20 }), transient],
    ['emailAddress', policy({ format: emailAddress }), emailAddress],
    ['persistent', policy({ format: persistent }), persistent],
    ['transient', policy({ format: transient }), transient],
    ['transient, and nothing may be made', policy({ format: transient, allowCreate: false }), transient],
    ['emailAddress, and nothing may be made', policy({ format: emailAddress, allowCreate: false }), emailAddress],
    ['the qualifier of the service provider', policy({ spNameQualifier: sp }), transient],
    ['the qualifier of its affiliation', policy({ format: persistent, spNameQualifier: affiliation }), persistent],
    ['encrypted, with a key', policy({ format: encrypted }), transient, keyed],
    ['encrypted, without a key', policy({ format: encrypted }), 'name-id-policy-unsupported'],
    [
      'a foreign qualifier',
      policy({ format: persistent, spNameQualifier: 'https://other.example/' }),
      'name-id-policy-unsupported',
    ],
    ['an empty qualifier', policy({ spNameQualifier: '' }), 'name-id-policy-unsupported'],
    ['a qualifier in another case', policy({ spNameQualifier: sp.toUpperCase() }), 'name-id-policy-unsupported'],
    ['our own entity ID as qualifier', policy({ spNameQualifier: idp }), 'name-id-policy-unsupported'],
    ['kerberos', policy({ format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos' }), 'name-id-policy-unsupported'],
    ['entity', policy({ format: nameIDFormats.entity }), 'name-id-policy-unsupported'],
    ['a format in another case', policy({ format: persistent.toUpperCase() }), 'name-id-policy-unsupported'],
    ['an empty Format', policy({ format: '' }), 'name-id-policy-unsupported'],
    ['persistent, and nothing may be made', policy({ format: persistent, allowCreate: false }), 'name-id-not-created'],
  ] as const) {
    it(`${what}: ${expected}`, async () => {
      const { name } = await openNames();
      const serviceProvider = { ...everything, ...parts };
      if (expected === 'name-id-policy-unsupported' || expected === 'name-id-not-created') {
        assert.equal(await reasonOf(() => name(serviceProvider, nameIDPolicy)), expected);
      } else {
        const nameID = await name(serviceProvider, nameIDPolicy);
        assert.equal(nameID?.format, expected);
        assert.equal(nameID.spNameQualifier, nameIDPolicy?.spNameQualifier ?? (expected === persistent ? sp : undefined));
      }
    });
  }

  it('gives what is not offered to nobody', async () => {
    const { name } = await openNames();
    for (const offered of [emailAddress, persistent, transient]) {
      const others = (['emailAddress', 'persistent', 'transient'] as const).filter((each) => nameIDFormats[each] !== offered);
      const attempt = () => name(providing({ unasked: 'none', offered: others }), policy({ format: offered }));
      assert.equal(await reasonOf(attempt), 'name-id-policy-unsupported');
    }
  });

  it('leaves the person unnamed where the settings say so', async () => {
    const { name } = await openNames();
    assert.equal(await name(providing({ unasked: 'none', offered: [] }), undefined), undefined);
    assert.equal(
      await reasonOf(() => name(providing({ unasked: 'none', offered: [] }, keyed), policy({ format: encrypted }))),
      'name-id-policy-unsupported',
    );
  });

  it('makes a transient name anew each time, and an xs:ID', async () => {
    const { name } = await openNames();
    const names = await Promise.all(Array.from({ length: 50 }, () => name(everything, undefined)));
    assert.equal(new Set(names.map((nameID) => nameID?.value)).size, 50);
    for (const nameID of names) assert.match(nameID?.value ?? '', /^_[0-9a-f]{40}$/);
  });

  it('names a persistent one by both qualifiers, one for the service provider and one for its affiliation', async () => {
    const { name } = await openNames();
    const own = await name(everything, policy({ format: persistent }));
    const shared = await name(everything, policy({ format: persistent, spNameQualifier: affiliation }));
    const other = providing({ unasked: 'persistent', offered: ['persistent'] }, { entityID: 'https://other.example/' });
    assert.deepEqual([own?.nameQualifier, own?.spNameQualifier], [idp, sp]);
    assert.notEqual(own?.value, shared?.value);
    // Members of an affiliation know the person by one name, and each by another of its own.
    assert.deepEqual(await name(other, policy({ spNameQualifier: affiliation })), shared);
    assert.notEqual((await name(other, policy({})))?.value, own?.value);
    // Once made, it needs no leave any more.
    assert.deepEqual(await name(everything, policy({ format: persistent, allowCreate: false })), own);
    assert.deepEqual(await name(everything, policy({ format: persistent }), undefined, { ...alice, address: undefined }), own);
  });
});

describe('the Subject of a request', () => {
  const google = providing({ unasked: 'emailAddress', offered: ['emailAddress'] }, { affiliations: [] });
  for (const [what, subject, expected, nameIDPolicy, serviceProvider = everything] of [
    ['the address', { value: alice.address, format: emailAddress }, {}],
    ['the address without Format', { value: alice.address, format: undefined }, {}],
    ['the address, unspecified', { value: alice.address, format: unspecified }, {}],
    ['the address, qualified by the service provider', { value: alice.address, format: emailAddress, spNameQualifier: sp }, {}],
    [
      'the address as Google asks',
      { value: alice.address, format: unspecified },
      { format: emailAddress },
      policy({ format: emailAddress }),
      google,
    ],
    ['the address of somebody else', { value: 'bob@example.com', format: emailAddress }, undefined],
    ['the address in another case', { value: 'Alice@example.com', format: emailAddress }, undefined],
    ['the address with a blank', { value: 'alice@example.com ', format: emailAddress }, undefined],
    ['the address as persistent', { value: alice.address, format: persistent }, undefined],
    ['the address, with a NameQualifier', { value: alice.address, format: emailAddress, nameQualifier: idp }, undefined],
    [
      'the address, qualified by another',
      { value: alice.address, format: emailAddress, spNameQualifier: 'urn:other' },
      undefined,
    ],
    [
      'the address, qualified otherwise than the policy',
      { value: alice.address, format: emailAddress, spNameQualifier: sp },
      undefined,
      policy({ spNameQualifier: affiliation }),
    ],
    [
      'the address, and the policy another format',
      { value: alice.address, format: undefined },
      undefined,
      policy({ format: persistent }),
    ],
    ['the objectGUID', { value: alice.objectGUID, format: undefined }, undefined],
    ['a kerberos name', { value: alice.address, format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos' }, undefined],
    [
      'the address, to one who may not have it',
      { value: alice.address, format: undefined },
      undefined,
      undefined,
      providing({ unasked: 'transient', offered: ['persistent', 'transient'] }),
    ],
  ] as readonly (readonly [string, NameID, Partial<NameID> | undefined, NameIDPolicy?, RegisteredServiceProvider?])[]) {
    it(`${expected === undefined ? 'is not' : 'is'} ${what}`, async () => {
      const { name } = await openNames();
      const attempt = () => name(serviceProvider, nameIDPolicy, subject);
      if (expected === undefined) assert.equal(await reasonOf(attempt), 'subject-mismatch');
      else {
        const whole = { nameQualifier: undefined, spNameQualifier: undefined };
        assert.deepEqual(await attempt(), { ...whole, ...subject, ...expected });
      }
    });
  }

  for (const [what, change, matches] of [
    ['as it was given', {}, true],
    ['without qualifiers', { nameQualifier: undefined, spNameQualifier: undefined }, true],
    ['without Format', { format: undefined }, true],
    ['in lower case', { value: 'lower' }, false],
    ['of another identity provider', { nameQualifier: 'urn:other' }, false],
    ['of another service provider', { spNameQualifier: 'urn:other' }, false],
    ['of the affiliation', { spNameQualifier: affiliation }, false],
    ['as an address', { format: emailAddress }, false],
  ] as const) {
    it(`${matches ? 'is' : 'is not'} the persistent name ${what}`, async () => {
      const { name, pairwise } = await openNames();
      const value = await pairwise.findOrCreate(alice.objectGUID, sp);
      const given: NameID = { value, format: persistent, nameQualifier: idp, spNameQualifier: sp, ...change };
      const subject = given.value === 'lower' ? { ...given, value: value.toLowerCase() } : given;
      if (matches) assert.deepEqual(await name(everything, undefined, subject), subject);
      else assert.equal(await reasonOf(() => name(everything, undefined, subject)), 'subject-mismatch');
      // Of anybody else it is nobody's name.
      const bob = { objectGUID: 'guid-b', address: 'bob@example.com' };
      assert.equal(await reasonOf(() => name(everything, undefined, subject, bob)), 'subject-mismatch');
      assert.equal(await pairwise.find(bob.objectGUID, sp), undefined);
    });
  }

  it('never names anybody but who signed in', async () => {
    const { name } = await openNames();
    const people = [alice, { objectGUID: 'guid-b', address: 'bob@example.com' }, { objectGUID: 'guid-c', address: undefined }];
    const values = ['', 'x', 'bob@example.com', alice.address, 'guid-b'];
    const names = new Map<unknown, readonly (string | undefined)[]>();
    for (const person of people) {
      const [own, shared] = await Promise.all(
        [sp, affiliation].map((spNameQualifier) =>
          name(everything, policy({ format: persistent, spNameQualifier }), undefined, person),
        ),
      );
      names.set(person, [person.address, own?.value, shared?.value]);
      values.push(own?.value ?? '', shared?.value ?? '');
    }
    const optional = <T>(...given: T[]) => fc.constantFrom<T | undefined>(undefined, ...given);
    const asked: fc.Arbitrary<NameID> = fc.record({
      value: fc.constantFrom(...values),
      format: optional(emailAddress, persistent, unspecified, transient, 'urn:x'),
      nameQualifier: optional(idp, sp, ''),
      spNameQualifier: optional(sp, affiliation, idp),
    });
    const policies = fc.option(
      fc.record({
        format: optional(emailAddress, persistent, transient, unspecified),
        spNameQualifier: optional(sp, affiliation),
        allowCreate: fc.boolean(),
      }),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...people), asked, policies, async (person, subject, nameIDPolicy) => {
        let given: NameID | undefined;
        try {
          given = await name(everything, nameIDPolicy, subject, person);
        } catch (error) {
          assert.ok(error instanceof Refusal);
          return;
        }
        assert.equal(given?.value, subject.value);
        assert.ok(names.get(person)?.includes(given.value));
        if (nameIDPolicy?.format === undefined || nameIDPolicy.format === unspecified) assert.equal(given.format, subject.format);
        else assert.equal(given.format, nameIDPolicy.format);
      }),
    );
  });
});
