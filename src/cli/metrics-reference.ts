/** The reference page of the metrics, made from their one table. */
import { type GaugeRow, metricTable, mostSeries, type MetricRow } from '../audit/metric-table.ts';
import { renderTable } from '../config/render-table.ts';

const opening = `# Metrics

<!-- Made by \`passerelle config reference\`; do not edit. -->

With \`metrics\` in the configuration Passerelle tells Prometheus what it counts and measures, at \`/metrics\` on a listener of its own
and nowhere else. Nothing there says who signed in or from where; whoever reaches the listener may read all of it, so it stays on
\`127.0.0.1\` or in a network of your own. Without \`metrics\` nothing is counted.

Names, labels and units stay as they are within a major version; further ones may come. Times are in seconds, instants in seconds
since the epoch. Where several workers serve, one listener tells for all of them: what they count reaches it every quarter of a
second, so a worker that is killed takes that much along, and no more. What a worker measured of itself goes as it goes.

\`deploy/prometheus\` has rules for alerts, \`deploy/grafana\` a dashboard.
`;

const perMetric = `No metric has more than ${mostSeries.toLocaleString('en')} series, whatever strangers do: what is new beyond that counts under \`other\`.
`;

const tracing = `## Traces

Every exchange is a span of the OpenTelemetry API, named by its method and route and with \`http.request.method\`, \`http.route\` and
\`http.response.status_code\`; every step within it is a span below, named \`passerelle.\` and the step, such as \`passerelle.ldap.bind\`.
Their attributes (\`passerelle.server\`, \`passerelle.serviceProvider\`, \`passerelle.operation\`, \`passerelle.code\`,
\`passerelle.authenticator\`, \`error.type\`) name no person. Passerelle brings the API alone, and no exporter: until you register one
nothing is recorded, which costs a sign-in some microseconds.

To switch it on, install an SDK of your choice in a folder of your own, such as \`/etc/passerelle/tracing\`, and have a module there register it:

\`\`\`js
import { NodeSDK } from '@opentelemetry/sdk-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';

new NodeSDK({ serviceName: 'passerelle', traceExporter: new OTLPTraceExporter() }).start();
\`\`\`

and start Passerelle with that module before anything else; workers inherit it. With systemd:

\`\`\`ini
[Service]
Environment="NODE_OPTIONS=--import /etc/passerelle/tracing/register.mjs"
Environment=OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.example.com:4318
\`\`\`

The \`@opentelemetry/api\` that the SDK brings must be of the same major version as Passerelle’s own and no older, or the two do not find
each other, and nothing is recorded.
`;

const groups: readonly { readonly title: string; readonly type: MetricRow['type']; readonly words: string }[] = [
  { title: 'Counters', type: 'counter', words: 'They rise from the start of the process that listens.' },
  {
    title: 'Histograms',
    type: 'histogram',
    words: 'Each has the further series `_bucket` (with `le`), `_sum` and `_count`.',
  },
  { title: 'Gauges', type: 'gauge', words: 'Measured every 5 s unless the row says otherwise.' },
];

const across: Readonly<Record<GaugeRow['across'], string>> = {
  each: 'what each says',
  lowest: 'the lowest',
  highest: 'the highest',
  latest: 'the latest',
};

function detailOf(row: MetricRow): string {
  if (row.type === 'gauge') return across[row.across];
  return row.type === 'histogram' ? row.buckets.join(', ') : '';
}

const columns: Readonly<Record<MetricRow['type'], readonly string[]>> = {
  counter: ['Metric', 'What it counts', 'Labels'],
  histogram: ['Metric', 'What it measures', 'Labels', 'Buckets'],
  gauge: ['Metric', 'What it measures', 'Labels', 'Of several workers'],
};

/** Text of `docs/metrics.md`. */
export function renderMetrics(): string {
  const sections = groups.map(({ title, type, words }) => {
    const rows = Object.entries(metricTable).filter(([, row]) => row.type === type);
    const table = renderTable(
      columns[type],
      rows.map(([name, row]) => {
        const labels = Object.entries(row.labels).map(([label, meaning]) => `\`${label}\`: ${meaning}`);
        const cells = [`\`${name}\``, row.help, labels.join(' ')];
        return type === 'counter' ? cells : [...cells, detailOf(row)];
      }),
    );
    return `## ${title}\n\n${words}\n\n${table}`;
  });
  return [opening, perMetric, ...sections, tracing].join('\n');
}
