/** The sections of the web hook and of the operator's own factor: a safe address, one secret, files that are there. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Authority } from '../fixtures/people-authority.ts';
import { brief, mistakesOf, readText, soundFile, type MemoryFile } from './sound-file.ts';

const long = 's'.repeat(32);
const files: Readonly<Record<string, MemoryFile>> = {
  '/etc/ca.pem': { content: Authority.root().issued.certificate },
  '/etc/empty.pem': { content: '' },
  '/etc/long': { content: `${long}\n` },
  '/etc/open': { content: long, mode: 0o644 },
  '/etc/short': { content: `${'s'.repeat(31)}\n` },
  '/etc/factor.js': { content: 'export default () => ({})' },
};
const section = (...parts: readonly string[]): string => `factors: { ${parts.join(', ')} }\n`;
const webhook = (...parts: readonly string[]): string =>
  section(`webhook: { ${['url: "https://hook.example.com/ask?x=1"', ...parts].join(', ')} }`);
const at = (path: string, message: string): string => `factors.${path} ${message}`;

describe('the sections webhook and own', () => {
  it('are ready for use: paths are absolute, times are milliseconds, settings are as they stand', async () => {
    const { configuration, warnings } = await readText(
      soundFile +
        section(
          'webhook: { url: "http://localhost:8090/passerelle", secretFile: long, previousSecretFile: long, caFile: ca.pem }',
          'own: { module: factor.js, settings: { a: [1, { b: "${NAME}" }] } }',
        ),
      { NAME: 'value' },
      files,
    );
    assert.deepEqual(warnings, []);
    assert.deepEqual(configuration.factors.webhook, {
      url: 'http://localhost:8090/passerelle',
      secretFile: '/etc/long',
      previousSecretFile: '/etc/long',
      caFile: '/etc/ca.pem',
      timeout: 5_000,
      approveWithin: 60_000,
      poll: 2_000,
      numberMatching: true,
      send: ['objectGUID', 'userPrincipalName'],
    });
    assert.deepEqual(configuration.factors.own, {
      module: '/etc/factor.js',
      timeout: 10_000,
      settings: { a: [1, { b: 'value' }] },
    });
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ['no secret', webhook(), at('webhook.secretFile', 'is missing')],
    ['both', webhook(`secret: ${long}`, 'secretFile: long'), at('webhook.secret', 'is given beside secretFile')],
    [
      'both of the one before',
      webhook('secretFile: long', `previousSecret: ${long}`, 'previousSecretFile: long'),
      at('webhook.previousSecret', 'is given beside previousSecretFile'),
    ],
    ['a short secret', webhook('secret: short'), at('webhook.secret', 'must have 32 characters or more')],
    [
      'the same secret twice',
      webhook(`secret: ${long}`, `previousSecret: ${long}`),
      at('webhook.previousSecret', 'is the same as secret'),
    ],
    [
      'a file of a short secret',
      webhook('secretFile: short'),
      at('webhook.secretFile', 'names a file with fewer than 32 characters'),
    ],
    ['a file that is not there', webhook('secretFile: nowhere'), at('webhook.secretFile', 'names a file that does not exist')],
    [
      'authorities that are none',
      webhook('secretFile: long', 'caFile: empty.pem'),
      at('webhook.caFile', 'names a file without a certificate'),
    ],
    [
      'plain http to another machine',
      section('webhook: { url: "http://hook.example.com/", secretFile: long }'),
      at('webhook.url', 'must begin https://'),
    ],
    [
      'a password in the address',
      section('webhook: { url: "https://a:b@hook.example.com/", secretFile: long }'),
      at('webhook.url', 'must have no user name, password or fragment'),
    ],
    ['nothing to send', webhook('secretFile: long', 'send: []'), at('webhook.send', 'needs 1 entry or more')],
    ['a module that is not there', section('own: { module: nowhere.js }'), at('own.module', 'names a file that does not exist')],
    ['no module', section('own: {}'), at('own.module', 'is missing')],
  ];
  for (const [title, text, expected] of refused) {
    it(`refuse ${title}`, async () => {
      const told = brief(await mistakesOf(soundFile + text, {}, files)).map((line) => line.replace(/^\S+ /, ''));
      assert.deepEqual(told, [expected]);
      assert.ok(!told.join().includes(long));
    });
  }

  it('warn of a secret that everybody may read, wherever it stands', async () => {
    const open = await readText(soundFile + webhook('secretFile: open'), {}, files);
    const inline = await readText(soundFile + webhook(`secret: ${long}`), {}, files, 0o644);
    const expanded = await readText(soundFile + webhook('secret: "${NAME}"'), { NAME: long }, files, 0o644);
    assert.match(brief(open.warnings).join(), /webhook\.secretFile names a file that everybody on this machine may read$/);
    assert.match(brief(inline.warnings).join(), /webhook\.secret stands in a file that everybody on this machine may read$/);
    assert.deepEqual(expanded.warnings, []);
  });

  it('warn where the hook is told of nobody for certain', async () => {
    const named = await readText(soundFile + webhook('secretFile: long', 'send: [displayName, mail]'), {}, files);
    assert.match(brief(named.warnings).join(), /webhook\.send may be the same for two people$/);
  });
});
