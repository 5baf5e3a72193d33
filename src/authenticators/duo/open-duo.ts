/** The factor of Duo that a configuration names, opened. */
import type { Clock, Random } from '../../clock.ts';
import { type DuoConfig, duoSecretPattern } from '../../config/duo-schema.ts';
import { createAuthorities } from '../../directory/authorities.ts';
import type { Factor } from '../authenticator.ts';
import { createDuo } from '../duo.ts';
import { createPost } from '../post.ts';
import { readSecret } from '../read-secret.ts';
import { createDuoService } from './duo-service.ts';

/** Bytes of what Duo answers. */
const longest = { head: 16_384, body: 65_536 };

/** @param parts.read gives the text of a file. @throws Error where there is no client secret */
export function openDuo(
  config: DuoConfig,
  parts: { readonly clock: Clock; readonly random: Random; readonly read: (file: string) => string },
): Factor & { /** Waits for no answer any more. */ close(): void } {
  const { clock, random, read } = parts;
  const { apiHost, clientId, clientSecretFile, caFile, timeout } = config;
  const clientSecret = readSecret(config.clientSecret, clientSecretFile, read) ?? '';
  if (!duoSecretPattern.test(clientSecret)) throw new Error('factors.duo has no client secret of 40 letters and digits');
  const { post, close } = createPost({
    authorities: createAuthorities(caFile === undefined ? undefined : () => read(caFile)),
    longest,
    // Duo takes a code once: nothing is posted to it twice.
    keeps: false,
  });
  const { origin } = new URL(apiHost.includes('://') ? apiHost : `https://${apiHost}`);
  const service = createDuoService({ origin, clientId, clientSecret }, { post, clock, random, timeout });
  return { ...createDuo(config, { service, clientSecret, clock, random }), close };
}
