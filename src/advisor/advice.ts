/** The report: all that it says as plain values, which the terminal, the page and JSON show each in their way. */
import type { Mapping } from '../mapping/prepare-mapping.ts';
import type { Reason } from '../refusal.ts';

/** A choice that was made by looking: questions on the way, the answers that were possible, and the one that the figures gave. */
export interface Decision {
  readonly steps: readonly DecisionStep[];
  /** What is to be done, in one sentence. */
  readonly outcome: string;
}

export interface DecisionStep {
  readonly question: string;
  readonly options: readonly { readonly answer: string; readonly taken: boolean }[];
  /** The figures that decided. */
  readonly because: string;
}

/** Whom or what a line is about. */
export interface Named {
  readonly objectGUID: string;
  /** sAMAccountName; where there is none, the distinguished name. */
  readonly name: string;
  readonly distinguishedName: string;
  /** DNS name of the domain, null where it has none. */
  readonly domain: string | null;
}

/** Apart from people: what no human signs in with, what may not sign in, and who belongs to another organisation. */
export type AccountKind = 'person' | 'service' | 'disabled' | 'guest';

export interface AdvisedForest {
  readonly name: string | null;
  readonly isActiveDirectory: boolean;
  readonly suffixes: readonly string[];
  readonly domains: readonly {
    readonly dnsDomain: string;
    readonly netbiosName: string | null;
    /** One that is not configured was not read: its people cannot sign in. */
    readonly configured: boolean;
    readonly people: number;
    readonly groups: number;
  }[];
  readonly trusts: readonly {
    readonly partner: string;
    readonly domain: string;
    readonly direction: 'disabled' | 'inbound' | 'outbound' | 'both';
    readonly kind: 'within' | 'forest' | 'external' | 'realm';
    readonly transitive: boolean;
    readonly selective: boolean;
    /** Whether the partner was read too. */
    readonly configured: boolean;
  }[];
}

export interface Needed {
  readonly count: number;
  readonly because: string;
}

export interface ForestAdvice {
  readonly forests: readonly AdvisedForest[];
  readonly decision: Decision;
  /** Cloud Identity or Workspace accounts. */
  readonly accounts: Needed;
  /** Instances of Google Cloud Directory Sync, were it used. */
  readonly syncInstances: Needed;
  /** Fleets that sign people in, were it AD FS. */
  readonly signInFleets: Needed;
  /** Of Passerelle: fleets that sign people in and, in time, synchronise. */
  readonly passerelle: Needed;
  /** What stands in the way or is not configured, a sentence each. */
  readonly notes: readonly string[];
}

/** `public`: can be registered and proven to Google. */
export type DomainKind = 'public' | 'reserved' | 'single label' | 'unregistrable' | 'invalid' | 'consumer';

/** Why a domain is taken for the organisation's own. */
/** `parent`: it lies below a domain that is the organisation's. */
export type Ownership = 'configured' | 'told' | 'suffix' | 'forest' | 'share' | 'parent';

export interface AdvisedDomain {
  /** Lower-case ASCII; as it was found where it is no domain name at all. */
  readonly name: string;
  readonly unicode: string;
  readonly kind: DomainKind;
  /** Why it is of that kind, in a few words. */
  readonly because: string;
  /** What would be registered: `example.com` for `corp.example.com`; null where nothing can be. */
  readonly registrable: string | null;
  /** People, not other accounts, whose UPN and whose mail lies in it. */
  readonly userPrincipalNames: number;
  readonly mails: number;
  /** People whose primary SMTP address in proxyAddresses lies in it. */
  readonly primarySmtps: number;
  /** All accounts of every kind whose UPN or mail lies in it. */
  readonly accounts: number;
  readonly owned: readonly Ownership[];
  /** What it should become; `substituted` is replaced by another; `none` is left out. */
  readonly role: 'primary' | 'secondary' | 'alias' | 'substituted' | 'none';
  /** What an alias stands for, or what replaces it. */
  readonly target: string | null;
  readonly exchangers: Exchangers;
}

