/** The factor of the operator's own that a configuration names, opened. */
import type { OwnConfig } from '../../config/own-schema.ts';
import type { Factor } from '../authenticator.ts';
import { createOwnFactor } from '../own.ts';
import { loadOwn, type Note } from './load-own.ts';

/** @throws OwnFactorMistake */
export async function openOwn(config: OwnConfig, parts: { note: Note }): Promise<Factor & { close(): void }> {
  return createOwnFactor({ module: await loadOwn(config, parts), timeout: config.timeout });
}
