/** Whatever a worker counts is counted where the counts of all are added up. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createPrometheusMetrics } from '../../src/audit/prometheus-metrics.ts';
import { addCount, createCounting, type Count } from '../../src/workers/counts.ts';

it('counts of several workers are one sum, as they come through a channel that takes JSON', async () => {
  const sum = createPrometheusMetrics();
  const tell = (count: Count): void => {
    addCount(sum, JSON.parse(JSON.stringify(count)) as Count);
  };
  for (const worker of [createCounting(tell), createCounting(tell)]) {
    worker.attempt('accepted', true);
    worker.attempt('refused', false);
    worker.sprayDetected('password');
  }
  const text = await sum.text();
  assert.match(text, /passerelle_attempts_total\{result="accepted",familiar="true"\} 2\n/);
  assert.match(text, /passerelle_attempts_total\{result="refused",familiar="false"\} 2\n/);
  assert.match(text, /passerelle_spray_detected_total\{kind="password"\} 2\n/);
});
