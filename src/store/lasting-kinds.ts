/** The kinds that nobody can make anew: on the disk before it is told. The rest may be lost with the power, as it may expire. */
import type { Kind } from './store.ts';

export const lastingKinds: ReadonlySet<Kind> = new Set(['name-id', 'enrolment', 'cut-off', 'metadata-fetch']);
