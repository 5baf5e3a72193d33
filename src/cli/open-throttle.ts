/** What the commands about the throttle work on: the person, the store of the running house, and the places in it. */
import { createFamiliarPlaces, type FamiliarPlaces } from '../signin/familiar-places.ts';
import type { Io } from './command.ts';
import { withPerson, type Opened } from './with-person.ts';

/**
 * Finds the person and hands everything to `work`. Where there is nobody, says why and gives 1.
 * @throws as `withPerson` does
 */
export function withThrottle(
  name: string,
  flag: string | undefined,
  io: Io,
  work: (opened: Opened & { readonly places: FamiliarPlaces }) => Promise<number>,
): Promise<number> {
  return withPerson({ name, flag, empty: 'nothing was counted' }, io, (opened) => {
    const { store, configuration } = opened;
    return work({
      ...opened,
      places: createFamiliarPlaces({ store, clock: io.clock, keep: configuration.throttle.familiarFor }),
    });
  });
}
