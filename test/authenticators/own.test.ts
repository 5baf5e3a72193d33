/** A factor of the operator's own: the worked example, modules that are none, and results that do not count. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type {
  OpenOwnFactor,
  OwnAsking,
  OwnChallenge,
  OwnPerson,
  OwnVerdict,
} from '../../docs/examples/own-factor/own-factor.d.ts';
import type { Asking, Challenge, Factor } from '../../src/authenticators/authenticator.ts';
import { createOwnFactor } from '../../src/authenticators/own.ts';
import { loadOwn, OwnFactorMistake, type OwnModule } from '../../src/authenticators/own/load-own.ts';
import { openOwn } from '../../src/authenticators/own/open-own.ts';
import type { OwnVerdict as ReadVerdict } from '../../src/authenticators/own/read-result.ts';
import type { OwnConfig } from '../../src/config/own-schema.ts';
import type { Person } from '../../src/directory/directory.ts';
import { Refusal, type Reason } from '../../src/refusal.ts';
import { run } from '../cli/scripted-io.ts';
import { soundFile } from '../config/sound-file.ts';
import { ada, asking } from '../fixtures/hook-stage.ts';

const root = join(import.meta.dirname, '../..');
const example = join(root, 'docs/examples/own-factor');
const folder = mkdtempSync(join(tmpdir(), 'passerelle-own-'));
after(() => rmSync(folder, { recursive: true }));

async function refused(what: Promise<unknown>, reason: Reason, cause?: RegExp): Promise<void> {
  await assert.rejects(what, (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.reason, reason, JSON.stringify(error.detail));
    assert.equal(error.detail.factor, 'own');
    if (cause !== undefined) assert.match(String(error.detail.cause), cause);
    assert.ok(!JSON.stringify(error.detail).includes('hunter2'));
    return true;
  });
}

describe('the types for the operator', () => {
  it('are those of the house', () => {
    // What does not fit does not compile.
    const challenge: (its: OwnChallenge) => Challenge = (its) => its;
    const verdict: (its: OwnVerdict) => ReadVerdict = (its) => its;
    const told: (ours: Asking) => OwnAsking = (ours) => ours;
    const person: (ours: Person) => OwnPerson = (ours) => ({ ...ours, domain: ours.domain });
    const open: OpenOwnFactor = () => ({
      title: 'x',
      enrolled: () => true,
      challenge: () => null,
      verify: () => ({ verdict: 'accepted' }),
    });
    assert.ok([challenge, verdict, told, person, open].every((one) => typeof one === 'function'));
  });
});

describe('the worked example', () => {
  const lists = join(folder, 'tans.json');
  const issue = (objectGUID: string): string[] =>
    execFileSync(process.execPath, [join(example, 'issue-tans.js'), lists, objectGUID], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[1] ?? '');
  const notes: string[] = [];
  const config: OwnConfig = { module: join(example, 'paper-tan.js'), timeout: 10_000, settings: { file: lists, warnBelow: 20 } };
  const open = () => openOwn(config, { note: (level, message) => notes.push(`${level} ${message}`) });
  const numberOf = (challenge: Challenge): number => {
    assert.ok(challenge.kind === 'code');
    return Number(/number (\d+)/.exec(challenge.message ?? '')?.[1]);
  };
  const verify = (factor: Factor, who: Person | undefined, { state }: Challenge, code: string) =>
    factor.verify(who, { code }, { ...asking, state });

  it('takes each code once, and only the one that it asks for', async () => {
    const codes = issue(ada.objectGUID.toUpperCase());
    assert.equal(codes.length, 20);
    assert.ok(!readFileSync(lists, 'utf8').includes(codes[0] ?? ''));
    const factor = await open();
    assert.equal(await factor.enrolled(ada), true);
    assert.equal(await factor.enrolled({ ...ada, objectGUID: '00000000-0000-0000-0000-000000000000' }), false);
    const english = { ...asking, locale: 'en' };
    const begun = await factor.challenge(ada, english);
    const number = numberOf(begun);
    const [code = '', another = ''] = [codes[number - 1], codes[number % 20]];
    await refused(verify(factor, ada, begun, another), 'code-wrong');
    const twice = await Promise.allSettled([verify(factor, ada, begun, ` ${code} `), verify(factor, ada, begun, code)]);
    assert.deepEqual(twice.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    await refused(verify(factor, ada, begun, code), 'code-wrong');
    assert.deepEqual(notes, [`warn factors.own: ${ada.objectGUID} has 19 codes left`]);
    const nobody = await factor.challenge(undefined, english);
    assert.ok(numberOf(nobody) >= 1 && numberOf(nobody) <= 20);
    await refused(verify(factor, undefined, nobody, code), 'code-wrong');
    assert.equal(factor.title?.('de-AT'), 'Code von Ihrer Liste');
    assert.equal(factor.title('fr'), 'Code from your list');
    factor.close();
  });

  it('is right by `config check`, and a mistake of its settings is told', async () => {
    writeFileSync(join(folder, 'secret'), 'x', { mode: 0o600 });
    const text = (file: string): string =>
      `${soundFile}factors:\n  own:\n    module: ${join(example, 'paper-tan.js')}\n    settings: { file: ${file} }\n`;
    writeFileSync(join(folder, 'passerelle.yaml'), text(lists));
    const told = await run(['config', 'check'], { folder });
    assert.equal(told.code, 0, told.err);
    writeFileSync(join(folder, 'passerelle.yaml'), text('relative.json'));
    const wrong = await run(['config', 'check'], { folder });
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.err,
      /paper-tan\.js throws as it is opened: Error: settings\.file must be a path that begins with \/\.\n$/,
    );
    assert.equal(wrong.err.split('\n').length, 2);
  });
});

describe('a module', () => {
  const good = 'enrolled() { return true }, challenge() { return null }, verify() { return { verdict: "accepted" } }';
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['that is no JavaScript', 'export default {', /cannot be loaded: SyntaxError/],
    ['that throws', 'throw new Error("first line\\nsecond line")', /cannot be loaded: Error: first line\.$/],
    ['that throws no Error', 'throw "hunter2"', /cannot be loaded: something that is no Error\.$/],
    ['that imports what is not there', 'import "./nowhere.js"', /cannot be loaded: Error/],
    [
      'that never loads',
      'await new Promise(() => setInterval(() => {}, 60_000).unref())',
      /cannot be loaded: TookTooLong: no answer within/,
    ],
    ['without a default export', 'export const open = () => ({})', /has no default export that is a function/],
    ['whose default is no function', `export default { title: "x", ${good} }`, /has no default export that is a function/],
    ['that throws as it opens', 'export default () => { throw new TypeError("x") }', /throws as it is opened: TypeError: x/],
    [
      'that rejects as it opens',
      'export default async () => { throw new TypeError("x") }',
      /throws as it is opened: TypeError: x/,
    ],
    ['that never opens', 'export default () => new Promise(() => {})', /throws as it is opened: TookTooLong/],
    ['that opens to nothing', 'export default () => {}', /opens to something that is no object/],
    ['without enrolled', 'export default () => ({ title: "x", challenge() {}, verify() {} })', /lacks the function enrolled/],
    ['without challenge', 'export default () => ({ title: "x", enrolled() {}, verify() {} })', /lacks the function challenge/],
    [
      'whose verify is no function',
      'export default () => ({ title: "x", enrolled() {}, challenge() {}, verify: 1 })',
      /lacks the function verify/,
    ],
    ['without title', `export default () => ({ ${good} })`, /lacks title/],
    ['with an empty title', `export default () => ({ title: " ", ${good} })`, /lacks title/],
    ['with a long title', `export default () => ({ title: "x".repeat(81), ${good} })`, /lacks title/],
    ['without English', `export default () => ({ title: { de: "x" }, ${good} })`, /lacks title/],
    ['with a title that is none', `export default () => ({ title: { en: "x", de: 1 }, ${good} })`, /lacks title/],
    ['whose close is no function', `export default () => ({ title: "x", close: 1, ${good} })`, /close that is no function/],
  ];
  for (const [index, [title, text, message]] of rows.entries()) {
    it(`is refused: one ${title}`, async () => {
      const module = join(folder, `module-${String(index)}.js`);
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      writeFileSync(module, text);
      await assert.rejects(loadOwn({ module, timeout: 200, settings: {} }, { note: () => undefined }), (error) => {
        assert.ok(error instanceof OwnFactorMistake, String(error));
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`factors.own.module ${module} `) && !error.message.includes('\n'));
        return true;
      });
    });
  }

  it('gets its settings as they stand, keeps its own `this`, and is closed', async () => {
    const module = join(folder, 'sound.js');
    writeFileSync(
      module,
      `export default ({ settings, note }) => ({
        title: settings.title,
        enrolled() { return this.title === settings.title && settings.list[1].deep === true },
        challenge: () => null,
        verify: () => ({ verdict: 'accepted' }),
        async close() { note('info', 'closed'); throw new Error('x') },
      })`,
    );
    const notes: string[] = [];
    const settings = { title: 'Mine', list: [1, { deep: true }] };
    const factor = await openOwn(
      { module, timeout: 10_000, settings },
      { note: (level, message) => notes.push(`${level} ${message}`) },
    );
    assert.equal(await factor.enrolled(ada), true);
    assert.equal(factor.title?.('en'), 'Mine');
    factor.close();
    await new Promise(setImmediate);
    assert.deepEqual(notes, ['info factors.own: closed', 'warn factors.own: close failed: Error: x']);
  });
});

/** The factor of a module whose functions all do this. */
function factorOf(does: (...given: readonly unknown[]) => unknown, timeout = 5_000, notes: string[] = []): Factor {
  const module: OwnModule = {
    title: () => 'x',
    call: (_, ...given) => does(...given),
    note: (level, message) => notes.push(`${level} ${message}`),
    close: () => undefined,
  };
  return createOwnFactor({ module, timeout });
}
const verify = (factor: Factor, who: Person | undefined = ada) =>
  factor.verify(who, { code: '1' }, { ...asking, state: { kept: 1 } });
