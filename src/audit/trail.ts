/** The trail of one exchange: what was looked at and done, in order, so that its outcome can be explained later. */

/** What a step is about; each has its words in `explain` and its latency among the metrics. */
export type StepName =
  /** A request came, decoded. */
  | 'request'
  /** Who asks, and which of its metadata says so. */
  | 'service-provider'
  /** Whether the request is signed, by which algorithm, and by which key of its metadata. */
  | 'signature'
  /** Where the answer goes, and why there. */
  | 'return-address'
  | 'throttle'
  /** The person was looked for, by name or again. */
  | 'person'
  /** A connection to a directory server was made, TLS included. */
  | 'ldap.connect'
  | 'ldap.bind'
  | 'ldap.search'
  | 'ldap.modify'
  /** An extended operation (RFC 4511 §4.12). */
  | 'ldap.extended'
  /** A password, ticket, certificate, key or code was judged. */
  | 'authenticator'
  /** What the session holds. */
  | 'session'
  /** Which rules hold, and what they ask for. */
  | 'policy'
  /** What is to be done next. */
  | 'next-step'
  /** The address that the person's attributes lead to. */
  | 'mapping'
  | 'access'
  /** The attributes that go out, by their names. */
  | 'release'
  | 'sign'
  /** Who is told of a sign-out, and how far it came. */
  | 'logout'
  /** What was answered. */
  | 'answer'
  | 'refusal';

/** Never holds a password, cookie, assertion or code. Made presentable before it is written down. */
export type StepDetail = Readonly<Record<string, unknown>>;

export interface Step {
  readonly name: StepName;
  /** Milliseconds since the exchange began. */
  readonly at: number;
  /** Undefined where it is a finding rather than work. */
  readonly milliseconds: number | undefined;
  readonly detail: StepDetail;
}

/** Of one exchange; whoever makes more is no longer told of, but of how it ended. */
export const mostSteps = 100;

export interface Trail {
  /** That of the sign-in, once it is known. */
  readonly reference: string;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** The method, and the page of ours as the code names it; `…` where there is none. */
  readonly exchange: string;
  readonly remoteAddress: string;
  /** HTTP status of the answer; undefined where none was given. */
  readonly status: number | undefined;
  readonly steps: readonly Step[];
}
