/** Looks at the configuration file: what is wrong with it, and who may read it and the secrets that it names. */
import { statSync } from 'node:fs';
import type { ConfigurationMistakes, Mistake } from '../config/configuration-mistakes.ts';
import { tell, type Finding } from './check.ts';
import { shownMode } from './shown-mode.ts';

/** A file that holds secrets, or that may. */
export interface SecretFile {
  readonly path: string;
  /** What it is, such as `the password of the service account`. */
  readonly what: string;
  /** Whether it holds a secret for certain; else it is looked at for who may write it. */
  readonly isSecret: boolean;
}

const sentence = ({ path, message }: Mistake): string => (path === '' ? message : `${path} ${message}`);
const placeOf = (file: string, { line, column }: Mistake): string =>
  line === 0 ? file : `${file}:${String(line)}:${String(column)}`;

/** Of a configuration that cannot be used: everything else is left. */
export const tellMistakes = ({ file, mistakes }: ConfigurationMistakes): readonly Finding[] =>
  mistakes.map((mistake) =>
    mistake.hint === ''
      ? tell('configuration.whole', placeOf(file, mistake)).problem(sentence(mistake))
      : tell('configuration.whole', placeOf(file, mistake)).problem(sentence(mistake), mistake.hint),
  );

/** @param contradictions what only those who use the configuration find wrong with it */
export function judgeConfiguration(
  file: string,
  warnings: readonly Mistake[],
  contradictions: readonly string[],
): readonly Finding[] {
  const whole = tell('configuration.whole', file);
  return [
    ...(contradictions.length > 0
      ? contradictions.map((words) => whole.problem(words.replace(/\.$/, '')))
      : [whole.ok('it is whole, with all files that it names')]),
    ...(warnings.length === 0
      ? [tell('configuration.warnings').ok('nothing in it is probably not meant')]
      : warnings.map((warning) => {
          const check = tell('configuration.warnings', placeOf(file, warning));
          return warning.hint === '' ? check.warning(sentence(warning)) : check.warning(sentence(warning), warning.hint);
        })),
  ];
}

export function judgeSecrets(files: readonly SecretFile[]): readonly Finding[] {
  const found = files.flatMap(({ path, what, isSecret }) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) return [];
    const check = tell('configuration.secrets', path);
    const words = `it is ${what}, and of mode ${shownMode(mode)}`;
    if ((mode & 0o002) !== 0) return [check.problem(`${words}: everybody may write it`)];
    if (!isSecret)
      return (mode & 0o020) === 0
        ? []
        : [
            check.warning(
              `${words}: its group may write it`,
              'chmod go-w it, unless all of that group may change the configuration.',
            ),
          ];
    if ((mode & 0o004) !== 0) return [check.problem(`${words}: everybody may read it`)];
    return (mode & 0o040) === 0 ? [] : [check.warning(`${words}: its group may read it`)];
  });
  if (found.length > 0) return found;
  return [
    tell('configuration.secrets').ok(`${String(files.length)} files are looked at, and no others may read secrets or write`),
  ];
}
