/** What Google allows of domains in one account. */

/** The primary one and all secondary ones. */
export const mostDomains = 600;
/** Alias domains. */
export const mostAliases = 20;
