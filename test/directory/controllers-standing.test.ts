/** Every directory server is told of with its domain, without anybody being asked. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { completeDirectory } from '../../src/config/directory-configuration.ts';
import { schema } from '../../src/config/schema.ts';
import { openDirectory } from '../../src/directory/open-directory.ts';

it('a directory tells of the servers of each domain, and of its global catalogs', async () => {
  const domain = (name: string) => ({
    baseDn: name
      .split('.')
      .map((part) => `DC=${part}`)
      .join(','),
    controllers: [1, 2].map((number) => ({ url: `ldaps://dc${String(number)}.${name}` })),
  });
  const { directory: section } = schema.parse({
    publicUrl: 'https://sso.example.com',
    directory: {
      forests: [
        {
          name: 'corp.example.com',
          bindDn: 'CN=svc',
          password: 'x',
          globalCatalogs: ['ldaps://gc.corp.example.com:3269'],
          domains: [domain('corp.example.com'), domain('eu.corp.example.com')],
        },
      ],
    },
    mapping: { domains: { primary: 'example.com' } },
    serviceProviders: [],
  });
  const directory = openDirectory(completeDirectory(section), {
    read: () => assert.fail(),
    released: [],
    clock: { now: Date.now, until: () => Promise.reject(new Error('nothing here waits')) },
    random: randomBytes,
    note: () => undefined,
  });
  const standings = directory.controllers();
  await directory.close();
  assert.deepEqual(
    standings.map(({ domain: of, server }) => `${of} ${server}`),
    [
      'corp.example.com dc1.corp.example.com:636',
      'corp.example.com dc2.corp.example.com:636',
      'eu.corp.example.com dc1.eu.corp.example.com:636',
      'eu.corp.example.com dc2.eu.corp.example.com:636',
      'global catalog gc.corp.example.com:3269',
    ],
  );
  assert.ok(standings.every(({ up, latency }) => up && latency === 0));
});
