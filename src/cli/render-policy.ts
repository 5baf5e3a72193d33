/** The policy's part of a report, for people. */
import { presentableText } from '../audit/presentable.ts';
import type { PolicyReport } from './whatif-policy.ts';

const marks = { yes: '✓', no: '✗', unknown: '?' } as const;
const states = new Map([
  [true, ' (enrolled)'],
  [false, ' (not enrolled)'],
]);

function renderRule({ name, holds, conditions, outcome }: PolicyReport['rules'][number]): string {
  const because = conditions.map(({ condition, holds: each }) => `${condition} ${each}`).join(', ') || 'always';
  const leads = outcome.refuse === true ? 'refuse' : (outcome.require ?? []).map((set) => set.join(' or ')).join(', then ');
  return `  ${marks[holds]} ${presentableText(name)}: ${because}${holds === 'yes' ? `; ${leads}` : ''}\n`;
}

export function renderPolicy({ rules, rule, asked }: PolicyReport): string {
  const written = rules.length === 0 ? '' : `policy\n${rules.map(renderRule).join('')}`;
  if (asked.length === 0)
    return `${written}asked: nothing, since it is refused${rule === null ? '' : ` by ${presentableText(rule)}`}\n`;
  const sets = asked.map((set, index) => {
    const ways = set.map(({ way, enrolled }) => `${way}${enrolled === null ? '' : (states.get(enrolled) ?? '')}`);
    return `  ${String(index + 1)}. ${ways.join(' or ')}\n`;
  });
  return `${written}asked, by rule ${presentableText(rule ?? '')}\n${sets.join('')}`;
}
