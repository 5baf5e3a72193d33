/** The policy's part of a report, for people. */
import { presentableText } from '../audit/presentable.ts';
import type { PolicyReport } from './whatif-policy.ts';

const marks = { yes: '✓', no: '✗', unknown: '?', 'not reached': '-' } as const;
/** Of what a condition wants. */
const mostShown = 20;
const states = new Map([
  [true, ' (enrolled)'],
  [false, ' (not enrolled)'],
]);

function renderRule({ name, holds, conditions, outcome }: PolicyReport['rules'][number]): string {
  const head = `  ${marks[holds]} ${presentableText(name)}: `;
  if (holds === 'not reached') return `${head}not looked at, since an earlier rule holds\n`;
  const because = conditions.map(({ condition, holds: each }) => `${condition} ${each}`).join(', ') || 'always';
  const leads = outcome.refuse === true ? 'refuse' : (outcome.require ?? []).map((set) => set.join(' or ')).join(', then ');
  const unmet = conditions.filter((each) => each.holds !== 'yes');
  const wants = unmet.map(
    ({ condition, wanted }) =>
      `${condition} ${wanted
        .slice(0, mostShown)
        .map((text) => presentableText(text))
        .join(' or ')}`,
  );
  return `${head}${because}${holds === 'yes' ? `; ${leads}` : ''}\n${wants.map((want) => `      it wants ${want}\n`).join('')}`;
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
