/** One search over a whole domain, page by page (RFC 2696) on one connection, on which each entry is handed on as it arrives. */
import type { BerReader } from 'ldapts';
import { Refusal } from '../../refusal.ts';
import type { Connection, LdapResult, Search } from '../connection.ts';
import { accept } from '../ldap-refusal.ts';
import { type SurveyBounds, keepWithin } from './survey-bounds.ts';

export interface PagedScan {
  readonly search: Pick<Search, 'base' | 'filter' | 'attributes'>;
  /** Entries a page; Active Directory gives 1,000 at most. */
  readonly size: number;
  readonly take: (entry: BerReader) => void;
  /** How much has come of it so far. */
  readonly gained: () => number;
  /** After each page, while the connection is free. */
  readonly turned?: () => Promise<void>;
  readonly told: (gained: number) => void;
  readonly bounds: SurveyBounds;
}

const NO_SUCH_OBJECT = 32;
/** What servers give a page that take no larger ones: an OpenLDAP with size.pr refuses those. */
const SMALL = 100;
/** RFC 4511 §4.1.9: sizeLimitExceeded and adminLimitExceeded. */
const limited = [4, 11];

function acceptPage(server: string, read: number, result: LdapResult): void {
  if (!limited.includes(result.code)) {
    accept(server, result);
    return;
  }
  const cause =
    `the server cut the search after ${String(read)} entries: the service account must be let to read all pages ` +
    '(OpenLDAP: limits with size.prtotal=unlimited)';
  throw new Refusal('directory-refused', { server, stage: 'survey', code: result.code, cause });
}

/**
 * Answers how many entries there were; 0 also where the base is missing.
 * @throws Unanswered; Refusal directory-refused
 */
export async function scanPages(connection: Connection, scan: PagedScan): Promise<number> {
  const { search, gained, told, bounds } = scan;
  const { server } = connection;
  let cookie: Buffer | undefined;
  let read = 0;
  let barren = 0;
  let { size } = scan;
  const take = (entry: BerReader): void => {
    read += 1;
    scan.take(entry);
  };
  for (;;) {
    const before = gained();
    const result = await connection.scan({ ...search, scope: 'sub', limit: 0, page: { size, cookie } }, take);
    if (result.code === NO_SUCH_OBJECT && cookie === undefined && read === 0) return 0;
    if (limited.includes(result.code) && read === 0 && size > SMALL) {
      size = SMALL;
      continue;
    }
    acceptPage(server, read, result);
    await scan.turned?.();
    told(gained());
    barren = gained() > before ? 0 : barren + 1;
    keepWithin(bounds, 'barrenPages', barren, server);
    ({ cookie } = result);
    if (cookie === undefined) return read;
  }
}
