/** `passerelle init`: asks a few questions, or none where flags answer them, and writes a starting configuration. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { nearest } from '../config/nearest.ts';
import { verifyText } from '../config/read-configuration.ts';
import { renderStartingFile } from '../config/starting-file.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { questions, startingAnswers, type Answers, type Question } from './init-questions.ts';

const flags = Object.fromEntries(questions.map(({ flag }) => [flag, { type: 'string' as const }]));

export const command: Command = {
  name: 'init',
  summary: 'write a starting configuration',
  usage: `Usage: passerelle init [OPTIONS]

Asks for what the options leave open. With --yes, or where nobody is at the keyboard, it takes the defaults and asks nothing.

${questions.map(({ flag, usage }) => `  --${flag} ${usage}`).join('\n')}
  -o, --output FILE      the file to write; by default passerelle.yaml
  --force                replace the file where it is there
  --yes                  ask nothing

Example: passerelle init --public-url https://sso.example.com --directory-url ldaps://dc1.corp.example.com \\
  --bind-dn passerelle@corp.example.com --primary-domain example.com --google none --yes`,
  async run(args, io) {
    const { values } = parseArguments(args, {
      ...flags,
      output: { type: 'string', short: 'o' },
      force: { type: 'boolean' },
      yes: { type: 'boolean' },
    });
    const { output, force, yes, ...given } = values;
    const file = typeof output === 'string' ? output : 'passerelle.yaml';
    const answers = await collect(given, yes === true ? { ...io, isInteractive: false } : io);
    const text = renderStartingFile(startingAnswers(answers));
    if (!(await write(resolve(io.workingDirectory, file), text, force === true))) {
      io.stderr(`${file} is there already; --force replaces it.\n`);
      return 1;
    }
    io.stdout(`${file} written.
1. Put the password of ${JSON.stringify(answers['bind-dn'])} into ${JSON.stringify(answers['password-file'])}, readable by Passerelle alone (chmod 600).
2. passerelle config check${file === 'passerelle.yaml' ? '' : ` --config ${file}`}
3. passerelle start${file === 'passerelle.yaml' ? '' : ` --config ${file}`}
`);
    return 0;
  },
};

/** @throws UsageMistake where a flag is wrong, or missing and nobody can be asked */
async function collect(given: Readonly<Record<string, unknown>>, io: Io): Promise<Answers> {
  let answers: Answers = {};
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const question of questions) {
    const { flag } = question;
    const flagged = given[flag];
    if (!question.applies(answers)) {
      if (flagged !== undefined) wrong.push(`--${flag} does not go with --google ${answers.google ?? ''}.`);
      continue;
    }
    const fallback = question.fallback(answers);
    let answer = typeof flagged === 'string' ? flagged : undefined;
    if (answer === undefined && io.isInteractive) answer = await askUntilRight(question, answers, fallback, io);
    answer ??= fallback;
    if (answer === undefined) {
      missing.push(`--${flag}`);
      continue;
    }
    const problem = problemOf(question, answers, answer);
    if (problem !== undefined) wrong.push(`--${flag} ${problem}`);
    answers = { ...answers, [flag]: answer };
  }
  if (missing.length > 0)
    wrong.push(
      `Nobody is asked, so ${missing.length === 1 ? 'this option is' : 'these options are'} needed: ${missing.join(', ')}.`,
    );
  if (wrong.length > 0) throw new UsageMistake(wrong.join('\n'));
  return answers;
}

async function askUntilRight(question: Question, answers: Answers, fallback: string | undefined, io: Io): Promise<string> {
  for (;;) {
    const answer = await io.ask(question.words, fallback ?? '');
    const problem = problemOf(question, answers, answer);
    if (problem === undefined) return answer;
    io.stderr(`It ${problem}\n`);
  }
}

/** What the check of the finished file would say about this answer; reads on after a name. */
function problemOf(question: Question, answers: Answers, answer: string): string | undefined {
  const { flag, setting, choices } = question;
  if (choices !== undefined && !choices.includes(answer)) {
    const meant = nearest(answer, choices);
    return `must be ${choices.join(' or ')}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
  }
  if (setting === undefined) return undefined;
  const text = renderStartingFile(startingAnswers({ ...answers, [flag]: answer }));
  const { findings } = verifyText(text, {});
  const mistake = findings.mistakes.find(({ path }) => path === '' || path === setting || path.startsWith(`${setting}.`));
  return mistake === undefined ? undefined : `${mistake.message}. ${mistake.hint}`.trim();
}

/** Answers whether it was written: an existing file is replaced only by force. */
async function write(path: string, text: string, force: boolean): Promise<boolean> {
  try {
    const handle = await open(path, force ? 'w' : 'wx', 0o640);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
