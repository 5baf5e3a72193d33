/** Asks one RADIUS server one question: the same packet again and again, until an answer to be trusted comes or the time is up. */
import { createSocket, type Socket } from 'node:dgram';
import { ADDRCONFIG, lookup } from 'node:dns';
import type { Random } from '../../clock.ts';
import { timeLimit } from '../../directory/time-limit.ts';
import { nasAddress } from './nas-address.ts';
import { PacketMistake, type Attribute, type Packet } from './packet.ts';
import { signRequest } from './sign-request.ts';
import { verifyAnswer } from './verify-answer.ts';

export interface RadiusServer {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

export interface Question {
  readonly secret: Buffer;
  /** What is asked; `authenticator` is that of the request, by which a password is hidden. */
  readonly attributes: (authenticator: Buffer) => readonly Attribute[];
  /** How often the packet is sent. */
  readonly attempts: number;
  readonly random: Random;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** `unanswered` says why, in words for the operator. */
export type Outcome = { readonly answer: Packet } | { readonly unanswered: string };

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : error.name);

/** When each attempt is over, in parts of the time: each waits twice as long as the one before (RFC 5080 §2.2.1). */
function ends(attempts: number, random: Random): readonly number[] {
  const jitter = (): number => 0.9 + (0.2 * (random(1)[0] ?? 0)) / 255;
  return Array.from({ length: attempts }, (_, index) =>
    index === attempts - 1 ? 1 : (jitter() * (2 ** (index + 1) - 1)) / (2 ** attempts - 1),
  );
}

/**
 * @param limits `within`: milliseconds for all of it; `hurry`: whether a server that cannot be reached is given up at once
 * @throws RangeError where the attributes are too long for a packet
 */
export function askServer(
  { host, port }: RadiusServer,
  { secret, attributes, attempts, random, signal }: Question,
  { within, hurry }: { readonly within: number; readonly hurry: boolean },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const ending = ends(attempts, random);
    let why = 'no answer';
    let socket: Socket | undefined;
    let sent = 0;
    let isOver = false;
    let callOff = (): void => undefined;

    const stop = (): boolean => {
      if (isOver) return false;
      isOver = true;
      callOff();
      signal.removeEventListener('abort', giveUp);
      socket?.close();
      return true;
    };
    const giveUp = (): void => {
      if (stop()) resolve({ unanswered: why });
    };
    /** Runs a part of it; whatever is thrown there is thrown to whoever asked. */
    const guard = (part: () => void): void => {
      if (isOver) return;
      try {
        part();
      } catch (error) {
        if (stop()) reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const trouble = (error: Error | null): void => {
      if (error === null || isOver) return;
      why = `cannot be reached (${codeOf(error)})`;
      // Somebody may be about to start it again: as long as there is no other, each attempt counts.
      if (hurry || sent === 0 || sent === attempts) giveUp();
    };

    const connected = (open: Socket): void => {
      // Neither the identifier nor the port, which the system draws, nor the authenticator can be guessed.
      const [identifier = 0] = random(1);
      const authenticator = random(16);
      const own = open.address();
      const server = open.remoteAddress();
      const datagram = signRequest(
        { identifier, authenticator, attributes: [...attributes(authenticator), ...nasAddress(own.address)] },
        secret,
      );
      open.on('message', (bytes, from) => {
        // One that came before the socket was connected may be anybody's.
        if (from.port !== server.port || from.address !== server.address) return;
        guard(() => {
          try {
            const answer = verifyAnswer(bytes, { identifier, authenticator }, secret);
            if (stop()) resolve({ answer });
          } catch (error) {
            if (!(error instanceof PacketMistake)) throw error;
            why = `what came cannot be trusted: ${error.message}`;
          }
        });
      });
      const transmit = (spent: number): void => {
        const end = ending[sent] ?? 1;
        sent += 1;
        open.send(datagram, (error) => {
          trouble(error);
        });
        callOff = timeLimit((end - spent) * within, () => {
          if (sent === attempts) giveUp();
          else guard(() => transmit(end));
        });
      };
      // Names take their time, too.
      callOff();
      transmit(Math.min(1, (performance.now() - began) / within));
    };

    const began = performance.now();
    if (signal.aborted) {
      giveUp();
      return;
    }
    signal.addEventListener('abort', giveUp);
    callOff = timeLimit(within, giveUp);
    // Servers know those who may ask them by address, as a rule by that of IPv4.
    lookup(host, { hints: ADDRCONFIG, order: 'ipv4first' }, (error, address, family) => {
      if (error !== null) {
        trouble(error);
        return;
      }
      guard(() => {
        const open = createSocket(family === 6 ? 'udp6' : 'udp4');
        socket = open;
        open.on('error', trouble);
        // A callback in place of these would be told of a failure as well.
        open.on('connect', () => guard(() => connected(open)));
        open.connect(port, address);
      });
    });
  });
}
