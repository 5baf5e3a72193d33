/** The command line: which command is meant, its help, its exit codes. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseArguments, UsageMistake } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/dispatch.ts';
import { run } from './scripted-io.ts';

const root = join(import.meta.dirname, '../..');
const at = { folder: '/nowhere' };

describe('the command line', () => {
  it('without a command shows the help and fails', async () => {
    const { code, out, err } = await run([], at);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, /^Passerelle lets .*\n\nUsage: passerelle COMMAND/);
  });

  for (const args of [['help'], ['--help'], ['-h']]) {
    it(`shows the help on ${args.join(' ')}`, async () => {
      const { code, out, err } = await run(args, at);
      assert.equal(code, 0);
      assert.equal(err, '');
      for (const name of Object.keys(commands)) assert.ok(out.includes(`\n  ${name} `), name);
    });
  }

  it('tells the version of package.json', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual(await run(['--version'], at), { code: 0, out: `${version}\n`, err: '', asked: [] });
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['strat'], /^There is no command "strat"\. /],
    [['ini'], /^There is no command "ini"\. Did you mean passerelle init\?\n$/],
    [['config'], /^passerelle config needs another word: config check, config reference\.\n$/],
    [['config', 'chekc'], /^There is no command "config chekc"\. Did you mean passerelle config check\?\n$/],
    [['constructor'], /^There is no command "constructor"\. See passerelle help\.\n$/],
    [['--frob'], /^There is no command "--frob"\./],
    [['help', 'frob'], /^There is no command "frob"\./],
    [['init', '--frob'], /^Unknown option '--frob'\.\nMore: passerelle init --help\n$/],
    [['init', 'frob'], /^Unexpected argument 'frob'\.\n/],
    [['config', 'check', 'frob'], /^Unexpected argument 'frob'\.\n/],
    [['config', 'check', '--config'], /^Option '-c, --config <value>' argument missing\.\n/],
    [['config', 'check', '--config', '--yes'], /^Option '--config' argument is ambiguous\.\n/],
    [['config', 'reference', '--check=1'], /^Option '--check' does not take an argument\.\n/],
  ];
  for (const [args, words] of wrong) {
    it(`is wrong as ${args.join(' ')}`, async () => {
      const { code, out, err } = await run(args, at);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, words);
      assert.doesNotMatch(err, /\n\s+at /);
    });
  }
});

describe('each command', () => {
  for (const [name, load] of Object.entries(commands)) {
    it(`${name} bears its name and has help with an example`, async () => {
      const { command } = await load();
      assert.equal(command.name, name);
      assert.match(command.summary, /^[a-z].*[^.]$/);
      const help = await run([...name.split(' '), '--help'], at);
      assert.equal(help.code, 0);
      assert.match(help.out, new RegExp(`Example: (\\S+=\\S+ )*(bin/)?passerelle ${name}`));
      assert.deepEqual(await run(['help', ...name.split(' ')], at), help);
      assert.ok(help.out.split('\n').every((line) => line.length <= 130));
    });
  }
});

describe('arguments', () => {
  it('are read by name and by place', () => {
    const { values, positionals } = parseArguments(['k1', '--force'], { force: { type: 'boolean' } }, ['NAME']);
    assert.equal(values.force, true);
    assert.deepEqual(positionals, ['k1']);
  });
  it('are all needed', () => {
    assert.throws(() => parseArguments([], {}, ['NAME']), new UsageMistake('Missing argument NAME.'));
  });
});
