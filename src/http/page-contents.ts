/** What each page shows. */

/** A Response, or the artifact that stands for it, on its way through a form. */
export type Posted = {
  /** The AssertionConsumerService that the form posts to. */
  readonly location: string;
  readonly RelayState: string | undefined;
} & (
  | { readonly SAMLResponse: string; readonly SAMLart?: undefined }
  | { readonly SAMLart: string; readonly SAMLResponse?: undefined }
);

/** A service provider in a sign-out. */
export interface LogoutService {
  readonly name: string;
  readonly state: 'waiting' | 'current' | 'done' | 'failed';
}

/** The way on, by a link or by a form. */
export type LogoutNext = {
  /** To the next service provider, to one that did not answer, or back to the one that asked. */
  readonly purpose: 'visit' | 'again' | 'return' | 'partial';
  /** Whether the page goes there by itself. */
  readonly automatic: boolean;
  readonly serviceProvider: string;
} & (
  | { readonly url: string; readonly form?: undefined }
  | {
      readonly url?: undefined;
      readonly form: {
        readonly location: string;
        readonly holder: 'SAMLRequest' | 'SAMLResponse';
        readonly message: string;
        readonly RelayState: string | undefined;
      };
    }
);

/** When it can be tried again: milliseconds since the epoch, and from now. */
export interface Until {
  readonly at: number;
  readonly ahead: number;
}

/** What stood against the last attempt. */
export interface Problem {
  readonly words: string;
  readonly reference: string;
  readonly minutes?: number;
  readonly until?: Until;
}

/** Another way to prove the same; its words stand in the group `way-` and its name. */
export interface OtherWay {
  readonly way: string;
  readonly url: string;
}

/** Something that may be asked for beside a sign-in: for how long (milliseconds), and whether it was. */
export interface Offer {
  readonly life: number;
  readonly asked: boolean;
}

/** What the pages of all factors have in common. */
export interface FactorPage {
  /** Whose words it bears: the group `way-` and its name. */
  readonly way: string;
  /** Instead of the title of those words. */
  readonly title?: string;
  readonly action: string;
  /** The sign-in's opaque handle, a hidden field of the same name. */
  readonly signin: string;
  /** As typed, a hidden field, where nobody is known yet. */
  readonly name?: string;
  /** Empty where it is not to be named. */
  readonly serviceProvider: string;
  readonly others: readonly OtherWay[];
  /** To have the browser remembered. */
  readonly remember?: Offer;
  readonly problem?: Problem;
}

/** What the pages have in common on which somebody sets something up. */
export interface EnrolPage {
  readonly action: string;
  /** The sign-in's opaque handle, a hidden field of the same name; none at the person's own page. */
  readonly signin?: string;
  /** Empty where it is not to be named. */
  readonly serviceProvider: string;
  /** Where something else can be chosen. */
  readonly otherUrl?: string;
  /** Back to the person's own page. */
  readonly backUrl?: string;
  readonly problem?: Problem;
}

/** A browser by the names that its person knows. */
interface ShownBrowser {
  readonly browser: string | undefined;
  readonly system: string | undefined;
}

/** One thing that a new password must keep. */
export interface PasswordRule {
  /** A word of the group `password-rules`. */
  readonly label: 'length' | 'kinds' | 'names' | 'previous' | 'history' | 'age' | 'life';
  readonly count?: number;
  readonly milliseconds?: number;
  /** Whether the last one did not keep it. */
  readonly broken: boolean;
}

