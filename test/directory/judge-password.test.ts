/** Whether a new password keeps the policy, judged before a directory is asked that would not say what is wrong with it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Breach, judgePassword } from '../../src/directory/judge-password.ts';

const policy = { minLength: 8, complex: true };
const zoe = { sAMAccountName: 'zoe.m', displayName: 'Zoë Müller-Łukasiewicz 测试' };
const nobody = { sAMAccountName: undefined, displayName: undefined };

type Row = readonly [next: string, breaches: readonly Breach[]];

describe('a new password', () => {
  const rows: readonly Row[] = [
    ['Passw0rd!', []],
    ['Pass word', ['new-password-simple']],
    ['Passw0r', ['new-password-short']],
    ['', ['new-password-short', 'new-password-simple']],
    ['abcdefgh1', ['new-password-simple']],
    ['ABCDEFG1!', []],
    ['abcdefg1!', []],
    ['Abcdefg!', []],
    ['äÖü12345', []],
    ['Ωωω-----', []],
    // Neither a blank nor a sign of currency is of any kind.
    ['abcdefg1 ', ['new-password-simple']],
    ['abcdefg1€', ['new-password-simple']],
    ['abcdefg1£', ['new-password-simple']],
    // A script without case is a kind of its own, once.
    ['パスワード日本語1a', []],
    ['パスワード日本語1', ['new-password-simple']],
    // Digits of other scripts are none.
    ['abcdefgA٣', ['new-password-simple']],
    // Astral characters take two units each.
    ['Aa1\u{1F511}\u{1F511}', ['new-password-short']],
    ['Aa1!\u{1F511}\u{1F511}', []],
  ];
  for (const [next, breaches] of rows) {
    it(`${JSON.stringify(next)} lacks ${breaches.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(judgePassword(policy, nobody, next), breaches);
    });
  }

  const names: readonly Row[] = [
    ['1!zoe.mXy', ['new-password-name']],
    ['1!ZOE.Mxy', ['new-password-name']],
    ['1!Zoxe.mxy', []],
    ['My1!MÜLLER', ['new-password-name']],
    ['My1!łukasiewicZ', ['new-password-name']],
    ['Zoë-1234', ['new-password-name']],
    // The same person's name, written without the dots: not what the directory compares.
    ['Zoe-1234', []],
    // A token of two characters counts for nothing.
    ['测试Aa1!测试', []],
    ['Mueller1!', []],
  ];
  for (const [next, breaches] of names) {
    it(`${JSON.stringify(next)} ${breaches.length > 0 ? 'contains' : 'does not contain'} a name of Zoë’s`, () => {
      assert.deepEqual(judgePassword(policy, zoe, next), breaches);
    });
  }

  it('may contain an account name of two characters', () => {
    assert.deepEqual(judgePassword(policy, { sAMAccountName: 'al', displayName: undefined }, 'al-ALOHA1'), []);
  });

  it('is split at each of the characters that part a display name', () => {
    for (const separator of [',', '.', '-', '_', ' ', '#', '\t', ', ', ' #_']) {
      const person = { sAMAccountName: undefined, displayName: `Abcd${separator}Efgh` };
      assert.deepEqual(judgePassword(policy, person, '1!xEFGHx'), ['new-password-name'], JSON.stringify(separator));
      assert.deepEqual(judgePassword(policy, person, '1!xEFGxAa'), [], JSON.stringify(separator));
    }
    const person = { sAMAccountName: undefined, displayName: "O'Brien/Pat" };
    assert.deepEqual(judgePassword(policy, person, 'Brien-1234'), []);
  });
});

describe('judgePassword', () => {
  const unicode = fc.string({ unit: 'grapheme', maxLength: 40 });

  it('counts UTF-16 code units, whatever they are', () => {
    fc.assert(
      fc.property(unicode, fc.nat(40), (next, minLength) => {
        const breaches = judgePassword({ minLength, complex: false }, zoe, next);
        assert.deepEqual(breaches, Buffer.from(next, 'utf16le').length / 2 < minLength ? ['new-password-short'] : []);
      }),
    );
  });

  it('never objects to a character more', () => {
    fc.assert(
      fc.property(unicode, unicode, (next, more) => {
        const before = judgePassword(policy, nobody, next);
        for (const breach of judgePassword(policy, nobody, next + more)) assert.ok(before.includes(breach));
      }),
    );
  });

  it('finds a name wherever it stands and however it is written', () => {
    const name = fc.stringMatching(/^[a-z]{3,12}$/);
    fc.assert(
      fc.property(name, unicode, unicode, fc.boolean(), fc.boolean(), (given, head, tail, upper, account) => {
        const person = account
          ? { sAMAccountName: given, displayName: undefined }
          : { sAMAccountName: undefined, displayName: `X ${given}, yz` };
        const next = head + (upper ? given.toUpperCase() : given) + tail;
        // Letters next to it may fold together with it, which no directory does.
        fc.pre(next.toLowerCase().includes(given));
        assert.ok(judgePassword(policy, person, next).includes('new-password-name'));
      }),
    );
  });

  it('takes every password of three kinds that is long enough and holds no name', () => {
    const kinds = ['ABCXYZÄÖ', 'abcxyzäö', '0123456789', '~!@#$%^&*_-+=`|\\(){}[]:;"\'<>,.?/', 'あア漢אب'];
    fc.assert(
      fc.property(
        fc
          .subarray(kinds, { minLength: 3 })
          .chain((chosen) =>
            fc.tuple(...chosen.map((kind) => fc.string({ unit: fc.constantFrom(...kind), minLength: 3, maxLength: 5 }))),
          ),
        (parts) => {
          assert.deepEqual(judgePassword(policy, nobody, parts.join('')), []);
        },
      ),
    );
  });
});
