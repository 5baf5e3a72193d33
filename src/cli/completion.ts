/** `passerelle completion`: prints what lets a shell complete commands, options and files. */
import { bashCompletion } from './completion-bash.ts';
import { describeOptions, type Completed } from './completion-words.ts';
import { zshCompletion } from './completion-zsh.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';

const shells = { bash: bashCompletion, zsh: zshCompletion } as const;
const isShell = (name: string): name is keyof typeof shells => Object.hasOwn(shells, name);

/** @param all the commands, in the order of the help */
export const createCompletion = (all: () => Promise<readonly Command[]>): Command => ({
  name: 'completion',
  summary: 'print the script that completes commands in bash or zsh',
  usage: `Usage: passerelle completion bash|zsh

For bash, in ~/.bashrc:            source <(passerelle completion bash)
For zsh, in a folder of $fpath:    passerelle completion zsh > _passerelle

Example: passerelle completion bash > /etc/bash_completion.d/passerelle`,
  async run(args, io) {
    const [shell = ''] = parseArguments(args, {}, ['bash|zsh']).positionals;
    if (!isShell(shell))
      throw new UsageMistake(`There is no completion for ${JSON.stringify(shell)}; for bash and zsh there is.`);
    const completed = (await all()).map(({ name, summary, usage }): Completed => ({
      name,
      summary,
      options: describeOptions(usage),
    }));
    io.stdout(shells[shell](completed));
    return 0;
  },
});
