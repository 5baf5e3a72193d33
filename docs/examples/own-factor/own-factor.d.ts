/** What a factor of your own is: the types of the module that `factors.own.module` names. */

/** The default export of the module: called once at start, and by `passerelle config check`. */
export type OpenOwnFactor = (parts: {
  /** `factors.own.settings`, as they stand in the configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Writes to Passerelle's log. What you write there is yours to keep clean of secrets. */
  readonly note: (level: 'info' | 'warn' | 'error', message: string) => void;
}) => OwnFactor | Promise<OwnFactor>;

export interface OwnFactor {
  /** The words above its page, at most 80 characters: one text, or one for each language, English (`en`) among them. */
  readonly title: string | { readonly en: string; readonly [language: string]: string };
  /** Whether that person can be asked at all. */
  enrolled(person: OwnPerson): boolean | Promise<boolean>;
  /**
   * Asks; null where that person cannot be asked. `person` is undefined where nobody of the typed name exists: ask all the same, in
   * the same words and with the same effort, so that nobody learns who exists.
   */
  challenge(person: OwnPerson | undefined, asking: OwnAsking): OwnChallenge | null | Promise<OwnChallenge | null>;
  /**
   * Judges what came: the field `code` of a form, the parameters of the query after a redirect, nothing while it waits. For nobody,
   * make the same effort and refuse.
   */
  verify(
    person: OwnPerson | undefined,
    presented: Readonly<Record<string, string>>,
    asking: OwnAsking & { /** What `challenge` kept. */ readonly state: unknown },
  ): OwnVerdict | Promise<OwnVerdict>;
  /** Called once, as Passerelle stops. */
  close?(): void | Promise<void>;
}

/** A copy; to change it changes nothing. */
export interface OwnPerson {
  /** Survives renames: keep what you keep under this. */
  readonly objectGUID: string;
  readonly distinguishedName: string;
  readonly sAMAccountName: string | undefined;
  readonly userPrincipalName: string | undefined;
  readonly mail: string | undefined;
  readonly displayName: string | undefined;
  readonly domain: string | undefined;
  /** Those that the configuration releases to service providers. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface OwnAsking {
  /** Nothing that a browser or device remembers may stand in for the person. */
  readonly forceAuthn: boolean;
  /** Where a browser that you send elsewhere comes back to. */
  readonly returnUrl: string;
  /** Unguessable, the same from the challenge to its answer: the `state` of a redirect. */
  readonly handle: string;
  /** Such as `en` or `de`. */
  readonly locale: string;
  readonly remoteAddress: string;
  /** Its name as people see it. */
  readonly serviceProvider: string;
}

/** `state`: JSON of at most 8,192 characters, which stays on the server. Messages: at most 300 characters. */
export type OwnChallenge =
  | {
      readonly kind: 'code';
      readonly message?: string;
      /** Not shown as it is typed. */ readonly hidden?: boolean;
      readonly state?: unknown;
    }
  | {
      readonly kind: 'wait';
      readonly message?: string;
      /** What must be chosen there. */
      readonly number?: string;
      /** Milliseconds until `verify` is called again, 500 to 60,000. */
      readonly pollAfter: number;
      readonly state?: unknown;
    }
  | { readonly kind: 'redirect'; /** https. */ readonly url: string; readonly state?: unknown };

export type OwnVerdict =
  | { readonly verdict: 'accepted' }
  /** Right as far as it went; more is asked. */
  | { readonly verdict: 'again'; readonly challenge: OwnChallenge }
  /** Nothing was judged yet. */
  | { readonly verdict: 'pending'; readonly challenge: OwnChallenge & { readonly kind: 'wait' } }
  | {
      readonly verdict: 'refused';
      readonly reason: 'code-wrong' | 'factor-denied' | 'factor-unanswered' | 'challenge-lapsed' | 'factor-unavailable';
    };
