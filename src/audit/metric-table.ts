/** The one table of metrics: what each counts or measures, and by what. Names and units stay as they are, since dashboards go by them. */
import { events } from './events.ts';

interface Described {
  /** One sentence. */
  readonly help: string;
  /** What each label tells. */
  readonly labels: Readonly<Record<string, string>>;
}

interface Bounded {
  /** The label whose further values count as `other` once there are so many. */
  readonly bounded?: { readonly label: string; readonly most: number };
}

export interface CounterRow extends Described, Bounded {
  readonly type: 'counter';
  /** Told from the start, so that the first one is seen to rise: values of the labels, in their order. */
  readonly zeros: readonly (readonly string[])[];
}

export interface HistogramRow extends Described, Bounded {
  readonly type: 'histogram';
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
}

export interface GaugeRow extends Described {
  readonly type: 'gauge';
  /** What is told where several processes say something: what each says, under its `worker`, or one of it. */
  readonly across: 'each' | 'lowest' | 'highest' | 'latest';
}

export type MetricRow = CounterRow | HistogramRow | GaugeRow;

/** Of one metric, whatever its labels; beyond, what is new counts as `other`. */
export const mostSeries = 5_000;

/** Seconds. */
const latencies = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** A store answers in a tenth of that. */
const storeLatencies = [0.0001, 0.00025, 0.0005, ...latencies.slice(0, -1)];

const worker = 'Number of the process; `supervisor` is the one that looks after the others.';
const server = { domain: 'DNS name of the domain, or `global catalog`.', server: 'Host and port.' };
const source = { source: 'Path or URL, without what may be secret in it.' };

export const counters = {
  passerelle_sign_ins_total: {
    type: 'counter',
    help: 'Answers to sign-ins: assertions that were issued, refusals by their reason, and faults.',
    labels: {
      result: '`issued`, `refused` or `fault`.',
      reason: 'One of [Refusals](refusals.md) where it was refused, else `none`.',
      service_provider:
        'Entity ID. `unknown` where none asked or its request could not be trusted; `other` beyond the first 200 since the start.',
    },
    // `unknown` is one of them.
    bounded: { label: 'service_provider', most: 201 },
    zeros: ['issued', 'fault'].map((result) => [result, 'none', 'unknown']),
  },
  passerelle_attempts_total: {
    type: 'counter',
    help: 'Attempts to prove who one is, by how they ended and whether they came from a place that is familiar to the person.',
    labels: {
      result:
        '`accepted`; `refused`; `exhausted`, which the throttle turned away; `unjudged`, where something else stood in the way.',
      familiar: '`true` where that person signed in from that place before.',
    },
    zeros: ['accepted', 'refused', 'exhausted', 'unjudged'].flatMap((result) => [
      [result, 'false'],
      [result, 'true'],
    ]),
  },
  passerelle_spray_detected_total: {
    type: 'counter',
    help: 'How often guessing at many people was noticed, by one address or by one password.',
    labels: { kind: '`address` or `password`.' },
    zeros: [['address'], ['password']],
  },
  passerelle_sessions_begun_total: {
    type: 'counter',
    help: 'Sessions that began. One that goes on after a further factor or a new password is the same session.',
    labels: {},
    zeros: [[]],
  },
  passerelle_audit_events_total: {
    type: 'counter',
    help: 'Events of the audit trail, but those about the trail itself.',
    labels: { event: 'One of [Audit events](audit-events.md).' },
    zeros: Object.keys(events)
      .filter((event) => !event.startsWith('audit.'))
      .map((event) => [event]),
  },
  passerelle_audit_lost_total: {
    type: 'counter',
    help: 'Lines of the audit trail that could not be kept where they belong.',
    labels: { outlet: '`store`, `file`, `syslog` or `stdout`.' },
    zeros: ['store', 'file', 'syslog', 'stdout'].map((outlet) => [outlet]),
  },
  passerelle_store_failures_total: {
    type: 'counter',
    help: 'What was asked of the store while it did not serve.',
    labels: { operation: 'What was asked.' },
    zeros: ['create', 'get', 'update', 'delete', 'list', 'append', 'search'].map((operation) => [operation]),
  },
  passerelle_reloads_total: {
    type: 'counter',
    help: 'Changed configurations, by whether they were taken over.',
    labels: { result: '`accepted` or `refused`.' },
    zeros: [['accepted'], ['refused']],
  },
  passerelle_process_cpu_seconds_total: {
    type: 'counter',
    help: 'Time on a processor, of all threads.',
    labels: { worker },
    zeros: [],
  },
} as const satisfies Readonly<Record<string, CounterRow>>;

