/** Several controllers of which some fail, each in its own way: nobody who asks notices while one of them is well. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { type Controllers, type ControllersOptions, type Operation, createControllers } from '../../src/directory/controllers.ts';
import { accept } from '../../src/directory/ldap-refusal.ts';
import { Unanswered } from '../../src/directory/unanswered.ts';
import { PresenceFilter } from 'ldapts';
import { refusedFor } from '../contract/directory.ts';
import { day, makeAuthority } from './make-certificate.ts';
import { createProxy } from './proxy.ts';
import { type Request, type Script, type ScriptedServer, rootDseEntry, scriptedServer, well } from './scripted-server.ts';

const service = 'CN=service';
const person = 'CN=person';
const failoverAfter = 300;
/** Milliseconds on a busy machine; far less than one controller alone may take. */
const soon = 3_000;

interface Stage {
  readonly controllers: Controllers;
  readonly events: readonly AuditEvent[];
  /** Resolves when that has been told of that server for the nth time. */
  told(event: AuditEvent['event'], server: ScriptedServer, times?: number): Promise<AuditEvent>;
  /** Moves the clock, in milliseconds. */
  advance(by: number): void;
}

type Ranked = readonly [server: Pick<ScriptedServer, 'url'>, priority: number, site?: string];

async function withControllers(
  ranked: readonly Ranked[],
  work: (stage: Stage) => Promise<void>,
  changes: Partial<ControllersOptions> = {},
): Promise<void> {
  const events: AuditEvent[] = [];
  let listeners: (() => void)[] = [];
  let offset = 0;
  const now = (): number => Date.now() + offset;
  const controllers = createControllers({
    controllers: ranked.map(([{ url }, priority, site]) => ({ url, priority, site })),
    startTls: false,
    ca: undefined,
    bindDn: service,
    password: 'service',
    site: undefined,
    connectTimeout: 6_000,
    operationTimeout: 6_000,
    failoverAfter,
    connections: 4,
    record(event) {
      events.push(event);
      for (const listener of listeners.splice(0)) listener();
    },
    clock: { now, until: () => Promise.reject(new Error('nobody waits')) },
    random: randomBytes,
    ...changes,
  });
  const stage: Stage = {
    controllers,
    events,
    async told(event, { name }, times = 1) {
      for (;;) {
        const found = events.filter((one) => one.event === event && one.server === name)[times - 1];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => (listeners = [...listeners, resolve]));
      }
    },
    advance(by) {
      offset += by;
    },
  };
  try {
    await work(stage);
  } finally {
    controllers.close();
  }
}

const filter = new PresenceFilter({ attribute: 'objectClass' });

/** A search; answers which server gave it. */
const search: Operation<string> = async (connection) => {
  accept(connection.server, await connection.search({ base: 'DC=x', scope: 'base', filter, attributes: [], limit: 0 }));
  return connection.server;
};

/** A person's bind; answers which server took it. */
const bind: Operation<string> = async (connection) => {
  const { code } = await connection.bind(person, 'password');
  if (code !== 0) throw new Unanswered(connection.server, `bind: LDAP code ${String(code)}`, false);
  return connection.server;
};

const write: Operation<string> = async (connection) => {
  const { code } = await connection.modify(person, [{ operation: 'replace', attribute: 'x', values: [Buffer.from('y')] }]);
  if (code !== 0) throw new Unanswered(connection.server, `modify: LDAP code ${String(code)}`, false);
  return connection.server;
};

async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await work;
  const took = performance.now() - start;
  assert.ok(took < milliseconds, `took ${String(Math.round(took))} ms`);
  return result;
}

const stateOf = ({ controllers }: Stage, { name }: ScriptedServer) => controllers.state().find((one) => one.name === name);

