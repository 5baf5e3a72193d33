/** Lines of chains as processes write them to a file, for tests that then do something to them. */
import { createHash } from 'node:crypto';
import { createChainEnds, type ChainEnds } from '../../src/audit/chain-ends.ts';
import { readChainLine } from '../../src/audit/chain-line.ts';
import { createChain } from '../../src/audit/chain.ts';
import type { Finding } from '../../src/audit/chain-findings.ts';
import { createChainVerifier } from '../../src/audit/chain-verify.ts';

let processes = 0;

/** One process that writes to `lines`. */
export function startProcess(lines: string[], now = Date.UTC(2026, 0, 2)) {
  processes += 1;
  const number = processes;
  const chain = createChain({ now, random: (bytes) => createHash('sha256').update(String(number)).digest().subarray(0, bytes) });
  let time = now;
  const ends: ChainEnds = createChainEnds('file');
  for (const line of lines) {
    const read = readChainLine(line);
    if (read !== undefined) ends.see(read);
  }
  function write(event: string, detail: object = {}): string {
    const stamp = new Date((time += 1_000)).toISOString();
    const { text } = chain.append(JSON.stringify({ level: 'info', time: stamp, version: 1, event, reference: 'R', detail }));
    lines.push(text);
    return text;
  }
  return {
    id: chain.id,
    write,
    begin: () => write('audit.begun', { process: `process ${String(number)}`, chains: ends.tell({ ended: true }) }),
    work(times: number) {
      for (let index = 0; index < times; index += 1) write('signin.issued', { index });
    },
    end: () => write('audit.ended'),
  };
}

/** What is found of these lines, wrong or worth knowing; `LINE words`, the chains in their order. */
export function findingsOf(
  lines: readonly string[],
  options: { order?: boolean; keptSince?: number; stopped?: boolean; older?: number; outlet?: 'file' | 'store' } = {},
): { readonly isSound: boolean; readonly words: readonly string[] } {
  const verifier = createChainVerifier({
    order: options.order ?? true,
    keptSince: options.keptSince,
    stopped: options.stopped ?? false,
    outlet: options.outlet ?? 'file',
  });
  lines.forEach((line, index) => {
    verifier.add(line, `L${String(index + 1)}`);
  });
  const { isSound, chains, findings } = verifier.finish(options.older === undefined ? {} : { older: options.older });
  const words = ({ where, words: text, isWrong }: Finding): string => `${isWrong ? '✗' : '!'} ${where ?? ''} ${text}`;
  return { isSound, words: [...chains.flatMap((one) => one.findings), ...findings].map(words) };
}
