/** The one script that is a file: kept by browsers for good, since its name and its digest tell what it is. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import express from 'express';
import request from 'supertest';
import { readKeyScript } from '../../src/http/key-script.ts';
import { createScriptRoutes } from '../../src/http/script-routes.ts';

const views = join(import.meta.dirname, '../../views');
const keyScript = readKeyScript(views);
const app = express().use(createScriptRoutes({ pages: { keyScript } }));

describe('the script that asks a key', () => {
  it('is the library and ours, under the name and the digest that the page gives', async () => {
    const answer = await request(app).get(keyScript.url).buffer().expect(200);
    const { headers, text } = answer as { readonly headers: Readonly<Record<string, string>>; readonly text: string };
    assert.equal(keyScript.integrity, `sha384-${createHash('sha384').update(text).digest('base64')}`);
    assert.equal(keyScript.url, `/scripts/webauthn-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.js`);
    assert.match(text, /^\/\* \[@simplewebauthn\/browser@14\./);
    assert.ok(text.endsWith(readFileSync(join(views, 'webauthn.mjs'), 'utf8')));
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
  });

  for (const path of ['/scripts/webauthn.js', '/scripts/webauthn-0000000000000000.js', `${keyScript.url}/`, '/scripts/']) {
    it(`is nothing else: ${path}`, async () => {
      await request(app).get(path).expect(404);
    });
  }
});
