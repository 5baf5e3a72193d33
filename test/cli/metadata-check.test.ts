/** The command that shows what is understood of metadata, and what is wrong. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { base64Of, ForeignServiceProvider, makeCredential, type Credential } from '../fixtures/foreign-service-provider.ts';
import { aggregateOf, entityIDOf, entityOf } from '../fixtures/metadata-aggregate.ts';
import { document, openMetadataServer, type MetadataServer } from '../fixtures/metadata-server.ts';
import { run as runAnywhere, type Told } from './scripted-io.ts';

let folder: string;
let credential: Credential;
let server: MetadataServer;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-cli-metadata-'));
  credential = await makeCredential();
  server = await openMetadataServer();
  writeFileSync(join(folder, 'key.pem'), credential.certificate);
  writeFileSync(join(folder, 'no-key.pem'), 'hello');
  writeFileSync(join(folder, 'sp.xml'), new ForeignServiceProvider(credential).metadata());
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
const run = (...args: string[]): Promise<Told> => runAnywhere(['metadata', 'check', ...args], { folder, random: randomBytes });
const entities = (count: number): string[] => Array.from({ length: count }, (_, index) => entityOf(index, base64Of(credential)));

describe('passerelle metadata check', () => {
  it('shows a service provider', async () => {
    const { code, out, err } = await run('sp.xml');
    assert.deepEqual([code, err], [0, '']);
    assert.match(
      out,
      /^service providers: 1, others: 0\nhttps:\/\/sp\.example\.net\/metadata\n {2}answered at {4}HTTP-POST https:\/\/sp\.example\.net\/acs, by default\n/,
    );
    assert.match(out, /^ {2}signs by {7}rsa 2048, SHA-256 [0-9a-f]{64}$/m);
  });

  it('shows some of many, or the one that is asked for, out of a signed document on the web', async () => {
    server.answers.set('/federation.xml', document(aggregateOf(entities(30), { signedBy: credential, validUntil: 86_400_000 })));
    const many = await run(`${server.url}/federation.xml`, '--key', 'key.pem');
    assert.equal(many.code, 0);
    assert.match(many.out, /^service providers: 30, others: 0, valid until 1970-01-02T00:00:00\.000Z\n/);
    assert.match(many.out, /and 10 more; --entity shows one of them\n$/);
    const one = await run(`${server.url}/federation.xml`, '--entity', entityIDOf(29));
    assert.deepEqual(one.out.match(/^https:.*$/gm), [entityIDOf(29)]);
    assert.match(one.out, /^ {2}has {12}http:\/\/macedir\.org\/entity-category http/m);
  });

  it('tells the element and the line of each mistake', async () => {
    const [good = '', bad = ''] = entities(2);
    writeFileSync(
      join(folder, 'bad.xml'),
      aggregateOf([good, bad.replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>AAAA')]),
    );
    const { code, out, err } = await run('bad.xml');
    assert.equal(code, 1);
    assert.match(out, /^service providers: 1, others: 0\n/);
    assert.match(
      err,
      /^Line \d+: the element X509Certificate does not hold a certificate\. \(https:\/\/sp1\.example\.net\/metadata\)\n$/,
    );
  });

  const failures: readonly (readonly [what: string, args: readonly string[], code: number, says: RegExp])[] = [
    [
      'an unsigned file where a key is given',
      ['sp.xml', '--key', 'key.pem'],
      1,
      /^sp\.xml: Line 1: the element EntityDescriptor is not signed/,
    ],
    ['an entity that is not there', ['sp.xml', '--entity', 'urn:x'], 1, /^urn:x is not there\.\n$/],
    ['a key that is none', ['sp.xml', '--key', 'no-key.pem'], 2, /^no-key\.pem holds neither/],
    ['what is no URL', ['https://['], 2, /is no URL/],
    ['no name', [], 2, /^Missing argument FILE-OR-URL\./],
  ];
  for (const [what, args, code, says] of failures) {
    it(`fails for ${what}`, async () => {
      const told = await run(...args);
      assert.equal(told.code, code);
      assert.match(told.err, says);
    });
  }
  it('shows nothing that would write to the terminal by itself', async () => {
    const odd = 'urn:a&#10;service providers: 9&#x9b;31m\u202e';
    const xml = aggregateOf([entityOf(0, base64Of(credential)).replace(entityIDOf(0), odd)]);
    writeFileSync(join(folder, 'odd.xml'), xml.replace('nameid-format:persistent', 'x\u009b2J'));
    writeFileSync(join(folder, 'odd-mistake.xml'), xml.replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>AAAA'));
    for (const file of ['odd.xml', 'odd-mistake.xml']) {
      const { out, err } = await run(file);
      assert.match(out + err, /urn:a\uFFFDservice providers: 9\uFFFD31m\uFFFD/);
      assert.doesNotMatch((out + err).replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    }
  });
  it('fails for a document that is not there', async () => {
    const told = await run(`${server.url}/gone.xml`);
    assert.equal(told.code, 1);
    assert.match(told.err, /there is nothing \(missing\)/);
  });
});
