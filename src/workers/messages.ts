/** What a worker and the process that supervises it tell each other. */
import type { AuditEvent } from '../audit/audit.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Batch } from './counts.ts';

/** How one of two steps ended for a worker; `round` is that of the order. */
export type Verdict =
  /** It has opened everything by the new configuration. */
  | { readonly kind: 'prepared'; readonly round: number }
  /** It has not, and goes on as before. */
  | { readonly kind: 'refused'; readonly round: number; readonly why: string }
  /** It serves by the new one. */
  | { readonly kind: 'committed'; readonly round: number };

/** From a worker. */
export type News =
  /** Everything is open but its ports. */
  | { readonly kind: 'opened' }
  /** The port that it listens on. */
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'counted'; readonly batch: Batch }
  | Verdict;

/** To a worker. */
export type Order =
  /** What it serves by: the first that it is told. */
  | { readonly kind: 'serve'; readonly configuration: Configuration }
  /** To listen, and to call itself ready since all of them listen. */
  | 'listen'
  | 'admit'
  /** To open everything by another configuration, and then either to serve by that or to forget it. */
  | { readonly kind: 'prepare'; readonly round: number; readonly configuration: Configuration }
  | { readonly kind: 'commit' | 'abandon'; readonly round: number }
  /** To record what happened to all of them. */
  | { readonly kind: 'record'; readonly event: AuditEvent };
