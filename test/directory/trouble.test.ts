/** Directory servers in every kind of trouble: none of it is ever a wrong password, a hang or the end of the process. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Server, type Socket, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type SecureContextOptions, createServer as createTlsServer } from 'node:tls';
import type * as x509 from '@peculiar/x509';
import { type DemoDirectory, createDemoDirectory } from '../../src/directory/demo-directory.ts';
import type { Directory } from '../../src/directory/directory.ts';
import { Refusal } from '../../src/refusal.ts';
import { refusedFor } from '../contract/directory.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';
import { modify } from '../testbed/directory-server.ts';
import { type PrivateServer, privateOpenldap } from '../testbed/openldap.ts';
import { type OneDomain, clock, openOneDomain, optionsFor, optionsForDemo } from './options.ts';
import { type Authority, day, makeAuthority } from './make-certificate.ts';
import { createProxy } from './proxy.ts';

const password = 'Passw0rd!';
const hasty = { connectTimeout: 300, operationTimeout: 300 };

/** Runs `work` with a directory of these options and closes it. */
async function withDirectory(options: OneDomain, work: (directory: Directory) => Promise<void>): Promise<void> {
  const directory = openOneDomain(options);
  try {
    await work(directory);
  } finally {
    await directory.close();
  }
}

/** A server that does with each connection what it is told. */
async function withServer(
  serve: (socket: Socket) => void,
  work: (port: number) => Promise<void>,
  tls?: SecureContextOptions,
): Promise<void> {
  const sockets = new Set<Socket>();
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  };
  const server: Server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  try {
    await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    for (const socket of sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => server.close(resolve));
  }
}

async function soon<T>(work: () => Promise<T>, milliseconds = 2_500): Promise<T> {
  const start = performance.now();
  const result = await work();
  assert.ok(performance.now() - start < milliseconds, `took ${String(performance.now() - start)} ms`);
  return result;
}

const unavailable = (promise: Promise<unknown>): Promise<void> => assert.rejects(promise, refusedFor('directory-unavailable'));

