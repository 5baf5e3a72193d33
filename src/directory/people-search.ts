/** Searches for people below one base: a few by a name, or everybody whom a filter finds. */
import type { Filter } from 'ldapts';
import { Refusal } from '../refusal.ts';
import type { Entry } from './connection.ts';
import type { Controllers, Wish } from './controllers.ts';
import { accept } from './ldap-refusal.ts';

/** What a search found, and which server told it: host and port. */
export interface Found {
  readonly entries: readonly Entry[];
  readonly server: string;
}

export interface PeopleSearch {
  /** A few entries with all that is asked for, and whether there are more. */
  few(filter: Filter, wish?: Wish): Promise<Found & { readonly more: boolean }>;
  /** Everybody whom the filter finds, page by page. @throws Refusal directory-refused beyond 20,000 */
  all(filter: Filter): Promise<Found>;
}

const PAGE = 500;
const MOST_ENTRIES = 20_000;
const SIZE_LIMIT_EXCEEDED = 4;

/** @param limit how many entries `few` are: enough to see that a name is ambiguous */
export function createPeopleSearch(
  controllers: Controllers,
  base: string,
  attributes: readonly string[],
  limit: number,
): PeopleSearch {
  return {
    few: (filter, wish) =>
      controllers.asService(async (connection) => {
        const result = await connection.search({ base, scope: 'sub', filter, attributes: [...attributes], limit });
        const more = result.code === SIZE_LIMIT_EXCEEDED;
        if (!more) accept(connection.server, result);
        return { entries: result.entries, more, server: connection.server };
      }, wish),
    all: (filter) =>
      controllers.asService(async (connection) => {
        let entries: readonly Entry[] = [];
        let cookie: Buffer | undefined;
        do {
          const page = { size: PAGE, cookie };
          const result = await connection.search({ base, scope: 'sub', filter, attributes: [...attributes], limit: 0, page });
          accept(connection.server, result);
          entries = entries.concat(result.entries);
          cookie = result.cookie;
        } while (cookie !== undefined && entries.length < MOST_ENTRIES);
        if (cookie !== undefined) {
          throw new Refusal('directory-refused', {
            server: connection.server,
            cause: `more than ${String(MOST_ENTRIES)} entries`,
          });
        }
        return { entries, server: connection.server };
      }),
  };
}
