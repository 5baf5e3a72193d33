/** Whoever removes, changes, inserts or moves lines of the audit trail is found out. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findingsOf, startProcess } from './written-chains.ts';

/** A process that ended well, one that was killed, and one that ended well, each after the other. */
function three(): string[] {
  const lines: string[] = [];
  const first = startProcess(lines);
  first.begin();
  first.work(4);
  first.end();
  const second = startProcess(lines, Date.UTC(2026, 0, 3));
  second.begin();
  second.work(3);
  const third = startProcess(lines, Date.UTC(2026, 0, 4));
  third.begin();
  third.work(2);
  third.end();
  return lines;
}

const changed = (line: string, from: string, to: string): string => {
  assert.ok(line.includes(from));
  return line.replace(from, to);
};
/** As somebody does it who knows how hashes are made. */
const rehashed = (line: string): string => {
  const body = line.replace(/,"hash":"[0-9a-f]+"\}$/, '}');
  return `${body.slice(0, -1)},"hash":"${hash('sha256', body)}"}`;
};

describe('a trail of three processes', () => {
  it('is whole, and tells of the one that was killed', () => {
    const { isSound, words } = findingsOf(three());
    assert.ok(isSound);
    assert.deepEqual(words, ['! L10 ended without its end: it was killed, and L11 found it so']);
  });

  it('is not whole with the one that was killed, where all must have their end', () => {
    const lines = three();
    assert.ok(findingsOf(lines, { stopped: true }).isSound);
    assert.ok(!findingsOf(lines.slice(0, 13), { stopped: true }).isSound);
    assert.deepEqual(
      findingsOf(lines.slice(0, 13)).words.at(-1),
      '! L13 has no end: its process runs, was killed, or its end was cut',
    );
  });

  const attacks: readonly (readonly [string, (lines: string[]) => void, RegExp])[] = [
    ['a line removed', (lines) => lines.splice(2, 1), /^✗ L3 line 3 is missing between L2 and this one/],
    ['several lines removed', (lines) => lines.splice(1, 3), /^✗ L2 lines 2 to 4 are missing/],
    ['the first line removed', (lines) => lines.splice(0, 1), /^✗ L1 line 1 is missing before this one/],
    ['two lines swapped', (lines) => lines.splice(2, 2, lines[3]!, lines[2]!), /^✗ L4 line 3 stands out of order/],
    ['a line moved to the end', (lines) => lines.push(...lines.splice(2, 1)), /^✗ L14 line 3 stands out of order/],
    ['a field changed', (lines) => (lines[2] = changed(lines[2]!, '"index":1', '"index":7')), /^✗ L3 line 3 was changed/],
    ['a field added', (lines) => (lines[2] = changed(lines[2]!, '"level"', '"name":"bob","level"')), /^✗ L3 line 3 was changed/],
    [
      'a field changed and hashed anew',
      (lines) => (lines[2] = rehashed(changed(lines[2]!, '"index":1', '"index":7'))),
      /^✗ L4 line 4 does not follow/,
    ],
    [
      'the last words changed and hashed anew',
      (lines) => (lines[5] = rehashed(changed(lines[5]!, '"R"', '"S"'))),
      /✗ L7 names line 6 otherwise/,
    ],
    ['a line doubled', (lines) => lines.splice(3, 0, lines[2]!), /^✗ L4 line 3 stands here a second time/],
    [
      'a line forged',
      (lines) => lines.splice(3, 0, rehashed(changed(lines[2]!, '"index":1', '"index":7'))),
      /^✗ L4 line 3 stands at the place of another line/,
    ],
    ['the end of a chain cut', (lines) => lines.splice(4, 2), /^✗ L5 names line 6, but the last one there is 4: the end was cut/],
    ['the last words removed', (lines) => lines.splice(5, 1), /^✗ L6 names line 6, but the last one there is 5/],
    ['the end of a killed chain cut', (lines) => lines.splice(9, 1), /✗ L10 names line 4, but the last one there is 3/],
    [
      'a whole chain removed',
      (lines) => lines.splice(0, 6),
      /✗ L1 names line 6 of the chain \S+, of which nothing is there: it was removed/,
    ],
    [
      'a chain in the middle removed',
      (lines) => lines.splice(6, 4),
      /✗ L7 names line 4 of the chain \S+, of which nothing is there/,
    ],
    [
      'a line without a chain',
      (lines) => lines.splice(2, 0, '{"level":"info","event":"signin.issued"}'),
      /✗ L3 belongs to no chain/,
    ],
    ['what is no line', (lines) => lines.splice(2, 0, 'nothing of the kind'), /✗ L3 is no line of the log/],
    [
      'lines after the last words',
      (lines) => {
        const body = lines[5]!.replace(
          /"seq":6,"previous":"[0-9a-f]+"/,
          `"seq":7,"previous":"${/"hash":"([0-9a-f]+)"/.exec(lines[5]!)?.[1] ?? ''}"`,
        );
        lines.splice(6, 0, rehashed(body.replace('audit.ended', 'signin.issued')));
      },
      /✗ L7 goes on after its end, which is line 6/,
    ],
  ];
  for (const [title, attack, expected] of attacks) {
    it(`is not whole: ${title}`, () => {
      const lines = three();
      attack(lines);
      const { isSound, words } = findingsOf(lines);
      assert.ok(!isSound);
      assert.ok(
        words.some((one) => expected.test(one)),
        words.join('\n'),
      );
    });
  }

  it('is whole where lines of several processes mix', () => {
    const lines: string[] = [];
    const [one, two] = [startProcess(lines), startProcess(lines)];
    for (const each of [one, two]) each.begin();
    for (let index = 0; index < 5; index += 1) for (const each of [one, two]) each.work(1);
    for (const each of [two, one]) each.end();
    assert.deepEqual(findingsOf(lines), { isSound: true, words: [] });
  });

  it('passes notes over, and tells a line that was torn by a kill', () => {
    const lines = three();
    lines.splice(3, 0, '{"level":"info","event":"note","message":"started"}');
    assert.ok(findingsOf(lines).isSound);
    const torn = lines[0]!.slice(0, 40);
    const next: string[] = [torn];
    const process = startProcess(next);
    process.write('audit.begun', { torn: true, chains: [] });
    process.end();
    assert.deepEqual(findingsOf(next), { isSound: true, words: ['! L1 is not whole: its process was killed while it wrote'] });
  });

  it('excuses what was lost on the way, since the log tells', () => {
    const lines: string[] = [];
    const process = startProcess(lines);
    process.begin();
    process.work(5);
    process.write('audit.lost', { outlet: 'file', lines: 2, chains: [{ chain: process.id, from: 3, to: 4 }] });
    process.end();
    lines.splice(2, 2);
    const { isSound, words } = findingsOf(lines);
    assert.ok(isSound);
    assert.deepEqual(words, ['! L3 lines 3 to 4 are missing between L2 and this one: lost on the way, as the log tells']);
    lines.splice(2, 1);
    assert.ok(!findingsOf(lines).isSound);
  });

  // What the store lost is in the file, and whoever floods the store must not open a way to cut the file.
  it('excuses nothing by what was lost elsewhere, nor by what another process says', () => {
    const lines: string[] = [];
    const process = startProcess(lines);
    process.begin();
    process.work(5);
    process.write('audit.lost', { outlet: 'store', lines: 2, chains: [{ chain: process.id, from: 3, to: 4 }] });
    process.end();
    const cut = lines.toSpliced(2, 2);
    assert.deepEqual(findingsOf(cut), {
      isSound: false,
      words: [
        '✗ L3 lines 3 to 4 are missing between L2 and this one: as the log tells, they did not reach the store, but this is the file',
      ],
    });
    assert.ok(findingsOf(cut, { outlet: 'store' }).isSound);
    for (const beginning of ['audit.begun', 'audit.lost']) {
      const forged = [...cut];
      const forger = startProcess(forged);
      if (beginning === 'audit.begun') forger.begin();
      forger.write('audit.lost', { outlet: 'file', lines: 2, chains: [{ chain: process.id, from: 3, to: 4 }] });
      forger.end();
      assert.ok(!findingsOf(forged).isSound, beginning);
    }
  });

  it('excuses what a supervisor lost of its workers, however often it had to tell', () => {
    const lines: string[] = [];
    const [supervisor, worker] = [startProcess(lines), startProcess(lines)];
    supervisor.begin();
    worker.begin();
    worker.work(6);
    for (const [from, to] of [
      [5, 6],
      [3, 4],
    ] as const)
      supervisor.write('audit.lost', { outlet: 'file', lines: 2, chains: [{ chain: worker.id, from, to }] });
    worker.end();
    supervisor.end();
    const cut = lines.toSpliced(3, 4);
    const { isSound, words } = findingsOf(cut);
    assert.ok(isSound && words.length === 1, words.join());
  });

  it('knows the beginning of a chain', () => {
    const lines: string[] = [];
    const process = startProcess(lines);
    process.work(1);
    process.end();
    assert.deepEqual(findingsOf(lines).words, ['✗ L1 line 1 is no beginning']);
  });

  it('tells a hundred findings of a file that is none of ours, and counts the rest', () => {
    const { isSound, words } = findingsOf(Array.from({ length: 5_000 }, (_, at) => `line ${String(at)}`));
    assert.ok(!isSound);
    assert.equal(words.length, 51);
    assert.equal(words.at(-1), '✗  and 4950 more findings');
  });

  it('finds any line that is missing, any two that are exchanged, any character that is another', () => {
    const whole = three();
    // The very last line is nobody's word but its own: only --stopped asks for it.
    const at = fc.integer({ min: 0, max: whole.length - 2 });
    fc.assert(
      fc.property(at, (index) => !findingsOf(whole.toSpliced(index, 1)).isSound),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        (index) => !findingsOf(whole.toSpliced(index, 2, whole[index + 1]!, whole[index]!)).isSound,
      ),
      { numRuns: 10 },
    );
    fc.assert(
      fc.property(at, fc.nat(), fc.constantFrom('0', '9', 'a', 'f', 'Z', '"', ' ', '{'), (index, place, character) => {
        const line = whole[index]!;
        const here = place % line.length;
        fc.pre(line[here] !== character);
        return !findingsOf(whole.with(index, line.slice(0, here) + character + line.slice(here + 1))).isSound;
      }),
      { numRuns: 200 },
    );
  });
});

