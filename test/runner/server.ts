/** A server of the test bed, started for this run and stopped with it, unless it ran before. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Server {
  /** Resolves when it answers; undefined, or why it did not start. */
  readonly ready: Promise<string | undefined>;
  /** Stops it where this run started it. */
  stop(): Promise<void>;
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

function run(script: string, verb: string): Promise<Outcome> {
  return new Promise((resolve) => {
    // A group of its own: Ctrl-C at the terminal must not end it halfway.
    const child = spawn(script, [verb], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      resolve({ code: 1, output: error.message });
    });
    // 'exit', not 'close': a server may keep what it inherited open.
    child.on('exit', (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}

/** @param name of a script in test/testbed that knows start, stop and status */
export function startServer(root: string, name: string): Server {
  const script = join(root, 'test/testbed', name);
  let ours = false;
  const ready = (async () => {
    if ((await run(script, 'status')).code === 0) {
      return undefined;
    }
    ours = true;
    const { code, output } = await run(script, 'start');
    return code === 0 ? undefined : `${name} did not start:\n${output.trim()}`;
  })();
  return {
    ready,
    async stop() {
      await ready;
      if (ours) {
        await run(script, 'stop');
      }
    },
  };
}
