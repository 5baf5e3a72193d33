/**
 * `passerelle advise` in front of an OpenLDAP in which every defect was planted so many times: all of them come back, by number and by
 * name, sign-ins agree, and whoever follows the advice is through.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import type { Advice, AdvisedUnit, Candidate, CandidateName } from '../../src/advisor/advice.ts';
import type { Drift } from '../../src/advisor/drift.ts';
import type { Reason } from '../../src/refusal.ts';
import { clock } from '../directory/options.ts';
import { run, type Told } from '../cli/scripted-io.ts';
import { openHouse } from '../fixtures/house.ts';
import type { PlantedPerson } from '../fixtures/planted-directory-placing.ts';
import { plantedDomains, type Outcome, type Weighed } from '../fixtures/planted-directory-people.ts';
import { plantedServer, type PlantedServer } from '../fixtures/planted-server.ts';
import { textOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { modify } from '../testbed/directory-server.ts';
import { runCommand } from '../fixtures/run-command.ts';

const { primary, secondary, alias, inner } = plantedDomains;
/** What an administrator might begin with: neither a domain that many people are in nor a substitution. */
const configured = { source: 'userPrincipalName', domains: { primary, aliases: { [alias]: primary } } } as const;
const best: Weighed = 'upn-substituted';

let server: PlantedServer;
let folder: string;
let advice: Advice;
let everybody: readonly PlantedPerson[];

function configure(name: string, mapping: object): string {
  const { url, caFile, baseDn, bindDn, password } = server;
  const file = join(folder, name);
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({
      publicUrl: 'http://localhost:8080',
      directory: { urls: [url], caFile, baseDn, bindDn, password },
      mapping,
      keys: { folder: join(folder, 'certs') },
      store: { file: join(folder, 'store.sqlite') },
    }),
    { mode: 0o600 },
  );
  return file;
}
const advise = (...args: readonly string[]): Promise<Told> =>
  run(['advise', ...args], { folder, clock: { ...clock, now: Date.now }, random: randomBytes });
const readAdvice = (into: string): Advice => JSON.parse(readFileSync(join(into, 'advice.json'), 'utf8')) as Advice;
interface Checked {
  readonly people: number;
  readonly refused: readonly { readonly name: string; readonly reason: Reason; readonly because: string }[];
  readonly others: readonly { readonly name: string; readonly reason: Reason }[];
  readonly disabled: number;
}
async function check(file: string): Promise<Checked & { readonly code: number }> {
  const { code, out } = await advise('--check', '--json', '--config', file);
  return { code, ...(JSON.parse(out) as Checked) };
}

const names = (people: Iterable<{ readonly account: string }>): readonly string[] =>
  Array.from(people, ({ account }) => account).sort();
const told = (people: readonly { readonly name: string }[]): readonly string[] => people.map(({ name }) => name);
const among = (kind: PlantedPerson['kind'], holds: (person: PlantedPerson) => boolean): readonly string[] =>
  names(everybody.filter((person) => person.kind === kind && holds(person)));
const candidate = (name: CandidateName): Candidate => {
  const found = advice.mapping.candidates.find((one) => one.name === name);
  assert.ok(found !== undefined, `no candidate ${name}`);
  return found;
};

before(async () => {
  server = await plantedServer({ people: 1_000, groups: 150, seed: 7 });
  everybody = [...server.planted.everybody()];
  folder = mkdtempSync(join(tmpdir(), 'passerelle-advise-'));
  const file = configure('passerelle.yaml', configured);
  const into = join(folder, 'report');
  const { code, errors } = await runCommand(['advise', '--into', into, '--no-dns', '--own', secondary, '--config', file], folder);
  assert.equal(code, 0, errors);
  advice = readAdvice(into);
});
after(async () => {
  await server.destroy();
  rmSync(folder, { recursive: true });
});

