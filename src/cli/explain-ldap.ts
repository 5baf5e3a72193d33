/** What was asked of directory servers, and what they answered, in words. */
import { describeResult } from '../directory/ldap-words.ts';
import { describeNetworkCode } from '../doctor/describe-network-trouble.ts';
import { detailOf, numberIn, textIn, textsIn, type Detail } from './explain-kept.ts';
import type { Line } from './explain-line.ts';
import { some } from './explain-words.ts';

/** What stands against a connection, in words where it is a code alone. */
export const trouble = (text: string): string => (/^E[A-Z_]+$/.test(text) ? describeNetworkCode(text) : text);

function describeEnd(detail: Detail): string {
  const code = numberIn(detail, 'code');
  if (code === undefined) {
    const error = trouble(textIn(detail, 'error') ?? 'given up');
    return error.startsWith('no answer') ? error : `no answer: ${error}`;
  }
  return describeResult({ code, message: textIn(detail, 'message'), policy: numberIn(detail, 'policy') });
}

/** The server's own words, where they say more than the code. */
const ownWords = (detail: Detail): readonly string[] =>
  some([
    (numberIn(detail, 'code') ?? 0) !== 0 &&
      textIn(detail, 'message') !== undefined &&
      `The server says: ${textIn(detail, 'message') ?? ''}`,
  ]);

function describeSearch(detail: Detail): Line {
  const asked = detailOf(detail.asked);
  const base = textIn(asked, 'base');
  const entries = numberIn(detail, 'entries');
  return {
    text: `Search at ${textIn(detail, 'server') ?? ''} for ${textIn(asked, 'filter') ?? ''}: ${
      entries === undefined ? '' : `${String(entries)} found, `
    }${describeEnd(detail)}.`,
    more: [
      `${textIn(asked, 'scope') === 'base' ? 'At' : 'Below'} ${base === undefined || base === '' ? 'the root' : base}${
        textIn(asked, 'page') === undefined ? '' : `, the ${textIn(asked, 'page') ?? ''} page`
      }.`,
      ...ownWords(detail),
    ],
  };
}

const protections: Readonly<Record<string, string>> = { ldaps: ' by TLS', starttls: ' with StartTLS', none: ' without TLS' };

export const ldapWords = {
  'ldap.connect': (detail) => ({
    text: `Connection to ${textIn(detail, 'server') ?? ''}${protections[textIn(detail, 'protection') ?? ''] ?? ''}${
      textIn(detail, 'error') === undefined ? '' : `, in vain: ${trouble(textIn(detail, 'error') ?? '')}`
    }.`,
  }),
  'ldap.bind': (detail) => ({
    text: `Bind at ${textIn(detail, 'server') ?? ''} as ${textIn(detail, 'dn') ?? ''}: ${describeEnd(detail)}.`,
    more: ownWords(detail),
  }),
  'ldap.search': describeSearch,
  'ldap.modify': (detail) => ({
    text: `Change at ${textIn(detail, 'server') ?? ''} of ${textIn(detail, 'dn') ?? ''} (${textsIn(detail, 'changes').join(', ')}): ${describeEnd(detail)}.`,
    more: ownWords(detail),
  }),
  'ldap.extended': (detail) => ({
    text: `Extended operation at ${textIn(detail, 'server') ?? ''}: ${describeEnd(detail)}.`,
    more: ownWords(detail),
  }),
} as const satisfies Readonly<Record<string, (detail: Detail) => Line>>;