/** What DNS says of who takes its mail. */
export type Exchangers =
  | { readonly answer: 'found'; readonly hosts: readonly string[] }
  /** No MX records, or the null one of RFC 7505. */
  | { readonly answer: 'none' }
  /** The name does not exist in DNS. */
  | { readonly answer: 'unknown' }
  | { readonly answer: 'not asked' }
  | { readonly answer: 'unanswered'; readonly why: string };

export interface DomainChoice {
  readonly name: string;
  readonly domains: readonly string[];
  readonly source: Mapping['source'];
  readonly substitute: Readonly<Record<string, string>>;
  /** People, not other accounts, whom this choice gives no address because of their domain. */
  readonly leftOut: readonly Named[];
}

export interface DomainAdvice {
  readonly domains: readonly AdvisedDomain[];
  /** Whether DNS was asked, and whether it answered anything at all. */
  readonly dns: 'asked' | 'not asked' | 'offline';
  readonly proposed: Pick<Mapping, 'domains' | 'substitute'>;
  readonly choices: readonly DomainChoice[];
  readonly decision: Decision;
  readonly notes: readonly string[];
}

/** What becomes of accounts of one kind under one mapping; each account is counted once, so that they add up. */
export interface Outcomes {
  readonly mapped: number;
  readonly withoutValue: number;
  readonly notAnEmailAddress: number;
  /** A public domain that is not the organisation's. */
  readonly foreignDomain: number;
  readonly consumerDomain: number;
  /** A domain that nobody can register, such as corp.local. */
  readonly unregistrableDomain: number;
  /** Somebody else has the same address: each of them. */
  readonly duplicate: number;
}

export type CandidateName = 'configured' | 'upn' | 'mail' | 'upn-substituted' | 'mail-substituted';

export interface Collision {
  readonly address: string;
  /** At least two, of any kind: a disabled account keeps an address from a person too. */
  readonly holders: readonly (Named & { readonly kind: AccountKind })[];
}

export interface Candidate {
  readonly name: CandidateName;
  readonly mapping: Mapping;
  readonly outcomes: Readonly<Record<AccountKind, Outcomes>>;
  readonly collisions: readonly Collision[];
  /** Mapped, and not to be given: what Google's rules for names do not allow, such as `a+b@…`, or where somebody else gets mail. */
  readonly againstGuidelines: readonly (Named & { readonly address: string; readonly because: string })[];
}

export type Trouble =
  | 'without-value'
  | 'not-an-email-address'
  | 'foreign-domain'
  | 'consumer-domain'
  | 'unregistrable-domain'
  | 'duplicate'
  | 'against-guidelines';

/** A person to mend before the best candidate is switched on. */
export interface Mending extends Named {
  readonly trouble: Trouble;
  readonly attribute: 'userPrincipalName' | 'mail';
  readonly now: string | null;
  /** A value that would be right, and nobody else's; null where only a human knows one. */
  readonly proposed: string | null;
  /** A line of PowerShell that sets it; where nothing is proposed, one that shows the account, and who else holds the address. */
  readonly powershell: string;
  /** What is wrong, and with whom, in one sentence. */
  readonly because?: string;
}

export interface MappingAdvice {
  readonly candidates: readonly Candidate[];
  readonly best: CandidateName;
  readonly decision: Decision;
  /** Of people: UPN and mail both there and not the same, without regard to case. */
  readonly upnIsNotMail: readonly (Named & { readonly userPrincipalName: string; readonly mail: string })[];
  /** Of people: mail and primary SMTP address both there and not the same. */
  readonly mailIsNotPrimarySmtp: readonly (Named & { readonly mail: string; readonly primarySmtp: string })[];
  readonly accounts: Readonly<Record<AccountKind, number>>;
  /** How service and guest accounts were told from people: each rule, and how many it found. */
  readonly rules: readonly { readonly kind: AccountKind; readonly rule: string; readonly count: number }[];
  readonly mendings: readonly Mending[];
}

export type GroupScope = 'domain local' | 'global' | 'universal' | 'none';

export interface NamedGroup extends Named {
  readonly scope: GroupScope;
}

export interface GroupNaming {
  readonly by: 'cn' | 'mail';
  /** Groups that have an address of their own by it. */
  readonly mapped: number;
  readonly withoutValue: number;
  readonly notAnEmailAddress: number;
  readonly foreign: number;
  readonly collisions: readonly { readonly address: string; readonly holders: readonly NamedGroup[] }[];
  /** Addresses that a person has too, under the best mapping. */
  readonly heldByPeople: readonly { readonly address: string; readonly group: NamedGroup; readonly person: Named }[];
}

