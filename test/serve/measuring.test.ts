/** What is measured now and then: of the process, of the house that requests come in to, and whether it is ready. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Measured } from '../../src/audit/gauges.ts';
import { noMetrics, type Metrics } from '../../src/audit/metrics.ts';
import type { OutletState } from '../../src/audit/outlets.ts';
import { measureHouse } from '../../src/serve/measure-house.ts';
import { measureRegularly } from '../../src/serve/measuring.ts';

type Parts = Parameters<typeof measureRegularly>[0];

/** What is told, by name, and what was called. */
function open(test: TestContext, more: Partial<Parts> = {}) {
  test.mock.timers.enable({ apis: ['setInterval'] });
  const told = new Map<string, Measured[1]>();
  const calls: unknown[][] = [];
  const metrics: Metrics = {
    ...noMetrics,
    measured(measured) {
      for (const [name, readings] of measured) told.set(name, readings);
    },
    auditLost: (...given) => calls.push(['lost', ...given]),
    processor: (milliseconds) => calls.push(['processor', milliseconds]),
  };
  const parts: Parts = {
    metrics,
    runtime: undefined,
    outlets: () => [],
    store: { count: () => Promise.resolve(3) },
    house: () => ({ readiness: [['store', () => Promise.resolve()]], measure: () => [] }),
    serves: () => true,
    leads: true,
    now: () => 5_000,
    ...more,
  };
  const measuring = measureRegularly(parts);
  test.after(() => {
    measuring.stop();
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    told,
    calls,
    value: (name: string) => told.get(name)?.[0]?.[1],
    pass: async (milliseconds: number): Promise<void> => {
      test.mock.timers.tick(milliseconds);
      await settled();
    },
    settled,
  };
}

describe('measuring', () => {
  const states: readonly (readonly [string, boolean, readonly string[], number, number])[] = [
    ['everything works', true, [], 1, 1],
    ['the directory is down', true, ['directory'], 0, 1],
    ['the store is down', true, ['store'], 0, 0],
    ['it is about to stop', false, [], 0, 1],
  ];
  for (const [what, serves, broken, ready, store] of states) {
    it(`says ${ready === 1 ? 'ready' : 'not ready'} where ${what}`, async (test) => {
      const check = (name: string) =>
        [name, () => (broken.includes(name) ? Promise.reject(new Error('down')) : Promise.resolve())] as const;
      const { value, settled } = open(test, {
        serves: () => serves,
        house: () => ({ readiness: ['directory', 'store', 'keys'].map(check), measure: () => [] }),
      });
      await settled();
      assert.deepEqual([value('passerelle_ready'), value('passerelle_store_up')], [ready, store]);
    });
  }

  it('tries readiness every 15 s, sooner where it is not ready, and never twice at once', async (test) => {
    let tries = 0;
    let isUp = true;
    let answer = Promise.withResolvers<undefined>();
    const { pass, value } = open(test, {
      house: () => ({
        readiness: [
          [
            'store',
            () => {
              tries += 1;
              return isUp ? Promise.resolve() : answer.promise;
            },
          ],
        ],
        measure: () => [],
      }),
    });
    await pass(0);
    await pass(10_000);
    assert.equal(tries, 1);
    isUp = false;
    await pass(5_000);
    await pass(30_000);
    assert.equal(tries, 2);
    answer.reject(new Error('down'));
    await pass(0);
    assert.equal(value('passerelle_ready'), 0);
    answer = Promise.withResolvers();
    await pass(5_000);
    assert.equal(tries, 3);
  });

  it('counts sessions once a minute where it leads, and tells no number that is no longer true', async (test) => {
    let isUp = true;
    let counted = 0;
    const count = (): Promise<number> => {
      counted += 1;
      return isUp ? Promise.resolve(7) : Promise.reject(new Error('down'));
    };
    const leads = open(test, { store: { count } });
    await leads.pass(55_000);
    assert.deepEqual([counted, leads.value('passerelle_sessions')], [1, 7]);
    isUp = false;
    await leads.pass(5_000);
    assert.deepEqual([counted, leads.told.get('passerelle_sessions')], [2, []]);
  });

  it('leaves to the one that leads what is the same for all', async (test) => {
    const { told, pass } = open(test, { leads: false });
    await pass(120_000);
    assert.deepEqual([...told.keys()].sort(), ['passerelle_audit_outlet_up', 'passerelle_ready', 'passerelle_store_up']);
  });

  it('tells of the house that requests come in to now', async (test) => {
    let server = 'old';
    const { told, pass } = open(test, {
      house: () => ({ readiness: [], measure: () => [['passerelle_controller_up', [[['corp', server], 1]]]] }),
    });
    server = 'new';
    await pass(5_000);
    assert.deepEqual(told.get('passerelle_controller_up'), [[['corp', 'new'], 1]]);
  });

  it('counts what was lost since the last look, and tells which outlets take nothing', async (test) => {
    let states: readonly OutletState[] = [{ outlet: 'file', up: true, lost: 2 }];
    const { calls, told, pass } = open(test, { outlets: () => states });
    states = [{ outlet: 'file', up: false, lost: 5 }];
    await pass(5_000);
    await pass(5_000);
    assert.deepEqual(calls, [
      ['lost', 'file', 2],
      ['lost', 'file', 3],
    ]);
    assert.deepEqual(told.get('passerelle_audit_outlet_up'), [[['file'], 0]]);
  });

  it('tells how late the process was for half a minute, and then no more', async (test) => {
    let [now, used] = [0, 0];
    test.mock.method(performance, 'now', () => now);
    const runtime = { node: '24.0.0', processorTime: () => (used += 40), residentMemory: () => 1e8 };
    const { told, value, calls, pass, settled } = open(test, { runtime });
    const max = (): number => told.get('passerelle_event_loop_delay_seconds')?.find(([[name]]) => name === 'max')?.[1] ?? NaN;
    // The loop is held up for real: nothing else shows whether that is seen.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const until = Date.now() + 600;
    while (Date.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (let turn = 0; turn < 5; turn += 1) {
      now += 5_000;
      await pass(5_000);
      assert.ok(max() > 0.4 && max() < 10, String(max()));
    }
    for (let turn = 0; turn < 4; turn += 1) {
      now += 5_000;
      await pass(5_000);
    }
    await settled();
    assert.ok(max() < 0.4, String(max()));
    assert.equal(value('passerelle_process_resident_memory_bytes'), 1e8);
    assert.ok((value('passerelle_process_heap_used_bytes') ?? 0) < (value('passerelle_process_heap_limit_bytes') ?? 0));
    assert.ok(calls.every(([, milliseconds]) => milliseconds === 40));
  });

  it('is nothing where nobody reads', (test) => {
    test.mock.timers.enable({ apis: ['setInterval'] });
    measureRegularly({
      metrics: noMetrics,
      runtime: undefined,
      outlets: () => assert.fail(),
      store: { count: () => assert.fail() },
      house: () => assert.fail(),
      serves: () => assert.fail(),
      leads: true,
      now: () => assert.fail(),
    }).look();
    test.mock.timers.tick(120_000);
  });
});

describe('what is measured of a house', () => {
  it('has seconds for milliseconds, and no secret of a URL', () => {
    const measured = measureHouse({
      expiries: [{ what: 'signing', name: '2026-a', notAfter: 4_000 }],
      directory: { controllers: () => [{ domain: 'corp', server: 'dc1:636', up: false, latency: 250 }] },
      registry: {
        ages: () => [
          {
            source: 'https://user:secret@fed.example.net/all?token=secret',
            takenAt: 2_000,
            validUntil: 9_000,
            serviceProviders: 3_000,
          },
          {
            source: 'https://a.example.net/?k=secret, https://b.example.net/q/',
            takenAt: undefined,
            validUntil: undefined,
            serviceProviders: 0,
          },
          { source: '/etc/passerelle/sp.xml', takenAt: 1_000, validUntil: undefined, serviceProviders: 1 },
        ],
      },
    });
    assert.deepEqual(Object.fromEntries(measured), {
      passerelle_controller_up: [[['corp', 'dc1:636'], 0]],
      passerelle_controller_latency_seconds: [[['corp', 'dc1:636'], 0.25]],
      passerelle_key_expiry_timestamp_seconds: [[['signing', '2026-a'], 4]],
      passerelle_metadata_last_success_timestamp_seconds: [
        [['https://fed.example.net/all'], 2],
        [['https://a.example.net/, https://b.example.net/q/'], 0],
        [['/etc/passerelle/sp.xml'], 1],
      ],
      passerelle_metadata_valid_until_timestamp_seconds: [[['https://fed.example.net/all'], 9]],
      passerelle_metadata_service_providers: [
        [['https://fed.example.net/all'], 3_000],
        [['https://a.example.net/, https://b.example.net/q/'], 0],
        [['/etc/passerelle/sp.xml'], 1],
      ],
    });
  });
});
