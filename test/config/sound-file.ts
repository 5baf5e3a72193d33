/** A small configuration that is right, and the means to read one from memory. */
import { ConfigurationMistakes, type Mistake } from '../../src/config/configuration-mistakes.ts';
import { readConfiguration, type ConfigurationReading } from '../../src/config/read-configuration.ts';
import type { ReadFile } from '../../src/config/read-bounded.ts';

export const password = 'S3cret-Pa55';

/** Lines 1 to 11; a table row adds or replaces lines. */
export const soundFile = `publicUrl: https://sso.example.com
directory:
  urls:
    - ldaps://dc1.corp.example.com
  baseDn: DC=corp,DC=example,DC=com
  bindDn: passerelle@corp.example.com
  passwordFile: secret
mapping:
  domains:
    primary: example.com
serviceProviders: [{ kind: google-workforce, pool: employees, provider: passerelle }]
`;

/** The sound file with one line of it replaced by other lines. */
export function replaceLine(line: number, ...by: readonly string[]): string {
  return soundFile
    .split('\n')
    .toSpliced(line - 1, 1, ...by)
    .join('\n');
}

export interface MemoryFile {
  readonly content: string | Buffer;
  readonly mode?: number;
}

function memoryFiles(files: Readonly<Record<string, MemoryFile>>): ReadFile {
  return async (path, limit) => {
    const file = files[path];
    if (file === undefined) return Promise.resolve({ trouble: 'does not exist' });
    const bytes = Buffer.from(file.content);
    return Promise.resolve(
      bytes.length > limit ? { trouble: `is larger than ${String(limit)} bytes` } : { bytes, mode: file.mode ?? 0o600 },
    );
  };
}

const secretFile: MemoryFile = { content: `${password}\n` };

/** Reads `text` as /etc/passerelle.yaml, beside a file `secret`. */
export async function readText(
  text: string | Buffer,
  environment: Readonly<Record<string, string | undefined>> = {},
  files: Readonly<Record<string, MemoryFile>> = {},
  mode = 0o600,
): Promise<ConfigurationReading> {
  const all = { '/etc/passerelle.yaml': { content: text, mode }, '/etc/secret': secretFile, ...files };
  return readConfiguration({ file: '/etc/passerelle.yaml', shownAs: 'f', environment, readFile: memoryFiles(all) });
}

/** The mistakes of a text that has some. */
export async function mistakesOf(...args: Parameters<typeof readText>): Promise<readonly Mistake[]> {
  try {
    await readText(...args);
  } catch (error) {
    if (error instanceof ConfigurationMistakes) return error.mistakes;
    throw error;
  }
  return [];
}

/** `4:7 directory.urls.0 must …`, without the hints. */
export const brief = (mistakes: readonly Mistake[]): readonly string[] =>
  mistakes.map(({ line, column, path, message }) => `${String(line)}:${String(column)} ${path} ${message}`);
