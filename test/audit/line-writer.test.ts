/** Lines come out whole, in order and counted, whatever the reader does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createLineWriter } from '../../src/audit/line-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-lines-'));

describe('the line writer', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('waits for a pipe that is full, loses nothing within its bound and tells what it lost beyond', async () => {
    const path = join(folder, 'pipe');
    execFileSync('/usr/bin/mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    let taken = Buffer.alloc(0);
    const buffer = Buffer.alloc(32_768);
    const take = () => {
      try {
        taken = Buffer.concat([taken, buffer.subarray(0, readSync(reader, buffer))]);
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
      }
    };
    let waits = 0;
    // Whenever the writer waits, the reader takes a little.
    const clock = {
      now: () => 0,
      until: () => {
        waits += 1;
        take();
        return Promise.resolve();
      },
    };
    const writer = createLineWriter({ fd, limit: 300_000, clock, lost: (lines) => `lost ${lines}\n` });
    const line = (index: number) => `${index} ${'é'.repeat(990)}\n`;
    for (let index = 0; index < 400; index += 1) writer.write(line(index));
    await writer.flush();
    for (let length = -1; length !== taken.length;) {
      length = taken.length;
      take();
    }
    closeSync(fd);
    closeSync(reader);
    assert.ok(waits > 0);
    const lines = taken.toString().trimEnd().split('\n');
    const lost = Number(/^lost (\d+)$/.exec(lines.pop() ?? '')?.[1]);
    assert.ok(lost > 0);
    assert.equal(lines.length + lost, 400);
    for (const [index, written] of lines.entries()) assert.equal(`${written}\n`, line(index));
  });

  it('lets whoever ends go where the reader takes nothing, and waits for one that is slow', async () => {
    const path = join(folder, 'still');
    execFileSync('/usr/bin/mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const clock = { now: () => 0, until: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    const writer = createLineWriter({ fd, limit: 300_000, clock, lost: (lines) => `lost ${lines}\n`, stillness: 20 });
    writer.write(`${'x'.repeat(200_000)}\n`);
    await writer.flush();
    const buffer = Buffer.alloc(300_000);
    let taken = 0;
    const take = () => {
      try {
        taken += readSync(reader, buffer);
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
      }
    };
    const reading = setInterval(take, 5);
    await writer.flush();
    clearInterval(reading);
    take();
    assert.equal(taken, 200_001);
    closeSync(reader);
    closeSync(fd);
  });

  it('gives up on a reader that went away, and goes on with the next line', async () => {
    const path = join(folder, 'gone');
    execFileSync('/usr/bin/mkfifo', [path]);
    const first = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(path, constants.O_WRONLY);
    closeSync(first);
    const clock = { now: () => 0, until: () => Promise.resolve() };
    const writer = createLineWriter({ fd, limit: 1_000, clock, lost: (lines) => `lost ${lines}\n` });
    writer.write('one\n');
    writer.write('two\n');
    await writer.flush();
    const second = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    writer.write('three\n');
    await writer.flush();
    const buffer = Buffer.alloc(100);
    assert.equal(buffer.toString('utf8', 0, readSync(second, buffer)), 'three\nlost 2\n');
    closeSync(second);
    closeSync(fd);
  });
});
