/** Leads each request into the house of the moment, which it stays in; a house that was left is told when it is empty. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** What requests come into. */
export interface Rooms {
  readonly app: RequestListener;
  /** Undefined where nobody is asked for a certificate. */
  readonly certificateApp: RequestListener | undefined;
}

export interface Requests {
  readonly app: RequestListener;
  readonly certificateApp: RequestListener;
  /** From now on requests come in there. Resolves once nobody is left in the rooms before, or some milliseconds too long. */
  moveInto(rooms: Rooms): Promise<void>;
  /** Nobody is waited for any longer. */
  hurry(): void;
}

/** Milliseconds. */
const bounds = {
  /** That somebody may stay in a house that was left. */
  stay: 120_000,
  /** After the last answer, for what is written down of it. */
  farewell: 1_000,
  /** After the last answer where one was broken off: whoever went away has left work behind that is not over. */
  brokenOff: 15_000,
};

interface Guests {
  count: number;
  brokenOff: boolean;
  emptied: (() => void) | undefined;
}

export function createRequests(first: Rooms): Requests {
  const hurrying = new AbortController();
  let rooms = first;
  let guests: Guests = { count: 0, brokenOff: false, emptied: undefined };

  function enter(app: RequestListener, req: IncomingMessage, res: ServerResponse & { req: IncomingMessage }): void {
    const among = guests;
    among.count += 1;
    res.once('close', () => {
      among.count -= 1;
      if (!res.writableFinished) among.brokenOff = true;
      if (among.count === 0) among.emptied?.();
    });
    app(req, res);
  }

  /** At most so many milliseconds; keeps nothing from ending. */
  function wait(milliseconds: number, until?: Promise<unknown>): Promise<void> {
    const over = Promise.withResolvers<undefined>();
    const end = (): void => {
      over.resolve(undefined);
    };
    const timer = setTimeout(end, milliseconds).unref();
    void until?.then(end);
    hurrying.signal.addEventListener('abort', end, { once: true });
    if (hurrying.signal.aborted) end();
    return over.promise.then(() => {
      clearTimeout(timer);
      hurrying.signal.removeEventListener('abort', end);
    });
  }

  return {
    app: (req, res) => {
      enter(rooms.app, req, res);
    },
    certificateApp: (req, res) => {
      if (rooms.certificateApp === undefined) res.writeHead(404, { Connection: 'close', 'Content-Length': 0 }).end();
      else enter(rooms.certificateApp, req, res);
    },
    async moveInto(next) {
      const left = guests;
      rooms = next;
      guests = { count: 0, brokenOff: false, emptied: undefined };
      if (left.count > 0) {
        const { promise, resolve } = Promise.withResolvers<undefined>();
        left.emptied = () => {
          resolve(undefined);
        };
        await wait(bounds.stay, promise);
      }
      await wait(left.brokenOff ? bounds.brokenOff : bounds.farewell);
    },
    hurry() {
      hurrying.abort();
    },
  };
}
