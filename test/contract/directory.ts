/** What every directory must do: one suite, run against the demo directory, Samba's Active Directory and OpenLDAP. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Directory, PersonGroup } from '../../src/directory/directory.ts';
import { relativeNames } from '../../src/directory/distinguished-name.ts';
import { objectGuidText } from '../../src/directory/object-guid.ts';
import { objectSidText } from '../../src/directory/object-sid.ts';
import { type Reason, Refusal } from '../../src/refusal.ts';
import { groupName } from '../../src/service-providers/group-name.ts';
import { testDirectory } from '../testbed/demo-ldif.ts';

export interface DirectoryUnderTest {
  readonly directory: Directory;
  /** `corp.example.com` */
  readonly dnsDomain: string;
  /** `CORP` */
  readonly netbios: string;
  /** Active Directory knows account states that OpenLDAP does not. */
  readonly kind: 'active-directory' | 'openldap';
  /** Forgets the failed passwords of an account that never signs in, lest they lock it in the end. */
  unlock?(distinguishedName: string): Promise<void>;
  close(): Promise<void>;
}

export const refusedFor =
  (...reasons: readonly Reason[]) =>
  (error: unknown): true => {
    assert.ok(error instanceof Refusal, `a fault, not a refusal: ${String(error)}`);
    assert.ok(reasons.includes(error.reason), `${error.reason} ${JSON.stringify(error.detail)}, not ${reasons.join(' or ')}`);
    return true;
  };

const password = testDirectory.defaultPassword;
const oddName = `O'Brien, Pat (Ext) + "Co" #1`;

/** A directory's answer to the right password, by the state of the account. */
const answers: Readonly<Record<string, Readonly<Record<DirectoryUnderTest['kind'], Reason | undefined>>>> = {
  locked: { 'active-directory': 'person-locked', openldap: 'person-locked' },
  disabled: { 'active-directory': 'person-disabled', openldap: 'person-locked' },
  expired: { 'active-directory': 'person-expired', openldap: 'person-locked' },
  pwexpired: { 'active-directory': 'password-expired', openldap: 'password-expired' },
  mustchange: { 'active-directory': 'password-must-change', openldap: 'password-must-change' },
  nohours: { 'active-directory': 'logon-hours', openldap: undefined },
  workstation: { 'active-directory': 'logon-workstation', openldap: undefined },
};

const nobody: readonly (readonly [what: string, name: string])[] = [
  ['no name', ''],
  ['blanks', '  \t '],
  ['unknown', 'nobody'],
  ['an unknown principal', 'nobody@example.com'],
  ['a star', '*'],
  ['a beginning and a star', 'ali*'],
  ['a filter that closes ours', '*)(objectClass=*'],
  ['a filter that closes ours, with @', '*)(objectClass=*)@example.com'],
  ['an injected or', 'alice)(|(cn=*'],
  ['an injected not', 'alice)(!(mail=x'],
  ['an escaped letter', 'al\\69ce'],
  ['an escaped star', '\\2a'],
  ['NUL at the end', 'alice\0'],
  ['NUL in the middle', 'alice\0@example.com'],
  ['a line break within', 'alice\nbob'],
  ['a control character beyond ASCII', 'alice\u0085x'],
  ['half a surrogate pair', 'alice\ud800'],
  ['too long', 'a'.repeat(257)],
  ['only @', '@'],
  ['nothing before @', '@example.com'],
  ['nothing after @', 'alice@'],
  ['an account name of another domain', 'alice@elsewhere.example'],
  ['nothing after the backslash', 'CORP\\'],
  ['another domain before the backslash', 'EVIL\\alice'],
  ['nothing before the backslash', '\\alice'],
  ['a group', 'engineering'],
  ['a group with its odd name', 'vpn-remote-eu'],
  ['a DN', 'CN=alice,OU=Engineering,OU=Staff'],
  ['a display name', 'Zoë Müller-Łukasiewicz 测试'],
  ['letters that only look alike', 'аlice'],
];

