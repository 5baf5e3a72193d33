/** Takes a configuration over in several processes: all of them prepare it, and then all take it over, or none does. */
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { ReloadRefused } from '../serve/prepared.ts';
import type { WorkerProcess } from './cluster.ts';
import type { Order, Verdict } from './messages.ts';
import { rest } from './rest.ts';

/** A worker that may be told to prepare. */
export interface Member {
  readonly number: number;
  readonly child: WorkerProcess;
  /** Tells each verdict, and its end, until what it gives back is called. */
  hear(listener: (told: Verdict | 'ended') => void): () => void;
}

/** Milliseconds that a worker may take: whoever opens a house waits for metadata from elsewhere, two minutes at most. */
const patience = { prepare: 150_000, commit: 10_000 };
/** Whoever ends while it prepares may have done so for another reason: it is tried once more without it. */
const attempts = 2;

type Outcome = Verdict | 'ended' | 'late' | 'given up';

const troubleOf = ({ number }: Member, outcome: Outcome | undefined): string | undefined => {
  if (outcome === 'late') return `Worker ${String(number)} was not ready within ${String(patience.prepare / 1_000)} s.`;
  return typeof outcome === 'object' && outcome.kind === 'refused' ? outcome.why : undefined;
};

/**
 * @param parts `members` gives those that live; `begin` a number that no round before had; `decide` is called once it is certain that all
 * take it over; `signal` gives it up
 * @throws ReloadRefused where none took it over
 */
export async function takeOverTogether(
  configuration: Configuration,
  parts: {
    members: () => readonly Member[];
    begin: () => number;
    decide: () => void;
    note: Audit['note'];
    clock: Clock;
    signal: AbortSignal;
  },
): Promise<void> {
  const { members, begin, decide, note, clock, signal } = parts;

  /** What it says to an order of that round. */
  async function answerTo(
    order: Order & { readonly round: number },
    member: Member,
    within: number,
    isGivenUp: () => boolean,
  ): Promise<Outcome> {
    const said = Promise.withResolvers<Outcome>();
    let isOver = false;
    const deaf = member.hear((told) => {
      if (told === 'ended' || told.round === order.round) said.resolve(told);
    });
    void rest(clock, within, () => isOver || isGivenUp()).then(() => {
      said.resolve(isGivenUp() ? 'given up' : 'late');
    });
    member.child.tell(order);
    try {
      return await said.promise;
    } finally {
      isOver = true;
      deaf();
    }
  }

  /** Whether all are ready; false where one ended. @throws ReloadRefused where one cannot */
  async function prepare(all: readonly Member[], round: number): Promise<boolean> {
    let isGivenUp = false;
    const outcomes = await Promise.all(
      all.map(async (member) => {
        const order = { kind: 'prepare', round, configuration } as const;
        const outcome = await answerTo(order, member, patience.prepare, () => isGivenUp || signal.aborted);
        if (typeof outcome === 'string' || outcome.kind === 'refused') isGivenUp = true;
        return outcome;
      }),
    );
    const ready = outcomes.filter((outcome) => typeof outcome === 'object' && outcome.kind === 'prepared');
    if (ready.length === all.length && all.length > 0 && !signal.aborted) return true;
    for (const { child } of all) child.tell({ kind: 'abandon', round });
    if (signal.aborted) throw new ReloadRefused('Passerelle is about to stop.');
    if (outcomes.includes('ended') || all.length === 0) return false;
    const trouble = all.flatMap((member, index) => troubleOf(member, outcomes[index]) ?? []);
    throw new ReloadRefused(trouble[0] ?? 'It was given up.');
  }

  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const round = begin();
    const all = members();
    if (!(await prepare(all, round))) continue;
    decide();
    await Promise.all(
      all.map(async (member) => {
        const outcome = await answerTo({ kind: 'commit', round }, member, patience.commit, () => signal.aborted);
        if (outcome !== 'late') return;
        // It hangs with the configuration that nobody else has any more; whoever takes its place has the new one.
        note('error', 'a worker does not take over what it prepared, and is ended', {
          worker: member.number,
          pid: member.child.pid,
        });
        member.child.kill();
      }),
    );
    return;
  }
  throw new ReloadRefused('A worker ended while it prepared, again and again.');
}
