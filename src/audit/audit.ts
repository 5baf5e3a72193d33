/** The audit trail: one structured event per outcome. */
import type { EventName } from './events.ts';

/** The outcome of one thing that somebody asked of Passerelle. Never holds a password, cookie, assertion or message. */
export interface AuditEvent {
  /** One of the table in events.ts, where further ones are added. */
  readonly event: EventName;
  /** The reference that pages and Responses show. */
  readonly reference: string;
  readonly request?: string | undefined;
  readonly serviceProvider?: string | undefined;
  /** objectGUID, and the name as typed where the person is not known. */
  readonly person?: string | undefined;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly server?: string | undefined;
  readonly remoteAddress?: string | undefined;
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
  readonly milliseconds?: number | undefined;
}

export interface Audit {
  record(event: AuditEvent): void;
  /** For what happens outside any request: start, stop, warnings. */
  note(level: 'info' | 'warn' | 'error', message: string, detail?: Readonly<Record<string, unknown>>): void;
  /** Writes out what is buffered. */
  flush(): Promise<void>;
}
