/** Which certificates lead to an authority of ours, and which only look as if they did. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Authority, ec, extensions, purposes, rsa, upn, type Issued, type Wanted } from '../../fixtures/people-authority.ts';
import { openScene, person, type Scene } from './scene.ts';

const day = 86_400_000;
const root = Authority.root();
const issuing = root.authority('DC=com,DC=example,CN=Issuing CA');
const stranger = Authority.root('DC=com,DC=example,CN=People Root');
const strangerIssuing = stranger.authority('DC=com,DC=example,CN=Issuing CA');

/** Whoever bears a trusted name is let in, so that the way alone is judged. */
const people = [{ person: person('alice') }];
const named = extensions.names(upn('alice@example.com'));
const usual = (keys = ec()): Wanted => ({
  keys,
  extensions: [extensions.usage(0), extensions.purposes(purposes.clientAuth), named],
});
const trusting = (...authorities: Authority[]): Scene =>
  openScene({ authorities: authorities.map((authority) => ({ authority, trustUpn: true })), people, withoutRevocation: true });

const leaf = issuing.person('CN=Alice', usual());
const of = (authority: Authority, wanted: Wanted = {}): Issued => authority.person('CN=Alice', { ...usual(), ...wanted });

describe('the way from a certificate to an authority', () => {
  const scene = trusting(root, issuing);
  const good: readonly [string, Issued, (readonly Issued[])?][] = [
    ['by an intermediate that is configured', leaf],
    ['of the root itself', of(root)],
    ['with an RSA key of 2,048 bits', of(issuing, { keys: rsa() })],
    ['with a key on P-384', of(issuing, { keys: ec('P-384') })],
    ['signed with SHA-384', of(issuing, { algorithm: 'sha384' })],
    ['for smart-card logon', of(issuing, { extensions: [extensions.purposes(purposes.smartCardLogon), named] })],
    [
      'for one of several purposes',
      of(issuing, { extensions: [extensions.purposes(purposes.serverAuth, purposes.clientAuth), named] }),
    ],
    ['with the authority sent along', leaf, [issuing.issued]],
    ['with what has nothing to do with it sent along', leaf, [stranger.issued, strangerIssuing.issued]],
    [
      'with an unknown extension that is not critical',
      of(issuing, { extensions: [...(usual().extensions ?? []), { id: '1.2.3.4', value: Buffer.from([5, 0]) }] }),
    ],
  ];
  for (const [title, certificate, along] of good) {
    it(`is found: ${title}`, async () => {
      assert.equal(await scene.show(certificate, along), 'alice', scene.cause());
    });
  }

  it('is found where the intermediate is sent along, but its names are then not believed', async () => {
    const onlyRoot = trusting(root);
    assert.equal(await onlyRoot.show(leaf, [issuing.issued]), 'certificate-mapping-weak');
    assert.equal(await onlyRoot.show(leaf), 'certificate-untrusted');
  });

  const withExtension = (id: string, critical = true): Wanted => ({
    extensions: [...(usual().extensions ?? []), { id, critical, value: Buffer.from([0x30, 0x00]) }],
  });
  const bad: readonly [string, string, Issued | Buffer, (readonly (Issued | Buffer)[])?][] = [
    ['another root of the same name', 'certificate-untrusted', of(stranger)],
    [
      'another authority of the same name',
      'certificate-untrusted',
      of(strangerIssuing),
      [strangerIssuing.issued, stranger.issued],
    ],
    ['signed by itself', 'certificate-untrusted', Authority.root('CN=Alice', usual()).issued],
    ['signed by another key in the authority’s name', 'certificate-untrusted', of(issuing, { signedBy: ec().privateKey })],
    ['the authority’s own certificate', 'certificate-purpose', issuing.issued],
    [
      'an authority’s certificate with the right purpose',
      'certificate-purpose',
      issuing.authority('CN=Alice', {
        extensions: [extensions.constraints(true), extensions.usage(0, 5), extensions.purposes(purposes.clientAuth), named],
      }).issued,
    ],
    ['issued by another person', 'certificate-untrusted', byPerson(leaf, 'CN=Mallory'), [leaf]],
    ['expired', 'certificate-expired', of(issuing, { from: Date.now() - 9 * day, to: Date.now() - day })],
    ['not yet valid', 'certificate-not-yet-valid', of(issuing, { from: Date.now() + day })],
    ['for servers', 'certificate-purpose', of(issuing, { extensions: [extensions.purposes(purposes.serverAuth), named] })],
    ['for any purpose', 'certificate-purpose', of(issuing, { extensions: [extensions.purposes('2.5.29.37.0'), named] })],
    ['without a purpose', 'certificate-purpose', of(issuing, { extensions: [extensions.usage(0), named] })],
    [
      'that may not sign',
      'certificate-purpose',
      of(issuing, { extensions: [extensions.usage(2), extensions.purposes(purposes.clientAuth), named] }),
    ],
    ['signed with SHA-1', 'certificate-weak', of(issuing, { algorithm: 'sha1' })],
    ['signed with MD5 by RSA', 'certificate-weak', of(root, { algorithm: 'md5', signedBy: rsa().privateKey })],
    ['a key of 1,024 bits', 'certificate-weak', of(issuing, { keys: rsa(1_024) })],
    ['a key on a curve that is too short', 'certificate-weak', of(issuing, { keys: ec('secp224r1') })],
    ['a key on a curve of nobody’s', 'certificate-weak', of(issuing, { keys: ec('secp256k1') })],
    ['an unknown critical extension', 'certificate-untrusted', of(issuing, withExtension('1.2.3.4'))],
    ['nameConstraints in a person’s certificate', 'certificate-untrusted', of(issuing, withExtension('2.5.29.30'))],
    [
      'an extension twice',
      'certificate-untrusted',
      of(issuing, { extensions: [...(usual().extensions ?? []), extensions.purposes(purposes.clientAuth)] }),
    ],
    [
      'keyUsage in bits that are not used',
      'certificate-untrusted',
      of(issuing, {
        extensions: [
          { id: '2.5.29.15', critical: true, value: Buffer.from('030207ff', 'hex') },
          extensions.purposes(purposes.clientAuth),
          named,
        ],
      }),
    ],
    ['no certificate at all', 'certificate-untrusted', Buffer.from('no certificate')],
    ['something behind it', 'certificate-untrusted', Buffer.concat([leaf.der, Buffer.from([0])])],
    ['cut short', 'certificate-untrusted', leaf.der.subarray(0, -1)],
    [
      'too large',
      'certificate-untrusted',
      of(issuing, { extensions: [...(usual().extensions ?? []), { id: '1.2.3.4', value: Buffer.alloc(40_000) }] }),
    ],
    ['nine certificates', 'certificate-untrusted', leaf, Array.from({ length: 8 }, () => issuing.issued)],
  ];
  for (const [title, reason, certificate, along] of bad) {
    it(`is refused: ${title}`, async () => {
      assert.equal(await scene.show(certificate, along), reason, scene.cause());
    });
  }

  function byPerson(issuer: Issued, subject: string): Issued {
    // A person's certificate in the place of an authority's.
    return root.person(subject, { ...usual(), signedBy: issuer.privateKey });
  }

  it('is judged at the time of the clock', async () => {
    const late = openScene({
      authorities: [{ authority: root, trustUpn: true }],
      people,
      withoutRevocation: true,
      now: () => Date.now() + 400 * day,
    });
    assert.equal(await late.show(of(root)), 'certificate-untrusted');
    assert.match(late.cause(), /authority is not valid now/);
  });
});

