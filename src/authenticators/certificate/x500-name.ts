/** Names of X.500 as text, in the spelling that Windows gives them in altSecurityIdentities. */
import { DerMistake, fieldsOf, readDer, readObjectIdentifier, tags, valuesIn, type Der } from './der.ts';

/** As CertNameToStr spells them (CERT_X500_NAME_STR); others are written as numbers. */
const words: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'T',
  '2.5.4.13': 'Description',
  '2.5.4.17': 'PostalCode',
  '2.5.4.18': 'POBox',
  '2.5.4.20': 'Phone',
  '2.5.4.42': 'G',
  '2.5.4.43': 'I',
  '1.2.840.113549.1.9.1': 'E',
  '0.9.2342.19200300.100.1.25': 'DC',
};
const unicode = new TextDecoder('utf-8', { fatal: true });
const wide = new TextDecoder('utf-16be', { fatal: true });

/** The text of a string; undefined where it is none, or of a kind that nobody reads the same way as another. */
function textOf({ tag, content }: Der): string | undefined {
  try {
    switch (tag) {
      case tags.utf8String:
        return unicode.decode(content);
      case tags.printableString:
      case tags.ia5String:
        return content.every((octet) => octet < 0x80) ? content.toString('latin1') : undefined;
      case tags.teletexString:
        return content.toString('latin1');
      case tags.bmpString:
        return wide.decode(content);
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

function quote(text: string): string {
  return /^\s|\s$|[,+="\n<>#;]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;
}

/** How a name is written: what stands between its parts, and what a state or province is called. */
export interface Spelling {
  readonly separator: ',' | ', ';
  readonly state: 'S' | 'ST';
}

const stateId = '2.5.4.8';

function writeAttribute(attribute: Der, state: Spelling['state']): string {
  const fields = fieldsOf(attribute);
  const type = readObjectIdentifier(fields.next());
  const value = fields.next();
  fields.end();
  const text = textOf(value);
  const word = type === stateId ? state : (words[type] ?? `OID.${type}`);
  return `${word}=${text === undefined ? `#${value.raw.toString('hex')}` : quote(text)}`;
}

/** From the root down, as it is encoded: `DC=com,DC=example,CN=Issuing CA`. @param name DER @throws DerMistake */
export function nameText(name: Buffer, { separator, state }: Spelling = { separator: ',', state: 'S' }): string {
  const parts: string[] = [];
  for (const relative of valuesIn(readDer(name, tags.sequence))) {
    if (relative.tag !== tags.set) throw new DerMistake('no relative distinguished name');
    parts.push([...valuesIn(relative)].map((attribute) => writeAttribute(attribute, state)).join(' + '));
    if (parts.length > 64) throw new DerMistake('a name of too many parts');
  }
  return parts.join(separator);
}
