/** What a row of the table of checks says. */

/** In the order of the report: from outside in. */
export const areas = [
  'configuration',
  'public-url',
  'proxy',
  'clock',
  'dns',
  'directory',
  'mapping',
  'keys',
  'google',
  'service-providers',
  'store',
  'machine',
  'factors',
  'audit',
] as const;
export type Area = (typeof areas)[number];

export interface CheckRow {
  /** What is looked at, for the page of all checks. */
  readonly looks: string;
  /** When it is a warning; undefined where it never is. */
  readonly warns?: string;
  /** When it is a problem; undefined where it never is. */
  readonly fails?: string;
  /** What to do about it, unless what was found says better. A sentence. */
  readonly remedy: string;
}

/** Its id begins with its area. */
export type Rows = Readonly<Record<`${Area}.${string}`, CheckRow>>;
