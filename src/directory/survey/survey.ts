/** What a reading of whole forests gives: everything that the choice of a mapping rests on, kept small, since there are many people. */
import type { Person } from '../directory.ts';

export interface Trust {
  /** DNS name of the other side, lower case; its flat name where it has none. */
  readonly partner: string;
  /** The domain whose entry it is: DNS name, lower case. */
  readonly domain: string;
  /** Who may use what lies on the other side: `inbound`: the partner trusts this domain, whose people may go there. */
  readonly direction: 'disabled' | 'inbound' | 'outbound' | 'both';
  /** MS-ADTS §6.1.6.7.9: `within` joins domains of one forest; `realm` is a Kerberos realm that is no Windows. */
  readonly kind: 'within' | 'forest' | 'external' | 'realm';
  readonly transitive: boolean;
  /** TRUST_ATTRIBUTE_CROSS_ORGANIZATION: only whom it was allowed may use it. */
  readonly selective: boolean;
}

export interface SurveyedForest {
  /** DNS name of its root domain as configured, otherwise as its controllers say; of an OpenLDAP undefined. */
  readonly name: string | undefined;
  readonly isActiveDirectory: boolean;
  /** The alternate UPN suffixes, lower case. */
  readonly suffixes: readonly string[];
  /** Every domain that the forest says it has, whether or not it is configured: DNS names, lower case, and NetBIOS names. */
  readonly domains: readonly { readonly dnsDomain: string; readonly netbiosName: string | undefined }[];
  readonly trusts: readonly Trust[];
  /** Whether global catalogs are configured. */
  readonly hasCatalog: boolean;
}

/** A configured domain. */
export interface SurveyedDomain {
  /** Which of `forests`. */
  readonly forest: number;
  /** Undefined where `baseDn` has no DC. */
  readonly dnsDomain: string | undefined;
  /** What is searched for people. */
  readonly baseDn: string;
  /** Groups and organisational units are searched below it. */
  readonly root: string;
  /** Host and port of whom it was read. */
  readonly server: string;
}

/** Whoever may sign in, as a sign-in would read them, and what tells people from other accounts. */
export interface SurveyedPerson extends Pick<
  Person,
  'objectGUID' | 'distinguishedName' | 'sAMAccountName' | 'userPrincipalName' | 'mail' | 'displayName' | 'barred' | 'domain'
> {
  /** Which of `domains`. */
  readonly place: number;
  /** What follows `SMTP:`, in capitals, in proxyAddresses. */
  readonly primarySmtp: string | undefined;
  /** What follows `smtp:`, in small letters, in proxyAddresses: further addresses whose mail they get; at most 50. */
  readonly otherSmtps?: readonly string[];
  /** 0 where there is none. */
  readonly userAccountControl: number;
  /** Last part of objectSid. */
  readonly rid: number | undefined;
  readonly primaryGroup: number | undefined;
  readonly hasServicePrincipalName: boolean;
  readonly isCriticalSystemObject: boolean;
  readonly employeeType: string | undefined;
  readonly targetAddress: string | undefined;
  /** Milliseconds since the epoch. */
  readonly whenCreated: number | undefined;
}

/** Members that are neither people nor groups of the survey. */
export type Outsider = 'foreign' | 'computer' | 'contact' | 'elsewhere';

export interface SurveyedGroup {
  readonly objectGUID: string;
  readonly distinguishedName: string;
  /** Which of `domains`. */
  readonly place: number;
  readonly cn: string | undefined;
  readonly sAMAccountName: string | undefined;
  readonly mail: string | undefined;
  readonly rid: number | undefined;
  /** Undefined where it has no groupType, as in an OpenLDAP. */
  readonly scope: 'domain local' | 'global' | 'universal' | undefined;
  readonly type: 'security' | 'distribution' | undefined;
  /** Made by the system: groupType says so, or isCriticalSystemObject. */
  readonly builtIn: boolean;
  /** Direct members among `people` and `groups`: their places there, each once. Those by primaryGroupID are not in it. */
  readonly people: Uint32Array;
  readonly groups: Uint32Array;
  /** Direct members that are neither, by kind. Foreign security principals of a surveyed forest count among `people` and `groups`. */
  readonly outsiders: Readonly<Record<Outsider, number>>;
  /** Names of some of them, at most 20. */
  readonly someOutsiders: readonly string[];
}

export interface SurveyedUnit {
  readonly distinguishedName: string;
  /** Which of `domains`. */
  readonly place: number;
  /** `organizationalUnit`, or a container such as CN=Users that holds people. */
  readonly kind: 'unit' | 'container';
}

export interface Survey {
  readonly forests: readonly SurveyedForest[];
  readonly domains: readonly SurveyedDomain[];
  /** Each once: within a forest by objectGUID. */
  readonly people: readonly SurveyedPerson[];
  readonly groups: readonly SurveyedGroup[];
  readonly units: readonly SurveyedUnit[];
}

/** How far the reading is. */
export interface SurveyProgress {
  /** DNS name of the domain, or its base. */
  readonly domain: string;
  readonly what: 'people' | 'groups' | 'members' | 'units';
  /** Entries read of it so far. */
  readonly read: number;
}
