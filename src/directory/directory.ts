/** What a directory is to the rest of the house: people that can be found and whose password can be tried. */

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
  /** Locked out at that time; for how long, the policy says. */
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
  readonly groups: readonly PersonGroup[];
}

/** Whom to read again, and where they were. */
export type Known = Pick<Person, 'objectGUID' | 'distinguishedName'>;

export interface Directory {
  /**
   * Finds the person that a typed sign-in name means: UPN, DOMAIN\user, sAMAccountName or mail.
   * @throws Refusal person-unknown, person-ambiguous, directory-unavailable, directory-refused
   */
  find(name: string): Promise<Person>;
  /**
   * The person of that objectGUID as they are now, wherever they were moved since they were known.
   * @throws Refusal person-gone, directory-unavailable, directory-refused
   */
  read(known: Known): Promise<Person>;
  /**
   * Reads more of a person: one search, and where entries of groups are wanted one more for every 200 of them. At most 5,000 groups.
   * @throws Refusal person-gone, directory-unavailable, directory-refused
   */
  readFurther(person: Person, wanted: FurtherWanted): Promise<Further>;
  /**
   * Everybody whose `attribute` equals one of `values`, without regard to case; at most 1,000 values.
   * @throws Refusal directory-unavailable, directory-refused
   */
  holders(attribute: 'userPrincipalName' | 'mail', values: readonly string[]): Promise<readonly Person[]>;
  /**
   * Tries a password by a bind as that person, on a connection of its own.
   * `person` undefined makes the same effort for nobody and always throws password-wrong, so that an unknown name costs what a
   * wrong password costs.
   * @throws Refusal password-wrong, password-unusable, person-locked, person-disabled, person-expired, password-expired,
   *   password-must-change, logon-hours, logon-workstation, bind-refused, directory-unavailable, directory-refused (it takes no
   *   password without TLS)
   */
  authenticate(person: Person | undefined, password: string): Promise<void>;
  /** Resolves where a server answers and takes the service account; otherwise throws the Refusal. */
  check(): Promise<void>;
  /** The server that answered last, for the audit: host and port. */
  readonly server: string;
  close(): Promise<void>;
}