/** By the name of the page's template. `words` are keys of the table of refusals. */
export interface PageData {
  readonly password: {
    readonly action: string;
    /** The sign-in's opaque handle, a hidden field of the same name. */
    readonly signin: string;
    readonly name: string;
    /** Empty where it is not to be named. */
    readonly serviceProvider: string;
    /** Where the computer's own sign-in is used instead. */
    readonly kerberosUrl?: string;
    /** Where a certificate is shown instead. */
    readonly certificateUrl?: string;
    readonly others?: readonly OtherWay[];
    /** To stay signed in. */
    readonly keep?: Offer;
    readonly problem?: Problem;
  };
  /** Asks whose factor it is, where one comes first. */
  readonly 'factor-name': FactorPage;
  readonly 'factor-code': FactorPage & {
    /** What the other side says. */
    readonly message?: string;
    /** Whether it is not shown as it is typed. */
    readonly hidden: boolean;
  };
  readonly 'factor-webauthn': FactorPage & {
    /** JSON that `parseRequestOptionsFromJSON` takes. */
    readonly options: string;
  };
  readonly 'factor-wait': FactorPage & {
    readonly message?: string;
    /** What must be chosen on the device. */
    readonly number?: string;
  };
  /** Leads to another site, by itself where nothing stood against the last attempt: no redirect may follow a form (CSP3 §4.2.4). */
  readonly 'factor-redirect': Omit<FactorPage, 'action' | 'signin' | 'name'> & { readonly url: string };
  /** Asks for what an administrator issued. */
  readonly 'enrol-pass': Omit<EnrolPage, 'signin' | 'otherUrl'> & {
    /** A hidden field. */
    readonly hidden: { readonly name: string; readonly value: string };
  };
  /** Choice of what to set up; its words stand in the group `enrol`. */
  readonly enrol: { readonly ways: readonly OtherWay[]; readonly serviceProvider: string };
  readonly 'enrol-totp': EnrolPage & {
    /** otpauth://, drawn for cameras. */
    readonly uri: string;
    /** The same key to type, in groups. */
    readonly key: string;
  };
  readonly 'enrol-webauthn': EnrolPage & {
    /** JSON that `parseCreationOptionsFromJSON` takes. */
    readonly options: string;
  };
  /** Shown once. */
  readonly 'recovery-codes': { readonly codes: readonly string[]; readonly nextUrl: string };
  /** The person's own page. Times in milliseconds since the epoch. */
  readonly account: {
    readonly name: string;
    /** What was just done: a word of the group `account`, behind `done-`. */
    readonly done: 'added' | 'renamed' | 'removed' | 'ended' | 'forgotten' | undefined;
    readonly factors: readonly {
      readonly way: 'totp' | 'webauthn';
      readonly id: string;
      /** As the person named it. */
      readonly name: string;
      readonly createdAt: number;
      readonly lastUsedAt: number | undefined;
      readonly removeUrl: string;
    }[];
    /** Kept by others: groups `way-`. */
    readonly elsewhere: readonly string[];
    /** What can be added. */
    readonly adds: readonly OtherWay[];
    /** Whether nothing can be added from there. */
    readonly isClosed: boolean;
    /** Undefined where there are none to be had; `left` undefined: none yet. */
    readonly codes: { readonly left: number | undefined } | undefined;
    readonly sessions: readonly (ShownBrowser & {
      readonly id: string;
      readonly current: boolean;
      readonly createdAt: number;
      readonly lastSeenAt: number;
      readonly place: string;
      readonly evidence: readonly string[];
    })[];
    readonly devices: readonly (ShownBrowser & {
      readonly id: string;
      readonly current: boolean;
      readonly createdAt: number;
      readonly lastUsedAt: number;
      readonly endsAt: number;
      readonly place: string;
    })[];
    readonly signIns: readonly {
      readonly at: number;
      /** Of the service provider; empty for the page itself. */
      readonly name: string;
      readonly place: string;
      readonly by: readonly string[];
    }[];
  };
  readonly 'account-remove': {
    readonly action: string;
    readonly way: 'totp' | 'webauthn';
    readonly id: string;
    /** As the person named it. */
    readonly name: string;
    /** The last one, which some sign-ins ask for. */
    readonly isLast: 'asked' | 'last' | undefined;
    readonly backUrl: string;
  };
  /** Where a certificate alone is asked for. */
  readonly certificate: {
    readonly certificateUrl: string;
    /** Empty where it is not to be named. */
    readonly serviceProvider: string;
    readonly problem?: Problem;
  };
  readonly refusal: {
    readonly words: string;
    readonly reference: string;
    readonly until?: Until;
    readonly serviceProvider?: string;
    readonly tryAgainUrl?: string;
    readonly others?: readonly OtherWay[];
    readonly back?: Posted;
  };
  readonly respond: Posted & { readonly serviceProvider: string };
  readonly logout: {
    readonly services: readonly LogoutService[];
    readonly next: LogoutNext;
    /** The form that passes over the service provider at that place, the current one. */
    readonly skip?: { readonly action: string; readonly id: string; readonly at: number };
  };
  readonly 'signed-out': {
    readonly services: readonly LogoutService[];
    readonly googleSignOutUrl: string | undefined;
  };
  readonly 'change-password': {
    readonly action: string;
    /** The sign-in that it belongs to, if any; as of `password`. */
    readonly signin: string | undefined;
    readonly name: string;
    readonly serviceProvider: string;
    /** What the new password must keep, where that is known. */
    readonly rules: readonly PasswordRule[];
    readonly laterUrl: string | undefined;
    readonly problem?: Problem;
  };
  readonly 'change-password-elsewhere': { readonly url: string | undefined };
  readonly 'password-changed': { readonly homeUrl: string };
  readonly 'password-expiring': {
    /** Whole ones; 0: less than one. */
    readonly days: number;
    readonly serviceProvider: string;
    readonly changeUrl: string | undefined;
    readonly laterUrl: string;
  };
  readonly fault: { readonly reference: string };
  readonly saml: {
    /** `label` is a word of the group `saml`; `of` says whose value it is, where it is not everybody's. */
    readonly values: readonly {
      readonly label: string;
      readonly value: string;
      readonly multiline?: boolean;
      readonly of?: string | undefined;
    }[];
    readonly metadataUrl: string;
    readonly certificateUrl: string;
    /** `notAfter` is a date of ISO 8601. */
    readonly certificates: readonly {
      readonly name: string;
      readonly notAfter: string;
      readonly sha256: string;
      readonly url: string;
    }[];
  };
  readonly home: {
    readonly signInLinks: readonly { readonly name: string; readonly url: string }[];
    /** The person's own page, where there is one. */
    readonly accountUrl?: string;
  };
}

export type PageName = keyof PageData;
