/** Verifies chains line by line: what is missing, changed, inserted or out of order, and which chains are not there at all. */
import { createFindings, remark, wrong, type Finding, type Findings } from './chain-findings.ts';
import { createPlaced, foundAt, type Fit, type Placed } from './chain-gaps.ts';
import { readChainLine, readObject, witnessed, type ChainLine } from './chain-line.ts';
import { createChainNames, type ChainNames } from './chain-names.ts';
import { chainBegan, hashOf, type ChainEnd } from './chain.ts';
import { createLostLines } from './lost-lines.ts';
import type { OutletState } from './outlets.ts';

export interface ChainVerdict {
  readonly chain: string;
  /** As its first line calls it. */
  readonly process: string | undefined;
  readonly lines: number;
  readonly from: string;
  readonly to: string;
  readonly ended: boolean;
  readonly findings: readonly Finding[];
}

export interface Verdict {
  readonly chains: readonly ChainVerdict[];
  /** Of no chain that is there. */
  readonly findings: readonly Finding[];
  readonly isSound: boolean;
}

export interface ChainVerifier {
  /** @param where such as `audit.jsonl:12`. @param whole false where the line has no end, and nothing comes after it */
  add(text: string, where: string, whole?: boolean): void;
  /** @param older how many older files there are, where it is known that these are all */
  finish(options?: { readonly older?: number }): Verdict;
}

interface Known {
  readonly placed: Placed;
  readonly findings: Findings;
  readonly names: ChainNames;
  endedAt: number | undefined;
  process: string | undefined;
  /** The place of its first line among all lines. */
  readonly at: number;
}

const words: Readonly<Record<Exclude<Fit, 'next'>, string>> = {
  unlinked: 'does not follow the line before it: one of both was exchanged',
  late: 'stands out of order',
  again: 'stands here a second time',
  second: 'stands at the place of another line: one of both was inserted',
};

const lines = (from: number, to: number): string => (from === to ? `line ${from} is` : `lines ${from} to ${to} are`);

/**
 * @param parts.order whether the order in which lines come means anything: it does in a file, not in a store
 * @param parts.keptSince milliseconds since the epoch: what is older may be gone. Undefined where only the first line of a file tells
 * @param parts.stopped whether no process runs any more, so that every chain must have its end
 * @param parts.outlet through which the lines came: what others lost is there
 */
