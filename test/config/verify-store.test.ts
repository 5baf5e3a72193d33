/** The section of the store: a file or a database, nothing that anybody could read or take the place of, one password, never told. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { targetOf } from '../../src/store/postgres-client.ts';
import { brief, mistakesOf, readText, soundFile, type MemoryFile } from './sound-file.ts';

const secret = 'S3cret-Database';
const files: Readonly<Record<string, MemoryFile>> = {
  '/etc/db.password': { content: `${secret}\n` },
  '/etc/open.password': { content: secret, mode: 0o644 },
  '/etc/empty': { content: '\n' },
  '/etc/db-ca.pem': { content: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' },
};
const section = (...parts: readonly string[]): string => `${soundFile}store: { ${parts.join(', ')} }\n`;
const url = (text: string): string => `url: "${text}"`;
const remote = url('postgres://passerelle@db.example.com/passerelle');
const read = (text: string, environment = {}) => readText(text, environment, files);

describe('the section store', () => {
  it('is a SQLite file beside the configuration where nothing is said', async () => {
    const { configuration, warnings } = await read(soundFile);
    assert.deepEqual(warnings, []);
    assert.deepEqual(configuration.store, { file: '/etc/data/passerelle.sqlite', connections: 10 });
  });

  const passwords: readonly (readonly [string, string, Record<string, string>])[] = [
    ['in a file', section(remote, 'passwordFile: db.password'), {}],
    ['from the environment', section(remote, 'password: "${PW}"'), { PW: secret }],
    [
      'in the URL, from the environment',
      section(url('${DATABASE_URL}')),
      { DATABASE_URL: `postgresql://passerelle:${secret}@db.example.com/passerelle` },
    ],
    ['encoded in the URL', section(url('postgres://passerelle:S3cret%2DDatabase@db.example.com/passerelle')), {}],
  ];
  for (const [title, text, environment] of passwords) {
    it(`takes the password ${title}, and shows it nowhere`, async () => {
      const { configuration, warnings } = await read(text, environment);
      assert.deepEqual(warnings, []);
      const { store } = configuration;
      assert.match(store.url ?? '', /^postgres(ql)?:\/\/passerelle@db\.example\.com\/passerelle$/);
      assert.equal(store.password ?? store.passwordFile, store.password === undefined ? '/etc/db.password' : secret);
      const { shownAs, config } = targetOf(store);
      assert.equal(shownAs, 'postgres://passerelle@db.example.com:5432/passerelle');
      assert.ok(!JSON.stringify(config).includes(secret));
    });
  }

  const reached: readonly (readonly [string, string, object])[] = [
    ['by TLS and the name elsewhere', remote, { host: 'db.example.com', ssl: { rejectUnauthorized: true } }],
    [
      'without on this machine',
      url('postgres://a@127.0.0.1:5433/b%20c'),
      { host: '127.0.0.1', port: 5433, database: 'b c', ssl: false },
    ],
    ['without on this machine by IPv6', url('postgres://a@[::1]/b'), { host: '::1', ssl: false }],
    [
      'by TLS there where it is demanded',
      url('postgres://a@localhost/b?sslmode=verify-full'),
      { host: 'localhost', ssl: { rejectUnauthorized: true } },
    ],
    ['without where it is said so', url('postgres://a@localhost/b?sslmode=disable'), { host: 'localhost', ssl: false }],
    ['by a socket', url('postgres://a@localhost/b?host=/run/postgresql'), { host: '/run/postgresql', ssl: false }],
  ];
  for (const [title, given, expected] of reached) {
    it(`is reached ${title}`, async () => {
      const { configuration } = await read(section(given));
      const { config } = targetOf(configuration.store);
      for (const [name, value] of Object.entries(expected)) assert.deepEqual(config[name as keyof typeof config], value, name);
    });
  }

  it('has absolute paths', async () => {
    const { configuration } = await read(
      section(remote, 'caFile: db-ca.pem', 'passwordFile: db.password', 'folder: /var/lib/passerelle'),
    );
    const { caFile, passwordFile, folder } = configuration.store;
    assert.deepEqual([caFile, passwordFile, folder], ['/etc/db-ca.pem', '/etc/db.password', '/var/lib/passerelle']);
  });

  const at = (path: string, message: string): string => `store.${path} ${message}`;
  const refused: readonly (readonly [string, string, string])[] = [
    ['a file and a database', section('file: a.sqlite', remote), at('url', 'is given beside store.file')],
    [
      'a password of no database',
      section('passwordFile: db.password'),
      at('passwordFile', 'belongs to store.url, which is not given'),
    ],
    ['another kind of database', section(url('mysql://a@b/c')), at('url', 'must be a URL that begins postgres://')],
    ['no user', section(url('postgres://db.example.com/b')), at('url', 'must name a user')],
    ['no database', section(url('postgres://a@db.example.com')), at('url', 'must name a database')],
    ['two databases', section(url('postgres://a@db.example.com/b/c')), at('url', 'must name a database')],
    ['a fragment', section(url('postgres://a@db.example.com/b#c')), at('url', 'must have no fragment')],
    [
      'an unknown parameter',
      section(url('postgres://a@db.example.com/b?options=-csearch_path')),
      at('url', 'holds a parameter that is not known here, or one twice'),
    ],
    [
      'TLS that anybody passes',
      section(url('postgres://a@db.example.com/b?sslmode=require')),
      at('url', 'has an sslmode that is not known here'),
    ],
    [
      'no TLS elsewhere',
      section(url('postgres://a@db.example.com/b?sslmode=disable')),
      at('url', 'would send everything unencrypted'),
    ],
    [
      'another host by a parameter',
      section(url('postgres://a@localhost/b?host=db.example.com')),
      at('url', 'has a parameter host that is not the folder of a socket of this machine'),
    ],
    [
      'a socket elsewhere',
      section(url('postgres://a@db.example.com/b?host=/run/postgresql')),
      at('url', 'has a parameter host that is not the folder of a socket of this machine'),
    ],
    [
      'two passwords',
      section(remote, 'password: "${PW}"', 'passwordFile: db.password'),
      at('password', 'is given beside passwordFile'),
    ],
    [
      'a password in the URL beside a file',
      section(url(`postgres://a:${secret}@db.example.com/b`), 'passwordFile: db.password'),
      at('url', 'holds a password beside another one'),
    ],
    [
      'a password with a bare percent sign',
      section(url('postgres://a:100%@db.example.com/b')),
      at('url', 'holds a password with a bare %'),
    ],
    ['no such password file', section(remote, 'passwordFile: nowhere'), at('passwordFile', 'names a file that does not exist')],
    ['an empty password file', section(remote, 'passwordFile: empty'), at('passwordFile', 'names a file that is empty')],
    ['an authority that is none', section(remote, 'caFile: db.password'), at('caFile', 'names a file without a certificate')],
    ['no connections', section(remote, 'connections: 0'), at('connections', 'must be 1 or more')],
  ];
  for (const [title, text, expected] of refused) {
    it(`refuses ${title}`, async () => {
      const mistakes = await mistakesOf(text, { PW: secret }, files);
      assert.deepEqual(
        brief(mistakes).map((line) => line.replace(/^\S+ /, '')),
        [expected],
      );
      assert.ok(!JSON.stringify(mistakes).includes(secret));
    });
  }

  it('warns where everybody on the machine may read the password', async () => {
    const open = await readText(section(remote, 'passwordFile: open.password'), {}, files);
    assert.deepEqual(
      open.warnings.map(({ path }) => path),
      ['store.passwordFile'],
    );
    for (const text of [section(url(`postgres://a:${secret}@db.example.com/b`)), section(remote, `password: ${secret}`)]) {
      const { warnings } = await readText(text, {}, files, 0o644);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]?.path ?? '', /^store\.(url|password)$/);
    }
  });
});
