/** What was found of the chains of an audit trail, in words. */
import type { Finding } from '../audit/chain-findings.ts';
import type { ChainVerdict, Verdict } from '../audit/chain-verify.ts';
import { presentableText } from '../audit/presentable.ts';

const markOf = (findings: readonly Finding[]): string =>
  findings.some(({ isWrong }) => isWrong) ? '✗' : findings.length > 0 ? '!' : '✓';

const told = ({ where, words, isWrong }: Finding): string =>
  `    ${isWrong ? '✗' : '!'} ${presentableText(where === undefined ? words : `${where}: ${words}`)}\n`;

/** Only what is not ours is made presentable: whoever changed the file may have written anything. */
function describeChain(verdict: ChainVerdict): string {
  const { chain, lines, from, to, ended, findings } = verdict;
  const whose = presentableText(verdict.process ?? 'a process');
  const span = `${presentableText(from)} to ${presentableText(to)}`;
  const head = `${markOf(findings)} ${presentableText(chain)}  ${whose}, ${String(lines)} lines, ${span}${ended ? ', ended' : ''}\n`;
  return head + findings.map(told).join('');
}

/** Lines for people. */
export function describeVerdict({ chains, findings, isSound }: Verdict): string {
  const lines = chains.map(describeChain);
  if (findings.length > 0) lines.push(`${markOf(findings)} beside the chains\n${findings.map(told).join('')}`);
  const wrong = [...findings, ...chains.flatMap((one) => one.findings)].filter(({ isWrong }) => isWrong).length;
  const number = chains.reduce((sum, one) => sum + one.lines, 0);
  const counted = `${String(number)} lines in ${String(chains.length)} chains`;
  if (number === 0 && isSound) return `${lines.join('')}Nothing was written yet.\n`;
  return `${lines.join('')}\n${isSound ? `Whole: ${counted}.` : `Not whole: ${String(wrong)} findings in ${counted}.`}\n`;
}
