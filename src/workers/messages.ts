/** What a worker and the process that supervises it tell each other. */
import type { Count } from './counts.ts';

/** From a worker. */
export type News =
  /** Everything is open but its ports. */
  | { readonly kind: 'opened' }
  /** The port that it listens on. */
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'counted'; readonly count: Count };

/** To a worker: to listen, and to call itself ready since all of them listen. */
export type Order = 'listen' | 'admit';
