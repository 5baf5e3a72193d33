/** How much of a directory is read at most: a server that gives more is refused, not believed in part. */
import { Refusal } from '../../refusal.ts';

export interface SurveyBounds {
  readonly people: number;
  /** Who comes again under another name. */
  readonly again: number;
  readonly groups: number;
  readonly memberships: number;
  /** Different names of members that are neither people nor groups. */
  readonly strangers: number;
  readonly units: number;
  readonly trusts: number;
  /** Characters of everything that is kept of people, and of the names of everything else. */
  readonly text: number;
  /** Pages one after the other that bring nothing new. */
  readonly barrenPages: number;
  /** Parts of long lists of members: Active Directory gives 1,500 members in one. */
  readonly parts: number;
}

export const surveyBounds: SurveyBounds = {
  people: 1_000_000,
  again: 10_000,
  groups: 200_000,
  memberships: 20_000_000,
  strangers: 1_000_000,
  units: 200_000,
  trusts: 10_000,
  text: 1 << 29,
  barrenPages: 500,
  parts: 50_000,
};

const words: Readonly<Partial<Record<keyof SurveyBounds, string>>> = {
  again: 'people under two names',
  text: 'characters',
  barrenPages: 'pages without anything new',
};

/** @throws Refusal directory-refused where `count` of them is more than `bounds` let pass */
export function keepWithin(bounds: SurveyBounds, what: keyof SurveyBounds, count: number, server: string): void {
  const most = bounds[what];
  if (count <= most) return;
  const cause = `more than ${String(most)} ${words[what] ?? what}`;
  throw new Refusal('directory-refused', { server, stage: 'survey', cause });
}
