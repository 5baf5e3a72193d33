/** Finds the command that the arguments name and runs it. */
import { ConfigurationMistakes } from '../config/configuration-mistakes.ts';
import { nearest } from '../config/nearest.ts';
import { readVersion } from '../config/own-version.ts';
import { UsageMistake, type Command, type Io } from './command.ts';
import { createProgress } from './progress.ts';

type Loaded = () => Promise<{ readonly command: Command }>;

/** In the order of the help. Loaded when asked for, so that each starts fast. */
export const commands: Readonly<Record<string, Loaded>> = {
  start: () => import('./start.ts'),
  reload: () => import('./reload.ts'),
  init: () => import('./init.ts'),
  'config check': () => import('./config-check.ts'),
  'config reference': () => import('./config-reference.ts'),
  'keys list': () => import('./keys-list.ts'),
  'keys new': () => import('./keys-new.ts'),
  'keys activate': () => import('./keys-activate.ts'),
  'keys retire': () => import('./keys-retire.ts'),
  'keys told': () => import('./keys-told.ts'),
  'keys urls': () => import('./keys-urls.ts'),
  'metadata check': () => import('./metadata-check.ts'),
  'import adfs': () => import('./import-adfs.ts'),
  'import saml20-sp-remote': () => import('./import-saml20-sp-remote.ts'),
  'import keycloak-realm': () => import('./import-keycloak-realm.ts'),
  'directory discover': () => import('./directory-discover.ts'),
  advise: () => import('./advise.ts'),
  'advise drift': () => import('./advise-drift.ts'),
  'google values': () => import('./google-values.ts'),
  'throttle show': () => import('./throttle-show.ts'),
  'throttle clear': () => import('./throttle-clear.ts'),
  'sessions list': () => import('./sessions-list.ts'),
  'sessions end': () => import('./sessions-end.ts'),
  'sessions cut-off': () => import('./sessions-cut-off.ts'),
  'sessions forget-devices': () => import('./sessions-forget-devices.ts'),
  'factors show': () => import('./factors-show.ts'),
  'factors reset': () => import('./factors-reset.ts'),
  'factors pass': () => import('./factors-pass.ts'),
  'store export': () => import('./store-export.ts'),
  'store import': () => import('./store-import.ts'),
  'store check': () => import('./store-check.ts'),
  'store rekey': () => import('./store-rekey.ts'),
  doctor: () => import('./doctor.ts'),
  'audit tail': () => import('./audit-tail.ts'),
  'audit search': () => import('./audit-search.ts'),
  'audit export': () => import('./audit-export.ts'),
  'audit verify': () => import('./audit-verify.ts'),
  explain: () => import('./explain.ts'),
  whatif: () => import('./whatif.ts'),
  demo: () => import('./demo.ts'),
  'demo-service-provider': () => import('./demo-service-provider.ts'),
  completion: async () => ({ command: (await import('./completion.ts')).createCompletion(loadAll) }),
};

const loadAll = (): Promise<readonly Command[]> =>
  Promise.all(Object.values(commands).map(async (load) => (await load()).command));

/** @returns the exit code: 0 done, 1 failed, 2 called wrongly. @throws faults, and mistakes that say themselves in one line */
export async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [first, second] = args;
  if (first === '--version') {
    io.stdout(`${await readVersion()}\n`);
    return 0;
  }
  if (first === undefined) {
    io.stderr(await renderHelp());
    return 2;
  }
  if (first === '--help' || first === '-h' || (first === 'help' && second === undefined)) {
    io.stdout(await renderHelp());
    return 0;
  }
  const wantsHelp = first === 'help';
  const words = wantsHelp ? args.slice(1) : args;
  const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((candidate) => Object.hasOwn(commands, candidate));
  const load = name === undefined ? undefined : commands[name];
  if (name === undefined || load === undefined) {
    io.stderr(`${describeUnknown(words)}\n`);
    return 2;
  }

  const { command } = await load();
  const rest = words.slice(name.split(' ').length);
  const flags = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length);
  if (wantsHelp || flags.includes('--help') || flags.includes('-h')) {
    io.stdout(describeCommand(command));
    return 0;
  }
  const progress = command.lasts === true ? undefined : createProgress(io, name);
  try {
    return await command.run(rest, progress?.io ?? io);
  } catch (error) {
    if (error instanceof UsageMistake) {
      io.stderr(`${error.message}\nMore: passerelle ${name} --help\n`);
      return 2;
    }
    if (error instanceof ConfigurationMistakes) {
      io.stderr(`${error.message}\n`);
      return 1;
    }
    throw error;
  } finally {
    progress?.end();
  }
}

function describeCommand(command: Command): string {
  return `passerelle ${command.name}: ${command.summary}\n\n${command.usage.trimEnd()}\n`;
}

function describeUnknown(words: readonly string[]): string {
  const names = Object.keys(commands);
  const [first = ''] = words;
  const below = names.filter((name) => name.startsWith(`${first} `));
  if (below.length > 0 && words.length === 1) return `passerelle ${first} needs another word: ${below.join(', ')}.`;
  const meant = nearest(words.slice(0, 2).join(' '), names) ?? nearest(first, names);
  const typed = JSON.stringify(below.length > 0 ? words.slice(0, 2).join(' ') : first);
  return `There is no command ${typed}. ${meant === undefined ? 'See passerelle help.' : `Did you mean passerelle ${meant}?`}`;
}

async function renderHelp(): Promise<string> {
  const loaded = await loadAll();
  const width = Math.max(...loaded.map(({ name }) => name.length));
  const lines = loaded.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Passerelle lets the people of an Active Directory sign in to Google, by SAML 2.0.

Usage: passerelle COMMAND [OPTIONS]

${lines.join('\n')}

  passerelle COMMAND --help   options and an example
  passerelle --version        the version
`;
}
