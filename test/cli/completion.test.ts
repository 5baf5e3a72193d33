/** Completion in real shells, and the line of progress on a terminal. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Io } from '../../src/cli/command.ts';
import { describeOptions } from '../../src/cli/completion-words.ts';
import { commands } from '../../src/cli/dispatch.ts';
import { createProgress } from '../../src/cli/progress.ts';
import { run } from './scripted-io.ts';

let folder = '';
const at = { folder: '/nowhere' };

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-completion-'));
  for (const shell of ['bash', 'zsh']) {
    const { code, out } = await run(['completion', shell], at);
    assert.equal(code, 0);
    writeFileSync(join(folder, shell), out);
  }
  writeFileSync(join(folder, 'passerelle.yaml'), '');
});
after(() => {
  rmSync(folder, { recursive: true });
});

/** The line as it is typed so far; its last word is what is completed. */
function inBash(...words: readonly string[]): string[] {
  const script = 'source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _passerelle; printf "%s\\n" "${COMPREPLY[@]}"';
  const out = execFileSync('bash', ['--norc', '-c', script, 'bash', 'passerelle', ...words], { cwd: folder, encoding: 'utf8' });
  return out.split('\n').filter((line) => line !== '');
}

function inZsh(...words: readonly string[]): string {
  const script = `
    compdef() { :; }
    _describe() { print -rl -- "\${(@P)2}"; }
    _arguments() { print -rl -- "$@"; }
    source ./zsh
    words=("$@"); CURRENT=$#; _passerelle`;
  return execFileSync('zsh', ['-f', '-c', script, 'zsh', 'passerelle', ...words], { cwd: folder, encoding: 'utf8' });
}

describe('completion in bash', () => {
  const rows: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['ke'], ['keys']],
    [['keys', ''], Object.keys(commands).flatMap((name) => (name.startsWith('keys ') ? [name.slice(5)] : []))],
    [['keys', 'ac'], ['activate']],
    [['config', 'check', '--c'], ['--config']],
    [['config', 'check', '--config', 'pass'], ['passerelle.yaml']],
    [['whatif', '--re'], ['--remembered']],
    [['whatif', '--network', ''], []],
    [['advise', '--dn'], ['--dns-server']],
    [['advise', '--no-dns', '--ch'], ['--check']],
    [['advise', 'dr'], ['drift']],
    [['advise', 'drift', '--j'], ['--json']],
    [['config', '--c'], []],
    [['frob', ''], []],
  ];
  for (const [words, completed] of rows) {
    it(`leads from ${JSON.stringify(words.join(' '))} to ${completed.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(inBash(...words).sort(), [...completed].sort());
    });
  }
  it('names each command', () => {
    assert.deepEqual(
      inBash('').filter((word) => !word.startsWith('-') && word !== 'help'),
      [...new Set(Object.keys(commands).map((name) => name.split(' ')[0]))],
    );
  });
});

describe('completion in zsh', () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [[''], /^start:serve sign-ins/m],
    [['keys', ''], /^activate:/m],
    [['keys', 'new', ''], /^\*--type\[.*\]:type: $/m],
    [['config', 'check', ''], /^\*-c\[.*\]:file:_files$/m],
    [['whatif', ''], /^\*--remembered\[as if .*\]$/m],
    [[''], /^advise:look at the whole directory/m],
    [['advise', ''], /^drift:/m],
    [['advise', '--c'], /^\*--into\[.*\]:folder:_files -\/$/m],
    [['advise', '--json', ''], /^\*--check\[/m],
    [['advise', 'drift', ''], /^\*--json\[/m],
  ];
  for (const [words, told] of rows) {
    it(`offers for ${JSON.stringify(words.join(' '))} what it is for`, () => {
      assert.match(inZsh(...words), told);
    });
  }
});

it('no other shell has any', async () => {
  const { code, err } = await run(['completion', 'fish'], at);
  assert.equal(code, 2);
  assert.match(err, /^There is no completion for "fish"; for bash and zsh there is\.\n/);
});

it('options are read from the help of every command that has a configuration', async () => {
  for (const [name, load] of Object.entries(commands)) {
    const { command } = await load();
    const flags = describeOptions(command.usage).flatMap((option) => option.flags);
    assert.equal(command.usage.includes('--config FILE   '), flags.includes('--config'), name);
  }
});

describe('progress', () => {
  function stage(isTTY: boolean): { io: Io; said: () => string; pass: (milliseconds: number) => void } {
    let now = 0;
    let said = '';
    let work: (() => void) | undefined;
    const say = (text: string): void => {
      said += text;
    };
    const io: Io = {
      stdout: say,
      stderr: say,
      drained: () => Promise.resolve(),
      log: { fd: 1 },
      errorLog: { fd: 2, isTTY },
      environment: {},
      setVariable: () => undefined,
      workingDirectory: '/',
      isInteractive: false,
      ask: () => Promise.reject(new Error('nobody asks')),
      clock: { now: () => now, until: () => Promise.resolve() },
      random: (bytes) => Buffer.alloc(bytes),
      repeat: (_milliseconds, tick) => {
        work = tick;
        return () => {
          work = undefined;
        };
      },
      doing: () => undefined,
      runtime: { node: '24.0.0', processorTime: () => 0, residentMemory: () => 0 },
      pid: 1,
      onHangup: () => () => undefined,
      signal: new AbortController().signal,
    };
    return {
      io,
      said: () => said,
      pass(milliseconds) {
        now += milliseconds;
        work?.();
      },
    };
  }

  it('is told after a second, and gone before anything else is said', () => {
    const { io, said, pass } = stage(true);
    const progress = createProgress(io, 'doctor');
    pass(500);
    assert.equal(said(), '');
    progress.io.doing('asking dc1');
    pass(700);
    assert.equal(said(), 'passerelle doctor: asking dc1, 1 s');
    progress.io.stdout('fine\n');
    assert.equal(said(), 'passerelle doctor: asking dc1, 1 s\r\u001B[2Kfine\n');
    pass(2_000);
    progress.end();
    assert.ok(said().endsWith('passerelle doctor: asking dc1, 3 s\r\u001B[2K'));
    pass(2_000);
    assert.ok(said().endsWith('\r\u001B[2K'));
  });

  it('is a bar where the share is known, in one line of a terminal', () => {
    const { io, said, pass } = stage(true);
    const progress = createProgress(io, 'advise');
    progress.io.doing('12,000 people of corp.test', 0.5);
    pass(1_000);
    assert.equal(said(), 'passerelle advise: [##########..........] 12,000 people of corp.test, 1 s');
    progress.io.doing('7 people of a.test', 7);
    pass(500);
    assert.ok(said().endsWith('passerelle advise: [####################] 7 people of a.test, 1 s'));
    progress.io.doing(`1 people of ${'a'.repeat(100)}`, -1);
    pass(500);
    assert.match(said(), /\[\.{20}\] 1 people of a+…, 2 s$/);
    assert.equal(said().split('\u001B[2K').at(-1)?.length, 79);
    progress.end();
  });

  it('is not told where nobody waits at a terminal', () => {
    const { io, said, pass } = stage(false);
    const progress = createProgress(io, 'doctor');
    progress.io.doing('asking dc1');
    pass(5_000);
    progress.end();
    assert.equal(said(), '');
  });
});
