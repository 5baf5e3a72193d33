/** The seal: what it closed opens by the same keys, for the same owner, unchanged, and not otherwise. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { createSeal, type SealingKey } from '../../src/keys/seal.ts';

const key = (id: string): SealingKey => ({ id, key: randomBytes(32) });
const [first, second] = [key('0000000a'), key('0000000b')];
const seal = createSeal(() => [first], randomBytes);
const isMistake =
  (pattern = /./) =>
  (error: unknown) =>
    error instanceof KeyMistake && pattern.test(error.message);

describe('a seal', () => {
  it('derives the same for a purpose wherever its newest key is the same, and another for another', () => {
    const derived = seal.derive('one');
    assert.equal(derived.length, 32);
    assert.deepEqual(createSeal(() => [first, second], randomBytes).derive('one'), derived);
    assert.notDeepEqual(createSeal(() => [second, first], randomBytes).derive('one'), derived);
    assert.notDeepEqual(seal.derive('two'), derived);
    assert.ok(!derived.equals(first.key));
  });

  it('opens what it closed, whatever it is and whosever', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (secret, bound) => {
        assert.equal(seal.open(seal.seal(secret, bound), bound), secret);
      }),
      { numRuns: 50 },
    );
  });

  it('closes the same secret differently each time, and shows nothing of it', () => {
    const made = Array.from({ length: 20 }, () => seal.seal('JBSWY3DPEHPK3PXP', 'totp ada'));
    assert.equal(new Set(made).size, 20);
    for (const sealed of made) assert.ok(!Buffer.from(sealed.split('.')[1] ?? '', 'base64url').includes('JBSWY3'));
  });

  it('does not open for anybody else, nor by another key of the same name', () => {
    const sealed = seal.seal('secret', 'totp ada 1');
    for (const bound of ['totp ada 2', 'totp bob 1', 'totp ada', '']) {
      assert.throws(() => seal.open(sealed, bound), isMistake(/belongs to something else/));
    }
    assert.throws(() => createSeal(() => [key(first.id)], randomBytes).open(sealed, 'totp ada 1'), isMistake(/was changed/));
  });

  it('does not open once a single bit of it was changed', () => {
    const sealed = seal.seal('secret', 'ada');
    const [id = '', text = ''] = sealed.split('.');
    const bytes = Buffer.from(text, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.throws(() => seal.open(`${id}.${changed.toString('base64url')}`, 'ada'), isMistake(/was changed/));
    }
  });

  const sealed = seal.seal('secret', 'ada');
  const [, body = ''] = sealed.split('.');
  const short = (bytes: number): string => Buffer.from(body, 'base64url').subarray(0, bytes).toString('base64url');
  const damaged: Readonly<Record<string, string>> = {
    nothing: '',
    'a name alone': '0000000a',
    'a name and nothing': '0000000a.',
    'no name': `.${body}`,
    'something behind it': `${sealed}.x`,
    'a line behind it': `${sealed}\n`,
    'base64 of the other kind': `0000000a.${body}==`,
    'a stray character, which a lenient reader skips': `0000000a.${body.slice(0, 4)}!${body.slice(4)}`,
    'no more than a nonce': `0000000a.${short(12)}`,
    'a tag cut short (NIST SP 800-38D §5.2.1.2 has tags of four bytes)': `0000000a.${short(16)}`,
    'a tag of fifteen bytes': `0000000a.${short(27)}`,
    'a tag and nothing more, of something else': `0000000a.${short(28)}`,
    'the name of a prototype': `__proto__.${body}`,
    'something long': `0000000a.${'A'.repeat(100_000)}`,
  };
  for (const [what, text] of Object.entries(damaged)) {
    it(`is not opened: ${what}`, () => {
      assert.throws(() => seal.open(text, 'ada'), isMistake());
    });
  }

  it('names the key that is missing, and never one that is there', () => {
    const missing = createSeal(() => [second], randomBytes);
    assert.throws(() => missing.open(sealed, 'ada'), isMistake(/sealed by key 0000000a, which is not there/));
  });

  it('is rotated while it runs: the newest closes, all open, and who lags is known', () => {
    let keys: readonly [SealingKey, ...SealingKey[]] = [first];
    const turning = createSeal(() => keys, randomBytes);
    const old = turning.seal('secret', 'ada');
    assert.ok(turning.isCurrent(old));
    keys = [second, first];
    const fresh = turning.seal('secret', 'ada');
    assert.deepEqual(
      [old, fresh].map((each) => turning.isCurrent(each)),
      [false, true],
    );
    assert.deepEqual(
      [old, fresh].map((each) => turning.open(each, 'ada')),
      ['secret', 'secret'],
    );
    keys = [second];
    assert.equal(turning.open(fresh, 'ada'), 'secret');
    assert.throws(() => turning.open(old, 'ada'), isMistake(/not there/));
  });
});
