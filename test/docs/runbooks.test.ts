/** Every reason has its runbook, once, and every runbook's command is one that there is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusals } from '../../src/refusal.ts';
import { pageAt } from './pages.ts';

const page = pageAt('docs/runbooks.md');
const sections = page.text.split(/^## /m).slice(1);

describe('the runbooks', () => {
  for (const reason of Object.keys(refusals)) {
    it(`say in one place what to do about ${reason}`, () => {
      const named = sections.filter((section) => (section.split(/\.|\n1\. /, 1)[0] ?? '').includes(`\`${reason}\``));
      assert.equal(named.length, 1);
    });
  }
  it('are listed at the top, in order', () => {
    const titles = sections.map((section) => section.split('\n', 1)[0]);
    assert.deepEqual(
      [...page.text.matchAll(/^- \[([^\]]+)\]\(#/gm)].map(([, title]) => title),
      titles,
    );
  });
});
