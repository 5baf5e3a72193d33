/** The metrics are told at one address by two methods, and no scraper holds up the house, however slow or hostile. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { listen, type Listener } from '../../src/http/listen.ts';
import { createMetricsListener } from '../../src/http/metrics-listener.ts';
import { eventually } from '../fixtures/eventually.ts';

// More than what sockets take without anybody reading.
const large = `${'x'.repeat(99)}\n`.repeat(200_000);
let listener: Listener;
let made = 0;
let now = 0;
let text = 'passerelle_build_info 1\n';
before(async () => {
  const shown = {
    contentType: 'text/plain; version=0.0.4',
    text: () => {
      made += 1;
      return text;
    },
  };
  listener = await listen(
    createMetricsListener(shown, () => now),
    { host: '127.0.0.1', port: 0 },
    undefined,
    { mostConnections: 40 },
  );
});
after(() => listener.close(0));
const ask = (method: string, path: string, body?: string): Promise<{ status: number; headers: unknown; text: string }> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: listener.address.port, method, path, agent: false }, (response) => {
      let got = '';
      response.on('data', (chunk: Buffer) => (got += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: got });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });

describe('the listener of the metrics', () => {
  const rows = [
    ['GET', '/metrics', 200],
    ['GET', '/metrics?name[]=x', 200],
    ['HEAD', '/metrics', 200],
    ['POST', '/metrics', 405],
    ['PUT', '/metrics', 405],
    ['DELETE', '/metrics', 405],
    ['OPTIONS', '/metrics', 405],
    ['GET', '/', 404],
    ['GET', '/metrics/', 404],
    ['GET', '//metrics', 404],
    ['GET', '/METRICS', 404],
    ['GET', '/saml/metadata', 404],
    ['POST', '/', 404],
  ] as const;
  for (const [method, path, status] of rows) {
    it(`answers ${method} ${path} with ${String(status)}`, async () => {
      const answer = await ask(method, path, method === 'POST' ? 'x'.repeat(1_000) : undefined);
      assert.equal(answer.status, status);
      assert.equal(answer.text, status === 200 && method === 'GET' ? text : '');
    });
  }

  it('makes the text once for all who ask at a time', async () => {
    now += 10_000;
    const before = made;
    await Promise.all(Array.from({ length: 10 }, () => ask('GET', '/metrics')));
    assert.equal(made, before + 1);
    now += 500;
    await ask('GET', '/metrics');
    assert.equal(made, before + 2);
  });

  it('serves others while some never read, turns away too many of these, and has room again once they are gone', async () => {
    const small = text;
    text = large;
    now += 10_000;
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < 20; index += 1) {
        const socket = connect(listener.address.port, '127.0.0.1');
        sockets.push(socket);
        await once(socket, 'connect');
        socket.pause();
        socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
        if (index === 10) assert.equal((await ask('GET', '/metrics')).text.length, large.length);
      }
      await eventually('all of them are under way', async () => (await ask('GET', '/metrics')).status === 503);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    text = small;
    now += 10_000;
    await eventually('room again', async () => (await ask('GET', '/metrics')).text === small);
  });

  it('takes no more connections than it is told to, and none of the house’s', async () => {
    const sockets: Socket[] = [];
    try {
      let cut = 0;
      for (let index = 0; index < 60; index += 1) {
        const socket = connect(listener.address.port, '127.0.0.1');
        sockets.push(socket);
        socket.on('error', () => undefined).on('close', () => (cut += 1));
        await once(socket, 'connect');
      }
      await eventually('those beyond are cut', () => cut >= 20);
      assert.ok(cut <= 25, String(cut));
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await eventually(
      'room again',
      () =>
        new Promise<boolean>((resolve) => {
          get({ host: '127.0.0.1', port: listener.address.port, path: '/metrics', agent: false }, (response) => {
            response.resume();
            resolve(response.statusCode === 200);
          }).on('error', () => {
            resolve(false);
          });
        }),
    );
  });
});
