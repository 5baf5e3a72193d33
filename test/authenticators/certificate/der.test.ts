/** DER: one spelling of each value, and nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  DerMistake,
  fieldsOf,
  readDer,
  readInteger,
  readObjectIdentifier,
  readTime,
  tags,
  valuesIn,
} from '../../../src/authenticators/certificate/der.ts';
import { readCertificate } from '../../../src/authenticators/certificate/read-certificate.ts';
import { nameText } from '../../../src/authenticators/certificate/x500-name.ts';
import { writeDer, writeObjectIdentifier } from '../../../src/authenticators/certificate/write-der.ts';
import { Authority } from '../../fixtures/people-authority.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('reading DER', () => {
  const bad: readonly [string, string][] = [
    ['nothing', ''],
    ['a tag alone', '30'],
    ['less than it says', '30 05 01 01'],
    ['more than it says', '30 00 00'],
    ['a length without end', '30 80 00 00'],
    ['a length in a longer form', '30 81 05 01 01 01 01 01'],
    ['a length with a leading zero', '30 82 00 80'],
    ['a length of five octets', '30 85 00 00 00 00 01 00'],
    ['a tag of several octets', '1f 01 00'],
  ];
  for (const [title, text] of bad) {
    it(`refuses ${title}`, () => {
      assert.throws(() => readDer(hex(text)), DerMistake);
    });
  }

  it('refuses what is not of the type, and fields that nobody knows', () => {
    assert.throws(() => readDer(hex('0201 01'), tags.sequence), DerMistake);
    assert.throws(() => [...valuesIn(readDer(hex('0201 01')))], DerMistake);
    const fields = fieldsOf(readDer(hex('30 03 02 01 01')));
    assert.throws(() => {
      fields.end();
    }, DerMistake);
    assert.equal(fields.optional(tags.boolean), undefined);
    fields.next(tags.integer);
    fields.end();
    assert.throws(() => fields.next(), DerMistake);
  });

  it('refuses numbers in a longer form', () => {
    for (const text of ['02 00', '02 02 00 01', '02 02 ff ff']) assert.throws(() => readInteger(readDer(hex(text))), DerMistake);
    for (const text of ['02 01 00', '02 02 00 80', '02 01 ff']) readInteger(readDer(hex(text)));
  });

  it('reads times of RFC 5280 alone', () => {
    const at = (tag: number, text: string): number => readTime(readDer(writeDer(tag, Buffer.from(text))));
    assert.equal(at(tags.utcTime, '491231235959Z'), Date.UTC(2049, 11, 31, 23, 59, 59));
    assert.equal(at(tags.utcTime, '500101000000Z'), Date.UTC(1950, 0, 1));
    assert.equal(at(tags.generalizedTime, '20500101000000Z'), Date.UTC(2050, 0, 1));
    for (const text of [
      '250101000000',
      '2501010000Z',
      '250230000000Z',
      '251301000000Z',
      '250101240000Z',
      '250101000000+0100',
      '250101000000.5Z',
    ])
      assert.throws(() => at(tags.utcTime, text), DerMistake, text);
  });

  it('reads object identifiers as they are written', () => {
    const arc = fc.nat(2 ** 31 - 1);
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2), fc.nat(39), fc.array(arc, { maxLength: 10 }), (top, second, others) => {
        const dotted = [top, second, ...others].join('.');
        assert.equal(readObjectIdentifier(readDer(writeObjectIdentifier(dotted))), dotted);
      }),
    );
    for (const text of ['06 00', '06 02 2a 80', '06 03 2a 80 01', '06 0a 2a ff ff ff ff ff ff ff ff 7f'])
      assert.throws(() => readObjectIdentifier(readDer(hex(text))), DerMistake, text);
  });

  it('reads what was written, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (bytes) => {
        assert.deepEqual(readDer(writeDer(tags.octetString, Buffer.from(bytes))).content, Buffer.from(bytes));
      }),
      { numRuns: 50 },
    );
  });

  it('makes no fault of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const read of [readDer, nameText])
          try {
            read(Buffer.from(bytes));
          } catch (error) {
            assert.ok(error instanceof DerMistake);
          }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('reading a certificate', () => {
  it('refuses extensions of a version that has none', () => {
    const { der } = Authority.root().issued;
    assert.equal(readCertificate(der).isAuthority, true);
    const version = hex('a003 020102');
    const at = der.indexOf(version);
    assert.ok(at > 0);
    const older = Buffer.from(der);
    older[at + 4] = 1;
    assert.throws(() => readCertificate(older), DerMistake);
  });
});

describe('names as Windows writes them', () => {
  const part = (type: string, tag: number, value: string | Buffer): Buffer =>
    writeDer(tags.sequence, writeObjectIdentifier(type), writeDer(tag, Buffer.from(value)));
  const name = (...parts: Buffer[]): Buffer => writeDer(tags.sequence, ...parts.map((one) => writeDer(tags.set, one)));
  const cases: readonly [string, Buffer][] = [
    [
      'DC=com,DC=example,CN=People CA',
      name(
        part('0.9.2342.19200300.100.1.25', tags.ia5String, 'com'),
        part('0.9.2342.19200300.100.1.25', tags.ia5String, 'example'),
        part('2.5.4.3', tags.utf8String, 'People CA'),
      ),
    ],
    ['O="a,DC=b"', name(part('2.5.4.10', tags.utf8String, 'a,DC=b'))],
    ['O="a ""b"""', name(part('2.5.4.10', tags.printableString, 'a "b"'))],
    ['CN=" a"', name(part('2.5.4.3', tags.utf8String, ' a'))],
    ['E=a@b.example', name(part('1.2.840.113549.1.9.1', tags.ia5String, 'a@b.example'))],
    ['CN=Zoë', name(part('2.5.4.3', tags.bmpString, hex('005a 006f 00eb')))],
    ['CN=#1e0105', name(part('2.5.4.3', tags.bmpString, hex('05')))],
    ['OID.1.2.3=x', name(part('1.2.3', tags.utf8String, 'x'))],
    [
      'CN=a + OU=b',
      writeDer(tags.sequence, writeDer(tags.set, part('2.5.4.3', tags.utf8String, 'a'), part('2.5.4.11', tags.utf8String, 'b'))),
    ],
  ];
  for (const [text, der] of cases) {
    it(text, () => {
      assert.equal(nameText(der), text);
    });
  }
});
