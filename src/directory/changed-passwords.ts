/** Which controller took a person's new password, or has a newer one than others: until they heard of it, that one judges it best. */
import type { Clock } from '../clock.ts';

export interface ChangedPasswords {
  /** Remembers it; host and port. */
  remember(objectGUID: string, server: string): void;
  /** Undefined where none is known, or by now every controller knows. */
  serverOf(objectGUID: string): string | undefined;
}

/** Between sites Active Directory replicates every three hours where nobody has set another interval. */
const REPLICATED = 3 * 3_600_000;
const MOST = 10_000;

export function createChangedPasswords(clock: Pick<Clock, 'now'>): ChangedPasswords {
  const changed = new Map<string, { readonly server: string; readonly at: number }>();
  return {
    remember(objectGUID, server) {
      changed.delete(objectGUID);
      changed.set(objectGUID, { server, at: clock.now() });
      const [oldest] = changed.keys();
      if (changed.size > MOST && oldest !== undefined) changed.delete(oldest);
    },
    serverOf(objectGUID) {
      const known = changed.get(objectGUID);
      return known !== undefined && clock.now() - known.at < REPLICATED ? known.server : undefined;
    },
  };
}
