/** The keys that the settings of service providers name are there, before anybody is to be answered with one. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import { KeyMistake } from './key-mistake.ts';
import type { KeyRing } from './key-ring.ts';

/** Also that those for Google are of the one kind that it takes. @throws KeyMistake */
export function requireKeys(ring: KeyRing, configured: readonly ServiceProviderConfig[]): void {
  const keys = [...ring.published, ...ring.forServiceProviders];
  const known = keys.map(({ name }) => name);
  for (const [index, config] of configured.entries()) {
    const { key: name } = config.signature;
    if (name === undefined) continue;
    const setting = `serviceProviders.${String(index)}.signature.key`;
    const key = keys.find((each) => each.name === name);
    if (key !== undefined) {
      if (config.kind === 'metadata' || key.certificate.publicKey.asymmetricKeyType === 'rsa') continue;
      throw new KeyMistake(`${setting} names ${name}, which is no RSA key, and Google takes RSA keys alone.`);
    }
    throw new KeyMistake(
      `${setting} names ${JSON.stringify(name)}, of which there is no key. There are: ${known.join(', ')}. Or make it: passerelle keys new --use service-provider --name ${name}`,
    );
  }
}
