/** Whose a certificate is: what ties it to a person firmly, what does not, and what contradicts itself. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { tags } from '../../../src/authenticators/certificate/der.ts';
import { identitiesOf } from '../../../src/authenticators/certificate/identities.ts';
import { readCertificate } from '../../../src/authenticators/certificate/read-certificate.ts';
import { writeDer } from '../../../src/authenticators/certificate/write-der.ts';
import {
  Authority,
  ec,
  extensions,
  keyIdentifierOf,
  mail,
  purposes,
  upn,
  type Extension,
  type Wanted,
} from '../../fixtures/people-authority.ts';
import { openScene, person, type Entry } from './scene.ts';

const root = Authority.root('DC=com,DC=example,CN=People CA');
const keys = ec();
const serialNumber = Buffer.from('2b0000000011ac0000000012', 'hex');
const usage = [extensions.usage(0), extensions.purposes(purposes.smartCardLogon)];
const withNames = (...more: Extension[]): Wanted => ({ keys, serialNumber, extensions: [...usage, ...more] });
const plain = root.person(
  'DC=com,DC=example,CN=Alice',
  withNames(extensions.keyIdentifier(keys.publicKey), extensions.names(mail('alice@example.com'))),
);
const alice = person('alice');
const bob = person('bob');
const sidOf = (number: number): string => `S-1-5-21-1111111111-2222222222-3333333333-${String(number)}`;

const tied = (...altSecurityIdentities: string[]): Entry[] => [{ person: alice, altSecurityIdentities }];
const scene = (people: readonly Entry[], trustUpn = false) =>
  openScene({ authorities: [{ authority: root, trustUpn, trustSid: true }], people, withoutRevocation: true });

describe('altSecurityIdentities', () => {
  const ski = keyIdentifierOf(keys.publicKey).toString('hex');
  const thumbprint = hash('sha1', plain.der, 'hex');
  const keyHash = hash('sha1', keys.publicKey.export({ type: 'spki', format: 'der' }), 'hex');
  const cases: readonly [string, string, readonly string[]][] = [
    // The example of KB5014754, whose serial number stands in reverse.
    ['issuer and serial number', 'alice', ['X509:<I>DC=com,DC=example,CN=People CA<SR>1200000000ac11000000002b']],
    ['the same in other letters', 'alice', ['x509:<i>dc=COM,dc=Example,cn=people ca<sr>1200000000AC11000000002B']],
    ['the same with spaces', 'alice', ['X509:<I>DC=com, DC=example, CN=People CA<SR>1200000000ac11000000002b']],
    ['subject key identifier', 'alice', [`X509:<SKI>${ski}`]],
    ['SHA-1 of the certificate', 'alice', [`X509:<SHA1-PUKEY>${thumbprint}`]],
    ['SHA-1 of the key', 'alice', [`X509:<SHA1-PUKEY>${ski}`]],
    ['SHA-1 of the key with its algorithm', 'alice', [`X509:<SHA1-PUKEY>${keyHash}`]],
    ['a firm one among weak ones', 'alice', ['X509:<S>DC=com,DC=example,CN=Alice', `X509:<SKI>${ski}`]],
    [
      'the serial number not reversed',
      'certificate-person-unknown',
      ['X509:<I>DC=com,DC=example,CN=People CA<SR>2b0000000011ac0000000012'],
    ],
    [
      'the issuer from the other end',
      'certificate-person-unknown',
      ['X509:<I>CN=People CA,DC=example,DC=com<SR>1200000000ac11000000002b'],
    ],
    ['another issuer', 'certificate-person-unknown', ['X509:<I>DC=com,DC=example,CN=People<SR>1200000000ac11000000002b']],
    ['the serial number alone', 'certificate-person-unknown', ['X509:<SR>1200000000ac11000000002b']],
    ['issuer and subject', 'certificate-mapping-weak', ['X509:<I>DC=com,DC=example,CN=People CA<S>DC=com,DC=example,CN=Alice']],
    ['subject alone', 'certificate-mapping-weak', ['X509:<S>DC=com,DC=example,CN=Alice']],
    ['mail address', 'certificate-mapping-weak', ['X509:<RFC822>alice@example.com']],
    ['Kerberos names', 'certificate-person-unknown', ['Kerberos:alice@EXAMPLE.COM']],
  ];
  for (const [title, result, values] of cases) {
    it(`${title}: ${result}`, async () => {
      assert.equal(await scene(tied(...values)).show(plain), result);
    });
  }

  it('that two people hold lets nobody in', async () => {
    const value = `X509:<SKI>${ski}`;
    const people = [
      { person: alice, altSecurityIdentities: [value] },
      { person: bob, altSecurityIdentities: [`X509:<SHA1-PUKEY>${thumbprint}`] },
    ];
    assert.equal(await scene(people).show(plain), 'certificate-ambiguous');
  });

  it('takes no key identifier that an attacker could have chosen to be short', async () => {
    const short = root.person('CN=Mallory', withNames({ id: '2.5.29.14', value: writeDer(tags.octetString, Buffer.from([1])) }));
    assert.equal(await scene(tied('X509:<SKI>01')).show(short), 'certificate-person-unknown');
  });

  it('keeps names apart that look alike: what divides names, within one', () => {
    const [first] = identitiesOf(
      readCertificate(Authority.root('O=a+b;c').person('CN=x', { serialNumber: Buffer.from([5]) }).der),
    ).strong;
    assert.equal(first, 'X509:<I>O="a+b;c"<SR>05');
  });

  it('writes the zero that keeps a number positive, and leaves it out', () => {
    const { strong } = identitiesOf(readCertificate(root.person('CN=x', { serialNumber: Buffer.from('ff01', 'hex') }).der));
    assert.ok(strong.includes('X509:<I>DC=com,DC=example,CN=People CA<SR>01ff00'));
    assert.ok(strong.includes('X509:<I>DC=com,DC=example,CN=People CA<SR>01ff'));
  });

  it('spells a state both ways', () => {
    const { strong } = identitiesOf(
      readCertificate(Authority.root('C=CH,ST=Bern,O=x').person('CN=x', { serialNumber: Buffer.from([5]) }).der),
    );
    assert.ok(strong.includes('X509:<I>C=CH,S=Bern,O=x<SR>05'));
    assert.ok(strong.includes('X509:<I>C=CH, ST=Bern, O=x<SR>05'));
  });
});

describe('user principal names', () => {
  const people = [{ person: alice }, { person: bob }];
  const named = (...names: string[]) => root.person('CN=Anybody', withNames(extensions.names(...names.map(upn))));
  const cases: readonly [string, string, readonly string[], boolean][] = [
    ['of an authority that is believed', 'alice', ['alice@example.com'], true],
    ['in other letters', 'alice', ['Alice@EXAMPLE.com'], true],
    ['of an authority that is not', 'certificate-mapping-weak', ['alice@example.com'], false],
    ['with another suffix', 'certificate-person-unknown', ['alice@evil.example.net'], true],
    ['with a suffix behind it', 'certificate-person-unknown', ['alice@example.com@evil.example.net'], true],
    ['the account alone', 'certificate-person-unknown', ['alice'], true],
    ['NUL within', 'certificate-untrusted', ['alice@example.com\0.evil.example.net'], true],
    ['a line break at its end', 'certificate-untrusted', ['alice@example.com\n'], true],
    ['empty', 'certificate-untrusted', [''], true],
    ['a star', 'certificate-person-unknown', ['*@example.com'], true],
    ['two of two people', 'certificate-ambiguous', ['alice@example.com', 'bob@example.com'], true],
  ];
  for (const [title, result, names, trustUpn] of cases) {
    it(`${title}: ${result}`, async () => {
      assert.equal(await scene(people, trustUpn).show(named(...names)), result);
    });
  }

  it('that are no UTF-8 are nobody’s', async () => {
    const bad = writeDer(
      0xa0,
      Buffer.from('060a2b060104018237140203', 'hex'),
      writeDer(0xa0, writeDer(tags.utf8String, Buffer.from([0xc0, 0x80]))),
    );
    assert.equal(await scene(people, true).show(root.person('CN=x', withNames(extensions.names(bad)))), 'certificate-untrusted');
  });

  it('that a firm tie contradicts let nobody in', async () => {
    const certificate = root.person(
      'CN=x',
      withNames(extensions.keyIdentifier(keys.publicKey), extensions.names(upn('bob@example.com'))),
    );
    const both = [...tied(`X509:<SKI>${keyIdentifierOf(keys.publicKey).toString('hex')}`), { person: bob }];
    assert.equal(await scene(both, true).show(certificate), 'certificate-ambiguous');
    assert.equal(await scene(both, false).show(certificate), 'alice');
  });
});

describe('the security identifier', () => {
  const withSid = (sid: string, ...more: Extension[]) => root.person('CN=Anybody', withNames(extensions.sid(sid), ...more));
  const people = [
    { person: alice, objectSid: sidOf(1104) },
    { person: bob, objectSid: sidOf(1105) },
  ];
  const names = extensions.names(upn('alice@example.com'));
  const cases: readonly [string, string, ReturnType<typeof withSid>, boolean][] = [
    ['alone', 'alice', withSid(sidOf(1104)), false],
    ['with the same person’s name', 'alice', withSid(sidOf(1104), names), false],
    ['with the name of an authority that is believed', 'alice', withSid(sidOf(1104), names), true],
    ['of nobody', 'certificate-person-unknown', withSid(sidOf(999)), false],
    ['of nobody, with a name: somebody was deleted and made again', 'certificate-ambiguous', withSid(sidOf(999), names), true],
    ['of another than the name', 'certificate-ambiguous', withSid(sidOf(1105), names), true],
    ['of another than a name that is not believed', 'bob', withSid(sidOf(1105), names), false],
    ['of another form', 'certificate-untrusted', withSid('S-1-5-21-x'), false],
    ['with a star', 'certificate-untrusted', withSid('S-1-5-*'), false],
    ['empty', 'certificate-untrusted', withSid(''), false],
  ];
  for (const [title, result, certificate, trustUpn] of cases) {
    it(`${title}: ${result}`, async () => {
      assert.equal(await scene(people, trustUpn).show(certificate), result);
    });
  }

  it('of an authority that is not believed with it is nobody’s: others may have it written into a certificate', async () => {
    const untrusted = openScene({ authorities: [root], people, withoutRevocation: true });
    assert.equal(await untrusted.show(withSid(sidOf(1104))), 'certificate-mapping-weak');
    const named = openScene({ authorities: [{ authority: root, trustUpn: true }], people, withoutRevocation: true });
    assert.equal(await named.show(withSid(sidOf(1104))), 'certificate-mapping-weak');
    assert.equal(await named.show(withSid(sidOf(1105), names)), 'certificate-ambiguous');
    assert.equal(await named.show(withSid(sidOf(1104), names)), 'alice');
  });

  it('of an authority below one that is believed with it counts no more than its names do', async () => {
    const below = root.authority('DC=com,DC=example,CN=Devices');
    const certificate = below.person('CN=Anybody', withNames(extensions.sid(sidOf(1104)), names));
    assert.equal(await scene(people, true).show(certificate, [below.issued]), 'certificate-mapping-weak');
  });

  const domains: readonly [string, string, readonly string[]][] = [
    ['of its domain', 'alice', ['example.com']],
    ['of its domain, in other letters', 'alice', ['south.example.net', 'Example.COM']],
    ['of a domain that it may not name anybody of', 'certificate-mapping-weak', ['south.example.net']],
  ];
  for (const [title, result, names] of domains) {
    it(`and the name of an authority, ${title}: ${result}`, async () => {
      const judged = openScene({
        authorities: [{ authority: root, trustUpn: true, trustSid: true, domains: names }],
        people,
        withoutRevocation: true,
      });
      assert.equal(await judged.show(withSid(sidOf(1104))), result);
      const name = root.person('CN=Anybody', withNames(extensions.names(upn('alice@example.com'))));
      assert.equal(await judged.show(name), result);
    });
  }

  it('does not stand against a firm tie to somebody where it is nobody’s here', async () => {
    const certificate = withSid(sidOf(999), extensions.keyIdentifier(keys.publicKey));
    assert.equal(await scene(tied(`X509:<SKI>${keyIdentifierOf(keys.publicKey).toString('hex')}`)).show(certificate), 'alice');
  });
});