/** The names of the people, each with the account that it must find. */
const names = ({
  dnsDomain,
  netbios,
}: DirectoryUnderTest): readonly (readonly [what: string, name: string, account: string])[] => [
  ['sAMAccountName', 'alice', 'alice'],
  ['sAMAccountName in capitals', 'ALICE', 'alice'],
  ['sAMAccountName with a blank that a phone added', 'alice ', 'alice'],
  ['explicit UPN', 'alice.liddell@example.com', 'alice'],
  ['explicit UPN in capitals', 'Alice.Liddell@EXAMPLE.com', 'alice'],
  ['explicit UPN, although it is also the mail of somebody else', 'alice.liddell@example.com', 'alice'],
  ['implicit UPN', `alice@${dnsDomain}`, 'alice'],
  ['implicit UPN of somebody without any', `noupn@${dnsDomain}`, 'noupn'],
  ['UPN of the DNS domain', `bob@${dnsDomain}`, 'bob'],
  ['mail', 'alice@example.com', 'alice'],
  ['mail in capitals', 'ALICE@EXAMPLE.COM', 'alice'],
  ['mail with an apostrophe', "pat.o'brien@example.com", 'pat.obrien'],
  ['mail that is the UPN too', 'carol@example.org', 'carol'],
  ['NetBIOS domain', `${netbios}\\bob`, 'bob'],
  ['NetBIOS domain in lower case', `${netbios.toLowerCase()}\\Bob`, 'bob'],
  ['DNS domain before the backslash', `${dnsDomain}\\bob`, 'bob'],
  ['a UPN beyond ASCII, with a blank', 'ödd name@example.com', 'oddupn'],
  ['a UPN beyond ASCII, composed otherwise', 'o\u0308dd name@example.com', 'oddupn'],
];

