/** What Prometheus is told by a real Passerelle of two workers, judged by Prometheus's own tools; the alerts and the dashboard that go by it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { metricTable } from '../../src/audit/metric-table.ts';
import { createDemoDirectory } from '../../src/directory/demo-directory.ts';
import { eventually } from '../fixtures/eventually.ts';
import { freePort } from '../fixtures/free-port.ts';
import { acs, entityID } from '../fixtures/house.ts';
import { startNode, statusOf, type NodeConfig, type NodeProcess } from '../fixtures/node-process.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';

const deploy = join(import.meta.dirname, '../../deploy');
const folder = mkdtempSync(join(tmpdir(), 'passerelle-monitoring-'));
const urn = 'urn:oasis:names:tc:SAML:2.0';
const password = 'Passw0rd!';

/** As an operator's own module does, but for what it does with the spans. */
const tracing = `
import { appendFileSync } from 'node:fs';
import { trace } from ${JSON.stringify(import.meta.resolve('@opentelemetry/api'))};
const span = (name) => ({
  spanContext: () => ({ traceId: '1'.padStart(32, '0'), spanId: '1'.padStart(16, '0'), traceFlags: 1 }),
  setAttribute() { return this; }, setAttributes() { return this; }, setStatus() { return this; }, addEvent() { return this; },
  addLink() { return this; }, addLinks() { return this; }, recordException() {}, isRecording: () => true,
  updateName(next) { name = next; return this; },
  end() { appendFileSync(${JSON.stringify(join(folder, 'spans'))}, name + '\\n'); },
});
trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: (name) => span(name), startActiveSpan() {} }) });
`;

/** What it says, and whether it is content. */
async function promtool(words: readonly string[], input = ''): Promise<{ code: number | null; said: string }> {
  const child = spawn('promtool', words, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  return { code, said };
}

let directory: Awaited<ReturnType<typeof createDemoDirectory>>;
let node: NodeProcess;
let metricsUrl = '';
let text = '';
const metrics = async (): Promise<string> => (await fetch(metricsUrl)).text();
const valueOf = (told: string, series: string): number =>
  Number(
    told
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1) ?? NaN,
  );