describe('the report', () => {
  it('is three files, for their owner alone', () => {
    for (const name of ['advice.html', 'advice.json', 'mend.csv']) {
      const { mode, size } = statSync(join(folder, 'report', name));
      assert.equal(mode & 0o777, 0o600, name);
      assert.ok(size > 1_000, name);
    }
    assert.equal(advice.domains.dns, 'not asked');
  });

  it('tells accounts apart by the rules that they were planted for', () => {
    assert.deepEqual(advice.mapping.accounts, server.planted.accounts);
    const byRule = new Map<string, number>([['a name such as svc-backup, svc_backup or backup-svc', 1]]);
    for (const { rule } of everybody) if (rule !== undefined) byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
    assert.deepEqual(new Map(advice.mapping.rules.map(({ rule, count }) => [rule, count])), byRule);
    const kinds = new Map(advice.people.map(({ name, kind }) => [name, kind]));
    for (const { account, kind } of everybody) assert.equal(kinds.get(account), kind, account);
  });

  for (const name of ['upn', 'mail', 'upn-substituted', 'mail-substituted'] as const) {
    it(`counts by ${name} what was planted, and names all who share an address`, () => {
      const { outcomes, collisions } = candidate(name);
      assert.deepEqual(outcomes, server.planted.outcomes[name]);
      const holders = collisions.map((collision) => told(collision.holders).toSorted());
      assert.deepEqual(
        holders.sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
        server.planted.collisions[name],
      );
    });
  }

  it('finds the best, and says whose values differ', () => {
    const { mapping } = advice;
    assert.equal(mapping.best, best);
    const differ = (one: string | undefined, other: string | undefined): boolean =>
      one !== undefined && other !== undefined && one.toLowerCase() !== other.toLowerCase();
    assert.deepEqual(
      told(mapping.upnIsNotMail),
      among('person', ({ upn, mail }) => differ(upn, mail)),
    );
    assert.deepEqual(
      told(mapping.mailIsNotPrimarySmtp),
      among('person', ({ mail, primarySmtp }) => differ(mail, primarySmtp)),
    );
    assert.deepEqual(
      told(candidate(best).againstGuidelines),
      among('person', ({ isAgainstGuidelines }) => isAgainstGuidelines),
    );
  });

  it('counts every domain in use', () => {
    const domainOf = (value: string | undefined): string | undefined => value?.slice(value.lastIndexOf('@') + 1).toLowerCase();
    for (const [name, kind, role] of [
      [primary, 'public', 'primary'],
      [secondary, 'public', 'secondary'],
      [alias, 'public', 'alias'],
      [inner, 'reserved', 'substituted'],
      [plantedDomains.label, 'single label', undefined],
      [plantedDomains.partner, 'public', 'none'],
      [plantedDomains.consumer, 'consumer', 'none'],
    ] as const) {
      const found = advice.domains.domains.find((domain) => domain.name === name);
      assert.equal(found?.kind, kind, name);
      if (role !== undefined) assert.equal(found.role, role, name);
      assert.equal(found.userPrincipalNames, among('person', ({ upn }) => domainOf(upn) === name).length, `UPNs in ${name}`);
      assert.equal(found.mails, among('person', ({ mail }) => domainOf(mail) === name).length, `mails in ${name}`);
    }
  });

  it('counts groups by kind, name, address, nesting and members', () => {
    const { groups } = advice;
    const { planted } = server;
    const ofDefect = (defect: string): readonly string[] => names(planted.groups.byDefect.get(defect) ?? []);
    assert.equal(groups.total, planted.groups.total);
    assert.equal(groups.builtIn, ofDefect('built in').length + ofDefect('made by the system').length);
    assert.equal(groups.empty, ofDefect('empty').length);
    assert.deepEqual(new Map(groups.kinds.map(({ scope, type, count }) => [`${scope} ${type}`, count])), planted.groups.kinds);
    for (const { by, collisions, heldByPeople, ...counts } of groups.namings) {
      const { collision, ...expected } = planted.groups.namings[by];
      assert.deepEqual(counts, expected, by);
      const holders = collisions.flatMap((one) => told(one.holders));
      assert.equal(holders.length, collision);
      assert.deepEqual(holders.toSorted(), ofDefect(by === 'cn' ? 'same cn in two units' : 'duplicate mail'));
      assert.deepEqual(heldByPeople.map(({ group }) => group.name).sort(), by === 'cn' ? [] : ofDefect('address of a person'));
    }
    const { deepest, byDepth, longest, cycles } = groups.nesting;
    const chain = ofDefect('chain');
    const resources = ofDefect('resource').length / 2;
    assert.equal(deepest, planted.groups.deepest);
    assert.deepEqual(longest, chain);
    assert.deepEqual(
      byDepth,
      Array.from({ length: deepest + 1 }, (_, depth) =>
        depth === 0 ? groups.total - deepest - resources : depth === 1 ? 1 + resources : 1,
      ),
    );
    assert.deepEqual(
      cycles.map((cycle) => told(cycle).toSorted()),
      ['circle of 2', 'circle of 3', 'circle of 5'].map(ofDefect),
    );
    assert.deepEqual(Object.fromEntries(groups.outsiders.map(({ kind, members }) => [kind, members])), planted.groups.outsiders);
    const used = new Map(groups.uses.map(({ use, count }) => [use, count]));
    assert.equal(used.get('unused'), ofDefect('empty').length);
    const circles = cycles.flat().length;
    assert.equal(used.get('role'), chain.length - 1 + resources + circles);
    assert.equal(used.get('resource'), (planted.groups.kinds.get('domain local security') ?? 0) + 1);
    assert.equal(
      [...used.values()].reduce((sum, count) => sum + count, 0),
      groups.total,
    );
    const { finds, leavesOut } = groups.proposal;
    assert.equal(
      leavesOut.reduce((sum, { count }) => sum + count, finds),
      groups.total,
    );
  });

  it('counts everybody in the tree of units', () => {
    const { units, planted } = { units: advice.units, planted: server.planted };
    assert.equal(units.trees.length, 1);
    const seen = new Map<string, object>();
    const walk = (path: readonly string[], unit: AdvisedUnit): number => {
      const name = unit.kind === 'container' ? `CN=${unit.name}` : unit.name;
      const own = unit.kind === 'domain' ? [] : [...path, name];
      const { people, otherAccounts, groups } = unit;
      if (own.length > 0) seen.set(own.join(' > '), { people, otherAccounts, groups });
      const below = unit.units.reduce((sum, one) => sum + walk(own, one), people);
      assert.equal(unit.peopleBelow, unit.units.length === 0 ? people : below, own.join(' > '));
      return below;
    };
    const [tree] = units.trees;
    assert.ok(tree !== undefined);
    assert.equal(walk([], tree), server.planted.accounts.person);
    // A container of which nobody is below is not of the tree.
    const expected = [...planted.units].filter(([path]) => path !== 'CN=ForeignSecurityPrincipals');
    assert.deepEqual(new Map([...seen].sort()), new Map(expected.sort()));
    assert.ok(units.troubles.some(({ distinguishedName }) => /Research\/Development/i.test(distinguishedName)));
    assert.equal(units.troubles.filter(({ distinguishedName }) => /^OU=archive,/i.test(distinguishedName)).length, 1);
    assert.ok(units.troubles.some(({ distinguishedName }) => /^OU=Level 36/i.test(distinguishedName)));
  });
});

