/** The settings of what may be asked beside a password or in its place. */
import { z } from 'zod';
import { duo } from './duo-schema.ts';
import { enrolment } from './enrolment-schema.ts';
import { own } from './own-schema.ts';
import { radius } from './radius-schema.ts';
import { recoveryCodes } from './recovery-code-schema.ts';
import { totp } from './totp-schema.ts';
import { webauthn } from './webauthn-schema.ts';
import { webhook } from './webhook-schema.ts';

export const factors = z
  .strictObject({
    // One line a factor: its own file holds its schema.
    totp,
    webauthn,
    recoveryCodes,
    webhook,
    duo,
    own,
    radius,
    enrolment,
  })
  .prefault({})
  .describe('What may be asked beside a password or in its place; the policy says when.');

export type FactorsConfig = z.output<typeof factors>;
