/** The audit trail on a stream: one line of JSON an event through pino, or a short line for people where it is a terminal. */
import { pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { Audit, AuditEvent } from './audit.ts';
import type { LineWriter } from './line-writer.ts';
import { openLog, type LogDestination } from './open-log.ts';
import { presentable, presentableText } from './presentable.ts';

/** The least severe level that is written. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

function levelOf(event: AuditEvent['event']): 'info' | 'warn' | 'error' {
  if (event === 'fault') return 'error';
  return /\.(?:refused|failed|partial|stale|lost|detected)$/.test(event) ? 'warn' : 'info';
}

/** Levels: what was refused is a warning, a fault an error, everything else information. */
export function createAudit(parts: { level: Level; destination: LogDestination | LineWriter; clock: Clock }): Audit {
  const { level, destination, clock } = parts;
  const timestamp = () => new Date(clock.now()).toISOString();
  const lines = 'write' in destination ? destination : openLog(destination, clock);
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${timestamp()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => lines.write(line) },
  );

  const text = (value: string | undefined) => (value === undefined ? undefined : presentableText(value));

  return {
    record(event) {
      // Field by field, so that their order is stable and nothing slips in that the event does not name.
      logger[levelOf(event.event)]({
        event: event.event,
        reference: text(event.reference),
        reason: text(event.reason),
        request: text(event.request),
        serviceProvider: text(event.serviceProvider),
        person: text(event.person),
        name: text(event.name),
        address: text(event.address),
        server: text(event.server),
        remoteAddress: text(event.remoteAddress),
        milliseconds: event.milliseconds === undefined ? undefined : Math.round(event.milliseconds * 1_000) / 1_000,
        hint: text(event.hint),
        detail: presentable(event.detail),
      });
    },

    note(severity, message, detail) {
      logger[severity]({ event: 'note', message: presentableText(message), detail: presentable(detail) });
    },

    flush: () => lines.flush(),
  };
}
