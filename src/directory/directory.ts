/** What a directory is to the rest of the house: people that can be found and whose password can be tried. */
import type { Refusal } from '../refusal.ts';

/** A person as the directory holds them, attribute names as Active Directory spells them. */
export interface Person {
  /** objectGUID in its textual form 8-4-4-4-12, lower case (OpenLDAP without one: entryUUID). Survives renames. */
  readonly objectGUID: string;
  readonly distinguishedName: string;
  readonly sAMAccountName: string | undefined;
  readonly userPrincipalName: string | undefined;
  readonly mail: string | undefined;
  readonly displayName: string | undefined;
  /** Why this account may not be used now, as its attributes say; undefined where nothing stands against it. */
  readonly barred: 'person-disabled' | 'person-expired' | undefined;
  /** DNS name of the domain that holds the person, lower case; undefined where the distinguished name tells none. */
  readonly domain?: string | undefined;
  /** Host and port of the controller that told this: it knows the person for certain, which others may not yet. */
  readonly server?: string | undefined;
  /** What else the entry says about the use of the account; of OpenLDAP little. */
  readonly account?: Account | undefined;
  /** The further attributes that the configuration releases, textual values only, in the directory's order. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** What an entry says about the use of its account. Times in milliseconds since the epoch; what is not told is undefined. */
export interface Account {
  /** Only a smart card may be used, never a password. */
  readonly smartCardRequired: boolean;
  /** 0: must be changed before the next sign-in. */
  readonly passwordLastSet?: number | undefined;
  /** Undefined also where it never expires. */
  readonly passwordExpiresAt?: number | undefined;
  /** Failed passwords as that controller counted them, and when the last one was. */
  readonly badPasswords?: { readonly count: number; readonly at: number } | undefined;
  /** Locked out at that time, for as long as the policy says; 0: for good, by an administrator of OpenLDAP. */
  readonly lockedAt?: number | undefined;
  /** 21 bytes in base64: a bit for every hour of the week, from Sunday 00:00 UTC on (MS-ADA1 §2.376); undefined: always. */
  readonly logonHours?: string | undefined;
}

/** What the domain, or a fine-grained policy, demands of a person's passwords. Times in milliseconds. */
export interface PasswordPolicy {
  /** Distinguished name of the fine-grained policy; undefined where it is the domain's. */
  readonly fineGrained: string | undefined;
  readonly minLength: number;
  /** How many former passwords may not come again. */
  readonly history: number;
  readonly complex: boolean;
  /** A password younger than that cannot be changed; 0: at once. */
  readonly minAge: number;
  /** Undefined where passwords do not expire. */
  readonly maxAge: number | undefined;
  /** Failed passwords that lock the account; 0: none ever does. */
  readonly lockoutThreshold: number;
  /** After how long without another one failed passwords are forgotten. */
  readonly lockoutWindow: number;
  /** Undefined where an administrator must unlock. */
  readonly lockoutDuration: number | undefined;
  /**
   * What it demands is the domain's: whether a fine-grained one holds instead cannot be seen, or what the one that `fineGrained`
   * names demands.
   */
  readonly unsure?: boolean;
}

/** Failed passwords of a person that count now. Controllers do not tell each other of them. */
export interface FailedPasswords {
  /** The highest count of any controller: the one that would lock the account first. */
  readonly count: number;
  /** When the last of them was, in milliseconds since the epoch; undefined where there is none. */
  readonly at: number | undefined;
  /** What each controller that answered has counted. */
  readonly controllers: readonly { readonly server: string; readonly count: number; readonly at: number }[];
}

/** A group that holds a person. */
export interface PersonGroup {
  /** Undefined where its SID alone was asked for, or where it lies in another domain. */
  readonly dn?: string | undefined;
  /** S-1-5-… */
  readonly sid?: string | undefined;
  readonly objectGUID?: string | undefined;
  /** Whether it holds the person itself, not merely through another group. */
  readonly direct: boolean;
}

/** What is to be read of a person beyond `Person`, because a service provider is told of it. */
export interface FurtherWanted {
  /** Attributes whose values are taken as bytes. */
  readonly bytes: readonly string[];
  /** `nested`: also those that hold the person through others. `entries`: more is wanted of the nested ones than their SIDs. */
  readonly groups: { readonly nested: boolean; readonly entries: boolean } | undefined;
}

export interface Further {
  /** By attribute in lower case, each value in base64. */
  readonly bytes: Readonly<Record<string, readonly string[]>>;
  /** At most 5,000. */
  readonly groups: readonly PersonGroup[];
  /** Why the person may be in other groups too: another forest does not answer, or there are too many. */
  readonly incomplete?: Refusal | undefined;
}

/** What a certificate says of whose it is: any of it may find people; at most 100 values. */
export interface SecurityIdentities {
  /** Values of altSecurityIdentities, whose letter case does not matter. */
  readonly altSecurityIdentities: readonly string[];
  /** S-1-5-… */
  readonly objectSids: readonly string[];
  readonly userPrincipalNames: readonly string[];
}

/** Somebody whom they found. */
export interface SecurityIdentified {
  readonly person: Person;
  /** Those of the wanted values that the entry holds, as it spells them. */
  readonly altSecurityIdentities: readonly string[];
  readonly objectSid: string | undefined;
}

/** What is known of a directory server. */
export interface ControllerStanding {
  /** DNS name of its domain; `global catalog` for those of a forest. */
  readonly domain: string;
  /** Host and port. */
  readonly server: string;
  /** Whether it is asked before others that are not. */
  readonly up: boolean;
  /** Milliseconds that it takes to answer, about; 0 where nothing was asked of it lately. */
  readonly latency: number;
}

/** Whom to read again, and where they were. */
export type Known = Pick<Person, 'objectGUID' | 'distinguishedName' | 'server'>;

export interface Directory {
  /**
   * Finds the person that a typed sign-in name means: UPN, DOMAIN\user, sAMAccountName or mail. In the forest or domain that the name
   * says, else in all; two people whom it may mean are refused.
   * @throws Refusal person-unknown, person-ambiguous, person-not-replicated, directory-unavailable, directory-refused
   */
  find(name: string): Promise<Person>;
  /**
   * The person of that objectGUID as they are now, wherever in their forest they were moved since they were known.
   * @throws Refusal person-gone, directory-unavailable, directory-refused
   */
  read(known: Known): Promise<Person>;
  /**
   * Reads more of a person: one search, and where entries of groups are wanted one more for every 200 of them. A forest is
   * believed about groups of its own domains alone.
   * @throws Refusal person-gone, directory-unavailable, directory-refused
   */
  readFurther(person: Person, wanted: FurtherWanted): Promise<Further>;
  /**
   * Everybody in all forests whose `attribute` equals one of `values`, without regard to case; at most 1,000 values. Two of one
   * objectGUID are people of two forests.
   * @throws Refusal directory-unavailable, directory-refused
   */
  holders(attribute: 'userPrincipalName' | 'mail', values: readonly string[]): Promise<readonly Person[]>;
  /**
   * Everybody in all domains whom a certificate may mean, a few of each where there are many.
   * @throws Refusal person-ambiguous where an objectGUID occurs in two forests, directory-unavailable, directory-refused
   */
  bySecurityIdentity(wanted: SecurityIdentities): Promise<readonly SecurityIdentified[]>;
  /**
   * Tries a password by a bind as that person, on a connection of its own.
   * `person` undefined makes the same effort for nobody and always throws password-wrong, so that an unknown name costs what a
   * wrong password costs.
   * @throws Refusal password-wrong, password-unusable, person-locked (which it may say of any password; with `until` where it opens
   *   by itself), protected-user (of any password, too), person-not-replicated, person-disabled, person-expired, password-expired,
   *   password-must-change, logon-hours (with `until` where there is such an hour), logon-workstation, smart-card-required,
   *   too-many-groups, bind-refused, directory-unavailable, directory-refused (it takes no password without TLS)
   */
  authenticate(person: Person | undefined, password: string): Promise<void>;
  /**
   * The policy for that person's passwords; the first domain's where nobody is named. Undefined where the directory shows none.
   * @throws Refusal directory-unavailable, directory-refused
   */
  passwordPolicy(person: Person | undefined): Promise<PasswordPolicy | undefined>;
  /**
   * The failed passwords that the controllers of the person's domain count now, asked of all of them at once, each for a moment;
   * whoever does not answer is left out. The same effort is made for nobody.
   */
  failedPasswords(person: Person | undefined): Promise<FailedPasswords>;
  /**
   * Changes a person's password, over TLS alone and by the right of whoever knows the current one.
   * @throws Refusal those of authenticate; new-password-short, new-password-simple, new-password-name, new-password-used,
   *   password-too-young, password-refused, password-change-forbidden, password-change-unsupported; password-change-uncertain where
   *   the directory's answer was lost
   */
  changePassword(person: Person, current: string, next: string): Promise<void>;
  /** Resolves where a server of any domain answers and takes the service account; otherwise throws the Refusal. */
  check(): Promise<void>;
  /** Every server of every domain, and of the global catalogs of several domains. Cheap: nobody is asked. */
  controllers(): readonly ControllerStanding[];
  /** The server that answered last, for the audit: host and port. */
  readonly server: string;
  close(): Promise<void>;
}
