/** The parts that read Kerberos: vectors of the standards, laws, and bytes that mean harm. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { hash, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { readApRequest } from '../../src/authenticators/kerberos/ap-request.ts';
import { DerMistake } from '../../src/authenticators/kerberos/der.ts';
import { endpointBindings } from '../../src/authenticators/kerberos/endpoint-bindings.ts';
import { createFindPrincipal, principalText } from '../../src/authenticators/kerberos/find-principal.ts';
import { readNegotiateToken } from '../../src/authenticators/kerberos/negotiate-token.ts';
import { readPac } from '../../src/authenticators/kerberos/pac.ts';
import { readAuthenticator, readTicket } from '../../src/authenticators/kerberos/ticket.ts';
import { nFold, unseal, workingKeys } from '../../src/authenticators/kerberos/unseal.ts';
import { readKeytab } from '../../src/config/keytab.ts';
import type { Person } from '../../src/directory/directory.ts';
import { objectSidText } from '../../src/directory/object-sid.ts';
import { Refusal } from '../../src/refusal.ts';
import { makePac, makeServiceKey, makeToken, seal, writeKeytab, type ServiceKey } from '../fixtures/make-ticket.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const sid = hex('010500000000000515000000bc5b2cd6d8bbac61d62b05244f040000');
const enctypes = fc.constantFrom(17, 18, 19, 20);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

describe('n-fold', () => {
  const vectors: readonly (readonly [input: string, output: string])[] = [
    ['012345', 'be072631276b1955'],
    ['password', '78a07b6caf85fa'],
    ['Rough Consensus, and Running Code', 'bb6ed30870b7f0e0'],
    ['password', '59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e'],
    ['MASSACHVSETTS INSTITVTE OF TECHNOLOGY', 'db3b0d8f0b061e603282b308a50841229ad798fab9540c1b'],
    ['Q', '518a54a215a8452a518a54a215a8452a518a54a215'],
    ['ba', 'fb25d531ae8974499f52fd92ea9857c4ba24cf297e'],
    ['kerberos', '6b65726265726f737b9b5b2b93132b93'],
    ['kerberos', '8372c236344e5f1550cd0747e15d62ca7a5a3bcea4'],
    ['kerberos', '6b65726265726f737b9b5b2b93132b935c9bdcdad95c9899c4cae4dee6d6cae4'],
  ];
  for (const [input, output] of vectors) {
    it(`of ${input} to ${String(output.length / 2)} bytes is as RFC 3961 appendix A.1 has it`, () => {
      assert.equal(nFold(Buffer.from(input), output.length / 2).toString('hex'), output);
    });
  }
});

describe('AES with SHA-2', () => {
  const key128 = hex('37 05 D9 60 80 C1 77 28 A0 E8 00 EA B6 E0 D2 3C');
  const key256 = hex('6D 40 4D 37 FA F7 9F 9D F0 D3 35 68 D3 20 66 98 00 EB 48 36 47 2E A8 A0 26 D1 6B 71 82 46 0C 52');

  it('derives its keys as RFC 8009 appendix A has them', () => {
    assert.deepEqual(workingKeys(19, key128, 2), {
      encrypt: hex('9B 19 7D D1 E8 C5 60 9D 6E 67 C3 E3 7C 62 C7 2E'),
      vouch: hex('9F DA 0E 56 AB 2D 85 E1 56 9A 68 86 96 C2 6A 6C'),
    });
    assert.deepEqual(workingKeys(20, key256, 2), {
      encrypt: hex('56 AB 22 BE E6 3D 82 D7 BC 52 27 F6 77 3F 8E A7 A5 EB 1C 82 51 60 C3 83 12 98 0C 44 2E 5C 7E 49'),
      vouch: hex('69 B1 65 14 E3 CD 8E 56 B8 20 10 D5 C7 30 12 B6 22 C4 D0 0F FC 23 ED 1F'),
    });
  });

  it('opens what stands encrypted there', () => {
    const nothing = hex('EF 85 FB 89 0B B8 47 2F 4D AB 20 39 4D CA 78 1D AD 87 7E DA 39 D5 0C 87 0C 0D 5A 0A 8E 48 C7 18');
    assert.equal(unseal(19, key128, 2, nothing)?.length, 0);
    const six = hex(
      '84 D7 F3 07 54 ED 98 7B AB 0B F3 50 6B EB 09 CF B5 54 02 CE F7 E6 87 7C E9 9E 24 7E 52 D1 6E D4 42 1D FD F8 97 6C',
    );
    assert.equal(unseal(19, key128, 2, six)?.toString('hex'), '000102030405');
  });
});

describe('what is sealed', () => {
  it('opens by its key and use alone, whatever its length', () => {
    fc.assert(
      fc.property(enctypes, bytes(100), (enctype, plain) => {
        const { key } = makeServiceKey('a/b@C', enctype);
        const sealed = seal(enctype, key, 2, plain);
        assert.deepEqual(unseal(enctype, key, 2, sealed), plain);
        assert.equal(unseal(enctype, key, 11, sealed), undefined);
        assert.equal(unseal(enctype, randomBytes(key.length), 2, sealed), undefined);
      }),
      { numRuns: 60 },
    );
  });

  it('does not open once a bit of it was changed, or a byte is missing', () => {
    fc.assert(
      fc.property(enctypes, bytes(60), fc.nat(), (enctype, plain, at) => {
        const { key } = makeServiceKey('a/b@C', enctype);
        const sealed = seal(enctype, key, 2, plain);
        const changed = Buffer.from(sealed);
        const bit = at % (sealed.length * 8);
        changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
        assert.equal(unseal(enctype, key, 2, changed), undefined);
        assert.equal(unseal(enctype, key, 2, sealed.subarray(0, at % sealed.length)), undefined);
      }),
      { numRuns: 60 },
    );
  });

  it('and no other encryption opens anything', () => {
    for (const enctype of [-133, 0, 1, 3, 16, 21, 23, 24, 26])
      assert.equal(unseal(enctype, randomBytes(16), 2, randomBytes(80)), undefined);
  });
});

describe('a token', () => {
  const key = makeServiceKey('HTTP/sso.example.com@CORP.EXAMPLE.COM');
  const whole = Buffer.from(makeToken({ key, sid }), 'base64');
  const read = (token: Buffer): void => {
    try {
      readApRequest(readNegotiateToken(token.toString('base64')));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  };

  it('says for whom it is and how it is encrypted', () => {
    const { service, ticket, authenticator } = readApRequest(readNegotiateToken(whole.toString('base64')));
    assert.deepEqual([service, ticket.enctype, ticket.kvno, authenticator.enctype], [key.principal, 18, 1, 18]);
  });

  it('cut off anywhere is refused', () => {
    for (let length = 0; length < whole.length; length += 1) {
      assert.throws(
        () => readApRequest(readNegotiateToken(whole.subarray(0, length).toString('base64'))),
        (error) => error instanceof Refusal && error.reason === 'kerberos-token-malformed',
      );
    }
  });

  it('changed anywhere is read or refused, never a fault', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        read(changed);
      }),
      { numRuns: 3_000 },
    );
    fc.assert(fc.property(bytes(300), read));
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.throws(() => readNegotiateToken(`${text}!`), Refusal);
      }),
    );
  });

  it('sealed contents of any kind are read, or are a mistake', () => {
    const tryAll = (plain: Buffer): void => {
      for (const reader of [(part: Buffer) => readTicket(part, key), readAuthenticator]) {
        try {
          reader(plain);
        } catch (error) {
          if (!(error instanceof DerMistake)) throw error;
        }
      }
    };
    fc.assert(fc.property(bytes(200), tryAll));
    const request = readApRequest(readNegotiateToken(whole.toString('base64')));
    const plain = unseal(18, key.key, 2, request.ticket.cipher)!;
    fc.assert(
      fc.property(fc.nat(plain.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(plain);
        changed[at] = byte;
        tryAll(changed);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a PAC', () => {
  const keys = [17, 18, 19, 20].map((enctype) => makeServiceKey('a/b@C', enctype));
  const [key] = keys as [ServiceKey];

  it('names the account by its SID, where it is signed by the key of the service', () => {
    for (const one of keys) {
      const pac = makePac(sid, one);
      const read = readPac(pac, one);
      assert.equal(objectSidText(read.sid!), 'S-1-5-21-3593231292-1638710232-604318678-1103');
      assert.equal(read.isDelegated, false);
      for (const other of keys) if (other !== one) assert.equal(readPac(pac, other).sid, undefined);
      assert.equal(readPac(pac, { ...one, key: randomBytes(one.key.length) }).sid, undefined);
    }
  });

  it('tells that a service got the ticket', () => {
    assert.equal(readPac(makePac(sid, key, { delegated: true }), key).isDelegated, true);
  });

  it('that says it twice says nothing', () => {
    for (const times of [0, 2, 70]) assert.equal(readPac(makePac(sid, key, { times }), key).sid, undefined);
  });

  it('of any other kind names nobody, and is no fault', () => {
    const pac = makePac(sid, key);
    fc.assert(fc.property(bytes(400), (other) => readPac(other, key).sid === undefined));
    fc.assert(
      fc.property(fc.nat(pac.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(pac);
        changed[at] = changed[at]! ^ change;
        // Only what the KDC signed for itself is not ours to judge.
        if (at < pac.length - 12) assert.equal(readPac(changed, key).sid, undefined, String(at));
        else readPac(changed, key);
      }),
      { numRuns: 2_000 },
    );
    for (let length = 0; length < pac.length; length += 1) assert.equal(readPac(pac.subarray(0, length), key).sid, undefined);
  });
});

describe('a keytab', () => {
  it('is read as it was written', () => {
    const entry = fc.record({
      principal: fc.constantFrom('HTTP/a.example@R', 'host/b@R', 'svc@R', 'HTTP/ü.example@R'),
      enctype: fc.constantFrom(17, 18, 23),
      kvno: fc.nat(100_000),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 10 }), (entries) => {
        const keys = entries.map(({ principal, enctype, kvno }) => makeServiceKey(principal, enctype, kvno));
        // Version 0 stands for none given.
        assert.deepEqual(
          readKeytab(writeKeytab(keys)),
          keys.map((key) => ({ ...key })),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('passes over entries that were deleted', () => {
    const [one, two] = [makeServiceKey('HTTP/a@R'), makeServiceKey('HTTP/b@R')];
    const whole = writeKeytab([one, two]);
    whole.writeInt32BE(-whole.readInt32BE(2), 2);
    assert.deepEqual(
      readKeytab(whole)?.map(({ principal }) => principal),
      ['HTTP/b@R'],
    );
  });

  it('cut off, of another kind or of any bytes at all is none', () => {
    const whole = writeKeytab([makeServiceKey('HTTP/a@R')]);
    for (let length = 3; length < whole.length; length += 1) assert.equal(readKeytab(whole.subarray(0, length)), undefined);
    for (const other of ['', '-----BEGIN CERTIFICATE-----', '\x05\x01rest'])
      assert.equal(readKeytab(Buffer.from(other, 'latin1')), undefined);
    fc.assert(fc.property(bytes(300), (other) => void readKeytab(Buffer.concat([Buffer.from([5, 2]), other]))));
    assert.equal(readKeytab(Buffer.alloc(300_000, 5)), undefined);
  });
});

describe('the binding to a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-bindings-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const pss = (digest: string): readonly string[] => ['-newkey', 'rsa:2048', `-${digest}`, '-sigopt', 'rsa_padding_mode:pss'];
  const kinds: readonly (readonly [kind: string, options: readonly string[], digest: string])[] = [
    ['RSA-SHA256', ['-newkey', 'rsa:2048', '-sha256'], 'sha256'],
    ['RSA-SHA384', ['-newkey', 'rsa:2048', '-sha384'], 'sha384'],
    ['RSA-SHA512', ['-newkey', 'rsa:2048', '-sha512'], 'sha512'],
    ['RSA-SHA1', ['-newkey', 'rsa:2048', '-sha1'], 'sha256'],
    ['RSA-PSS with SHA-256', pss('sha256'), 'sha256'],
    ['RSA-PSS with SHA-384', pss('sha384'), 'sha384'],
    ['ECDSA-SHA256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-sha256'], 'sha256'],
    ['ECDSA-SHA384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-sha384'], 'sha384'],
    ['Ed25519', ['-newkey', 'ed25519'], 'sha256'],
  ];
  for (const [kind, options, digest] of kinds) {
    it(`signed by ${kind} uses ${digest}`, () => {
      const file = join(folder, 'certificate.pem');
      execFileSync('openssl', ['req', '-x509', ...options, '-nodes', '-subj', '/CN=a', '-keyout', '/dev/null', '-out', file], {
        stdio: 'ignore',
      });
      const pem = readFileSync(file, 'latin1');
      const data = Buffer.concat([Buffer.from('tls-server-end-point:'), hash(digest, new X509Certificate(pem).raw, 'buffer')]);
      const head = Buffer.alloc(20);
      head.writeUInt32LE(data.length, 16);
      assert.deepEqual(endpointBindings(pem), hash('md5', Buffer.concat([head, data]), 'buffer'));
    });
  }
});

describe('the person of a principal', () => {
  const somebody = (name: string, more: Partial<Person> = {}): Person => ({
    objectGUID: `guid-of-${name}`,
    distinguishedName: `CN=${name},DC=corp,DC=example,DC=com`,
    sAMAccountName: name,
    userPrincipalName: `${name}@example.com`,
    mail: undefined,
    displayName: undefined,
    barred: undefined,
    domain: 'corp.example.com',
    attributes: {},
    ...more,
  });
  const sidOf = (person: Person): Buffer =>
    Buffer.concat([sid.subarray(0, -4), hash('sha1', person.objectGUID, 'buffer').subarray(0, 4)]);

  /** `people` answer to those names. */
  const finder = (people: Readonly<Record<string, Person>>, withSids = true) =>
    createFindPrincipal({
      directory: {
        find: (name) => {
          const person = people[name];
          return person === undefined ? Promise.reject(new Refusal('person-unknown')) : Promise.resolve(person);
        },
        readFurther: (person) =>
          Promise.resolve({ bytes: withSids ? { objectsid: [sidOf(person).toString('base64')] } : {}, groups: [] }),
      },
      realms: new Map([['CORP.EXAMPLE.COM', 'corp.example.com']]),
    });
  const principal = (name: string, of?: Person, realm = 'CORP.EXAMPLE.COM') => ({
    realm,
    name: name.split('/'),
    sid: of && sidOf(of),
  });
  const refused = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;

  const ada = somebody('ada');
  const impostor = somebody('mallory', { userPrincipalName: 'ada@corp.example.com' });

  it('is the account of that name in the domain of the realm', async () => {
    assert.equal(await finder({ 'corp.example.com\\ada': ada })(principal('ada', ada)), ada);
  });

  it('or who bears the name as a user principal name there, where the SID says so', async () => {
    const people = { 'corp.example.com\\ada': ada, 'ada@corp.example.com': impostor };
    assert.equal(await finder(people)(principal('ada', ada)), ada);
    assert.equal(await finder(people)(principal('ada', impostor)), impostor);
    await assert.rejects(finder(people)(principal('ada', somebody('eve'))), refused('kerberos-person-mismatch'));
    await assert.rejects(finder(people)(principal('ada')), refused('kerberos-person-mismatch'));
  });

  it('is nobody of another domain, whatever the directory finds', async () => {
    const other = somebody('ada', { domain: 'other.example.com' });
    const elsewhere = somebody('ada', { domain: undefined, distinguishedName: 'CN=ada,DC=other,DC=example,DC=com' });
    for (const found of [other, elsewhere]) {
      await assert.rejects(
        finder({ 'corp.example.com\\ada': found })(principal('ada', found)),
        refused('kerberos-person-unknown'),
      );
    }
    await assert.rejects(
      finder({ 'ada@other.example.com': other })(principal('ada@other.example.com', other)),
      refused('kerberos-person-unknown'),
    );
  });

  it('is nobody whose account is a machine’s or a trust’s', async () => {
    const trust = somebody('NORTH$', { userPrincipalName: 'north@corp.example.com' });
    const people = { 'corp.example.com\\NORTH$': trust, 'north@corp.example.com': trust };
    for (const name of ['NORTH$', 'north@corp.example.com'])
      await assert.rejects(finder(people)(principal(name, trust)), refused('kerberos-person-unknown'));
  });

  it('is nobody by their mail address', async () => {
    const found = somebody('bob', { mail: 'ada@corp.example.com' });
    await assert.rejects(finder({ 'ada@corp.example.com': found })(principal('ada', found)), refused('kerberos-person-unknown'));
  });

  it('is nobody of a realm without its domain, and the realm is never taken off', async () => {
    for (const realm of ['PARTNER.EXAMPLE.NET', 'corp.example.com', '', 'CORP.EXAMPLE.COM.']) {
      await assert.rejects(
        finder({ 'corp.example.com\\ada': ada, ada })(principal('ada', ada, realm)),
        refused('kerberos-realm-unknown'),
      );
    }
  });

  it('where the directory has no SIDs, goes by the name alone', async () => {
    assert.equal(await finder({ 'corp.example.com\\ada': ada }, false)(principal('ada')), ada);
  });

  it('but where the ticket tells one and the directory hides it, is nobody', async () => {
    await assert.rejects(
      finder({ 'corp.example.com\\ada': ada }, false)(principal('ada', ada)),
      refused('kerberos-person-mismatch'),
    );
  });

  it('is shown as the library shows it', () => {
    const texts: readonly (readonly [readonly string[], string])[] = [
      [['ada'], 'ada@R'],
      [['HTTP', 'host'], 'HTTP/host@R'],
      [['ada@example.com'], 'ada\\@example.com@R'],
      [['a/b\\c'], 'a\\/b\\\\c@R'],
      [['a\tb\nc\0d\be'], 'a\\tb\\nc\\0d\\be@R'],
    ];
    for (const [name, text] of texts) assert.equal(principalText({ realm: 'R', name }), text);
  });
});
