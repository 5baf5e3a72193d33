import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { areaOf, checkIds, checks, type CheckId } from '../../src/doctor/checks.ts';
import { runProbes } from '../../src/doctor/run-probes.ts';
import type { Proof, Proofs } from './proof.ts';
import { between } from './proofs-between.ts';
import { inside } from './proofs-inside.ts';
import { outside } from './proofs-outside.ts';

const proofs: Proofs = { ...outside, ...between, ...inside };

describe('each check', () => {
  for (const id of checkIds) {
    const rows: readonly (readonly [string, Proof])[] = Object.entries(proofs[id]);
    it(`${id} is ${rows.map(([verdict]) => verdict).join(', ')}`, async () => {
      for (const [verdict, proof] of rows) {
        const findings = [await proof()].flat();
        const found = findings.filter((finding) => finding.id === id);
        assert.ok(
          found.some((finding) => finding.verdict === verdict),
          `${id} should be ${verdict} and is ${JSON.stringify(found)}`,
        );
        for (const finding of found) {
          assert.match(finding.found, /^\S/);
          assert.doesNotMatch(finding.found, /\.$|undefined|NaN|\[object/);
          assert.equal(finding.remedy !== undefined, finding.verdict === 'warning' || finding.verdict === 'problem');
          if (finding.remedy !== undefined) assert.match(finding.remedy, /\S/);
        }
        if (verdict === 'ok') assert.ok(found.every((finding) => finding.verdict === 'ok'));
      }
    });
  }

  it('that meets a file of somebody else says as whom to run it, and not to make what is there already', async () => {
    const denied = Object.assign(new Error("EACCES: permission denied, scandir '/keys'"), { code: 'EACCES', path: '/keys' });
    const [first, second] = await runProbes([{ ids: ['keys.folder', 'keys.readable'], run: () => Promise.reject(denied) }]);
    assert.deepEqual([first?.verdict, second?.verdict], ['problem', 'skipped']);
    assert.equal(first?.found, 'the user of this command may not use /keys');
    assert.match(first.remedy ?? '', /^Run this as the user of Passerelle/);
  });

  it('has an area, and a remedy that is a sentence', () => {
    for (const id of checkIds) {
      const { looks, warns, fails, remedy } = checks[id];
      assert.ok(id.startsWith(`${areaOf(id)}.`));
      for (const text of [looks, remedy, warns, fails]) if (text !== undefined) assert.match(text, /\S\.$|`\.$|\)\.$/, id);
      assert.ok(warns !== undefined || fails !== undefined, `${id} can never be ill`);
    }
    assert.throws(() => areaOf('weather.fine' as CheckId));
  });
});
