/** Search filters that recur; values are escaped by the encoding, so nothing that was typed can be more than a value. */
import { EqualityFilter, type Filter, OrFilter } from 'ldapts';

export const equals = (attribute: string, value: string | Buffer): Filter => new EqualityFilter({ attribute, value });

export function anyOf(filters: readonly Filter[]): Filter {
  const [first, ...others] = filters;
  return first !== undefined && others.length === 0 ? first : new OrFilter({ filters: [...filters] });
}
