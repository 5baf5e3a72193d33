/** What it takes to read the groups of a person in two thousand of them, for the first time and again. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../src/clock.ts';
import { createLdapDirectory } from '../src/directory/ldap-directory.ts';
import type { StagedDirectory } from './openldap.ts';
import { median } from './statistics.ts';

export interface GroupFigures {
  readonly groups: number;
  /** Milliseconds: the first time, and the median of those after it. */
  readonly first: number;
  readonly again: number;
}

const rounds = 30;
const clock: Clock = { now: Date.now, until: () => Promise.reject(new Error('nobody waits')) };

/** @param directory whose numbered people are in two thousand groups each */
export async function measureGroups({ settings, accounts }: StagedDirectory): Promise<GroupFigures> {
  const { urls, caFile, baseDn, bindDn, password } = settings;
  const domain = { baseDn, netbiosNames: [], controllers: urls.map((url) => ({ url, priority: 1 })) };
  const ca = caFile === undefined ? undefined : () => readFileSync(caFile, 'utf8');
  const directory = createLdapDirectory({
    forests: [{ name: undefined, startTls: false, ca, bindDn, password, globalCatalogs: [], domains: [domain] }],
    site: undefined,
    connectTimeout: 3_000,
    operationTimeout: 20_000,
    failoverAfter: 10_000,
    connections: 8,
    released: [],
    clock,
    random: randomBytes,
    note: () => undefined,
  });
  try {
    const person = await directory.find(accounts[0]?.name ?? '');
    const times: number[] = [];
    let groups = 0;
    for (let round = 0; round <= rounds; round += 1) {
      const begun = performance.now();
      const further = await directory.readFurther(person, { bytes: [], groups: { nested: true, entries: true } });
      times.push(performance.now() - begun);
      groups = further.groups.length;
    }
    const [first, ...again] = times;
    return { groups, first: first ?? Number.NaN, again: median(again) };
  } finally {
    await directory.close();
  }
}
