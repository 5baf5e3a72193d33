/** The trouble of a directory server that gave no answer: down, cut off, too slow, or not who it should be. */
import type { Refusal } from '../refusal.ts';

export class Unanswered extends Error {
  /** Host and port. */
  readonly server: string;
  /** The connection had ended, so that a fresh one may do better; a time limit says nothing of the kind. */
  readonly ended: boolean;

  constructor(server: string, message: string, ended: boolean) {
    super(message);
    this.name = 'Unanswered';
    this.server = server;
    this.ended = ended;
  }
}

/** The server said nothing within the time limit, though the connection stands. */
export class Silent extends Unanswered {
  constructor(server: string, milliseconds: number) {
    super(server, `no answer within ${String(milliseconds)} ms`, false);
    this.name = 'Silent';
  }
}

/** Its certificate is not to be trusted; the message says why, in words. */
export class Untrusted extends Unanswered {
  constructor(server: string, message: string) {
    super(server, message, false);
    this.name = 'Untrusted';
  }
}

/** It answers, but takes no writes. */
export class ReadOnly extends Unanswered {
  constructor(server: string, message: string) {
    super(server, message, false);
    this.name = 'ReadOnly';
  }
}

/** It did not let the service account in, for which no person is to blame. */
export class NotLetIn extends Unanswered {
  readonly refusal: Refusal;

  constructor(server: string, refusal: Refusal) {
    super(
      server,
      `refused the service account: LDAP code ${String(refusal.detail.code)}, data ${String(refusal.detail.data)}`,
      false,
    );
    this.name = 'NotLetIn';
    this.refusal = refusal;
  }
}

/** It was not asked at all: all connections to it were busy, or it was given up meanwhile. */
export class Unasked extends Unanswered {
  constructor(server: string, message: string) {
    super(server, message, false);
    this.name = 'Unasked';
  }
}
