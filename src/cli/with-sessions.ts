/** What commands about sessions work on: the person, the store of the running house, and the person's sessions in it. */
import { createCutOff } from '../signin/cut-off.ts';
import { createSessionIndex } from '../signin/session-index.ts';
import { createSessions } from '../signin/session.ts';
import { createSessionsOf, type SessionsOf } from '../signin/sessions-of.ts';
import type { Io } from './command.ts';
import { withAudit, type Deeds } from './with-audit.ts';
import { withPerson, type Opened } from './with-person.ts';

/**
 * Finds the person and hands everything to `work`, which is the command of that name. Where there is nobody, says why and gives 1.
 * @throws as `withPerson` does
 */
export function withSessions(
  command: string,
  name: string,
  flag: string | undefined,
  io: Io,
  work: (opened: Opened & { readonly sessions: SessionsOf; readonly deeds: Deeds }) => Promise<number>,
): Promise<number> {
  return withPerson({ name, flag, empty: 'nobody has signed in' }, io, async (opened) => {
    const { store, configuration } = opened;
    const { clock, random } = io;
    const index = createSessionIndex({ store });
    const kept = Math.max(0, ...configuration.policy.map(({ keepSignedIn }) => keepSignedIn ?? 0));
    return withAudit(command, opened, io, (deeds) => {
      const sessions = createSessions({
        ...{ store, clock, random, index },
        limits: { ...configuration.session, kept },
        cutOff: createCutOff({ store }),
        // What is found to be over is told by whoever finds it.
        audit: deeds,
        followed: () => Promise.resolve(),
      });
      return work({ ...opened, sessions: createSessionsOf({ sessions, index }), deeds });
    });
  });
}
