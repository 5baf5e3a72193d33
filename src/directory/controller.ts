/** One domain controller: its connections, for the service account and for people, and its health. */
import { PresenceFilter } from 'ldapts';
import type { SecureContext } from 'node:tls';
import type { Steps } from '../audit/steps.ts';
import type { Clock, Random } from '../clock.ts';
import { type Attempt, createAttempt } from './attempt.ts';
import { bindRefusal, isUnwell } from './bind-refusal.ts';
import { type AnswerLimits, type Connection, openConnection } from './connection.ts';
import { type ConnectionPool, createConnectionPool } from './connection-pool.ts';
import { type ControllerHealth, createControllerHealth } from './controller-health.ts';
import type { Lines } from './dial.ts';
import { endpointOf } from './endpoint.ts';
import { refusalOf } from './ldap-refusal.ts';
import { tellOf } from './told-connection.ts';
import { NotLetIn, ReadOnly, Unanswered, Unasked, Untrusted } from './unanswered.ts';

/** As whom an operation runs. */
export type Account = 'service' | 'person';

export interface Controller {
  /** Host and port. */
  readonly name: string;
  readonly site: string | undefined;
  readonly priority: number;
  readonly health: Pick<ControllerHealth, 'closed' | 'cause' | 'failures' | 'latency' | 'allowance'>;
  /** Operations that run or wait here. */
  readonly busy: number;
  /** Whether an operation would not have to wait for its turn. */
  hasRoom(account: Account): boolean;
  /** Whether it takes no writes; undefined while nobody has asked. */
  readonly readOnly: boolean | undefined;
  /** @throws Unanswered, and what `operation` throws */
  use<Result>(account: Account, operation: (connection: Connection) => Promise<Result>, attempt: Attempt): Promise<Result>;
  /** It has let this attempt wait for longer than it should. */
  late(attempt: Attempt): void;
  /** Finds out whether it takes writes. @throws Unanswered */
  learn(attempt: Attempt): Promise<void>;
  /** Lets go of its connections, those at work once they are done, and keeps none until `resume`. */
  drain(): void;
  resume(): void;
  /** Ends everything at once. */
  close(): void;
}

export interface ControllerOptions {
  readonly url: string;
  readonly site: string | undefined;
  readonly priority: number;
  readonly startTls: boolean;
  /** @throws Error where there are no authorities to verify by */
  readonly authorities: () => SecureContext;
  readonly bindDn: string;
  readonly password: string;
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly operationTimeout: number;
  readonly failoverAfter: number;
  /** Of each account, at most. */
  readonly connections: number;
  readonly answerLimits?: AnswerLimits | undefined;
  readonly lost: (name: string, cause: string) => void;
  readonly back: (name: string, away: number) => void;
  /** It bears as much as before. */
  readonly restored: () => void;
  readonly steps: Pick<Steps, 'take' | 'apart'>;
  readonly clock: Clock;
  readonly random: Random;
}

// MS-ADTS §3.1.1.3.4.3.5: this capability a controller has that is read-only.
const PARTIAL_SECRETS = '1.2.840.113556.1.4.1920';
const rootDse = {
  base: '',
  scope: 'base' as const,
  filter: new PresenceFilter({ attribute: 'objectClass' }),
  attributes: ['supportedCapabilities'],
  limit: 0,
};

