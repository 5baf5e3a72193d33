/** Holds the suite to its checklist and docs/conformance.md to the suite, and shows that both can fail. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isMet, rowsOf, writePage, writeTable } from './page.ts';
import { listProofs } from './requirement.ts';
import { type Obligation, requirements } from './requirements.ts';

const proofs = await listProofs();
const all = proofs.map((proof) => ({ ...proof, passed: true }));

describe('the conformance suite', () => {
  for (const [id, obligations] of Object.entries(requirements) as [string, readonly Obligation[]][]) {
    it(`has a test for ${id}`, () => assert.ok(proofs.some((proof) => proof.id === id)));
    it(`answers each should and may of ${id}`, () => {
      for (const { level, answer } of obligations) assert.equal(answer !== undefined, level !== 'must');
    });
  }

  it('has no two tests of one requirement with the same title', () => {
    const titles = proofs.map(({ id, title }) => `${id} ${title}`);
    assert.deepEqual(
      titles.filter((title, index) => titles.indexOf(title) !== index),
      [],
    );
  });
});

describe('docs/conformance.md', () => {
  it('is what the suite writes: npm run conformance writes it anew', () => {
    assert.equal(readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8'), writePage(all));
  });

  it('says where a test failed, and where a requirement has none', () => {
    const [first, ...others] = all;
    assert.ok(first !== undefined);
    const spoilt = [{ ...first, passed: false }, ...others];
    assert.notEqual(writePage(spoilt), writePage(all));
    assert.deepEqual(
      new Set(
        rowsOf(spoilt)
          .filter((row) => !isMet(row))
          .map(({ id }) => id),
      ),
      new Set([first.id]),
    );
    assert.match(writeTable(spoilt), new RegExp(`^${first.id} .*FAIL`, 'm'));
    const without = all.filter(({ id }) => id !== first.id);
    assert.deepEqual(
      new Set(
        rowsOf(without)
          .filter((row) => !isMet(row))
          .map(({ id }) => id),
      ),
      new Set([first.id]),
    );
  });
});
