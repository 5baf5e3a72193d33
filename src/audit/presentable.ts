/** What may be written down of a value that came from elsewhere: bounded, without secrets, without characters that act. */

const textLimit = 512;
const stackLimit = 4_096;
const entryLimit = 32;
const depthLimit = 4;

const secretName =
  /pass(word|wd|phrase|code)|secret|credential|cookie|authorization|token|(private|api)[_-]?key|^(unicode)?pwd$|^pw$|^otp$|^saml_?(request|response|art)$|^(saml_?)?assertion$|^relay_?state$/i;
/** What the text of a secret begins with, or stands beside, where it became part of some text. */
const secrets: readonly (readonly [RegExp, string])[] = [
  // In a form, a header, a setting or JSON, also where that stands within JSON.
  [
    /(SAMLRequest|SAMLResponse|SAMLart|RelayState|password|passwd|passphrase|pwd|secret|token|cookie|authorization|api[_-]?key)(\\?["']?\s*(?:=|::?)\s*\\?["']?)[^&"'\\\r\n]+/gi,
    '$1$2[redacted]',
  ],
  // In a URL, before its host.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/?#@:]*:)[^\s/?#]+@/gi, '$1[redacted]@'],
  [/\b(Basic|Bearer|Negotiate|NTLM)\s+[\w+/=.~-]{16,}/gi, '$1 [redacted]'],
  [/(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^]*?(?=-----END|$)/g, '$1[redacted]'],
  [/<(?:\w+:)?(?:Encrypted)?Assertion\s[^]*/g, '[redacted]'],
  // SAML messages as base64.
  [/PHNhbWxw[\w+/=-]*/g, '[redacted]'],
];
/** Finds at once that there is none, as in most texts. */
const suspicious =
  /SAML(?:re|ar)|RelayState|pass[wp]|pwd|secret|token|cookie|auth|api.?key|:\/\/[^@]*@|(?:basic|bearer|negotiate|ntlm)\s|PRIVATE|Assertion|PHNhbWxw/i;
/** C0, DEL and C1, what turns the direction of text, invisible ones, and line ends of Unicode. */
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What most texts are. */
const plain = /^[\w .,:;()@/=\\-]*$/;
const redacted = '[redacted]';

export function presentableText(text: string, limit = textLimit): string {
  const bounded = text.length > limit ? `${text.slice(0, limit)}…` : text;
  const told = suspicious.test(bounded) ? secrets.reduce((shown, [pattern, by]) => shown.replace(pattern, by), bounded) : bounded;
  if (plain.test(told)) return told;
  return told.toWellFormed().replace(acting, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

export function presentable(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      return presentableText(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return presentableText(value.toString());
    case 'object':
      if (value === null) return null;
      if (depth >= depthLimit) return '[…]';
      return value instanceof Error ? presentableError(value, depth) : presentableObject(value, depth);
    default:
      return undefined;
  }
}

function presentableObject(value: object, depth: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    const shown = value.slice(0, entryLimit).map((entry) => presentable(entry, depth + 1) ?? null);
    return value.length > entryLimit ? [...shown, `… ${value.length - entryLimit} more`] : shown;
  }
  const shown: [string, unknown][] = [];
  for (const [name, entry] of Object.entries(value).slice(0, entryLimit)) {
    shown.push([
      presentableText(name, 64),
      typeof entry !== 'boolean' && secretName.test(name) ? redacted : presentable(entry, depth + 1),
    ]);
  }
  return Object.fromEntries(shown);
}

/** A fault is told with its origin and its causes; lines of the stack become entries of a list. */
function presentableError(error: Error, depth: number): unknown {
  const frames = (error.stack ?? '')
    .slice(0, stackLimit)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return {
    name: presentableText(error.name, 64),
    message: presentableText(error.message),
    ...('code' in error && { code: presentable(error.code, depth + 1) }),
    stack: frames.slice(0, entryLimit).map((line) => presentableText(line.trim())),
    ...(error.cause !== undefined && { cause: presentable(error.cause, depth + 1) }),
    ...(error instanceof AggregateError && { errors: presentable(error.errors, depth + 1) }),
  };
}