export function directoryContract(open: () => Promise<DirectoryUnderTest>): void {
  let under: DirectoryUnderTest;
  let directory: Directory;
  before(async () => {
    under = await open();
    ({ directory } = under);
  });
  after(() => under.close());

  it('checks that the server answers', async () => {
    await directory.check();
    assert.match(directory.server, /:\d+$/);
  });

  it('finds people by every kind of name', async () => {
    for (const [what, name, account] of names(under)) {
      const person = await directory.find(name).catch((error: unknown) => {
        throw new Error(`${what}: ${name}`, { cause: error });
      });
      assert.equal(person.sAMAccountName, account, what);
    }
  });

  it('finds nobody by names that mean nobody, attacks included', async () => {
    for (const [what, name] of nobody) {
      await assert.rejects(directory.find(name), refusedFor('person-unknown'), what);
    }
  });

  it('refuses a mail address that two people have', async () => {
    await assert.rejects(directory.find('shared@example.com'), refusedFor('person-ambiguous'));
  });

  it('reads a person whole', async () => {
    const alice = await directory.find('alice');
    assert.match(alice.objectGUID, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(alice.userPrincipalName, 'alice.liddell@example.com');
    assert.equal(alice.mail, 'alice@example.com');
    assert.equal(alice.barred, undefined);
    assert.match(alice.distinguishedName, /^cn=alice,ou=Engineering,/i);
    assert.deepEqual(await directory.read(alice), alice);
    assert.deepEqual(await directory.read({ ...alice, objectGUID: alice.objectGUID.toUpperCase() }), alice);
  });

  it('leaves out what a person does not have', async () => {
    const dave = await directory.find('dave');
    assert.equal(dave.mail, undefined);
    const noupn = await directory.find('noupn');
    assert.equal(noupn.userPrincipalName, undefined);
  });

  it('knows nobody of another objectGUID', async () => {
    const { distinguishedName } = await directory.find('alice');
    for (const objectGUID of ['00000000-0000-0000-0000-000000000000', '', '*', 'alice', '*)(objectClass=*']) {
      await assert.rejects(directory.read({ objectGUID, distinguishedName }), refusedFor('person-gone'), objectGUID);
    }
  });

  it('releases attributes as text', async () => {
    const alice = await directory.find('alice');
    assert.deepEqual(alice.attributes.objectGUID, [alice.objectGUID]);
    assert.match(alice.attributes.objectSid?.[0] ?? '', /^S-1-5-21-\d+-\d+-\d+-\d+$/);
    assert.deepEqual(alice.attributes.memberOf?.map((dn) => /^cn=((?:\\.|[^,\\])+)/i.exec(dn)?.[1]).toSorted(), [
      'engineering',
      'vpn\\, remote (EU)',
    ]);
    assert.deepEqual(Object.keys(alice.attributes).includes('noSuchAttribute'), false);
    const tags = await directory.find('tags');
    assert.deepEqual(tags.attributes.displayName, ['{Tag} ]]> & <b>']);
    const control = await directory.find('control');
    assert.deepEqual(control.attributes.description, ['a\u0001b']);
    const zoe = await directory.find('zoe');
    assert.equal(zoe.displayName, 'Zoë Müller-Łukasiewicz 测试');
  });

  it('reads bytes, and nothing of attributes that are not there', async () => {
    const alice = await directory.find('alice');
    const { bytes, groups } = await directory.readFurther(alice, {
      bytes: ['objectGUID', 'OBJECTSID', 'displayName', 'userCertificate', 'noSuchAttribute'],
      groups: undefined,
    });
    const read = (name: string): Buffer => Buffer.from(bytes[name]?.[0] ?? '', 'base64');
    assert.equal(objectGuidText(read('objectguid')), alice.objectGUID);
    assert.equal(objectSidText(read('objectsid')), alice.attributes.objectSid?.[0]);
    assert.equal(bytes.displayname?.length ?? 0, alice.displayName === undefined ? 0 : 1);
    assert.deepEqual([bytes.usercertificate, bytes.nosuchattribute, groups], [[], [], []]);
  });

  describe('groups', () => {
    const direct = ['engineering', 'vpn, remote (EU)'];
    const nested = ['all-staff', 'building-access'];
    const names = (groups: readonly PersonGroup[]): readonly (string | undefined)[] =>
      groups.map(({ dn }) => groupName(dn ?? '')).filter((name) => [...direct, ...nested, 'sales', 'empty'].includes(name ?? ''));

    it('that hold a person directly are read with their identifiers', async () => {
      const alice = await directory.find('alice');
      const { groups } = await directory.readFurther(alice, { bytes: [], groups: { nested: false, entries: true } });
      assert.deepEqual(groups.map(({ dn }) => groupName(dn ?? '')).toSorted(), direct);
      // Servers differ in which characters they escape, and how.
      const read = new Set(groups.map(({ dn }) => relativeNames(dn ?? '').join()));
      assert.deepEqual(read, new Set(alice.attributes.memberOf?.map((dn) => relativeNames(dn).join())));
      for (const group of groups) {
        assert.ok(group.direct);
        assert.match(group.sid ?? '', /^S-1-5-21-\d+-\d+-\d+-\d+$/);
        assert.match(group.objectGUID ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      }
    });

    it('that hold a person through others are told apart', async () => {
      const alice = await directory.find('alice');
      const { groups } = await directory.readFurther(alice, { bytes: [], groups: { nested: true, entries: true } });
      assert.deepEqual(names(groups).toSorted(), [...nested, ...direct].toSorted());
      assert.deepEqual(names(groups.filter((group) => group.direct)).toSorted(), direct);
      const order = groups.map(({ dn, sid }) => dn ?? sid ?? '');
      assert.deepEqual(order, order.toSorted());
      const again = await directory.readFurther(alice, { bytes: [], groups: { nested: true, entries: false } });
      const sids = new Set(again.groups.map(({ sid }) => sid));
      for (const { sid } of groups) assert.ok(sids.has(sid), sid);
    });

    it('of somebody in none are none but those of everybody', async () => {
      const mallory = await directory.find('mallory');
      const { groups } = await directory.readFurther(mallory, { bytes: [], groups: { nested: true, entries: true } });
      assert.deepEqual(names(groups), []);
    });

    it('are found for whoever was moved since, even if another took their place, and for nobody who is gone', async () => {
      const alice = await directory.find('alice');
      const wanted = { bytes: [], groups: { nested: false, entries: true } };
      const distinguishedName = alice.distinguishedName.replace(/^cn=alice/i, 'CN=formerly');
      const { groups } = await directory.readFurther({ ...alice, distinguishedName }, wanted);
      assert.equal(groups.length, 2);
      const { objectGUID: another } = await directory.find('mallory');
      assert.deepEqual((await directory.readFurther({ ...alice, objectGUID: another }, wanted)).groups, []);
      const objectGUID = '00000000-0000-0000-0000-000000000000';
      await assert.rejects(directory.readFurther({ ...alice, objectGUID, distinguishedName }, wanted), refusedFor('person-gone'));
    });
  });

  it('finds the holders of values, whatever their case', async () => {
    const accounts = async (attribute: 'userPrincipalName' | 'mail', values: readonly string[]): Promise<readonly unknown[]> =>
      (await directory.holders(attribute, values)).map((person) => person.sAMAccountName).toSorted();
    assert.deepEqual(await accounts('mail', []), []);
    assert.deepEqual(await accounts('mail', ['']), []);
    assert.deepEqual(await accounts('mail', ['SHARED@example.com']), ['sharer1', 'sharer2']);
    assert.deepEqual(await accounts('mail', ['twin@example.com', 'Twin@Corp.Local']), ['twin1', 'twin2']);
    assert.deepEqual(await accounts('userPrincipalName', ['twins@corp.local', 'twins@example.com']), ['twin1', 'twin2']);
    assert.deepEqual(await accounts('userPrincipalName', ['*', 'twin*', '*)(mail=*']), []);
    const many = [
      ...Array.from({ length: 998 }, (_, n) => `u${String(n)}@nowhere.example`),
      'bob@example.com',
      'BOB@example.com',
    ];
    assert.deepEqual(await accounts('mail', many), ['bob']);
    await assert.rejects(directory.holders('mail', [...many, 'x@example.com']), RangeError);
  });

  it('takes the right password', async () => {
    const odd = await directory.find("pat.o'brien@example.com");
    assert.ok(Buffer.from(odd.distinguishedName).includes('Brien'), `the CN is ${oddName}`);
    for (const name of ['alice', 'bob', 'zoe', 'pat.obrien', 'tags', 'oddupn@' + under.dnsDomain]) {
      await directory.authenticate(await directory.find(name), password);
    }
  });

  it('refuses a wrong password, and takes the right one after it', async () => {
    const bob = await directory.find('bob');
    await assert.rejects(directory.authenticate(bob, 'wrong'), refusedFor('password-wrong'));
    await directory.authenticate(bob, password);
    await assert.rejects(directory.authenticate(bob, password.toLowerCase()), refusedFor('password-wrong'));
    await directory.authenticate(bob, password);
  });

  it('refuses passwords that no server may see', async () => {
    const bob = await directory.find('bob');
    for (const unusable of ['', '\0', `${password}\0`, 'x'.repeat(1_025)]) {
      await assert.rejects(directory.authenticate(bob, unusable), refusedFor('password-unusable'));
      await assert.rejects(directory.authenticate(undefined, unusable), refusedFor('password-unusable'));
    }
  });

  it('makes an effort for nobody', async () => {
    await assert.rejects(directory.authenticate(undefined, password), refusedFor('password-wrong'));
  });

  it('says what stands against an account', async () => {
    for (const [name, expected] of Object.entries(answers)) {
      const person = await directory.find(name);
      const barred = name === 'disabled' ? 'person-disabled' : name === 'expired' ? 'person-expired' : undefined;
      assert.equal(person.barred, barred, name);
      const reason = expected[under.kind];
      if (reason === undefined) {
        await directory.authenticate(person, password);
      } else {
        await assert.rejects(directory.authenticate(person, password), refusedFor(reason), name);
      }
    }
  });

  it('hides the state of an account from those who do not know its password', async () => {
    const person = await directory.find('mustchange');
    await under.unlock?.(person.distinguishedName);
    await assert.rejects(directory.authenticate(person, 'wrong'), refusedFor('password-wrong'));
    await assert.rejects(directory.authenticate(person, password), refusedFor('password-must-change'));
  });

  describe('many at once', () => {
    it('gives everybody their own answer', async () => {
      const accounts = ['alice', 'bob', 'carol', 'dave', 'zoe', 'twin1', 'twin2', 'outsider'];
      await Promise.all(
        Array.from({ length: 40 }, async (_, turn) => {
          const account = accounts[turn % accounts.length] ?? '';
          const person = await directory.find(account);
          assert.equal(person.sAMAccountName, account);
          assert.equal((await directory.read(person)).sAMAccountName, account);
          if (turn < 8) {
            await directory.authenticate(person, password);
          }
        }),
      );
    });
  });
}