class Accepting {
  verdict = 'accepted';
  toJSON() {
    return { verdict: 'refused', reason: 'code-wrong' };
  }
}
let read = 0;
const changing = {
  get verdict() {
    read += 1;
    return read === 1 ? 'nothing' : 'accepted';
  },
};

describe('a result that does not count', () => {
  const wait = { kind: 'wait', pollAfter: 1_000 };
  const verdicts: readonly (readonly [string, unknown])[] = [
    ...[undefined, null, true, 'accepted', 1, [], ['accepted'], {}, () => ({ verdict: 'accepted' })].map(
      (one) => [typeof one + JSON.stringify(one), one] as const,
    ),
    ['an unknown verdict', { verdict: 'ACCEPTED' }],
    ['accepted with more', { verdict: 'accepted', reason: 'code-wrong' }],
    ['accepted with a challenge', { verdict: 'accepted', challenge: wait }],
    ['accepted with what nobody knows', { verdict: 'accepted', admin: true }],
    ['a list of a verdict', [{ verdict: 'accepted' }]],
    ['one that is inherited', Object.create({ verdict: 'accepted' })],
    ['one that changes', changing],
    ['one that cannot be copied', { verdict: 'accepted', more: 1n }],
    ['one that throws as it is copied', { toJSON: () => assert.fail('hunter2') }],
    ['a refusal without reason', { verdict: 'refused' }],
    ['a refusal for an unknown reason', { verdict: 'refused', reason: 'person-disabled' }],
    ['pending without a challenge', { verdict: 'pending' }],
    ['pending with a code', { verdict: 'pending', challenge: { kind: 'code' } }],
    ['again with nothing', { verdict: 'again', challenge: null }],
    ['again with a key', { verdict: 'again', challenge: { kind: 'webauthn', options: {} } }],
    ['too much', { verdict: 'accepted', more: 'x'.repeat(20_000) }],
  ];
  for (const [title, result] of verdicts) {
    it(`is no verdict: ${title}`, () => refused(verify(factorOf(() => result)), 'factor-unavailable', /^it gave back|^its /));
  }

  it('is what an object says that changes as it is copied', () => refused(verify(factorOf(() => new Accepting())), 'code-wrong'));

  const challenges: readonly (readonly [string, unknown])[] = [
    ...[undefined, true, 'code', [], {}].map((one) => [typeof one + JSON.stringify(one), one] as const),
    ['of an unknown kind', { kind: 'password' }],
    ['of a key', { kind: 'webauthn', options: {} }],
    ['with what nobody knows', { kind: 'code', html: '<b>' }],
    ['with the message of a number', { kind: 'code', message: 1 }],
    ['with a long message', { kind: 'code', message: 'x'.repeat(301) }],
    ['with a message that turns round', { kind: 'code', message: 'a\u202eb' }],
    ['hidden by a text', { kind: 'code', hidden: 'yes' }],
    ['with a large state', { kind: 'code', state: 'x'.repeat(9_000) }],
    ['that waits for ever', { kind: 'wait' }],
    ['that asks too often', { kind: 'wait', pollAfter: 1 }],
    ['that asks by a text', { kind: 'wait', pollAfter: '1000' }],
    ['that waits for a long number', { ...wait, number: '1'.repeat(13) }],
    ['that leads nowhere', { kind: 'redirect' }],
    ['that leads to plain http', { kind: 'redirect', url: 'http://example.com/' }],
    ['that leads to a script', { kind: 'redirect', url: 'javascript:alert(1)' }],
    ['that leads with a password', { kind: 'redirect', url: 'https://a:b@example.com/' }],
  ];
  for (const [title, result] of challenges) {
    it(`is no challenge: one ${title}`, () =>
      refused(factorOf(() => result).challenge(ada, asking), 'factor-unavailable', /^it |^its |of its challenge/));
  }

  // Were it false, somebody could enrol something else meanwhile.
  for (const result of [undefined, null, 1, 'true', {}, []]) {
    it(`tells of no one that they are not enrolled: ${JSON.stringify({ result })}`, async () => {
      const notes: string[] = [];
      assert.equal(await factorOf(() => result, undefined, notes).enrolled(ada), true);
      assert.deepEqual(notes, ['warn it does not say who is enrolled: it gave back neither true nor false']);
    });
  }
});