export interface GroupLimit {
  readonly what: string;
  readonly limit: number;
  readonly over: readonly { readonly name: string; readonly count: number }[];
  /** The highest that was found. */
  readonly most: number;
}

export interface GroupAdvice {
  readonly total: number;
  readonly builtIn: number;
  readonly empty: number;
  /** By scope and type. */
  readonly kinds: readonly {
    readonly scope: GroupScope;
    readonly type: 'security' | 'distribution' | 'none';
    readonly count: number;
    /** Of them, those whose members a global catalog shows whole. */
    readonly wholeInCatalog: number;
  }[];
  /** By nesting: what grants access to something, who has a role, who belongs somewhere. */
  readonly uses: readonly {
    readonly use: 'resource' | 'role' | 'organisation' | 'unused';
    readonly count: number;
    readonly because: string;
    readonly examples: readonly string[];
  }[];
  readonly namings: readonly GroupNaming[];
  readonly nesting: {
    /** 0: no group within a group. */
    readonly deepest: number;
    /** How many groups contain groups to that depth; the place is the depth. */
    readonly byDepth: readonly number[];
    /** From the outermost to the innermost. */
    readonly longest: readonly string[];
    /** Each a circle of groups that contain one another. */
    readonly cycles: readonly (readonly NamedGroup[])[];
  };
  readonly outsiders: readonly {
    readonly kind: 'foreign' | 'computer' | 'contact' | 'elsewhere';
    readonly members: number;
    readonly groups: number;
    readonly examples: readonly string[];
  }[];
  readonly limits: readonly GroupLimit[];
  readonly proposal: {
    /** RFC 4515, for the directory. */
    readonly filter: string;
    /** What it finds of the groups that were read, and of those worth bringing how many. */
    readonly finds: number;
    /** What it leaves out, and why: they add up with `finds` to the total. */
    readonly leavesOut: readonly { readonly because: string; readonly count: number }[];
    readonly naming: 'cn' | 'mail';
  };
  readonly decision: Decision;
  readonly notes: readonly string[];
}

export interface AdvisedUnit {
  readonly name: string;
  readonly distinguishedName: string;
  readonly kind: 'domain' | 'unit' | 'container';
  /** People directly in it, and in all below. */
  readonly people: number;
  readonly peopleBelow: number;
  readonly otherAccounts: number;
  readonly groups: number;
  /** What it would be called in Google: `/Staff/Berlin`; null where it cannot. */
  readonly orgUnitPath: string | null;
  readonly units: readonly AdvisedUnit[];
}

export interface UnitAdvice {
  /** One for each domain. */
  readonly trees: readonly AdvisedUnit[];
  readonly total: number;
  readonly deepest: number;
  readonly empty: number;
  /** What mapping them would mean: each a sentence with its figures. */
  readonly meaning: readonly string[];
  /** Names that Google does not take, or that fall together. */
  readonly troubles: readonly { readonly distinguishedName: string; readonly because: string }[];
}

export interface Verdict {
  /** The section to paste, as YAML. */
  readonly section: string;
  /** Whether the configured mapping does as well. */
  readonly isConfigured: boolean;
  readonly summary: string;
}

/** Everybody, as the configured mapping has them: what drift is measured by. */
export interface Standing {
  readonly objectGUID: string;
  readonly domain: string | null;
  readonly name: string;
  readonly kind: AccountKind;
  readonly address: string | null;
  readonly refused: Reason | null;
}

export interface Advice {
  readonly format: 'passerelle-advice';
  readonly version: 1;
  /** ISO 8601, UTC. */
  readonly made: string;
  /** The mapping as configured. */
  readonly configured: Mapping;
  readonly forests: ForestAdvice;
  readonly domains: DomainAdvice;
  readonly mapping: MappingAdvice;
  readonly groups: GroupAdvice;
  readonly units: UnitAdvice;
  readonly verdict: Verdict;
  /** Last, and the longest. */
  readonly people: readonly Standing[];
}
