/** TLS of our own: the house speaks HTTPS itself, and believes a proxy only where it is told to. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeKey } from '../../src/keys/make-key.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, Visitor } from '../fixtures/visitor.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-tls-'));
let house: House;
let certificate: string;

before(async () => {
  const made = await makeKey({ commonName: 'localhost', now: Date.now(), serialNumber: randomBytes(16) });
  certificate = made.certificate;
  const [certFile, keyFile] = [join(folder, 'tls.pem'), join(folder, 'tls.key')];
  writeFileSync(certFile, made.certificate);
  writeFileSync(keyFile, made.privateKey, { mode: 0o600 });
  house = await openHouse({ https: true, config: { tls: { certFile, keyFile } } });
});
after(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

/** One request, as a browser that was given the certificate makes it. */
function get(path: string): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    request(house.url + path, { ca: certificate, checkServerIdentity: () => undefined }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('with TLS of our own', () => {
  it('serves pages that may not be downgraded', async () => {
    const { status, headers } = await get('/');
    assert.equal(status, 200);
    assert.match(String(headers['strict-transport-security']), /max-age=\d{7,}/);
  });

  it('publishes https addresses, and leads from a request to the page that asks', async () => {
    assert.match((await get('/saml/metadata')).body, new RegExp(`Location="${house.url}/saml/sso"`));
    const { status, headers } = await get(`/saml/sso?${redirectQuery(authnRequest())}`);
    assert.equal(status, 303);
    assert.match((await get(String(headers.location))).body, /type="password"/);
  });

  it('speaks TLS 1.2 and newer only', async () => {
    const { port } = new URL(house.url);
    const speak = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
      new Promise((resolve, reject) => {
        const socket = connect(
          {
            port: Number(port),
            host: '127.0.0.1',
            rejectUnauthorized: false,
            minVersion: version,
            maxVersion: version,
            ciphers: 'DEFAULT@SECLEVEL=0',
          },
          () => {
            resolve(socket.getProtocol());
            socket.destroy();
          },
        ).on('error', reject);
      });
    assert.equal(await speak('TLSv1.3'), 'TLSv1.3');
    assert.equal(await speak('TLSv1.2'), 'TLSv1.2');
    await assert.rejects(speak('TLSv1.1'));
  });
});

describe('behind a proxy', () => {
  for (const [title, trustProxy, expected] of [
    ['believes X-Forwarded-For of a proxy that is named', ['127.0.0.1'], '198.51.100.7'],
    ['believes nobody’s otherwise', [], '127.0.0.1'],
  ] as const) {
    it(title, async () => {
      const behind = await openHouse({ config: { trustProxy: [...trustProxy] } });
      const visitor = new Visitor(behind.url);
      await visitor.request('/signin?id=none', {
        headers: { 'X-Forwarded-For': '203.0.113.9, 198.51.100.7', 'X-Forwarded-Proto': 'https' },
      });
      assert.equal(behind.events.at(-1)?.remoteAddress, expected);
      await behind.close();
    });
  }
});
