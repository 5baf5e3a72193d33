/** Distinguished names (RFC 4514), as far as they must be compared and a DNS domain be read from them. */
import { fold } from './fold.ts';

/** A relative name without the blanks around it and around its `=`; one after a backslash belongs to the value. */
function withoutBlanks(part: string): string {
  const begun = part.trimStart();
  const trimmed = begun.trimEnd();
  const name = trimmed.endsWith('\\') ? begun.slice(0, trimmed.length + 1) : trimmed;
  const at = name.indexOf('=');
  return at < 0 ? name : `${name.slice(0, at).trimEnd()}=${name.slice(at + 1).trimStart()}`;
}

/** The relative names of a DN from the leaf up, unescaped, in the letters in which they are written. */
export function relativeNamesAsWritten(dn: string): readonly string[] {
  const names: string[] = [];
  for (const [part] of dn.matchAll(/(?:\\.|[^,\\])+/gs)) {
    names.push(
      withoutBlanks(part).replace(/((?:\\[0-9a-f]{2})+)|\\(.)/gis, (_, hex: string | undefined, plain: string | undefined) =>
        hex === undefined ? (plain ?? '') : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString(),
      ),
    );
  }
  return names;
}

/** The relative names of a DN from the leaf up, unescaped and folded, so that equal names are equal texts. */
export const relativeNames = (dn: string): readonly string[] => relativeNamesAsWritten(dn).map(fold);

/** What follows the leaf's name, spelt as it is; empty where the DN has one name alone. */
export function parentOf(dn: string): string {
  const leaf = /^(?:\\.|[^,\\])*/s.exec(dn)?.[0] ?? dn;
  return dn.slice(leaf.length + 1);
}

/** Equal for two spellings of one name, and for no two names. */
export const keyOf = (dn: string): string => JSON.stringify(relativeNames(dn));

/** `OU=Staff,DC=corp,DC=example,DC=com` → `corp.example.com`; undefined where no part is a DC. */
export function dnsDomainOf(dn: string): string | undefined {
  const labels = relativeNames(dn)
    .filter((name) => name.startsWith('dc='))
    .map((name) => name.slice(3));
  return labels.length === 0 ? undefined : labels.join('.');
}

/** The entry of the domain that `dn` lies in: its trailing DCs; `dn` itself where there are none. */
export function domainRootOf(dn: string): string {
  const domain = /(?:^|,)(\s*dc\s*=[^,]*(?:,\s*dc\s*=[^,]*)*)$/i.exec(dn);
  return domain?.[1]?.trim() ?? dn;
}
