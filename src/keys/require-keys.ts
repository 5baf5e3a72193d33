/** The keys that the settings of service providers name are there, before anybody is to be answered with one. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import { KeyMistake } from './key-mistake.ts';
import type { KeyRing } from './key-ring.ts';

/** @throws KeyMistake */
export function requireKeys(ring: KeyRing, configured: readonly ServiceProviderConfig[]): void {
  const known = [...ring.published, ...ring.forServiceProviders].map(({ name }) => name);
  for (const [index, config] of configured.entries()) {
    const name = 'signature' in config ? config.signature.key : undefined;
    if (name === undefined || known.includes(name)) continue;
    throw new KeyMistake(
      `serviceProviders.${String(index)}.signature.key names ${JSON.stringify(name)}, of which there is no key. There are: ${known.join(', ')}. Or make it: passerelle keys new --use service-provider --name ${name}`,
    );
  }
}
