/** Which test file runs next: none waits for its servers, or for its turn at them, as long as another could run. */
import type { Selected } from './selection.ts';

export class Queue {
  readonly #waiting: Selected[];
  /** Servers that have answered, or never will. */
  readonly #settled = new Set<string>();
  /** Servers that one file at a time has, and one has now. */
  readonly #taken = new Set<string>();
  #running = 0;
  /** While a file has the machine to itself. */
  #closed = false;
  #changed = Promise.withResolvers<undefined>();

  constructor(files: readonly Selected[]) {
    this.#waiting = [...files];
  }

  /** The first that can run, as soon as one can; undefined when none is left. Give it back when it has run. */
  async take(): Promise<Selected | undefined> {
    while (this.#waiting.length > 0) {
      const index = this.#waiting.findIndex((file) => this.#canRun(file));
      if (index >= 0) {
        const [file] = this.#waiting.splice(index, 1);
        this.#running += 1;
        if (isQuiet(file)) this.#closed = true;
        for (const server of aloneAt(file)) this.#taken.add(server);
        return file;
      }
      await this.#changed.promise;
    }
    return undefined;
  }

  giveBack(file: Selected): void {
    this.#running -= 1;
    if (isQuiet(file)) this.#closed = false;
    for (const server of aloneAt(file)) this.#taken.delete(server);
    this.#wake();
  }

  /** That server answers, or never will. */
  settle(server: string): void {
    this.#settled.add(server);
    this.#wake();
  }

  #canRun(file: Selected): boolean {
    return (
      !this.#closed &&
      (this.#running === 0 || !isQuiet(file)) &&
      file.needs.every(({ server }) => server === undefined || this.#settled.has(server)) &&
      aloneAt(file).every((server) => !this.#taken.has(server))
    );
  }

  #wake(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }
}

const isQuiet = (file: Selected | undefined): boolean => file?.needs.some(({ quiet }) => quiet === true) ?? false;

const aloneAt = (file: Selected | undefined): readonly string[] =>
  (file?.needs ?? []).flatMap(({ server, alone }) => (alone === true && server !== undefined ? [server] : []));