describe('what one place says of chains in another', () => {
  /** One process, killed after `there` lines; then one that names it as seen elsewhere, with `more` lines. */
  function killed(there: number, more: number, event: 'audit.begun' | 'audit.witnessed', ended = false): string[] {
    const lines: string[] = [];
    const first = startProcess(lines);
    first.begin();
    first.work(there + more - 1);
    const { seq, hash: digest, time } = JSON.parse(lines.at(-1)!) as { seq: number; hash: string; time: string };
    lines.splice(there);
    const second = startProcess(lines);
    if (event === 'audit.witnessed') second.begin();
    second.write(event, { chains: [{ chain: first.id, seq, hash: digest, time, ended }] });
    second.end();
    return lines;
  }

  it('is no alarm in the file where the store got more of a process that was killed', () => {
    const { isSound, words } = findingsOf(killed(4, 2, 'audit.witnessed'));
    assert.ok(isSound);
    assert.deepEqual(words, ['! L6 names line 6, but the last one there is 4: it was killed before it wrote more here']);
  });

  it('is no alarm in the store where the file got more, unless the process had its end there', () => {
    const inStore = { outlet: 'store', order: false, keptSince: 0 } as const;
    const { isSound, words } = findingsOf(killed(4, 2, 'audit.begun'), inStore);
    assert.ok(isSound);
    assert.match(
      words.join(),
      /^! L5 names line 6, but the last one there is 4: it was killed before it wrote more here, or the end was cut$/,
    );
    assert.ok(!findingsOf(killed(4, 2, 'audit.begun'), { ...inStore, stopped: true }).isSound);
    assert.ok(!findingsOf(killed(4, 2, 'audit.begun', true), inStore).isSound);
    assert.ok(!findingsOf(killed(4, 2, 'audit.witnessed'), inStore).isSound);
  });

  it('is no alarm where a chain is in the other place alone: supervisors are in no store, other nodes in no file', () => {
    const lines: string[] = [];
    const process = startProcess(lines);
    const other = startProcess([]);
    const end = { chain: other.id, seq: 7, hash: '0'.repeat(64), time: '2026-01-02T00:00:01.000Z', ended: false };
    process.write('audit.begun', { chains: [end] });
    process.end();
    assert.ok(findingsOf(lines, { outlet: 'store', order: false, keptSince: 0 }).isSound);
    assert.ok(!findingsOf(lines).isSound);
    const node: string[] = [];
    const here = startProcess(node);
    here.begin();
    here.write('audit.witnessed', { chains: [end] });
    here.end();
    assert.ok(findingsOf(node).isSound);
    assert.ok(!findingsOf(node, { outlet: 'store', order: false, keptSince: 0 }).isSound);
  });
});

