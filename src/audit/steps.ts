/** Steps of what is going on: each goes to the trail of its exchange, its latency to the metrics, and a span to OpenTelemetry. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Attributes, context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Refusal } from '../refusal.ts';
import { mostSteps, type Step, type StepDetail, type StepName } from './trail.ts';

/** Adds to the detail of a step that is under way. */
type Tell = (more: StepDetail) => void;

/** How an exchange ended. */
export interface Ended {
  readonly method: string;
  /** As the code has it, never a path as it came; undefined where there is no such page. */
  readonly route: string | undefined;
  /** Of HTTP; undefined where nobody waited for an answer. */
  readonly status: number | undefined;
}

export interface Steps {
  /**
   * Runs `work`, whose steps, those of what it awaits included, are added to `taken`; at most a hundred are, and how it ended.
   * @param work calls what it is handed once the exchange is over, however late
   */
  within<Result>(taken: Step[], work: (end: (ended: Ended) => void) => Result): Result;
  /** Does work as a step. What it throws is named in the detail as `error`, a Refusal by its reason. */
  take<Result>(name: StepName, detail: StepDetail, work: (tell: Tell) => Promise<Result>): Promise<Result>;
  /** A finding, which took no time worth telling. */
  tell(name: StepName, detail: StepDetail): void;
  /** Runs what is of no exchange, though one may have led to it. */
  apart<Result>(work: () => Result): Result;
}

/** How an exchange ends, for which there is always room. */
const endings: ReadonlySet<StepName> = new Set(['sign', 'answer', 'refusal']);
const mostEndings = 8;
const longestAttribute = 256;

interface Begun {
  readonly taken: Step[];
  readonly at: number;
}

const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return error instanceof Refusal ? error.reason : error.message;
};

/** What holds no name of a person: OpenTelemetry's collectors are no place for them. */
const plain = ['server', 'serviceProvider', 'operation', 'code', 'authenticator'] as const;

function attributesOf(detail: StepDetail): Attributes {
  const attributes: Attributes = {};
  for (const name of plain) {
    const value = detail[name];
    if (typeof value === 'number') attributes[`passerelle.${name}`] = value;
    else if (typeof value === 'string') attributes[`passerelle.${name}`] = value.slice(0, longestAttribute);
  }
  return attributes;
}

/** A Refusal is an answer that was meant, and no error but where it is ours. Messages of faults may name people; their kind does not. */
function tellTrouble(span: Span, error: unknown): void {
  const isRefusal = error instanceof Refusal;
  span.setAttribute('error.type', isRefusal ? error.reason : error instanceof Error ? error.name : 'unknown');
  if (!isRefusal || error.row.http >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

/**
 * @param parts `took` is told of each step that is work, `exchanged` of each exchange, in milliseconds
 */
export function createSteps(parts: {
  took: (name: StepName, milliseconds: number) => void;
  exchanged?: (ended: Ended, milliseconds: number) => void;
}): Steps {
  const { took, exchanged } = parts;
  const exchanges = new AsyncLocalStorage<Begun>();
  // Whatever is registered as the provider, whenever that is; without one a span costs next to nothing.
  const tracer = trace.getTracer('passerelle');

  function add(name: StepName, began: number, milliseconds: number | undefined, detail: StepDetail): void {
    const begun = exchanges.getStore();
    const most = endings.has(name) ? mostSteps + mostEndings : mostSteps;
    if (begun === undefined || begun.taken.length >= most) return;
    begun.taken.push({ name, at: Math.max(0, began - begun.at), milliseconds, detail });
  }

  return {
    within(taken, work) {
      const at = performance.now();
      const span = tracer.startSpan('passerelle.exchange', { kind: SpanKind.SERVER });
      let isOver = false;
      const end = (ended: Ended): void => {
        if (isOver) return;
        isOver = true;
        exchanged?.(ended, performance.now() - at);
        const { method, route, status } = ended;
        if (span.isRecording()) {
          span.updateName(`${method} ${route ?? 'unknown'}`);
          span.setAttribute('http.request.method', method);
          if (route !== undefined) span.setAttribute('http.route', route);
          if (status !== undefined) span.setAttribute('http.response.status_code', status);
          if (status === undefined || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      };
      return context.with(trace.setSpan(context.active(), span), () => exchanges.run({ taken, at }, () => work(end)));
    },

    async take(name, detail, work) {
      const began = performance.now();
      let told = detail;
      const span = tracer.startSpan(`passerelle.${name}`);
      try {
        return await context.with(trace.setSpan(context.active(), span), () =>
          work((more) => {
            told = { ...told, ...more };
          }),
        );
      } catch (error) {
        told = { ...told, error: nameOf(error) };
        if (span.isRecording()) tellTrouble(span, error);
        throw error;
      } finally {
        const milliseconds = performance.now() - began;
        took(name, milliseconds);
        add(name, began, milliseconds, told);
        if (span.isRecording()) span.setAttributes(attributesOf(told));
        span.end();
      }
    },

    tell(name, detail) {
      add(name, performance.now(), undefined, detail);
    },

    apart: (work) => exchanges.exit(() => context.with(ROOT_CONTEXT, work)),
  };
}

/** Where nobody asks afterwards. */
export const noSteps: Steps = {
  within: (_taken, work) => work(() => undefined),
  take: (_name, _detail, work) => work(() => undefined),
  tell: () => undefined,
  apart: (work) => work(),
};