describe('a server that is none', () => {
  const rows: readonly (readonly [what: string, serve: (socket: Socket) => void])[] = [
    ['accepts and never answers', () => undefined],
    ['closes at once', (socket) => socket.end()],
    ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['resets at once', (socket) => socket.resetAndDestroy()],
    ['speaks HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['announces a message of 4 GB', (socket) => socket.write(Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]))],
    ['answers another question', (socket) => socket.write(Buffer.from('300c02017061070a010004000400', 'hex'))],
    ['answers with a length that overruns', (socket) => socket.write(Buffer.from('300c02010161840a010004000400', 'hex'))],
  ];
  const startTlsRows: typeof rows = [
    [
      'answers StartTLS and a bind together',
      (socket) => socket.write(Buffer.from('300c02010178070a010004000400300c02010161070a010004000400', 'hex')),
    ],
    ['answers StartTLS and half a message more', (socket) => socket.write(Buffer.from('300c02010178070a01000400040030', 'hex'))],
    ['agrees to StartTLS and does no handshake', (socket) => socket.write(Buffer.from('300c02010178070a010004000400', 'hex'))],
    ['refuses StartTLS', (socket) => socket.write(Buffer.from('300c02010178070a010204000400', 'hex'))],
  ];

  for (const [scheme, startTls] of [
    ['ldap', false],
    ['ldap', true],
    ['ldaps', false],
  ] as const) {
    it(`${scheme}${startTls ? ' with StartTLS' : ''}: is not available`, async () => {
      for (const [what, serve] of startTls ? [...rows, ...startTlsRows] : rows) {
        await withServer(serve, async (port) => {
          const options = {
            ...optionsForDemo(`${scheme}://127.0.0.1:${String(port)}`),
            connectTimeout: 100,
            operationTimeout: 100,
            startTls,
          };
          await withDirectory(options, async (directory) => {
            await assert.doesNotReject(async () => {
              await soon(() => unavailable(directory.find('alice')));
              await soon(() => unavailable(directory.authenticate(undefined, password)));
              await soon(() => unavailable(directory.check()));
            }, what);
          });
        });
      }
    });
  }

  it('is not available where nobody listens, or the name is unknown', async () => {
    for (const url of ['ldaps://127.0.0.1:1', 'ldap://127.0.0.1:1', 'ldaps://no-such-host.invalid']) {
      await withDirectory({ ...optionsForDemo(url), ...hasty }, async (directory) => {
        await soon(() => unavailable(directory.find('alice')));
      });
    }
  });
});

describe('a server whose certificate is not right', () => {
  let authority: Authority;
  before(async () => {
    authority = await makeAuthority('authority');
  });

  const answerAll = (socket: Socket): void => {
    let id = 0;
    socket.on('data', () => {
      id += 1;
      socket.write(Buffer.from([0x30, 0x0c, 0x02, 0x01, id, id === 1 ? 0x61 : 0x65, 0x07, 0x0a, 0x01, 0, 0x04, 0, 0x04, 0]));
    });
  };

  async function outcome(names: x509.JsonGeneralNames, from: number, to: number, changes: Partial<OneDomain>): Promise<unknown> {
    let result: unknown;
    await withServer(
      answerAll,
      async (port) => {
        const url = `ldaps://127.0.0.1:${String(port)}`;
        await withDirectory({ ...optionsForDemo(url), ca: authority.pem, ...changes }, async (directory) => {
          result = await directory.check().then(
            () => 'fine',
            (error: unknown) => (error instanceof Refusal ? `${error.reason} ${String(error.detail.cause)}` : error),
          );
        });
      },
      await authority.certify({ names, from, to }),
    );
    return result;
  }

  const here: x509.JsonGeneralNames = [{ type: 'ip', value: '127.0.0.1' }];

  it('is not trusted: expired, of tomorrow, another name, another authority', async () => {
    assert.equal(await outcome(here, -day, day, {}), 'fine');
    const dayOf = (time: number): string => new Date(Date.now() + time).toISOString().slice(0, 10);
    assert.equal(await outcome(here, -2 * day, -day, {}), `directory-untrusted certificate has expired (${dayOf(-day)})`);
    assert.equal(await outcome(here, day, 2 * day, {}), `directory-untrusted certificate is not yet valid (${dayOf(day)})`);
    const elsewhere = [{ type: 'dns', value: 'localhost' } as const, { type: 'ip', value: '127.0.0.2' } as const];
    assert.equal(
      await outcome(elsewhere, -day, day, {}),
      'directory-untrusted certificate is made out to DNS:localhost, IP Address:127.0.0.2, not to 127.0.0.1',
    );
    assert.equal(
      await outcome(here, -day, day, { ca: undefined }),
      'directory-untrusted certificate is of an authority that is not trusted (authority)',
    );
  });
});

describe('the demo directory behind a line in trouble', () => {
  let demo: DemoDirectory;
  before(async () => {
    demo = await createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock });
  });
  after(() => demo.close());
  const through = (port: number): string => `ldap://127.0.0.1:${String(port)}`;

  it('never sends an unusable password, not even a connection', async () => {
    const proxy = await createProxy('127.0.0.1', demo.port);
    await withDirectory(optionsForDemo(through(proxy.port)), async (directory) => {
      const bob = await directory.find('bob');
      // Which names stand before a backslash is read once.
      await assert.rejects(directory.find('EVIL\\bob'), refusedFor('person-unknown'));
      const { bytes, connections } = proxy;
      for (const unusable of ['', '\0', 'x\0', 'x'.repeat(1_025)]) {
        await assert.rejects(directory.authenticate(bob, unusable), refusedFor('password-unusable'));
        await assert.rejects(directory.authenticate(undefined, unusable), refusedFor('password-unusable'));
      }
      for (const impossible of ['', 'bob\0', 'x'.repeat(257), 'EVIL\\bob']) {
        await assert.rejects(directory.find(impossible), refusedFor('person-unknown'));
      }
      assert.deepEqual([proxy.bytes, proxy.connections], [bytes, connections]);
      // Nobody's password costs one bind, as a wrong one does, on another connection than the service account's.
      await assert.rejects(directory.authenticate(undefined, 'wrong'), refusedFor('password-wrong'));
      assert.equal(proxy.connections, connections + 1);
    });
    await proxy.close();
  });

  it('loses no operation because a sibling timed out', async () => {
    const proxy = await createProxy('127.0.0.1', demo.port);
    await withDirectory({ ...optionsForDemo(through(proxy.port)), ...hasty, connections: 3 }, async (directory) => {
      const alice = await directory.find('alice');
      proxy.hold();
      const stuck = directory.read(alice);
      const others = Promise.all([directory.find('bob'), directory.read(alice), directory.authenticate(alice, password)]);
      const [first] = await Promise.allSettled([stuck, others]);
      assert.equal(first.status, 'rejected');
      refusedFor('directory-unavailable')(first.reason);
      assert.equal((await others)[0].sAMAccountName, 'bob');
      assert.equal((await directory.find('alice')).sAMAccountName, 'alice');
    });
    await proxy.close();
  });

  it('tries once more where a kept connection had been cut', async () => {
    const proxy = await createProxy('127.0.0.1', demo.port);
    await withDirectory({ ...optionsForDemo(through(proxy.port)), connections: 1 }, async (directory) => {
      for (let turn = 0; turn < 5; turn += 1) {
        const bob = await directory.find('bob');
        await directory.authenticate(bob, password);
        proxy.cut();
      }
    });
    await proxy.close();
  });

  it('shares one connection among many, and bounds the wait for it', async () => {
    const proxy = await createProxy('127.0.0.1', demo.port);
    await withDirectory({ ...optionsForDemo(through(proxy.port)), ...hasty, connections: 1 }, async (directory) => {
      await Promise.all(Array.from({ length: 50 }, () => directory.find('bob')));
      assert.equal(proxy.connections, 1);
      proxy.hold();
      await soon(async () => {
        const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => directory.find('bob')));
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') {
            refusedFor('directory-unavailable')(outcome.reason);
          }
        }
        assert.equal(outcomes.filter(({ status }) => status === 'rejected').length >= 1, true);
      });
      assert.equal((await directory.find('bob')).sAMAccountName, 'bob');
    });
    await proxy.close();
  });

  it('opens no more connections than it may', async () => {
    const proxy = await createProxy('127.0.0.1', demo.port);
    await withDirectory({ ...optionsForDemo(through(proxy.port)), connections: 3 }, async (directory) => {
      await Promise.all(Array.from({ length: 60 }, () => directory.find('bob')));
      assert.ok(proxy.connections <= 3, String(proxy.connections));
    });
    await proxy.close();
  });

  it('goes to the next server, and stays there', async () => {
    const dead = await createProxy('127.0.0.1', 1);
    const other = await createProxy('127.0.0.1', demo.port);
    const urls = [through(dead.port), 'ldap://127.0.0.1:1', through(other.port)];
    await withDirectory({ ...optionsForDemo(''), urls }, async (directory) => {
      assert.equal((await directory.find('bob')).sAMAccountName, 'bob');
      assert.equal(directory.server, `127.0.0.1:${String(other.port)}`);
      await directory.authenticate(await directory.find('bob'), password);
      assert.equal(dead.connections, 1);
    });
    await withServer(
      () => undefined,
      async (silent) => {
        await withDirectory(
          { ...optionsForDemo(''), ...hasty, urls: [through(silent), through(other.port)] },
          async (directory) => {
            await soon(() => directory.find('bob'));
          },
        );
      },
    );
    await dead.close();
    await other.close();
  });

  it('refuses a service account that it does not take, and a base that is not there', async () => {
    const url = through(demo.port);
    await withDirectory({ ...optionsForDemo(url), password: 'wrong' }, async (directory) => {
      await assert.rejects(directory.check(), refusedFor('directory-refused'));
      await assert.rejects(directory.find('bob'), (error: unknown) => {
        refusedFor('directory-refused')(error);
        assert.ok(error instanceof Refusal);
        assert.equal(error.detail.data, '52e');
        assert.equal(JSON.stringify(error.detail).includes('"wrong"'), false);
        return true;
      });
    });
    await withDirectory({ ...optionsForDemo(url), baseDn: 'DC=nowhere,DC=example' }, async (directory) => {
      await assert.rejects(directory.check(), refusedFor('directory-refused'));
      await assert.rejects(directory.find('bob'), refusedFor('directory-refused'));
      await assert.rejects(directory.holders('mail', ['bob@example.com']), refusedFor('directory-refused'));
    });
  });

  it('answers nothing more once closed', async () => {
    const directory = openOneDomain(optionsForDemo(through(demo.port)));
    await directory.find('bob');
    await directory.close();
    await unavailable(directory.find('bob'));
  });
});

