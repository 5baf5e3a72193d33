/** The sessions of one person: listed and ended without their tokens. */
import type { SessionIndex } from './session-index.ts';
import type { StoredSession } from './session-record.ts';
import { sessionKey, type Sessions } from './session.ts';

const idPattern = /^[0-9a-f]{32}$/;

export interface ListedSession extends StoredSession {
  /** Under which it is stored. */
  readonly key: string;
}

export interface SessionsOf {
  /** The newest first. */
  list(objectGUID: string): Promise<readonly ListedSession[]>;
  /** Answers whether there was one. */
  end(objectGUID: string, id: string): Promise<boolean>;
  /** Ends all that began before that instant (milliseconds since the epoch), but the one of that id; answers how many. */
  endAll(objectGUID: string, but?: { readonly id?: string | undefined; readonly before?: number | undefined }): Promise<number>;
  /** Whether that one is the session of the token. */
  isOf(session: ListedSession, token: string | undefined): boolean;
}

const mostListed = 1_000;
/** Of one question; the store answers no longer ones. */
const batch = 10_000;

export function createSessionsOf(parts: {
  sessions: Pick<Sessions, 'look' | 'endId'>;
  index: Pick<SessionIndex, 'of'>;
}): SessionsOf {
  const { sessions, index } = parts;

  /** All there are, however many somebody began to hide one among them. */
  async function* all(objectGUID: string, idPrefix = ''): AsyncGenerator<Awaited<ReturnType<SessionIndex['of']>>> {
    const found = await index.of(objectGUID, batch, idPrefix);
    if (found.length < batch) yield found;
    else for (const digit of '0123456789abcdef') yield* all(objectGUID, idPrefix + digit);
  }

  async function list(objectGUID: string): Promise<readonly ListedSession[]> {
    const found = await Promise.all(
      (await index.of(objectGUID, mostListed)).map(async ({ key }) => {
        const session = await sessions.look(key);
        return session?.objectGUID === objectGUID ? [{ ...session, key }] : [];
      }),
    );
    return found.flat().sort((one, other) => other.createdAt - one.createdAt);
  }

  const end = async (objectGUID: string, id: string): Promise<boolean> =>
    idPattern.test(id) && (await sessions.endId(objectGUID, id)) !== undefined;

  return {
    list,
    end,
    async endAll(objectGUID, { id: but, before = Infinity } = {}) {
      let ended = 0;
      for await (const found of all(objectGUID)) {
        for (const { id, key } of found) {
          if (id === but) continue;
          const session = await sessions.look(key);
          if (session !== undefined && session.createdAt >= before) continue;
          if (await end(objectGUID, id)) ended += 1;
        }
      }
      return ended;
    },
    isOf: ({ key }, token) => token !== undefined && sessionKey(token) === key,
  };
}