const reasons: Readonly<Partial<Record<Outcome, Reason>>> = {
  withoutValue: 'no-user-principal-name',
  notAnEmailAddress: 'not-an-email-address',
  foreignDomain: 'address-not-in-domains',
  consumerDomain: 'address-not-in-domains',
  unregistrableDomain: 'address-not-in-domains',
  duplicate: 'address-not-unique',
};
/** By the configured mapping, which knows no secondary domain. */
const refusalOf = ({ barred, outcomes, upn }: PlantedPerson): Reason | undefined =>
  barred ?? (upn?.endsWith(`@${secondary}`) === true ? 'address-not-in-domains' : reasons[outcomes.upn]);

describe('the check', () => {
  it('names exactly the people who were planted to be refused, and fails', async () => {
    const { code, people, refused, others, disabled } = await check(join(folder, 'passerelle.yaml'));
    assert.equal(code, 1);
    assert.equal(people, server.planted.accounts.person);
    assert.equal(disabled, server.planted.accounts.disabled);
    assert.deepEqual(
      refused.map(({ name, reason }) => [name, reason]),
      everybody
        .filter((person) => person.kind === 'person' && refusalOf(person) !== undefined)
        .sort((one, other) => (one.account < other.account ? -1 : 1))
        .map((person) => [person.account, refusalOf(person)]),
    );
    assert.deepEqual(told(others), ['svc-ldap']);
  });

  it('agrees with the standings of the report', () => {
    const refused = new Map(advice.people.map(({ name, refused: reason }) => [name, reason ?? undefined]));
    for (const person of everybody) assert.equal(refused.get(person.account), refusalOf(person), person.account);
  });
});

const responseIn = ({ form }: Page): string => Buffer.from(form?.fields.SAMLResponse ?? '', 'base64').toString();

/** Each signs in by account name and password, and gets what the report says. */
async function signIn(report: Advice, people: readonly PlantedPerson[], mapping: Advice['configured']): Promise<void> {
  const house = await openHouse({ directory: server, config: { mapping } });
  const standings = new Map(report.people.map((standing) => [standing.name, standing]));
  try {
    for (const { account, defect } of people) {
      const standing = standings.get(account);
      const who = `${account}: ${defect ?? ''}`;
      const page = await new Visitor(house.url).signIn(account, server.password);
      const nameId = textOf(responseIn(page), 'NameID');
      if (standing?.refused === null) assert.equal(nameId, standing.address, who);
      else {
        assert.equal(nameId, undefined, who);
        assert.equal(
          house.events.findLast(({ event }) => event === 'signin.refused')?.reason,
          standing?.refused,
          `${who}: ${page.body.slice(0, 500)}`,
        );
      }
    }
  } finally {
    await house.close();
  }
}

describe('sign-ins', () => {
  it('give the NameID or the refusal of the report, to people of every defect', async () => {
    const sample = [...server.planted.people.values()].flatMap((people) =>
      people.slice(0, people[0]?.outcomes[best] === 'duplicate' ? 2 : 1),
    );
    assert.ok(sample.length > 40);
    const ordinary = everybody.filter(({ defect }) => defect === undefined).slice(0, 4);
    await signIn(advice, [...sample, ...ordinary], advice.configured);
  });
});

