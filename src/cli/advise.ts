/** `passerelle advise`: looks at the whole directory and says how it best maps to Cloud Identity, or who would be refused. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { accountKinds } from '../advisor/account-kind.ts';
import { advise } from '../advisor/advise.ts';
import type { Advice } from '../advisor/advice.ts';
import { checkMapping } from '../advisor/check-mapping.ts';
import { createAskExchangers } from '../advisor/mail-exchangers.ts';
import { mendingCsv } from '../advisor/mend-csv.ts';
import { advicePage } from '../advisor/page/advice-page.ts';
import { adviceChunks } from '../advisor/write-advice.ts';
import { ConfigurationMistakes } from '../config/configuration-mistakes.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Survey } from '../directory/survey/survey.ts';
import { surveyDirectory } from '../directory/survey/survey-directory.ts';
import { isMailDomain, readDomain } from '../mapping/domain.ts';
import { Refusal } from '../refusal.ts';
import { checkChunks, checkCodes, describeCheck } from './advise-check.ts';
import { openReportFolder, type ReportFolder } from './advise-files.ts';
import { tellReading } from './advise-progress.ts';
import { renderAdvice } from './advise-report.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { describeFault } from './describe-fault.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';
import { plain } from './plain.ts';
import { readDnsServer } from './read-dns-server.ts';
import { unlessStopped } from './unless-stopped.ts';

const files = ['advice.html', 'advice.json', 'mend.csv'] as const;

const options = {
  ...configurationOption,
  into: { type: 'string' },
  json: { type: 'boolean', default: false },
  own: { type: 'string', multiple: true },
  'dns-server': { type: 'string' },
  'no-dns': { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
} as const;

interface Wishes {
  readonly config: string | undefined;
  readonly json: boolean;
  readonly into: string | undefined;
  /** Lower-case ASCII. */
  readonly told: readonly string[];
  /** Undefined where DNS is not to be asked; its server undefined for this machine's. */
  readonly dns: { readonly server: string | undefined } | undefined;
}

/** @throws UsageMistake */
function readOwn(text: string): string {
  const domain = readDomain(text.replace(/(?<=.)\.$/, ''));
  if (domain === undefined || !isMailDomain(domain)) throw new UsageMistake(`--own: ${plain(text)} is no domain name.`);
  return domain.ascii;
}

/** A failure of the directory, in the words of its row. */
function describeRefusal({ reason, row, detail }: Refusal): string {
  const details = Object.entries(detail).filter(([, value]) => value !== undefined);
  return `${reason}: ${row.hint}\n${details.map(([name, value]) => `  ${name}: ${plain(String(value))}\n`).join('')}`;
}

function survey({ directory }: Configuration, whole: boolean, io: Io): Promise<Survey> {
  const domains = directory.forests.reduce((sum, forest) => sum + forest.domains.length, 0);
  io.doing('connecting to the directory', 0);
  return unlessStopped(
    io.signal,
    surveyDirectory(directory, {
      read: (file) => readFileSync(file, 'utf8'),
      clock: io.clock,
      random: io.random,
      told: tellReading(io, { domains, whole }),
      whole,
      signal: io.signal,
    }),
  );
}

/** To standard output, as fast as that takes it. @throws Error once the signal is aborted */
async function print(pieces: Iterable<string>, io: Io): Promise<void> {
  for (const text of pieces) {
    io.stdout(text);
    await unlessStopped(io.signal, io.drained());
  }
}

async function check({ config, json }: Wishes, io: Io): Promise<number> {
  try {
    const { configuration } = await openConfiguration(config, io);
    const read = await survey(configuration, false, io);
    if (read.people.length === 0) {
      io.stderr('The directory shows nobody: baseDn is not where people are, or the service account may not read them.\n');
      return checkCodes.unknown;
    }
    const { kinds } = accountKinds(read);
    const checked = checkMapping({ survey: read, kinds, configured: configuration.mapping, told: [] });
    await print(json ? checkChunks(checked) : describeCheck(checked), io);
    return checked.refused.length === 0 ? checkCodes.nobody : checkCodes.somebody;
  } catch (error) {
    if (io.signal.aborted) throw error;
    // Whatever it was, it must not be taken for people who would be refused.
    if (error instanceof Refusal) io.stderr(describeRefusal(error));
    else io.stderr(`${error instanceof ConfigurationMistakes ? error.message : describeFault(error)}\n`);
    return checkCodes.unknown;
  }
}

