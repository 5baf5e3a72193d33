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
    readonly problem?: Problem;
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
    /** `label` is a word of the group `saml`. */
    readonly values: readonly { readonly label: string; readonly value: string; readonly multiline?: boolean }[];
    readonly metadataUrl: string;
    readonly certificateUrl: string;
    /** `notAfter` is a date of ISO 8601. */
    readonly certificates: readonly { readonly name: string; readonly notAfter: string; readonly sha256: string }[];
  };
  readonly home: { readonly signInLinks: readonly { readonly name: string; readonly url: string }[] };
}

export type PageName = keyof PageData;
