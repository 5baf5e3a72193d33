/** Writes docs/conformance.md: each requirement, whether it is met, and by which tests. */
import type { Proof } from './requirement.ts';
import { type Obligation, type RequirementID, requirements } from './requirements.ts';

/** A test that ran. */
export interface Result extends Proof {
  readonly passed: boolean;
}

export interface Row {
  readonly id: RequirementID;
  readonly obligation: Obligation;
  readonly results: readonly Result[];
}

/** A requirement without a test is not met. */
export const isMet = ({ results }: Row): boolean => results.length > 0 && results.every(({ passed }) => passed);

/** The obligations in the order of the checklist, each with the tests of its requirement. */
export const rowsOf = (results: readonly Result[]): readonly Row[] =>
  (Object.entries(requirements) as [RequirementID, readonly Obligation[]][]).flatMap(([id, obligations]) =>
    obligations.map((obligation) => ({ id, obligation, results: results.filter((result) => result.id === id) })),
  );

const count = (tests: number): string => (tests === 1 ? '1 test' : `${String(tests)} tests`);

function evidenceOf({ obligation, results }: Row): string {
  const failed = results.filter(({ passed }) => !passed).length;
  const tests = failed === 0 ? count(results.length) : `${String(failed)} of ${count(results.length)} failed`;
  return obligation.answer === undefined ? tests : `${obligation.answer} ${tests}`;
}

const escape = (text: string): string =>
  text.replaceAll(/[\\`*_{}[\]<>#|&]/g, (character) => `&#${String(character.charCodeAt(0))};`);

const introduction = `# Conformance

What the Kantara SAML V2.0 Implementation Profile for Federation Interoperability 1.1 (2019-12-18) asks of an identity provider, in our
own words under its own numbers, and how Passerelle fares. Each test speaks HTTP with a running server, as a service provider, a browser
or an enhanced client would; what comes back is judged by code that shares nothing with the server: the XML schemas of SAML, xmlsec1,
another XML parser, and a decryption written from the standard. What must be refused stands beside the same thing unspoilt, which must
be taken.

The command

\`\`\`sh
npm run conformance
\`\`\`

runs the suite, prints this table and writes this page. \`npm test\` runs the suite too, and fails where the page is not what the suite
would write.
`;

/** The whole page. It depends on the suite and its outcome alone. */
export function writePage(results: readonly Result[]): string {
  const rows = rowsOf(results);
  const line = (row: Row): string =>
    `| ${row.id} | ${row.obligation.level} | ${isMet(row) ? 'pass' : '**fail**'} | ${escape(row.obligation.words)} | ${escape(evidenceOf(row))} |`;
  const seen = [...new Map(rows.map((row) => [row.id, row])).values()];
  const evidence = seen.map(({ id, results: tests }) => {
    const titles = tests.map(({ title, passed }) => `- ${escape(title)}${passed ? '' : ' **(failed)**'}`);
    return `### ${id}\n\n${titles.join('\n')}\n`;
  });
  return [
    introduction,
    `## Requirements\n\n| Requirement | Level | Result | What it asks | Evidence |\n| --- | --- | --- | --- | --- |\n${rows.map(line).join('\n')}\n`,
    `## Evidence\n\n${evidence.join('\n')}`,
  ].join('\n');
}

/** The table for a terminal. */
export function writeTable(results: readonly Result[]): string {
  return rowsOf(results)
    .map((row) =>
      [row.id.padEnd(10), row.obligation.level.padEnd(7), isMet(row) ? 'pass  ' : 'FAIL  ', evidenceOf(row)].join(' '),
    )
    .join('\n');
}
