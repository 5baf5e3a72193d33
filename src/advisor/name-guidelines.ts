/** What Google allows before the @ of a person's address, which is less than what e-mail allows. */

/** Google: a user name has at most 64 characters. */
export const longestUserName = 64;
/** Google keeps these for whoever answers for a domain (RFC 2142); no person may be called so. */
const reserved: ReadonlySet<string> = new Set(['abuse', 'postmaster']);
/** Google: letters a to z, digits, dashes, underscores, apostrophes and dots. */
const foreign = /[^A-Za-z0-9_'.-]/u;

/** Why Google would make no account of that address; undefined where it would. @param address one that a sign-in would carry */
export function againstGuidelines(address: string): string | undefined {
  const local = address.slice(0, address.lastIndexOf('@'));
  const character = foreign.exec(local)?.[0];
  if (character !== undefined) return `Google takes no ${character} in a user name`;
  if (local === '' || local.startsWith('.') || local.endsWith('.')) return 'a user name neither begins nor ends with a dot';
  if (local.includes('..')) return 'a user name has no two dots in a row';
  if (local.length > longestUserName) return `a user name has at most ${String(longestUserName)} characters`;
  return reserved.has(local.toLowerCase()) ? `Google keeps ${local.toLowerCase()} for whoever runs the domain` : undefined;
}

/** The letters that Unicode does not take apart into one of ASCII and an accent, as names in passports write them. */
const written: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'oe',
  å: 'aa',
  þ: 'th',
  ð: 'd',
  đ: 'd',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
};
const letters = new RegExp(`[${Object.keys(written).join('')}]`, 'gu');

/** A user name as near to the text as Google allows, lower case; empty where none is left, as of a name in another script. */
export function userNameFrom(text: string): string {
  const name = text
    .slice(0, 1_024)
    .normalize('NFC')
    .toLowerCase()
    .replace(letters, (letter) => written[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[\u2018\u2019]/gu, "'")
    .replace(/[^a-z0-9_'-]+/gu, '.')
    .slice(0, longestUserName + 1)
    .replace(/^\.|\.$/gu, '')
    .slice(0, longestUserName)
    .replace(/\.$/u, '');
  return reserved.has(name) || !/[a-z0-9]/u.test(name) ? '' : name;
}