export function createChainVerifier(parts: {
  order: boolean;
  keptSince: number | undefined;
  stopped: boolean;
  outlet: OutletState['outlet'];
}): ChainVerifier {
  const { order, keptSince, stopped, outlet } = parts;
  const chains = new Map<string, Known>();
  const loose = createFindings();
  const lost = createLostLines(outlet);
  /** The first line of all, where it says what lay before. */
  let top: { readonly line: ChainLine; readonly where: string; readonly chains: ReadonlyMap<string, ChainEnd> } | undefined;
  let isFirst = true;
  let number = 0;
  let older: number | undefined;
  let torn: string | undefined;

  function knownOf(id: string): Known {
    const known = chains.get(id) ?? {
      placed: createPlaced(),
      findings: createFindings(),
      names: createChainNames(outlet),
      endedAt: undefined,
      process: undefined,
      at: number,
    };
    chains.set(id, known);
    return known;
  }

  function learn(line: ChainLine, where: string): void {
    const { event, detail } = line;
    lost.learn(line);
    const ends = witnessed(line);
    if (event === 'audit.rotated' && typeof detail.older === 'number') ({ older } = detail as { readonly older: number });
    if (isFirst && event === 'audit.rotated') {
      top = { line, where, chains: new Map(ends.map((end) => [end.chain, end])) };
      return;
    }
    for (const end of ends) {
      const of = knownOf(end.chain);
      const hash = of.placed.hashAt(end.seq);
      if (hash !== undefined && hash !== end.hash)
        of.findings.add(wrong(where, `names line ${end.seq} otherwise than it stands there: it was exchanged`));
      of.names.add({ ...end, where }, event);
    }
  }

  function add(text: string, where: string, whole = true): void {
    number += 1;
    const fields = readObject(text);
    if (fields === undefined) {
      isFirst = false;
      if (!whole) loose.add(remark(where, 'is not whole: it is being written, or was when its process was killed'));
      else torn = tellTorn(where);
      return;
    }
    const line = readChainLine(text, fields);
    if (line === undefined) {
      tellTorn(undefined);
      isFirst &&= fields.event === 'note';
      if (fields.event !== 'note') loose.add(wrong(where, 'belongs to no chain'));
      return;
    }
    const { placed, findings } = knownOf(line.chain);
    const known = knownOf(line.chain);
    if (torn !== undefined && line.event === 'audit.begun' && line.detail.torn === true) {
      loose.add(remark(torn, 'is not whole: its process was killed while it wrote'));
      torn = undefined;
    }
    tellTorn(undefined);
    const isTrue = hashOf(text) === line.hash;
    if (!isTrue) findings.add(wrong(where, `line ${line.seq} was changed`));
    const fit = placed.place(foundAt(line, where));
    if (fit !== 'next' && (order || fit !== 'late') && (order || fit !== 'again'))
      findings.add(wrong(where, `line ${line.seq} ${words[fit]}`));
    if (line.seq === 1 && line.previous !== null) findings.add(wrong(where, 'line 1 names a line before it'));
    if (line.seq === 1 && line.event !== 'audit.begun') findings.add(wrong(where, 'line 1 is no beginning'));
    if (line.event === 'audit.ended') known.endedAt = line.seq;
    if (line.event === 'audit.begun' && typeof line.detail.process === 'string') known.process = line.detail.process;
    if (isTrue) learn(line, where);
    isFirst = false;
  }

  /** A line that is no JSON is wrong unless the next one explains it. */
  function tellTorn(next: string | undefined): string | undefined {
    if (torn !== undefined) loose.add(wrong(torn, 'is no line of the log'));
    torn = undefined;
    return next;
  }

  /** Why what comes before the first line there is may be gone; undefined where it may not. */
  function excuse(id: string, { first }: Placed): string | undefined {
    if (first === undefined) return undefined;
    if (keptSince !== undefined) {
      const began = chainBegan(id);
      return began !== undefined && began <= keptSince ? `are kept no longer, the first there is of ${first.time}` : undefined;
    }
    if (top === undefined) return undefined;
    const end = top.chains.get(id);
    const goesOn = end?.seq === first.seq - 1 && end.hash === first.previous;
    return goesOn || (top.line.chain === id && top.line.seq === first.seq) ? 'are in older files' : undefined;
  }

  function judgeEnd({ placed, names, endedAt }: Known): readonly Finding[] {
    const { last } = placed;
    if (last === undefined) return [];
    const { here, elsewhere } = names;
    const further = [here, elsewhere].find((end) => end !== undefined && end.seq > last.seq);
    if (further !== undefined) {
      const text = `names line ${further.seq}, but the last one there is ${last.seq}:`;
      // Of what was under way when a process was killed, one outlet may have got more than another.
      const isFoundSo = here?.seq === last.seq;
      if (further === here || (!isFoundSo && (further.ended || stopped)))
        return [wrong(further.where, `${text} the end was cut`)];
      return [remark(further.where, `${text} it was killed before it wrote more here${isFoundSo ? '' : ', or the end was cut'}`)];
    }
    if (endedAt === last.seq) return [];
    if (endedAt !== undefined) return [wrong(last.where, `goes on after its end, which is line ${endedAt}`)];
    const named = here?.seq === last.seq ? here : elsewhere;
    if (named?.seq === last.seq)
      return [remark(last.where, `ended without its end: it was killed, and ${named.where} found it so`)];
    const text = `has no end: its process ${stopped ? '' : 'runs, '}was killed, or its end was cut`;
    return [stopped ? wrong(last.where, text) : remark(last.where, text)];
  }

  function judge(id: string, known: Known): readonly Finding[] {
    const { placed, findings } = known;
    const { first } = placed;
    if (first !== undefined && first.seq > 1) {
      const why = excuse(id, placed);
      const missing = lines(1, first.seq - 1);
      findings.add(
        why === undefined
          ? wrong(first.where, `${missing} missing before this one`)
          : remark(first.where, `its ${missing.replace(/ (is|are)$/, '')} ${why}`),
      );
    }
    for (const { from, to, after, before } of placed.gaps) {
      const text = `${lines(from, to)} missing between ${after.where} and this one`;
      const where = lost.find({ chain: id, from, to }, (teller) => mayTell(teller, id));
      if (where === outlet) findings.add(remark(before.where, `${text}: lost on the way, as the log tells`));
      else if (where === undefined) findings.add(wrong(before.where, text));
      else
        findings.add(
          wrong(before.where, `${text}: as the log tells, they did not reach the ${where}, but this is the ${outlet}`),
        );
    }
    for (const finding of judgeEnd(known)) findings.add(finding);
    return findings.list();
  }

  /** Whether a chain may tell what another lost: itself, or those whose lines it hands on, which began after it. */
  function mayTell(teller: string, of: string): boolean {
    if (teller === of) return true;
    const [one, other] = [chains.get(teller), chains.get(of)];
    if (!order || one === undefined || other === undefined) return false;
    return one.placed.first?.seq !== 1 || one.at < other.at;
  }

  /** Whoever cuts what comes first may write a line that says it were in older files: the one after it must follow. */
  function judgeTop(): Finding | undefined {
    if (top === undefined) return undefined;
    const { placed, names } = knownOf(top.line.chain);
    if (placed.lines > 1 || names.here !== undefined || names.elsewhere !== undefined) return undefined;
    return remark(top.where, 'says what lay before it, and nothing else says so yet');
  }

  /** A chain that is named, and of which nothing is there. */
  function judgeAbsent(id: string, { names }: Known): Finding | undefined {
    // Others need not be here: a supervisor is in no store, other nodes are in no file.
    const named = names.here;
    if (named === undefined) return undefined;
    const time = Date.parse(named.time);
    if (keptSince !== undefined ? time <= keptSince : top !== undefined && time <= Date.parse(top.line.time)) return undefined;
    return wrong(named.where, `names line ${named.seq} of the chain ${id}, of which nothing is there: it was removed`);
  }

  return {
    add,
    finish(options = {}) {
      tellTorn(undefined);
      const told: ChainVerdict[] = [];
      for (const [chain, known] of chains) {
        const { first, last, lines: number } = known.placed;
        if (first === undefined || last === undefined) {
          const absent = judgeAbsent(chain, known);
          if (absent !== undefined) loose.add(absent);
          continue;
        }
        told.push({
          ...{ chain, process: known.process, lines: number, from: first.time, to: last.time },
          ended: known.endedAt === last.seq,
          findings: judge(chain, known),
        });
      }
      if (options.older !== undefined && older !== undefined && options.older < older)
        loose.add(wrong(undefined, `${older} older files were there, and ${options.older} are: the oldest were removed`));
      const unproven = judgeTop();
      if (unproven !== undefined) loose.add(unproven);
      const findings = loose.list();
      const isSound = ![...findings, ...told.flatMap((one) => one.findings)].some(({ isWrong }) => isWrong);
      return { chains: told, findings, isSound };
    },
  };
}
