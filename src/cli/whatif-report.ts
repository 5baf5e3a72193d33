/** What would be asked of a person now, and what a service provider would be told about them, rule by rule. */
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { verifyAccount } from '../directory/account-state.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { mapAddress, type MappingStep } from '../mapping/address.ts';
import { prepareMapping } from '../mapping/prepare-mapping.ts';
import { Refusal, type RefusalDetail } from '../refusal.ts';
import type { Attribute } from '../saml/response.ts';
import { createVerifyAccess } from '../service-providers/access.ts';
import type { NameIDRules } from '../service-providers/name-id-rules.ts';
import { attributeBytes, byteLimit } from '../service-providers/release-limits.ts';
import type { ReleaseRule } from '../service-providers/release-rule.ts';
import { createRelease, type RuleResult } from '../service-providers/release.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import { createReadPerson } from '../signin/read-person.ts';
import type { Store } from '../store/store.ts';
import { reportName, type NameReport } from './whatif-name.ts';
import { reportPolicy, type Circumstances, type PolicyReport } from './whatif-policy.ts';

export interface ReportedRule {
  readonly name: string;
  readonly nameFormat: string;
  readonly friendlyName: string | undefined;
  /** Where the rule stands in the configuration. */
  readonly origin: string;
  /** What it takes, in the words of the configuration. */
  readonly source: string;
  /** Why it was not applied; null where it was. */
  readonly because: string | null;
  /** The values after each step that the rule has, in order. */
  readonly steps: readonly { readonly step: string; readonly values: readonly string[] }[];
  /** What goes out by it. */
  readonly values: readonly string[];
}

export interface WhatIfReport {
  readonly person: Pick<Person, 'distinguishedName' | 'objectGUID'>;
  readonly serviceProvider: Pick<RegisteredServiceProvider, 'entityID' | 'name' | 'kind'>;
  /** What a request gets that leaves the choice, and what it may ask for. */
  readonly nameID: NameIDRules;
  /** What a request gets that leaves the choice; null where the sign-in is refused before. */
  readonly name: NameReport | null;
  /** Null where the mapping makes none, which matters only to whom the name is the address. */
  readonly address: string | null;
  readonly mapping: readonly MappingStep[];
  /** Why there is no address. */
  readonly unmapped: string | null;
  /** What would have to be proven. */
  readonly policy: PolicyReport;
  readonly rules: readonly ReportedRule[];
  readonly attributes: readonly Attribute[];
  readonly bytes: number | null;
  readonly mostBytes: number;
  /** Why there would be no assertion; null where there would be one. */
  readonly refused: { readonly reason: string; readonly hint: string; readonly detail: RefusalDetail } | null;
}

function sourceText({ source }: ReleaseRule): string {
  switch (source.kind) {
    case 'attribute':
      return `from ${source.attribute}${source.as === 'text' ? '' : ` as ${source.as}`}`;
    case 'text':
      return 'text';
    case 'address':
      return 'address';
    case 'groups':
      return `groups by ${source.by}${source.nested ? ', nested' : ''}`;
  }
}

function reported({ rule, origin, because, evaluation, values }: RuleResult): ReportedRule {
  const { name, nameFormat, friendlyName } = rule;
  const steps =
    evaluation === undefined
      ? []
      : [
          { step: 'found', values: evaluation.found },
          ...(rule.keep === undefined ? [] : [{ step: 'keep', values: evaluation.kept }]),
          ...(rule.match === undefined ? [] : [{ step: 'match', values: evaluation.matched }]),
          ...(rule.rename === undefined ? [] : [{ step: 'rename', values: evaluation.values }]),
          ...(rule.requested === undefined ? [] : [{ step: 'requested', values }]),
        ];
  return { name, nameFormat, friendlyName, origin, source: sourceText(rule), because: because ?? null, steps, values };
}

/** @throws Refusal where an address is needed and there is none */
function mapped(
  person: Person,
  { mapping }: Configuration,
  needed: boolean,
): Pick<WhatIfReport, 'address' | 'mapping' | 'unmapped'> {
  try {
    const { address, steps } = mapAddress(person, mapping);
    return { address, mapping: steps, unmapped: null };
  } catch (error) {
    if (needed || !(error instanceof Refusal)) throw error;
    return { address: null, mapping: [], unmapped: error.reason };
  }
}

/** The address as a sign-in finds it: theirs alone. Nothing is remembered. @throws Refusal where one is needed and there is none */
async function readUnique(
  person: Person,
  needed: boolean,
  { configuration, directory, clock }: { configuration: Configuration; directory: Directory; clock: Clock },
): Promise<string | undefined> {
  const readPerson = createReadPerson({
    mapping: prepareMapping(configuration.mapping),
    recheck: 0,
    directory,
    sessions: { refresh: () => Promise.resolve(), dismiss: () => Promise.resolve() },
    clock,
  });
  const session = { id: '', objectGUID: person.objectGUID, evidence: [], endsAt: Infinity, person, personReadAt: 0 };
  return (await readPerson('', session, needed))?.mapped?.address;
}

/**
 * Reads the person afresh and decides as a sign-in would, the password apart.
 * @throws Refusal where nobody answers to that name, or the directory does not answer
 */
export async function makeReport(
  asked: {
    name: string;
    serviceProvider: RegisteredServiceProvider;
    attributeConsumingServiceIndex: number | undefined;
    circumstances: Omit<Circumstances, 'serviceProvider'>;
  },
  parts: { configuration: Configuration; directory: Directory; store: Store | undefined; clock: Clock; random: Random },
): Promise<WhatIfReport> {
  const { serviceProvider, attributeConsumingServiceIndex, circumstances } = asked;
  const { configuration, directory, clock } = parts;
  const person = await directory.find(asked.name);
  const release = createRelease({ release: configuration.release, directory });
  const { entityID, name, kind, nameID, attributeLimits } = serviceProvider;
  let report: WhatIfReport = {
    person: { distinguishedName: person.distinguishedName, objectGUID: person.objectGUID },
    serviceProvider: { entityID, name, kind },
    nameID,
    name: null,
    address: null,
    mapping: [],
    unmapped: null,
    policy: { rules: [], rule: null, asked: [] },
    rules: [],
    attributes: [],
    bytes: null,
    mostBytes: byteLimit(attributeLimits),
    refused: null,
  };
  try {
    await verifyAccount(person, clock.now(), () => directory.passwordPolicy(person));
    const { report: policy, refusal } = await reportPolicy(person, { ...circumstances, serviceProvider: entityID }, parts);
    report = { ...report, policy };
    if (refusal !== undefined) throw refusal;
    const needed = nameID.unasked === 'emailAddress';
    report = { ...report, ...mapped(person, configuration, needed) };
    const address = await readUnique(person, needed, parts);
    if (address === undefined && report.address !== null) report = { ...report, address: null, unmapped: 'address-not-unique' };
    await createVerifyAccess(directory)(serviceProvider, person);
    report = { ...report, name: await reportName(serviceProvider, { objectGUID: person.objectGUID, address }, parts) };
    const request = { address: report.address ?? undefined, attributeConsumingServiceIndex };
    report = { ...report, rules: (await release.results(serviceProvider, person, request)).map(reported) };
    const attributes = await release.attributes(serviceProvider, person, request);
    return { ...report, attributes, bytes: attributeBytes(attributes) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...report, refused: { reason: error.reason, hint: error.row.hint, detail: error.detail } };
  }
}
