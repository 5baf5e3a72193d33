/** The small parts of the directory: names, identities, messages, and the reasons behind a refused bind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bindRefusal } from '../../src/directory/bind-refusal.ts';
import { dnsDomainOf, relativeNames } from '../../src/directory/distinguished-name.ts';
import { endpointOf } from '../../src/directory/endpoint.ts';
import { createMessageStream } from '../../src/directory/message-stream.ts';
import { objectGuidBytes, objectGuidText } from '../../src/directory/object-guid.ts';
import { objectSidText } from '../../src/directory/object-sid.ts';
import { type Entry } from '../../src/directory/connection.ts';
import { personOf } from '../../src/directory/person-entry.ts';
import { parseSignInName } from '../../src/directory/sign-in-name.ts';
import type { Reason } from '../../src/refusal.ts';
import { refusedFor } from '../contract/directory.ts';

describe('objectGUID', () => {
  it('has its first three groups turned round', () => {
    const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
    assert.equal(objectGuidText(bytes), '33221100-5544-7766-8899-aabbccddeeff');
  });

  it('goes there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const text = objectGuidText(Buffer.from(bytes));
        assert.ok(text !== undefined);
        assert.deepEqual(objectGuidBytes(text), Buffer.from(bytes));
        assert.deepEqual(objectGuidBytes(text.toUpperCase()), Buffer.from(bytes));
      }),
    );
  });

  it('is nothing else', () => {
    assert.equal(objectGuidText(Buffer.alloc(15)), undefined);
    for (const text of ['', '33221100-5544-7766-8899-aabbccddeef', '{33221100-5544-7766-8899-aabbccddeeff}', 'g'.repeat(36)]) {
      assert.equal(objectGuidBytes(text), undefined);
    }
  });
});

describe('objectSid', () => {
  const rows: readonly (readonly [hex: string, text: string | undefined])[] = [
    ['010500000000000515000000a065cf7e784b9b5fe77c8770091c0100', 'S-1-5-21-2127521184-1604012920-1887927527-72713'],
    ['01020000000000052000000020020000', 'S-1-5-32-544'],
    ['010100000000000100000000', 'S-1-1-0'],
    ['0105000000000005', undefined],
    ['020100000000000100000000', undefined],
    ['', undefined],
  ];
  it('is read', () => {
    for (const [hex, text] of rows) {
      assert.equal(objectSidText(Buffer.from(hex, 'hex')), text, hex);
    }
  });
});

describe('distinguished names', () => {
  it('are taken apart at commas that are none of a value', () => {
    const rows: readonly (readonly [dn: string, names: readonly string[]])[] = [
      ['CN=Alice,DC=Example', ['cn=alice', 'dc=example']],
      [' cn = Alice , dc=example', ['cn=alice', 'dc=example']],
      ['CN=a\\,b\\+c,DC=x', ['cn=a,b+c', 'dc=x']],
      ['CN=a\\2cb,DC=x', ['cn=a,b', 'dc=x']],
      ['CN=Z\\c3\\abe,DC=x', ['cn=zëe', 'dc=x']],
      ['CN=back\\\\,DC=x', ['cn=back\\', 'dc=x']],
      ['CN=back\\5c2c,DC=x', ['cn=back\\2c', 'dc=x']],
      ['', []],
    ];
    for (const [dn, names] of rows) {
      assert.deepEqual(relativeNames(dn), names, dn);
    }
  });

  it('tell the DNS domain', () => {
    assert.equal(dnsDomainOf('OU=Staff,DC=Corp,dc=Example, DC=com'), 'corp.example.com');
    assert.equal(dnsDomainOf('o=Example'), undefined);
  });
});

describe('a sign-in name', () => {
  it('means an account or a principal', () => {
    const account = (name: string, domain?: string) => ({ kind: 'account', account: name, domain });
    assert.deepEqual(parseSignInName(' alice '), account('alice'));
    assert.deepEqual(parseSignInName('CORP\\alice'), account('alice', 'corp'));
    assert.deepEqual(parseSignInName('Corp.Example.Com\\alice'), account('alice', 'corp.example.com'));
    assert.deepEqual(parseSignInName('CORP\\a@b'), account('a@b', 'corp'));
    const principal = (text: string, before: string, suffix: string) => ({ kind: 'principal', text, account: before, suffix });
    assert.deepEqual(parseSignInName('a@CORP.example.com'), principal('a@CORP.example.com', 'a', 'corp.example.com'));
    assert.deepEqual(parseSignInName('a@b@example.com'), principal('a@b@example.com', 'a@b', 'example.com'));
    assert.deepEqual(parseSignInName('@example.com'), principal('@example.com', '', 'example.com'));
    assert.equal(parseSignInName('x'.repeat(256)).kind, 'account');
  });

  it('is refused or free of what could hurt, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
        try {
          const name = parseSignInName(typed);
          const text = name.kind === 'account' ? name.account : name.text;
          assert.ok(text.length > 0 && text.length <= 256 && !/\p{Cc}/u.test(text));
        } catch (error) {
          refusedFor('person-unknown')(error);
        }
      }),
    );
  });
});

describe('a stream of messages', () => {
  const message = (id: number, size: number): Buffer => {
    const body = Buffer.concat([Buffer.from([0x02, 0x01, id, 0x04, 0x82, size >> 8, size & 0xff]), Buffer.alloc(size)]);
    return Buffer.concat([Buffer.from([0x30, 0x84, 0, 0, body.length >> 8, body.length & 0xff]), body]);
  };

  it('is cut into the same messages however it arrives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 300 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 100 })),
        (sizes, steps) => {
          const whole = Buffer.concat(sizes.map((size, place) => message(place + 1, size)));
          const ids: number[] = [];
          const feed = createMessageStream(1_000, ({ id, operation }) => {
            assert.equal(operation, 0x04);
            ids.push(id);
          });
          let rest = whole;
          for (const step of steps) {
            feed(rest.subarray(0, step));
            rest = rest.subarray(step);
          }
          assert.equal(feed(rest), 0);
          assert.deepEqual(
            ids,
            sizes.map((_, place) => place + 1),
          );
        },
      ),
    );
  });

  it('refuses messages beyond the limit as soon as they are announced', () => {
    const feed = createMessageStream(100, () => undefined);
    assert.throws(() => feed(Buffer.from([0x30, 0x81, 0x62])), /malformed/);
  });

  it('refuses what is no message, at once', () => {
    for (const hex of ['31', '3080', '308500000000ff', '3000', '30030201', '3002020130', '30020400', '3003020101']) {
      const feed = createMessageStream(100, () => undefined);
      assert.throws(() => feed(Buffer.from(`${hex}3003020101`, 'hex')), hex);
    }
  });
});

describe('a refused bind', () => {
  const words = (data: string): string =>
    `80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data ${data}, v4563`;
  const rows: readonly (readonly [
    what: string,
    code: number,
    message: string,
    policy: number | undefined,
    reason: Reason | undefined,
  ])[] = [
    ['success', 0, '', undefined, undefined],
    ['success after a reset', 0, '', 2, 'password-must-change'],
    ['unknown', 49, words('525'), undefined, 'password-wrong'],
    ['wrong', 49, words('52e'), undefined, 'password-wrong'],
    ['hours', 49, words('530'), undefined, 'logon-hours'],
    ['workstation', 49, words('531'), undefined, 'logon-workstation'],
    ['password expired', 49, words('532'), undefined, 'password-expired'],
    ['disabled', 49, words('533'), undefined, 'person-disabled'],
    ['expired', 49, words('701'), undefined, 'person-expired'],
    ['must change', 49, words('773'), undefined, 'password-must-change'],
    ['locked', 49, words('775'), undefined, 'person-locked'],
    ['too many groups', 49, words('568'), undefined, 'too-many-groups'],
    ['no controller that could judge', 49, words('51f'), undefined, 'directory-unavailable'],
    ['a broken trust', 49, words('6fb'), undefined, 'directory-unavailable'],
    ['another code', 49, words('5a3'), undefined, 'bind-refused'],
    ['an account restriction', 49, words('52f'), undefined, 'bind-refused'],
    ['no code', 49, '', undefined, 'password-wrong'],
    ['no code, locked', 49, '', 1, 'person-locked'],
    ['no code, expired', 49, '', 0, 'password-expired'],
    ['no password', 48, '', undefined, 'password-wrong'],
    ['unwilling', 53, '', undefined, 'bind-refused'],
    ['busy', 51, '', undefined, 'directory-unavailable'],
    ['unavailable', 52, '', undefined, 'directory-unavailable'],
    ['TLS wanted', 8, 'BindSimple: Transport encryption required.', undefined, 'directory-refused'],
    ['TLS wanted', 13, '', undefined, 'directory-refused'],
  ];
  it('has its reason', () => {
    for (const [what, code, message, policy, reason] of rows) {
      assert.equal(bindRefusal({ code, message, policy, cookie: undefined }), reason, what);
    }
  });
});

describe('a person’s entry', () => {
  const entryOf = (attributes: Readonly<Record<string, readonly (string | Buffer)[]>>): Entry => ({
    dn: 'CN=x',
    attributes: new Map(
      Object.entries(attributes).map(([name, values]) => [name.toLowerCase(), values.map((value) => Buffer.from(value))]),
    ),
  });
  const now = Date.parse('2025-06-01T00:00:00Z');
  const fileTime = (time: string): string => String((BigInt(Date.parse(time)) + 11_644_473_600_000n) * 10_000n);
  const user = { objectGUID: [Buffer.alloc(16, 1)], objectClass: ['top', 'Person', 'user'] };

  it('is nobody’s where it is a computer, a contact, a group or without identity', () => {
    for (const objectClass of [['top'], ['person', 'user', 'computer'], ['person', 'contact'], ['group'], []]) {
      assert.equal(personOf(entryOf({ ...user, objectClass }), [], now), undefined);
    }
    assert.equal(personOf(entryOf({ objectClass: ['user'] }), [], now), undefined);
    assert.equal(personOf(entryOf({ ...user, objectGUID: ['short'] }), [], now), undefined);
    assert.ok(personOf(entryOf({ ...user, objectClass: ['inetOrgPerson'] }), [], now));
  });

  it('tells what bars the account', () => {
    const rows: readonly (readonly [control: string, expires: string, barred: string | undefined])[] = [
      ['512', '0', undefined],
      ['512', '9223372036854775807', undefined],
      ['514', '0', 'person-disabled'],
      ['66050', '0', 'person-disabled'],
      ['66048', '0', undefined],
      ['512', fileTime('2025-05-31T23:59:59Z'), 'person-expired'],
      ['512', fileTime('2025-06-01T00:00:00Z'), 'person-expired'],
      ['512', fileTime('2025-06-01T00:00:01Z'), undefined],
    ];
    for (const [control, expires, barred] of rows) {
      const entry = entryOf({ ...user, userAccountControl: [control], accountExpires: [expires] });
      assert.equal(personOf(entry, [], now)?.barred, barred, `${control} ${expires}`);
    }
    assert.equal(personOf(entryOf(user), [], now)?.barred, undefined);
  });

  it('releases text, and base64 of what is none', () => {
    const entry = entryOf({ ...user, photo: [Buffer.from([0xff, 0xd8]), 'text', ''], empty: [''], Title: ['\ufeffBoss'] });
    assert.deepEqual(personOf(entry, ['Photo', 'empty', 'title', 'missing', 'distinguishedName'], now)?.attributes, {
      Photo: ['/9g=', 'text'],
      title: ['\ufeffBoss'],
      distinguishedName: ['CN=x'],
    });
  });
});

describe('an endpoint', () => {
  it('is read from its URL', () => {
    assert.deepEqual(endpointOf('ldaps://dc1.example.com', false), {
      host: 'dc1.example.com',
      port: 636,
      protection: 'ldaps',
      name: 'dc1.example.com:636',
    });
    assert.deepEqual(endpointOf('ldap://dc1.example.com', true), {
      host: 'dc1.example.com',
      port: 389,
      protection: 'starttls',
      name: 'dc1.example.com:389',
    });
    assert.deepEqual(endpointOf('ldap://[::1]:1389', false), { host: '::1', port: 1389, protection: 'none', name: '[::1]:1389' });
    assert.throws(() => endpointOf('https://dc1.example.com', true), TypeError);
  });
});
