/** Which of a directory's servers is asked: the one that answered last, then the others in turn. */
import type { Endpoint } from './endpoint.ts';
import { Unanswered } from './unanswered.ts';

export interface ServerChoice {
  /** Runs `open` against one server after another until one answers. @throws Unanswered the last one's; and what `open` throws */
  first<Result>(open: (endpoint: Endpoint) => Promise<Result>): Promise<Result>;
  /** The server that answered last; before any did, the first of the list. Host and port. */
  readonly name: string;
}

export function createServerChoice(endpoints: readonly [Endpoint, ...Endpoint[]]): ServerChoice {
  let current = 0;
  const at = (index: number): Endpoint => endpoints[index % endpoints.length] ?? endpoints[0];
  return {
    async first(open) {
      const start = current;
      for (let step = 0; ; step += 1) {
        try {
          const result = await open(at(start + step));
          current = (start + step) % endpoints.length;
          return result;
        } catch (error) {
          if (!(error instanceof Unanswered) || step === endpoints.length - 1) {
            throw error;
          }
        }
      }
    },
    get name() {
      return at(current).name;
    },
  };
}
