/** The rules about a secret that stands in the configuration or in a file that it names: one of the two, and for nobody else to read. */
import { textAt, type Findings } from './findings.ts';
import { readNamed, type Named } from './named-file.ts';
import type { Path, Settings } from './settings.ts';

/** `name` and `nameFile` of the section. */
interface OneSecret {
  readonly section: Path;
  readonly name: string;
}

/** Never both; `missing` is what helps where there is neither, undefined where there need not be one. */
export function verifyOneSecret(
  settings: Settings,
  findings: Findings,
  { section, name, missing }: OneSecret & { readonly missing?: string },
): void {
  const [text, file] = [
    [...section, name],
    [...section, `${name}File`],
  ];
  const [isInline, isInFile] = [settings.has(text), settings.has(file)];
  if (isInline && isInFile) findings.mistake(text, `is given beside ${name}File`, 'Leave out one of the two.');
  else if (!isInline && !isInFile && missing !== undefined) findings.mistake(file, 'is missing', missing);
}

/**
 * The text of the file, without one line's ending, where one is named and holds a line of text. Tells also of a secret that
 * everybody may read, wherever it stands. `mode`: the permission bits of the configuration itself; `most`: bytes of the file.
 */
export async function readOneSecret(
  named: Named & { readonly mode: number },
  { section, name, most, missing }: OneSecret & { readonly most: number; readonly missing: string },
): Promise<string | undefined> {
  const { settings, findings, mode } = named;
  const [inline, file] = [
    [...section, name],
    [...section, `${name}File`],
  ];
  if ((mode & 0o007) !== 0 && textAt(settings, inline) !== undefined && !settings.isExpanded(inline))
    findings.warning(inline, 'stands in a file that everybody on this machine may read', `Use ${name}File, or chmod 600.`);
  const bytes = await readNamed(named, file, most, true);
  if (bytes === undefined) return undefined;
  const secret = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (secret !== '' && !/\p{Cc}|\uFFFD/u.test(secret)) return secret;
  if (secret === '') findings.mistake(file, 'names a file that is empty', missing);
  else findings.mistake(file, 'names a file that holds more than a line of text', 'Write the secret alone into it, as UTF-8.');
  return undefined;
}
