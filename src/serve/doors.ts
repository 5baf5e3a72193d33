/** The ports that a configuration names: kept from one to the next, opened before and closed after it. */
import type { RequestListener } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '../config/read-configuration.ts';
import { listen, verifyTls, type Listener, type Tls } from '../http/listen.ts';

interface Wish {
  readonly host: string;
  readonly port: number;
  readonly tls: Tls | undefined;
}

interface Door {
  readonly wish: Wish;
  readonly listener: Listener;
}

type Which = 'main' | 'certificate';
export type Wishes = Readonly<Record<Which, Wish | undefined>>;

export interface PreparedDoors {
  commit(): void;
  /** As if nothing had been prepared. */
  abandon(): Promise<void>;
}

export interface Doors {
  /** Of the main one. */
  readonly port: number;
  /** Opens what is wished for and not there. @throws Error where a port cannot be had, or a certificate not be used */
  prepare(wishes: Wishes): Promise<PreparedDoors>;
  /** Accepts nothing more, waits for what is in flight, at most `grace` milliseconds. */
  close(grace: number): Promise<void>;
}

/** What a port that is no longer wished for leaves to those who came in by it. Milliseconds. */
const grace = 120_000;

/** @param read gives the text of a file. @throws Error where it cannot be read */
export function wishesOf(
  { listen: main, tls, certificate }: Pick<Configuration, 'listen' | 'tls' | 'certificate'>,
  clientAuthorities: string | undefined,
  read: (file: string) => string,
): Wishes {
  const asking = certificate?.listener;
  return {
    main: { ...main, tls: tls && { cert: read(tls.certFile), key: read(tls.keyFile) } },
    certificate:
      asking === undefined || clientAuthorities === undefined
        ? undefined
        : {
            host: asking.host,
            port: asking.port,
            tls: { cert: read(asking.tls.certFile), key: read(asking.tls.keyFile), clientAuthorities },
          },
  };
}

const isSameDoor = (a: Wish, b: Wish): boolean =>
  a.host === b.host && a.port === b.port && (a.tls === undefined) === (b.tls === undefined);

/** @param apps behind them, which stay the same */
export async function openDoors(wishes: Wishes, apps: Readonly<Record<Which, RequestListener>>): Promise<Doors> {
  const doors = new Map<Which, Door>();
  const closing = new Set<Promise<void>>();
  const leaving = new Set<Listener>();

  function leave(listener: Listener): void {
    leaving.add(listener);
    const closed = listener.close(grace).finally(() => {
      leaving.delete(listener);
      closing.delete(closed);
    });
    closing.add(closed);
  }

  async function prepare(next: Wishes): Promise<PreparedDoors> {
    const opened = new Map<Which, Door>();
    const abandon = async (): Promise<void> => {
      for (const { listener } of opened.values()) await listener.close(0);
    };
    try {
      // The one that people come in by is last: nobody comes before everything is open.
      for (const which of ['certificate', 'main'] as const) {
        const [wish, door] = [next[which], doors.get(which)];
        if (wish === undefined) continue;
        if (wish.tls !== undefined) verifyTls(wish.tls);
        if (door === undefined || !isSameDoor(door.wish, wish))
          opened.set(which, { wish, listener: await listen(apps[which], wish, wish.tls) });
      }
    } catch (error) {
      await abandon();
      throw error;
    }
    return {
      abandon,
      commit() {
        for (const which of ['certificate', 'main'] as const) {
          const [wish, door, fresh] = [next[which], doors.get(which), opened.get(which)];
          if (fresh !== undefined) doors.set(which, fresh);
          else if (wish === undefined) doors.delete(which);
          else if (door !== undefined) {
            // Not without need: it forgets the sessions that browsers take up again.
            if (wish.tls !== undefined && !isDeepStrictEqual(wish.tls, door.wish.tls)) door.listener.renew(wish.tls);
            doors.set(which, { wish, listener: door.listener });
          }
          if (door !== undefined && (fresh !== undefined || wish === undefined)) leave(door.listener);
        }
      },
    };
  }

  (await prepare(wishes)).commit();
  return {
    get port() {
      const main = doors.get('main');
      if (main === undefined) throw new Error('the main port is always wished for');
      return main.listener.address.port;
    },
    prepare,
    async close(within) {
      const all = [...[...doors.values()].map(({ listener }) => listener), ...leaving];
      await Promise.all(all.map((listener) => listener.close(within)));
      await Promise.all(closing);
    },
  };
}
