/** `passerelle advise drift`: what changed between two reports, and what to do about it in Google before anybody signs in. */
import { resolve } from 'node:path';
import { driftBetween, isEmptyDrift, type Change, type Drift } from '../advisor/drift.ts';
import { jsonChunks } from '../advisor/json-chunks.ts';
import type { Measured } from '../advisor/measured.ts';
import { AdviceUnreadable, longestAdvice, readAdvice } from '../advisor/read-advice.ts';
import type { Standing } from '../advisor/advice.ts';
import { readBounded } from '../config/read-bounded.ts';
import { counted, figure } from '../advisor/figures.ts';
import { paragraph, table, type Line } from './advise-layout.ts';
import { parseArguments, type Command, type Io } from './command.ts';
import { plain } from './plain.ts';

/** Of a list. */
const mostShown = 50;

export const command: Command = {
  name: 'advise drift',
  summary: 'compare two reports of passerelle advise: which Google accounts must be renamed',
  usage: `Usage: passerelle advise drift BEFORE.json AFTER.json [--json]

      --json   the whole of it for programs

BEFORE.json and AFTER.json are what passerelle advise wrote as advice.json, the earlier one first. Says who appeared, vanished,
lost or gained an address, whose address changed, so that their Google account must be renamed, and which addresses went from one
person to another. People are known again by their objectGUID, also in another domain of their forest. No configuration and no
directory is needed. Exits with 0 where nothing changed, with 1 where something did, and with 2 where a file cannot be compared.

Example: passerelle advise drift last-week/advice.json report/advice.json`,
  async run(args, io) {
    const { values, positionals } = parseArguments(args, { json: { type: 'boolean', default: false } }, [
      'BEFORE.json',
      'AFTER.json',
    ]);
    const reports: Measured[] = [];
    for (const file of positionals) {
      io.doing(`reading ${plain(file)}`);
      const report = await read(file, io);
      if (report === undefined) return 2;
      reports.push(report);
    }
    const [before, after] = reports;
    if (before === undefined || after === undefined) return 2;
    if (before.made > after.made)
      io.stderr(`${plain(positionals[0] ?? '')} was made later than ${plain(positionals[1] ?? '')}: are they meant so?\n`);
    const drift = driftBetween(before, after);
    if (values.json) {
      for (const chunk of jsonChunks({ format: 'passerelle-advice-drift', version: 1, ...drift })) {
        io.stdout(chunk);
        await io.drained();
      }
    } else io.stdout(`${describe(drift).map(plain).join('\n')}\n`);
    return isEmptyDrift(drift) ? 0 : 1;
  },
};

/** Says why where it cannot be read. */
async function read(file: string, io: Io): Promise<Measured | undefined> {
  const reading = await readBounded(resolve(io.workingDirectory, file), longestAdvice);
  if ('trouble' in reading) {
    io.stderr(`${plain(file)} ${reading.trouble}.\n`);
    return undefined;
  }
  try {
    return readAdvice(reading.bytes);
  } catch (error) {
    if (!(error instanceof AdviceUnreadable)) throw error;
    io.stderr(`${plain(file)} cannot be compared: ${plain(error.message)}.\n`);
    return undefined;
  }
}

interface Section<Entry> {
  readonly title: string;
  /** What it means and what to do. */
  readonly words: string;
  readonly heads: readonly string[];
  readonly entries: readonly Entry[];
  readonly whom: (entry: Entry) => readonly Standing[];
  readonly row: (entry: Entry) => readonly string[];
}

const nameOf = ({ name, kind }: Standing): string => (kind === 'person' ? name : `${name} (${kind})`);
const whoIs = (standing: Standing): readonly string[] => [nameOf(standing), standing.domain ?? ''];
const addressOf = ({ address, refused }: Standing): string =>
  refused === null ? (address ?? '') : address === null ? refused : `${address} (${refused})`;

/** People first, and how many of them; the others apart. */
function describeSection<Entry>({ title, words, heads, entries, whom, row }: Section<Entry>): readonly Line[] {
  if (entries.length === 0) return [];
  // Whoever was disabled meanwhile, or was not yet, is a person still.
  const isPerson = (entry: Entry): boolean => whom(entry).some(({ kind }) => kind === 'person');
  const people = entries.filter(isPerson);
  const others = entries.filter((entry) => !isPerson(entry));
  const count = [
    ...(people.length > 0 ? [counted(people.length, 'person', 'people')] : []),
    ...(others.length > 0 ? [counted(others.length, 'other account', 'other accounts')] : []),
  ].join(', ');
  const shown = [...people, ...others].slice(0, mostShown);
  const left = entries.length - shown.length;
  return [
    '',
    `${title}: ${count}`,
    ...paragraph(words, 2),
    '',
    ...table(
      heads.map((head) => ({ head })),
      shown.map(row),
    ),
    ...(left > 0 ? [`  and ${figure(left)} more, which --json lists`] : []),
  ];
}

const changed = (title: string, words: string, entries: readonly Change[]): Section<Change> => ({
  title,
  words,
  heads: ['NAME', 'DOMAIN', 'BEFORE', 'AFTER'],
  entries,
  whom: ({ before, after }) => [before, after],
  row: ({ before, after }) => [...whoIs(after), addressOf(before), addressOf(after)],
});
const there = (title: string, words: string, entries: readonly Standing[]): Section<Standing> => ({
  title,
  words,
  heads: ['NAME', 'DOMAIN', 'ADDRESS'],
  entries,
  whom: (standing) => [standing],
  row: (standing) => [...whoIs(standing), addressOf(standing)],
});
const fromWhom = (standing: Standing): string => whoIs(standing).filter(Boolean).join(', ');

const isFreed = ({ before }: Change): boolean => before.refused === 'address-not-unique';

function describe(drift: Drift): readonly Line[] {
  const { from, to, mappingChanged, handedOn, renamed, lost, gained, appeared, vanished } = drift;
  return [
    `Compared: the report of ${from} with that of ${to}.`,
    ...(isEmptyDrift(drift) ? ['', 'Nothing changed.'] : []),
    ...(mappingChanged ? ['', 'The configured mapping is another one: what changed may be its doing.'] : []),
    ...describeSection({
      title: 'Handed on',
      words:
        'The address is somebody else’s now, who would sign in to the Google account of who had it. Rename or delete that account first; where two swapped, rename one of them to a third address for the moment. Where both are one human, leave it.',
      heads: ['ADDRESS', 'HAD BY', 'NOW OF'],
      entries: handedOn,
      whom: (entry) => [entry.to],
      row: (entry) => [entry.address, fromWhom(entry.from), fromWhom(entry.to)],
    }),
    ...describeSection(
      changed('Renamed', 'Rename their Google accounts before they sign in again. A new account would be an empty one.', renamed),
    ),
    ...describeSection(changed('Lost', 'They had an address that a sign-in carried, and would be refused now.', lost)),
    ...describeSection(
      changed(
        'Gained',
        `They would have been refused, and have an address now.${gained.some(isFreed) ? ' Where it was address-not-unique before, somebody else had that address too: see first whose Google account it is.' : ''}`,
        gained,
      ),
    ),
    ...describeSection(there('Appeared', 'They need a Google account, where they are to have one.', appeared)),
    ...describeSection(there('Vanished', 'Their Google accounts, where they have one, are nobody’s any more.', vanished)),
  ];
}
