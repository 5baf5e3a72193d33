/** Codes on paper: recovery codes and enrolment passes, however they are typed, and each once alone. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createEnrolmentPasses } from '../../src/authenticators/enrolment-pass.ts';
import { createRecoveryCodes } from '../../src/authenticators/recovery-code.ts';
import { newCode, readWrittenCode } from '../../src/authenticators/written-code.ts';
import { somebody } from '../signin/somebody.ts';
import { asking, factorStage, isRefusal, judged, verdictOn, type FactorStage } from './factor-stage.ts';

const start = Date.UTC(2026, 0, 1);
const form = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/;

describe('a code to write down', () => {
  it('holds sixty random bits, without letters that are misread', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
        const code = newCode((length) => Buffer.from(bytes.subarray(0, length)));
        assert.match(code, form);
        assert.equal(readWrittenCode(code), code.replaceAll('-', ''));
      }),
      { numRuns: 100 },
    );
    const places = Array.from({ length: 12 }, () => new Set<string>());
    let drawn = 0;
    for (let value = 0; value < 32; value += 1) {
      for (const [index, character] of [...newCode((length) => Buffer.alloc(length, value)).replaceAll('-', '')].entries()) {
        places[index]?.add(character);
      }
    }
    newCode((length) => ((drawn += length), Buffer.alloc(length)));
    assert.deepEqual([places.map(({ size }) => size), drawn], [Array.from({ length: 12 }, () => 32), 12]);
  });

  const read: Readonly<Record<string, readonly [typed: string, read: string | undefined]>> = {
    'as written': ['01AB-CDEF-GHJK', '01ABCDEFGHJK'],
    'in small letters': ['01ab-cdef-ghjk', '01ABCDEFGHJK'],
    'with O, I and L for the digits that they look like': ['OiAB-CDEF-GHJL', '01ABCDEFGHJ1'],
    'with blanks, dashes and none of them': [' 01AB–CDEF GHJK\n', '01ABCDEFGHJK'],
    'in full width': ['０１ＡＢ－ＣＤＥＦ－ＧＨＪＫ', '01ABCDEFGHJK'],
    'with a U, which there is none of': ['U1AB-CDEF-GHJK', undefined],
    'too short': ['01AB-CDEF-GHJ', undefined],
    'too long': ['01AB-CDEF-GHJK-M', undefined],
    'as nothing': ['', undefined],
    'as the digits of another script': ['٠١٢٣-٤٥٦٧-٨٩٠١', undefined],
    'as lone surrogates': ['\ud800'.repeat(12), undefined],
    'behind so many blanks that it is not read': [`${' '.repeat(200)}01AB-CDEF-GHJK`, undefined],
  };
  for (const [what, [typed, expected]] of Object.entries(read)) {
    it(`is read ${what}`, () => {
      assert.equal(readWrittenCode(typed), expected);
    });
  }
});

describe('recovery codes', () => {
  let stage: FactorStage;
  let people = 0;
  before(async () => {
    stage = await factorStage(start);
  });
  after(() => stage.close());
  const fresh = () => somebody(`person-${String((people += 1))}`);

  it('are ten, each good once, in any order; the audit is told how many are left', async () => {
    const { factor, issuer } = createRecoveryCodes(stage);
    const person = fresh();
    assert.deepEqual([await factor.enrolled(person), await issuer.left(person.objectGUID)], [false, undefined]);
    const codes = await issuer.generate(person.objectGUID);
    assert.equal(new Set(codes).size, 10);
    for (const code of codes) assert.match(code, form);
    assert.deepEqual([await factor.enrolled(person), await issuer.left(person.objectGUID)], [true, 10]);
    assert.deepEqual(await factor.challenge(person, asking), { kind: 'code' });

    const kept = JSON.stringify(await stage.store.get('enrolment', person.objectGUID));
    for (const code of codes) assert.ok(!kept.includes(code) && !kept.includes(code.replaceAll('-', '')));

    for (const [index, code] of codes.toReversed().entries()) {
      assert.deepEqual(await verdictOn(factor, person, code.toLowerCase()), { verdict: 'accepted', detail: { left: 9 - index } });
      assert.equal(await issuer.left(person.objectGUID), 9 - index);
      if (index === 0) await assert.rejects(verdictOn(factor, person, code), isRefusal('code-wrong', /^none of those left$/));
    }
    assert.deepEqual([await factor.enrolled(person), await issuer.left(person.objectGUID)], [false, 0]);
    assert.equal(await judged(factor, person, codes[0] ?? ''), 'factor-not-enrolled');
  });

  it('are replaced by ten others, and then no old one counts', async () => {
    const { factor, issuer } = createRecoveryCodes(stage);
    const person = fresh();
    const [old = ''] = await issuer.generate(person.objectGUID);
    const [anew = ''] = await issuer.generate(person.objectGUID);
    assert.equal(await judged(factor, person, old), 'code-wrong');
    assert.equal(await judged(factor, person, anew), 'accepted');
    assert.equal(await issuer.left(person.objectGUID), 9);
  });

  it('are of their person alone, also where a record is copied to another person', async () => {
    const { factor, issuer } = createRecoveryCodes(stage);
    const [ada, bob] = [fresh(), fresh()];
    const [code = ''] = await issuer.generate(ada.objectGUID);
    await issuer.generate(bob.objectGUID);
    assert.equal(await judged(factor, bob, code), 'code-wrong');
    const { recovery } = await stage.enrolments.of(ada.objectGUID);
    await stage.enrolments.change(bob.objectGUID, (before) => ({ ...before, recovery }));
    assert.equal(await judged(factor, bob, code), 'code-wrong');
    assert.equal(await judged(factor, ada, code), 'accepted');
  });

  it('let one in of those who post one code at once, at several nodes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-recovery-'));
    const nodes = [await factorStage(start, join(folder, 'store')), await factorStage(start, join(folder, 'store'))];
    try {
      const factors = nodes.map((node) => createRecoveryCodes(node));
      const person = fresh();
      const codes = (await factors[0]?.issuer.generate(person.objectGUID)) ?? [];
      const post = (code: string) => factors.map(({ factor }) => judged(factor, person, code));
      const posted = await Promise.all([...post(codes[0] ?? ''), ...post(codes[0] ?? ''), ...post(codes[1] ?? '')]);
      assert.deepEqual(posted.slice(0, 4).toSorted(), ['accepted', 'code-wrong', 'code-wrong', 'code-wrong']);
      assert.deepEqual(posted.slice(4).toSorted(), ['accepted', 'code-wrong']);
      assert.equal(await factors[0]?.issuer.left(person.objectGUID), 8);
    } finally {
      for (const node of nodes) await node.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('refuse nobody, and who has none, in the words of a wrong code and at the same price', async () => {
    const { factor, issuer } = createRecoveryCodes(stage);
    const person = fresh();
    await issuer.generate(person.objectGUID);
    const shortest = async (who: typeof person | undefined): Promise<number> => {
      let least = Infinity;
      for (let turn = 0; turn < 5; turn += 1) {
        const begun = performance.now();
        await judged(factor, who, '0000-0000-0000');
        least = Math.min(least, performance.now() - begun);
      }
      return least;
    };
    const reasons = [];
    const times = [];
    for (const who of [person, fresh(), undefined]) {
      reasons.push(await judged(factor, who, '0000-0000-0000'));
      times.push(await shortest(who));
    }
    assert.deepEqual(reasons, ['code-wrong', 'factor-not-enrolled', 'factor-not-enrolled']);
    // The hash is nearly all of it: without one, an answer comes within a hundredth of that time.
    assert.ok(Math.min(...times) > Math.max(...times) / 20, String(times));
    for (const typed of ['', '123456', 'U'.repeat(12), 'x'.repeat(1_048_576)]) {
      assert.equal(await judged(factor, undefined, typed), 'code-wrong');
    }
  });

  it('leave alone what else the person enrolled', async () => {
    const { factor, issuer } = createRecoveryCodes(stage);
    const person = fresh();
    const app = { id: 'a', label: 'Phone', createdAt: start, secret: 's', lastStep: 1 };
    await stage.enrolments.change(person.objectGUID, (before) => ({ ...before, totp: [app] }));
    const [code = ''] = await issuer.generate(person.objectGUID);
    assert.equal(await judged(factor, person, code), 'accepted');
    assert.deepEqual((await stage.enrolments.of(person.objectGUID)).totp, [app]);
  });
});

describe('an enrolment pass', () => {
  let stage: FactorStage;
  const life = 24 * 3_600_000;
  before(async () => {
    stage = await factorStage(start);
  });
  after(() => stage.close());
  const passes = () => createEnrolmentPasses({ ...stage, life });

  it('is redeemed once, by its person alone, however it is typed', async () => {
    const { text, until } = await passes().issue('ada');
    assert.match(text, form);
    assert.equal(until, start + life);
    assert.equal(await passes().until('ada'), until);
    assert.ok(!JSON.stringify(await stage.store.get('enrolment-pass', 'ada')).includes(text.slice(0, 4)));
    const tries = { bob: text, ada: '0000-0000-0000', nobody: text };
    for (const [who, typed] of Object.entries(tries)) assert.equal(await passes().redeem(who, typed), false);
    assert.equal(await passes().redeem('ada', ''), false);
    assert.equal(await passes().redeem('ada', ` ${text.toLowerCase().replaceAll('-', ' ')}`), true);
    assert.equal(await passes().redeem('ada', text), false);
    assert.equal(await passes().until('ada'), undefined);
  });

  it('is redeemed once, though it is posted several times at once', async () => {
    const { text } = await passes().issue('carol');
    const posted = await Promise.all(Array.from({ length: 5 }, () => passes().redeem('carol', text)));
    assert.equal(posted.filter(Boolean).length, 1);
  });

  it('is the latest of its person, and ends in time or when it is taken back', async () => {
    const [first, second] = [await passes().issue('dave'), await passes().issue('dave')];
    assert.equal(await passes().redeem('dave', first.text), false);
    stage.clock.set(start + life);
    assert.equal(await passes().redeem('dave', second.text), false);
    const third = await passes().issue('dave');
    await passes().revoke('dave');
    assert.equal(await passes().redeem('dave', third.text), false);
    const fourth = await passes().issue('dave');
    assert.equal(await passes().redeem('dave', fourth.text), true);
    stage.clock.set(start);
  });
});
