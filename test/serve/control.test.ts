/** The control socket: whoever may ask is answered, whoever may not finds no way in, and nobody can hold it up. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { askControl } from '../../src/serve/ask-control.ts';
import type { Status } from '../../src/serve/control-answers.ts';
import { nameOf, thisOrigin } from '../../src/serve/control-name.ts';
import { openControl, type Control } from '../../src/serve/control.ts';
import { readLine } from '../../src/serve/one-line.ts';
import { eventually } from '../fixtures/eventually.ts';

const root = mkdtempSync(join(tmpdir(), 'passerelle-control-'));
after(() => {
  rmSync(root, { recursive: true });
});

const status: Status = {
  version: '0.0.0',
  pid: 7,
  since: 1,
  file: '/etc/passerelle.yaml',
  configuration: 'ab',
  inForceSince: 1,
  waiting: [],
  refused: undefined,
  workers: [7],
};
const waitsFor = Promise.withResolvers<undefined>();

/** A folder of its own, as keys lie in, and who answers there. */
async function open(
  name: string,
  pid = 7,
): Promise<{ folder: string; path: string; control: Control | undefined; notes: string[] }> {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const notes: string[] = [];
  const control = await openControl({
    folder,
    pid,
    note: (_level, message) => notes.push(message),
    answering: {
      status: () => Promise.resolve({ ...status, pid }),
      reload: async () => {
        await waitsFor.promise;
        return { result: 'reloaded', changed: [], files: [], waiting: [] };
      },
    },
  });
  return { folder, path: join(folder, nameOf({ ...thisOrigin(), pid })), control, notes };
}

const socketOf = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      resolve(socket);
    }).once('error', reject);
  });

/** All that comes back. */
async function send(path: string, bytes: string | Buffer): Promise<string> {
  const socket = await socketOf(path);
  socket.on('error', () => undefined);
  socket.write(bytes);
  let read = '';
  for await (const chunk of socket.setEncoding('latin1')) read += String(chunk);
  return read;
}

