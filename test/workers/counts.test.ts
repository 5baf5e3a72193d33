/** Whatever a worker counts and measures comes, in small batches, to where it is added up. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openMetrics } from '../../src/http/open-metrics.ts';
import { createCounting, type Batch } from '../../src/workers/counts.ts';

it('counts of several workers are one sum, as they come through a channel that takes JSON; measures go with their worker', async (test) => {
  test.mock.timers.enable({ apis: ['setInterval'] });
  const { add, forget, listener } = await openMetrics({ host: '127.0.0.1', port: 0 }, 'supervisor');
  const text = async (): Promise<string> => {
    test.mock.timers.reset();
    return (await fetch(`http://127.0.0.1:${String(listener?.address.port)}/metrics`)).text();
  };
  try {
    const sent: number[] = [0, 0];
    const workers = [0, 1].map((number) =>
      createCounting(String(number), (batch) => {
        sent[number] = (sent[number] ?? 0) + 1;
        const { tallied, measured } = JSON.parse(JSON.stringify(batch)) as Batch;
        add(String(number), tallied, measured);
      }),
    );
    for (const { metrics } of workers) {
      for (let times = 0; times < 100; times += 1) metrics.attempt('accepted', true);
      metrics.step('sign', 2);
      metrics.processor(1_500);
      metrics.measured([['passerelle_process_heap_used_bytes', [[[], 10]]]]);
      metrics.measured([['passerelle_process_heap_used_bytes', [[[], 20]]]]);
      metrics.measured([['passerelle_ready', [[[], 1]]]]);
    }
    assert.deepEqual(sent, [0, 0]);
    test.mock.timers.tick(250);
    assert.deepEqual(sent, [1, 1]);
    test.mock.timers.tick(1_000);
    assert.deepEqual(sent, [1, 1]);
    workers[0]?.metrics.sprayDetected('password');
    workers[0]?.close();
    assert.deepEqual(sent, [2, 1]);
    forget('0');
    const told = await text();
    for (const line of [
      'passerelle_attempts_total{result="accepted",familiar="true"} 200',
      'passerelle_spray_detected_total{kind="password"} 1',
      'passerelle_step_duration_seconds_count{step="sign"} 2',
      'passerelle_process_cpu_seconds_total{worker="0"} 1.5',
      'passerelle_process_heap_used_bytes{worker="1"} 20',
      // One that is gone serves nobody.
      'passerelle_ready 0',
    ])
      assert.ok(told.includes(`\n${line}\n`), line);
    assert.doesNotMatch(told, /heap_used_bytes\{worker="0"\}/);
    workers[1]?.close();
  } finally {
    await listener?.close(0);
  }
});
