/** The reference page of the refusals, made from their one table and the English words of the pages. */
import { refusals } from '../refusal.ts';
import { renderTable } from '../config/render-table.ts';

const opening = `# Refusals

<!-- Made by \`passerelle config reference\`; do not edit. -->

Every answer other than success that Passerelle means to give. The reason is in the log beside the reference that the page
shows. Reasons that must not be told apart from outside share one sentence.
`;

type Row = (typeof refusals)[keyof typeof refusals];

/** What becomes of a request that was verified, and who can put it right. */
const groups: readonly { readonly title: string; readonly words: string; readonly holds: (row: Row) => boolean }[] = [
  {
    title: 'The person tries again',
    words: 'The same page is shown again with the sentence. The person can put it right, or wait.',
    holds: (row) => row.answer === 'again' && row.http < 500,
  },
  {
    title: 'The person tries again once Passerelle works again',
    words:
      'The same page is shown again with the sentence. The administrator of Passerelle or of the directory can put it right.',
    holds: (row) => row.answer === 'again' && row.http >= 500,
  },
  {
    title: 'The person chooses another password',
    words:
      'The password was right, and a page that changes it shows the sentence and what the policy of the directory demands. Where passwords are not changed here (`password.change`), the person reads why instead.',
    holds: (row) => row.answer === 'change',
  },
  {
    title: 'The person reads why',
    words:
      'A page tells the sentence and leads back to the service provider with a signed Response. The administrator of the directory or of the mapping can put it right.',
    holds: (row) => row.answer === 'tell',
  },
  {
    title: 'The service provider is told',
    words:
      'Once the request is verified, a signed Response with the status is posted at once; before, a page tells the sentence. The administrator of the service provider or of its entry here can put it right.',
    holds: (row) => row.answer === 'post',
  },
];

/** Text of `docs/refusals.md`. @param words content of views/locales/en.json */
export function renderRefusals(words: unknown): string {
  const sections = groups.map(({ title, words: meaning, holds }) => {
    const rows = Object.entries(refusals).filter(([, row]) => holds(row));
    const table = renderTable(
      ['Reason', 'HTTP', 'SAML status', 'What to look at', 'What the person reads'],
      rows.map(([reason, row]) => [
        `\`${reason}\``,
        String(row.http),
        row.status.map((code) => `\`${code ?? ''}\``).join(', '),
        row.hint,
        sentenceOf(words, row.words),
      ]),
    );
    return `## ${title}\n\n${meaning}\n\n${table}`;
  });
  return [opening, ...sections].join('\n');
}

function sentenceOf(words: unknown, key: string): string {
  const [title, what] = ['title', 'what'].map((name) => member(member(words, key), name));
  if (typeof title !== 'string' || typeof what !== 'string')
    throw new Error(`views/locales/en.json has no title and what for ${key}`);
  return `${title}. ${what}`;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
