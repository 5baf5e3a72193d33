/** Every domain in use with how many people are in it, and those that the forests, the configuration or the operator name. */
import { prepareMapping } from '../mapping/prepare-mapping.ts';
import type { Facts } from './facts.ts';
import { publicName, type PublicName } from './public-name.ts';

export interface CountedDomain extends PublicName {
  /** People whose UPN, whose mail, whose primary SMTP address, and of whom either of the first two lies in it. */
  userPrincipalNames: number;
  mails: number;
  primarySmtps: number;
  people: number;
  /** Accounts of every kind whose UPN or mail lies in it. */
  accounts: number;
}

export interface DomainCensus {
  /** In the order in which they were met. */
  readonly domains: readonly CountedDomain[];
  /** By name: the place in `domains`. */
  readonly places: ReadonlyMap<string, number>;
  /** Of each of `survey.people`: the place of the domain of their UPN and of their mail, -1 where there is none. */
  readonly userPrincipalName: Int32Array;
  readonly mail: Int32Array;
  /** DNS names of the forests' domains, and the alternate UPN suffixes. */
  readonly ofForests: ReadonlySet<string>;
  readonly suffixes: ReadonlySet<string>;
  /** People whose mail lies in any domain. */
  readonly withMail: number;
}

/** Every name is judged once, however many people write it. */
class Register {
  readonly domains: CountedDomain[] = [];
  readonly places = new Map<string, number>();
  readonly #written = new Map<string, number>();

  place(text: string): number {
    const known = this.#written.get(text);
    if (known !== undefined) return known;
    const judged = publicName(text);
    let place = this.places.get(judged.name);
    if (place === undefined) {
      place = this.domains.length;
      this.places.set(judged.name, place);
      this.domains.push({ ...judged, userPrincipalNames: 0, mails: 0, primarySmtps: 0, people: 0, accounts: 0 });
    }
    this.#written.set(text, place);
    return place;
  }

  /** -1 where nothing follows an @. */
  of(address: string | undefined): number {
    const at = address?.lastIndexOf('@') ?? -1;
    return address === undefined || at === -1 || at === address.length - 1 ? -1 : this.place(address.slice(at + 1));
  }
}

const asNamed = (names: readonly string[]): ReadonlySet<string> => new Set(names.map((name) => publicName(name).name));

function ofForests({ forests, domains }: Facts['survey']): ReadonlySet<string> {
  return asNamed([
    ...forests.flatMap((forest) => [
      ...(forest.isActiveDirectory && forest.name !== undefined ? [forest.name] : []),
      ...forest.domains.map(({ dnsDomain }) => dnsDomain),
    ]),
    ...domains.flatMap(({ dnsDomain }) => dnsDomain ?? []),
  ]);
}

/** @throws MappingMistake where the configured mapping contradicts itself */
export function countDomains({ survey, kinds, configured, told }: Facts): DomainCensus {
  const register = new Register();
  const forests = ofForests(survey);
  const suffixes = asNamed(survey.forests.flatMap((forest) => forest.suffixes));
  const { tables } = prepareMapping(configured);
  const named = [tables.destinations.keys(), tables.substitutes.keys(), tables.substitutes.values(), told, forests, suffixes];
  for (const names of named) for (const name of names) register.place(name);
  for (const name of forests) {
    const { kind, registrable } = publicName(name);
    if (kind === 'public' && registrable !== null) register.place(registrable);
  }

  const userPrincipalName = new Int32Array(survey.people.length);
  const mail = new Int32Array(survey.people.length);
  let withMail = 0;
  for (const [index, person] of survey.people.entries()) {
    const byUpn = register.of(person.userPrincipalName);
    const byMail = register.of(person.mail);
    userPrincipalName[index] = byUpn;
    mail[index] = byMail;
    const isPerson = kinds[index] === 'person';
    if (isPerson && byMail !== -1) withMail += 1;
    const [upnDomain, mailDomain] = [register.domains[byUpn], register.domains[byMail]];
    for (const domain of new Set([upnDomain, mailDomain])) {
      if (domain === undefined) continue;
      domain.accounts += 1;
      if (isPerson) domain.people += 1;
    }
    if (!isPerson) continue;
    if (upnDomain !== undefined) upnDomain.userPrincipalNames += 1;
    if (mailDomain !== undefined) mailDomain.mails += 1;
    const smtpDomain = register.domains[register.of(person.primarySmtp)];
    if (smtpDomain !== undefined) smtpDomain.primarySmtps += 1;
  }
  return { domains: register.domains, places: register.places, userPrincipalName, mail, ofForests: forests, suffixes, withMail };
}