export const histograms = {
  passerelle_step_duration_seconds: {
    type: 'histogram',
    help: 'How long each step took that is done within an exchange.',
    labels: { step: 'Its name in the trail, such as `ldap.bind` or `sign`.' },
    buckets: latencies,
  },
  passerelle_exchange_duration_seconds: {
    type: 'histogram',
    help: 'How long it took from a request until its answer was handed over or given up.',
    labels: {
      route: 'As the code has it, never a path as it came; `none` where there is no such page.',
      status: '`2xx`, `3xx`, `4xx` or `5xx`; `none` where nobody waited for the answer.',
    },
    buckets: latencies,
  },
  passerelle_store_operation_duration_seconds: {
    type: 'histogram',
    help: 'How long the store took to answer.',
    labels: { operation: 'What was asked.' },
    buckets: storeLatencies,
  },
} as const satisfies Readonly<Record<string, HistogramRow>>;

export const gauges = {
  passerelle_build_info: {
    type: 'gauge',
    help: 'Always 1.',
    labels: { version: 'Of Passerelle.', node: 'Version of Node.' },
    across: 'highest',
  },
  passerelle_ready: {
    type: 'gauge',
    help: '1 where every process serves and the directory, the store and the signing key work, else 0. Tried every 15 s.',
    labels: {},
    across: 'lowest',
  },
  passerelle_sessions: {
    type: 'gauge',
    help: 'Sessions in the store, which nodes share; counted once a minute, those included that expired within the last minute or two.',
    labels: {},
    across: 'highest',
  },
  passerelle_controller_up: {
    type: 'gauge',
    help: '1 while that directory server is asked; 0 while a process asks it only where no other answers.',
    labels: server,
    across: 'lowest',
  },
  passerelle_controller_latency_seconds: {
    type: 'gauge',
    help: 'What an answer of that directory server takes, on a fading average: 0 where nothing was asked of it lately.',
    labels: server,
    across: 'highest',
  },
  passerelle_store_up: {
    type: 'gauge',
    help: '1 where the store reads and writes, else 0. Tried every 15 s.',
    labels: {},
    across: 'lowest',
  },
  passerelle_audit_outlet_up: {
    type: 'gauge',
    help: '1 while lines of the audit trail get there, 0 while they do not.',
    labels: { outlet: '`store`, `file`, `syslog` or `stdout`, as configured.' },
    across: 'lowest',
  },
  passerelle_key_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When a certificate ends, in seconds since the epoch.',
    labels: {
      use: '`signing`, `service-provider`, `encryption` or `tls`.',
      key: 'Its name, as `passerelle keys list` shows it; of `tls`, the setting.',
    },
    across: 'lowest',
  },
  passerelle_metadata_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When a source of metadata was last read or found unchanged, in seconds since the epoch; 0: never.',
    labels: source,
    across: 'highest',
  },
  passerelle_metadata_valid_until_timestamp_seconds: {
    type: 'gauge',
    help: 'Until when the metadata in use of a source are valid, in seconds since the epoch; absent where nothing says so.',
    labels: source,
    across: 'lowest',
  },
  passerelle_metadata_service_providers: {
    type: 'gauge',
    help: 'Service providers in the metadata in use of a source.',
    labels: source,
    across: 'highest',
  },
  passerelle_config_last_reload_successful: {
    type: 'gauge',
    help: '1 where the last configuration that was read is in force, 0 where it was refused.',
    labels: {},
    across: 'latest',
  },
  passerelle_config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    help: 'Since when the configuration is in force, in seconds since the epoch.',
    labels: {},
    across: 'highest',
  },
  passerelle_event_loop_delay_seconds: {
    type: 'gauge',
    help: 'How late a process comes to what is due, within the last 30 s.',
    labels: { worker, statistic: '`p50`, `p99` or `max`: the worst of three spans of 10 s.' },
    across: 'each',
  },
  passerelle_process_resident_memory_bytes: {
    type: 'gauge',
    help: 'Memory of a process.',
    labels: { worker },
    across: 'each',
  },
  passerelle_process_heap_used_bytes: {
    type: 'gauge',
    help: 'What of the heap is in use.',
    labels: { worker },
    across: 'each',
  },
  passerelle_process_heap_limit_bytes: {
    type: 'gauge',
    help: 'What the heap may take before the process ends.',
    labels: { worker },
    across: 'each',
  },
  passerelle_process_start_time_seconds: {
    type: 'gauge',
    help: 'When a process began, in seconds since the epoch.',
    labels: { worker },
    across: 'each',
  },
} as const satisfies Readonly<Record<string, GaugeRow>>;

export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;
export type GaugeName = keyof typeof gauges;

export const metricTable: Readonly<Record<string, MetricRow>> = { ...counters, ...histograms, ...gauges };