async function openFolder(into: string | undefined, io: Io): Promise<ReportFolder | undefined> {
  if (into === undefined) return undefined;
  const place = { path: resolve(io.workingDirectory, into), shownAs: into };
  return openReportFolder(place, files, { suffix: io.random(8).toString('hex'), signal: io.signal });
}

async function report({ config, json, into, told, dns }: Wishes, io: Io): Promise<number> {
  const { configuration } = await openConfiguration(config, io);
  const folder = await openFolder(into, io);
  let advice: Advice;
  try {
    const read = await survey(configuration, true, io);
    io.doing(dns === undefined ? 'making the advice' : 'asking DNS, and making the advice');
    const ask = dns && createAskExchangers({ server: dns.server, now: () => io.clock.now() });
    advice = await unlessStopped(
      io.signal,
      advise({ survey: read, configured: configuration.mapping, told, ask, now: io.clock.now() }),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    io.stderr(describeRefusal(error));
    return 1;
  }
  if (folder !== undefined) {
    io.doing('writing the report');
    const [page, data, csv] = files;
    // A connection that breaks would end us in the midst of it, and leave half of what holds everybody's names.
    const heedAgain = io.onHangup(() => undefined);
    try {
      await folder.write([
        { name: page, pieces: advicePage(advice) },
        { name: data, pieces: adviceChunks(advice) },
        { name: csv, pieces: mendingCsv(advice.mapping.mendings) },
      ]);
    } finally {
      heedAgain();
    }
  }
  await print(json ? adviceChunks(advice) : renderAdvice(advice, into), io);
  if (into !== undefined) io.stderr(`Written to ${plain(into)}: ${files.join(', ')}.\n`);
  return 0;
}

export const command: Command = {
  name: 'advise',
  summary: 'look at the whole directory, and say how it best maps to Cloud Identity, or who would be refused',
  usage: `Usage: passerelle advise [OPTIONS]
       passerelle advise --check [--json]

      --into FOLDER          write ${files.slice(0, 2).join(', ')} and ${files[2]} there as well
      --json                 print the report for programs
      --own DOMAIN           a domain that is the organisation's, beside those that show it; repeatable
      --dns-server ADDRESS   ask this name server who takes the mail of a domain, instead of this machine's
      --no-dns               ask no name server
      --check                hold the configured mapping against the directory, and print the people who would be refused
${configurationUsage}

Reads all configured forests by the service account and changes nothing: how many Cloud Identity accounts are needed, which
domains to register, whether to map by UPN or mail, whom to mend, which groups to bring, what organisational units would
mean, and a mapping section. The folder is made where it is missing, for its owner alone, and a former report in it is
replaced once the new one is whole.

Exits with 0 where the report was made, 1 where it was not, 2 where it was called wrongly. With --check: 0 where nobody would be
refused, 1 where somebody would, 2 where it was called wrongly, 3 where it is not known, as when the directory cannot be read or
shows nobody.

Example: passerelle advise --into report --own example.com`,
  async run(args, io) {
    const { values } = parseArguments(args, options);
    const { into, json, config, own = [] } = values;
    if (into === '') throw new UsageMistake('--into is the name of a folder.');
    if (values.check && (into !== undefined || own.length > 0 || values['dns-server'] !== undefined || values['no-dns']))
      throw new UsageMistake('--check goes with --json and --config alone.');
    if (values['no-dns'] && values['dns-server'] !== undefined)
      throw new UsageMistake('--dns-server and --no-dns exclude each other.');
    const told = [...new Set(own.map(readOwn))];
    const dns = values['no-dns'] ? undefined : { server: readDnsServer(values['dns-server']) };
    const wishes = { config, json, into, told, dns };
    return values.check ? check(wishes, io) : report(wishes, io);
  },
};
