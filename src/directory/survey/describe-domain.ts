/** What a domain and its forest say of themselves: kind, names, SID, trusts. */
import { PresenceFilter } from 'ldapts';
import type { Connection } from '../connection.ts';
import { dnsDomainOf } from '../distinguished-name.ts';
import { accept } from '../ldap-refusal.ts';
import { type Names, readNames } from '../naming.ts';
import { objectSidText } from '../object-sid.ts';
import { valuesOf } from '../person-entry.ts';

export interface DomainDescription {
  readonly server: string;
  readonly isActiveDirectory: boolean;
  /** DNS name of the forest's root domain. */
  readonly forestName: string | undefined;
  readonly sid: string | undefined;
  readonly names: Names;
}

// MS-ADTS §3.1.1.3.4.3: what a controller of an Active Directory says of itself.
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';
const NO_SUCH_OBJECT = 32;
const anything = new PresenceFilter({ attribute: 'objectClass' });

/** @throws Unanswered; Refusal directory-refused */
export async function describeDomain(connection: Connection, root: string): Promise<DomainDescription> {
  const { server } = connection;
  const read = async (base: string, attributes: string[]) => {
    const result = await connection.search({ base, scope: 'base', filter: anything, attributes, limit: 0 });
    if (result.code !== NO_SUCH_OBJECT) accept(server, result);
    return result.entries[0];
  };
  const dse = await read('', ['supportedCapabilities', 'rootDomainNamingContext']);
  const [forestRoot] = dse === undefined ? [] : valuesOf(dse, 'rootDomainNamingContext');
  const sid = (await read(root, ['objectSid']))?.attributes.get('objectsid')?.[0];
  return {
    server,
    isActiveDirectory: dse !== undefined && valuesOf(dse, 'supportedCapabilities').includes(ACTIVE_DIRECTORY),
    forestName: forestRoot === undefined ? undefined : dnsDomainOf(forestRoot),
    sid: sid && objectSidText(sid),
    names: await readNames(connection),
  };
}
