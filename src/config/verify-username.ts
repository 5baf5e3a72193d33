/** The rule about the attribute by which another service knows people: its value must be one person's. */
import { countDomains } from './count-domains.ts';
import { textAt, type Findings } from './findings.ts';
import type { Path, Settings } from './settings.ts';

/** @param who the service */
export function verifyUsername(settings: Settings, findings: Findings, path: Path, who: string): void {
  if (textAt(settings, path) !== 'sAMAccountName' || countDomains(settings) <= 1) return;
  findings.warning(
    path,
    'may be the same for two people',
    `Account names are unique in one domain alone, and ${who} would take one person for the other: use userPrincipalName.`,
  );
}
