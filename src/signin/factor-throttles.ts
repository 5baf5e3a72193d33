/** What stops guessing at factors: of each its own count, apart from that of passwords, which alone lock an account. */
import type { FactorName } from '../authenticators/authenticator.ts';
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Store } from '../store/store.ts';
import type { Person } from '../directory/directory.ts';
import { createFamiliarPlaces, type FamiliarPlaces } from './familiar-places.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { clearThrottle } from './throttle-state.ts';
import { within } from './within-store.ts';

/** Nothing is known to the directory of codes. */
const noLockout = {
  passwordPolicy: () => Promise.resolve(undefined),
  failedPasswords: () => Promise.resolve({ count: 0, at: undefined, controllers: [] }),
};

type Counted = FactorName | 'enrolment-pass';
const counted: Readonly<Record<Counted, true>> = {
  ...{ totp: true, webauthn: true, 'recovery-code': true, radius: true, webhook: true, duo: true, own: true },
  'enrolment-pass': true,
};

/** Where people passed a factor: whoever knows a password alone makes no place familiar here. `keep` in milliseconds. */
export const createFactorPlaces = ({ store, ...parts }: { store: Store; clock: Clock; keep: number }): FamiliarPlaces =>
  createFamiliarPlaces({ ...parts, store: within(store, 'factor') });

/** Forgets the failures of the person at every factor. */
export async function clearFactorThrottles(person: Person, parts: { store: Store; places: FamiliarPlaces }): Promise<void> {
  const { store, places } = parts;
  const spaces = Object.keys(counted).map((factor) => clearThrottle(person, { store: within(store, factor), places }));
  await Promise.all(spaces);
}

/** @param parts `places` as `createFactorPlaces` gives them */
export function createFactorThrottles(parts: {
  store: Store;
  clock: Clock;
  places: FamiliarPlaces;
  limits: Config['throttle'];
  steps?: Pick<Steps, 'tell'>;
}): (factor: Counted) => Throttle {
  const { steps = noSteps } = parts;
  const throttles = new Map<string, Throttle>();
  const of = (factor: Counted): Pick<Steps, 'tell'> => ({
    tell(name, detail) {
      steps.tell(name, { ...detail, authenticator: factor });
    },
  });
  return (factor) => {
    const known = throttles.get(factor);
    if (known !== undefined) return known;
    const throttle = createThrottle({ ...parts, store: within(parts.store, factor), directory: noLockout, steps: of(factor) });
    throttles.set(factor, throttle);
    return throttle;
  };
}
