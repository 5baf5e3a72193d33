/**
 * Sees to it that nobody bears the objectGUID of somebody in another forest: sessions, identifiers and counters go by it, and who
 * rules a forest can make somebody there with whatever objectGUID they like.
 */
import type { Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { Person } from './directory.ts';
import { equals } from './filters.ts';
import type { Forest } from './forest.ts';
import { objectGuidBytes } from './object-guid.ts';
import { identityOf } from './person-entry.ts';

/** @throws Refusal person-ambiguous where another forest has somebody of that objectGUID too */
export type IdentityGuard = (person: Person, forest: Forest) => Promise<void>;

const MOST = 20_000;
/** Milliseconds: a forest that is down must not hold up the people of the others. */
const PATIENCE = 1_000;

async function isIn(forest: Forest, objectGUID: string): Promise<boolean> {
  const bytes = objectGuidBytes(objectGUID);
  if (forest.catalog !== undefined && bytes !== undefined) {
    const { entries } = await forest.catalog.few(equals('objectGUID', bytes));
    return entries.some((entry) => identityOf(entry) === objectGUID && forest.domainOf(entry.dn) !== undefined);
  }
  return (await Promise.all(forest.domains.map((domain) => domain.read(objectGUID)))).some((person) => person !== undefined);
}

/** Each person is looked for once in the other forests, for as long as the process remembers them. */
export function createIdentityGuard(forests: readonly Forest[], clock: Clock): IdentityGuard {
  const owners = new Map<string, Forest>();

  return async ({ objectGUID, server }, forest) => {
    const owner = owners.get(objectGUID);
    if (forests.length === 1 || owner === forest) return;
    const refuse = (other: Forest): never => {
      throw new Refusal('person-ambiguous', { server, cause: 'the same objectGUID in another forest', forest: other.name });
    };
    let isSure = true;
    const others = forests.filter((other) => other !== forest);
    const late = clock.until(clock.now() + PATIENCE).then(() => undefined);
    for (const other of owner === undefined ? others : [owner]) {
      const found = await Promise.race([
        late,
        isIn(other, objectGUID).catch((error: unknown) => {
          if (error instanceof Refusal) return undefined;
          throw error;
        }),
      ]);
      if (found === true) refuse(other);
      // Whoever was known first keeps the objectGUID while their forest does not answer.
      if (found === undefined && owner !== undefined) refuse(owner);
      isSure &&= found === false;
    }
    if (!isSure) return;
    const [oldest] = owners.keys();
    if (owners.size >= MOST && oldest !== undefined) owners.delete(oldest);
    owners.set(objectGUID, forest);
  };
}
