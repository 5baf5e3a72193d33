/** What a row of the table of refusals holds, and the kinds of row that recur. */

/** Second-level and top-level status codes of saml-core §3.2.2.2, without their common prefix. */
export type StatusCode =
  | 'Requester'
  | 'Responder'
  | 'VersionMismatch'
  | 'AuthnFailed'
  | 'InvalidNameIDPolicy'
  | 'NoAuthnContext'
  | 'NoPassive'
  | 'NoSupportedIDP'
  | 'RequestDenied'
  | 'RequestUnsupported'
  | 'UnknownPrincipal'
  | 'UnsupportedBinding';

export interface Row {
  /** HTTP status of the page that tells it. */
  readonly http: number;
  /** Top-level SAML status, then the second-level one where there is a fitting one. */
  readonly status: readonly [StatusCode, StatusCode?];
  /**
   * What happens once a verified request is at hand: the person may try again on the same page; or, whose password was right, may
   * choose another one; or reads a page that leads back with a signed Response; or the Response is posted at once, because it
   * concerns the service provider alone.
   */
  readonly answer: 'again' | 'change' | 'tell' | 'post';
  /** Key of the sentence in views/locales; reasons that must not be told apart share one. */
  readonly words: string;
  /** What an administrator should look at. */
  readonly hint: string;
}

export const request = (words: string, hint: string, status: Row['status'] = ['Requester'], http = 400): Row => ({
  http,
  status,
  answer: 'post',
  words,
  hint,
});
/** saml-core §3.2.2.2 names RequestDenied for doubts about the sequence of requests. The person reads it: reloading may cause it. */
export const untimely = (hint: string): Row => ({
  ...request('request-stale', hint, ['Requester', 'RequestDenied']),
  answer: 'tell',
});
export const person = (words: string, hint: string, second: StatusCode = 'AuthnFailed', http = 403): Row => ({
  http,
  status: ['Responder', second],
  answer: 'tell',
  words,
  hint,
});
export const again = (words: string, hint: string, http = 401): Row => ({
  http,
  status: ['Responder', 'AuthnFailed'],
  answer: 'again',
  words,
  hint,
});
/** The person may choose a password; where none is changed here, this is told as others are. */
export const change = (words: string, hint: string, http = 422): Row => ({
  ...person(words, hint, 'AuthnFailed', http),
  answer: 'change',
});
