/** Writes the mapping's section of a configuration file. */
import type { Config } from './schema.ts';
import { yamlScalar } from './yaml-scalar.ts';

const pairs = (record: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(record).map(([from, to]) => `${yamlScalar(from)}: ${yamlScalar(to)}`);

/** A name and what belongs to it, indented below; nothing where nothing does. */
const below = (name: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${name}:`, ...lines.map((line) => `  ${line}`)];

/**
 * YAML that `config check` takes in place of another section, wherever it takes the values. Lists that hold nothing are left out.
 * @param remark becomes a comment of one line
 */
export function renderMappingSection({ source, substitute, domains, letterCase }: Config['mapping'], remark: string): string {
  const lines = below('mapping', [
    `# ${remark.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')}`,
    `source: ${source}`,
    ...below('substitute', pairs(substitute)),
    ...below('domains', [
      `primary: ${yamlScalar(domains.primary)}`,
      ...below(
        'secondary',
        domains.secondary.map((domain) => `- ${yamlScalar(domain)}`),
      ),
      ...below('aliases', pairs(domains.aliases)),
    ]),
    `letterCase: ${letterCase}`,
  ]);
  return `${lines.join('\n')}\n`;
}