describe('a function that fails', () => {
  class Secretive extends Error {
    override readonly name = 'Secretive';
  }
  const rows: readonly (readonly [string, () => unknown, RegExp, number?])[] = [
    [
      'throws',
      () => {
        throw new Secretive('hunter2');
      },
      /^it threw Secretive at own\.test\.ts:\d+:\d+$/,
    ],
    ['rejects', () => Promise.reject(new Secretive('hunter2')), /^it threw Secretive at own\.test\.ts/],
    [
      'throws a text',
      // The reason of a signal is thrown as it is.
      () => AbortSignal.abort('hunter2').throwIfAborted(),
      /no Error/,
    ],
    [
      'throws an error with an odd name',
      () => {
        throw Object.assign(new Error('x'), { name: 'hunter2 {}' });
      },
      /threw an error at/,
    ],
    [
      'throws an error that throws when it is looked at',
      () => {
        throw Object.defineProperty(new Error('x'), 'name', {
          get() {
            throw new Secretive('hunter2');
          },
        });
      },
      /^it threw what cannot be told$/,
    ],
    [
      'has a then that throws',
      () => ({
        get then(): never {
          throw new Secretive('hunter2');
        },
      }),
      /Secretive/,
    ],
    ['never answers', () => new Promise(() => undefined), /^no answer within 60 ms$/, 60],
    [
      'answers too late',
      () => new Promise((resolve) => setTimeout(resolve, 120, { verdict: 'accepted' })),
      /^no answer within 60 ms$/,
      60,
    ],
    [
      'fails too late',
      () => new Promise((_, reject) => setTimeout(reject, 120, new Error('hunter2'))),
      /^no answer within 60 ms$/,
      60,
    ],
  ];
  for (const [title, does, cause, timeout] of rows) {
    it(title, () => refused(verify(factorOf(does, timeout)), 'factor-unavailable', cause));
  }
});