/** @throws TypeError where the URL is of another kind */
export function createController(options: ControllerOptions): Controller {
  const { connectTimeout, operationTimeout, failoverAfter, connections, steps, clock } = options;
  const endpoint = endpointOf(options.url, options.startTls);
  const { name } = endpoint;
  const lines = new Set<() => void>();
  /** Attempts that could not even begin, for want of a connection. */
  const unreached = new WeakSet<Unanswered>();
  let readOnly: boolean | undefined;
  let closed = false;

  const trust = (): SecureContext | undefined => {
    if (endpoint.protection === 'none') return undefined;
    try {
      return options.authorities();
    } catch (error) {
      throw new Untrusted(name, error instanceof Error ? error.message : 'no authorities');
    }
  };

  const linesOf = (attempt: Attempt): Lines => ({
    add(end) {
      lines.add(end);
      attempt.awaits(end);
    },
    delete(end) {
      lines.delete(end);
    },
  });

  async function open(attempt: Attempt, limit = Infinity): Promise<Connection> {
    try {
      if (closed) throw new Unasked(name, 'closed');
      const connection = await steps.take('ldap.connect', { server: name, protection: endpoint.protection }, () =>
        openConnection(
          endpoint,
          trust(),
          Math.min(connectTimeout, limit),
          Math.min(operationTimeout, limit),
          linesOf(attempt),
          options.answerLimits,
        ),
      );
      return tellOf(connection, steps);
    } catch (error) {
      if (error instanceof Unanswered) unreached.add(error);
      throw error;
    }
  }

  async function openBound(attempt: Attempt, limit = Infinity): Promise<Connection> {
    const connection = await open(attempt, limit);
    try {
      const result = await connection.bind(options.bindDn, options.password);
      if (result.code === 0) return connection;
      const message = `service account: LDAP code ${String(result.code)}`;
      if (bindRefusal(result) === 'directory-unavailable') throw new Unanswered(name, message, true);
      throw new NotLetIn(name, refusalOf('directory-refused', name, 'bind of the service account', result));
    } catch (error) {
      connection.close();
      if (error instanceof Unanswered) unreached.add(error);
      throw error;
    }
  }

  async function readRootDse(connection: Connection): Promise<void> {
    const { code, entries } = await connection.search({ ...rootDse, attributes: [...rootDse.attributes] });
    if (isUnwell(code)) throw new Unanswered(name, `search: LDAP code ${String(code)}`, false);
    const capabilities = entries[0]?.attributes.get('supportedcapabilities') ?? [];
    if (capabilities.some((value) => value.toString() === PARTIAL_SECRETS)) readOnly = true;
    else readOnly ??= false;
  }

  const poolOf = (opener: (attempt: Attempt) => Promise<Connection>): ConnectionPool =>
    createConnectionPool({
      server: name,
      open: opener,
      limit: connections,
      patience: operationTimeout,
      restedPatience: Math.min(operationTimeout, failoverAfter / 2),
      clock,
    });
  const pools = { service: poolOf((attempt) => openBound(attempt)), person: poolOf((attempt) => open(attempt)) };

  const health = createControllerHealth({
    // What takes longer than an operation may take here is no better than none. Whose sign-in lost it does not wait for it.
    examine: () =>
      steps.apart(async () => {
        const connection = await openBound(createAttempt(), failoverAfter);
        try {
          await readRootDse(connection);
        } catch (error) {
          connection.close();
          throw error;
        }
        connection.close();
      }),
    lost(cause) {
      pools.service.dropIdle();
      pools.person.dropIdle();
      options.lost(name, cause);
    },
    back: (away) => {
      options.back(name, away);
    },
    restored: options.restored,
    prompt: failoverAfter,
    full: connections,
    clock,
    random: options.random,
  });

  const use: Controller['use'] = async (account, operation, attempt) => {
    const began = performance.now();
    let given = began;
    const timed = (connection: Connection): ReturnType<typeof operation> => {
      given = performance.now();
      return operation(connection);
    };
    const answered = (): void => {
      health.answered(performance.now() - given, account === 'service');
    };
    try {
      const result = await pools[account].use(timed, attempt);
      answered();
      return result;
    } catch (error) {
      if (error instanceof ReadOnly) readOnly = true;
      if (!(error instanceof Unanswered) || error instanceof ReadOnly) answered();
      else if (!(error instanceof Unasked) && !attempt.abandoned()) health.failed(error, began, unreached.has(error));
      throw error;
    }
  };

  return {
    name,
    site: options.site,
    priority: options.priority,
    health,
    get busy() {
      return pools.service.busy + pools.person.busy;
    },
    hasRoom: (account) => pools[account].busy < connections,
    get readOnly() {
      return readOnly;
    },
    use,
    late(attempt) {
      // Those that wait for their turn wait for us.
      if (!attempt.asked || attempt.abandoned()) return;
      // Where one connection died unnoticed, so have those that rest.
      pools.service.dropIdle();
      pools.person.dropIdle();
      const quiet = attempt.quiet();
      health.failed(
        new Unanswered(name, `no answer within ${String(failoverAfter)} ms`, false),
        performance.now() - quiet,
        false,
      );
    },
    async learn(attempt) {
      if (readOnly === undefined) await use('service', readRootDse, attempt);
    },
    drain() {
      pools.service.drain();
      pools.person.drain();
    },
    resume() {
      pools.service.resume();
      pools.person.resume();
    },
    close() {
      closed = true;
      health.close();
      pools.service.close();
      pools.person.close();
      for (const end of [...lines]) end();
    },
  };
}
