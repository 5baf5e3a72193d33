/** The section about sources of metadata: what it may say, what it may not, and the keys that its files must hold. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { makeKey } from '../../src/keys/make-key.ts';
import { brief, mistakesOf, readText, soundFile, type MemoryFile } from './sound-file.ts';

const files: Record<string, MemoryFile> = { '/etc/secret': { content: 'x' } };
before(async () => {
  const { certificate, privateKey } = await makeKey({ commonName: 'x', now: 0, serialNumber: randomBytes(16) });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
  const ed = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
  files['/etc/key.pem'] = { content: `A federation\n${certificate}${String(ec)}` };
  files['/etc/private.pem'] = { content: privateKey };
  files['/etc/ed25519.pem'] = { content: String(ed) };
  files['/etc/spoilt.pem'] = { content: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' };
  files['/etc/sp.xml'] = { content: '<a/>' };
});

const sources = (...lines: string[]): string => `${soundFile}metadata:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
const entry = (line: string, ...more: string[]): string =>
  `${soundFile.split('\n').slice(0, 10).join('\n')}\nserviceProviders:\n  - ${line}\n${more.join('\n')}\n`;

const lines = (found: Parameters<typeof brief>[0]): readonly string[] => brief(found).map((text) => text.replace(/:\d+/, ''));

describe('a source of metadata', () => {
  it('is read with its defaults, and its paths from the folder of the file', async () => {
    const { configuration, warnings } = await readText(
      sources(
        '{ kind: file, file: sp.xml }',
        '{ kind: url, url: https://a.example/, keyFiles: [key.pem], admit: all }',
        '{ kind: query, urls: [https://b.example/mdq] }',
      ),
      {},
      files,
    );
    const common = { keyFiles: [], requireValidUntil: false, admit: 'listed' };
    assert.deepEqual(configuration.metadata, [
      { ...common, kind: 'file', file: '/etc/sp.xml', refresh: 60_000, megabytes: 100 },
      {
        ...common,
        kind: 'url',
        url: 'https://a.example/',
        keyFiles: ['/etc/key.pem'],
        admit: 'all',
        refresh: 3_600_000,
        timeout: 10_000,
        megabytes: 100,
      },
      { ...common, kind: 'query', urls: ['https://b.example/mdq'], refresh: 3_600_000, timeout: 10_000, megabytes: 1 },
    ]);
    assert.deepEqual(brief(warnings), []);
  });

  const wrong: readonly (readonly [what: string, text: string, says: string])[] = [
    [
      'plain http without a key',
      sources('{ kind: url, url: http://a.example/ }'),
      '13 metadata.0.url must begin https:// where keyFiles is not given',
    ],
    [
      'plain http of a responder',
      sources('{ kind: query, urls: [https://a.example/, http://b.example/] }'),
      '13 metadata.0.urls.1 must begin https:// where keyFiles is not given',
    ],
    [
      'a password',
      sources('{ kind: url, url: https://a:b@c.example/ }'),
      '13 metadata.0.url must have no user name, password or fragment',
    ],
    [
      'a query of a responder',
      sources('{ kind: query, urls: [https://a.example/?b=c] }'),
      '13 metadata.0.urls.0 must have no query',
    ],
    [
      'another protocol',
      sources('{ kind: url, url: file:///etc/passwd }'),
      '13 metadata.0.url must be a URL that begins https:// or http://',
    ],
    [
      'a file that is not there',
      sources('{ kind: file, file: gone.xml }'),
      '13 metadata.0.file names a file that does not exist',
    ],
    [
      'a folder that is not there',
      sources('{ kind: folder, folder: gone }'),
      '13 metadata.0.folder names a folder that does not exist',
    ],
    [
      'a folder that is a file',
      sources('{ kind: folder, folder: secret }'),
      '13 metadata.0.folder names a folder that is a file',
    ],
    [
      'no key in the file',
      sources('{ kind: url, url: https://a.example/, keyFiles: [secret] }'),
      '13 metadata.0.keyFiles.0 names a file without a usable key',
    ],
    [
      'a private key',
      sources('{ kind: url, url: https://a.example/, keyFiles: [private.pem] }'),
      '13 metadata.0.keyFiles.0 names a file without a usable key',
    ],
    [
      'a key of another kind',
      sources('{ kind: url, url: https://a.example/, keyFiles: [ed25519.pem] }'),
      '13 metadata.0.keyFiles.0 names a file without a usable key',
    ],
    [
      'a certificate that is none',
      sources('{ kind: url, url: https://a.example/, keyFiles: [spoilt.pem] }'),
      '13 metadata.0.keyFiles.0 names a file without a usable key',
    ],
    ['an entry without file and entityId', entry('{ kind: metadata }'), '12 serviceProviders.0 has neither file nor entityId'],
    [
      'an entityId without sources',
      entry('{ kind: metadata, entityId: urn:a }'),
      '12 serviceProviders.0.entityId is looked for nowhere',
    ],
    [
      'an entity twice',
      entry(
        '{ kind: metadata, entityId: urn:a }',
        '  - { kind: metadata, entityId: urn:a }',
        'metadata: [{ kind: file, file: sp.xml }]',
      ),
      '13 serviceProviders.1 is a service provider named twice',
    ],
  ];
  for (const [what, text, says] of wrong) {
    it(`cannot have ${what}`, async () => {
      assert.deepEqual(lines(await mistakesOf(text, {}, files)), [says]);
    });
  }

  const sound: readonly (readonly [what: string, text: string])[] = [
    ['plain http with a key', sources('{ kind: url, url: http://a.example/, keyFiles: [key.pem], requireValidUntil: true }')],
    ['plain http to loopback', sources('{ kind: query, urls: ["http://127.0.0.1:8080/mdq", "http://[::1]/"] }')],
    ['an entry by its entity ID', entry('{ kind: metadata, entityId: urn:a }', 'metadata: [{ kind: file, file: sp.xml }]')],
    [
      'two of one file',
      entry('{ kind: metadata, file: sp.xml, entityId: urn:a }', '  - { kind: metadata, file: sp.xml, entityId: urn:b }'),
    ],
    [
      'nobody listed where all are let in',
      entry('{ kind: google-legacy, domain: a.example }', 'metadata: [{ kind: file, file: sp.xml, admit: all }]').replace(
        /serviceProviders:\n.*/,
        'serviceProviders: []',
      ),
    ],
  ];
  for (const [what, text] of sound) {
    it(`may have ${what}`, async () => {
      assert.deepEqual(brief((await readText(text, {}, files)).warnings), []);
    });
  }

  it('that lets all in by what a web server says is warned of', async () => {
    const { warnings } = await readText(sources('{ kind: query, urls: [https://a.example/], admit: all }'), {}, files);
    assert.deepEqual(lines(warnings), ['13 metadata.0.admit lets in whoever the web server there names']);
  });

  for (const kind of [
    '{ kind: url, url: http://a.example/, ',
    '{ kind: query, urls: [https://a.example/, http://b.example/], ',
  ]) {
    it(`that comes over plain http, signed for ever, is warned of: ${kind}`, async () => {
      const { warnings } = await readText(sources(`${kind}keyFiles: [key.pem] }`), {}, files);
      assert.deepEqual(lines(warnings), ['13 metadata.0 takes metadata over plain http that may be valid for ever']);
    });
  }
});
