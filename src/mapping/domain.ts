/** A domain name in the two spellings that a directory may hold: ASCII, and Unicode where it has one. */
import { domainToASCII, domainToUnicode } from 'node:url';

export interface Domain {
  /** Lower case, xn-- labels. The identity of the domain. */
  readonly ascii: string;
  /** The same as `ascii` where no label is internationalised. */
  readonly unicode: string;
}

// Active Directory's own domain names may hold underscores; what may stand in an address is narrower.
const shape = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ascii = /^\p{ASCII}*$/u;

/**
 * Lower case, letter by letter. Undefined where a letter's case does not fold both ways (İ, ẞ, the Kelvin sign): directories
 * differ over such letters, so that a search could miss the person who bears one.
 */
function lower(text: string): string | undefined {
  if (ascii.test(text)) return text.toLowerCase();
  let folded = '';
  for (const letter of text) {
    const small = letter.toLowerCase();
    if (small !== letter && small.toUpperCase() !== letter) return undefined;
    folded += small;
  }
  return folded;
}

/**
 * Reads a domain name of any letter case, spelt wholly in ASCII or wholly in Unicode as UTS #46 would display it. Undefined for
 * everything else, such as full-width letters, ignored characters and decomposed accents: IDNA maps endlessly many spellings
 * to one domain, and only these two can be searched for.
 */
export function readDomain(text: string): Domain | undefined {
  const small = lower(text);
  if (small === undefined) return undefined;
  if (ascii.test(small)) {
    if (!shape.test(small)) return undefined;
    if (!small.includes('xn--')) return { ascii: small, unicode: small };
    const unicode = domainToUnicode(small);
    return domainToASCII(unicode) === small ? { ascii: small, unicode } : undefined;
  }
  const encoded = domainToASCII(small);
  if (!shape.test(encoded) || domainToUnicode(encoded) !== small) return undefined;
  return { ascii: encoded, unicode: small };
}

/** Whether a mail address may lie in it (RFC 5321 §4.1.2 and §4.5.3.1.2; RFC 5890 §2.3.2.1 for xn-- labels). */
export function isMailDomain(domain: Domain): boolean {
  return (
    domain.ascii.length <= 253 &&
    domain.ascii.split('.').every((part) => label.test(part)) &&
    !domain.unicode.split('.').some((part) => part.startsWith('xn--'))
  );
}