describe('a result that counts', () => {
  it('is exactly accepted, now or later', async () => {
    assert.deepEqual(await verify(factorOf(() => ({ verdict: 'accepted' }))), { verdict: 'accepted' });
    assert.deepEqual(await verify(factorOf(() => Promise.resolve({ verdict: 'accepted' }))), { verdict: 'accepted' });
  });

  it('is accepted for nobody of no name', () =>
    refused(
      factorOf(() => ({ verdict: 'accepted' })).verify(undefined, {}, { ...asking, state: null }),
      'code-wrong',
      /accepted nobody/,
    ));

  for (const reason of ['code-wrong', 'factor-denied', 'factor-unanswered', 'challenge-lapsed', 'factor-unavailable'] as const) {
    it(`is refused as ${reason}`, () => refused(verify(factorOf(() => ({ verdict: 'refused', reason }))), reason));
  }

  const kinds: readonly Challenge[] = [
    { kind: 'code', state: null, hidden: false },
    { kind: 'code', state: { a: [1] }, message: 'Type it', hidden: true },
    { kind: 'wait', state: 1, message: 'Wait', number: '42', pollAfter: 500 },
    { kind: 'redirect', state: 'x', url: 'https://example.com/?state=1' },
    { kind: 'redirect', state: null, url: 'http://localhost:1/' },
  ];
  for (const challenge of kinds) {
    it(`asks by ${JSON.stringify(challenge)}`, async () => {
      assert.deepEqual(await factorOf(() => challenge).challenge(ada, asking), challenge);
      assert.deepEqual(await verify(factorOf(() => ({ verdict: 'again', challenge }))), { verdict: 'again', challenge });
    });
  }

  it('is null for whom it cannot ask', () => refused(factorOf(() => null).challenge(ada, asking), 'factor-not-enrolled'));

  it('rests on copies: what the module changes stays as it was', async () => {
    const person = { ...ada, attributes: { mobile: ['1'] } };
    const state = { kept: ['x'] };
    const presented = { code: '1' };
    const seen: unknown[] = [];
    const factor = factorOf((...given) => {
      seen.push(...structuredClone(given));
      const [who, typed, told] = given as [{ attributes: { mobile: string[] } }, { code: string }, { state: { kept: string[] } }];
      who.attributes.mobile.push('2');
      typed.code = '2';
      told.state.kept.push('y');
      return { verdict: 'accepted' };
    });
    await factor.verify(person, presented, { ...asking, state });
    assert.deepEqual([person.attributes, state, presented], [{ mobile: ['1'] }, { kept: ['x'] }, { code: '1' }]);
    assert.deepEqual(seen[2], { ...asking, state });
    assert.ok(!Object.hasOwn(seen[0] as object, 'barred'));
  });
});
