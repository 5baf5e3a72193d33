/** Which controller took a new password is remembered for as long as the others may not know it, and of no more people than fit. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createChangedPasswords } from '../../src/directory/changed-passwords.ts';

describe('a changed password', () => {
  it('is judged by whoever took it last, for three hours', () => {
    let now = 0;
    const changed = createChangedPasswords({ now: () => now });
    assert.equal(changed.serverOf('a'), undefined);
    changed.remember('a', 'dc1:636');
    changed.remember('b', 'dc2:636');
    now = 3_600_000;
    changed.remember('a', 'dc3:636');
    assert.deepEqual([changed.serverOf('a'), changed.serverOf('b')], ['dc3:636', 'dc2:636']);
    now = 3 * 3_600_000;
    assert.deepEqual([changed.serverOf('a'), changed.serverOf('b')], ['dc3:636', undefined]);
  });

  it('is forgotten for those that came after 10,000 others', () => {
    const changed = createChangedPasswords({ now: () => 0 });
    for (let number = 0; number <= 10_000; number += 1) changed.remember(String(number), 'dc1:636');
    assert.deepEqual(
      [changed.serverOf('0'), changed.serverOf('1'), changed.serverOf('10000')],
      [undefined, 'dc1:636', 'dc1:636'],
    );
  });
});