describe('the control socket', () => {
  it('answers in one line, is for its owner alone, and is gone afterwards', async () => {
    const { folder, path, control } = await open('sound');
    assert.deepEqual(await askControl(folder, 'status'), [{ pid: 7, answer: JSON.parse(JSON.stringify(status)) as Status }]);
    const { mode } = statSync(path);
    assert.equal(mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder).length, 1);
    await control?.close();
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(await askControl(folder, 'status'), []);
  });

  it('cannot be opened by another user, though the folder may be', async () => {
    const { folder, path, control } = await open('others');
    for (const each of [root, folder]) chmodSync(each, 0o755);
    // Perl, since the Node that runs this may lie where nobody else reaches it.
    const script =
      'socket(S, AF_UNIX, SOCK_STREAM, 0); print connect(S, sockaddr_un($ARGV[0])) ? "in" : $!{EACCES} ? "EACCES" : "$!"';
    const nobody = 65_534;
    try {
      // Whoever is not root cannot be somebody else; then the mode says it alone.
      const { stdout } =
        process.getuid?.() === 0
          ? spawnSync('perl', ['-MSocket', '-MErrno', '-e', script, path], {
              uid: nobody,
              gid: nobody,
              cwd: '/',
              encoding: 'utf8',
            })
          : { stdout: (statSync(path).mode & 0o077) === 0 ? 'EACCES' : '' };
      assert.equal(stdout, 'EACCES');
    } finally {
      await control?.close();
    }
  });

  const garbage: readonly (readonly [string, string | Buffer])[] = [
    ['no JSON', 'reload\n'],
    ['nothing but an end', '\n'],
    ['a number', '7\n'],
    ['null', 'null\n'],
    ['no question', '{}\n'],
    ['a question that is none', '{"ask":"stop"}\n'],
    ['the name of what every object has', '{"ask":"constructor"}\n'],
    ['a list', '{"ask":["reload"]}\n'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x0a])],
    ['too much', `{"ask":"status","more":"${'x'.repeat(5_000)}"}\n`],
    ['too much without an end', 'x'.repeat(100_000)],
    ['HTTP', 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ];
  it('takes nothing that is no question', async (t) => {
    const { folder, path, control } = await open('garbage');
    for (const [title, bytes] of garbage) {
      await t.test(title, async () => {
        const answer = await send(path, bytes).catch(() => '');
        // Whoever sends on while we answer may find the connection reset.
        if (answer !== '') assert.deepEqual(Object.keys(JSON.parse(answer) as object), ['error']);
      });
    }
    const [asked] = await askControl(folder, 'status');
    assert.ok(asked !== undefined && 'answer' in asked);
    await control?.close();
  });

  it('is not held up by many who ask nothing, and closes over them', async () => {
    const { folder, path, control } = await open('many');
    const idle: Socket[] = [];
    for (let index = 0; index < 60; index += 1) idle.push(await socketOf(path));
    for (const socket of idle) socket.on('error', () => undefined).resume();
    await eventually('more than a few are turned away', () => idle.filter(({ closed }) => closed).length >= 60 - 16);
    for (const socket of idle) socket.destroy();
    await eventually('it answers', async () => {
      const [asked] = await askControl(folder, 'status');
      return asked !== undefined && 'answer' in asked;
    });
    // One that waits for its answer as we close.
    const waiting = askControl(folder, 'reload');
    await new Promise(setImmediate);
    await askControl(folder, 'status');
    await control?.close();
    const [cut] = await waiting;
    assert.ok(cut !== undefined && 'trouble' in cut);
    waitsFor.resolve(undefined);
  });

  it('waits for no line that does not come to its end in time', async () => {
    const path = join(root, 'slow.sock');
    const read = Promise.withResolvers<unknown>();
    const server = createServer((socket) => {
      read.resolve(readLine(socket, { bytes: 100, milliseconds: 50 }));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const slow = await socketOf(path);
    const drip = setInterval(() => slow.write('{'), 5);
    assert.equal(await read.promise, undefined);
    clearInterval(drip);
    slow.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is reached however long the path of its folder is', async () => {
    const name = join('long', ...Array.from({ length: 8 }, () => 'x'.repeat(100)));
    const { folder, control, notes } = await open(name);
    assert.deepEqual(notes, []);
    const [asked] = await askControl(folder, 'status');
    assert.ok(asked !== undefined && 'answer' in asked);
    await control?.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of each of several processes is asked, in the order of their ids', async () => {
    const opened = [await open('several', 12), await open('several', 9)];
    const asked = await askControl(join(root, 'several'), 'status');
    assert.deepEqual(
      asked.map((one) => ('answer' in one ? one.answer.pid : undefined)),
      [9, 12],
    );
    for (const { control } of opened) await control?.close();
  });

  it('that a dead process left is nobody, and is cleared away; one of another machine is told of', async () => {
    const folder = join(root, 'dead');
    mkdirSync(folder, { mode: 0o700 });
    const leave = async (name: string): Promise<void> => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(folder, 'draft'), resolve));
      // A name that its server does not know stays when it ends.
      renameSync(join(folder, 'draft'), join(folder, name));
      await new Promise((resolve) => server.close(resolve));
    };
    const here = thisOrigin();
    const elsewhere = nameOf({ pid: 3, boot: '00000000', host: '00000000' });
    await leave(nameOf({ ...here, pid: 4 }));
    await leave(nameOf({ ...here, pid: 5, boot: '00000000' }));
    await leave(elsewhere);
    assert.deepEqual(
      (await askControl(folder, 'status')).map(({ pid }) => pid),
      [3],
    );
    const { control, path } = await open('dead', 4);
    assert.deepEqual(readdirSync(folder).toSorted(), [elsewhere, path.slice(folder.length + 1)].toSorted());
    await control?.close();
  });

  it('is done without where the folder is not ours to write, and that is told', async () => {
    const { control, notes } = await open('none');
    await control?.close();
    rmSync(join(root, 'none'), { recursive: true });
    const missing = await openControl({
      folder: join(root, 'none'),
      pid: 7,
      note: (_level, message) => notes.push(message),
      answering: { status: () => Promise.resolve(status), reload: () => Promise.reject(new Error('never')) },
    });
    assert.equal(missing, undefined);
    assert.match(notes.join(), /SIGHUP does/);
  });
});
