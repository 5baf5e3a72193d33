/** What is counted and measured adds up, whoever counted it, stays within its bounds, and is told in Prometheus's own format. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { countedAudit } from '../../src/audit/counted-audit.ts';
import { expose } from '../../src/audit/exposition.ts';
import { createGauges } from '../../src/audit/gauges.ts';
import { counters, histograms, metricTable, mostSeries } from '../../src/audit/metric-table.ts';
import { createMetrics, noMetrics } from '../../src/audit/metrics.ts';
import { createTally, type Tallied } from '../../src/audit/tally.ts';

const open = () => {
  const tally = createTally({ zeros: true });
  const gauges = createGauges();
  const metrics = createMetrics({ tally, self: '0', measured: (all) => all.forEach((one) => gauges.set('0', one)) });
  return { tally, gauges, metrics, lines: () => expose(tally, gauges).split('\n') };
};
const throughJson = (tallied: Tallied | undefined): Tallied => JSON.parse(JSON.stringify(tallied)) as Tallied;

describe('the table', () => {
  it('names units by their base, counters by _total, and labels by words of their own', () => {
    for (const [name, row] of Object.entries(metricTable)) {
      assert.match(name, /^passerelle_[a-z_]+$/);
      assert.equal(name.endsWith('_total'), row.type === 'counter', name);
      assert.doesNotMatch(name, /millisecond|minute|hour|kilobyte|percent/);
      assert.ok(row.type !== 'histogram' || name.endsWith('_seconds'), name);
      for (const label of Object.keys(row.labels)) assert.match(label, /^(?!le$|quantile$)[a-z_]+$/);
      assert.match(row.help, /^[A-Z0-9].*\.$/);
    }
  });

  it('has as many values as labels for what is told from the start, and rising bounds', () => {
    for (const [name, { labels, zeros }] of Object.entries(counters)) {
      for (const values of zeros) assert.equal(values.length, Object.keys(labels).length, name);
    }
    for (const { buckets } of Object.values(histograms))
      assert.deepEqual(
        [...buckets].sort((a, b) => a - b),
        buckets,
      );
  });
});

describe('a tally', () => {
  it('comes to the same whether one process counts all of it, or several that send batches at any time', () => {
    const event = fc.oneof(
      fc.record({ what: fc.constant('count' as const), kind: fc.constantFrom('address', 'password'), by: fc.nat(3) }),
      fc.record({
        what: fc.constant('spread' as const),
        step: fc.constantFrom('sign', 'policy'),
        value: fc.integer({ min: 0, max: 20_000 }),
      }),
      fc.record({ what: fc.constant('send' as const) }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), event), { maxLength: 60 }), (story) => {
        const whole = createTally({ zeros: false });
        const sum = createTally({ zeros: false });
        const processes = [0, 1, 2].map(() => createTally({ zeros: false }));
        const send = (from: (typeof processes)[number] | undefined): void => {
          const drained = from?.drain();
          if (drained !== undefined) sum.merge(throughJson(drained));
        };
        for (const [at, happened] of story) {
          for (const tally of [whole, processes[at]]) {
            if (happened.what === 'count') tally?.add('passerelle_spray_detected_total', [happened.kind], happened.by);
            // Sums of eighths are exact.
            if (happened.what === 'spread')
              tally?.observe('passerelle_step_duration_seconds', [happened.step], happened.value / 1024);
          }
          if (happened.what === 'send') send(processes[at]);
        }
        processes.forEach(send);
        const read = (tally: typeof whole) => [
          [...tally.counts('passerelle_spray_detected_total')].sort((a, b) => (String(a.labels) < String(b.labels) ? -1 : 1)),
          [...tally.spreads('passerelle_step_duration_seconds')].sort((a, b) => (String(a.labels) < String(b.labels) ? -1 : 1)),
        ];
        assert.deepEqual(read(sum), read(whole));
      }),
      { numRuns: 60 },
    );
  });

  it('tells nothing where nothing came since the last time', () => {
    const tally = createTally({ zeros: true });
    assert.equal(tally.drain(), undefined);
    tally.add('passerelle_sessions_begun_total', []);
    assert.deepEqual(
      tally.drain()?.counts.filter(([, , by]) => by > 0),
      [['passerelle_sessions_begun_total', [], 1]],
    );
    assert.equal(tally.drain(), undefined);
  });

  it('puts a value that is just as large as a bound below it', () => {
    const tally = createTally({ zeros: false });
    tally.observe('passerelle_step_duration_seconds', ['sign'], 0.001);
    tally.observe('passerelle_step_duration_seconds', ['sign'], 11);
    const [spread] = tally.spreads('passerelle_step_duration_seconds');
    assert.deepEqual([spread?.buckets.at(0), spread?.buckets.at(-1), spread?.sum], [1, 1, 11.001]);
  });

  it('counts the service providers beyond the first 200 under one name, and loses none', () => {
    const { metrics, tally } = open();
    for (let index = 0; index < 1_000; index += 1) {
      metrics.signIn('issued', 'none', `https://sp${String(index)}.example.net/`);
      metrics.signIn('refused', 'person-gone', `https://sp${String(index)}.example.net/`);
    }
    metrics.signIn('refused', 'page-unknown', undefined);
    const counts = [...tally.counts('passerelle_sign_ins_total')];
    assert.equal(new Set(counts.map(({ labels }) => labels[2])).size, 202);
    assert.equal(
      counts.reduce((sum, { value }) => sum + value, 0),
      2_001,
    );
    const others = counts.filter(({ labels }) => labels[2] === 'other').map(({ labels, value }) => [...labels, value]);
    assert.deepEqual(others, [
      ['issued', 'none', 'other', 800],
      ['refused', 'person-gone', 'other', 800],
    ]);
  });

  it('holds no more series of a metric than its bound, whatever comes', () => {
    const { metrics, tally } = open();
    for (let index = 0; index < mostSeries + 500; index += 1) {
      metrics.exchange(`/made-up/${String(index)}`, 200, 1);
      metrics.signIn('refused', `reason-${String(index)}`, 'https://one.example.net/');
    }
    for (const [all, value] of [
      [
        [...tally.spreads('passerelle_exchange_duration_seconds')].map(({ buckets }) => buckets.reduce((a, b) => a + b)),
        'spreads',
      ],
      [[...tally.counts('passerelle_sign_ins_total')].map((count) => count.value), 'counts'],
    ] as const) {
      assert.ok(all.length <= mostSeries + 1, value);
      assert.equal(
        all.reduce((sum, one) => sum + one, 0),
        mostSeries + 500,
        value,
      );
    }
  });
});

describe('gauges of several processes', () => {
  const cases = [
    ['passerelle_ready', [1, 0, 1], [[[], 0]]],
    ['passerelle_sessions', [7, 9, 8], [[[], 9]]],
  ] as const;
  for (const [name, values, told] of cases) {
    it(`${name} is one of them`, () => {
      const gauges = createGauges();
      for (const [at, value] of values.entries()) gauges.set(String(at), [name, [[[], value]]]);
      assert.deepEqual(gauges.read(name), told);
    });
  }

  it('are told each where they are the process’s own, and go with it', () => {
    const gauges = createGauges();
    for (const from of ['0', '1']) {
      gauges.set(from, ['passerelle_event_loop_delay_seconds', [[['p99'], 0.5]]]);
      gauges.set(from, ['passerelle_ready', [[[], Number(from)]]]);
    }
    assert.deepEqual(gauges.read('passerelle_event_loop_delay_seconds'), [
      [['0', 'p99'], 0.5],
      [['1', 'p99'], 0.5],
    ]);
    gauges.forget('0');
    assert.deepEqual(gauges.read('passerelle_event_loop_delay_seconds'), [[['1', 'p99'], 0.5]]);
    assert.deepEqual(gauges.read('passerelle_ready'), [[[], 1]]);
  });

  it('are replaced as a whole: what is gone is told no more', () => {
    const gauges = createGauges();
    gauges.set('0', [
      'passerelle_controller_up',
      [
        [['corp.example.com', 'dc1:636'], 1],
        [['corp.example.com', 'dc2:636'], 0],
      ],
    ]);
    gauges.set('0', ['passerelle_controller_up', [[['corp.example.com', 'dc1:636'], 1]]]);
    assert.equal(gauges.read('passerelle_controller_up').length, 1);
  });
});

describe('the text', () => {
  it('has buckets that add up, a sum and a count', () => {
    const { metrics, lines } = open();
    for (const milliseconds of [0.5, 3, 3, 70_000]) metrics.step('sign', milliseconds);
    const told = lines().filter((line) => line.startsWith('passerelle_step_duration_seconds'));
    assert.equal(told[0], 'passerelle_step_duration_seconds_bucket{step="sign",le="0.001"} 1');
    assert.equal(told[2], 'passerelle_step_duration_seconds_bucket{step="sign",le="0.005"} 3');
    assert.deepEqual(told.slice(-3), [
      'passerelle_step_duration_seconds_bucket{step="sign",le="+Inf"} 4',
      'passerelle_step_duration_seconds_sum{step="sign"} 70.0065',
      'passerelle_step_duration_seconds_count{step="sign"} 4',
    ]);
  });

  it('keeps whatever stands in a label within its quotes', () => {
    const { metrics, lines } = open();
    metrics.signIn('refused', 'person-gone', 'a"} 1\nmade_up{x="\\');
    metrics.signIn('issued', 'none', `\ud800${'x'.repeat(2_000)}`);
    const told = lines().filter((line) => line.startsWith('passerelle_sign_ins_total{'));
    assert.ok(
      told.includes(
        'passerelle_sign_ins_total{result="refused",reason="person-gone",service_provider="a\\"} 1\\nmade_up{x=\\"\\\\"} 1',
      ),
    );
    assert.ok(
      told.includes(`passerelle_sign_ins_total{result="issued",reason="none",service_provider="\ufffd${'x'.repeat(255)}"} 1`),
    );
    assert.ok(!lines().some((line) => line.startsWith('made_up')));
    // What is cut within a character is one series, or Prometheus would refuse all of them.
    for (const last of ['\u{1f600}', '\u{10ffff}']) metrics.signIn('issued', 'none', `${'y'.repeat(255)}${last}`);
    assert.equal(
      lines()
        .filter((line) => line.includes('yyy'))
        .join(' ')
        .split(' ')
        .at(-1),
      '2',
    );
  });

  it('tells from the start what an alert sees rise', () => {
    const told = open().lines();
    for (const line of [
      'passerelle_attempts_total{result="exhausted",familiar="false"} 0',
      'passerelle_spray_detected_total{kind="password"} 0',
      'passerelle_audit_lost_total{outlet="file"} 0',
      'passerelle_audit_events_total{event="controller.lost"} 0',
      'passerelle_audit_events_total{event="fault"} 0',
      'passerelle_audit_events_total{event="signin.issued"} 0',
      'passerelle_sign_ins_total{result="fault",reason="none",service_provider="unknown"} 0',
      'passerelle_reloads_total{result="refused"} 0',
    ])
      assert.ok(told.includes(line), line);
  });
});

describe('an audit that is counted', () => {
  const event = (more: Partial<AuditEvent>): AuditEvent => ({ event: 'signin.issued', reference: 'R', ...more });
  const rows: readonly (readonly [AuditEvent, string])[] = [
    [
      event({ serviceProvider: 'https://a/' }),
      'passerelle_sign_ins_total{result="issued",reason="none",service_provider="https://a/"} 1',
    ],
    [
      event({ event: 'signin.refused', reason: 'password-wrong', serviceProvider: 'https://a/' }),
      'passerelle_sign_ins_total{result="refused",reason="password-wrong",service_provider="https://a/"} 1',
    ],
    [
      event({ event: 'signin.refused', reason: 'page-unknown' }),
      'passerelle_sign_ins_total{result="refused",reason="page-unknown",service_provider="unknown"} 1',
    ],
    [event({ event: 'fault' }), 'passerelle_sign_ins_total{result="fault",reason="none",service_provider="unknown"} 1'],
    [event({ event: 'logout.partial' }), 'passerelle_audit_events_total{event="logout.partial"} 1'],
    [event({ event: 'configuration.refused' }), 'passerelle_config_last_reload_successful 0'],
    [event({ event: 'configuration.reloaded' }), 'passerelle_config_last_reload_success_timestamp_seconds 1700000000'],
  ];
  for (const [recorded, line] of rows) {
    it(`tells ${line.replace(/ \S+$/, '')} after ${recorded.event}`, () => {
      const { metrics, lines } = open();
      const kept: AuditEvent[] = [];
      const audit = { record: (one: AuditEvent) => void kept.push(one), note: () => undefined, flush: () => Promise.resolve() };
      countedAudit(audit, metrics, () => 1_700_000_000_000).record(recorded);
      assert.deepEqual(kept, [recorded]);
      assert.ok(
        lines().includes(line),
        lines()
          .filter((one) => one.startsWith(line.slice(0, 20)))
          .join('\n'),
      );
    });
  }

  it('is the audit itself where nobody reads', () => {
    const audit = { record: () => undefined, note: () => undefined, flush: () => Promise.resolve() };
    assert.equal(
      countedAudit(audit, noMetrics, () => 0),
      audit,
    );
  });
});
