/** The parameters of a query or form, parsed once and kept in both their forms. */
import { Refusal } from '../refusal.ts';

export interface Parameter {
  /** As it came, still encoded: what the HTTP-Redirect binding signs (saml-bindings §3.4.4.1). */
  readonly raw: string;
  /** Decoded. */
  readonly value: string;
}

export type Parameters = ReadonlyMap<string, Parameter>;

const mostCharacters = 1_048_576;
const mostParameters = 64;
const longestName = 256;

const decode = (raw: string, name: string): string => {
  if (!raw.includes('%')) return raw.includes('+') ? raw.replaceAll('+', ' ') : raw;
  try {
    // Refuses incomplete triplets and whatever is not UTF-8, overlong forms and surrogates included.
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch (cause) {
    if (cause instanceof URIError) throw new Refusal('request-parameter-malformed', { parameter: name });
    throw cause;
  }
};

/**
 * Parses application/x-www-form-urlencoded text: the query without its question mark, or the body.
 * @throws Refusal request-too-large, request-parameter-malformed, request-parameter-disguised or request-parameter-repeated
 */
export const parseParameters = (text: string): Parameters => {
  if (text.length > mostCharacters) throw new Refusal('request-too-large', { limit: mostCharacters });
  if (!/^[\x21-\x7e]*$/.test(text)) throw new Refusal('request-parameter-malformed', { why: 'a character that must be encoded' });
  const parameters = new Map<string, Parameter>();
  const parts = text.split('&', mostParameters + 1);
  if (parts.length > mostParameters) throw new Refusal('request-too-large', { why: 'too many parameters' });
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const raw = equals < 0 ? '' : part.slice(equals + 1);
    if (name === '' || name.length > longestName)
      throw new Refusal('request-parameter-malformed', { why: 'the name of a parameter' });
    if (/[%+]/.test(name)) throw new Refusal('request-parameter-disguised', { parameter: name });
    if (parameters.has(name)) throw new Refusal('request-parameter-repeated', { parameter: name });
    parameters.set(name, { raw, value: decode(raw, name) });
  }
  return parameters;
};
