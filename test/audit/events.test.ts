/** The schema of the log: every event and field is told on its page, and no line has a field that is not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createChain } from '../../src/audit/chain.ts';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { events } from '../../src/audit/events.ts';
import { eventFields } from '../../src/audit/events-fields.ts';
import { createAudit } from '../../src/audit/pino-audit.ts';
import { renderEvents } from '../../src/cli/events-reference.ts';

const text = 'x';
const full: Required<Omit<AuditEvent, 'event'>> = {
  reference: text,
  request: text,
  serviceProvider: text,
  person: text,
  name: text,
  address: text,
  server: text,
  remoteAddress: text,
  reason: text,
  hint: text,
  detail: {},
  milliseconds: 1,
};

function linesOf(act: (audit: ReturnType<typeof createAudit>) => void): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  const chain = createChain({ now: 0, random: (bytes) => Buffer.alloc(bytes) });
  const clock = { now: () => 0, until: () => Promise.resolve() };
  act(
    createAudit({
      level: 'info',
      destination: { write: (line) => void lines.push(line), flush: () => Promise.resolve() },
      clock,
      keep: (line) => chain.append(line).text,
    }),
  );
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the schema of the log', () => {
  it('has the fields that lines have, in their order, and no others', () => {
    const [event, note] = linesOf((audit) => {
      audit.record({ event: 'signin.refused', ...full });
      audit.note('info', text);
    });
    const names = Object.keys(eventFields);
    assert.deepEqual(
      Object.keys(event ?? {}),
      names.filter((name) => name !== 'message'),
    );
    assert.deepEqual(Object.keys(note ?? {}), ['level', 'time', 'version', 'event', 'message']);
    for (const [name, value] of Object.entries({ ...event, ...note })) {
      const { type } = eventFields[name as keyof typeof eventFields];
      if (value !== null) assert.equal(typeof value === 'string' ? 'text' : typeof value, type, name);
    }
  });

  for (const event of Object.keys(events) as AuditEvent['event'][]) {
    it(`tells of ${event} in one sentence, and writes it so`, () => {
      const { what, severity } = events[event];
      assert.match(what, /^[A-Z`].*[^.]\.$/);
      assert.equal(renderEvents().split(`| \`${event}\` `).length, 2);
      assert.deepEqual(
        linesOf((audit) => {
          audit.record({ event, reference: text });
        }).map((line) => [line.level, line.version]),
        [[severity, 1]],
      );
    });
  }
});
