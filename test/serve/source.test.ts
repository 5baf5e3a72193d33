/** The files of a configuration: which of them count, and that a change shows however it is made. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigurationMistakes } from '../../src/config/configuration-mistakes.ts';
import { createSource, type Source } from '../../src/serve/source.ts';
import { watchSource } from '../../src/serve/watch-source.ts';
import { soundFile } from '../config/sound-file.ts';
import { eventually } from '../fixtures/eventually.ts';

const root = mkdtempSync(join(tmpdir(), 'passerelle-source-'));
after(() => {
  rmSync(root, { recursive: true });
});
let count = 0;

/** A folder with the sound file, its secret and a folder of keys; as one that Kubernetes mounts where `linked`. */
function lay(linked = false): { folder: string; source: Source; write: (text: string) => void } {
  const folder = join(root, String((count += 1)));
  mkdirSync(join(folder, 'certs', 'encryption'), { recursive: true });
  const text = `${soundFile}keys: { folder: certs }\n`;
  let version = 0;
  const write = (changed: string): void => {
    if (!linked) {
      writeFileSync(join(folder, 'passerelle.yaml'), changed, { mode: 0o600 });
      return;
    }
    version += 1;
    mkdirSync(join(folder, `..v${String(version)}`));
    writeFileSync(join(folder, `..v${String(version)}`, 'passerelle.yaml'), changed, { mode: 0o600 });
    symlinkSync(`..v${String(version)}`, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  writeFileSync(join(folder, 'secret'), 'S3cret', { mode: 0o600 });
  writeFileSync(join(folder, 'certs', 'active'), 'first\n');
  write(text);
  if (linked) symlinkSync(join('..data', 'passerelle.yaml'), join(folder, 'passerelle.yaml'));
  const file = join(folder, 'passerelle.yaml');
  return { folder, write, source: createSource({ file, shownAs: 'passerelle.yaml', environment: {} }) };
}

const text = `${soundFile}keys: { folder: certs }\n`;
const changed = text.replace('employees', 'staff');

describe('a change shows', () => {
  const rows: readonly (readonly [string, (folder: string) => void])[] = [
    [
      'of the file, written over',
      (folder) => {
        writeFileSync(join(folder, 'passerelle.yaml'), changed);
      },
    ],
    [
      'of the file, by another of the same length',
      (folder) => {
        writeFileSync(join(folder, 'passerelle.yaml'), text.replace('employees', 'employers'));
      },
    ],
    [
      'of the file, replaced',
      (folder) => {
        writeFileSync(join(folder, 'new'), changed);
        renameSync(join(folder, 'new'), join(folder, 'passerelle.yaml'));
      },
    ],
    [
      'of the file, taken away',
      (folder) => {
        unlinkSync(join(folder, 'passerelle.yaml'));
      },
    ],
    [
      'of a secret that it names',
      (folder) => {
        writeFileSync(join(folder, 'secret'), 'Other');
      },
    ],
    [
      'of the key that signs',
      (folder) => {
        writeFileSync(join(folder, 'certs', 'active'), 'second\n');
      },
    ],
    [
      'of a key that is published',
      (folder) => {
        writeFileSync(join(folder, 'certs', 'second.cert.pem'), '');
      },
    ],
    [
      'of a key that is encrypted to',
      (folder) => {
        writeFileSync(join(folder, 'certs', 'encryption', 'second.cert.pem'), '');
      },
    ],
  ];
  for (const [title, change] of rows) {
    it(title, async () => {
      const { folder, source } = lay();
      const before = await source.read();
      assert.equal(await source.stamp(), source.stampRead);
      change(folder);
      assert.notEqual(await source.stamp(), source.stampRead);
      const after = await source.read().catch((error: unknown) => {
        assert.ok(error instanceof ConfigurationMistakes);
        return undefined;
      });
      assert.notDeepEqual([after?.digest, after?.contents], [before.digest, before.contents]);
      assert.equal(await source.stamp(), source.stampRead);
    });
  }

  it('of a link as Kubernetes turns it', async () => {
    const { source, write } = lay(true);
    await source.read();
    write(changed);
    assert.notEqual(await source.stamp(), source.stampRead);
  });

  it('of what a wrong file names first, once it is put right', async () => {
    const { folder, source, write } = lay();
    await source.read();
    write(text.replace('passwordFile: secret', 'passwordFile: other'));
    await assert.rejects(source.read());
    assert.equal(await source.stamp(), source.stampRead);
    writeFileSync(join(folder, 'other'), 'S3cret', { mode: 0o600 });
    assert.notEqual(await source.stamp(), source.stampRead);
    await source.read();
  });

  it('not of what is followed anyway, nor of what the first start makes', async () => {
    const { folder, source, write } = lay();
    write(`${text}metadata: [{ kind: file, file: all.xml }]\n`);
    writeFileSync(join(folder, 'all.xml'), '<a/>');
    const first = await source.read();
    writeFileSync(join(folder, 'all.xml'), '<b/>');
    assert.equal(await source.stamp(), source.stampRead);
    writeFileSync(join(folder, 'certs', 'active'), 'made\n');
    const settled = await source.withKeysAsTheyAre(first);
    assert.equal(await source.stamp(), source.stampRead);
    assert.deepEqual((await source.read()).contents, settled.contents);
  });
});

describe('the watch', () => {
  it('tells once, when what changed has come to rest, and only while it is on', async () => {
    const stamps = ['a', 'b', 'c', 'c', 'c'];
    let [looks, told, isOn] = [0, 0, true];
    let stampRead = 'a';
    const end = watchSource({
      source: {
        stamp: () => Promise.resolve(stamps[Math.min(looks++, stamps.length - 1)] ?? ''),
        get stampRead() {
          return stampRead;
        },
      },
      isOn: () => isOn,
      changed: () => {
        told += 1;
        stampRead = 'c';
        assert.equal(looks, 4);
      },
      every: 1,
    });
    await eventually('it is told', () => told === 1);
    const sofar = looks;
    await eventually('it looks on', () => looks > sofar + 5);
    assert.equal(told, 1);
    isOn = false;
    const last = looks;
    stampRead = 'd';
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(looks <= last + 1);
    end();
  });
});

describe('the folder of keys', () => {
  it('that is in use is watched, though the file names another one, which waits for a restart', async () => {
    const { folder, source, write } = lay();
    await source.read();
    write(text.replace('folder: certs', 'folder: others'));
    const { contents } = await source.read();
    assert.ok(![...contents.keys()].some((path) => path.startsWith(join(folder, 'others'))));
    const before = await source.stamp();
    writeFileSync(join(folder, 'certs', 'active'), 'second\n');
    assert.notEqual(await source.stamp(), before);
  });
});
