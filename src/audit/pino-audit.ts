/** The audit trail on a stream: one line of JSON an event through pino, or a short line for people where it is a terminal. */
import { pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { Audit, AuditEvent } from './audit.ts';
import { events, schemaVersion } from './events.ts';
import type { LineWriter } from './line-writer.ts';
import { openLog, type LogDestination } from './open-log.ts';
import { presentable, presentableText } from './presentable.ts';

/** The least severe level that is written. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

const levels: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies readonly Level[];

/** Whether a line of that level is written where this is the least. */
export const isShown = (level: string, least: Level): boolean => levels.indexOf(level) >= levels.indexOf(least);

/** What stands in the line of an event beside what the event says. */
export interface Stamp {
  readonly level: 'info' | 'warn' | 'error';
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Takes the line of an event, without its end, and answers it as it is to be shown; undefined where it is not. */
export type Keep = (line: string, event: AuditEvent, stamp: Stamp) => string | undefined;

/**
 * Levels of events are those of their table. Notes are lines of the stream alone.
 * @param level the least severe that is written, where `keep` does not decide it for events
 */
export function createAudit(parts: {
  level: Level | (() => Level);
  destination: LogDestination | LineWriter;
  clock: Pick<Clock, 'now' | 'until'>;
  keep?: Keep;
}): Audit {
  const { level, destination, clock, keep } = parts;
  const least = typeof level === 'function' ? level : () => level;
  const lines = 'write' in destination ? destination : openLog(destination, clock);
  let last = '';
  let at = 0;
  // The line is taken out again at once, since it belongs to its chain before it is shown.
  const logger = pino(
    {
      level: 'info',
      base: null,
      timestamp() {
        at = clock.now();
        return `,"time":"${new Date(at).toISOString()}","version":${schemaVersion}`;
      },
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line: string) => {
        last = line.slice(0, -1);
      },
    },
  );
  const show = (line: string): void => {
    lines.write(`${line}\n`);
  };

  const text = (value: string | undefined) => (value === undefined ? undefined : presentableText(value));

  return {
    record(event) {
      const { severity } = events[event.event];
      // Field by field, so that their order is stable and nothing slips in that the event does not name.
      logger[severity]({
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
      const shown =
        keep === undefined ? (isShown(severity, least()) ? last : undefined) : keep(last, event, { level: severity, at });
      if (shown !== undefined) show(shown);
    },

    note(severity, message, detail) {
      if (!isShown(severity, least())) return;
      logger[severity]({ event: 'note', message: presentableText(message), detail: presentable(detail) });
      show(last);
    },

    flush: () => lines.flush(),
  };
}
