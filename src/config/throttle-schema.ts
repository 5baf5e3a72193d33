/** The settings of what stops guessing. */
import { z } from 'zod';
import { duration } from './schema-parts.ts';

export const throttle = z
  .strictObject({
    attemptsPerAccount: z
      .int()
      .min(1)
      .max(100)
      .default(4)
      .describe(
        'Failed passwords for one account within the window, from familiar places and from others each; fewer where the directory’s lockout threshold is near.',
      ),
    attemptsPerAddress: z
      .int()
      .min(1)
      .max(100_000)
      .default(100)
      .describe(
        'Failed passwords from one network address (IPv6: one /64) within the window, those at familiar accounts left out.',
      ),
    accountsPerAddress: z
      .int()
      .min(2)
      .max(1_000)
      .default(50)
      .describe(
        'Accounts with failed passwords from one network address within the window, to which it is not familiar, that are taken for guessing at many.',
      ),
    accountsPerPassword: z
      .int()
      .min(2)
      .max(1_000)
      .default(10)
      .describe('Accounts for which one password failed within the window, from wherever, that are taken for guessing at many.'),
    familiarFor: duration('365d')
      .prefault('90d')
      .describe('How long a network stays familiar to a person who signed in from there; the store holds it for so long.'),
    megabytesPerAddress: z
      .int()
      .min(1)
      .max(100_000)
      .default(256)
      .describe('Megabytes of the store that sign-ins begun from one network address within requestLifetime may take.'),
    window: duration('7d')
      .prefault('30m')
      .describe('How long after the last failure an account is forgiven; longer where the directory’s observation window is.'),
    floor: duration('10s')
      .prefault('400ms')
      .describe('Every refused password takes this long at least, so that the time tells nothing.'),
  })
  .prefault({})
  .describe('What stops guessing.');
