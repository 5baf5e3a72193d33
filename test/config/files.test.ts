/** Files that the configuration names, and secrets, which no message ever tells. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConfigurationMistakes } from '../../src/config/configuration-mistakes.ts';
import { readBounded } from '../../src/config/read-bounded.ts';
import { readConfiguration } from '../../src/config/read-configuration.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { brief, mistakesOf, password, readText, replaceLine, soundFile, type MemoryFile } from './sound-file.ts';

describe('the password file', () => {
  const at = '7:17 directory.passwordFile names a file that';
  const rows: readonly (readonly [string, MemoryFile, string])[] = [
    ['one line ending goes', { content: 'a b \n' }, 'a b '],
    ['of Windows too', { content: 'a\r\n' }, 'a'],
    ['and no more than one', { content: 'a\n\n' }, 'a\n'],
    ['no line ending', { content: ' a' }, ' a'],
    ['no byte order mark remains', { content: '\uFEFFa' }, 'a'],
    ['what looks like a variable is none', { content: '${HOME}' }, '${HOME}'],
  ];
  for (const [title, file, expected] of rows) {
    it(title, async () => {
      const { configuration } = await readText(soundFile, {}, { '/etc/secret': file });
      assert.equal(configuration.directory.forests[0]!.password, expected);
    });
  }

  const refused: readonly (readonly [string, MemoryFile, string])[] = [
    ['empty', { content: '' }, `${at} is empty`],
    ['a line ending alone', { content: '\n' }, `${at} is empty`],
    ['large', { content: 'x'.repeat(4097) }, `${at} is larger than 4096 bytes`],
    ['not UTF-8', { content: Buffer.from([0x61, 0xff]) }, `${at} is not UTF-8 text`],
    ['with NUL', { content: 'a\0b' }, `${at} holds a NUL character`],
  ];
  for (const [title, file, expected] of refused) {
    it(`refused: ${title}`, async () => {
      assert.deepEqual(brief(await mistakesOf(soundFile, {}, { '/etc/secret': file })), [expected]);
    });
  }

  it('refused: missing', async () => {
    assert.deepEqual(brief(await mistakesOf(replaceLine(7, '  passwordFile: ../nowhere'))), [`${at} does not exist`]);
  });

  for (const [mode, isTold] of [
    [0o600, false],
    [0o640, false],
    [0o604, true],
    [0o602, true],
  ] as const) {
    it(`mode ${mode.toString(8)} is ${isTold ? '' : 'not '}warned of`, async () => {
      const { warnings } = await readText(soundFile, {}, { '/etc/secret': { content: 'x', mode } });
      assert.deepEqual(brief(warnings), isTold ? [`${at} everybody on this machine may read`] : []);
    });
  }
});

describe('secrets', () => {
  const secret = 'hunter2';
  const attacks: readonly (readonly [string, string])[] = [
    ['a list', replaceLine(7, `  password: [${secret}]`)],
    ['a map', replaceLine(7, `  password: {${secret}: 1}`)],
    ['a name without value', replaceLine(7, `  password: {${secret}}`)],
    ['an anchor', replaceLine(7, `  password: &${secret}`)],
    ['an alias', replaceLine(7, `  password: *${secret}`)],
    ['a tag', replaceLine(7, `  password: !${secret} x`)],
    ['a directive sign', replaceLine(7, `  password: %${secret}`)],
    ['a reserved sign', replaceLine(7, `  password: @${secret}`)],
    ['a bad escape', replaceLine(7, `  password: "\\q${secret}"`)],
    ['an open quotation mark', replaceLine(7, `  password: '${secret}`)],
    ['a colon', replaceLine(7, `  password: ${secret}: x`)],
    ['no colon', replaceLine(7, `  password ${secret}`)],
    ['a second line', replaceLine(7, '  password: |', `   ${secret}`, `  ${secret}`)],
    ['a reference that is none', replaceLine(7, `  password: a\${${secret}}`)],
    ['both ways', replaceLine(7, '  passwordFile: secret', `  password: ${secret}`)],
    ['too long', replaceLine(7, `  password: ${secret.repeat(1000)}`)],
    ['a login in the URL', replaceLine(4, `    - ldaps://u:${secret}@dc1`)],
    ['a login in the public URL', replaceLine(1, `publicUrl: https://u:${secret}@sso.example.com`)],
    ['a place where something else belongs', replaceLine(10, `    primary: ${secret}`)],
    ['a choice', replaceLine(8, 'mapping:', `  source: ${secret}`)],
    ['a variable with it in a wrong place', replaceLine(10, '    primary: ${PW}')],
    ['a variable with it for a number', `${soundFile}listen: { port: \${PW} }\n`],
    ['a variable with it for a choice', replaceLine(8, 'mapping:', '  source: ${PW}')],
    ['a mistake elsewhere', `${replaceLine(7, '  password: ${PW}')}nonsense: 1\n`],
  ];
  for (const [title, text] of attacks) {
    it(`stay untold: ${title}`, async () => {
      const mistakes = await mistakesOf(text, { PW: secret });
      assert.ok(mistakes.length > 0);
      const { message, stack } = new ConfigurationMistakes('f', mistakes);
      assert.ok(!`${message}${stack ?? ''}${JSON.stringify(mistakes)}`.includes(secret), message);
    });
  }

  it('stay untold: the password file beside a mistake', async () => {
    const mistakes = await mistakesOf(`${soundFile}nonsense: 1\n`);
    assert.ok(!JSON.stringify(mistakes).includes(password));
  });
});

describe('files on the disk', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'passerelle-config-'));
    await writeFile(join(folder, 'secret'), password, { mode: 0o600 });
  });
  after(() => rm(folder, { recursive: true }));

  const read = async (text: string | Buffer, name = 'passerelle.yaml') => {
    const file = join(folder, name);
    await writeFile(file, text);
    return readConfiguration({ file, shownAs: name, environment: {} });
  };
  const failure = async (task: Promise<unknown>): Promise<string> => {
    const error = await task.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ConfigurationMistakes);
    return error.message;
  };

  it('are found from the folder of the configuration', async () => {
    const { configuration } = await read(`${soundFile}keys: { folder: k }\nbranding: { templates: t }\n`);
    assert.equal(configuration.directory.forests[0]!.password, password);
    assert.equal(configuration.keys.folder, join(folder, 'k'));
    assert.equal(configuration.branding.templates, join(folder, 't'));
    assert.equal(configuration.store.file, join(folder, 'data/passerelle.sqlite'));
  });

  it('a configuration that is not there', async () => {
    const task = readConfiguration({ file: join(folder, 'nowhere.yaml'), shownAs: 'nowhere.yaml', environment: {} });
    assert.equal(
      await failure(task),
      'nowhere.yaml has a mistake.\nnowhere.yaml: does not exist\n    passerelle init writes a starting file; --config names another one.',
    );
  });
  it('a configuration that is a folder', async () => {
    assert.match(await failure(readConfiguration({ file: folder, shownAs: 'x', environment: {} })), /x: is not a file/);
  });
  it('a configuration that is not UTF-8', async () => {
    assert.match(await failure(read(Buffer.from('a: \xff', 'latin1'))), /is not UTF-8 text\n.*Save it as UTF-8/);
  });
  it('a configuration above 1 MiB', async () => {
    assert.match(await failure(read(`${soundFile}#${'x'.repeat(1_048_576)}`)), /is larger than 1048576 bytes/);
  });

  it('TLS files that are right, swapped, of another key, or nothing of the kind', async () => {
    const made = await makeKey({ commonName: 'test', now: Date.now(), serialNumber: Buffer.alloc(16, 1) });
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFile(join(folder, 'c.pem'), made.certificate);
    await writeFile(join(folder, 'k.pem'), made.privateKey, { mode: 0o600 });
    await writeFile(join(folder, 'o.pem'), other, { mode: 0o600 });
    const using = (certFile: string, keyFile: string, caFile = 'c.pem'): string =>
      `${replaceLine(7, '  passwordFile: secret', `  caFile: ${caFile}`)}tls: { certFile: ${certFile}, keyFile: ${keyFile} }\n`;
    const { configuration } = await read(using('c.pem', 'k.pem'));
    assert.deepEqual(configuration.tls, { certFile: join(folder, 'c.pem'), keyFile: join(folder, 'k.pem') });
    assert.equal(configuration.directory.forests[0]!.caFile, join(folder, 'c.pem'));
    assert.ok(new X509Certificate(made.certificate).subject.includes('test'));
    assert.match(await failure(read(using('c.pem', 'o.pem'))), /tls\.keyFile names the key of another certificate/);
    const swapped = await failure(read(using('k.pem', 'c.pem', 'secret')));
    assert.match(swapped, /directory\.caFile names a file without a certificate/);
    assert.match(swapped, /tls\.certFile names a file without a certificate/);
    assert.match(swapped, /tls\.keyFile names a file without a private key/);
    await chmod(join(folder, 'k.pem'), 0o644);
    assert.match((await read(using('c.pem', 'k.pem'))).warnings[0]?.path ?? '', /^tls\.keyFile$/);
  });

  it('metadata and logo that are not there', async () => {
    const text = `${replaceLine(11, 'serviceProviders: [{ kind: metadata, file: sp.xml }]')}branding: { logoFile: logo.svg }\n`;
    const message = await failure(read(text));
    assert.match(message, /:11:44: serviceProviders\.0\.file names a file that does not exist/);
    assert.match(message, /:12:23: branding\.logoFile names a file that does not exist/);
  });

  it('say why they cannot be read', async () => {
    await mkdir(join(folder, 'sub'));
    await symlink('loop', join(folder, 'loop'));
    const rows: readonly (readonly [string, string])[] = [
      ['sub', 'is not a file'],
      ['../../../../../../../dev/null', 'is not a file'],
      ['secret/x', 'lies below something that is no folder'],
      ['loop', 'is a link that leads in a circle'],
      ['x'.repeat(300), 'has a name that is too long'],
      ['a\0b', 'has a name that no file can have'],
    ];
    for (const [name, trouble] of rows) assert.deepEqual(await readBounded(`${folder}/${name}`, 10), { trouble }, name);
  });
});
