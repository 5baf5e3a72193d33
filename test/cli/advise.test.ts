/** `passerelle advise` against the embedded directory: the report and its files, the check and its codes, and what goes wrong. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Advice } from '../../src/advisor/advice.ts';
import type { RefusedPerson } from '../../src/advisor/check-mapping.ts';
import { openReportFolder } from '../../src/cli/advise-files.ts';
import { createDemoDirectory, type DemoDirectory } from '../../src/directory/demo-directory.ts';
import { freePort } from '../fixtures/free-port.ts';
import { run, type Told } from './scripted-io.ts';

let folder = '';
const opened: DemoDirectory[] = [];
const demo = await readFile(join(import.meta.dirname, '../../src/demo/directory.ldif'), 'utf8');
/** Entries that name nobody, and those of Ada and of the service account. */
const soundDemo = demo
  .split('\n\n')
  .filter((entry) => !/^dn: CN=/m.test(entry) || /^dn: CN=(Ada|svc-)/m.test(entry))
  .join('\n\n');

const configuration = (url: string, mapping = 'substitute: { corp.example.com: example.com }'): string => `
publicUrl: https://sso.example.com
directory:
  urls: [${url}]
  baseDn: DC=corp,DC=example,DC=com
  bindDn: svc-passerelle@corp.example.com
  password: demo-Passw0rd
mapping:
  ${mapping}
  domains: { primary: example.com }
`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-advise-'));
  const clock = { now: Date.now, until: () => Promise.resolve() };
  for (const [name, ldif] of [
    ['passerelle.yaml', demo],
    ['sound.yaml', soundDemo],
    // What a terminal would obey, in base64 as LDIF has it.
    [
      'hostile.yaml',
      soundDemo
        .replaceAll(/^displayName: .*\n/gm, '')
        .replace('sAMAccountName: ada', `sAMAccountName:: ${Buffer.from('a\u001B[2Jd\u202Ea').toString('base64')}`)
        .replace(
          'userPrincipalName: ada@',
          `userPrincipalName:: ${Buffer.from('a\u001B]0;x\u0007@evil.test').toString('base64')}\nurl: `,
        ),
    ],
  ] as const) {
    const directory = await createDemoDirectory({ ldif, host: '127.0.0.1', port: 0, clock });
    opened.push(directory);
    await writeFile(join(folder, name), configuration(directory.url), { mode: 0o600 });
    if (name !== 'sound.yaml') continue;
    await writeFile(join(folder, 'mail.yaml'), configuration(directory.url, 'source: mail'), { mode: 0o600 });
    const elsewhere = configuration(directory.url).replace('baseDn: ', 'baseDn: OU=Groups,');
    await writeFile(join(folder, 'nobody.yaml'), elsewhere, { mode: 0o600 });
  }
  await writeFile(join(folder, 'dead.yaml'), configuration(`ldap://127.0.0.1:${String(await freePort())}`), { mode: 0o600 });
  await writeFile(join(folder, 'wrong.yaml'), 'publicUrl: x\n');
});
after(async () => {
  for (const directory of opened) await directory.close();
  await rm(folder, { recursive: true });
});

const clock = { now: () => 1_763_800_000_000, until: () => Promise.resolve() };
const advise = (...args: readonly string[]): Promise<Told> => run(['advise', ...args], { folder, clock });
const modeOf = async (name: string): Promise<number> => (await lstat(join(folder, name))).mode & 0o777;
const textOf = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
const obeyed = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;
const sections = [
  '1. Forests and accounts',
  '2. Domains',
  '3. UPN or mail',
  '4. Groups',
  '5. Organisational units',
  '6. The verdict',
];

