/** The section of the audit trail: a file that can be written, a syslog server that can be trusted, and paths from the file's folder. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { makeKey } from '../../src/keys/make-key.ts';
import { brief, mistakesOf, readText, soundFile } from './sound-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-verify-audit-'));
mkdirSync(join(folder, 'directory'));
writeFileSync(join(folder, 'open.jsonl'), '');
chmodSync(join(folder, 'open.jsonl'), 0o644);
const { certificate } = await makeKey({ commonName: 'ca', now: 0, serialNumber: Buffer.from('1'), type: 'ec-p256' });
const files = { '/etc/ca.pem': { content: certificate }, '/etc/none.pem': { content: 'nothing' } };

const section = (text: string): string => `${soundFile}audit: ${text}\n`;
const file = (path: string): string => section(`{ file: { path: "${path}" } }`);
const syslog = (url: string, more = ''): string => section(`{ syslog: { url: "${url}"${more} } }`);

describe('the section audit', () => {
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('keeps events in the store and shows them where nothing is said', async () => {
    const { configuration, warnings } = await readText(soundFile);
    assert.deepEqual(warnings, []);
    assert.deepEqual(configuration.audit, { store: true, retention: 90 * 86_400_000, trail: 14 * 86_400_000, stdout: true });
  });

  it('has absolute paths', async () => {
    const text = section('{ file: { path: audit.jsonl }, syslog: { url: "tls://log.example.com", caFile: ca.pem } }');
    const { configuration } = await readText(text, {}, files);
    assert.equal(configuration.audit.file?.path, '/etc/audit.jsonl');
    assert.equal(configuration.audit.syslog?.caFile, '/etc/ca.pem');
  });

  const refused: readonly (readonly [string, string, string])[] = [
    [
      'a folder that is not there',
      file(`${folder}/nowhere/audit.jsonl`),
      'audit.file.path names a file in a folder that does not exist',
    ],
    [
      'a file for a folder',
      file(`${folder}/open.jsonl/audit.jsonl`),
      'audit.file.path names a file below something that is no folder',
    ],
    ['a folder for a file', file(`${folder}/directory`), 'audit.file.path names a folder'],
    ['another protocol', syslog('udp://log.example.com'), 'audit.syslog.url must be such as tls://syslog.example.com:6514'],
    ['a port that is none', syslog('tls://log.example.com:99999'), 'audit.syslog.url must be a host, and a port if one likes'],
    ['a login', syslog('tls://u:p@log.example.com'), 'audit.syslog.url must be a host, and a port if one likes'],
    ['a path', syslog('tls://log.example.com/x'), 'audit.syslog.url must be such as tls://syslog.example.com:6514'],
    [
      'an authority without TLS',
      syslog('tcp://127.0.0.1', ', caFile: ca.pem'),
      'audit.syslog.caFile belongs to tls://, but url is tcp://',
    ],
    [
      'an authority that is not there',
      syslog('tls://log.example.com', ', caFile: nowhere.pem'),
      'audit.syslog.caFile names a file that does not exist',
    ],
    [
      'an authority that is none',
      syslog('tls://log.example.com', ', caFile: none.pem'),
      'audit.syslog.caFile names a file without a certificate',
    ],
  ];
  for (const [title, text, expected] of refused) {
    it(`refuses ${title}`, async () => {
      assert.deepEqual(
        brief(await mistakesOf(text, {}, files)).map((one) => one.replace(/^\d+:\d+ /, '')),
        [expected],
      );
    });
  }

  const warned: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a file that everybody may read',
      file(`${folder}/open.jsonl`),
      ['audit.file.path names a file that everybody on this machine may read'],
    ],
    [
      'names in plain sight',
      syslog('tcp://log.example.com'),
      ['audit.syslog.url sends names and addresses of people unencrypted'],
    ],
    ['nothing of a relay on this machine', syslog('tcp://127.0.0.1:601'), []],
    ['nothing of a new file', file(`${folder}/audit.jsonl`), []],
  ];
  for (const [title, text, expected] of warned) {
    it(`warns of ${title}`, async () => {
      const { warnings } = await readText(text, {}, files);
      assert.deepEqual(
        brief(warnings).map((one) => one.replace(/^\d+:\d+ /, '')),
        expected,
      );
    });
  }
});
