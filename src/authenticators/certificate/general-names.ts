/** The names of subjectAltName, and addresses in other extensions (RFC 5280 §4.2.1.6). */
import { context, DerMistake, fieldsOf, readDer, readObjectIdentifier, tags, valuesIn, within, type Der } from './der.ts';

export interface GeneralNames {
  /** otherName 1.3.6.1.4.1.311.20.2.3. */
  readonly userPrincipalNames: readonly string[];
  readonly rfc822Names: readonly string[];
  readonly uris: readonly string[];
}

const userPrincipalName = '1.3.6.1.4.1.311.20.2.3';
const mostNames = 64;
const unicode = new TextDecoder('utf-8', { fatal: true });

/** None where it has characters that it may not have. */
function ascii({ content }: Der): readonly string[] {
  return content.every((octet) => octet > 0x20 && octet < 0x7f) ? [content.toString('latin1')] : [];
}

function utf8({ content }: Der): string {
  let text: string;
  try {
    text = unicode.decode(content);
  } catch {
    throw new DerMistake('a name that is not UTF-8');
  }
  // What ends in one place for one reader and in another for the next is nobody's name.
  if (text === '' || /\p{Cc}|\ufeff/u.test(text)) throw new DerMistake('a name with control characters');
  return text;
}

/** @throws DerMistake also for a name that two readers might read differently */
export function readGeneralNames(value: Der): GeneralNames {
  const userPrincipalNames: string[] = [];
  const rfc822Names: string[] = [];
  const uris: string[] = [];
  let count = 0;
  for (const name of valuesIn(value)) {
    count += 1;
    if (count > mostNames) throw new DerMistake('too many names');
    if (name.tag === context(0)) {
      const fields = fieldsOf(name, context(0));
      const type = readObjectIdentifier(fields.next());
      const inner = fields.next(context(0));
      fields.end();
      if (type === userPrincipalName) userPrincipalNames.push(utf8(within(inner, tags.utf8String)));
    } else if (name.tag === context(1, false)) rfc822Names.push(...ascii(name));
    else if (name.tag === context(6, false)) uris.push(...ascii(name));
  }
  return { userPrincipalNames, rfc822Names, uris };
}

/** The addresses of a DistributionPointName's fullName (RFC 5280 §4.2.1.13); of other forms none. @throws DerMistake */
export function distributionUris(distributionPoint: Der): readonly string[] {
  const name = within(distributionPoint);
  return name.tag === context(0) ? readGeneralNames(name).uris : [];
}

/** The addresses of all CRLDistributionPoints that are neither indirect nor for some reasons alone. @throws DerMistake */
export function readDistributionPoints(extension: Buffer): readonly string[] {
  return [...valuesIn(readDer(extension, tags.sequence))].flatMap((point) => {
    const fields = fieldsOf(point);
    const name = fields.optional(context(0));
    const reasons = fields.optional(context(1, false));
    const issuer = fields.optional(context(2));
    fields.end();
    return name === undefined || reasons !== undefined || issuer !== undefined ? [] : distributionUris(name);
  });
}

/** The addresses of OCSP responders in AuthorityInfoAccess (RFC 5280 §4.2.2.1). @throws DerMistake */
export function readResponders(extension: Buffer): readonly string[] {
  return [...valuesIn(readDer(extension, tags.sequence))].flatMap((description) => {
    const fields = fieldsOf(description);
    const method = readObjectIdentifier(fields.next());
    const location = fields.next();
    fields.end();
    return method === '1.3.6.1.5.5.7.48.1' && location.tag === context(6, false) ? ascii(location) : [];
  });
}
