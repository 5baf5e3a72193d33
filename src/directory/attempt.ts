/** One try of an operation at one controller, which whoever waits for it may give up. */
import type { Connection } from './connection.ts';

export interface Attempt {
  /** Whether a connection that rested for a while may be used; it may have died unnoticed. */
  readonly anyConnection: boolean;
  abandoned(): boolean;
  /** Milliseconds for which a connection or an answer has been awaited by now. */
  quiet(): number;
  /** Whether the controller has been asked for anything yet, were it only for a connection. */
  readonly asked: boolean;
  /** The turn has come, after waiting for it. */
  begin(): void;
  /** It goes on, on that connection, which ends where it is given up. */
  on(connection: Connection): void;
  /** What ends that which it waits for now. */
  awaits(end: () => void): void;
  /** Frees what it holds. */
  abandon(): void;
}

export function createAttempt(anyConnection = true): Attempt {
  let abandoned = false;
  let asked = false;
  let since = performance.now();
  let connection: Connection | undefined;
  let end: (() => void) | undefined;
  return {
    anyConnection,
    abandoned: () => abandoned,
    quiet: () => performance.now() - Math.max(since, connection?.heard ?? 0),
    get asked() {
      return asked;
    },
    begin() {
      asked = true;
      end = undefined;
      since = performance.now();
    },
    on(next) {
      connection = next;
      end = () => {
        next.close();
      };
    },
    awaits(next) {
      end = next;
    },
    abandon() {
      abandoned = true;
      end?.();
    },
  };
}
