/** Authenticator apps: by the vectors of the standards, by another implementation, and each code of each app once ever. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { decodeBase32, encodeBase32 } from '../../src/authenticators/base32.ts';
import { oneTimePassword, stepAt } from '../../src/authenticators/one-time-password.ts';
import { otpauthUri } from '../../src/authenticators/otpauth-uri.ts';
import { sealSecret } from '../../src/authenticators/sealed-secret.ts';
import { createTotpEnroller, createTotpFactor } from '../../src/authenticators/totp.ts';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { somebody } from '../signin/somebody.ts';
import { asking, factorStage, isRefusal, judged, verdictOn, type FactorStage } from './factor-stage.ts';

const start = Date.UTC(2026, 0, 1);
const keyOfTheStandards = Buffer.from('12345678901234567890');

describe('one-time passwords', () => {
  it('are those of RFC 4226, appendix D', () => {
    const expected = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489';
    assert.equal(Array.from({ length: 10 }, (_, counter) => oneTimePassword(keyOfTheStandards, counter)).join(' '), expected);
  });

  const vectors = [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ] as const;
  for (const [seconds, expected] of vectors) {
    it(`are those of RFC 6238, appendix B: second ${String(seconds)}`, () => {
      assert.equal(oneTimePassword(keyOfTheStandards, stepAt(seconds * 1_000), 8), expected);
      assert.equal(oneTimePassword(keyOfTheStandards, stepAt(seconds * 1_000)), expected.slice(2));
    });
  }

  it('are those of oathtool, for any key and time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.integer({ min: 0, max: 2 ** 32 }), (key, seconds) => {
        const argv = ['--totp=sha1', '--base32', '--now', `@${String(seconds)}`, encodeBase32(key)];
        assert.equal(oneTimePassword(key, stepAt(seconds * 1_000)), execFileSync('oathtool', argv, { encoding: 'utf8' }).trim());
      }),
      { numRuns: 15 },
    );
  });
});

describe('base32', () => {
  const vectors = { '': '', f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' };
  it('is that of RFC 4648, section 10, without padding', () => {
    for (const [plain, encoded] of Object.entries(vectors)) {
      assert.equal(encodeBase32(Buffer.from(plain)), encoded);
      assert.equal(decodeBase32(encoded)?.toString(), plain);
    }
  });
  it('comes back from what it wrote, and from nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.deepEqual(decodeBase32(encodeBase32(bytes)), Buffer.from(bytes));
      }),
      { numRuns: 100 },
    );
    for (const text of ['my', 'MY======', 'MZ', 'M', 'M1', 'MZXW6 ', 'É']) assert.equal(decodeBase32(text), undefined, text);
  });
});

describe('the picture for an app', () => {
  const key = encodeBase32(keyOfTheStandards);
  it('names issuer and account, percent-encoded, as the Key Uri Format has it', () => {
    const ada = somebody('1', { userPrincipalName: 'ada+x@example.com', mail: 'other@example.com' });
    assert.equal(
      otpauthUri(ada, 'Ünïted & Co', key),
      `otpauth://totp/%C3%9Cn%C3%AFted%20%26%20Co:ada%2Bx%40example.com?secret=${key}&issuer=%C3%9Cn%C3%AFted%20%26%20Co&algorithm=SHA1&digits=6&period=30`,
    );
    const parsed = new URL(otpauthUri(ada, 'Ünïted & Co', key)).searchParams;
    assert.deepEqual([parsed.get('secret'), parsed.get('issuer')], [key, 'Ünïted & Co']);
  });

  const people = {
    'by mail where there is no user principal name': [
      somebody('1', { mail: 'a@b.example', sAMAccountName: 'a' }),
      'a%40b.example',
    ],
    'by account name else': [somebody('1', { sAMAccountName: 'ada' }), 'ada'],
    'by objectGUID at last': [somebody('0f'), '0f'],
    'without what would part the label': [somebody('1', { userPrincipalName: 'a:b\n@c' }), 'a%20b%20%40c'],
    'without what cannot be encoded': [somebody('1', { userPrincipalName: 'a\ud800b' }), 'a%EF%BF%BDb'],
    'of no more than can be drawn': [somebody('1', { userPrincipalName: '😀'.repeat(1_000) }), '%F0%9F%98%80'.repeat(64)],
  } as const;
  for (const [what, [person, account]] of Object.entries(people)) {
    it(`names the account ${what}`, () => {
      assert.ok(
        otpauthUri(person, 'I:J', key).startsWith(`otpauth://totp/I%20J:${account}?secret=`),
        otpauthUri(person, 'I', key),
      );
    });
  }
});

describe('an authenticator app', () => {
  let stage: FactorStage;
  let people = 0;
  before(async () => {
    stage = await factorStage(start);
  });
  after(() => stage.close());

  const fresh = () => somebody(`person-${String((people += 1))}`, { userPrincipalName: 'ada@example.com' });
  const factor = () => createTotpFactor(stage);
  const enroller = () => createTotpEnroller({ ...stage, issuer: 'Example' });
  const codeOf = (key: Uint8Array, steps = 0): string => oneTimePassword(key, stepAt(stage.clock.now()) + steps);
  const reset = (): void => {
    stage.clock.set(start);
    stage.keys.trouble = undefined;
  };

  /** Sets an app up as a person does, and lets its first code pass. */
  async function enrol(person = fresh(), label = 'Phone') {
    const setup = await enroller().begin(person);
    assert.equal(setup.kind, 'totp');
    const key = decodeBase32(setup.key) ?? Buffer.alloc(0);
    await enroller().complete(person, { code: codeOf(key) }, { state: JSON.parse(JSON.stringify(setup.state)), label });
    stage.clock.set(stage.clock.now() + 60_000);
    return { person, key, setup };
  }

  it('is set up with 160 random bits, which the store holds sealed alone', async () => {
    reset();
    const { person, key, setup } = await enrol();
    assert.equal(key.length, 20);
    const state = JSON.stringify(setup.state);
    const [app] = (await stage.enrolments.of(person.objectGUID)).totp;
    const kept = JSON.stringify(await stage.store.get('enrolment', person.objectGUID));
    for (const text of [state, kept]) {
      assert.ok(!text.includes(setup.key) && !text.includes(key.toString('hex')) && !text.includes(key.toString('base64')));
    }
    assert.deepEqual([app?.label, app?.createdAt, app?.lastStep, app?.lastUsedAt], ['Phone', start, stepAt(start), undefined]);
    assert.equal(await factor().enrolled(person), true);
    assert.equal(await factor().enrolled(fresh()), false);
    assert.deepEqual(await factor().challenge(person, asking), { kind: 'code' });
  });

  it('lets each code in once, and remembers when', async () => {
    reset();
    const { person, key } = await enrol();
    assert.deepEqual(await verdictOn(factor(), person, codeOf(key)), { verdict: 'accepted' });
    const [app] = (await stage.enrolments.of(person.objectGUID)).totp;
    assert.deepEqual([app?.lastUsedAt, app?.lastStep], [stage.clock.now(), stepAt(stage.clock.now())]);
    await assert.rejects(verdictOn(factor(), person, codeOf(key)), isRefusal('code-wrong', /^used before$/));
  });

  it('does not let in again the code that set it up', async () => {
    reset();
    const { person, key } = await enrol();
    stage.clock.set(start + 1_000);
    await assert.rejects(verdictOn(factor(), person, codeOf(key)), isRefusal('code-wrong', /^used before$/));
  });

  const drifts: Readonly<Record<string, readonly [steps: number, expected: string]>> = {
    'two steps late': [-2, 'code-wrong'],
    'a step late': [-1, 'accepted'],
    'in time': [0, 'accepted'],
    'a step early': [1, 'accepted'],
    'two steps early': [2, 'code-wrong'],
  };
  for (const [what, [steps, expected]] of Object.entries(drifts)) {
    it(`is ${expected} ${what}, as it is used and as it is set up`, async () => {
      reset();
      const { person, key } = await enrol();
      stage.clock.set(start + 600_000);
      assert.equal(await judged(factor(), person, codeOf(key, steps)), expected);
      const setup = await enroller().begin(person);
      const first = codeOf(decodeBase32(setup.kind === 'totp' ? setup.key : '') ?? Buffer.alloc(20), steps);
      const done = enroller().complete(person, { code: first }, { state: setup.state, label: '' });
      await (expected === 'accepted' ? done : assert.rejects(done, isRefusal('code-wrong')));
    });
  }

  const typed: Readonly<Record<string, readonly [(code: string) => string, string]>> = {
    'with a blank': [(code) => `${code.slice(0, 3)} ${code.slice(3)}`, 'accepted'],
    'with blanks of any kind about it': [(code) => `\u3000\t${code}\u00a0\n`, 'accepted'],
    'with a hyphen': [(code) => `${code.slice(0, 3)}‐${code.slice(3)}`, 'accepted'],
    'with what is not seen, as copied from a right-to-left text': [(code) => `\u200f${code}\u200e`, 'accepted'],
    'in full-width digits': [
      (code) => code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
      'accepted',
    ],
    'with a digit more': [(code) => `${code}0`, 'code-wrong'],
    'with a digit less': [(code) => code.slice(1), 'code-wrong'],
    'with a sign': [(code) => `+${code}`, 'code-wrong'],
    'behind so many blanks that it is not read': [(code) => ' '.repeat(100) + code, 'code-wrong'],
    'as nothing': [() => '', 'code-wrong'],
    'as a text of a megabyte': [() => '1'.repeat(1_048_576), 'code-wrong'],
    'as what stands for nothing typed': [() => '------', 'code-wrong'],
    'as lone surrogates': [() => '\ud800'.repeat(6), 'code-wrong'],
  };
  for (const [what, [write, expected]] of Object.entries(typed)) {
    it(`is ${expected} typed ${what}`, async () => {
      reset();
      const { person, key } = await enrol();
      assert.equal(await judged(factor(), person, write(codeOf(key))), expected);
    });
  }

  it('lets one in of those who post one code at once, at several nodes', async () => {
    reset();
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-totp-'));
    const node = await factorStage(start, join(folder, 'store'));
    const other = await factorStage(start, join(folder, 'store'));
    try {
      const person = fresh();
      const setup = await createTotpEnroller({ ...node, issuer: 'Example' }).begin(person);
      const key = decodeBase32(setup.kind === 'totp' ? setup.key : '') ?? Buffer.alloc(20);
      const complete = () =>
        createTotpEnroller({ ...node, issuer: 'Example' })
          .complete(person, { code: codeOf(key, -1) }, { state: setup.state, label: '' })
          .then(
            () => 'done',
            () => 'lapsed',
          );
      assert.deepEqual((await Promise.all([complete(), complete()])).toSorted(), ['done', 'lapsed']);
      assert.equal((await node.enrolments.of(person.objectGUID)).totp.length, 1);
      const factors = [node, other].map((parts) => createTotpFactor({ ...parts, seal: node.seal }));
      const posted = await Promise.all(
        Array.from({ length: 12 }, (_, index) => judged(factors[index % 2] ?? factor(), person, codeOf(key))),
      );
      assert.deepEqual(posted.toSorted(), ['accepted', ...Array.from({ length: 11 }, () => 'code-wrong')]);
    } finally {
      await Promise.all([node.close(), other.close()]);
      rmSync(folder, { recursive: true });
    }
  });

  it('never lets a step in twice, whatever comes in what order and however the clock jumps', async () => {
    const jump = fc.oneof(fc.constant(0), fc.integer({ min: -4, max: 4 }), fc.integer({ min: -100_000, max: 100_000 }));
    const move = fc.record({ jump, steps: fc.integer({ min: -2, max: 2 }), app: fc.nat({ max: 1 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 20 }), async (moves) => {
        stage.clock.set(start);
        const person = fresh();
        const apps = [await enrol(person), await enrol(person)];
        const last = apps.map((_, index) => stepAt(start + index * 60_000));
        for (const { jump: by, steps, app } of moves) {
          stage.clock.set(stage.clock.now() + by * 30_000);
          const key = apps[app]?.key ?? Buffer.alloc(20);
          const now = stepAt(stage.clock.now());
          // Chance alone: one code in a million is that of another step, too.
          const alike = apps.flatMap((each) => [-1, 0, 1].map((off) => codeOf(each.key, off)));
          if (alike.filter((code) => code === codeOf(key, steps)).length > (Math.abs(steps) <= 1 ? 1 : 0)) continue;
          const verdict = await judged(factor(), person, codeOf(key, steps));
          const isNew = Math.abs(steps) <= 1 && now + steps > (last[app] ?? 0);
          assert.equal(verdict, isNew ? 'accepted' : 'code-wrong');
          if (isNew) last[app] = now + steps;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is one of five at most, each of which is asked', async () => {
    reset();
    const { person } = await enrol();
    const keys = [];
    for (let turn = 0; turn < 4; turn += 1) keys.push((await enrol(person)).key);
    for (const key of keys) assert.equal(await judged(factor(), person, codeOf(key)), 'accepted');
    await assert.rejects(enroller().begin(person), isRefusal('enrolment-full'));
    assert.equal((await stage.enrolments.of(person.objectGUID)).totp.length, 5);
  });

  it('is one of five also where several were begun before', async () => {
    reset();
    const person = fresh();
    const begun = await Promise.all(Array.from({ length: 7 }, () => enroller().begin(person)));
    const ended = await Promise.allSettled(
      begun.map((setup) => {
        const code = codeOf(decodeBase32(setup.kind === 'totp' ? setup.key : '') ?? Buffer.alloc(20));
        return enroller().complete(person, { code }, { state: setup.state, label: '' });
      }),
    );
    assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 5);
    for (const one of ended) assert.ok(one.status === 'fulfilled' || isRefusal('enrolment-full')(one.reason));
  });

  it('lets nobody in by the app of another, though both hold the same key', async () => {
    reset();
    const [ada, bob] = [await enrol(), await enrol()];
    stage.clock.set(start + 600_000);
    assert.equal(await judged(factor(), bob.person, codeOf(ada.key)), 'code-wrong');
    // The same bytes, each sealed for its owner: a code used by one is used by them alone.
    await stage.enrolments.change(bob.person.objectGUID, (before) => ({
      ...before,
      totp: before.totp.map((app) => ({
        ...app,
        secret: sealSecret(stage.seal, bob.person.objectGUID, app.id, encodeBase32(ada.key)),
      })),
    }));
    assert.equal(await judged(factor(), ada.person, codeOf(ada.key)), 'accepted');
    assert.equal(await judged(factor(), ada.person, codeOf(ada.key)), 'code-wrong');
    assert.equal(await judged(factor(), bob.person, codeOf(ada.key)), 'accepted');
  });

  it('does not open once it was moved to another person, or to another app of the same one', async () => {
    reset();
    const [ada, bob] = [await enrol(), await enrol()];
    const { totp } = await stage.enrolments.of(ada.person.objectGUID);
    await stage.enrolments.change(bob.person.objectGUID, (before) => ({ ...before, totp }));
    await assert.rejects(verdictOn(factor(), bob.person, codeOf(ada.key)), isRefusal('factor-unavailable', /something else/));
    await stage.enrolments.change(ada.person.objectGUID, (before) => ({
      ...before,
      totp: before.totp.map((app) => ({ ...app, id: 'other' })),
    }));
    await assert.rejects(verdictOn(factor(), ada.person, codeOf(ada.key)), isRefusal('factor-unavailable', /something else/));
    const setup = await enroller().begin(ada.person);
    const code = codeOf(decodeBase32(setup.kind === 'totp' ? setup.key : '') ?? Buffer.alloc(20));
    const stolen = enroller().complete(bob.person, { code }, { state: setup.state, label: '' });
    await assert.rejects(stolen, isRefusal('factor-unavailable', /something else/));
  });

  it('is unavailable, not wrong, where the key of its seal is gone; another app of the person still counts', async () => {
    reset();
    const { person, key } = await enrol();
    stage.keys.add();
    stage.keys.forget();
    await assert.rejects(verdictOn(factor(), person, codeOf(key)), isRefusal('factor-unavailable', /which is not there/));
    const second = await enrol(person);
    assert.equal(await judged(factor(), person, codeOf(second.key)), 'accepted');
    assert.equal(await judged(factor(), person, '000000'), 'factor-unavailable');
  });

  it('is unavailable to everybody alike, nobody included, where the keys cannot be read', async () => {
    reset();
    const { person, key, setup } = await enrol();
    stage.keys.trouble = new KeyMistake('the file is gone.');
    const tried = [verdictOn(factor(), person, codeOf(key)), verdictOn(factor(), undefined, '000000')];
    for (const one of tried) await assert.rejects(one, isRefusal('factor-unavailable', /the file is gone/));
    await assert.rejects(enroller().begin(person), isRefusal('factor-unavailable', /the file is gone/));
    const done = enroller().complete(fresh(), { code: codeOf(key) }, { state: setup.state, label: '' });
    await assert.rejects(done, isRefusal('factor-unavailable', /the file is gone/));
    stage.keys.trouble = new Error('a fault');
    await assert.rejects(verdictOn(factor(), person, codeOf(key)), /a fault/);
    reset();
  });

  it('goes on over a rotation of the seal, and is kept by the newest key where it was begun before', async () => {
    reset();
    const { person, key } = await enrol();
    const setup = await enroller().begin(person);
    stage.keys.add();
    assert.equal(await judged(factor(), person, codeOf(key)), 'accepted');
    const first = codeOf(decodeBase32(setup.kind === 'totp' ? setup.key : '') ?? Buffer.alloc(20));
    await enroller().complete(person, { code: first }, { state: setup.state, label: '' });
    const { totp } = await stage.enrolments.of(person.objectGUID);
    assert.deepEqual(
      totp.map(({ secret }) => stage.seal.isCurrent(secret)),
      [false, true],
    );
  });

  it('refuses nobody, and who has none, in the words of a wrong code', async () => {
    reset();
    const { person } = await enrol();
    const reasons = [];
    for (const who of [person, fresh(), undefined]) reasons.push(await judged(factor(), who, '000000'));
    assert.deepEqual(reasons, ['code-wrong', 'factor-not-enrolled', 'factor-not-enrolled']);
  });

  it('makes the same effort for nobody: as many looks, seals and random keys', async () => {
    reset();
    const { person } = await enrol();
    const effort = async (who: typeof person | undefined): Promise<unknown> => {
      const count = { looks: 0, ciphers: 0, changes: 0 };
      const counting = createTotpFactor({
        ...stage,
        enrolments: {
          ...stage.enrolments,
          of: (objectGUID) => ((count.looks += 1), stage.enrolments.of(objectGUID)),
          change: (...argv) => ((count.changes += 1), stage.enrolments.change(...argv)),
        },
        seal: {
          ...stage.seal,
          seal: (...argv) => ((count.ciphers += 1), stage.seal.seal(...argv)),
          open: (...argv) => ((count.ciphers += 1), stage.seal.open(...argv)),
        },
      });
      await judged(counting, who, '000000');
      return count;
    };
    const expected = { looks: 1, ciphers: 5, changes: 0 };
    assert.deepEqual([await effort(person), await effort(fresh()), await effort(undefined)], [expected, expected, expected]);
  });

  const labels: Readonly<Record<string, readonly [typed: string, label: string]>> = {
    'as typed': ['Phone at work', 'Phone at work'],
    'by its time where none was typed': [' \t\u200b ', '2026-01-01 00:00'],
    'without what cannot be shown': ['a\u0000\u202eb\r\n c', 'a b c'],
    'of no great length': ['x'.repeat(100_000), 'x'.repeat(64)],
    'by whole characters where it is cut': [`${'x'.repeat(63)}😀😀`, `${'x'.repeat(63)}😀`],
  };
  for (const [what, [text, label]] of Object.entries(labels)) {
    it(`is named ${what}`, async () => {
      reset();
      const { person } = await enrol(fresh(), text);
      assert.equal((await stage.enrolments.of(person.objectGUID)).totp[0]?.label, label);
    });
  }

  for (const state of [undefined, null, 'text', [], {}, { id: 'a' }, { id: 1, secret: 2 }]) {
    it(`is not set up from what nobody began: ${inspect(state)}`, async () => {
      reset();
      await assert.rejects(enroller().complete(fresh(), { code: '000000' }, { state, label: '' }), isRefusal('challenge-lapsed'));
    });
  }

  it('is not set up by a wrong code, and no oftener than once from one beginning', async () => {
    reset();
    const person = fresh();
    const setup = await enroller().begin(person);
    const key = decodeBase32(setup.kind === 'totp' ? setup.key : '') ?? Buffer.alloc(20);
    const wrong = enroller().complete(person, { code: codeOf(randomBytes(20)) }, { state: setup.state, label: '' });
    await assert.rejects(wrong, isRefusal('code-wrong'));
    assert.equal(await factor().enrolled(person), false);
    await enroller().complete(person, { code: codeOf(key) }, { state: setup.state, label: '' });
    const again = enroller().complete(person, { code: codeOf(key, 1) }, { state: setup.state, label: '' });
    await assert.rejects(again, isRefusal('challenge-lapsed', /enrolled already/));
  });
});