describe('an OpenLDAP of our own', () => {
  let server: PrivateServer;
  before(async () => {
    server = await privateOpenldap();
  });
  after(() => server.destroy());

  it('is stopped and started again', async () => {
    await withDirectory(optionsFor(server), async (directory) => {
      const bob = await directory.find('bob');
      await directory.authenticate(bob, password);
      await server.stop();
      await unavailable(directory.find('bob'));
      await unavailable(directory.authenticate(bob, password));
      await unavailable(directory.authenticate(undefined, password));
      await unavailable(directory.check());
      await server.start();
      assert.equal((await directory.find('bob')).objectGUID, bob.objectGUID);
      await directory.authenticate(bob, password);
      // And with connections that were idle meanwhile.
      await server.stop();
      await server.start();
      await Promise.all(Array.from({ length: 10 }, () => directory.find('bob')));
      await directory.authenticate(bob, password);
    });
  });

  it('freezes, and thaws', async () => {
    await withDirectory({ ...optionsFor(server), ...hasty }, async (directory) => {
      const bob = await directory.find('bob');
      await directory.authenticate(bob, password);
      server.freeze();
      try {
        await soon(() => unavailable(directory.find('bob')));
        await soon(() => unavailable(directory.find('bob')));
        await soon(() => unavailable(directory.authenticate(bob, password)));
        await soon(() => unavailable(directory.authenticate(undefined, password)));
      } finally {
        server.thaw();
      }
    });
    await withDirectory(optionsFor(server), async (directory) => {
      await directory.authenticate(await directory.find('bob'), password);
    });
  });

  it('lets nobody in without TLS, and that is no wrong password', async () => {
    await withDirectory({ ...optionsFor(server), urls: [server.startTlsUrl], startTls: false }, async (directory) => {
      await assert.rejects(directory.find('bob'), refusedFor('directory-refused'));
      await assert.rejects(directory.authenticate(undefined, password), refusedFor('directory-refused'));
    });
  });

  it('is not believed under another name, or without its authority', async () => {
    const { hostname } = new URL(server.url.replace('ldaps', 'https'));
    const proxy = await createProxy(hostname, 636);
    for (const changes of [{ urls: [`ldaps://127.0.0.1:${String(proxy.port)}`] }, { ca: undefined }]) {
      await withDirectory({ ...optionsFor(server), ...changes }, async (directory) => {
        await assert.rejects(directory.find('bob'), refusedFor('directory-untrusted'));
        await assert.rejects(directory.authenticate(undefined, password), refusedFor('directory-untrusted'));
      });
    }
    await proxy.close();
    assert.match(readFileSync(server.caFile, 'utf8'), /BEGIN CERTIFICATE/);
  });

  it('is read page by page where it gives 1,000 entries at most', async () => {
    await server.bulk(1_100);
    const people = Array.from(
      { length: 1_100 },
      (_, n) => `cn=Bulk User ${String(n).padStart(5, '0')},ou=Users,ou=Bulk,${server.baseDn}`,
    );
    await modify(
      server,
      people.map((dn) => `dn: ${dn}\nchangetype: modify\nreplace: mail\nmail: crowd@example.com\n`).join('\n'),
    );
    await withDirectory(optionsFor(server), async (directory) => {
      const holders = await directory.holders('mail', ['Crowd@example.com']);
      assert.equal(new Set(holders.map(({ objectGUID }) => objectGUID)).size, 1_100);
      await assert.rejects(directory.find('crowd@example.com'), refusedFor('person-ambiguous'));
    });
    // However many bear a person's principal name as their mail, the person is found.
    await modify(
      server,
      people
        .slice(0, 30)
        .map((dn) => `dn: ${dn}\nchangetype: modify\nreplace: mail\nmail: alice.liddell@example.com\n`)
        .join('\n'),
    );
    await withDirectory(optionsFor(server), async (directory) => {
      assert.equal((await directory.find('alice.liddell@example.com')).sAMAccountName, 'alice');
    });
  });

  it('knows people by entryUUID where they have no objectGUID', async () => {
    await modify(server, `dn: cn=bob,ou=Engineering,ou=Staff,${server.baseDn}\nchangetype: modify\ndelete: objectGUID\n`);
    await withDirectory(optionsFor(server), async (directory) => {
      const bob = await directory.find('bob');
      assert.match(bob.objectGUID, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.equal((await directory.read(bob)).sAMAccountName, 'bob');
      assert.equal((await directory.read(await directory.find('alice'))).sAMAccountName, 'alice');
    });
    await withDirectory(optionsFor(server), async (directory) => {
      const bob = await directory.find('bob');
      await withDirectory(optionsFor(server), async (fresh) => {
        assert.equal((await fresh.read(bob)).sAMAccountName, 'bob');
      });
    });
  });

  it('reads a person who is disabled, moved or deleted as such', async () => {
    const dn = `cn=sharer1,ou=Guests,${server.baseDn}`;
    await withDirectory(optionsFor(server), async (directory) => {
      const sharer = await directory.find('sharer1');
      await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n`);
      assert.equal((await directory.read(sharer)).barred, 'person-disabled');
      await modify(server, `dn: ${dn}\nchangetype: delete\n`);
      await assert.rejects(directory.read(sharer), refusedFor('person-gone'));
      await assert.rejects(directory.find('sharer1'), refusedFor('person-unknown'));
      assert.equal((await directory.find('shared@example.com')).sAMAccountName, 'sharer2');
    });
    const staff = { ...optionsFor(server), baseDn: `ou=Staff,${server.baseDn}` };
    await withDirectory(staff, async (directory) => {
      assert.equal((await directory.find('carol')).sAMAccountName, 'carol');
      await assert.rejects(directory.find('sharer2'), refusedFor('person-unknown'));
    });
  });
});
