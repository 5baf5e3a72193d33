/** A reference as people bring it: read out, typed, or pasted with the ID of a Response or an assertion around it. */

const pattern = /^([0-9A-HJKMNP-TV-Z]{4})-?([0-9A-HJKMNP-TV-Z]{6})$/;
/** The ID of a Response or an assertion, whose first part it is. */
const identifier = /^_([0-9A-Z]{4}-[0-9A-Z]{6})-[0-9a-f]+$/i;

/** The reference as it is written down, such as `7K3F-9QXM2C`; undefined where it can be none. */
export function readReference(typed: string): string | undefined {
  const text = typed.trim().replace(/^["'“”‘’<]+|["'“”‘’>.,;:]+$/g, '');
  // What is misheard or misread has one meaning alone: Crockford's base 32.
  const meant = (identifier.exec(text)?.[1] ?? text)
    .toUpperCase()
    .replaceAll(/\s/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  const found = pattern.exec(meant);
  return found === null ? undefined : `${found[1] ?? ''}-${found[2] ?? ''}`;
}
