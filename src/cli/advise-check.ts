/** What `passerelle advise --check` says of the people whom the configured mapping would refuse. */
import type { MappingCheck, RefusedPerson } from '../advisor/check-mapping.ts';
import { jsonChunks } from '../advisor/json-chunks.ts';
import { counted, figure } from '../advisor/figures.ts';
import { plain } from './plain.ts';

/** What a script learns of it; 2 is a wrong call. */
export const checkCodes = { nobody: 0, somebody: 1, unknown: 3 } as const;

const describe = ({ name, domain, kind, reason, because }: RefusedPerson): string =>
  `${plain(`${name}${domain === null ? '' : ` (${domain})`}${kind === 'person' ? '' : `, ${kind} account`}: ${reason}: ${because}`)}\n`;

/** Lines for people: each with what would refuse them, those first who make the check fail, and the sum. */
export function* describeCheck({ people, refused, others, disabled }: MappingCheck): Generator<string> {
  for (const one of [...refused, ...others]) yield describe(one);
  const sentences = [
    `Of ${counted(people, 'person', 'people')} ${refused.length === 0 ? 'none' : figure(refused.length)} would be refused for their address.`,
    ...(others.length === 0
      ? []
      : [`So would ${counted(others.length, 'service or guest account', 'service and guest accounts')}, which fail no check.`]),
    ...(disabled === 0 ? [] : [`${counted(disabled, 'account', 'accounts')} may not sign in at all.`]),
  ];
  yield `${sentences.join(' ')}\n`;
}

/** The same for programs. */
export const checkChunks = ({ people, disabled, refused, others }: MappingCheck): Iterable<string> =>
  jsonChunks({ format: 'passerelle-advice-check', version: 1, people, disabled, refused, others });
