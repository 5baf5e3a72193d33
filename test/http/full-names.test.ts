/** Where several domains sign in, the page asks for the name in full, and tells nobody which names there are. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { locales } from '../../src/http/locale.ts';
import { createPages } from '../../src/http/pages.ts';

const views = join(import.meta.dirname, '../../views');
const branding = { name: 'Example', color: '#0b57d0', logoFile: undefined, helpUrl: undefined, changePasswordUrl: undefined };
const one = createPages({ branding, views, overrides: undefined });
const several = createPages({ branding, views, overrides: undefined, fullNames: true });

type Shown = (pages: typeof one, name: string, words?: string, locale?: (typeof locales)[number]) => string;
const show: Shown = (pages, name, words, locale = 'en') =>
  pages.render(
    'password',
    {
      action: '/signin/password',
      signin: 'handle',
      name,
      serviceProvider: '',
      ...(words !== undefined && { problem: { words, reference: 'ABCD-EFGH-JKLM' } }),
    },
    { locale, nonce: 'AAAAAAAAAAAAAAAAAAAAAA' },
  );

describe('a name in full', () => {
  it('is asked for by the hint, where there are several domains', () => {
    assert.match(show(several, ''), /id="name-hint">In full: name@domain, or DOMAIN\\name\.</);
    assert.doesNotMatch(show(one, ''), /DOMAIN/);
    for (const locale of locales) assert.match(show(several, '', undefined, locale), /id="name-hint">[^<]*@[^<]*\\[^<]*</);
  });

  it('is asked for whenever a bare one was refused, and of nobody else', () => {
    const sentence = /Type the name in full/;
    for (const bare of ['sam', 'nobody', 'a b', 'sam%north', '測試']) assert.match(show(several, bare, 'not-accepted'), sentence);
    for (const full of ['sam@north.example.com', 'NORTH\\sam', '@', '\\', '']) {
      assert.doesNotMatch(show(several, full, 'not-accepted'), sentence);
    }
    assert.doesNotMatch(show(several, 'sam', 'directory-unavailable'), sentence);
    assert.doesNotMatch(show(several, 'sam'), sentence);
    assert.doesNotMatch(show(one, 'sam', 'not-accepted'), sentence);
  });
});
