/** `passerelle reload`: checks the configuration, and has every Passerelle that runs by it take over what changed. */
import { describeMistake } from '../config/configuration-mistakes.ts';
import type { Asked } from '../serve/ask-control.ts';
import type { ReloadAnswer } from '../serve/control-answers.ts';
import { askToReload } from './ask-to-reload.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';
import { plain } from './plain.ts';

function describe(asked: Asked<ReloadAnswer>): { readonly taken: boolean; readonly text: string } {
  const who = `Process ${String(asked.pid)}`;
  if ('trouble' in asked) return { taken: false, text: `${who}: ${asked.trouble}\n` };
  const { answer } = asked;
  if (answer.result === 'refused') {
    const mistakes = answer.mistakes.map((mistake) => `${describeMistake(answer.file, mistake)}\n`);
    return { taken: false, text: `${who} goes on as before: ${plain(answer.why)}\n${mistakes.join('')}` };
  }
  const { changed, files, waiting } = answer;
  const all = [...changed, ...files];
  const head = all.length === 0 ? `${who} has opened everything anew; no setting changed.` : `${who} has taken over:`;
  return {
    taken: true,
    text: [
      head,
      ...all.map((one) => `  ${plain(one)}`),
      ...(waiting.length === 0 ? [] : [`${who} waits for a restart with:`]),
      ...waiting.map(({ setting, why }) => `  ${plain(setting)}: ${plain(why)}`),
      '',
    ].join('\n'),
  };
}

export const command: Command = {
  name: 'reload',
  summary: 'have what runs take over a changed configuration',
  usage: `Usage: passerelle reload [--config FILE]

${configurationUsage}

The configuration is checked whole first. Requests in flight end by the one that they began with. What cannot change while
people are served is said, and waits for a restart; where anything is wrong, the old configuration goes on as it is.
Exit codes: 0 taken over, 1 not, or nobody is there to do so.

Example: passerelle reload --config /etc/passerelle/passerelle.yaml`,
  async run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    const { configuration } = await openConfiguration(values.config, io);
    const answers = (await askToReload(configuration, io)).map(describe);
    if (answers.length === 0) {
      io.stderr(`The configuration is right, and no Passerelle runs here with the keys of ${configuration.keys.folder}.\n`);
      return 1;
    }
    for (const { taken, text } of answers) {
      if (taken) io.stdout(text);
      else io.stderr(text);
    }
    return answers.every(({ taken }) => taken) ? 0 : 1;
  },
};
