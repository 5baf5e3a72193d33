/** `passerelle audit search`: the events of a person, a sign-in, a service provider, an event or a time. */
import { createAuditLines } from './audit-lines.ts';
import { readCount, readWishes, spanOptions, spanUsage, timeUsage, wishOptions, wishUsage } from './audit-wishes.ts';
import { parseArguments, type Command } from './command.ts';
import { journalPages, type Placed } from './journal-pages.ts';
import { withJournal } from './with-journal.ts';

const usual = 100;
const most = 10_000;

export const command: Command = {
  name: 'audit search',
  summary: 'find events of the audit trail: by reference, person, service provider, time',
  usage: `Usage: passerelle audit search [OPTIONS]

${spanUsage}
      --limit N              the newest so many, at most ${String(most)}; else ${String(usual)}
      --json                 each event as a line of JSON
${wishUsage}

All that is given must hold. The events are shown in the order of time, in UTC. Their store keeps them for audit.retention.
${timeUsage}

Example: passerelle audit search --person ada --event signin.refused --from 2d`,
  run(args, io) {
    const options = {
      ...{ ...wishOptions, ...spanOptions },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArguments(args, options);
    const wishes = readWishes(values, io.clock.now());
    const limit = readCount('--limit', values.limit, usual, most);
    return withJournal({ flag: values.config, wishes }, io, async ({ journal, sought }) => {
      const found: Placed[] = [];
      for await (const entry of journalPages(journal, sought, { order: 'newest first', io })) {
        found.push(entry);
        if (found.length > limit) break;
      }
      const line = createAuditLines({ json: values.json });
      const shown = found.slice(0, limit).reverse();
      if (found.length === 0) io.stderr('Nothing was found.\n');
      if (found.length > limit)
        io.stderr(`These are the newest ${String(limit)}; there are more: see --limit, --to and audit export.\n`);
      io.stdout(shown.map(line).join(''));
      return 0;
    });
  },
};
