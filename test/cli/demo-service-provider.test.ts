/** The command that runs the demo service provider alone. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { UsageMistake, type Io } from '../../src/cli/command.ts';
import { command } from '../../src/cli/demo-service-provider.ts';
import { buildMetadata } from '../../src/saml/metadata.ts';
import { bindings } from '../../src/saml/names.ts';
import { signer } from '../fixtures/signing-key.ts';

function world(): { io: Io; printed: string[]; said: Promise<string>; stop: () => void } {
  const printed: string[] = [];
  const end = new AbortController();
  const { promise: said, resolve } = Promise.withResolvers<string>();
  const io: Io = {
    stdout(text) {
      printed.push(text);
      resolve(text);
    },
    stderr: (text) => printed.push(text),
    drained: () => Promise.resolve(),
    log: { fd: 1 },
    errorLog: { fd: 2 },
    environment: {},
    setVariable: () => undefined,
    workingDirectory: '/',
    isInteractive: false,
    ask: () => Promise.reject(new Error('nobody is there')),
    clock: { now: () => Date.now(), until: () => Promise.resolve() },
    random: randomBytes,
    runtime: { node: '24.0.0', processorTime: () => 0, residentMemory: () => 0 },
    repeat: () => () => undefined,
    doing: () => undefined,
    pid: 1,
    onHangup: () => () => undefined,
    signal: end.signal,
  };
  return {
    io,
    printed,
    said,
    stop() {
      end.abort();
    },
  };
}

describe('passerelle demo-service-provider', () => {
  it('says where it is, asks the identity provider of the metadata, and ends when asked to', async () => {
    const metadata = await buildMetadata(
      {
        entityID: 'https://idp.example.com/',
        singleSignOnServices: [{ binding: bindings.httpRedirect, location: 'https://idp.example.com/saml/sso' }],
        singleLogoutServices: [],
        artifactResolutionServices: [],
        nameIDFormats: [],
        certificates: [signer.certificate],
      },
      '_m',
      Date.now() + 1e9,
      signer,
    );
    const idp = createServer((request, response) => {
      if (request.url === '/saml/metadata') response.end(metadata);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => {
      idp.listen(0, '127.0.0.1', resolve);
    });
    const origin = `http://127.0.0.1:${String((idp.address() as AddressInfo).port)}`;
    try {
      for (const [path, status] of [
        ['/saml/metadata', 302],
        ['/gone', 502],
      ] as const) {
        const { io, said, stop } = world();
        const code = command.run(['--listen', '127.0.0.1:0', '--idp-metadata', origin + path, '--person', 'a@example.com'], io);
        const url = /^Open (http:\/\/127\.0\.0\.1:\d+\/)\n$/.exec(await said)?.[1];
        assert.ok(url !== undefined);
        const response = await fetch(`${url}signin/profile`, { redirect: 'manual' });
        assert.equal(response.status, status);
        if (status === 302)
          assert.match(response.headers.get('location') ?? '', /^https:\/\/idp\.example\.com\/saml\/sso\?SAMLRequest=/);
        stop();
        assert.equal(await code, 0);
        await assert.rejects(fetch(url));
      }
    } finally {
      idp.close();
    }
  });

  const wrong: readonly (readonly string[])[] = [
    [],
    ['--idp-metadata', 'nonsense'],
    ['--idp-metadata', 'file:///etc/passwd'],
    ['--idp-metadata', 'http://x.example/', '--listen', '8081'],
    ['--idp-metadata', 'http://x.example/', '--listen', '127.0.0.1:99999'],
    ['--idp-metadata', 'http://x.example/', '--public-url', 'x'],
    ['--idp-metadata', 'http://x.example/', '--unknown'],
  ];
  for (const args of wrong) {
    it(`refuses ${args.join(' ') || 'no options'}`, async () => {
      await assert.rejects(command.run(args, world().io), UsageMistake);
    });
  }
});
