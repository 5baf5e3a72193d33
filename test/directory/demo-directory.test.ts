/** The embedded demo directory, by the same suite as the real ones, and in what is its own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  AndFilter,
  Client,
  EqualityFilter,
  type Filter,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
} from 'ldapts';
import { type DemoDirectory, createDemoDirectory } from '../../src/directory/demo-directory.ts';
import { type Reason, Refusal } from '../../src/refusal.ts';
import { directoryContract, refusedFor } from '../contract/directory.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';
import { clock, openOneDomain, optionsForDemo } from './options.ts';

const base = 'DC=corp,DC=example,DC=com';
const startTest = (now = clock): Promise<DemoDirectory> =>
  createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock: now });
const shippedLdif = readFileSync(join(import.meta.dirname, '../../src/demo/directory.ldif'), 'utf8');

describe('the demo directory', () => {
  directoryContract(async () => {
    const demo = await startTest();
    const directory = openOneDomain(optionsForDemo(demo.url));
    return {
      directory,
      dnsDomain: 'corp.example.com',
      netbios: 'CORP',
      kind: 'active-directory',
      async close() {
        await directory.close();
        await demo.close();
      },
    };
  });

  it('refuses to listen off loopback, and says so', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', '10.127.0.1', 'example.com', '', '128.0.0.1', '127.0.0.1.example.com']) {
      await assert.rejects(createDemoDirectory({ ldif: demoLdif(), host, port: 0, clock }), /loopback only/, host);
    }
  });

  it('refuses text that is no LDIF', async () => {
    for (const ldif of ['', 'nonsense', 'cn: before its dn', 'dn: CN=x,OU=y\nobjectClass: person']) {
      await assert.rejects(createDemoDirectory({ ldif, host: '127.0.0.1', port: 0, clock }), SyntaxError, ldif);
    }
  });

  it('locks after five failures and opens again after half an hour', async () => {
    let now = Date.parse('2025-06-01T10:00:00Z');
    const demo = await startTest({ now: () => now, until: () => Promise.resolve() });
    const directory = openOneDomain(optionsForDemo(demo.url));
    const bob = await directory.find('bob');
    for (let turn = 0; turn < 5; turn += 1) {
      await assert.rejects(directory.authenticate(bob, 'wrong'), refusedFor('password-wrong'));
    }
    await assert.rejects(directory.authenticate(bob, 'wrong'), refusedFor('person-locked'));
    await assert.rejects(directory.authenticate(bob, 'Passw0rd!'), refusedFor('person-locked'));
    now += 30 * 60_000;
    await directory.authenticate(bob, 'Passw0rd!');
    await directory.close();
    await demo.close();
  });

  it('answers a refused bind in Active Directory’s words', async () => {
    const demo = await startTest();
    const client = new Client({ url: demo.url });
    await assert.rejects(
      client.bind('alice.liddell@example.com', 'wrong'),
      /^\S+: 80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1 Code: 0x31$/,
    );
    await client.unbind();
    await demo.close();
  });

  it('searches by every kind of filter and scope, to another LDAP library’s satisfaction', async () => {
    const demo = await startTest();
    const client = new Client({ url: demo.url });
    await assert.rejects(client.search(base, { filter: '(cn=*)' }), /successful bind must be completed/);
    const root = await client.search('', { scope: 'base', attributes: ['defaultNamingContext'] });
    assert.equal(root.searchEntries[0]?.defaultNamingContext, base);
    await client.bind('CORP\\svc-ldap', 'Passw0rd!');
    const equality = (attribute: string, value: string): Filter => new EqualityFilter({ attribute, value });
    const rows: readonly (readonly [what: string, filter: Filter, accounts: readonly string[]])[] = [
      ['equality', equality('sAMAccountName', 'ALICE'), ['alice']],
      ['a missing attribute', equality('nothing', 'x'), []],
      ['and', new AndFilter({ filters: [equality('objectClass', 'user'), equality('mail', 'bob@example.com')] }), ['bob']],
      [
        'or',
        new OrFilter({ filters: [equality('cn', 'x'), equality('sAMAccountName', 'bob'), equality('mail', 'bob@example.com')] }),
        ['bob'],
      ],
      [
        'not',
        new AndFilter({
          filters: [
            new SubstringFilter({ attribute: 'sAMAccountName', initial: 'twin' }),
            new NotFilter({ filter: equality('sAMAccountName', 'twin1') }),
          ],
        }),
        ['twin2'],
      ],
      ['beginning', new SubstringFilter({ attribute: 'sAMAccountName', initial: 'TWIN' }), ['twin1', 'twin2']],
      ['middle', new SubstringFilter({ attribute: 'mail', any: ['har', 'exam'] }), ['sharer1', 'sharer2']],
      ['end', new SubstringFilter({ attribute: 'userPrincipalName', final: '@corp.local' }), ['twin2']],
      ['overlapping parts', new SubstringFilter({ attribute: 'sAMAccountName', initial: 'alic', final: 'ice' }), []],
      ['present', new AndFilter({ filters: [new PresenceFilter({ attribute: 'description' })] }), ['control']],
      ['at least', new GreaterThanEqualsFilter({ attribute: 'lockoutTime', value: '99999999999999999' }), ['locked']],
      ['at most', new LessThanEqualsFilter({ attribute: 'accountExpires', value: '900000000000000000' }), ['expired']],
    ];
    for (const [what, filter, accounts] of rows) {
      const { searchEntries } = await client.search(base, { filter, attributes: ['sAMAccountName'] });
      assert.deepEqual(searchEntries.map((entry) => entry.sAMAccountName).toSorted(), accounts, what);
      assert.deepEqual(Object.keys(searchEntries[0] ?? { dn: '', sAMAccountName: '' }), ['dn', 'sAMAccountName'], what);
    }
    const ofScope = async (at: string, scope: 'base' | 'one' | 'sub'): Promise<number> =>
      (await client.search(at, { scope, filter: '(objectClass=organizationalUnit)' })).searchEntries.length;
    assert.equal(await ofScope(`ou=staff , ${base}`, 'base'), 1);
    assert.equal(await ofScope(`OU=Staff,${base}`, 'one'), 2);
    assert.equal(await ofScope(`OU=Staff,${base}`, 'sub'), 3);
    await assert.rejects(ofScope(`OU=Nowhere,${base}`, 'sub'), /Code: 0x20/);
    const whole = await client.search(base, { filter: '(sAMAccountName=alice)' });
    assert.equal('userPassword' in (whole.searchEntries[0] ?? {}), false);
    await assert.rejects(client.del(`CN=alice,${base}`), /Code: 0x35/);
    await client.unbind();
    await demo.close();
  });

  it('pages, and refuses more than 1,000 without pages', async () => {
    const crowd = Array.from(
      { length: 1_200 },
      (_, n) => `dn: CN=p${String(n)},${base}\nobjectClass: user\nsAMAccountName: p${String(n)}\nmail: crowd@example.com\n`,
    );
    const demo = await createDemoDirectory({ ldif: `${demoLdif()}\n${crowd.join('\n')}`, host: '127.0.0.1', port: 0, clock });
    const client = new Client({ url: demo.url });
    await client.bind('svc-ldap@corp.example.com', 'Passw0rd!');
    const filter = '(mail=crowd@example.com)';
    await assert.rejects(client.search(base, { filter }), /Code: 0x4/);
    assert.equal((await client.search(base, { filter, paged: { pageSize: 100 } })).searchEntries.length, 1_200);
    const directory = openOneDomain(optionsForDemo(demo.url));
    assert.equal((await directory.holders('mail', ['crowd@example.com'])).length, 1_200);
    await assert.rejects(directory.find('crowd@example.com'), refusedFor('person-ambiguous'));
    await directory.close();
    await client.unbind();
    await demo.close();
  });

  it('survives whatever is thrown at it', async () => {
    const demo = await startTest();
    const attack = (bytes: Uint8Array): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect({ port: demo.port, host: '127.0.0.1' });
        socket.on('error', () => socket.destroy());
        socket.on('data', () => socket.destroy());
        socket.on('close', () => {
          resolve();
        });
        socket.end(bytes);
      });
    const depth = 5_000;
    const nested = Buffer.concat([Buffer.alloc(2 * depth, Buffer.from([0xa2, 0x80])), Buffer.from([0x87, 0x01, 0x61])]);
    const attacks = [
      Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0x30, 0x80, 0x02, 0x01, 0x01]),
      Buffer.from([0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x84, 0xff, 0xff, 0xff, 0xf0, 0x02, 0x01, 0x03]),
      Buffer.from([0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03, 0x04, 0x7f, 0x80, 0x00]),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      nested,
    ];
    for (const bytes of attacks) {
      await attack(bytes);
    }
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom(0x60, 0x63, 0x77, 0x42, 0x66),
        async (body, operation) => {
          await attack(Buffer.from([0x30, body.length + 5, 0x02, 0x01, 0x01, operation, body.length, ...body]));
        },
      ),
      { numRuns: 100 },
    );
    const directory = openOneDomain(optionsForDemo(demo.url));
    await directory.check();
    await directory.close();
    await demo.close();
  });

  it('finds by any text the person who bears it, and no other', async () => {
    const demo = await startTest();
    const directory = openOneDomain(optionsForDemo(demo.url));
    const fragment = fc.constantFrom(
      'alice',
      '@',
      '*',
      '(',
      ')',
      '\\',
      '|',
      '=',
      'CORP',
      'example.com',
      'bob',
      '\0',
      'é',
      '&',
      '!',
      '\u{1f600}',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fragment, { maxLength: 6 }).map((parts) => parts.join('')),
        async (name) => {
          const found = await directory.find(name).catch((error: unknown) => {
            refusedFor('person-unknown')(error);
            return undefined;
          });
          const bare = name.toLowerCase().replace(/^corp\\/, '');
          assert.ok(found === undefined || [found.sAMAccountName, found.mail].includes(bare), name);
        },
      ),
      { numRuns: 300 },
    );
    await directory.close();
    await demo.close();
  });
});

describe('the shipped demo people', () => {
  const password = 'demo-Passw0rd';
  const rows: readonly (readonly [name: string, reason: Reason | undefined])[] = [
    ['ada@example.com', undefined],
    ['grace', undefined],
    ['alan.turing@example.com', undefined],
    ['alan@example.com', undefined],
    ['zoe@example.com', undefined],
    ["pat.o'brien@example.com", undefined],
    ['rosalind@example.com', undefined],
    ['kim@example.com', undefined],
    ['kim@corp.example.com', undefined],
    ['pia@partner.example.net', undefined],
    ['nora', undefined],
    ['dora@example.com', 'person-disabled'],
    ['luca@example.com', 'person-locked'],
    ['erik@example.com', 'person-expired'],
    ['mia@example.com', 'password-must-change'],
    ['olaf@example.com', 'password-expired'],
    ['svc-passerelle', undefined],
  ];

  it('sign in, each as the file says', async () => {
    const demo = await createDemoDirectory({ ldif: shippedLdif, host: '127.0.0.1', port: 0, clock });
    const service = demo.accounts.find(({ sAMAccountName }) => sAMAccountName === 'svc-passerelle');
    assert.equal(demo.accounts[0]?.userPrincipalName, 'ada@example.com');
    assert.equal(demo.baseDn, base);
    const directory = openOneDomain({
      ...optionsForDemo(demo.url),
      bindDn: service?.distinguishedName ?? '',
      password: service?.password ?? '',
    });
    for (const [name, reason] of rows) {
      const person = await directory.find(name);
      const outcome = await directory.authenticate(person, password).then(
        () => undefined,
        (error: unknown) => (error instanceof Refusal ? error.reason : error),
      );
      assert.equal(outcome, reason, name);
    }
    assert.equal((await directory.find('kim@example.com')).sAMAccountName, 'kim');
    assert.equal((await directory.find('kim@corp.example.com')).sAMAccountName, 'kim2');
    await directory.close();
    await demo.close();
  });
});