describe('whoever follows the advice', () => {
  let section: string;

  it('pastes a mapping that does as well as it says', async () => {
    ({ section } = advice.verdict);
    const { mapping } = parse(section) as { readonly mapping: object };
    const { code, people, refused } = await check(configure('pasted.yaml', mapping));
    assert.equal(code, 1);
    assert.equal(people - refused.length, candidate(best).outcomes.person.mapped);
  });

  it('mends whom the list names, and is through: nobody is refused, and drift says who got an address', async () => {
    const mendings = advice.mapping.mendings;
    const [, ...rows] = readFileSync(join(folder, 'report', 'mend.csv'), 'utf8')
      .trimEnd()
      .split('\r\n');
    assert.equal(rows.length, mendings.length);
    for (const [place, { name, powershell, objectGUID }] of mendings.entries()) {
      const row = rows[place] ?? '';
      assert.ok(row.includes(name) && row.endsWith(objectGUID), row);
      assert.ok(row.includes(powershell.replaceAll('"', '""')), row);
    }
    assert.deepEqual(
      new Set(told(mendings)),
      new Set(among('person', ({ outcomes, isAgainstGuidelines }) => outcomes[best] !== 'mapped' || isAgainstGuidelines)),
    );
    let invented = 0;
    const changes = mendings.map(({ distinguishedName, attribute, proposed }) => {
      // Where only a human knows one, a human says one.
      const value = proposed ?? `human.${String((invented += 1))}@${primary}`;
      return `dn:: ${Buffer.from(distinguishedName).toString('base64')}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n`;
    });
    assert.ok(invented < mendings.length / 2, `${String(invented)} of ${String(mendings.length)} values had to be invented`);
    await modify(server, changes.join('\n'));

    const { mapping } = parse(section) as { readonly mapping: object };
    const file = configure('pasted.yaml', mapping);
    const { code, people, refused } = await check(file);
    assert.deepEqual(refused, []);
    assert.equal(code, 0);
    assert.equal(people, server.planted.accounts.person);

    const later = join(folder, 'later');
    assert.equal((await advise('--into', later, '--no-dns', '--config', file)).code, 0);
    const after = readAdvice(later);
    assert.equal(after.mapping.candidates.find(({ name }) => name === 'configured')?.outcomes.person.mapped, people);
    assert.deepEqual(after.mapping.mendings, []);
    assert.equal(after.verdict.isConfigured, true);

    const mended = new Set(told(mendings));
    const sample = everybody.filter(({ account }) => mended.has(account)).slice(0, 12);
    await signIn(after, sample, after.configured);

    const compared = await advise('drift', '--json', join(folder, 'report/advice.json'), join(later, 'advice.json'));
    const drift = JSON.parse(compared.out) as Drift;
    assert.deepEqual([drift.appeared, drift.vanished, drift.lost, drift.handedOn], [[], [], [], []]);
    assert.equal(drift.mappingChanged, true);
    // Who had an address before, which is nobody's own once the inner domain is replaced, has another one now.
    assert.deepEqual(
      drift.renamed.map(({ before: { name } }) => name),
      among(
        'person',
        ({ outcomes, isAgainstGuidelines }) =>
          isAgainstGuidelines || (outcomes.upn === 'mapped' && outcomes[best] === 'duplicate'),
      ),
    );
    assert.deepEqual(
      drift.gained.filter(({ before: { kind } }) => kind === 'person').map(({ before: { name } }) => name),
      among('person', (person) => refusalOf(person) !== undefined),
    );
  });
});

describe('somebody in more groups than Google allows', () => {
  it('is named, with how many there are', async () => {
    const crowded = await plantedServer({ people: 300, groups: 3_200, seed: 3, crowded: 3_010 }, 1);
    try {
      const { url, caFile, baseDn, bindDn, password } = crowded;
      const file = join(folder, 'crowded.yaml');
      const directory = { urls: [url], caFile, baseDn, bindDn, password };
      const settings = { publicUrl: 'http://localhost:8080', directory, mapping: { domains: { primary: 'example.com' } } };
      writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
      const { code, out } = await advise('--json', '--no-dns', '--config', file);
      assert.equal(code, 0);
      const [direct, all] = (JSON.parse(out) as Advice).groups.limits;
      assert.deepEqual(direct?.over, [{ name: direct?.over[0]?.name, count: direct?.most }]);
      assert.ok(direct.most >= 3_010 && direct.limit === 3_000);
      assert.deepEqual([all?.limit, all?.over], [7_500, []]);
    } finally {
      await crowded.destroy();
    }
  });
});
