/** One search of the demo directory: read from the wire, answered as bytes. */
import { Ber, BerReader, BerWriter, PagedResultsControl } from 'ldapts';
import { enter, integer, octets, skip } from './ber.ts';
import { type DemoAttribute, type DemoEntries, type DemoEntry, pathOf, tokenGroupsOf } from './demo-entries.ts';
import { readDemoFilter } from './demo-filter.ts';
import { writeResult } from './demo-result.ts';
import type { Incoming } from './message-stream.ts';

const SEARCH_REQUEST = 0x63;
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const CONTROLS = 0xa0;
/** Active Directory's MaxPageSize. */
const MOST_WITHOUT_PAGES = 1_000;
const SIZE_LIMIT_EXCEEDED = 4;
const NO_SUCH_OBJECT = 32;
const OPERATIONS_ERROR = 1;
const NOT_BOUND =
  '000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed on the connection., data 0, v4563';

interface Page {
  readonly size: number;
  /** How many entries the pages before held. */
  readonly start: number;
}

function readPage(reader: BerReader): Page | undefined {
  if (reader.peek() !== CONTROLS) {
    return undefined;
  }
  const end = enter(reader, CONTROLS);
  let page: Page | undefined;
  while (reader.offset < end) {
    const next = enter(reader, 0x30);
    const type = octets(reader).toString();
    if (reader.offset < next && reader.peek() === Ber.Boolean) {
      skip(reader);
    }
    if (type === PagedResultsControl.type && reader.offset < next) {
      const value = new BerReader(octets(reader));
      enter(value, 0x30);
      const size = integer(value);
      const cookie = octets(value);
      page = { size, start: cookie.length === 4 ? cookie.readUInt32BE() : 0 };
    }
    reader.offset = next;
  }
  return page;
}

function writeEntry(id: number, dn: string, attributes: Iterable<DemoAttribute>, typesOnly: boolean): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(SEARCH_ENTRY);
  writer.writeString(dn);
  writer.startSequence();
  for (const { name, values } of attributes) {
    writer.startSequence();
    writer.writeString(name);
    writer.startSequence(0x31);
    for (const value of typesOnly ? [] : values) {
      writer.writeBuffer(value, Ber.OctetString);
    }
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

const isTokenGroups = (name: string): boolean => name.toLowerCase() === 'tokengroups';

function select(entry: DemoEntry, names: readonly string[], entries: DemoEntries): Iterable<DemoAttribute> {
  if (names.length === 0 || names.includes('*')) {
    return entry.attributes.values();
  }
  const selected: DemoAttribute[] = [];
  for (const name of names) {
    if (isTokenGroups(name)) {
      const values = tokenGroupsOf(entry, entries);
      if (values.length > 0) selected.push({ name: 'tokenGroups', values, compared: [] });
    }
    const attribute = entry.attributes.get(name.toLowerCase());
    if (attribute !== undefined) {
      selected.push(attribute);
    }
  }
  return selected;
}

function inScope(path: string, base: string, scope: number): boolean {
  if (scope === 0 || !path.startsWith(base)) {
    return path === base;
  }
  const below = path.slice(base.length);
  return scope === 2 || (below !== '' && below.indexOf('\0') === below.length - 1);
}

function rootOf({ baseDn, byPath }: DemoEntries): DemoAttribute[] {
  const attribute = (name: string, ...values: string[]): DemoAttribute => ({
    name,
    values: values.map((value) => Buffer.from(value)),
    compared: [],
  });
  const configuration = `CN=Configuration,${baseDn}`;
  return [
    attribute('namingContexts', baseDn),
    attribute('defaultNamingContext', baseDn),
    ...(byPath.has(pathOf(configuration)) ? [attribute('configurationNamingContext', configuration)] : []),
    attribute('supportedLDAPVersion', '3'),
    attribute('supportedControl', PagedResultsControl.type),
    attribute('vendorName', 'Passerelle demo directory'),
  ];
}

/**
 * All the messages that answer a search.
 * @param bound whether the connection may see more than the root
 * @throws MalformedMessage, or ldapts' InvalidAsn1Error
 */
export function answerSearch({ id, reader }: Incoming, entries: DemoEntries, bound: boolean): readonly Buffer[] {
  const end = enter(reader, SEARCH_REQUEST);
  const base = octets(reader).toString();
  const scope = integer(reader, Ber.Enumeration);
  integer(reader, Ber.Enumeration);
  const sizeLimit = integer(reader);
  integer(reader);
  const typesOnly = integer(reader, Ber.Boolean) !== 0;
  const filter = readDemoFilter(reader, entries);
  const names: string[] = [];
  const last = enter(reader, 0x30);
  while (reader.offset < last) {
    names.push(octets(reader).toString());
  }
  reader.offset = end;
  const page = readPage(reader);

  if (base === '' && scope === 0) {
    return [writeEntry(id, '', rootOf(entries), typesOnly), writeResult(id, SEARCH_DONE, 0)];
  }
  if (!bound) {
    return [writeResult(id, SEARCH_DONE, OPERATIONS_ERROR, NOT_BOUND)];
  }
  const basePath = pathOf(base);
  // To a global catalog the empty base is the whole forest.
  if (base !== '' && !entries.byPath.has(basePath)) {
    return [writeResult(id, SEARCH_DONE, NO_SUCH_OBJECT, '0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0')];
  }
  // MS-ADTS §3.1.1.4.5.19: computed for one entry alone.
  if (scope !== 0 && names.some(isTokenGroups)) {
    return [
      writeResult(id, SEARCH_DONE, OPERATIONS_ERROR, '000020EF: SvcErr: DSID-03140594, problem 5003 (WILL_NOT_PERFORM), data 0'),
    ];
  }
  const found = (filter.candidates ?? entries.all).filter(
    (entry) => inScope(entry.path, basePath, scope) && filter.matches(entry),
  );
  const start = page?.start ?? 0;
  const most = Math.min(sizeLimit > 0 ? sizeLimit : Infinity, page === undefined ? MOST_WITHOUT_PAGES : Math.max(page.size, 0));
  const shown = found.slice(start, start + most);
  const answer = shown.map((entry) => writeEntry(id, entry.dn, select(entry, names, entries), typesOnly));
  const more = found.length > start + shown.length;
  if (page !== undefined && (sizeLimit === 0 || page.size < sizeLimit)) {
    const cookie = Buffer.alloc(more ? 4 : 0);
    if (more) {
      cookie.writeUInt32BE(start + shown.length);
    }
    answer.push(writeResult(id, SEARCH_DONE, 0, '', new PagedResultsControl({ value: { size: found.length, cookie } })));
  } else {
    answer.push(writeResult(id, SEARCH_DONE, more ? SIZE_LIMIT_EXCEEDED : 0));
  }
  return answer;
}
