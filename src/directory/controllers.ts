/** The domain controllers of one domain, or the global catalogs of a forest: which is asked, and what happens where one fails. */
import type { Audit, AuditEvent } from '../audit/audit.ts';
import { newReference } from '../audit/reference.ts';
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Clock, Random } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import { type Attempt, createAttempt } from './attempt.ts';
import { createAuthorities } from './authorities.ts';
import type { AnswerLimits, Connection } from './connection.ts';
import { type Account, type Controller, createController } from './controller.ts';
import { NobodyAnswered, failOver } from './failover.ts';
import { type Wish, orderControllers } from './server-choice.ts';
import { Unanswered } from './unanswered.ts';
import { refusalFor } from './unanswered-refusal.ts';

export type { Wish } from './server-choice.ts';

/** An operation on one connection; where a controller fails it runs again on another, so it must bear that. */
export type Operation<Result> = (connection: Connection) => Promise<Result>;

/** What is known of one controller. */
export interface ControllerState {
  /** Host and port. */
  readonly name: string;
  readonly priority: number;
  readonly site: string | undefined;
  /** Its circuit is open: it is asked only where no other answers. */
  readonly open: boolean;
  /** Milliseconds that it takes to answer, about. */
  readonly latency: number;
  /** Why its circuit is open. */
  readonly cause: string | undefined;
}

/**
 * Each method asks the best controller, and while that fails or says nothing another one, so that an operation may run on two at
 * once. Where none answers it throws Refusal directory-unavailable; or directory-untrusted where a certificate, or directory-refused
 * where the service account's rejection, was the reason of one. It also throws what `operation` throws.
 */
export interface Controllers {
  /** Runs it on a connection of the service account. */
  asService<Result>(operation: Operation<Result>, wish?: Wish): Promise<Result>;
  /** Runs it on a connection on which nobody is bound for sure. */
  asPerson<Result>(operation: Operation<Result>, wish?: Wish): Promise<Result>;
  /**
   * Runs it as the service account on every controller at once. Answers what those gave that answered in a short time; a controller
   * that is down, slow or refuses is left out, so that the list may be empty. Never throws a Refusal.
   */
  onEach<Result>(operation: Operation<Result>): Promise<readonly Result[]>;
  /** The one that answered last; before any did, the first. Host and port. */
  readonly name: string;
  /** How many there are. */
  readonly count: number;
  /** Of every controller. Cheap. */
  state(): readonly ControllerState[];
  /** Ends everything at once, what runs included. */
  close(): void;
}

export interface ControllersOptions {
  /** At least one. */
  readonly controllers: readonly { readonly url: string; readonly site?: string | undefined; readonly priority: number }[];
  readonly startTls: boolean;
  /** Reads the certificates (PEM) that vouch for the servers; undefined for the well-known authorities. */
  readonly ca: (() => string) | undefined;
  readonly bindDn: string;
  readonly password: string;
  /** The site that Passerelle stands in. */
  readonly site: string | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds, for one search or bind, and for the wait until a connection is free. */
  readonly operationTimeout: number;
  /** Milliseconds that one controller may take while another could be asked. */
  readonly failoverAfter: number;
  /** How many connections of the service account to one controller at most, and as many again for passwords. */
  readonly connections: number;
  /** Larger ones than sign-ins need. */
  readonly answerLimits?: AnswerLimits | undefined;
  /** Where it is told that controllers were lost and are back. */
  readonly record?: Audit['record'] | undefined;
  readonly steps?: Steps | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** @throws TypeError where there is no controller, or a URL of another kind */
export function createControllers(options: ControllersOptions): Controllers {
  const { site, failoverAfter, record, random } = options;
  const authorities = createAuthorities(options.ca);

  const tell = (event: 'controller.lost' | 'controller.back', server: string, detail: AuditEvent['detail']): void => {
    record?.({ event, reference: newReference(random), server, detail });
  };

  const controllers: readonly Controller[] = options.controllers.map(({ url, site: standsIn, priority }) =>
    createController({
      ...options,
      url,
      site: standsIn,
      priority,
      authorities,
      steps: options.steps ?? noSteps,
      lost(name, cause) {
        for (const controller of controllers) controller.resume();
        tell('controller.lost', name, { cause });
      },
      back(name, milliseconds) {
        tell('controller.back', name, { seconds: Math.round(milliseconds / 1_000) });
      },
      restored() {
        for (const controller of controllers) if (controller.priority > priority) controller.drain();
      },
    }),
  );
  const [first] = controllers;
  if (first === undefined) throw new TypeError('a directory needs at least one controller');
  let { name } = first;
  let turn = 0;

  /** Runs it on all that are well at once, for as long as one of several may take. */
  async function each<Result>(run: (controller: Controller, attempt: Attempt) => Promise<Result>): Promise<readonly Result[]> {
    const well = controllers.filter(({ health }) => health.closed);
    const running = new Map<Attempt, Controller>();
    const timer = setTimeout(() => {
      for (const [attempt, controller] of running) {
        controller.late(attempt);
        attempt.abandon();
      }
    }, failoverAfter);
    const results = await Promise.allSettled(
      (well.length > 0 ? well : controllers).map((controller) => {
        const attempt = createAttempt();
        running.set(attempt, controller);
        return run(controller, attempt).finally(() => running.delete(attempt));
      }),
    );
    clearTimeout(timer);
    for (const result of results) {
      if (result.status === 'fulfilled' || result.reason instanceof Unanswered || result.reason instanceof Refusal) continue;
      throw result.reason;
    }
    return results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  }

  async function use<Result>(account: Account, operation: Operation<Result>, wish: Wish = {}): Promise<Result> {
    const writable = wish.writable === true;
    if (writable && controllers.some(({ readOnly }) => readOnly === undefined)) {
      await each((controller, attempt) => controller.learn(attempt));
    }
    turn += 1;
    const order = orderControllers(controllers, wish, site, turn);
    try {
      return await failOver(
        order,
        async (connection) => {
          const result = await operation(connection);
          name = connection.server;
          return result;
        },
        { account, after: writable ? undefined : failoverAfter },
      );
    } catch (error) {
      throw error instanceof NobodyAnswered ? refusalFor(error.troubles, name) : error;
    }
  }

  return {
    asService: (operation, wish) => use('service', operation, wish),
    asPerson: (operation, wish) => use('person', operation, wish),
    onEach: (operation) => each((controller, attempt) => controller.use('service', operation, attempt)),
    get name() {
      return name;
    },
    count: controllers.length,
    state: () =>
      controllers.map(({ name: one, priority, site: standsIn, health }) => ({
        name: one,
        priority,
        site: standsIn,
        open: !health.closed,
        latency: health.latency,
        cause: health.cause,
      })),
    close() {
      for (const controller of controllers) controller.close();
    },
  };
}
