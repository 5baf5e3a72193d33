/** Several RADIUS servers: asked one after the other, those that lately did not answer last, and all within one time. */
import type { Clock, Random } from '../../clock.ts';
import { Refusal } from '../../refusal.ts';
import { askServer, type Question, type RadiusServer } from './ask-server.ts';
import type { Packet } from './packet.ts';

export interface Answered {
  readonly answer: Packet;
  /** Host and port of who gave it. */
  readonly server: string;
}

export interface RadiusServers {
  /**
   * @param only the one to ask, by host and port, since it alone knows what it asked
   * @throws Refusal factor-unavailable
   */
  ask(attributes: Question['attributes'], only?: string): Promise<Answered>;
  /** Waits for no answer any more. */
  close(): void;
}

/** Milliseconds for which a server that did not answer is asked last. */
const penalty = 60_000;
const mostAtOnce = 256;

const nameOf = ({ host, port }: RadiusServer): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

export function createRadiusServers(parts: {
  /** The first is asked first. */
  servers: readonly RadiusServer[];
  secret: Buffer;
  /** Milliseconds for one question, whoever is asked. */
  timeout: number;
  /** How often one server is sent it. */
  attempts: number;
  clock: Pick<Clock, 'now'>;
  random: Random;
  note: (level: 'info' | 'warn', message: string, detail: Readonly<Record<string, unknown>>) => void;
}): RadiusServers {
  const { secret, timeout, attempts, clock, random, note } = parts;
  const servers = parts.servers.map((server) => ({ ...server, name: nameOf(server) }));
  /** Those that did not answer, each with when it is asked in its turn again. */
  const lost = new Map<string, number>();
  const closing = new AbortController();
  let asking = 0;

  function inTurn(): typeof servers {
    const now = clock.now();
    const isLost = ({ name }: { name: string }): boolean => (lost.get(name) ?? now) > now;
    return [...servers.filter((one) => !isLost(one)), ...servers.filter(isLost)];
  }

  function remember(server: string, cause: string | undefined): void {
    if (cause === undefined) {
      if (lost.delete(server)) note('info', 'a RADIUS server answers again', { server });
      return;
    }
    if (!lost.has(server)) note('warn', 'a RADIUS server does not answer', { server, cause });
    lost.set(server, clock.now() + penalty);
  }

  async function askInTurn(attributes: Question['attributes'], chosen: typeof servers): Promise<Answered> {
    const question = { secret, attributes, attempts, random, signal: closing.signal };
    const ends = performance.now() + timeout;
    const causes: string[] = [];
    for (const [index, server] of chosen.entries()) {
      const left = chosen.length - index;
      const within = Math.max(1, (ends - performance.now()) / left);
      const outcome = await askServer(server, question, { within, hurry: left > 1 });
      if (closing.signal.aborted) throw new Refusal('factor-unavailable', { cause: 'Passerelle stops' });
      if ('answer' in outcome) {
        remember(server.name, undefined);
        return { answer: outcome.answer, server: server.name };
      }
      remember(server.name, outcome.unanswered);
      causes.push(`${server.name}: ${outcome.unanswered}`);
    }
    const cause = causes.length === 0 ? 'the server that asked is configured no more' : causes.join('; ').slice(0, 500);
    throw new Refusal('factor-unavailable', { cause });
  }

  return {
    async ask(attributes, only) {
      if (asking >= mostAtOnce) throw new Refusal('factor-unavailable', { cause: 'too many wait for an answer' });
      asking += 1;
      try {
        const chosen = only === undefined ? inTurn() : servers.filter(({ name }) => name === only);
        return await askInTurn(attributes, chosen);
      } finally {
        asking -= 1;
      }
    },
    close() {
      closing.abort();
    },
  };
}