const sumOf = (told: string, series: RegExp): number =>
  told
    .split('\n')
    .filter((line) => series.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

before(async () => {
  const clock = { now: Date.now, until: () => Promise.reject(new Error('nothing here waits')) };
  directory = await createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock });
  const [port, metricsPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${String(port)}`;
  metricsUrl = `http://127.0.0.1:${String(metricsPort)}/metrics`;
  const partner = join(folder, 'partner.xml');
  writeFileSync(
    partner,
    `<md:EntityDescriptor xmlns:md="${urn}:metadata" entityID="https://wiki.example.net/" validUntil="${new Date(Date.now() + 864e5).toISOString()}">
<md:SPSSODescriptor protocolSupportEnumeration="${urn}:protocol">
<md:AssertionConsumerService Binding="${urn}:bindings:HTTP-POST" Location="https://wiki.example.net/acs" index="0"/>
</md:SPSSODescriptor></md:EntityDescriptor>`,
  );
  const config: NodeConfig = {
    publicUrl: url,
    listen: { host: '127.0.0.1', port },
    workers: 2,
    metrics: { port: metricsPort },
    directory: { urls: [directory.url], baseDn: directory.baseDn, bindDn: 'svc-ldap@corp.example.com', password },
    mapping: { substitute: { 'corp.example.com': 'example.com' }, domains: { primary: 'example.com' } },
    serviceProviders: [
      { kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google' },
      { kind: 'metadata', file: partner },
    ],
    throttle: { floor: '1ms' },
  };
  const register = join(folder, 'tracing.mjs');
  writeFileSync(register, tracing);
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `${before ?? ''} --import ${register}`;
  try {
    node = startNode(folder, config);
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
  await node.ready();
  for (const name of ['alice', 'bob', 'dave']) responseOf(await new Visitor(url).signIn(name, password));
  await new Visitor(url).signIn('alice', 'wrong');
  for (const page of ['made-up', 'wp-login.php', 'admin']) await statusOf(`${url}/${page}`);
  await eventually('everything is counted', async () => {
    text = await metrics();
    return (
      sumOf(text, /^passerelle_sign_ins_total\{.*service_provider="https:/) === 4 &&
      valueOf(text, 'passerelle_exchange_duration_seconds_count{route="none",status="4xx"}') === 3 &&
      valueOf(text, 'passerelle_ready') === 1 &&
      text.includes('\npasserelle_sessions ')
    );
  });
});
after(async () => {
  node.signal('SIGKILL');
  await node.ended;
  await directory.close();
  rmSync(folder, { recursive: true });
});

describe('the metrics of two workers', () => {
  it('please promtool', async () => {
    assert.deepEqual(await promtool(['check', 'metrics'], text), { code: 0, said: '' });
  });

  it('tell what was done, by service provider and reason', () => {
    assert.equal(valueOf(text, `passerelle_sign_ins_total{result="issued",reason="none",service_provider="${entityID}"}`), 3);
    assert.equal(
      valueOf(text, `passerelle_sign_ins_total{result="refused",reason="password-wrong",service_provider="${entityID}"}`),
      1,
    );
    assert.equal(
      valueOf(text, 'passerelle_sign_ins_total{result="refused",reason="page-unknown",service_provider="unknown"}'),
      3,
    );
    assert.equal(sumOf(text, /^passerelle_attempts_total/), 4);
    assert.equal(valueOf(text, 'passerelle_sessions_begun_total'), 3);
    assert.equal(valueOf(text, 'passerelle_step_duration_seconds_count{step="sign"}'), 3);
    assert.equal(valueOf(text, 'passerelle_exchange_duration_seconds_count{route="/signin/:authenticator",status="3xx"}'), 3);
    assert.equal(valueOf(text, 'passerelle_exchange_duration_seconds_count{route="none",status="4xx"}'), 3);
    assert.equal(valueOf(text, `passerelle_controller_up{domain="corp.example.com",server="${new URL(directory.url).host}"}`), 1);
    assert.equal(valueOf(text, 'passerelle_store_up'), 1);
    assert.equal(valueOf(text, 'passerelle_config_last_reload_successful'), 1);
    assert.ok(valueOf(text, 'passerelle_sessions') <= 3);
    for (const worker of ['0', '1', 'supervisor']) {
      assert.ok(valueOf(text, `passerelle_process_resident_memory_bytes{worker="${worker}"}`) > 2e7, worker);
      assert.ok(valueOf(text, `passerelle_event_loop_delay_seconds{worker="${worker}",statistic="max"}`) >= 0, worker);
    }
    const day = 86_400;
    const left = sumOf(text, /^passerelle_key_expiry_timestamp_seconds\{use="signing"/) - Date.now() / 1_000;
    assert.ok(left > 300 * day, String(left / day));
    const until = valueOf(text, `passerelle_metadata_valid_until_timestamp_seconds{source="${join(folder, 'partner.xml')}"}`);
    assert.ok(Math.abs(until - Date.now() / 1_000 - day) < 600);
  });

  it('name nobody, and no path of strangers', () => {
    assert.doesNotMatch(text, /alice|bob|dave|wp-login|made-up|Passw0rd|@example|CN=/i);
  });

  it('have a series for each metric of the table, and no other', () => {
    const told = new Set([...text.matchAll(/^([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{| )/gm)].map(([, name]) => name));
    const known = Object.keys(metricTable);
    assert.deepEqual(
      [...told].filter((name) => name === undefined || !known.includes(name)),
      [],
    );
    assert.deepEqual(
      known.filter((name) => !told.has(name)),
      [],
    );
  });

  it('name the spans of a sign-in to whoever registered for them by NODE_OPTIONS', () => {
    const spans = new Set(readFileSync(join(folder, 'spans'), 'utf8').split('\n'));
    for (const name of ['GET /saml/sso', 'POST /signin/:authenticator', 'passerelle.ldap.bind', 'passerelle.sign', 'GET unknown'])
      assert.ok(spans.has(name), name);
  });
});

/** What an expression names: metrics, and for each selector its labels. */
function selectorsOf(expression: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expression.matchAll(/\b((?:passerelle_|up\b)[a-z_]*)(?:\{([^}]*)\})?/g)].map(([, name = '', inner = '']) => ({
    name,
    labels: [...inner.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label),
  }));
}

function verifyNamed(expression: string): void {
  for (const { name, labels } of selectorsOf(expression)) {
    if (name === 'up') continue;
    const base = name in metricTable ? name : name.replace(/_(?:bucket|sum|count)$/, '');
    const row = metricTable[base];
    assert.ok(row !== undefined && text.includes(`# TYPE ${base} `), `${name} is no metric: ${expression}`);
    const known = [...Object.keys(row.labels), 'job', 'instance', ...(row.type === 'histogram' ? ['le'] : [])];
    for (const label of labels) assert.ok(known.includes(label), `${name} has no label ${label}: ${expression}`);
  }
  for (const [, label = '', values = ''] of expression.matchAll(/\b(route|step|event|statistic)=~?\\?"([^"\\]*)/g)) {
    for (const value of values.split('|')) {
      if (!value.startsWith('$')) assert.match(text, new RegExp(`\\b${label}="${value}"`), `nobody tells ${label} ${value}`);
    }
  }
}

describe('the alerts', () => {
  interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly labels: { readonly severity: string };
    readonly annotations: { readonly summary: string; readonly runbook_url: string };
  }
  const read = (name: string): string => readFileSync(join(deploy, 'prometheus', name), 'utf8');
  const rules = (parse(read('alerts.yml')) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  );

  it('are right to promtool, as the configuration that names them is', async () => {
    const { code, said } = await promtool(['check', 'config', join(deploy, 'prometheus/prometheus.yml')]);
    assert.equal(code, 0, said);
    assert.match(said, new RegExp(`SUCCESS: ${String(rules.length)} rules found`));
  });

  it('fire when they are to, and else do not', async () => {
    const { code, said } = await promtool(['test', 'rules', join(deploy, 'prometheus/alerts.test.yml')]);
    assert.equal(code, 0, said);
    for (const { alert } of rules) {
      const tests = [...read('alerts.test.yml').matchAll(new RegExp(`alertname: ${alert}\\n +exp_alerts:(.*)`, 'g'))];
      assert.ok(
        tests.some(([, empty]) => empty === '') && tests.some(([, empty]) => empty === ' []'),
        `${alert} is tried both ways`,
      );
    }
  });

  for (const { alert, expr, labels, annotations } of rules) {
    it(`${alert} goes by metrics that there are, and says what to do`, () => {
      verifyNamed(expr);
      assert.ok(['info', 'warning', 'critical'].includes(labels.severity));
      assert.match(annotations.summary, /^[A-Z].*\.$/);
      assert.match(annotations.runbook_url, /^docs\/operator\.md#alert-[a-z]+$/);
    });
  }

  it('lead to what to do about them', () => {
    const headings = [...readFileSync(join(deploy, '../docs/operator.md'), 'utf8').matchAll(/^#+ (.+)$/gm)];
    const anchors = headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const wanted = rules.map(({ annotations }) => annotations.runbook_url.split('#').at(-1) ?? '');
    assert.deepEqual(
      wanted.filter((anchor) => !anchors.includes(anchor)),
      [],
    );
  });
});

describe('the dashboard', () => {
  interface Panel {
    readonly id: number;
    readonly title: string;
    readonly type: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly expr: string }[];
  }
  const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana/passerelle.json'), 'utf8')) as {
    readonly uid: string;
    readonly schemaVersion: number;
    readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
    readonly panels: readonly Panel[];
  };
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const plain = (expression: string): string =>
    expression.replaceAll('$__rate_interval', '5m').replaceAll(/"\$(?:instance|service_provider)"/g, '".*"');

  it('has variables for nodes and service providers, and panels that do not overlap', () => {
    assert.deepEqual(
      dashboard.templating.list.map(({ name }) => name),
      ['datasource', 'instance', 'service_provider'],
    );
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
    const taken = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          assert.ok(!taken.has(`${String(x)} ${String(y)}`), title);
          taken.add(`${String(x)} ${String(y)}`);
        }
      }
    }
  });

  it('shows every metric there is, and none that there is not', () => {
    for (const expression of expressions) verifyNamed(expression);
    for (const { definition = '' } of dashboard.templating.list) verifyNamed(definition.replace(/^label_values\(/, ''));
    const shown = expressions.flatMap(selectorsOf).map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, ''));
    assert.deepEqual(
      Object.keys(metricTable).filter((name) => !shown.includes(name)),
      [],
    );
  });

  it('asks in PromQL that Prometheus parses', async () => {
    const rules = expressions.map((expression, index) => ({ record: `expression:${String(index)}`, expr: plain(expression) }));
    assert.ok(rules.every(({ expr }) => !expr.includes('$')));
    const file = join(folder, 'dashboard.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { code, said } = await promtool(['check', 'rules', file]);
    assert.equal(code, 0, said);
    assert.match(said, new RegExp(`SUCCESS: ${String(expressions.length)} rules found`));
  });
});

describe('a worker that is killed', () => {
  it('takes along what it measured of itself, and nothing of what was counted', async () => {
    const series = /^passerelle_sign_ins_total\{result="issued"/;
    const started = (told: string, worker: string): number =>
      valueOf(told, `passerelle_process_start_time_seconds{worker="${worker}"}`);
    const [first = 0] = node.children();
    process.kill(first, 'SIGKILL');
    await eventually('another one has its place', async () => {
      const told = await metrics();
      return ['0', '1'].some((worker) => started(told, worker) > started(text, worker));
    });
    const told = await metrics();
    assert.equal(sumOf(told, series), 3);
    assert.equal(valueOf(told, 'passerelle_sessions_begun_total'), 3);
  });
});
