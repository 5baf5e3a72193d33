/** The section of client certificates: one way in, its own address, authorities that are some, and a secret that is one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Authority } from '../fixtures/people-authority.ts';
import { brief, mistakesOf, readText, soundFile, type MemoryFile } from './sound-file.ts';

const root = Authority.root();
const person = root.person('CN=Somebody');
const own = Authority.root('CN=cards.example.com').issued;
const files: Readonly<Record<string, MemoryFile>> = {
  '/etc/people-ca.pem': { content: root.issued.certificate },
  '/etc/person.pem': { content: person.certificate },
  '/etc/empty.pem': { content: '' },
  '/etc/cards.pem': { content: own.certificate },
  '/etc/cards.key': { content: own.key },
  '/etc/other.key': { content: person.key },
  '/etc/long': { content: `${'s'.repeat(32)}\n` },
  '/etc/short': { content: `${'s'.repeat(31)}\n` },
};
const authorities = 'authorities: [{ caFile: people-ca.pem }]';
const listener = (publicUrl = 'https://cards.example.com:8443', key = 'cards.key'): string =>
  `listener: { port: 8443, publicUrl: "${publicUrl}", tls: { certFile: cards.pem, keyFile: ${key} } }`;
const header = (more = ''): string => `header: { secretFile: long${more} }`;
const trusted = 'trustProxy: [127.0.0.1]\n';
const section = (...parts: readonly string[]): string => `certificate: { ${parts.join(', ')} }\n`;

describe('the section certificate', () => {
  it('is ready for use: paths are absolute, addresses are origins', async () => {
    const { configuration, warnings } = await readText(
      soundFile + section(authorities, listener('https://Cards.example.com:8443/')),
      {},
      files,
    );
    assert.deepEqual(warnings, []);
    assert.equal(configuration.certificate?.authorities[0]?.caFile, '/etc/people-ca.pem');
    assert.equal(configuration.certificate.authorities[0].trustUpn, false);
    assert.equal(configuration.certificate.listener?.publicUrl, 'https://cards.example.com:8443');
    assert.deepEqual(configuration.certificate.listener.tls, { certFile: '/etc/cards.pem', keyFile: '/etc/cards.key' });
    const other = await readText(
      soundFile + trusted + section(authorities, header(', publicUrl: "https://cards.example.com/"')),
      {},
      files,
    );
    assert.equal(other.configuration.certificate?.header?.publicUrl, 'https://cards.example.com');
    assert.equal(other.configuration.certificate.header.secretFile, '/etc/long');
    assert.equal(other.configuration.certificate.header.seal, 'hmac');
  });

  const at = (path: string, message: string): string => `certificate${path === '' ? '' : `.${path}`} ${message}`;
  const refused: readonly (readonly [string, string, string])[] = [
    ['neither way', section(authorities), at('', 'has neither listener nor header')],
    ['both ways', trusted + section(authorities, listener(), header()), at('', 'has both listener and header')],
    [
      'the address of everything else',
      section(authorities, listener('https://sso.example.com')),
      at('listener.publicUrl', 'is the address of publicUrl'),
    ],
    [
      'an address without TLS',
      section(authorities, listener('http://localhost:1')),
      at('listener.publicUrl', 'must begin https://'),
    ],
    [
      'an address with a path',
      section(authorities, listener('https://cards.example.com/x')),
      at('listener.publicUrl', 'must have no path, query, fragment or user name'),
    ],
    [
      'the key of another certificate',
      section(authorities, listener(undefined, 'other.key')),
      at('listener.tls.keyFile', 'names the key of another certificate'),
    ],
    ['no key', section(authorities, listener(undefined, 'cards.pem')), at('listener.tls.keyFile', 'names no private key')],
    ['a header of nobody', section(authorities, header()), at('header', 'comes from nobody')],
    [
      'a short secret',
      trusted + section(authorities, 'header: { secretFile: short }'),
      at('header.secretFile', 'names a file with fewer than 32 characters'),
    ],
    [
      'one header for both',
      trusted + section(authorities, header(', sealName: x-client-cert, name: X-Client-Cert')),
      at('header.sealName', 'is the header of the certificate'),
    ],
    [
      'a plain address of a proxy',
      trusted + section(authorities, header(', publicUrl: "http://cards.example.com"')),
      at('header.publicUrl', 'must begin https://'),
    ],
    [
      'an authority that is a person',
      section('authorities: [{ caFile: person.pem }]', listener()),
      at('authorities.0.caFile', 'names a certificate that is no authority’s'),
    ],
    [
      'no authority in the file',
      section('authorities: [{ caFile: empty.pem }]', listener()),
      at('authorities.0.caFile', 'names a file without a certificate'),
    ],
    [
      'a list that is missing',
      section(authorities, listener(), 'revocation: { crlFiles: [nowhere.crl] }'),
      at('revocation.crlFiles.0', 'names a file that does not exist'),
    ],
  ];
  for (const [title, text, expected] of refused) {
    it(`is refused: ${title}`, async () => {
      const told = brief(await mistakesOf(soundFile + text, {}, files)).map((one) => one.replace(/^\d+:\d+ /, ''));
      assert.deepEqual(told, [expected]);
    });
  }

  it('is refused: no authorities, unknown purposes, hosts that are addresses', async () => {
    for (const parts of [
      ['authorities: []', listener()],
      [authorities, listener(), 'purposes: [serverAuth]'],
      [authorities, listener(), 'purposes: []'],
      [authorities, listener(), 'revocation: { hosts: ["http://pki.example.com"] }'],
      [authorities, listener(), 'revocation: { crlUrls: ["ftp://pki.example.com/x"] }'],
    ])
      assert.equal((await mistakesOf(soundFile + section(...parts), {}, files)).length, 1, parts.join());
  });

  it('warns of a secret that everybody may read', async () => {
    const open = { ...files, '/etc/long': { content: 's'.repeat(32), mode: 0o644 } };
    const { warnings } = await readText(soundFile + trusted + section(authorities, header()), {}, open);
    assert.deepEqual(
      brief(warnings).map((one) => one.replace(/^\d+:\d+ /, '')),
      [at('header.secretFile', 'names a file that everybody on this machine may read')],
    );
  });
});
