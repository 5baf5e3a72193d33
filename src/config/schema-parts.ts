/** The kinds of value that settings are made of. */
import { z } from 'zod';

// Every message of these files completes the sentence "must be …".

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Duration = `${number}${keyof typeof units}`;

function milliseconds(text: string): number {
  const unit = text.replace(/^\d+/, '') as keyof typeof units;
  return Number.parseInt(text, 10) * units[unit];
}

/** A length of time such as `90s`, `5m`, `8h`, `30d`; becomes milliseconds. */
export const duration = (atMost: Duration) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}(ms|s|m|h|d)$/, {
      error: 'a length of time: a whole number and ms, s, m, h or d, such as 5m',
      abort: true,
    })
    .refine((text) => milliseconds(text) <= milliseconds(atMost), `at most ${atMost}`)
    .transform(milliseconds)
    .meta({ values: `a length of time such as 90s, 5m or 8h, at most ${atMost}` });

export const domainName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^\s@/:\\]+\.[^\s@/:\\]+$/u, 'a domain name, such as example.com')
  .meta({ values: 'a domain name' });

export const absoluteUrl = (description: string) =>
  z
    .url({ protocol: /^https?$/, error: 'a URL that begins https:// or http://' })
    .describe(description)
    .meta({ values: 'a URL' });

/** By which attribute another service knows people. */
export const usernameAttribute = (description: string) =>
  z
    .enum(['userPrincipalName', 'sAMAccountName', 'mail'])
    .default('userPrincipalName')
    .describe(`${description} Nobody may have the value of another, nor write it by themselves. Who has none cannot be asked.`);

export const path = z.string().min(1).max(4096).meta({ values: 'a path' });
