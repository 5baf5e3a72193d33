/** The section about Kerberos: networks, principals, and a keytab with a strong key for each. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { makeServiceKey, writeKeytab } from '../fixtures/make-ticket.ts';
import { brief, mistakesOf, readText, soundFile, type MemoryFile } from './sound-file.ts';

const ours = 'HTTP/sso.example.com@CORP.EXAMPLE.COM';
const other = 'HTTP/login.example.com@CORP.EXAMPLE.COM';
const secret: MemoryFile = { content: 'x' };
const strong: MemoryFile = { content: writeKeytab([makeServiceKey(ours), makeServiceKey(other, 17)]) };
const certificate: MemoryFile = { content: readFileSync(new URL('../fixtures/proxy-certificate.pem', import.meta.url)) };

/** The section begins at line 12. */
const withSection = (...lines: readonly string[]): string =>
  `${soundFile}kerberos:\n${lines.map((line) => `  ${line}\n`).join('')}`;
const sound = ['keytab: sso.keytab', `principals: [${ours}]`, 'networks: [10.0.0.0/8, fd00::/8, 192.0.2.7]'];
const files = (keytab: MemoryFile = strong): Record<string, MemoryFile> => ({
  '/etc/secret': secret,
  '/etc/sso.keytab': keytab,
  '/etc/proxy.pem': certificate,
});

describe('the section kerberos', () => {
  it('needs three lines, and its paths become absolute', async () => {
    const { configuration, warnings } = await readText(withSection(...sound, 'certFiles: [proxy.pem]'), {}, files());
    assert.deepEqual(configuration.kerberos, {
      keytab: '/etc/sso.keytab',
      principals: [ours],
      networks: ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'],
      userAgents: ['.*\\((Windows NT|Macintosh|X11)[ ;].*'],
      realms: {},
      channelBinding: 'offered',
      certFiles: ['/etc/proxy.pem'],
      afterSignOut: 3_600_000,
    });
    assert.deepEqual(warnings, []);
  });

  it('may name principals in any case', async () => {
    const { configuration } = await readText(
      withSection(sound[0]!, `principals: [${ours.toLowerCase()}]`, sound[2]!),
      {},
      files(),
    );
    assert.equal(configuration.kerberos?.principals.length, 1);
  });

  const rows: readonly (readonly [title: string, lines: readonly string[], keytab: MemoryFile, expected: string])[] = [
    ['no networks', sound.slice(0, 2), strong, '12:1 kerberos.networks is missing'],
    [
      'an empty list of networks',
      [...sound.slice(0, 2), 'networks: []'],
      strong,
      '15:13 kerberos.networks needs 1 entry or more',
    ],
    [
      'a name for a network',
      [...sound.slice(0, 2), 'networks: [corp.example.com]'],
      strong,
      '15:14 kerberos.networks.0 must be an IP address or a network in CIDR form',
    ],
    [
      'a network of too many bits',
      [...sound.slice(0, 2), 'networks: [10.0.0.0/33]'],
      strong,
      '15:14 kerberos.networks.0 must be an IP address or a network in CIDR form',
    ],
    [
      'a principal without realm',
      [sound[0]!, 'principals: [HTTP/sso.example.com]', sound[2]!],
      strong,
      '14:16 kerberos.principals.0 must be a service principal, such as HTTP/sso.example.com@CORP.EXAMPLE.COM',
    ],
    [
      'a principal that the keytab has not',
      [sound[0]!, 'principals: [HTTP/x.example.com@CORP.EXAMPLE.COM]', sound[2]!],
      strong,
      '14:16 kerberos.principals.0 has no AES key in the keytab',
    ],
    [
      'weak keys alone',
      sound,
      { content: writeKeytab([makeServiceKey(ours, 23), makeServiceKey(ours, 3)]) },
      '14:16 kerberos.principals.0 has only weak keys (RC4 or DES) in the keytab',
    ],
    [
      'a key of another length than its kind',
      sound,
      { content: writeKeytab([{ ...makeServiceKey(ours, 17), enctype: 18 }]) },
      '14:16 kerberos.principals.0 has no AES key in the keytab',
    ],
    ['an empty keytab', sound, { content: writeKeytab([]) }, '14:16 kerberos.principals.0 has no AES key in the keytab'],
    ['no keytab', sound, { content: 'keytab' }, '13:11 kerberos.keytab names a file that is no keytab'],
    [
      'a keytab of any size',
      sound,
      { content: Buffer.alloc(300_000) },
      '13:11 kerberos.keytab names a file that is larger than 262144 bytes',
    ],
    ['a pattern that is none', [...sound, 'userAgents: ["("]'], strong, '16:16 kerberos.userAgents.0 must'],
    [
      'binding without a certificate',
      [...sound, 'channelBinding: required'],
      strong,
      '16:19 kerberos.channelBinding is required, and there is no certificate to bind to',
    ],
    [
      'a certificate that is none',
      [...sound, 'certFiles: [secret]'],
      strong,
      '16:15 kerberos.certFiles.0 names a file without a certificate',
    ],
    ['a realm in a path', [...sound, 'realms: { "a/b": corp.example.com }'], strong, '16:13 kerberos.realms'],
  ];
  for (const [title, lines, keytab, expected] of rows) {
    it(`refused: ${title}`, async () => {
      const [first, ...more] = brief(await mistakesOf(withSection(...lines), {}, files(keytab)));
      assert.ok(first?.startsWith(expected), first);
      assert.deepEqual(more, []);
    });
  }

  it('refused: a keytab that is not there', async () => {
    const { '/etc/sso.keytab': _gone, ...rest } = files();
    assert.deepEqual(brief(await mistakesOf(withSection(...sound), {}, rest)), [
      '13:11 kerberos.keytab names a file that does not exist',
    ]);
  });

  for (const [mode, isTold] of [
    [0o600, false],
    [0o400, false],
    [0o640, true],
    [0o604, true],
  ] as const) {
    it(`a keytab of mode ${mode.toString(8)} is ${isTold ? '' : 'not '}warned of`, async () => {
      const { warnings } = await readText(withSection(...sound), {}, files({ ...strong, mode }));
      assert.deepEqual(brief(warnings), isTold ? ['13:11 kerberos.keytab names a file that others than its owner may read'] : []);
    });
  }

  it('warns of a network that is everybody', async () => {
    const { warnings } = await readText(withSection(...sound.slice(0, 2), 'networks: [0.0.0.0/0]'), {}, files());
    assert.deepEqual(brief(warnings), ['15:14 kerberos.networks.0 asks every browser for a ticket']);
  });
});
