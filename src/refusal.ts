/** The one table of refusals: every answer other than success that Passerelle means to give. */
import { answerRows } from './refusal/answer-rows.ts';
import { certificateRows } from './refusal/certificate-rows.ts';
import { factorRows } from './refusal/factor-rows.ts';
import { kerberosRows } from './refusal/kerberos-rows.ts';
import { messageRows } from './refusal/message-rows.ts';
import { passwordRows } from './refusal/password-rows.ts';
import { personRows } from './refusal/person-rows.ts';
import type { Row } from './refusal/row.ts';
import { storeRows } from './refusal/store-rows.ts';

export type { StatusCode } from './refusal/row.ts';

const rows = {
  ...messageRows,
  ...kerberosRows,
  ...personRows,
  ...passwordRows,
  ...certificateRows,
  ...factorRows,
  ...storeRows,
  ...answerRows,
};

export type Reason = keyof typeof rows;

/** All rows, by reason, for the generated reference page and the tests that demand one proof each. */
export const refusals: Readonly<Record<Reason, Row>> = rows;

/** What the audit event may carry beside the reason. Never a secret. */
export type RefusalDetail = Readonly<Record<string, string | number | boolean | undefined>>;

/** An answer that we meant to give. Anything else thrown is a fault. */
export class Refusal extends Error {
  readonly reason: Reason;
  readonly detail: RefusalDetail;

  constructor(reason: Reason, detail: RefusalDetail = {}) {
    super(reason);
    this.name = 'Refusal';
    this.reason = reason;
    this.detail = detail;
  }

  /** The same refusal, which names whose it is (objectGUID). */
  about(person: string): Refusal {
    return new Refusal(this.reason, { person, ...this.detail });
  }

  get row(): Row {
    return rows[this.reason];
  }
}
