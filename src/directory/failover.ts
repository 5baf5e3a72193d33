/** One operation, tried at one controller after another until one answers. */
import { type Attempt, createAttempt } from './attempt.ts';
import type { Connection } from './connection.ts';
import type { Account, Controller } from './controller.ts';
import { timeLimit } from './time-limit.ts';
import { Unanswered } from './unanswered.ts';

/** No controller answered; each said something, in the order in which they failed. */
export class NobodyAnswered extends Error {
  readonly troubles: readonly Unanswered[];

  constructor(troubles: readonly Unanswered[]) {
    super('no controller answers');
    this.name = 'NobodyAnswered';
    this.troubles = troubles;
  }
}

export interface Failover {
  readonly account: Account;
  /** Milliseconds of silence after which another one is asked too; whoever answers first is believed. Undefined: only after a failure. */
  readonly after: number | undefined;
}

/** How often within the time of silence it is looked whether one is well again. */
const PATIENCE = 5;

/** @throws NobodyAnswered, and what `operation` throws */
export function failOver<Result>(
  controllers: readonly Controller[],
  operation: (connection: Connection) => Promise<Result>,
  { account, after }: Failover,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const running = new Set<Attempt>();
    const troubles: Unanswered[] = [];
    const order = [...controllers];
    let place = 0;
    let over = false;
    let hoped = false;
    let callOff: (() => void) | undefined;

    const finish = (): void => {
      over = true;
      callOff?.();
      for (const attempt of running) attempt.abandon();
    };

    /** All were asked and none has answered yet: once one of them is found well, it is asked anew, on another connection. */
    const hope = (silence: number): void => {
      const found = controllers.find(({ health }) => health.closed || health.failures === 0);
      if (found === undefined) {
        callOff = timeLimit(silence / PATIENCE, () => {
          hope(silence);
        });
      } else {
        hoped = true;
        order.push(found);
        next(false);
      }
    };

    /** Whether who waits for a turn here had better go on to the next. */
    const isBetterOff = (here: Controller, there: Controller | undefined): boolean =>
      there !== undefined && (!here.health.closed || (there.health.closed && there.hasRoom(account)));

    const watch = (controller: Controller, attempt: Attempt, wait: number, silence: number): void => {
      callOff = timeLimit(wait, () => {
        const left = silence - attempt.quiet();
        if (left > 1) {
          watch(controller, attempt, left, silence);
        } else if (!attempt.asked && !isBetterOff(controller, order[place])) {
          // To wait in two places would be to work twice.
          watch(controller, attempt, silence / PATIENCE, silence);
        } else if (!attempt.asked) {
          attempt.abandon();
        } else {
          controller.late(attempt);
          next(false);
        }
      });
    };

    const next = (anyConnection: boolean): void => {
      callOff?.();
      const controller = order[place];
      if (controller === undefined) {
        if (running.size === 0) {
          finish();
          reject(new NobodyAnswered(troubles));
        } else if (after !== undefined && !hoped) {
          hope(after);
        }
        return;
      }
      place += 1;
      const attempt = createAttempt(anyConnection);
      const isLatest = place;
      running.add(attempt);
      controller.use(account, operation, attempt).then(
        (result) => {
          running.delete(attempt);
          if (over) return;
          finish();
          resolve(result);
        },
        (error: unknown) => {
          running.delete(attempt);
          if (over) return;
          if (!(error instanceof Unanswered)) {
            finish();
            reject(error instanceof Error ? error : new Error(String(error)));
            return;
          }
          troubles.push(error);
          // Whatever cut the line, it is given one more try before all is lost.
          if (error.ended && isLatest <= controllers.length) order.push(controller);
          // Where another one was asked meanwhile, that is the next.
          if (isLatest === place || running.size === 0) next(anyConnection);
        },
      );
      if (after !== undefined) watch(controller, attempt, after, after);
    };

    next(true);
  });
}
