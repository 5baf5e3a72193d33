/** The unit for systemd: taken apart by systemd itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { commands } from '../../src/cli/dispatch.ts';

const root = join(import.meta.dirname, '../..');
const file = join(root, 'deploy/systemd/passerelle.service');
const unit = readFileSync(file, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'passerelle-unit-'));
const analyse = (...words: readonly string[]) => spawnSync('systemd-analyze', words, { encoding: 'utf8' });

describe('deploy/systemd/passerelle.service', () => {
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is understood to the last line', () => {
    const copy = join(folder, 'passerelle.service');
    // The program is not installed here.
    writeFileSync(copy, unit.replaceAll('/usr/local/bin/passerelle', '/bin/true'));
    const { stderr } = analyse('verify', '--man=no', copy);
    assert.doesNotMatch(stderr, /passerelle\.service/);
  });

  it('is as little exposed as the guide says', () => {
    const { stdout } = analyse('security', '--offline=true', '--no-pager', file);
    const [, score = ''] = /Overall exposure level for passerelle\.service: ([\d.]+) OK/.exec(stdout) ?? [];
    assert.ok(Number(score) > 0 && Number(score) <= 1.5, stdout.slice(-200));
    assert.match(readFileSync(join(root, 'docs/operator.md'), 'utf8'), new RegExp(`exposure level ${score}\\b`));
  });

  it('calls commands that there are', () => {
    const called = [...unit.matchAll(/^Exec\w+=\S+\/passerelle (\w+) /gm)].map(([, name = '']) => name);
    assert.deepEqual(called, ['start', 'reload']);
    for (const name of called) assert.ok(name in commands, name);
  });
});
