/** The attributes of people that the configuration names. */
import type { Configuration } from '../config/read-configuration.ts';
import { released } from '../service-providers/release.ts';

export function wantedAttributes({ serviceProviders, release, mapping, factors }: Configuration): readonly string[] {
  const named = [
    ...released(serviceProviders, release),
    mapping.source,
    ...[factors.radius?.username, factors.duo?.username].filter((name) => name !== undefined),
  ];
  return [...new Set(named)];
}
