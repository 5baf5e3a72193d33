/** The people of one domain, each as a sign-in would read them. */
import { AndFilter, type BerReader, type Filter, NotFilter } from 'ldapts';
import { type Connection, type Entry, readEntry } from '../connection.ts';
import type { Domain } from '../domain.ts';
import { anyOf, equals } from '../filters.ts';
import { accept } from '../ldap-refusal.ts';
import { ownValue } from '../own-value.ts';
import { personOf } from '../person-entry.ts';
import { generalizedTime } from '../windows-time.ts';
import { inOnePiece } from './in-one-piece.ts';
import { type DomainSid, createDomainSid } from './relative-id.ts';
import { scanPages } from './scan-pages.ts';
import { type SurveyBounds, keepWithin } from './survey-bounds.ts';
import type { SurveyedPerson } from './survey.ts';
import { assertIdentified } from './unidentified.ts';
import { whereaboutsOfPeople } from './whereabouts.ts';
import { isSameName } from './whoever-bears.ts';

export interface PeopleRead {
  readonly people: readonly SurveyedPerson[];
  /** Who came again under another name. */
  readonly again: readonly SurveyedPerson[];
  /** Undefined where no entry tells. */
  readonly sid: string | undefined;
  readonly server: string;
}

export interface PeopleWanted {
  readonly domain: Domain;
  /** Which of the survey's domains. */
  readonly place: number;
  readonly sid: string | undefined;
  readonly isActiveDirectory: boolean;
  readonly oneText: (text: string) => string;
  readonly told: (read: number) => void;
  readonly bounds: SurveyBounds;
}

const PAGE = 1_000;

// Of what a sign-in asks for, all but what it tells of the account, which a controller must compute for each.
const asked = [
  ...['objectGUID', 'objectClass', 'sAMAccountName', 'userPrincipalName', 'mail', 'displayName'],
  ...['userAccountControl', 'accountExpires', 'proxyAddresses', 'objectSid', 'primaryGroupID', 'servicePrincipalName'],
  ...['isCriticalSystemObject', 'employeeType', 'targetAddress', 'whenCreated'],
];
const askedElsewhere = [...asked, 'entryUUID', 'createTimestamp'];

/** Elsewhere a class that a schema does not know would, negated, find nobody. */
function peopleFilter(isActiveDirectory: boolean): Filter {
  const anybody = anyOf(['user', 'person', 'inetOrgPerson'].map((name) => equals('objectClass', name)));
  if (!isActiveDirectory) return anybody;
  const others = ['computer', 'contact'].map((name) => new NotFilter({ filter: equals('objectClass', name) }));
  return new AndFilter({ filters: [anybody, ...others] });
}

function numberIn(entry: Entry, attribute: string): number | undefined {
  const text = ownValue(entry, attribute);
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function primarySmtpOf(entry: Entry): string | undefined {
  const value = entry.attributes.get('proxyaddresses')?.find((one) => one.length > 5 && one.toString('latin1', 0, 5) === 'SMTP:');
  return value?.subarray(5).toString();
}

/** Of a person; whoever has more shows no more by them, and they need room. */
const MOST_OTHERS = 50;

function otherSmtpsOf(entry: Entry, known: readonly (string | undefined)[]): readonly string[] {
  const found: string[] = [];
  for (const value of entry.attributes.get('proxyaddresses') ?? []) {
    if (value.length <= 5 || value.toString('latin1', 0, 5) !== 'smtp:') continue;
    const address = value.subarray(5).toString();
    if (found.length < MOST_OTHERS && !known.includes(address)) found.push(address);
  }
  // A list that grew has room for many more.
  return found.slice();
}

const sizeOf = (texts: readonly (string | undefined)[]): number => texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);

function surveyedOf(entry: Entry, wanted: PeopleWanted, domain: string | undefined, sids: DomainSid): SurveyedPerson | undefined {
  const { oneText, place } = wanted;
  const person = personOf(entry, [], wanted.domain.clock.now());
  if (person === undefined) return undefined;
  const once = (text: string | undefined): string | undefined => (text === undefined ? undefined : oneText(text));
  const { distinguishedName, sAMAccountName, userPrincipalName, displayName, barred } = person;
  const mail = person.mail === userPrincipalName ? userPrincipalName : person.mail;
  const primarySmtp = primarySmtpOf(entry);
  const otherSmtps = otherSmtpsOf(entry, [mail, userPrincipalName]);
  return {
    objectGUID: inOnePiece(person.objectGUID),
    distinguishedName,
    sAMAccountName,
    userPrincipalName,
    mail,
    displayName: displayName === sAMAccountName ? sAMAccountName : displayName,
    barred,
    domain: once(domain),
    place,
    primarySmtp: primarySmtp === mail ? mail : primarySmtp,
    ...(otherSmtps.length > 0 ? { otherSmtps } : {}),
    userAccountControl: numberIn(entry, 'useraccountcontrol') ?? 0,
    rid: sids.ridOf(entry),
    primaryGroup: numberIn(entry, 'primarygroupid'),
    hasServicePrincipalName: entry.attributes.has('serviceprincipalname'),
    isCriticalSystemObject: ownValue(entry, 'iscriticalsystemobject')?.toUpperCase() === 'TRUE',
    employeeType: once(ownValue(entry, 'employeetype')),
    targetAddress: ownValue(entry, 'targetaddress'),
    whenCreated: generalizedTime(ownValue(entry, 'whencreated') ?? ownValue(entry, 'createtimestamp')),
  };
}

/** @throws Unanswered; Refusal directory-refused */
export async function readPeople(connection: Connection, wanted: PeopleWanted): Promise<PeopleRead> {
  const { domain, isActiveDirectory, told, bounds } = wanted;
  const { server } = connection;
  const people: SurveyedPerson[] = [];
  const again: SurveyedPerson[] = [];
  const known = new Map<string, number>();
  const sids = createDomainSid(wanted.sid);
  const whereabouts = whereaboutsOfPeople(domain);
  let text = 0;
  const entries = await scanPages(connection, {
    search: {
      base: domain.baseDn,
      filter: peopleFilter(isActiveDirectory),
      attributes: isActiveDirectory ? asked : askedElsewhere,
    },
    size: PAGE,
    take(reader: BerReader) {
      const { entry } = readEntry(reader);
      const { isHeld, domain: dnsDomain } = whereabouts(entry.dn);
      if (!isHeld) return;
      const person = surveyedOf(entry, wanted, dnsDomain, sids);
      if (person === undefined) {
        assertIdentified(entry, server);
        return;
      }
      // Who was moved meanwhile is told twice.
      const earlier = people[known.get(person.objectGUID) ?? -1];
      if (earlier !== undefined) {
        if (!isSameName(earlier, person)) again.push(person);
        keepWithin(bounds, 'again', again.length, server);
        return;
      }
      known.set(person.objectGUID, people.length);
      people.push(person);
      text += sizeOf([person.distinguishedName, person.mail, person.userPrincipalName, person.displayName, person.primarySmtp]);
      text += sizeOf([person.sAMAccountName, person.targetAddress, ...(person.otherSmtps ?? [])]);
      keepWithin(bounds, 'people', people.length, server);
      keepWithin(bounds, 'text', text, server);
    },
    gained: () => people.length,
    told,
    bounds,
  });
  // A base that is missing has nobody, too.
  if (entries === 0) {
    const search = { base: domain.baseDn, scope: 'base' as const, filter: peopleFilter(false), attributes: ['1.1'], limit: 0 };
    accept(server, await connection.search(search));
  }
  return { people, again, sid: sids.sid, server };
}
