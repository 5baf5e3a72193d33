/** What is measured of a house: its keys, its directory servers, its metadata. */
import type { Measured, Reading } from '../audit/gauges.ts';
import type { Directory } from '../directory/directory.ts';
import type { Expiry } from '../keys/expiry.ts';
import type { Registry } from '../service-providers/registry.ts';

/** A URL without its password and its query, which may be one; a path as it is. */
function shownSource(source: string): string {
  const shown = source.split(', ').map((one) => {
    if (!/^https?:/i.test(one) || !URL.canParse(one)) return one;
    const { origin, pathname } = new URL(one);
    return origin + pathname;
  });
  return shown.join(', ').slice(0, 256);
}

/** Cheap: nobody is asked. */
export function measureHouse(house: {
  expiries: readonly Expiry[];
  directory: Pick<Directory, 'controllers'>;
  registry: Pick<Registry, 'ages'>;
}): readonly Measured[] {
  const controllers = house.directory.controllers();
  const ages = house.registry.ages().map((age) => ({ ...age, source: shownSource(age.source) }));
  return [
    ['passerelle_controller_up', controllers.map(({ domain, server, up }): Reading => [[domain, server], up ? 1 : 0])],
    [
      'passerelle_controller_latency_seconds',
      controllers.map(({ domain, server, latency }): Reading => [[domain, server], latency / 1_000]),
    ],
    [
      'passerelle_key_expiry_timestamp_seconds',
      house.expiries.map(({ what, name, notAfter }): Reading => [[what, name], notAfter / 1_000]),
    ],
    [
      'passerelle_metadata_last_success_timestamp_seconds',
      ages.map(({ source, takenAt = 0 }): Reading => [[source], takenAt / 1_000]),
    ],
    [
      'passerelle_metadata_valid_until_timestamp_seconds',
      ages.flatMap(({ source, validUntil }): readonly Reading[] =>
        validUntil === undefined ? [] : [[[source], validUntil / 1_000]],
      ),
    ],
    ['passerelle_metadata_service_providers', ages.map(({ source, serviceProviders }): Reading => [[source], serviceProviders])],
  ];
}
