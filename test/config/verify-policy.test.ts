/** The section of the policy: each rule can be met and reached, and nothing comes first that strangers must not begin. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brief, mistakesOf, readText, soundFile } from './sound-file.ts';

const radius = (start: string): string =>
  `factors: { radius: { servers: [{ host: 192.0.2.1 }], secret: "${'s'.repeat(32)}", start: ${start} } }\n`;
const policy = (...rules: readonly string[]): string => `policy: [${rules.map((rule) => `{ ${rule} }`).join(', ')}]\n`;

describe('the policy', () => {
  for (const [title, text, at] of [
    ['neither require nor refuse', policy('name: a'), 'policy.0 needs either'],
    ['both', policy('name: a, require: [[password]], refuse: true'), 'policy.0 needs either'],
    ['an empty set', policy('name: a, require: [[]]'), 'policy.0.require.0 '],
    ['no set', policy('name: a, require: []'), 'policy.0.require '],
    ['what is not configured', policy('name: a, require: [[password], [duo]]'), 'policy.0.require.1.0 is required, and not'],
    ['one thing in two sets', policy('name: a, require: [[password, totp], [totp]]'), 'policy.0.require.1.0 stands in two sets'],
    [
      'a recovery code first',
      policy('name: a, require: [[recovery-code], [password]]'),
      'policy.0.require.0.0 cannot come first',
    ],
    [
      'a push first',
      radius('push') + policy('name: a, require: [[radius], [password]]'),
      'policy.0.require.0.0 cannot come first',
    ],
    [
      'a name twice',
      policy('name: a, when: { device: unknown }, refuse: true', 'name: a, refuse: true'),
      'policy.1.name stands twice',
    ],
    ['no network', policy('name: a, when: { networks: [office] }, refuse: true'), 'policy.0.when.networks.0 must be an IP'],
    ['an empty condition', policy('name: a, when: { groups: [] }, refuse: true'), 'policy.0.when.groups '],
  ] as const) {
    it(`with ${title} is refused`, async () => {
      const mistakes = brief(await mistakesOf(soundFile + text)).map((mistake) => mistake.replace(/^\S+ /, ''));
      assert.ok(mistakes.length === 1 && mistakes[0]?.startsWith(at) === true, mistakes.join('\n'));
    });
  }

  it('may ask for a code first, a passkey in two sets, and is told of a rule that is never reached', async () => {
    const { warnings } = await readText(
      soundFile +
        radius('ask') +
        policy(
          'name: a, require: [[radius], [password]], when: { device: unknown }',
          'name: b, require: [[password, passkey], [totp, passkey]]',
          'name: c, refuse: true',
        ),
    );
    assert.deepEqual(
      warnings.map(({ path, message }) => `${path} ${message}`),
      ['policy.2 is never reached'],
    );
  });
});
