/** What RADIUS servers, and whoever poses as one, answer. */
import { PacketMistake, readPacket, writePacket } from '../../src/authenticators/radius/packet.ts';
import { replyMessage } from '../../src/authenticators/radius/reply-message.ts';
import { verifyAnswer } from '../../src/authenticators/radius/verify-answer.ts';
import { answer, md5 } from '../authenticators/radius/scripted-server.ts';
import type { Target } from './fuzz.ts';
import { meant } from './meant.ts';

const request = { identifier: 7, authenticator: Buffer.alloc(16, 3) };
const secret = 'xyzzy5461';

export const radiusTargets: readonly Target[] = [
  {
    name: 'radius-answer',
    seeds: [
      answer(request, secret, 2),
      answer(request, secret, 3, [[18, 'No']], { proof: 'last' }),
      answer(request, secret, 11, [
        [18, 'Éntér the next code'],
        [24, 'state'],
        [76, Buffer.alloc(4)],
      ]),
    ],
    dictionary: ['\x12\x03x', '\x18\x02', '\x18\x03s', '\x50\x12', '\x00\x14', '\x10\x00', '\xff\xff', '\u202e'],
    most: 4_200,
    run: (input) =>
      meant(() => {
        // Under the Response Authenticator that fits, as if MD5 proved nothing.
        const sealed = Buffer.from(input);
        if (sealed.length >= 20) md5(sealed.subarray(0, 4), request.authenticator, sealed.subarray(20), secret).copy(sealed, 4);
        const packet = readPacket(sealed);
        if (!writePacket(packet).equals(packet.bytes)) throw new Error('read as something else');
        const text = replyMessage(packet);
        if (text !== undefined && ([...text].length > 500 || /\p{Cc}|\p{Cf}/u.test(text))) throw new Error('text that acts');
        // And as somebody who knows the secret would send it.
        const attributes = packet.attributes.filter(({ type }) => type !== 80).map(({ type, value }) => [type, value] as const);
        const proven = attributes.reduce((sum, [, value]) => sum + value.length + 2, 38) > 4096 ? [] : attributes;
        verifyAnswer(answer(request, secret, packet.code, proven), request, Buffer.from(secret));
        const read = verifyAnswer(sealed, request, Buffer.from(secret));
        if (![2, 3, 11].includes(read.code)) throw new Error('an answer that is none');
        if (!read.attributes.some(({ type }) => type === 80)) throw new Error('an answer without proof');
      }, PacketMistake),
  },
];
