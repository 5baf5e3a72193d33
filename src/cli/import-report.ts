/** What became of an export, for people and for programs. */
import type { Finished, Imported } from '../service-providers/import/finish.ts';
import { harmless } from '../service-providers/import/harmless.ts';
import type { Told } from '../service-providers/import/imported.ts';

const longestText = 500;
const mostLines = 200;

function describeTold({ outcome, about, because, text }: Told): readonly string[] {
  const line = `  ${outcome}: ${harmless(about, 120)}: ${harmless(because)}`;
  return text === undefined || text === '' ? [line] : [line, `      ${harmless(text, longestText)}`];
}

const outcomeOf = ({ held }: Imported): string => (held.length === 0 ? 'taken over' : 'commented out');

function describeImported(one: Imported): readonly string[] {
  const name = one.name === undefined || one.name === one.entityId ? '' : ` (${harmless(one.name, 120)})`;
  const told = one.told.slice(0, mostLines).flatMap(describeTold);
  const more = one.told.length > mostLines ? [`  and ${String(one.told.length - mostLines)} more`] : [];
  return [
    '',
    `${harmless(one.entityId, 200)}${name}: ${outcomeOf(one)}`,
    ...one.held.map((reason) => `  commented out: ${harmless(reason)}`),
    ...told,
    ...more,
  ];
}

/** Lines for people. */
export function describeImport({ imported, leftOut, told }: Finished): string {
  const held = imported.filter((one) => one.held.length > 0).length;
  const counts = `service providers: ${String(imported.length - held)} taken over, ${String(held)} commented out, ${String(leftOut.length)} left out`;
  const lines = [
    counts,
    ...told.flatMap(describeTold),
    ...imported.flatMap(describeImported),
    ...leftOut.flatMap(({ name, because }) => ['', `${harmless(name, 200)}: left out`, `  ${harmless(because)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

const bounded = ({ text, ...rest }: Told) => ({ ...rest, ...(text !== undefined && { text: harmless(text, longestText) }) });

/** The same for programs; texts that are not plain are bounded as above. */
export function reportOf({ imported, leftOut, told }: Finished, yaml: string) {
  return {
    serviceProviders: imported.map((one) => ({
      entityId: one.entityId,
      ...(one.name !== undefined && { name: one.name }),
      outcome: outcomeOf(one),
      held: one.held,
      ...(one.metadata !== undefined && { metadataFile: one.metadata.file }),
      told: one.told.map(bounded),
    })),
    leftOut,
    told: told.map(bounded),
    yaml,
    files: imported.flatMap(({ metadata }) => (metadata === undefined ? [] : [metadata])),
  };
}
