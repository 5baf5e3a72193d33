/** Every language has the same words with the same placeholders, and every word is used. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { provableBy } from '../../src/config/policy-schema.ts';
import { deeds } from '../../src/http/account-door.ts';
import { locales } from '../../src/http/locale.ts';
import { readWords } from '../../src/http/words.ts';
import { refusals } from '../../src/refusal.ts';

const views = join(import.meta.dirname, '../../views');
const folder = mkdtempSync(join(tmpdir(), 'passerelle-words-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const read = (name: string): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(join(views, 'locales', `${name}.json`), 'utf8')) as Record<string, Record<string, string>>;
const english = read('en');
const keys = Object.entries(english).flatMap(([group, words]) => Object.keys(words).map((word) => `${group}.${word}`));

describe('the words', () => {
  it('are complete in every language', () => {
    const words = readWords(join(views, 'locales'));
    assert.deepEqual(Object.keys(words), [...locales]);
    assert.equal(readdirSync(join(views, 'locales')).length, locales.length);
  });

  it('tell of every refusal what it is, what happened and what to do next', () => {
    const words = readWords(join(views, 'locales'));
    for (const locale of locales) {
      for (const { words: key } of Object.values(refusals)) {
        for (const part of ['title', 'what', 'next'])
          assert.ok(words[locale](`${key}.${part}`).length > 3, `${locale} ${key}.${part}`);
      }
    }
  });

  it('are translated, not copied', () => {
    for (const locale of locales.filter((one) => one !== 'en')) {
      const theirs = read(locale);
      for (const [group, words] of Object.entries(english)) {
        for (const [word, text] of Object.entries(words)) {
          if (text.split(' ').length > 3) assert.notEqual(theirs[group]?.[word], text, `${locale} ${group}.${word}`);
        }
      }
    }
  });

  it('are all used, and no other is asked for', () => {
    const templates = readdirSync(views)
      .filter((name) => name.endsWith('.eta'))
      .map((name) => readFileSync(join(views, name), 'utf8'))
      .join('\n');
    const used = new Set([...templates.matchAll(/say\(\s*'([a-z.-]+)'/g)].map(([, key]) => key ?? ''));
    for (const { words } of Object.values(refusals)) for (const part of ['title', 'what', 'next']) used.add(`${words}.${part}`);
    for (const when of ['until', 'until-soon']) used.add(`page.${when}`);
    for (const label of ['sign-in-url', 'sign-out-url', 'change-password-url', 'entity-id', 'certificate'])
      used.add(`saml.${label}`);
    for (const rule of ['length', 'kinds', 'names', 'previous', 'history', 'age', 'life']) used.add(`password-rules.${rule}`);
    for (const state of ['done', 'failed', 'current', 'waiting']) used.add(`logout.${state}`);
    for (const purpose of ['visit', 'again', 'return', 'partial']) used.add(`logout.${purpose}`).add(`logout.${purpose}-what`);
    for (const way of provableBy) for (const part of ['title', 'other']) used.add(`way-${way}.${part}`);
    for (const way of ['totp', 'recovery-code', 'radius', 'webhook', 'own']) used.add(`way-${way}.label`).add(`way-${way}.hint`);
    for (const way of ['passkey', 'webauthn', 'duo']) used.add(`way-${way}.hint`);
    for (const way of provableBy) used.add(`by.${way}`);
    for (const way of ['totp', 'webauthn']) used.add(`enrol.${way}`).add(`enrol.${way}-hint`).add(`account.add-${way}`);
    for (const deed of deeds) used.add(`account.done-${deed}`);
    for (const last of ['last-asked', 'last-what']) used.add(`account.${last}`);
    for (const trouble of ['cancelled', 'late', 'known', 'unsupported', 'failed'])
      used.add(`webauthn.${trouble}`).add(`webauthn.${trouble}-next`);
    assert.deepEqual([...used].sort(), keys.toSorted());
  });

  it('differ in nothing between causes that must not be told apart', () => {
    for (const reason of [
      'person-unknown',
      'person-ambiguous',
      'password-wrong',
      'password-unusable',
      'person-locked-unfamiliar',
      'person-not-replicated',
      'person-attempts-exhausted',
      'protected-user',
      'bind-refused',
    ] as const) {
      assert.equal(refusals[reason].words, 'not-accepted');
    }
  });
});

describe('readWords', () => {
  const base = { group: { plain: 'Words', filled: 'In {minutes} with {name}' } };
  const broken: readonly [title: string, german: unknown, expected: RegExp][] = [
    ['a missing word', { group: { plain: 'Wort' } }, /de: group\.filled is missing/],
    ['a missing group', {}, /de: group\.plain is missing/],
    ['an extra word', { group: { ...base.group, more: 'x' } }, /de: group\.more is not among/],
    ['a missing placeholder', { group: { plain: 'Wort', filled: 'In {minutes}' } }, /de: group\.filled fills other placeholders/],
    ['a misspelt placeholder', { group: { plain: 'Wort', filled: 'In {minuten} {name}' } }, /fills other placeholders/],
    ['a placeholder twice', { group: { plain: 'Wort', filled: '{name} {minutes} {name}' } }, /fills other placeholders/],
    ['a placeholder too many', { group: { plain: 'Wort {name}', filled: '{name} {minutes}' } }, /fills other placeholders/],
    ['an empty word', { group: { plain: ' ', filled: '{name} {minutes}' } }, /group\.plain is not a sentence/],
    ['a word that is no text', { group: { plain: 1, filled: '{name} {minutes}' } }, /group\.plain is not a sentence/],
    ['a group that is no object', { group: 'Wort' }, /not an object/],
    ['a file that is no object', [], /not an object/],
  ];
  const write = (name: string, german: unknown): string => {
    const at = join(folder, name);
    mkdirSync(at, { recursive: true });
    for (const locale of locales) writeFileSync(join(at, `${locale}.json`), JSON.stringify(locale === 'de' ? german : base));
    return at;
  };
  for (const [title, german, expected] of broken) {
    it(`refuses ${title}`, () => {
      const at = write(title, german);
      assert.throws(() => readWords(at), expected);
    });
  }

  const say = readWords(write('sound', base)).en;
  it('fills placeholders once, and never what a value holds', () => {
    assert.equal(say('group.filled', { minutes: '{name}', name: '$& {minutes}' }), 'In {name} with $& {minutes}');
  });
  for (const [title, act] of [
    ['a word that is not there', () => say('group.other')],
    ['a member of Object', () => say('constructor')],
    ['a placeholder left open', () => say('group.filled', { name: 'x' })],
  ] as const) {
    it(`throws for ${title}`, () => {
      assert.throws(act);
    });
  }
});