describe('an authority on the way', () => {
  const below = (wanted: Wanted): { certificate: Issued; along: Issued[] } => {
    const authority = root.authority('CN=Below', wanted);
    return { certificate: of(authority), along: [authority.issued] };
  };
  const cases: readonly [string, string, Wanted][] = [
    ['without basicConstraints', 'certificate-untrusted', { extensions: [extensions.usage(5)] }],
    [
      'that is none by basicConstraints',
      'certificate-untrusted',
      { extensions: [extensions.constraints(false), extensions.usage(5)] },
    ],
    ['without keyUsage', 'certificate-untrusted', { extensions: [extensions.constraints(true)] }],
    [
      'that may sign no certificates',
      'certificate-untrusted',
      { extensions: [extensions.constraints(true), extensions.usage(0, 6)] },
    ],
    [
      'with nameConstraints',
      'certificate-untrusted',
      { extensions: [extensions.constraints(true), extensions.usage(5), { id: '2.5.29.30', value: Buffer.from([0x30, 0]) }] },
    ],
    [
      'with an unknown critical extension',
      'certificate-untrusted',
      {
        extensions: [
          extensions.constraints(true),
          extensions.usage(5),
          { id: '2.5.29.36', critical: true, value: Buffer.from([0x30, 0]) },
        ],
      },
    ],
    [
      'for other purposes',
      'certificate-purpose',
      { extensions: [extensions.constraints(true), extensions.usage(5), extensions.purposes(purposes.serverAuth)] },
    ],
    ['that has expired', 'certificate-untrusted', { from: Date.now() - 9 * day, to: Date.now() - day }],
    ['signed with SHA-1', 'certificate-weak', { algorithm: 'sha1' }],
    ['with a key of 1,024 bits', 'certificate-weak', { keys: rsa(1_024) }],
  ];
  for (const [title, reason, wanted] of cases) {
    it(`is refused: ${title}`, async () => {
      const { certificate, along } = below(wanted);
      const scene = trusting(root);
      assert.equal(await scene.show(certificate, along), reason, scene.cause());
    });
  }

  it('is refused: one more than pathLenConstraint allows', async () => {
    const first = root.authority('CN=First', { extensions: [extensions.constraints(true, 0), extensions.usage(5)] });
    const second = first.authority('CN=Second');
    const scene = trusting(root);
    assert.equal(await scene.show(of(second), [second.issued, first.issued]), 'certificate-untrusted');
    assert.match(scene.cause(), /pathLenConstraint/);
    assert.equal(await scene.show(of(first), [first.issued]), 'certificate-mapping-weak', 'the path is right');
  });

  it('is not looked for without end: a chain of ten', async () => {
    const chain = [root];
    for (let at = 0; at < 10; at += 1) chain.push((chain.at(-1) ?? root).authority(`CN=Step ${String(at)}`));
    const scene = trusting(root);
    const along = chain.slice(1).map(({ issued }) => issued);
    const last = chain.at(-1) ?? root;
    assert.equal(await scene.show(of(last), along.slice(-7)), 'certificate-untrusted');
  });

  it('is not looked for without end: two that signed each other, and many of one name', async () => {
    const [one, two] = [ec(), ec()];
    const first = Authority.root('CN=One', { keys: one });
    const second = Authority.root('CN=Two', { keys: two });
    const crossed = [first.authority('CN=Two', { keys: two }), second.authority('CN=One', { keys: one })];
    const scene = trusting(root);
    const along = [...crossed, first, second].map(({ issued }) => issued);
    assert.equal(await scene.show(of(first), along), 'certificate-untrusted');
    const many = Array.from({ length: 7 }, () => Authority.root('CN=Same', { keys: one }).issued);
    assert.equal(await scene.show(of(Authority.root('CN=Same', { keys: one })), many), 'certificate-untrusted');
  });

  it('is found through a cross-signed one where the other way is closed', async () => {
    const keys = ec();
    const old = root.authority('CN=Crossed', { keys, from: Date.now() - 9 * day, to: Date.now() - day });
    const renewed = root.authority('CN=Crossed', { keys });
    const scene = trusting(root, renewed);
    assert.equal(await scene.show(of(renewed), [old.issued]), 'alice');
  });
});

describe('certificates that were altered', () => {
  it('are refused, whichever bit was turned', async () => {
    const scene = trusting(root, issuing);
    await fc.assert(
      fc.asyncProperty(fc.nat(leaf.der.length * 8 - 1), async (bit) => {
        const altered = Buffer.from(leaf.der);
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.match(await scene.show(altered), /^certificate-(untrusted|weak)$/);
      }),
      { numRuns: 300 },
    );
  });

  it('are refused, whatever they are, and never make a fault', async () => {
    const scene = trusting(root, issuing);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(leaf.der.length), async (bytes, at) => {
        assert.match(await scene.show(Buffer.from([0x30, ...bytes])), /^certificate-/);
        const mixed = Buffer.concat([leaf.der.subarray(0, at), Buffer.from(bytes)]);
        if (!mixed.equals(leaf.der)) assert.match(await scene.show(mixed), /^certificate-/);
      }),
      { numRuns: 300 },
    );
  });
});
