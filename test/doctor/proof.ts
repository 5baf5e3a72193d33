/** What proves that a check can have each of the verdicts that its row in the table claims. */
import type { Finding } from '../../src/doctor/check.ts';
import type { CheckId, CheckTable } from '../../src/doctor/checks.ts';

/** A world in which the check has that verdict. */
export type Proof = () => Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>;

type Of<Row> = { readonly ok: Proof } & (Row extends { readonly warns: string } ? { readonly warning: Proof } : unknown) &
  (Row extends { readonly fails: string } ? { readonly problem: Proof } : unknown);

/** Without a proof of each, this does not compile. */
export type Proofs<Id extends CheckId = CheckId> = { readonly [Each in Id]: Of<CheckTable[Each]> };
