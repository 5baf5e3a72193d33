/** The factor of RADIUS that a configuration names, opened. */
import type { Clock, Random } from '../../clock.ts';
import type { RadiusConfig } from '../../config/radius-schema.ts';
import type { Factor } from '../authenticator.ts';
import { createRadiusFactor } from '../radius.ts';
import { readSecret } from '../read-secret.ts';

/** @param parts `read` gives the text of a file. @throws Error where the secret cannot be read */
export function openRadius(
  config: RadiusConfig,
  parts: {
    publicUrl: string;
    clock: Pick<Clock, 'now'>;
    random: Random;
    read: (file: string) => string;
    note: (level: 'info' | 'warn', message: string, detail?: Readonly<Record<string, unknown>>) => void;
  },
): Factor & { close(): void } {
  const { read, ...others } = parts;
  const secret = readSecret(config.secret, config.secretFile, read);
  if (secret === undefined || secret === '') throw new Error('factors.radius has no secret');
  return createRadiusFactor({ ...others, config, secret });
}
