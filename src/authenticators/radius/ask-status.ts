/** Asks a RADIUS server whether it is there (Status-Server, RFC 5997): a question about nobody, which signs nobody in. */
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Random } from '../../clock.ts';
import type { RadiusServer } from './ask-server.ts';
import { attributeTypes, PacketMistake, writePacket } from './packet.ts';
import { verifyAnswer } from './verify-answer.ts';

const STATUS_SERVER = 12;
const header = 20;

/** @param timeout milliseconds. @throws Error in words, where no answer comes that can be trusted */
export async function askStatus(
  { host, port }: RadiusServer,
  { secret, timeout, random }: { readonly secret: Buffer; readonly timeout: number; readonly random: Random },
): Promise<void> {
  const { address, family } = await lookup(host, { order: 'ipv4first' }).catch(() => {
    throw new Error('its name has no address');
  });
  const [identifier = 0] = random(1);
  const authenticator = random(16);
  const { messageAuthenticator: type } = attributeTypes;
  // RFC 5997 §3: the one attribute that must be there.
  const datagram = writePacket({
    code: STATUS_SERVER,
    identifier,
    authenticator,
    attributes: [{ type, value: Buffer.alloc(16) }],
  });
  createHmac('md5', secret)
    .update(datagram)
    .digest()
    .copy(datagram, header + 2);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  let why = 'it does not answer';
  await new Promise<void>((resolve, reject) => {
    const end = (act: () => void): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => undefined);
      socket.close();
      act();
    };
    const timer = setTimeout(() => end(() => reject(new Error(why))), timeout);
    socket.on('error', () => end(() => reject(new Error('nothing listens there'))));
    socket.on('message', (bytes) => {
      try {
        verifyAnswer(bytes, { identifier, authenticator }, secret);
        end(resolve);
      } catch (error) {
        if (!(error instanceof PacketMistake)) throw error;
        why = `its answer cannot be trusted: ${error.message}`;
      }
    });
    socket.connect(port, address, () => {
      socket.send(datagram);
    });
  });
}
