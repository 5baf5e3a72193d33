/** `passerelle doctor`: looks at everything from outside in, and says of each thing whether it is well and what to do. */
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigurationMistakes } from '../config/configuration-mistakes.ts';
import { areas, type Area } from '../doctor/checks/row.ts';
import { diagnose, type Reading } from '../doctor/diagnose.ts';
import { secretFiles } from '../doctor/secret-files.ts';
import { thisMachine } from '../doctor/this-machine.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { findContradictions } from './contradictions.ts';
import { renderArea, renderSummary } from './doctor-lines.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';
import { plainJson } from './plain.ts';
import { unlessStopped } from './unless-stopped.ts';

/** What a script learns of it. */
const codes = { ok: 0, problem: 1, warning: 3 } as const;

const isArea = (word: string): word is Area => areas.some((area) => area === word);

/** @throws UsageMistake */
function readAreas(given: readonly string[] | undefined): readonly Area[] | undefined {
  const words = given?.flatMap((each) => each.split(',')).filter((word) => word !== '');
  if (words === undefined || words.length === 0) return undefined;
  return words.map((word) => {
    if (!isArea(word)) throw new UsageMistake(`There is no area ${JSON.stringify(word)}. There are: ${areas.join(', ')}.`);
    return word;
  });
}

async function readAll(flag: string | undefined, io: Io): Promise<{ readonly file: string; readonly reading: Reading }> {
  try {
    const { configuration, warnings, file } = await openConfiguration(flag, io);
    const path = resolve(io.workingDirectory, file);
    const contradictions = await findContradictions(configuration, io);
    const secrets = secretFiles(path, readFileSync(path, 'utf8'), io.environment);
    return { file, reading: { configuration, warnings, contradictions, secrets } };
  } catch (error) {
    if (!(error instanceof ConfigurationMistakes)) throw error;
    return { file: error.file, reading: { mistakes: error } };
  }
}

/** OpenSSL's own number of its version: major, minor and patch in eight bits each from the top, of which the first has four. */
function opensslVersion(): string {
  const number = (constants as Readonly<Record<string, unknown>>).OPENSSL_VERSION_NUMBER;
  if (typeof number !== 'number') return 'unknown';
  return [number >>> 28, (number >>> 20) & 0xff, (number >>> 4) & 0xffff].map(String).join('.');
}

export const command: Command = {
  name: 'doctor',
  summary: 'look at everything from outside in, and say what is not well and what to do about it',
  usage: `Usage: passerelle doctor [OPTIONS]

      --only AREA   look at this area alone; repeatable, or several with commas between
      --quiet       tell of nothing that is well
      --json        the same for programs, in one object of version 1
${configurationUsage}

Areas, from outside in: ${areas.slice(0, 8).join(', ')},
${areas.slice(8).join(', ')}.

Nothing is changed. The service account binds once at each controller, and nowhere any more after it was refused. Run it on the
machine and as the user of Passerelle, while it serves: then it tells, too, how requests arrive there. Every check and its remedy
stands in docs/doctor.md.

Exits with 0 where all is well, with 3 where there are warnings alone, with 1 where there is a problem, with 2 where it was called
wrongly.

Example: passerelle doctor --only public-url,proxy --quiet`,
  async run(args, io) {
    const { values } = parseArguments(args, {
      ...configurationOption,
      only: { type: 'string', multiple: true },
      quiet: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const only = readAreas(values.only);
    const { file, reading } = await readAll(values.config, io);
    const style = { quiet: values.quiet, coloured: io.log.isTTY === true && (io.environment.NO_COLOR ?? '') === '' };
    const report = await unlessStopped(
      io.signal,
      diagnose({
        file,
        reading,
        only,
        read: (path) => readFileSync(path, 'utf8'),
        machine: thisMachine({ versions: { node: io.runtime.node, openssl: opensslVersion() }, random: io.random }),
        clock: io.clock,
        random: io.random,
        done: (area, checks) => {
          if (!values.json) io.stdout(renderArea(area, checks, style));
        },
        doing: (pending) => {
          io.doing(`looking at ${pending.join(', ')}`);
        },
      }),
    );
    if (values.json) io.stdout(`${plainJson(report)}\n`);
    else if (!values.quiet) io.stdout(renderSummary(report));
    return codes[report.verdict];
  },
};
