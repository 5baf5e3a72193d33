/** Where a rollover stands: who would accept what the next key signs. */
import type { Configuration } from '../config/read-configuration.ts';
import { isProven, type Takeover } from '../keys/key-history.ts';
import type { HeldKey, KeyRing } from '../keys/key-ring.ts';
import { Refusal } from '../refusal.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import type { Signers } from '../saml/signer.ts';
import type { KeyKnowledge } from '../signin/key-knowledge.ts';
import { keyParties, type Party } from '../signin/key-parties.ts';
import { partyStanding, type PartyStanding, type Signing } from '../signin/key-rollover.ts';
import { createOurSigners, readPolicy } from './our-signers.ts';

export interface RolloverParts {
  readonly config: Pick<Configuration, 'algorithms' | 'metadata' | 'serviceProviders'>;
  readonly ring: KeyRing;
  readonly history: readonly Takeover[];
  /** The registry's, as far as metadata are at hand. */
  readonly list: readonly RegisteredServiceProvider[];
  /** Undefined where there is no store yet, so that nothing is known. */
  readonly knowledge: KeyKnowledge | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The published key that not everybody has verified by yet; undefined while no rollover is on. */
export const nextKey = ({ active, published }: KeyRing, history: readonly Takeover[]): HeldKey | undefined =>
  published.find(({ name }) => name !== active.name && !isProven(history, name));

/** How each party would take it if that published key signed for everybody. @throws Refusal store-unavailable */
export async function readRollover(key: HeldKey, parts: RolloverParts): Promise<readonly PartyStanding[]> {
  const { config, ring, history, list, knowledge, now } = parts;
  const policy = readPolicy(config, { note: () => undefined });
  const before = createOurSigners(ring, policy);
  const others = ring.published.filter(({ name }) => name !== key.name);
  const after = createOurSigners({ ...ring, published: [key, ...others] }, policy);
  const hasSigned = isProven(history, key.name);
  const signingOf = (party: Party): Signing => ({
    before: signerOf(party, before, ring, ring.active.name),
    after: signerOf(party, after, ring, key.name),
  });
  return Promise.all(
    keyParties(config, list).map(async (party) =>
      partyStanding(party, key, {
        knowledge: (await knowledge?.of(party.id)) ?? { told: {} },
        signing: signingOf(party),
        hasSigned,
        now,
      }),
    ),
  );
}

/** The name of the key that answers a party, as far as we know it; undefined where none of ours would do. */
function signerOf({ serviceProvider, keyNamed }: Party, signers: Signers, ring: KeyRing, byDefault: string): string | undefined {
  if (serviceProvider === undefined) return keyNamed ?? byDefault;
  try {
    const { certificate } = signers.for(serviceProvider);
    return [...ring.published, ...ring.forServiceProviders].find((key) => key.certificate.raw.toString('base64') === certificate)
      ?.name;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
