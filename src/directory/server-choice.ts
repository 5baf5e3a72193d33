/** In which order a directory's controllers are asked. */
import type { Controller } from './controller.ts';

/** Which controller is meant. */
export interface Wish {
  /** Host and port of the one to ask first, where it is among these and is well. */
  readonly first?: string | undefined;
  /** False: no other than `first` is asked, well or not. */
  readonly others?: boolean | undefined;
  /**
   * The operation writes: controllers known to be read-only are left to the last, and it never runs on two at once. Where one says
   * that it takes no writes (`Connection.modify` throws that), the next is asked, so that an operation that began to write may run
   * again from its beginning.
   */
  readonly writable?: boolean | undefined;
}

/** What does not differ by more than so many milliseconds is equally fast. */
const ALIKE = 1;

/** What an operation would cost there: the answer's time, for it and for all that are before it. */
const costOf = ({ health, busy }: Controller): number => (health.latency + ALIKE) * (busy + 1);

/**
 * All of them, the best one first. One that is not well comes behind all that are; then priority decides, the own site, and who
 * answers sooner with less to do.
 * @param turn counts up, so that equals take turns
 */
export function orderControllers(
  controllers: readonly Controller[],
  { first, others = true, writable = false }: Wish,
  site: string | undefined,
  turn: number,
): readonly Controller[] {
  if (!others) return controllers.filter(({ name }) => name === first);
  if (controllers.length < 2) return controllers;
  const ranked = controllers.map((controller, index) => {
    const { health, priority, busy, readOnly, name } = controller;
    const keys = [
      writable && readOnly === true ? 1 : 0,
      health.closed ? 0 : 1 + health.failures,
      name === first ? 0 : 1,
      busy < health.allowance ? 0 : 1,
      priority,
      site !== undefined && controller.site !== site ? 1 : 0,
      costOf(controller),
      (index + turn) % controllers.length,
    ];
    return { controller, keys };
  });
  ranked.sort((one, other) => {
    const differing = one.keys.findIndex((key, at) => key !== other.keys[at]);
    return (one.keys[differing] ?? 0) - (other.keys[differing] ?? 0);
  });
  return ranked.map(({ controller }) => controller);
}
