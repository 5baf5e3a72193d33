/** Distinguished names (RFC 4514), as far as they must be compared and a DNS domain be read from them. */
import { fold } from './fold.ts';

/** The relative names of a DN from the leaf up, unescaped and folded, so that equal names are equal texts. */
export function relativeNames(dn: string): readonly string[] {
  const names: string[] = [];
  for (const [part] of dn.matchAll(/(?:\\.|[^,\\])+/gs)) {
    const name = part
      .replace(/^\s+/, '')
      .replace(/(?<!\\)\s+$/, '')
      .replace(/^([^=]*?)\s*=\s*/, '$1=')
      .replace(/((?:\\[0-9a-f]{2})+)|\\(.)/gis, (_, hex: string | undefined, plain: string | undefined) =>
        hex === undefined ? (plain ?? '') : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString(),
      );
    names.push(fold(name));
  }
  return names;
}

/** `OU=Staff,DC=corp,DC=example,DC=com` → `corp.example.com`; undefined where no part is a DC. */
export function dnsDomainOf(dn: string): string | undefined {
  const labels = relativeNames(dn)
    .filter((name) => name.startsWith('dc='))
    .map((name) => name.slice(3));
  return labels.length === 0 ? undefined : labels.join('.');
}
