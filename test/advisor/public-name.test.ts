/** Which names an organisation can register, in a table of every kind, and that no text whatever makes a fault. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DomainKind } from '../../src/advisor/advice.ts';
import { publicName } from '../../src/advisor/public-name.ts';

const rows: readonly (readonly [text: string, kind: DomainKind, registrable: string | null, because: RegExp])[] = [
  ['contoso.com', 'public', 'contoso.com', /below the public suffix com/],
  ['CORP.Contoso.COM', 'public', 'contoso.com', /suffix com/],
  ['contoso.co.uk', 'public', 'contoso.co.uk', /suffix co\.uk/],
  ['a.b.contoso.co.uk', 'public', 'contoso.co.uk', /suffix co\.uk/],
  ['city.kawasaki.jp', 'public', 'city.kawasaki.jp', /suffix kawasaki\.jp/],
  ['münchen.de', 'public', 'xn--mnchen-3ya.de', /suffix de/],
  ['XN--MNCHEN-3YA.de', 'public', 'xn--mnchen-3ya.de', /suffix de/],
  ['bücher.рф', 'public', 'xn--bcher-kva.xn--p1ai', /suffix xn--p1ai/],
  ['example.com', 'public', 'example.com', /kept for documentation/],
  ['north.example.com', 'public', 'example.com', /kept for documentation/],
  ['contoso.github.io', 'public', 'contoso.github.io', /github\.io, whose owner lends it/],
  ['mail.contoso.uk.com', 'public', 'contoso.uk.com', /whose owner lends it/],
  ['github.io', 'public', 'github.io', /lends names to others/],
  ['com', 'single label', null, /single label/],
  ['CORP', 'single label', null, /single label/],
  ['localhost', 'single label', null, /single label/],
  ['co.uk', 'unregistrable', null, /a public suffix itself/],
  ['foo.kawasaki.jp', 'unregistrable', null, /a public suffix itself/],
  ['corp.lan', 'unregistrable', null, /below lan, which many use/],
  ['ad.corp', 'unregistrable', null, /below corp/],
  ['contoso.home', 'unregistrable', null, /below home/],
  ['contoso.intranet', 'unregistrable', null, /below intranet/],
  ['contoso.private', 'unregistrable', null, /below private/],
  ['contoso.con', 'unregistrable', null, /no top-level domain con/],
  ['contoso.onmicrosoft.com', 'unregistrable', null, /Microsoft lends/],
  ['contoso.mail.onmicrosoft.com', 'unregistrable', null, /Microsoft lends/],
  ['corp.local', 'reserved', null, /RFC 6762/],
  ['corp_2.local', 'reserved', null, /RFC 6762/],
  ['a.test', 'reserved', null, /RFC 6761/],
  ['a.b.example', 'reserved', null, /RFC 6761/],
  ['a.invalid', 'reserved', null, /RFC 6761/],
  ['a.localhost', 'reserved', null, /RFC 6761/],
  ['home.arpa', 'reserved', null, /RFC 8375/],
  ['corp.home.arpa', 'reserved', null, /RFC 8375/],
  ['1.in-addr.arpa', 'reserved', null, /RFC 3172/],
  ['contoso.internal', 'reserved', null, /private networks/],
  ['contoso.onion', 'reserved', null, /RFC 7686/],
  ['contoso.alt', 'reserved', null, /RFC 9476/],
  ['gmail.com', 'consumer', 'gmail.com', /gives anybody/],
  ['GoogleMail.com', 'consumer', 'googlemail.com', /gives anybody/],
  ['hotmail.co.uk', 'consumer', 'hotmail.co.uk', /gives anybody/],
  ['web.de', 'consumer', 'web.de', /gives anybody/],
  ['x.qq.com', 'consumer', 'qq.com', /gives anybody/],
  ['10.1.2.3', 'invalid', null, /IP address/],
  ['corp_2.contoso.com', 'invalid', null, /underscore/],
  ['-a.contoso.com', 'invalid', null, /label/],
  ['a..contoso.com', 'invalid', null, /not a domain name/],
  ['contoso.com.', 'invalid', null, /not a domain name/],
  ['conto so.com', 'invalid', null, /not a domain name/],
  ['[10.1.2.3]', 'invalid', null, /not a domain name/],
  ['ｃontoso.com', 'invalid', null, /not a domain name/],
  ['xn--a.com', 'invalid', null, /label/],
  ['<script>.com', 'invalid', null, /not a domain name/],
  ['a\u001b[2J.com', 'invalid', null, /not a domain name/],
  [`${'a'.repeat(64)}.com`, 'invalid', null, /label/],
];

describe('a name', () => {
  for (const [text, kind, registrable, because] of rows) {
    it(`${JSON.stringify(text)} is ${kind}`, () => {
      const judged = publicName(text);
      assert.deepEqual({ kind: judged.kind, registrable: judged.registrable }, { kind, registrable });
      assert.match(judged.because, because);
    });
  }

  it('is shown in ASCII and in Unicode', () => {
    const { name, unicode } = publicName('MÜNCHEN.de');
    assert.deepEqual({ name, unicode }, { name: 'xn--mnchen-3ya.de', unicode: 'münchen.de' });
  });

  it('is told as it was found where it is none, cut where it is endless', () => {
    assert.equal(publicName('No Domain').name, 'No Domain');
    assert.equal(publicName(`${'a'.repeat(100_000)}.com`).name.length, 253);
  });

  it('makes no fault, whatever it is, and is registrable as a part of itself alone', () => {
    const label = fc.constantFrom(
      'a',
      'b-c',
      'com',
      'local',
      'uk',
      'co',
      'ü',
      '_x',
      '',
      '__proto__',
      'constructor',
      'xn--',
      '1',
      'arpa',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(label, { maxLength: 6 }).map((labels) => labels.join('.')),
    );
    fc.assert(
      fc.property(text, (written) => {
        const { name, registrable, kind } = publicName(written);
        if (registrable !== null) assert.ok(name === registrable || name.endsWith(`.${registrable}`));
        assert.equal(registrable === null, !['public', 'consumer'].includes(kind));
        assert.equal(publicName(name).kind, kind);
      }),
    );
  });
});
