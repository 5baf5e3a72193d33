/** Which name identifiers a service provider may be given: by default the address only to one whose own metadata names it. */
import type { NameIDSettings, OfferedFormat } from '../config/name-id-schema.ts';
import { nameIDFormats } from '../saml/names.ts';

export type { OfferedFormat };

export interface NameIDRules {
  /** Where the request leaves the choice to us. */
  readonly unasked: OfferedFormat | 'none';
  /** What its requests may ask for. */
  readonly offered: readonly OfferedFormat[];
  /** Where a persistent name is the objectGUID in base64 rather than an opaque one. */
  readonly persistent?: 'immutableId';
}

/** `named` are the NameIDFormat URNs of its metadata (saml-metadata §2.4.2), by its preference. */
export function nameIDRules({ format, offered, persistent }: NameIDSettings, named: readonly string[]): NameIDRules {
  const isNamed = (each: OfferedFormat): boolean => named.includes(nameIDFormats[each]);
  const byDefault: readonly OfferedFormat[] = isNamed('emailAddress')
    ? ['emailAddress', 'persistent', 'transient']
    : ['persistent', 'transient'];
  const given = new Set(offered ?? byDefault);
  if (format !== undefined && format !== 'none') given.add(format);
  const list = [...given];
  const preferred = named.flatMap((urn) => list.find((each) => nameIDFormats[each] === urn) ?? [])[0];
  const fallback = given.has('transient') ? 'transient' : (list[0] ?? 'none');
  return { unasked: format ?? preferred ?? fallback, offered: list, ...(persistent !== undefined && { persistent }) };
}
