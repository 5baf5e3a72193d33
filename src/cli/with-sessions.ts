/** What commands about sessions work on: the person, the store of the running house, and the person's sessions in it. */
import { createAudit } from '../audit/pino-audit.ts';
import type { AuditEvent } from '../audit/audit.ts';
import { newReference } from '../audit/reference.ts';
import { createCutOff } from '../signin/cut-off.ts';
import { createSessionIndex } from '../signin/session-index.ts';
import { createSessions } from '../signin/session.ts';
import { createSessionsOf, type SessionsOf } from '../signin/sessions-of.ts';
import type { Io } from './command.ts';
import { withPerson, type Opened } from './with-person.ts';

/** Writes one event of an administrator's deed to standard error, where it is collected as those of the house are. */
export async function tellDeed(io: Io, event: Omit<AuditEvent, 'reference'>): Promise<void> {
  const audit = createAudit({ level: 'info', destination: io.errorLog, clock: io.clock });
  audit.record({ ...event, reference: newReference(io.random) });
  await audit.flush();
}

/**
 * Finds the person and hands everything to `work`. Where there is nobody, says why and gives 1.
 * @throws as `withPerson` does
 */
export function withSessions(
  name: string,
  flag: string | undefined,
  io: Io,
  work: (opened: Opened & { readonly sessions: SessionsOf }) => Promise<number>,
): Promise<number> {
  return withPerson({ name, flag, empty: 'nobody has signed in' }, io, async (opened) => {
    const { store, configuration } = opened;
    const { clock, random } = io;
    const audit = createAudit({ level: 'info', destination: io.errorLog, clock });
    const index = createSessionIndex({ store });
    const kept = Math.max(0, ...configuration.policy.map(({ keepSignedIn }) => keepSignedIn ?? 0));
    const sessions = createSessions({
      ...{ store, clock, random, index },
      limits: { ...configuration.session, kept },
      cutOff: createCutOff({ store }),
      // What is found to be over is told by whoever finds it.
      audit,
      followed: () => Promise.resolve(),
    });
    try {
      return await work({ ...opened, sessions: createSessionsOf({ sessions, index }) });
    } finally {
      await audit.flush();
    }
  });
}
