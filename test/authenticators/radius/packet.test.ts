/** The packets of RADIUS: the examples of RFC 2865 §7, laws of the codec, and bytes that are no packet. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hidePassword } from '../../../src/authenticators/radius/hide-password.ts';
import { nasAddress } from '../../../src/authenticators/radius/nas-address.ts';
import { PacketMistake, readPacket, writePacket } from '../../../src/authenticators/radius/packet.ts';
import { replyMessage } from '../../../src/authenticators/radius/reply-message.ts';
import { signRequest } from '../../../src/authenticators/radius/sign-request.ts';
import { verifyAnswer } from '../../../src/authenticators/radius/verify-answer.ts';
import { answer, seal, type Written } from './scripted-server.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const secret = Buffer.from('xyzzy5461');
const runs = { numRuns: 60 };

describe('RFC 2865 §7', () => {
  const requests: readonly [section: string, packet: Buffer, password: string][] = [
    [
      '7.1',
      hex(`01 00 00 38 0f 40 3f 94 73 97 80 57 bd 83 d5 cb 98 f4 22 7a 01 06 6e 65 6d 6f 02 12 0d be 70 8d 93 d4 13 ce
        31 96 e4 3f 78 2a 0a ee 04 06 c0 a8 01 10 05 06 00 00 00 03`),
      'arctangent',
    ],
    [
      '7.3',
      hex(`01 02 00 39 f3 a4 7a 1f 6a 6d 76 71 0b 94 7a b9 30 41 a0 39 01 07 6d 6f 70 73 79 02 12 33 65 75 73 77 82 89
        b5 70 88 5e 15 08 48 25 c5 04 06 c0 a8 01 10 05 06 00 00 00 07`),
      'challenge',
    ],
  ];
  for (const [section, bytes, password] of requests) {
    it(`§${section}: the request, and its password hidden`, () => {
      const packet = readPacket(bytes);
      assert.deepEqual(writePacket(packet), bytes);
      const hidden = packet.attributes.find(({ type }) => type === 2)?.value;
      assert.deepEqual(hidePassword(Buffer.from(password), secret, packet.authenticator), hidden);
    });
  }

  it('§7.1: an answer proven by MD5 alone is not taken, and its Response Authenticator is right', () => {
    const bytes = hex(`02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf 9b 55 e0 b2 06 06 00 00 00 01 0f 06 00 00 00 00
      0e 06 c0 a8 01 03`);
    const request = { identifier: 0, authenticator: requests[0]![1].subarray(4, 20) };
    assert.throws(() => verifyAnswer(bytes, request, secret), { name: 'PacketMistake', message: 'no Message-Authenticator' });
    bytes[25] = 2;
    assert.throws(() => verifyAnswer(bytes, request, secret), { message: 'a wrong Response Authenticator' });
  });

  it('§7.3: what the server says', () => {
    const bytes = hex(`0b 02 00 4e 36 f3 c8 76 4a e8 c7 11 57 40 3c 0c 71 ff 9c 45 12 30 43 68 61 6c 6c 65 6e 67 65 20
      33 32 37 36 39 34 33 30 2e 20 20 45 6e 74 65 72 20 72 65 73 70 6f 6e 73 65 20 61 74 20 70 72 6f 6d 70 74 2e 18 0a 33
      32 37 36 39 34 33 30`);
    const request = { identifier: 2, authenticator: requests[1]![1].subarray(4, 20) };
    assert.throws(() => verifyAnswer(bytes, request, secret), { message: 'no Message-Authenticator' });
    assert.equal(replyMessage(readPacket(bytes)), 'Challenge 32769430. Enter response at prompt.');
  });
});

const byte = fc.integer({ min: 0, max: 255 });
const octets = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));
const plain = { noNullPrototype: true };
const attribute = fc.record({ type: byte, value: octets(253) }, plain);
const packet = fc.record(
  {
    code: byte,
    identifier: byte,
    authenticator: octets(16, 16),
    attributes: fc.array(attribute, { maxLength: 12 }),
  },
  plain,
);

describe('the codec', () => {
  it('reads what it wrote, whatever follows it', () => {
    fc.assert(
      fc.property(packet, octets(40), (one, padding) => {
        const bytes = writePacket(one);
        const { bytes: own, ...read } = readPacket(Buffer.concat([bytes, padding]));
        assert.deepEqual(read, one);
        assert.deepEqual(own, bytes);
      }),
      runs,
    );
  });

  it('reads a packet or throws a PacketMistake, never beyond the bytes', () => {
    fc.assert(
      fc.property(packet, octets(8, 8), fc.nat(), (one, noise, at) => {
        const bytes = writePacket(one);
        noise.copy(bytes, at % bytes.length);
        const cut = bytes.subarray(0, at % (bytes.length + 1));
        for (const input of [bytes, cut, noise]) {
          try {
            const read = readPacket(input);
            assert.deepEqual(writePacket(read), read.bytes);
          } catch (error) {
            assert.ok(error instanceof PacketMistake);
          }
        }
      }),
      runs,
    );
  });

  const full = (count: number) => Array.from({ length: count }, () => ({ type: 18, value: Buffer.alloc(253) }));
  const authenticator = Buffer.alloc(16);
  it('writes 4,096 bytes at most, and 253 in an attribute', () => {
    const one = { code: 1, identifier: 0, authenticator };
    const rest = { type: 18, value: Buffer.alloc(4096 - 20 - 15 * 255 - 2) };
    assert.equal(writePacket({ ...one, attributes: [...full(15), rest] }).length, 4096);
    assert.throws(() => writePacket({ ...one, attributes: full(16) }), RangeError);
    assert.throws(() => writePacket({ ...one, attributes: [{ type: 1, value: Buffer.alloc(254) }] }), RangeError);
  });

  const head = '02 07 00 14 00000000000000000000000000000000';
  const bad: readonly [string, string, string][] = [
    ['nothing', '', 'shorter than its header'],
    ['half a header', '02 07 00 14', 'shorter than its header'],
    ['a length below the header', head.replace('14', '13'), 'a length that no packet has'],
    ['a length of nothing', head.replace('14', '00'), 'a length that no packet has'],
    ['a length beyond 4,096', `${head.replace('00 14', '10 01')}${'00'.repeat(5000)}`, 'a length that no packet has'],
    ['a length beyond the datagram', head.replace('14', '15'), 'shorter than it says'],
    ['an attribute without a length', `${head.replace('14', '15')}12`, 'an attribute of a wrong length'],
    ['an attribute of no length', `${head.replace('14', '16')}1200`, 'an attribute of a wrong length'],
    ['an attribute of half a length', `${head.replace('14', '16')}1201`, 'an attribute of a wrong length'],
    ['an attribute beyond the packet', `${head.replace('14', '16')}1203`, 'an attribute of a wrong length'],
    ['an attribute beyond the packet, into the padding', `${head.replace('14', '16')}120341`, 'an attribute of a wrong length'],
  ];
  for (const [title, text, message] of bad)
    it(`takes no ${title}`, () => assert.throws(() => readPacket(hex(text)), { name: 'PacketMistake', message }));
});

describe('a request', () => {
  it('has its Message-Authenticator first, which covers all of it', () => {
    const request = { identifier: 9, authenticator: Buffer.alloc(16, 5), attributes: [{ type: 1, value: Buffer.from('a') }] };
    const bytes = signRequest(request, secret);
    assert.deepEqual([...bytes.subarray(20, 22)], [80, 18]);
    const other = signRequest({ ...request, attributes: [{ type: 1, value: Buffer.from('b') }] }, secret);
    assert.notDeepEqual(other.subarray(22, 38), bytes.subarray(22, 38));
    assert.notDeepEqual(signRequest(request, Buffer.from('another')).subarray(22, 38), bytes.subarray(22, 38));
  });

  it('hides passwords in blocks of 16, each masked by the one before', () => {
    fc.assert(
      fc.property(octets(128), octets(16, 16), octets(40, 1), (password, authenticator, key) => {
        const hidden = hidePassword(password, key, authenticator);
        assert.equal(hidden.length, Math.max(16, Math.ceil(password.length / 16) * 16));
        let before: Buffer = authenticator;
        const open = Buffer.alloc(hidden.length);
        for (let at = 0; at < hidden.length; at += 16) {
          const mask = createHash('md5').update(key).update(before).digest();
          for (let index = 0; index < 16; index += 1) open[at + index] = hidden[at + index]! ^ mask[index]!;
          before = hidden.subarray(at, at + 16);
        }
        assert.deepEqual(open.subarray(0, password.length), password);
        assert.ok(open.subarray(password.length).every((octet) => octet === 0));
      }),
      runs,
    );
    assert.throws(() => hidePassword(Buffer.alloc(129), secret, Buffer.alloc(16)), RangeError);
  });

  const addresses: readonly [string, string][] = [
    ['192.0.2.7', '04c0000207'],
    ['::1', '5f00000000000000000000000000000001'],
    ['2001:db8::12:ab', '5f20010db80000000000000000001200ab'],
    ['fe80::1%eth0', '5ffe800000000000000000000000000001'],
    ['1:2:3:4:5:6:7:8', '5f00010002000300040005000600070008'],
    ['::ffff:192.0.2.7', ''],
    ['nobody', ''],
  ];
  for (const [text, written] of addresses) {
    it(`says that it comes from ${text}`, () => {
      const told = nasAddress(text).map(({ type, value }) => Buffer.concat([Buffer.of(type), value]).toString('hex'));
      assert.deepEqual(told, written === '' ? [] : [written]);
    });
  }
});

describe('an answer', () => {
  const request = { identifier: 7, authenticator: Buffer.alloc(16, 3) };
  const judge = (bytes: Buffer) => verifyAnswer(bytes, request, secret);
  const make = (code: number, attributes: readonly Written[] = [], proof: 'first' | 'last' | 'none' = 'first') =>
    answer(request, secret.toString(), code, attributes, { proof });

  for (const proof of ['first', 'last'] as const)
    it(`is taken with its Message-Authenticator ${proof}`, () => assert.equal(judge(make(2, [[18, 'x']], proof)).code, 2));

  it('is refused once any byte of it differs', () => {
    const bytes = make(2, [
      [18, 'Welcome'],
      [24, 'state'],
    ]);
    for (const at of bytes.keys()) {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      assert.throws(() => judge(other), PacketMistake, String(at));
    }
  });

  // The Response Authenticator of all of them is right: an attacker who finds a collision of MD5 has one.
  const spoilt = (bytes: Buffer, spoil: (bytes: Buffer) => void): Buffer => {
    spoil(bytes);
    return seal(bytes, request, secret.toString());
  };
  const refused: readonly [string, Buffer, string][] = [
    ['no Message-Authenticator', make(2, [], 'none'), 'no Message-Authenticator'],
    ['a wrong one', spoilt(make(2), (bytes) => bytes.fill(1, 22, 38)), 'a wrong Message-Authenticator'],
    ['two of them', make(2, [[80, Buffer.alloc(16)]]), 'a Message-Authenticator that is none'],
    ['a short one', make(2, [[80, Buffer.alloc(15)]], 'none'), 'a Message-Authenticator that is none'],
    ['that of a rejection', spoilt(make(3), (bytes) => bytes.fill(2, 0, 1)), 'a wrong Message-Authenticator'],
    ['another identifier', answer({ ...request, identifier: 8 }, 'xyzzy5461', 2), 'the identifier of another request'],
    [
      'another request',
      answer({ ...request, authenticator: Buffer.alloc(16) }, 'xyzzy5461', 2),
      'a wrong Response Authenticator',
    ],
    ['another secret', answer(request, 'xyzzy5462', 2), 'a wrong Response Authenticator'],
    ['our own request sent back', make(1), 'a code that is no answer'],
    ['an answer to accounting', make(5), 'a code that is no answer'],
    ['two States', make(11, [[24, 'a'], [24, 'b']]), 'a State that is none'], // prettier-ignore
    ['an empty State', make(11, [[24, '']]), 'a State that is none'],
  ];
  for (const [title, bytes, message] of refused)
    it(`is refused for ${title}`, () => assert.throws(() => judge(bytes), { name: 'PacketMistake', message }));
});

describe('what the server says', () => {
  const said = (...values: readonly (string | Buffer)[]) =>
    replyMessage({ attributes: values.map((value) => ({ type: 18, value: Buffer.from(value) })) });
  const cases: readonly [string, readonly (string | Buffer)[], string | undefined][] = [
    ['nothing', [], undefined],
    ['blanks alone', [' ', '\r\n'], undefined],
    ['several messages', ['One', 'two'], 'One two'],
    ['a message that goes on in the next', ['a'.repeat(253), 'b'], `${'a'.repeat(253)}b`],
    ['lines', ['One\r\n\0two\u2028three\tfour'], 'One two three four'],
    ['text that turns its direction or hides', ['code\u202e\u2066evil\u200b\ufeff!'], 'code evil !'],
    ['bytes that are no text', [Buffer.from('a\xff\xfeb', 'latin1')], 'a b'],
    ['markup, which the page escapes', ['<b>x</b>'], '<b>x</b>'],
    ['other scripts', ['コードを入力', 'é'], 'コードを入力 é'],
    ['too much', Array.from({ length: 20 }, () => 'x'.repeat(253)), `${'x'.repeat(499)}…`],
  ];
  for (const [title, values, expected] of cases)
    it(`is text for a page: ${title}`, () => assert.equal(said(...values), expected));
});