describe('the report', () => {
  it('is printed section by section, and nothing is written', async () => {
    const before = await readdir(folder);
    const told = await advise('--no-dns');
    assert.equal(told.code, 0, told.err);
    const places = sections.map((title) => told.out.indexOf(`\n${title}`));
    assert.ok(
      places.every((place, at) => place > (places[at - 1] ?? 0)),
      told.out,
    );
    assert.match(told.out, /^mapping:\n(?: {2}#.*\n)*(?: {2}\w.*\n)*? {2}source: /m);
    assert.match(told.out, /mend\.csv\s+with\s+--into\s+FOLDER/);
    assert.equal(told.err, '');
    assert.deepEqual(await readdir(folder), before);
  });

  it('is printed as JSON', async () => {
    const told = await advise('--no-dns', '--json', '--own', 'Example.ORG.', '--own', 'example.org');
    assert.equal(told.code, 0, told.err);
    const advice = JSON.parse(told.out) as Advice;
    assert.deepEqual([advice.format, advice.version, advice.made], ['passerelle-advice', 1, new Date(clock.now()).toISOString()]);
    assert.equal(advice.domains.dns, 'not asked');
  });

  it('is written into a folder that is made for its owner alone', async () => {
    const told = await advise('--no-dns', '--into', 'report');
    assert.equal(told.code, 0, told.err);
    assert.equal(told.err, 'Written to report: advice.html, advice.json, mend.csv.\n');
    assert.match(told.out, /in\s+report\/mend\.csv/);
    assert.equal(await modeOf('report'), 0o700);
    assert.deepEqual((await readdir(join(folder, 'report'))).sort(), ['advice.html', 'advice.json', 'mend.csv']);
    for (const name of ['advice.html', 'advice.json', 'mend.csv']) assert.equal(await modeOf(`report/${name}`), 0o600);
    assert.match(await textOf('report/advice.html'), /^<!doctype html>/i);
    assert.match(await textOf('report/mend.csv'), /^\S+,.*powershell/im);
    const printed = await advise('--no-dns', '--json');
    assert.equal(await textOf('report/advice.json'), printed.out);
  });

  it('replaces a former one and nothing else, whatever its mode was', async () => {
    await mkdir(join(folder, 'former'));
    for (const name of ['advice.html', 'advice.json', 'mend.csv', 'notes.txt'])
      await writeFile(join(folder, 'former', name), 'former');
    await chmod(join(folder, 'former/advice.json'), 0o644);
    const told = await advise('--no-dns', '--into', 'former/', '--json');
    assert.equal(told.code, 0, told.err);
    assert.equal(await textOf('former/advice.json'), told.out);
    assert.equal(await modeOf('former/advice.json'), 0o600);
    assert.equal(await textOf('former/notes.txt'), 'former');
    assert.equal((await readdir(join(folder, 'former'))).length, 4);
  });

  it('is written to its end where the connection breaks in the midst of it, so that nothing half is left', async () => {
    const seen: string[] = [];
    const look = (when: string): void => {
      seen.push(`${when}: ${readdirSync(join(folder, 'hung-up')).sort().join(' ')}`);
    };
    const told = await run(['advise', '--no-dns', '--into', 'hung-up'], {
      ...{ folder, clock },
      onHangup(listener) {
        look('heard');
        listener();
        return () => {
          look('deaf');
        };
      },
    });
    assert.equal(told.code, 0, told.err);
    assert.deepEqual(seen, ['heard: ', 'deaf: advice.html advice.json mend.csv']);
  });
});

describe('what cannot be written', () => {
  before(async () => {
    await mkdir(join(folder, 'target'));
    await writeFile(join(folder, 'target/kept'), 'kept');
    await symlink('target', join(folder, 'link'));
    await writeFile(join(folder, 'plain'), '');
    for (const name of ['linked', 'filled']) await mkdir(join(folder, name));
    await symlink('../target/kept', join(folder, 'linked/advice.json'));
    await mkdir(join(folder, 'filled/mend.csv'));
  });

  const rows: readonly (readonly [into: string, words: RegExp])[] = [
    ['plain', /plain is no folder\./],
    ['plain/below', /plain\/below cannot be written \(ENOTDIR\)\./],
    ['nowhere/below', /nowhere\/below cannot be written \(ENOENT\)\./],
    ['/proc/passerelle', /\/proc\/passerelle cannot be written \(ENOENT\)\./],
    ['link', /link is a link, which is not followed/],
    ['linked', /linked\/advice\.json is a link, which is not followed/],
    ['filled', /filled\/mend\.csv is no file/],
    ['x'.repeat(300), /cannot be written \(ENAMETOOLONG\)\./],
    ['a\u001B[2J/b', /^Error: a\uFFFD\[2J\/b cannot be written/],
  ];
  for (const [into, words] of rows) {
    it(`is said before the directory is asked: ${JSON.stringify(into.slice(0, 30))}`, async () => {
      await assert.rejects(advise('--into', into, '--config', 'dead.yaml'), (error) => words.test(String(error)));
    });
  }

  it('leaves links and what they lead to as they are', async () => {
    assert.equal(await readlink(join(folder, 'linked/advice.json')), '../target/kept');
    assert.equal(await textOf('target/kept'), 'kept');
    assert.deepEqual(await readdir(join(folder, 'target')), ['kept']);
  });

  const ways: readonly (readonly [string, (stop: AbortController) => Iterable<string>])[] = [
    [
      'a fault',
      function* () {
        yield 'x'.repeat(1_000_000);
        throw new Error('broken');
      },
    ],
    [
      'somebody who stops it',
      function* (stop) {
        yield 'x'.repeat(1_000_000);
        stop.abort(new Error('broken'));
        yield 'y'.repeat(1_000_000);
      },
    ],
  ];
  for (const [what, pieces] of ways) {
    it(`loses nothing of a former report to ${what} in the midst of it`, async () => {
      const path = await mkdtemp(join(folder, 'half-'));
      for (const name of ['one', 'two']) await writeFile(join(path, name), 'former');
      const stop = new AbortController();
      const into = await openReportFolder({ path, shownAs: 'half' }, ['one', 'two'], { suffix: '0', signal: stop.signal });
      const files = [
        { name: 'one', pieces: ['new'] },
        { name: 'two', pieces: pieces(stop) },
      ];
      await assert.rejects(into.write(files), /broken/);
      assert.deepEqual(await readdir(path), ['one', 'two']);
      for (const name of ['one', 'two']) assert.equal(await readFile(join(path, name), 'utf8'), 'former');
    });
  }

  it('is not written through what somebody laid beside it', async () => {
    const path = await mkdtemp(join(folder, 'laid-'));
    await symlink(join(folder, 'target/kept'), join(path, '.one.0'));
    const { signal } = new AbortController();
    await assert.rejects(openReportFolder({ path, shownAs: 'laid' }, ['one'], { suffix: '0', signal }), /EEXIST/);
    assert.equal(await textOf('target/kept'), 'kept');
  });
});

describe('the check', () => {
  it('exits with 1 and names whom the mapping refuses', async () => {
    const told = await advise('--check');
    assert.equal(told.code, 1, told.err);
    const lines = told.out.trimEnd().split('\n');
    assert.match(lines.at(-1) ?? '', /^Of \d+ people \d+ would be refused for their address\./);
    const reasons = new Map(lines.slice(0, -1).map((line) => line.split(': ', 2) as [string, string]));
    assert.equal(reasons.get('pia (corp.example.com)'), 'address-not-in-domains');
    assert.equal(reasons.get('nora (corp.example.com)'), 'no-user-principal-name');
    assert.equal(reasons.get('kim (corp.example.com)'), 'address-not-unique');
    assert.ok(!reasons.has('ada (corp.example.com)') && !reasons.has('dora (corp.example.com)'));
    const json = await advise('--check', '--json');
    assert.equal(json.code, 1);
    const { format, version, refused } = JSON.parse(json.out) as { format: string; version: number; refused: RefusedPerson[] };
    assert.deepEqual([format, version], ['passerelle-advice-check', 1]);
    assert.deepEqual(
      refused.map(({ name }) => `${name} (corp.example.com)`),
      [...reasons.keys()],
    );
  });

  it('exits with 0 where nobody would be', async () => {
    const told = await advise('--check', '--config', 'sound.yaml');
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.match(told.out, /^Of 1 person none would be refused for their address\./);
  });

  it('names a service account that would be refused, which fails nothing', async () => {
    const told = await advise('--check', '--config', 'mail.yaml');
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.match(told.out, /^svc-passerelle \(corp\.example\.com\), service account: no-mail: /);
    assert.match(told.out, /So would 1 service or guest account, which fail no check\./);
  });

  it('proves nothing where nobody is found', async () => {
    const told = await advise('--check', '--config', 'nobody.yaml');
    assert.deepEqual([told.code, told.out], [3, '']);
    assert.match(told.err, /^The directory shows nobody: /);
  });

  it('prints nothing that a terminal would obey', async () => {
    const told = await advise('--check', '--config', 'hostile.yaml');
    assert.equal(told.code, 1, told.err);
    assert.match(told.out, /evil\.test/);
    assert.doesNotMatch(told.out, obeyed);
    assert.doesNotMatch((await advise('--no-dns', '--config', 'hostile.yaml')).out, obeyed);
    assert.doesNotMatch((await advise('--check', '--json', '--config', 'hostile.yaml')).out, obeyed);
  });

  const unknown: readonly (readonly [what: string, file: string, words: RegExp])[] = [
    ['a directory that does not answer', 'dead.yaml', /^directory-unavailable: /],
    ['a configuration with mistakes', 'wrong.yaml', /^wrong\.yaml has /],
    ['no configuration', 'nowhere.yaml', /nowhere\.yaml/],
  ];
  for (const [what, file, words] of unknown) {
    it(`exits with 3: ${what}; the report with 1`, async () => {
      const told = await advise('--check', '--config', file);
      assert.deepEqual([told.code, told.out], [3, '']);
      assert.match(told.err, words);
      const report = await advise('--config', file);
      assert.deepEqual([report.code, report.out], [1, '']);
      assert.match(report.err, words);
    });
  }

  it('leaves a former report as it is where the directory does not answer', async () => {
    await mkdir(join(folder, 'before'));
    await writeFile(join(folder, 'before/advice.json'), 'former');
    assert.equal((await advise('--into', 'before', '--config', 'dead.yaml')).code, 1);
    assert.deepEqual(await readdir(join(folder, 'before')), ['advice.json']);
    assert.equal(await textOf('before/advice.json'), 'former');
  });

  for (const args of [['--check'], ['--into', 'stopped']]) {
    it(`is left at once when somebody stops it: ${args.join(' ')}`, async () => {
      const stop = new AbortController();
      stop.abort('SIGINT');
      await assert.rejects(run(['advise', ...args], { folder, clock, signal: stop.signal }));
    });
  }
});

describe('a wrong call', () => {
  const rows: readonly (readonly [what: string, args: readonly string[], words: RegExp])[] = [
    ['a word', ['report'], /Unexpected argument 'report'/],
    ['an empty folder', ['--into', ''], /--into is the name of a folder/],
    ['a domain that is none', ['--own', 'a b'], /--own: a b is no domain name/],
    ['an address for a domain', ['--own', 'ada@example.com'], /is no domain name/],
    ['an empty domain', ['--own', ''], /is no domain name/],
    ['a domain with an underscore', ['--own', 'a_b.example'], /is no domain name/],
    ['a domain that writes to the terminal', ['--own', '\u001B[2J'], /--own: \uFFFD\[2J is no domain name/],
    ['a name for the name server', ['--dns-server', 'dc1.example.com'], /is no address of a name server/],
    ['a name server that is not to be asked', ['--dns-server', '127.0.0.1', '--no-dns'], /exclude each other/],
    ['a check that is written', ['--check', '--into', 'x'], /--check goes with --json and --config alone/],
    ['a check by other domains', ['--check', '--own', 'example.com'], /--check goes with/],
    ['a check without DNS', ['--check', '--no-dns'], /--check goes with/],
  ];
  for (const [what, args, words] of rows) {
    it(`exits with 2: ${what}`, async () => {
      const told = await advise(...args, '--config', 'dead.yaml');
      assert.deepEqual([told.code, told.out], [2, '']);
      assert.match(told.err, words);
    });
  }
});
