/** An audit whose events are counted as they are recorded. */
import type { Audit, AuditEvent } from './audit.ts';
import { type Metrics, noMetrics } from './metrics.ts';

function count(metrics: Metrics, { event, reason = 'unknown', serviceProvider }: AuditEvent, now: () => number): void {
  metrics.audited(event);
  switch (event) {
    case 'signin.issued':
      metrics.signIn('issued', 'none', serviceProvider);
      break;
    case 'signin.refused':
      metrics.signIn('refused', reason, serviceProvider);
      break;
    case 'fault':
      metrics.signIn('fault', 'none', serviceProvider);
      break;
    case 'configuration.reloaded':
      metrics.reloaded('accepted', now());
      break;
    case 'configuration.refused':
      metrics.reloaded('refused', now());
      break;
    default:
  }
}

/** The same audit where nothing is counted. @param now milliseconds since the epoch */
export function countedAudit(audit: Audit, metrics: Metrics, now: () => number): Audit {
  if (metrics === noMetrics) return audit;
  return {
    note: audit.note.bind(audit),
    flush: audit.flush.bind(audit),
    record(event) {
      audit.record(event);
      count(metrics, event, now);
    },
  };
}
