/** Asking for metadata over TLS: a way that leads from https to plain http is not taken, whoever signs. */
import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { fetchMetadata, type MetadataRequest } from '../../../src/service-providers/metadata/fetch.ts';

const request: MetadataRequest = {
  url: 'https://federation.example.org/metadata.xml',
  validators: undefined,
  limit: 1_000,
  timeout: 1_000,
  isSigned: true,
  signal: new AbortController().signal,
};
const take = (): Promise<void> => Promise.resolve();

/** Stands for the web: what each URL answers. */
function web(answers: Readonly<Record<string, Response>>): string[] {
  const asked: string[] = [];
  mock.method(globalThis, 'fetch', (url: URL) => {
    asked.push(url.href);
    return Promise.resolve(answers[url.href] ?? new Response(null, { status: 404 }));
  });
  return asked;
}
const leadsTo = (location: string): Response => new Response(null, { status: 302, headers: { Location: location } });

describe('a redirect', () => {
  afterEach(() => {
    mock.restoreAll();
  });

  const rows: readonly (readonly [what: string, location: string, isTaken: boolean])[] = [
    ['to https elsewhere', 'https://elsewhere.example.org/', true],
    ['to plain http', 'http://federation.example.org/metadata.xml', false],
    ['to plain http on this machine', 'http://127.0.0.1/', false],
    ['to a file', 'file:///etc/passwd', false],
    ['to data', 'data:text/xml,<a/>', false],
  ];
  for (const [what, location, isTaken] of rows) {
    it(`from https ${what} is ${isTaken ? '' : 'not '}taken`, async () => {
      const asked = web({ [request.url]: leadsTo(location), [location]: new Response('<a/>') });
      const answer = fetchMetadata(request, take);
      if (isTaken) assert.equal((await answer).kind, 'fresh');
      else await assert.rejects(answer, /leads/);
      assert.deepEqual(asked, isTaken ? [request.url, location] : [request.url]);
    });
  }

  it('from plain http is taken only where the document is signed', async () => {
    const plain = 'http://federation.example.org/';
    web({ [plain]: leadsTo('http://elsewhere.example.org/'), 'http://elsewhere.example.org/': new Response('<a/>') });
    assert.equal((await fetchMetadata({ ...request, url: plain }, take)).kind, 'fresh');
    await assert.rejects(fetchMetadata({ ...request, url: plain, isSigned: false }, take), /plain http, and no key is pinned/);
  });
});
