/** Reads a Dockerfile as far as comparing it with its surroundings needs. */

export interface Instruction {
  /** Such as `COPY`, in capitals. */
  readonly name: string;
  readonly words: readonly string[];
}

export interface Dockerfile {
  /** One list for each FROM, which stands first in it. */
  readonly stages: readonly (readonly Instruction[])[];
}

/** JSON form or words; flags such as `--from=build` stay among them. */
function wordsOf(rest: string): readonly string[] {
  const flags = /^(?:--\S+\s+)*/.exec(rest)?.[0] ?? '';
  const body = rest.slice(flags.length);
  const words = body.startsWith('[') ? (JSON.parse(body) as readonly string[]) : body.split(/\s+/);
  return [...flags.split(/\s+/), ...words].filter((word) => word !== '');
}

export function readDockerfile(text: string): Dockerfile {
  const stages: Instruction[][] = [];
  const joined = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, ' ');
  for (const line of joined.split('\n').filter((one) => one.trim() !== '')) {
    const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
    // A health check is a command inside a command.
    const body = name === 'HEALTHCHECK' ? rest.replace(/\bCMD\s+/, '') : rest;
    if (name === 'FROM') {
      stages.push([]);
    }
    stages.at(-1)?.push({ name: name.toUpperCase(), words: wordsOf(body) });
  }
  return { stages };
}

/** What the image that comes out is: the last stage's instructions of that name. */
export const inImage = (file: Dockerfile, name: string): readonly Instruction[] =>
  (file.stages.at(-1) ?? []).filter((instruction) => instruction.name === name);
