/** What the routes of the person's own page stand on. */
import type { Audit } from '../audit/audit.ts';
import type { Enroller } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { AccountParts } from '../signin/account-parts.ts';
import type { Account } from '../signin/account.ts';
import type { Enrol } from '../signin/enrol.ts';
import type { History } from '../signin/history.ts';
import type { AccountDoor } from './account-door.ts';
import type { RecordTrouble } from './record-trouble.ts';
import type { SessionCookie } from './session-cookie.ts';

export interface AccountRoutesParts {
  /** Undefined where people have no such page. */
  readonly accountPage:
    | {
        readonly door: AccountDoor;
        readonly account: Account;
        readonly history: Pick<History, 'of'>;
        readonly kept: AccountParts;
        /** Whether recovery codes are to be had. */
        readonly hasCodes: boolean;
      }
    | undefined;
  readonly enrollers: readonly Enroller[];
  readonly enrol: Enrol;
  readonly cookie: SessionCookie;
  readonly audit: Audit;
  readonly record: RecordTrouble;
  readonly clock: Pick<Clock, 'now'>;
}
