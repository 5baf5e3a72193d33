/** What each page shows. */

interface Posted {
  /** The AssertionConsumerService that the form posts to. */
  readonly location: string;
  readonly SAMLResponse: string;
  readonly RelayState: string | undefined;
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
    readonly problem?: { readonly words: string; readonly reference: string; readonly minutes?: number };
  };
  readonly refusal: {
    readonly words: string;
    readonly reference: string;
    readonly serviceProvider?: string;
    readonly tryAgainUrl?: string;
    readonly back?: Posted;
  };
  readonly respond: Posted & { readonly serviceProvider: string };
  readonly 'signed-out': Readonly<Record<string, never>>;
  readonly 'change-password': { readonly url: string | undefined };
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
