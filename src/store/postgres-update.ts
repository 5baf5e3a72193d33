/**
 * Changes a record in one atomic step without holding it: reads it with its version, writes it where the version is the same, and
 * begins again where it is not. What waits for the same record in this process shares the reading and the writing.
 */
import type { Clock } from '../clock.ts';
import { boundedExpiry, boundedJson } from './bounds.ts';
import type { Lanes } from './lanes.ts';
import type { Connections, Run } from './postgres-connections.ts';
import { command } from './postgres-compiler.ts';
import { queries, type Writes } from './postgres-queries.ts';
import type { Kind, StoredRecord } from './store.ts';

type Change = (record: StoredRecord | undefined) => StoredRecord | undefined;

export interface Waiting {
  readonly change: Change;
  /** The instant of `performance.now()` at which it is too late. */
  readonly until: number;
  readonly resolve: (kept: StoredRecord | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Place {
  readonly kind: Kind;
  readonly key: string;
  readonly lane: string;
  readonly writes: Writes;
}

/** A record between two changes: as text, so that nobody holds what another one changes. */
interface Draft {
  readonly json: string;
  readonly expiresAt: number;
}

/** Times that another node may be faster before the record is locked: from then on the nodes take turns. */
const freeTries = 3;
const [begin, commit] = [command('begin'), command('commit')];

/** Runs the changes one after the other. `tell` has what each caller is told once it is kept; one that throws leaves nothing. */
function applyAll(
  batch: readonly Waiting[],
  before: Draft | undefined,
  now: number,
): { after: Draft | undefined; tell: () => void } {
  let draft = before;
  const told: (() => void)[] = [];
  for (const { change, resolve, reject } of batch) {
    const record =
      draft === undefined || draft.expiresAt <= now
        ? undefined
        : { value: JSON.parse(draft.json) as unknown, expiresAt: draft.expiresAt };
    try {
      const kept = change(record);
      // The very record means that nothing changed.
      if (kept === undefined) draft = undefined;
      else if (kept !== record) draft = { json: boundedJson(kept.value), expiresAt: boundedExpiry(kept.expiresAt) };
      told.push(() => {
        resolve(kept);
      });
    } catch (error) {
      told.push(() => {
        reject(error);
      });
    }
  }
  const tell = (): void => {
    for (const one of told) one();
  };
  return { after: draft, tell };
}

export function createUpdate({ connections, lanes, clock }: { connections: Connections; lanes: Lanes<Waiting[]>; clock: Clock }) {
  /** Answers what tells the callers, or undefined where another node was faster. */
  async function attempt(run: Run, { kind, key, writes }: Place, batch: readonly Waiting[], isLocked: boolean) {
    const now = clock.now();
    if (isLocked) await run(begin);
    const [row] = (await run(isLocked ? queries.getLocked : queries.get, { kind, key, now })).rows;
    const before = row === undefined ? undefined : { json: String(row.value), expiresAt: Number(row.expires_at) };
    const { after, tell } = applyAll(batch, before, now);
    let isKept = true;
    if (after !== before) {
      const version = String(row?.version);
      const record = { kind, key, ...(after !== undefined && { value: after.json, expiresAt: after.expiresAt }) };
      if (before === undefined) isKept = (await run(writes.create, { ...record, now })).count === 1;
      else isKept = (await run(after === undefined ? writes.drop : writes.replace, { ...record, version })).count === 1;
    }
    if (isLocked) await run(commit);
    return isKept ? tell : undefined;
  }

  async function settle(place: Place, batch: readonly Waiting[]): Promise<void> {
    try {
      const until = Math.min(...batch.map((waiting) => waiting.until));
      const tell = await connections.use(until, async (run) => {
        for (let tries = 0; ; tries += 1) {
          const done = await attempt(run, place, batch, tries >= freeTries);
          if (done !== undefined) return done;
        }
      });
      tell();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (place: Place, change: Change, until: number): Promise<StoredRecord | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<StoredRecord | undefined>();
    const waiting = { change, until, resolve, reject };
    const joined = lanes.joinable(place.lane);
    if (joined !== undefined) joined.push(waiting);
    else {
      const batch = [waiting];
      void lanes.enter(place.lane, () => settle(place, batch), batch);
    }
    return promise;
  };
}
