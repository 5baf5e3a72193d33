/** The advice as text for a terminal, section by section. */
import { join } from 'node:path';
import type { Advice } from '../advisor/advice.ts';
import { renderDomains } from './advise-domains.ts';
import { renderForests } from './advise-forests.ts';
import { renderGroups } from './advise-groups.ts';
import { counted, figure } from '../advisor/figures.ts';
import { bullets, paragraph, title, type Line, type Look } from './advise-layout.ts';
import { kindNames, renderMapping } from './advise-mapping.ts';
import { renderUnits } from './advise-units.ts';
import { plain } from './plain.ts';

function summarise({ forests, domains, mapping, groups, units, verdict }: Advice): readonly Line[] {
  const { accounts, mendings } = mapping;
  const configured = forests.forests.flatMap((forest) => forest.domains.filter((domain) => domain.configured));
  const invalid = domains.domains.filter(({ kind, accounts: held }) => held > 0 && kind !== 'public' && kind !== 'consumer');
  return [
    ...paragraph(
      `Read: ${counted(forests.forests.length, 'forest', 'forests')}, ${counted(configured.length, 'domain', 'domains')}, ${(['person', 'service', 'disabled', 'guest'] as const).map((kind) => counted(accounts[kind], ...kindNames[kind])).join(', ')}, ${counted(groups.total, 'group', 'groups')}, ${counted(units.total, 'organisational unit', 'organisational units')}.`,
    ),
    '',
    ...bullets([
      verdict.summary,
      ...(mendings.length === 0
        ? []
        : [`${counted(mendings.length, 'value has', 'values have')} to be mended in the directory.`]),
      `Needed: ${counted(forests.accounts.count, 'Cloud Identity account', 'Cloud Identity accounts')}, ${counted(forests.passerelle.count, 'fleet', 'fleets')} of Passerelle.`,
      ...(invalid.length === 0 ? [] : [`${counted(invalid.length, 'domain', 'domains')} in use cannot be registered.`]),
      `Worth bringing: ${figure(groups.proposal.finds)} of ${counted(groups.total, 'group', 'groups')}.`,
    ]),
  ];
}

const renderVerdict = ({ verdict }: Advice): readonly Line[] => [
  ...paragraph(verdict.summary),
  '',
  ...paragraph(
    verdict.isConfigured
      ? 'The configured mapping does as well as this one:'
      : 'For the configuration, in place of its mapping section:',
  ),
  '',
  ...verdict.section.trimEnd().split('\n'),
];

/** Pieces of text, each of whole lines and harmless. @param folder where the files are written, as it was typed; undefined for none */
export function* renderAdvice(advice: Advice, folder: string | undefined): Generator<string> {
  const isOne = advice.forests.forests.flatMap(({ domains }) => domains.filter(({ configured }) => configured)).length === 1;
  const look: Look = {
    rest: (file) => (folder === undefined ? `in ${file} with --into FOLDER` : `in ${join(folder, file)}`),
    who: ({ name, domain }) => (isOne || domain === null ? name : `${name} (${domain})`),
  };
  const text = (lines: readonly Line[]): string => lines.map((line) => `${plain(line)}\n`).join('');
  yield text([`Passerelle’s advice of ${advice.made.slice(0, 16).replace('T', ' ')} UTC`, '', ...summarise(advice)]);
  yield text([...title('1. Forests and accounts', '='), ...renderForests(advice.forests, look).slice(1)]);
  yield text([...title('2. Domains', '='), ...renderDomains(advice.domains, look).slice(1)]);
  yield text([...title('3. UPN or mail, with or without substitution', '='), ...renderMapping(advice.mapping, look).slice(1)]);
  yield text([...title('4. Groups', '='), ...renderGroups(advice.groups, look).slice(1)]);
  yield text([...title('5. Organisational units', '='), ...renderUnits(advice.units, look).slice(1)]);
  yield text([...title('6. The verdict', '='), ...renderVerdict(advice)]);
}
