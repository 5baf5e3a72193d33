/** What may be written down of a value that came from elsewhere: bounded, without secrets, without characters that act. */

const textLimit = 512;
const stackLimit = 4_096;
const entryLimit = 32;
const depthLimit = 4;

const secretName =
  /pass(word|wd|phrase)|secret|credential|cookie|authorization|token|private_?key|^saml_?(request|response)$|^(saml_?)?assertion$|^relay_?state$/i;
/** A secret within a URL, a form or a header that became part of some text. */
const secretText = /\b(SAMLRequest|SAMLResponse|RelayState|password|cookie|authorization)(["']?\s*[=:]\s*["']?)[^&"'\r\n]+/gi;
/** C0, DEL and C1, what turns the direction of text, invisible ones, and line ends of Unicode. */
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What most texts are, and what neither pattern above can match. */
const plain = /^[\w .,;()@/\\-]*$/;
const redacted = '[redacted]';

export function presentableText(text: string, limit = textLimit): string {
  if (text.length <= limit && plain.test(text)) return text;
  const bounded = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return bounded
    .toWellFormed()
    .replace(secretText, `$1$2${redacted}`)
    .replace(acting, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
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