/** Servers for one test. */
async function withServers(count: number, work: (...servers: ScriptedServer[]) => Promise<void>): Promise<void> {
  const servers = await Promise.all(Array.from({ length: count }, () => scriptedServer()));
  try {
    await work(...servers);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

const silent: Script = () => undefined;
const codeFor =
  (code: number): Script =>
  ({ answer }) => {
    answer(code);
  };
/** As `script` with people, and well with the service account. */
const withPeople =
  (script: Script): Script =>
  (request) => {
    (request.kind === 'bind' && request.name === person ? script : well)(request);
  };

describe('a controller that fails', { concurrency: true }, () => {
  const closing: Script = ({ kind, answer, socket }) => {
    answer();
    if (kind === 'bind') socket.end();
  };
  const rows: readonly (readonly [what: string, script: Script, greeting?: (socket: Socket) => void])[] = [
    ['never answers', silent],
    ['is busy', codeFor(51)],
    ['is unavailable', codeFor(52)],
    ['has exceeded its time', codeFor(3)],
    ['closes after each bind', closing],
    ['resets at each request', ({ socket }) => socket.resetAndDestroy()],
    ['closes at once', silent, (socket) => socket.end()],
    ['resets at once', silent, (socket) => socket.resetAndDestroy()],
    ['speaks another protocol', silent, (socket) => socket.write('220 ready\r\n')],
    ['announces a message of 4 GB', ({ socket }) => socket.write(Buffer.from('3084ffffffff', 'hex'))],
    ['answers another message', ({ socket }) => socket.write(Buffer.from('300c02017f61070a010004000400', 'hex'))],
    ['sends a length that overruns', ({ socket, id }) => socket.write(Buffer.from([0x30, 3, 2, 9, id]))],
    [
      'drips',
      ({ socket }) => {
        const drops = Buffer.from('300c02010161070a010004000400', 'hex');
        let place = 0;
        const timer = setInterval(() => {
          if (socket.destroyed || place === drops.length) clearInterval(timer);
          else socket.write(drops.subarray(place, (place += 1)));
        }, failoverAfter).unref();
      },
    ],
  ];
  const refusing: typeof rows = [
    ['refuses the service account', ({ kind, answer }) => (kind === 'bind' ? answer(49, 'data 52e') : answer())],
    ['wants more of the service account', ({ kind, answer }) => (kind === 'bind' ? answer(8) : answer())],
  ];

  for (const [what, script, greeting] of [...rows, ...refusing]) {
    it(`and ${what}: another answers in time, it is told once, and so is that it came back`, () =>
      withServers(2, async (bad, good) => {
        bad.behave(script);
        if (greeting !== undefined) bad.greet(greeting);
        const ranked: readonly Ranked[] = [
          [bad, 1],
          [good, 2],
        ];
        await withControllers(ranked, async (stage) => {
          const { controllers, events } = stage;
          const many = Array.from({ length: 6 }, (_, index) =>
            index % 2 === 0 ? controllers.asService(search) : controllers.asPerson(bind),
          );
          // That person's bind may have been taken by the bad one, which fails with the service account.
          for (const server of await within(soon, Promise.all(many))) {
            assert.ok(server === good.name || what.includes('service account') || what === 'closes after each bind');
          }
          const { detail } = await stage.told('controller.lost', bad);
          assert.equal(typeof detail?.cause, 'string');
          assert.equal(stateOf(stage, bad)?.open, true);
          const { length } = bad.binds.filter((name) => name === person);
          assert.equal(await within(soon, controllers.asService(search)), good.name);
          assert.equal(await within(soon, controllers.asPerson(bind)), good.name);
          assert.equal(bad.binds.filter((name) => name === person).length, length, 'it is not asked any more');
          if (!refusing.some(([one]) => one === what)) {
            bad.behave(well);
            bad.greet(() => undefined);
            await stage.told('controller.back', bad);
            assert.equal(await controllers.asService(search), bad.name);
            assert.equal(await controllers.asPerson(bind), bad.name);
          }
          assert.equal(events.filter(({ event }) => event === 'controller.lost').length, 1);
          assert.ok(bad.open <= 9 && good.open <= 8, 'connections leak');
        });
      }));
  }

  it('alone is refused in time, without being passed over', () =>
    withServers(1, async (only) => {
      only.behave(silent);
      const hasty = { connectTimeout: 300, operationTimeout: 300 };
      await withControllers(
        [[only, 1]],
        async (stage) => {
          const { controllers } = stage;
          await within(1_000, assert.rejects(controllers.asService(search), refusedFor('directory-unavailable')));
          await stage.told('controller.lost', only);
          only.behave(well);
          assert.equal(await controllers.asService(search), only.name);
          await stage.told('controller.back', only);
        },
        hasty,
      );
    }));

  it('is asked nevertheless where all others fail, too', () =>
    withServers(3, async (one, two, three) => {
      const servers = [one, two, three];
      for (const server of servers) server.behave(codeFor(52));
      const ranked = servers.map((server, index): Ranked => [server, index + 1]);
      await withControllers(ranked, async (stage) => {
        const { controllers } = stage;
        await assert.rejects(controllers.asService(search), refusedFor('directory-unavailable'));
        await Promise.all(servers.map((server) => stage.told('controller.lost', server)));
        two.behave(well);
        assert.equal(await controllers.asService(search), two.name);
        await stage.told('controller.back', two);
      });
    }));

  it('is refused as what it is where all fail', () =>
    withServers(2, async (one, two) => {
      one.behave(codeFor(52));
      two.behave(({ answer }) => {
        answer(49, 'data 52e');
      });
      const ranked: readonly Ranked[] = [
        [one, 1],
        [two, 1],
      ];
      await withControllers(ranked, async ({ controllers }) => {
        await assert.rejects(controllers.asService(search), (error: { detail?: Record<string, unknown> }) => {
          refusedFor('directory-refused')(error);
          assert.equal(error.detail?.server, two.name);
          assert.equal(error.detail.data, '52e');
          assert.match(String(error.detail.others), /LDAP code 52/);
          return true;
        });
      });
    }));

  it('time and again is left alone for longer, though it seems well in between', () =>
    withServers(2, async (bad, good) => {
      bad.behave(withPeople(codeFor(51)));
      const ranked: readonly Ranked[] = [
        [bad, 1],
        [good, 2],
      ];
      await withControllers(ranked, async (stage) => {
        while (!stage.events.some(({ event }) => event === 'controller.lost')) {
          assert.equal(await within(soon, stage.controllers.asPerson(bind)), good.name);
        }
        assert.ok(bad.binds.filter((name) => name === person).length < 50);
      });
    }));
});

describe('a connection that died unnoticed', () => {
  it('costs a moment, and the controller nothing', () =>
    withServers(2, async (first, second) => {
      const proxy = await createProxy('127.0.0.1', first.port);
      const through = { url: `ldap://127.0.0.1:${String(proxy.port)}` };
      try {
        for (const ranked of [
          [[through, 1]],
          [
            [through, 1],
            [second, 2],
          ],
        ] as readonly (readonly Ranked[])[]) {
          await withControllers(ranked, async (stage) => {
            const { controllers } = stage;
            await controllers.asService(search);
            await controllers.asPerson(bind);
            proxy.hold();
            stage.advance(60_000);
            assert.equal(await within(soon, controllers.asService(search)), `127.0.0.1:${String(proxy.port)}`);
            assert.equal(await within(soon, controllers.asPerson(bind)), `127.0.0.1:${String(proxy.port)}`);
            assert.deepEqual(stage.events, []);
            assert.deepEqual(
              controllers.state().map(({ open }) => open),
              ranked.map(() => false),
            );
          });
        }
      } finally {
        await proxy.close();
      }
    }));

  it('in the midst of work: another controller answers, and the first is found well', () =>
    withServers(2, async (first, second) => {
      const proxy = await createProxy('127.0.0.1', first.port);
      try {
        const ranked: readonly Ranked[] = [
          [{ url: `ldap://127.0.0.1:${String(proxy.port)}` }, 1],
          [second, 2],
        ];
        await withControllers(ranked, async ({ controllers, events }) => {
          await Promise.all(Array.from({ length: 4 }, () => controllers.asService(search)));
          proxy.hold();
          const found = await within(soon, Promise.all(Array.from({ length: 4 }, () => controllers.asService(search))));
          assert.ok(found.includes(second.name));
          while ((await controllers.asService(search)) === second.name) await new Promise(setImmediate);
          assert.deepEqual(events, []);
        });
      } finally {
        await proxy.close();
      }
    }));
});

describe('slow controllers', () => {
  const slowly =
    (milliseconds: number): Script =>
    ({ answer }) => {
      setTimeout(answer, milliseconds).unref();
    };

  it('are asked beside one another, and whoever answers first is believed', () =>
    withServers(2, async (one, two) => {
      const ranked: readonly Ranked[] = [
        [one, 1],
        [two, 2],
      ];
      await withControllers(ranked, async ({ controllers }) => {
        await controllers.asPerson(bind);
        one.behave(slowly(failoverAfter * 1.5));
        two.behave(slowly(failoverAfter * 3));
        assert.equal(await controllers.asPerson(bind), one.name);
      });
    }));

  it('do not starve those who ask the others', () =>
    withServers(2, async (one, two) => {
      one.behave(withPeople(silent));
      const ranked: readonly Ranked[] = [
        [one, 1],
        [two, 1],
      ];
      await withControllers(ranked, async ({ controllers }) => {
        const answers = await within(soon, Promise.all(Array.from({ length: 100 }, () => controllers.asPerson(bind))));
        assert.deepEqual(new Set(answers), new Set([two.name]));
      });
    }));

  it('share the work by how fast they are', () =>
    withServers(2, async (fast, slow) => {
      slow.behave(slowly(20));
      const ranked: readonly Ranked[] = [
        [slow, 1],
        [fast, 1],
      ];
      await withControllers(ranked, async ({ controllers }) => {
        for (let round = 0; round < 50; round += 1) await controllers.asService(search);
        const answers: string[] = [];
        for (let round = 0; round < 50; round += 1) answers.push(await controllers.asService(search));
        assert.ok(answers.filter((name) => name === fast.name).length >= 45);
      });
    }));

  it('share it evenly where they are alike', () =>
    withServers(2, async (one, two) => {
      for (const server of [one, two]) server.behave(slowly(2));
      const ranked: readonly Ranked[] = [
        [one, 1],
        [two, 1],
      ];
      await withControllers(ranked, async ({ controllers }) => {
        const answers: string[] = [];
        await Promise.all(
          Array.from({ length: 4 }, async () => {
            for (let round = 0; round < 25; round += 1) answers.push(await controllers.asService(search));
          }),
        );
        const ofOne = answers.filter((name) => name === one.name).length;
        assert.ok(ofOne > 25 && ofOne < 75, String(ofOne));
      });
    }));
});

describe('which is asked', () => {
  it('by priority, then in the own site, or whom the wish names', () =>
    withServers(4, async (far, near, near2, last) => {
      const ranked: readonly Ranked[] = [
        [last, 2, 'here'],
        [far, 1, 'there'],
        [near, 1, 'here'],
        [near2, 1, 'here'],
      ];
      const nearby = [near.name, near2.name];
      await withControllers(
        ranked,
        async ({ controllers }) => {
          assert.equal(controllers.count, 4);
          for (let round = 0; round < 10; round += 1) assert.ok(nearby.includes(await controllers.asService(search)));
          assert.equal(await controllers.asService(search, { first: far.name }), far.name);
          assert.equal(controllers.name, far.name);
          assert.equal(await controllers.asPerson(bind, { first: last.name, others: false }), last.name);
          assert.ok(nearby.includes(await controllers.asService(search, { first: '127.0.0.1:1' })));
          await assert.rejects(
            controllers.asService(search, { first: '127.0.0.1:1', others: false }),
            refusedFor('directory-unavailable'),
          );
          last.behave(codeFor(52));
          await assert.rejects(
            controllers.asService(search, { first: last.name, others: false }),
            refusedFor('directory-unavailable'),
          );
          assert.ok(nearby.includes(await controllers.asService(search, { first: last.name })));
          for (const server of [near, near2]) server.behave(codeFor(51));
          assert.equal(await controllers.asService(search), far.name);
        },
        { site: 'here' },
      );
    }));

  it('each at once: those that fail or are slow are left out', () =>
    withServers(4, async (one, two, slow, busy) => {
      slow.behave(silent);
      busy.behave(codeFor(51));
      const ranked = [one, two, slow, busy].map((server, index): Ranked => [server, index + 1]);
      await withControllers(ranked, async ({ controllers }) => {
        const answers = await within(soon, controllers.onEach(search));
        assert.deepEqual(new Set(answers), new Set([one.name, two.name]));
        await assert.rejects(
          controllers.onEach(() => Promise.reject(new TypeError('a fault'))),
          TypeError,
        );
        for (const server of [one, two]) server.behave(codeFor(52));
        assert.deepEqual(await controllers.onEach(search), []);
      });
    }));

  it('goes back to the better one gently, and lets go of the other', () =>
    withServers(2, async (first, second) => {
      first.behave(codeFor(52));
      const ranked: readonly Ranked[] = [
        [first, 1],
        [second, 2],
      ];
      await withControllers(ranked, async (stage) => {
        const { controllers } = stage;
        const crowd = () => Promise.all(Array.from({ length: 12 }, () => controllers.asPerson(bind)));
        await crowd();
        await stage.told('controller.lost', first);
        let most = 0;
        let running = 0;
        first.behave((request) => {
          running += request.name === person ? 1 : 0;
          most = Math.max(most, running);
          setImmediate(() => {
            running -= request.name === person ? 1 : 0;
            request.answer();
          });
        });
        await stage.told('controller.back', first);
        assert.equal(first.binds.filter((name) => name === person).length <= 12, true);
        const answers = await crowd();
        assert.equal(answers.filter((name) => name === first.name).length >= 1, true);
        assert.equal(most, 1, 'one at a time at first');
        while (second.open > 0) await crowd();
        assert.deepEqual(new Set(await crowd()), new Set([first.name]));
      });
    }));
});

describe('a controller that takes no writes', () => {
  const referring =
    (code: number, message = ''): Script =>
    (request) => {
      if (request.kind === 'modify') request.answer(code, message);
      else request.answer();
    };

  for (const [what, script] of [
    ['refers', referring(10)],
    ['is a consumer', referring(53, 'shadow context; no update referral')],
    ['is set to read only', referring(53, 'operation restricted')],
  ] as const) {
    it(`because it ${what}: another one does, and is asked first for writes from then on`, () =>
      withServers(2, async (reader, writer) => {
        reader.behave(script);
        const ranked: readonly Ranked[] = [
          [reader, 1],
          [writer, 2],
        ];
        await withControllers(ranked, async (stage) => {
          const { controllers } = stage;
          assert.equal(await controllers.asPerson(write, { writable: true }), writer.name);
          const { length } = reader.binds;
          const before = reader.connections;
          assert.equal(await controllers.asPerson(write, { writable: true }), writer.name);
          assert.deepEqual([reader.binds.length, reader.connections], [length, before]);
          assert.equal(await controllers.asPerson(bind), reader.name);
          assert.deepEqual(stage.events, []);
        });
      }));
  }

  it('is recognised by its rootDSE, and asked all the same where it is alone', () =>
    withServers(2, async (reader, writer) => {
      let writes = 0;
      const script = (request: Request): void => {
        if (request.kind === 'modify') writes += 1;
        if (request.kind === 'search') {
          request.socket.write(rootDseEntry(request.id, 'supportedCapabilities', '1.2.840.113556.1.4.1920'));
        }
        request.answer(request.kind === 'modify' ? 10 : 0);
      };
      reader.behave(script);
      const ranked: readonly Ranked[] = [
        [reader, 1],
        [writer, 2],
      ];
      await withControllers(ranked, async ({ controllers }) => {
        assert.equal(await controllers.asPerson(write, { writable: true }), writer.name);
        assert.equal(writes, 0);
        writer.behave(codeFor(52));
        await assert.rejects(controllers.asPerson(write, { writable: true }), refusedFor('directory-unavailable'));
        assert.equal(writes, 1);
      });
    }));

  it('and a refusal of another kind is the answer', () =>
    withServers(1, async (server) => {
      server.behave(referring(53, '0000052D: password policy'));
      await withControllers([[server, 1]], async ({ controllers }) => {
        const code = await controllers.asPerson(
          async (connection) => (await connection.modify(person, [{ operation: 'delete', attribute: 'x', values: [] }])).code,
          { writable: true },
        );
        assert.equal(code, 53);
      });
    }));
});

describe('certificates', () => {
  it('may change at any time, on either side, and one that is not right is told of in words', async () => {
    const [old, next] = await Promise.all([makeAuthority('old'), makeAuthority('next')]);
    const server = await scriptedServer(await old.certify());
    let trusted = () => old.pem;
    try {
      await withControllers(
        [[server, 1]],
        async (stage) => {
          const { controllers } = stage;
          const fresh = async (): Promise<string> => {
            stage.advance(600_000);
            return controllers.asPerson(bind);
          };
          const refused = (cause: RegExp) =>
            assert.rejects(fresh(), (error: { detail?: Record<string, unknown> }) => {
              refusedFor('directory-untrusted')(error);
              assert.match(String(error.detail?.cause), cause);
              return true;
            });
          assert.equal(await fresh(), server.name);
          server.present(await old.certify());
          assert.equal(await fresh(), server.name);
          // Both authorities first, then the certificate of the new one, then the new authority alone.
          trusted = () => old.pem + next.pem;
          assert.equal(await fresh(), server.name);
          server.present(await next.certify());
          assert.equal(await fresh(), server.name);
          trusted = () => next.pem;
          assert.equal(await fresh(), server.name);
          // A file that is being written, is away or empty: the last good one stands.
          for (const unusable of [
            () => next.pem.slice(0, -40),
            () => '',
            () => 'nothing of the kind',
            () => {
              throw new Error('ENOENT');
            },
          ]) {
            trusted = unusable;
            assert.equal(await fresh(), server.name);
          }
          trusted = () => old.pem;
          await refused(/^certificate is of an authority that is not trusted \(next\)$/);
          const { detail } = await stage.told('controller.lost', server);
          assert.match(String(detail?.cause), /authority that is not trusted/);
          server.present(await old.certify({ from: -3 * day, to: -day }));
          await refused(/^certificate has expired \(\d{4}-\d\d-\d\d\)$/);
          server.present(await old.certify());
          assert.equal(await fresh(), server.name);
          await stage.told('controller.back', server);
        },
        { ca: () => trusted(), failoverAfter: 2_000 },
      );
    } finally {
      await server.close();
    }
  });

  it('of one controller alone cost nobody anything; nor does TLS that is followed by silence', async () => {
    const authority = await makeAuthority('authority');
    const expired = await scriptedServer(await authority.certify({ from: -3 * day, to: -day }));
    const mute = await scriptedServer(await authority.certify());
    const right = await scriptedServer(await authority.certify());
    mute.behave(silent);
    try {
      const ranked = [expired, mute, right].map((server, index): Ranked => [server, index + 1]);
      await withControllers(
        ranked,
        async (stage) => {
          assert.equal(await within(soon, stage.controllers.asService(search)), right.name);
          const { detail } = await stage.told('controller.lost', expired);
          assert.match(String(detail?.cause), /^certificate has expired/);
          await stage.told('controller.lost', mute);
          assert.equal(expired.binds.length, 0);
        },
        { ca: () => authority.pem, failoverAfter: 600 },
      );
    } finally {
      await Promise.all([expired, mute, right].map((server) => server.close()));
    }
  });

  it('without any authority to verify by are refused', async () => {
    const authority = await makeAuthority('authority');
    const server = await scriptedServer(await authority.certify());
    try {
      for (const pem of ['', 'nothing of the kind', authority.pem.slice(0, -40)]) {
        await withControllers(
          [[server, 1]],
          async ({ controllers }) => {
            await assert.rejects(controllers.asService(search), refusedFor('directory-untrusted'));
          },
          { ca: () => pem },
        );
      }
      assert.equal(server.connections, 0);
    } finally {
      await server.close();
    }
  });
});

describe('closing', () => {
  it('ends everything at once: what runs, what waits, what is kept, what is being opened', () =>
    withServers(2, async (one, two) => {
      const ranked: readonly Ranked[] = [
        [one, 1],
        [two, 1],
      ];
      await withControllers(ranked, async ({ controllers }) => {
        await Promise.all(Array.from({ length: 8 }, () => controllers.asPerson(bind)));
        for (const server of [one, two]) server.behave(silent);
        const pending = Array.from({ length: 40 }, () => controllers.asService(search));
        const each = controllers.onEach(search);
        await new Promise(setImmediate);
        controllers.close();
        for (const { status } of await within(100, Promise.allSettled(pending))) assert.equal(status, 'rejected');
        assert.deepEqual(await each, []);
        await assert.rejects(controllers.asService(search), refusedFor('directory-unavailable'));
        while (one.open + two.open > 0) await new Promise(setImmediate);
      });
    }));

  it('is bounded: so many wait and no more', () =>
    withServers(1, async (server) => {
      server.behave(silent);
      await withControllers([[server, 1]], async ({ controllers }) => {
        const pending = Array.from({ length: 1_200 }, () => controllers.asPerson(bind));
        const first = await Promise.race(pending.map((one) => one.catch((error: unknown) => error)));
        refusedFor('directory-unavailable')(first);
        assert.ok(server.connections <= 4);
        controllers.close();
        await Promise.allSettled(pending);
      });
    }));
});
