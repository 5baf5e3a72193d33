/** The journal of the PostgreSQL store. */
import type { Clock } from '../clock.ts';
import { boundedEntries, type Found, foundOf, merged, planOf } from './journal-plan.ts';
import type { Journal } from './journal.ts';
import type { Lanes } from './lanes.ts';
import { command } from './postgres-compiler.ts';
import type { Connections } from './postgres-connections.ts';
import { journalQueries, searchFor } from './postgres-journal-queries.ts';
import type { Waiting } from './postgres-update.ts';

/** No record has this lane: theirs bear a key. */
const lane = 'journal';
/** Milliseconds for a search by what many entries share: whoever looks for what is rare reads much. */
const patience = 20_000;
const [begin, commit] = [command('begin read only'), command('commit')];
const takeTime = command(`set local statement_timeout = ${String(patience)}`);

/** @param open answers until when an ordinary call is to be over, and throws where the store is closed */
export function createPostgresJournal(parts: {
  connections: Connections;
  lanes: Pick<Lanes<Waiting[]>, 'enter' | 'ended'>;
  clock: Clock;
  open: () => number;
}): Journal {
  const { connections, lanes, clock, open } = parts;
  return {
    async append(entries) {
      boundedEntries(entries);
      const until = open();
      if (entries.length === 0) return;
      await lanes.enter(lane, () =>
        connections.use(until, (run) => run(journalQueries.append, { entries: JSON.stringify(entries) })),
      );
    },
    async search(query) {
      const { by, order, runs } = planOf(query);
      const until = open();
      await lanes.ended(lane);
      const now = clock.now();
      const isQuick = by === 'reference' || by === 'person';
      const found = await connections.use(isQuick ? until : performance.now() + patience, async (run) => {
        const answers: (readonly Found[])[] = [];
        if (!isQuick) for (const statement of [begin, takeTime]) await run(statement);
        for (const values of runs) answers.push((await run(searchFor(by, order), { ...values, now })).rows.map(foundOf));
        if (!isQuick) await run(commit);
        return answers;
      });
      return merged(found, query);
    },
  };
}