describe('rotated files', () => {
  /** Two files of one process; the second begins with what goes on in it. */
  function two(): { older: string[]; newer: string[] } {
    const older: string[] = [];
    const process = startProcess(older);
    process.begin();
    process.work(3);
    const { seq, hash: digest, time } = JSON.parse(older.at(-1)!) as { seq: number; hash: string; time: string };
    process.write('audit.rotated', { older: 1, chains: [{ chain: process.id, seq, hash: digest, time, ended: false }] });
    process.work(2);
    process.end();
    const newer = older.splice(4);
    return { older, newer };
  }

  it('are whole together, and the newer one alone tells what is gone', () => {
    const { older, newer } = two();
    assert.deepEqual(findingsOf([...older, ...newer], { older: 1 }), { isSound: true, words: [] });
    assert.deepEqual(findingsOf(newer), { isSound: true, words: ['! L1 its lines 1 to 4 are in older files'] });
  });

  it('are not whole without their first lines, or without files that were there', () => {
    const { older, newer } = two();
    assert.match(findingsOf(newer.slice(1)).words.join(), /^✗ L1 lines 1 to 5 are missing before this one/);
    assert.match(findingsOf([...older.slice(1), ...newer]).words.join(), /^✗ L1 line 1 is missing before this one/);
    for (const there of [[...older, ...newer], newer])
      assert.equal(
        findingsOf(there, { older: 0 }).words.at(-1),
        '✗  1 older files were there, and 0 are: the oldest were removed',
      );
  });

  it('are not taken for older ones by the word of a line that nobody follows', () => {
    const { older, newer } = two();
    const cut = [...older.slice(2), ...newer];
    const { chain, seq, hash: digest, time } = JSON.parse(older[1]!) as Record<string, unknown>;
    const forged: string[] = [];
    startProcess(forged).write('audit.rotated', { older: 1, chains: [{ chain, seq, hash: digest, time, ended: false }] });
    assert.match(findingsOf([...forged, ...cut]).words.join(), /✗ L1 line 1 is no beginning/);
    const later = rehashed(forged[0]!.replace('"seq":1,"previous":null', `"seq":7,"previous":"${'0'.repeat(64)}"`));
    assert.match(findingsOf([later, ...cut]).words.join(), /! L1 says what lay before it, and nothing else says so yet/);
  });

  it('do not excuse a chain that went on in them and is cut at its beginning', () => {
    const { newer } = two();
    const cut = [newer[0]!, ...newer.slice(2)];
    assert.match(findingsOf(cut).words.join(), /✗ L2 line 6 is missing between L1 and this one/);
  });
});

