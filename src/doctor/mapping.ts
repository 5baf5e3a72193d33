/** Tries the mapping on the suffixes of the forests and on some of their people. */
import type { Names } from '../directory/naming.ts';
import type { Person } from '../directory/directory.ts';
import { mapAddress } from '../mapping/address.ts';
import { judgeEverybody, sharedForm } from '../mapping/judge-everybody.ts';
import { prepareMapping, type Mapping } from '../mapping/prepare-mapping.ts';
import { Refusal, type Reason } from '../refusal.ts';
import { tell, type Finding, type Probe } from './check.ts';
import type { World } from './world.ts';

const mostNamed = 6;

/** Suffixes that nobody’s address comes of. */
function lost(suffixes: readonly string[], mapping: Mapping): readonly string[] {
  const prepared = prepareMapping({ ...mapping, source: 'userPrincipalName' });
  return suffixes.filter((suffix) => {
    try {
      mapAddress({ userPrincipalName: `somebody@${suffix}`, mail: undefined }, prepared);
      return false;
    } catch (error) {
      if (error instanceof Refusal) return true;
      throw error;
    }
  });
}

export function judgeSuffixes(names: Pick<Names, 'suffixes'> | undefined, mapping: Mapping, forest?: string): Finding {
  const check = tell('mapping.suffixes', forest);
  if (mapping.source !== 'userPrincipalName') return check.skipped('addresses come from mail, not from the UPN');
  if (names === undefined || names.suffixes.size === 0) return check.skipped('the directory tells no UPN suffixes');
  const all = [...names.suffixes].toSorted();
  const nowhere = lost(all, mapping);
  if (nowhere.length === 0)
    return check.ok(`all ${String(all.length)} suffixes lead to a domain of the account: ${all.slice(0, mostNamed).join(', ')}`);
  return check.warning(
    `${String(nowhere.length)} of ${String(all.length)} suffixes lead nowhere: ${nowhere.slice(0, mostNamed).join(', ')}`,
  );
}

export function judgePeople(people: readonly Person[], mapping: Mapping): Finding {
  const check = tell('mapping.people');
  if (people.length === 0) return check.skipped('nobody could be read');
  // Whether the accounts are in use is asked elsewhere.
  const verdicts = judgeEverybody(
    people.map((person) => ({ ...person, barred: undefined })),
    mapping,
  );
  const refused = new Map<Reason, Person[]>();
  const twice = new Set<string>();
  for (const [index, { address, refused: reason }] of verdicts.entries()) {
    const person = people[index];
    if (person === undefined || reason === undefined) continue;
    if (address === undefined) refused.set(reason, [...(refused.get(reason) ?? []), person]);
    else twice.add(sharedForm(address));
  }
  const count = [...refused.values()].flat().length;
  const reasons = [...refused].map(
    ([reason, those]) => `${reason} ${String(those.length)} (such as ${those[0]?.sAMAccountName ?? 'somebody without a name'})`,
  );
  const words = [
    ...(count > 0 ? [`${String(count)} of ${String(people.length)} people would be refused: ${reasons.join(', ')}`] : []),
    ...(twice.size > 0 ? [`${String(twice.size)} addresses are those of several people`] : []),
  ].join('; ');
  if (words === '') return check.ok(`all ${String(people.length)} people that were tried have an address, each their own`);
  return count === people.length ? check.problem(words) : check.warning(words);
}

async function lookAtSuffixes({ configuration, patient }: World): Promise<readonly Finding[]> {
  return Promise.all(
    configuration.directory.forests.map(async (forest) => {
      for (const server of patient.servers.filter((one) => one.forest === forest && one.domain !== undefined)) {
        const names = (await patient.examine(server)).read?.names;
        if (names !== undefined) return judgeSuffixes(names, configuration.mapping, forest.name);
      }
      return judgeSuffixes(undefined, configuration.mapping, forest.name);
    }),
  );
}

export const mappingProbes = (world: World): readonly Probe[] => [
  { ids: ['mapping.suffixes'], limit: 60_000, run: () => lookAtSuffixes(world) },
  {
    ids: ['mapping.people'],
    limit: 60_000,
    run: async () => [judgePeople(await world.patient.people(), world.configuration.mapping)],
  },
];
