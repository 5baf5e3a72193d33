/** Asks a time server what time it is (SNTP, RFC 4330): by one datagram. */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Clock } from '../clock.ts';

/** Seconds between 1900 and 1970. */
const epoch = 2_208_988_800;
const limit = 2_000;
const size = 48;

const timeAt = (bytes: Buffer, at: number): number =>
  (bytes.readUInt32BE(at) - epoch) * 1_000 + (bytes.readUInt32BE(at + 4) * 1_000) / 2 ** 32;

/**
 * @param server `HOST` or `HOST:PORT`
 * @returns milliseconds that its clock is ahead of ours. @throws Error in words
 */
export async function askTime(
  server: string,
  { clock, nonce }: { readonly clock: Pick<Clock, 'now'>; readonly nonce: Buffer },
): Promise<number> {
  const [, bracketed, plain, port = '123'] = /^(?:\[([^\]]+)\]|([^:]+|[^:]*:[^:]*:.*?))(?::(\d{1,5}))?$/.exec(server) ?? [];
  const { address, family } = await lookup(bracketed ?? plain ?? server).catch(() => {
    throw new Error('its name has no address');
  });
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  // RFC 4330 §4: version 4, as a client; the transmit timestamp comes back as it was, so that only who heard it can answer.
  const question = Buffer.alloc(size);
  question[0] = 0x23;
  nonce.copy(question, 40, 0, 8);
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      clearTimeout(timer);
      socket.close();
      act();
    };
    const timer = setTimeout(() => end(() => reject(new Error('it does not answer'))), limit);
    let sentAt = 0;
    socket.on('error', () => end(() => reject(new Error('it does not answer'))));
    socket.on('message', (bytes) => {
      const cameAt = clock.now();
      if (bytes.length < size || !bytes.subarray(24, 32).equals(question.subarray(40, 48)) || (bytes[0] ?? 0) % 8 !== 4) return;
      const stratum = bytes[1] ?? 0;
      if (stratum === 0 || stratum > 15) end(() => reject(new Error('it does not know the time itself')));
      else end(() => resolve((timeAt(bytes, 32) - sentAt + (timeAt(bytes, 40) - cameAt)) / 2));
    });
    socket.connect(Number(port), address, () => {
      sentAt = clock.now();
      socket.send(question);
    });
  });
}
