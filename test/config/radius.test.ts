/** The section of RADIUS: servers that are some, one secret, and user names of one person each. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brief, mistakesOf, readText, soundFile, type MemoryFile } from './sound-file.ts';

const good = 'a secret of some length';
const files: Readonly<Record<string, MemoryFile>> = {
  '/etc/radius-secret': { content: `${good}\n` },
  '/etc/open': { content: good, mode: 0o644 },
  '/etc/short': { content: 'fifteen letters\n' },
  '/etc/empty': { content: '\n' },
  '/etc/lines': { content: `${good}\n\n` },
  '/etc/binary': { content: Buffer.from('\xff'.repeat(20), 'latin1') },
  '/etc/large': { content: 'x'.repeat(1025) },
};
const servers = 'servers: [{ host: radius1.example.com }, { host: 2001:db8::7, port: 1645 }]';
const section = (...parts: readonly string[]): string => `${soundFile}factors: { radius: { ${parts.join(', ')} } }\n`;

describe('the section radius', () => {
  it('is ready for use: defaults, and the path of the secret absolute', async () => {
    const { configuration, warnings } = await readText(section(servers, 'secretFile: radius-secret'), {}, files);
    assert.deepEqual(warnings, []);
    assert.deepEqual(configuration.factors.radius, {
      servers: [
        { host: 'radius1.example.com', port: 1812 },
        { host: '2001:db8::7', port: 1645 },
      ],
      secretFile: '/etc/radius-secret',
      username: 'userPrincipalName',
      start: 'ask',
      startPassword: '',
      timeout: 10_000,
      attempts: 3,
    });
    const other = await readText(section(servers, 'secret: "${SECRET}"'), { SECRET: good }, {}, 0o644);
    assert.equal(other.configuration.factors.radius?.secret, good);
    assert.deepEqual(other.warnings, []);
  });

  const at = (path: string, message: string): string => `factors.radius.${path} ${message}`;
  const wrong: readonly [title: string, parts: readonly string[], mistake: string][] = [
    ['no server', ['servers: []', 'secretFile: radius-secret'], at('servers', 'needs 1 entry or more')],
    ['no host', ['servers: [{ port: 1812 }]', 'secretFile: radius-secret'], at('servers.0.host', 'is missing')],
    ...['a b', '10.0.0', '[::1]', 'radius1:1812', 'radius://x', '-x', 'a..b', 'x'.repeat(64)].map(
      (host): [string, readonly string[], string] => [
        `the host ${host}`,
        [`servers: [{ host: "${host}" }]`, 'secretFile: radius-secret'],
        at('servers.0.host', 'must be a host name or an IP address'),
      ],
    ),
    [
      'a server twice',
      ['servers: [{ host: a.example.com }, { host: A.example.com, port: 1812 }]', 'secretFile: radius-secret'],
      at('servers.1', 'is given twice'),
    ],
    ['no secret', [servers], at('secretFile', 'is missing')],
    ['two secrets', [servers, `secret: ${good}`, 'secretFile: radius-secret'], at('secret', 'is given beside secretFile')],
    ['no such file', [servers, 'secretFile: nowhere'], at('secretFile', 'names a file that does not exist')],
    ['a file that is empty', [servers, 'secretFile: empty'], at('secretFile', 'names a file that is empty')],
    ['a file of lines', [servers, 'secretFile: lines'], at('secretFile', 'names a file that holds more than a line of text')],
    ['a file of bytes', [servers, 'secretFile: binary'], at('secretFile', 'names a file that holds more than a line of text')],
    ['a file that is too large', [servers, 'secretFile: large'], at('secretFile', 'names a file that is larger than 1024 bytes')],
    [
      'a long word to begin',
      [servers, 'secretFile: radius-secret', 'start: push', `startPassword: ${'é'.repeat(65)}`],
      at('startPassword', 'must be text of at most 128 bytes without control characters'),
    ],
    ['too many attempts', [servers, 'secretFile: radius-secret', 'attempts: 11'], at('attempts', 'must be 10 or less')],
  ];
  for (const [title, parts, expected] of wrong) {
    it(`refuses ${title}`, async () => {
      const found = brief(await mistakesOf(section(...parts), {}, files)).map((line) => line.replace(/^\S+ /, ''));
      assert.deepEqual(found, [expected]);
    });
  }

  const forests = `directory:
  forests:
    - name: corp.example.com
      bindDn: a
      passwordFile: secret
      globalCatalogs: [ldaps://dc1.corp.example.com:3269]
      domains:
        - { baseDn: "DC=corp,DC=example,DC=com", controllers: [{ url: ldaps://dc1.corp.example.com }] }
        - { baseDn: "DC=eu,DC=corp,DC=example,DC=com", controllers: [{ url: ldaps://dc1.eu.corp.example.com }] }
`;
  const manyDomains = (text: string): string => text.replace(/directory:\n(?: .*\n)+/, forests);
  const warned: readonly [title: string, text: string, mode: number, path: string, message: string][] = [
    ['a short secret', section(servers, 'secret: fifteen-letters'), 0o600, 'secret', 'has fewer than 16 characters'],
    [
      'a short one in a file',
      section(servers, 'secretFile: short'),
      0o600,
      'secretFile',
      'names a file with fewer than 16 characters',
    ],
    [
      'a file for everybody',
      section(servers, 'secretFile: open'),
      0o600,
      'secretFile',
      'names a file that everybody on this machine may read',
    ],
    [
      'a secret in a file for everybody',
      section(servers, `secret: ${good}`),
      0o644,
      'secret',
      'stands in a file that everybody on this machine may read',
    ],
    [
      'a word that is never sent',
      section(servers, 'secretFile: radius-secret', 'startPassword: push'),
      0o600,
      'startPassword',
      'is never sent',
    ],
    [
      'account names of several domains',
      manyDomains(section(servers, 'secretFile: radius-secret', 'username: sAMAccountName')),
      0o600,
      'username',
      'may be the same for two people',
    ],
  ];
  for (const [title, text, mode, path, message] of warned) {
    it(`warns of ${title}`, async () => {
      const { warnings } = await readText(text, {}, files, mode);
      assert.deepEqual(
        warnings.map((one) => `${one.path} ${one.message}`),
        [`factors.radius.${path} ${message}`],
      );
    });
  }
});
