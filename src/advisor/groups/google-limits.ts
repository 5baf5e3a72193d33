/** What Google allows of groups and organisational units: one sentence each. */
export const googleLimits = {
  /** A person may be in so many groups directly. */
  directMemberships: 3_000,
  /** A person may be in so many groups, directly and by groups within groups together. */
  memberships: 7_500,
  /** So many characters may stand before the @ of a group's address. */
  localPart: 64,
  /** A group's name may have so many characters. */
  groupName: 73,
  /** Organisational units may lie so many levels below the root. */
  unitDepth: 35,
} as const;

/** Google parts the levels of an organisational unit's path by it, so that no name may hold one. */
export const unitSeparator = '/';