describe('a store', () => {
  const began = Date.UTC(2026, 0, 2);

  it('may bring lines in another order, but none less and none else', () => {
    const lines = three();
    fc.assert(
      fc.property(
        fc.shuffledSubarray(lines, { minLength: lines.length }),
        (shuffled) => findingsOf(shuffled, { order: false, keptSince: 0 }).isSound,
      ),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(
        fc.shuffledSubarray(lines.slice(0, -1), { minLength: lines.length - 2, maxLength: lines.length - 2 }),
        (some) => !findingsOf([...some, lines.at(-1)!], { order: false, keptSince: 0 }).isSound,
      ),
      { numRuns: 50 },
    );
  });

  it('may have forgotten beginnings by its retention, and no others', () => {
    const lines = three();
    const rest = lines.slice(3);
    assert.match(
      findingsOf(rest, { order: false, keptSince: began + 86_400 }).words[0] ?? '',
      /^! L1 its lines 1 to 3 are kept no longer/,
    );
    assert.ok(findingsOf(rest, { order: false, keptSince: began + 86_400 }).isSound);
    assert.match(findingsOf(rest, { order: false, keptSince: began - 1 }).words[0] ?? '', /^✗ L1 lines 1 to 3 are missing/);
    const later = lines.slice(6);
    assert.ok(findingsOf(later, { order: false, keptSince: began + 86_400 }).isSound);
    assert.ok(!findingsOf(later, { order: false, keptSince: began - 1 }).isSound);
  });
});
