/** The schema, and the pages that are made from it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isLoopback } from '../../src/config/loopback.ts';
import { nearest } from '../../src/config/nearest.ts';
import { kindsOf, outline, type Outline } from '../../src/config/outline.ts';
import { exampleFile, exampleForests, leavesOf, renderEditorSchema, renderReference } from '../../src/config/reference.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { brief, readText } from './sound-file.ts';

const root = join(import.meta.dirname, '../..');
const isSecretOrChoice = ['directory.password', 'directory.passwordFile'];

function allLeaves(): readonly { path: string; part: Outline; isRequired: boolean }[] {
  const { serviceProviders, metadata } = outline().properties ?? {};
  const kinds = [...kindsOf(serviceProviders?.items ?? {}), ...kindsOf(metadata?.items ?? {})];
  return [...leavesOf(outline(), ''), ...kinds.flatMap(([kind, part]) => leavesOf(part, kind))];
}

describe('every setting', () => {
  it('is found by the walk', () => {
    const paths = allLeaves().map(({ path }) => path);
    assert.ok(paths.length > 60, String(paths.length));
    for (const path of [...isSecretOrChoice, 'mapping.domains.aliases', 'google-profile.acsUrl', 'metadata.sign', 'log.level']) {
      assert.ok(paths.includes(path), path);
    }
  });
  for (const { path, part, isRequired } of allLeaves()) {
    it(`${path} has a description, and is required, or has a default, or says what happens without it`, () => {
      assert.match(part.description ?? '', /^[A-Z].*\.$/);
      const hasDefault = part.default !== undefined || part.without !== undefined;
      assert.equal(hasDefault, !isRequired);
    });
  }
});

describe('the reference page', () => {
  it('has an example that is right', async () => {
    const { warnings, configuration } = await readText(exampleFile, { DIRECTORY_PASSWORD: 'x' });
    assert.deepEqual(brief(warnings), []);
    assert.equal(configuration.serviceProviders.length, 2);
  });
  it('holds the example and every setting', () => {
    const page = renderReference();
    assert.ok(page.includes(exampleFile));
    // Those of an entry of a list that is a section stand there by themselves.
    for (const { path } of leavesOf(outline(), '')) assert.ok(page.includes(path.replace(/^\w+\[\]\./, '')), path);
    assert.ok(page.includes('`directory.forests[].domains[].controllers[].priority`'));
  });
  it('has an example of forests that is right', async () => {
    assert.ok(renderReference().includes(exampleForests));
    const text = exampleFile.replace(/^directory:\n(?: .*\n)+/m, exampleForests);
    const { certificate } = await makeKey({ commonName: 'test', now: Date.now(), serialNumber: Buffer.alloc(16, 1) });
    const files = {
      '/etc/corp-ca.pem': { content: certificate },
      '/etc/partner-ca.pem': { content: certificate },
      '/etc/corp-password': { content: 'x' },
      '/etc/partner-password': { content: 'y' },
    };
    const { warnings, configuration } = await readText(text, {}, files);
    assert.deepEqual(brief(warnings), []);
    const { forests } = configuration.directory;
    assert.deepEqual(
      forests.map(({ password, domains }) => [password, domains.length]),
      [
        ['x', 2],
        ['y', 1],
      ],
    );
  });
  it('is the one in docs', async () => {
    assert.equal(await readFile(join(root, 'docs/configuration.md'), 'utf8'), renderReference());
    assert.equal(await readFile(join(root, 'passerelle.schema.json'), 'utf8'), renderEditorSchema());
  });
});

describe('the schema for editors', () => {
  const schema = renderEditorSchema();
  it('is JSON, without our own words, the same every time', () => {
    assert.doesNotThrow(() => JSON.parse(schema) as unknown);
    assert.doesNotMatch(schema, /"(values|without)": "/);
    assert.equal(schema, renderEditorSchema());
  });
  it('takes a variable where a number belongs', () => {
    const parsed = JSON.parse(schema) as Outline & { properties: { listen: { properties: { port: { anyOf: unknown[] } } } } };
    assert.equal(parsed.properties.listen.properties.port.anyOf.length, 2);
  });
});

describe('the nearest word', () => {
  const words = ['publicUrl', 'entityId', 'listen', 'trustProxy', 'mail'];
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['publicUrl', 'publicUrl'],
    ['public_url', 'publicUrl'],
    ['PUBLIC-URL', 'publicUrl'],
    ['publcUrl', 'publicUrl'],
    ['litsen', 'listen'],
    ['emial', 'mail'],
    ['trustedProxy', 'trustProxy'],
    ['zzzz', undefined],
    ['', undefined],
    ['publicUrl'.repeat(1000), undefined],
  ];
  for (const [word, expected] of rows) {
    it(`to ${JSON.stringify(word.slice(0, 20))} is ${expected ?? 'none'}`, () => {
      assert.equal(nearest(word, words), expected);
    });
  }
});

describe('loopback', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['localhost', true],
    ['LOCALHOST', true],
    ['a.b.localhost', true],
    ['localhost:389', true],
    ['127.0.0.1', true],
    ['127.255.0.3:1', true],
    ['127.1', true],
    ['[::1]', true],
    ['[0:0:0:0:0:0:0:1]:636', true],
    ['128.0.0.1', false],
    ['0.0.0.0', false],
    ['[::]', false],
    ['[::ffff:127.0.0.1]', false],
    ['127.0.0.1.example.com', false],
    ['127.0.0.1.nip.io', false],
    ['localhost.example.com', false],
    ['notlocalhost', false],
    ['localhost.', false],
    ['%6cocalhost', false],
    ['ｌocalhost', false],
    ['example.com@localhost', false],
    ['example.com/localhost', false],
    ['example.com#.localhost', false],
    ['', false],
  ];
  for (const [host, expected] of rows) {
    it(`${JSON.stringify(host)} is ${expected ? '' : 'not '}this machine`, () => {
      assert.equal(isLoopback(host), expected);
    });
  }
});
