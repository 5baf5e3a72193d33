/** What smart lockout noticed that the policy may ask about. */
import type { Evidence } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Risk } from '../config/policy-schema.ts';
import type { Person } from '../directory/directory.ts';
import type { Store } from '../store/store.ts';
import { networkKey } from './attempt-keys.ts';
import type { FamiliarPlaces } from './familiar-places.ts';
import { networkOf } from '../audit/network.ts';
import { networkAttemptsOf } from './network-attempts.ts';
import type { Caller } from './policy.ts';
import type { Session } from './session.ts';
import type { Suspicions } from './suspicions.ts';

export interface Risks {
  /** `session` undefined: by the person and the place alone. */
  of(person: Person, caller: Caller, session: Session | undefined): Promise<ReadonlySet<Risk>>;
  /** Told of each assertion: a place is known from the first one on for which more than one factor was proven there. */
  passed(person: Person, caller: Caller, evidence: readonly Evidence[], signIn: string | undefined): Promise<void>;
}

/** Two factors in one. */
const strong: ReadonlySet<Evidence['authenticator']> = new Set<Evidence['authenticator']>(['passkey', 'certificate']);

/** @param parts `places` are those where people passed a second factor */
export function createRisks(parts: {
  store: Pick<Store, 'get'>;
  places: FamiliarPlaces;
  suspicions: Pick<Suspicions, 'of'>;
  clock: Pick<Clock, 'now'>;
}): Risks {
  const { store, places, suspicions, clock } = parts;

  /** Guessing at many people was noticed from there, and is held. */
  async function isSpraying(network: string): Promise<boolean> {
    const value = await store.get('attempts', networkKey(network));
    return value !== undefined && networkAttemptsOf({ value, expiresAt: Infinity }).heldUntil > clock.now();
  }

  return {
    async of(person, { remoteAddress }, session) {
      const network = networkOf(remoteAddress);
      const noticed = session?.evidence.flatMap(({ risks = [] }) => risks) ?? [];
      const { objectGUID } = person;
      const [known, spraying, suspected] = await Promise.all([
        places.of(objectGUID),
        isSpraying(network),
        suspicions.of(objectGUID),
      ]);
      return new Set<Risk>([
        ...noticed,
        ...(known.some((place) => place.network === network) ? [] : (['unfamiliar-place'] as const)),
        ...(suspected ? (['recent-failures'] as const) : []),
        ...(spraying ? (['spray'] as const) : []),
      ]);
    },
    async passed(person, { remoteAddress }, evidence, signIn) {
      const isFresh = evidence.every((piece) => piece.signIn === signIn);
      if (!isFresh || (evidence.length < 2 && !evidence.some(({ authenticator }) => strong.has(authenticator)))) return;
      await places.remember(person, undefined, networkOf(remoteAddress));
    },
  };
}
