/** Keeps what one process asks of a record in the order of its coming, where connections are several. */

export interface Lanes<Batch> {
  /**
   * Runs `work` once all that came before it in that lane has ended; answers what it answers.
   * @param batch what others may add to until then
   */
  enter<T>(lane: string, work: () => Promise<T>, batch?: Batch): Promise<T>;
  /** The batch of the last work of that lane, where it has one and has not begun. */
  joinable(lane: string): Batch | undefined;
  /** Settles once what is under way in that lane has ended. Never rejects. */
  ended(lane: string): Promise<unknown>;
  /** As `ended`, of all lanes whose name begins so. */
  allEnded(prefix: string): Promise<unknown>;
}

export function createLanes<Batch>(): Lanes<Batch> {
  /** The last work of each. */
  const lanes = new Map<string, { readonly end: Promise<unknown>; batch: Batch | undefined }>();
  return {
    async enter(lane, work, batch) {
      const before = lanes.get(lane);
      const { promise: end, resolve } = Promise.withResolvers<undefined>();
      const last = { end, batch };
      lanes.set(lane, last);
      try {
        if (before !== undefined) await before.end;
        last.batch = undefined;
        return await work();
      } finally {
        if (lanes.get(lane) === last) lanes.delete(lane);
        resolve(undefined);
      }
    },
    joinable: (lane) => lanes.get(lane)?.batch,
    ended: async (lane) => lanes.get(lane)?.end,
    allEnded: async (prefix) => Promise.all([...lanes].filter(([lane]) => lane.startsWith(prefix)).map(([, { end }]) => end)),
  };
}
