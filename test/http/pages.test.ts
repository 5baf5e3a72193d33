/** Every page says what it must in every language, and nothing that it is given can become markup. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { locales } from '../../src/http/locale.ts';
import { createPages, type PageData, type PageName } from '../../src/http/pages.ts';
import { specimens } from '../../src/http/specimens.ts';
import { refusals } from '../../src/refusal.ts';

const views = join(import.meta.dirname, '../../views');
const branding = {
  name: 'Example',
  color: '#0b57d0',
  helpUrl: 'https://help.example.com/',
  changePasswordUrl: 'https://pw.example.com/',
};
const pages = createPages({ branding, views, overrides: undefined });
const signedOut = { services: [], googleSignOutUrl: undefined };
const context = { locale: 'en', nonce: 'c29tZSByYW5kb20gYnl0ZQ==' } as const;
const names = Object.keys(specimens) as PageName[];
const everySpecimen = names.flatMap((name) =>
  specimens[name].map((content, index) => ({ name, content, title: `${name} ${String(index)}` })),
);
const show = (name: PageName, content: unknown, locale: (typeof locales)[number] = 'en'): string =>
  pages.render(name, content as PageData[PageName], { ...context, locale });

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const decode = (text: string): string => text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '');

/** Reads the tags strictly: whatever is not exactly a tag of ours, with every value in double quotes, throws. */
function tagsOf(html: string): readonly Tag[] {
  const rest = html.replaceAll(/(<(style|script)\b[^>]*>)[^]*?(<\/\2>)/g, '$1$3');
  return [...rest.matchAll(/<[^>]*>?/g)].map(([text]) => {
    const match = /^<(\/?[a-z][a-z0-9]*|!doctype)((?: [A-Za-z-]+(?:="[^"<>]*")?)*)\/?>$/.exec(text);
    assert.ok(match, `not a tag of ours: ${text}`);
    const attributes = [...(match[2] ?? '').matchAll(/ ([A-Za-z-]+)(?:="([^"]*)")?/g)];
    return { name: match[1] ?? '', attributes: new Map(attributes.map(([, name = '', value = '']) => [name, decode(value)])) };
  });
}

const shapeOf = (html: string): readonly string[] =>
  tagsOf(html).map(({ name, attributes }) => `${name} ${[...attributes.keys()].join(' ')}`);

/** Every place in a page's content that holds free text, as a function that puts another text there. */
function places(
  value: unknown,
  path: readonly string[] = [],
): { readonly path: string; readonly put: (text: string) => unknown }[] {
  if (typeof value === 'string') return [{ path: path.join('.'), put: (text) => text }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    places(inner, [...path, key]).map(({ path: at, put }) => ({
      path: at,
      put: (text) => (Array.isArray(value) ? value.with(Number(key), put(text)) : { ...value, [key]: put(text) }) as unknown,
    })),
  );
}

const isKey = (path: string): boolean =>
  /(?:^|\.)(?:words|label|notAfter|state|purpose|way|done|(?:elsewhere|evidence|by)\.\d+)$/.test(path);
const isUrl = (path: string): boolean => /(?:^|\.)(?:action|location|url|\w+Url)$/.test(path);
const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '" onmouseover="alert(1)',
  '</title></style></textarea></script><svg onload=alert(1)>',
  '<!-- --><![CDATA[x]]>',
  '&lt;b&gt; &amp;amp; &#60;',
  '<%= it.nonce %> <%~ it.css %> {minutes} {serviceProvider} ${nonce} $& $1',
  '`${1}` \\" \\u003c \u2028 \u2029',
  '\u202e\u0000\ufeff\ud800',
];

describe('every value', () => {
  for (const { name, content, title } of everySpecimen) {
    for (const { path, put } of places(content)) {
      if (isKey(path)) continue;
      it(`stays text on ${title}: ${path}`, () => {
        const placed = (text: string): string => (isUrl(path) ? `https://sp.example/${text}` : text);
        const harmless = show(name, put(placed('harmless')));
        for (const attack of attacks) {
          const html = show(name, put(placed(attack)));
          assert.deepEqual(shapeOf(html), shapeOf(harmless));
          assert.equal(decode(html).includes(placed(attack)), harmless.includes(placed('harmless')));
        }
      });
      if (!isUrl(path)) continue;
      it(`names no script on ${title}: ${path}`, () => {
        for (const url of [
          'javascript:alert(1)',
          ' javascript:alert(1)',
          'data:text/html,x',
          '//evil.example/',
          '/\\evil.example',
          'vbscript:x',
          'signin',
        ]) {
          assert.throws(() => show(name, put(url)), /address|Invalid URL/);
        }
      });
    }
  }

  it('reaches the service provider as it came, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (RelayState, SAMLResponse) => {
        const html = show('respond', { location: 'https://sp.example/acs', SAMLResponse, RelayState, serviceProvider: '' });
        const value = (name: string): string | undefined =>
          tagsOf(html)
            .find(({ attributes }) => attributes.get('name') === name)
            ?.attributes.get('value');
        assert.equal(value('RelayState'), RelayState);
        assert.equal(value('SAMLResponse'), SAMLResponse);
      }),
    );
  });

  it('of the brand stays text too', () => {
    for (const attack of attacks) {
      const own = createPages({ branding: { ...branding, name: attack, logoFile: 'x.svg' }, views, overrides: undefined });
      assert.equal(shapeOf(own.render('fault', { reference: 'A' }, context)).filter((tag) => tag.startsWith('img')).length, 1);
    }
    assert.throws(() => createPages({ branding: { ...branding, helpUrl: 'javascript:alert(1)' }, views, overrides: undefined }));
  });

  for (const nonce of ['', 'short', '"><script>', "a'; script-src *", 'c29tZSByYW5kb20gYnl0ZQ==\n']) {
    it(`a nonce is refused: ${JSON.stringify(nonce)}`, () => {
      assert.throws(() => pages.render('fault', { reference: 'A' }, { locale: 'en', nonce }), /nonce/);
    });
  }
});

describe('every page', () => {
  for (const { name, content, title } of everySpecimen) {
    for (const locale of locales) {
      it(`${title} in ${locale} is small, sound and whole`, () => {
        const html = show(name, content, locale);
        const tags = tagsOf(html);
        const all = (tag: string): readonly Tag[] => tags.filter((one) => one.name === tag);
        // A picture for cameras is not small, nor is all that is kept of a person.
        assert.ok(
          Buffer.byteLength(html) < (['enrol-totp', 'account'].includes(name) ? 20_000 : 14_000),
          `${String(Buffer.byteLength(html))} bytes`,
        );
        assert.match(html, new RegExp(`^<!doctype html>\n<html lang="${locale}">`));
        assert.doesNotMatch(html, /undefined|\[object|NaN|null|\{[a-zA-Z]+\}(?=[^}]*<\/(?:p|h1|title)>)/);
        assert.equal(all('h1').length, 1);
        assert.equal(all('main').length, 1);
        assert.match(html, /<title>[^<]+ · Example<\/title>/);
        for (const { name: tag, attributes } of tags) {
          for (const attribute of attributes.keys()) assert.doesNotMatch(attribute, /^(?:on|style$)/, `${tag} ${attribute}`);
          assert.ok(Number(attributes.get('tabindex') ?? 0) <= 0);
          const src = attributes.get('src');
          assert.ok(src === undefined || src === '/branding/logo' || (tag === 'script' && src === pages.keyScript.url));
          // What is kept for good must be what was meant.
          assert.equal(
            attributes.get('integrity'),
            tag === 'script' && src !== undefined ? pages.keyScript.integrity : undefined,
          );
        }
        for (const tag of [...all('style'), ...all('script')]) assert.equal(tag.attributes.get('nonce'), context.nonce);
        assert.equal(all('style').length, 1);
        assert.equal(
          all('script').length,
          ['respond', 'saml', 'factor-webauthn', 'enrol-webauthn', 'recovery-codes'].includes(name) ? 1 : 0,
        );
        assert.deepEqual(
          all('link').map(({ attributes }) => attributes.get('href')),
          ['/branding/logo'],
        );
        assert.equal(all('iframe').length + all('object').length + all('base').length, 0);
        for (const { attributes } of all('form')) assert.equal(attributes.get('method'), 'post');
        const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? []);
        assert.equal(new Set(ids).size, ids.length);
        const labelled = new Set(all('label').map(({ attributes }) => attributes.get('for')));
        for (const { attributes } of [...all('input'), ...all('textarea')]) {
          if (attributes.get('type') !== 'hidden') assert.ok(labelled.has(attributes.get('id')));
        }
        for (const { attributes } of tags) {
          const named = `${attributes.get('aria-describedby') ?? ''} ${attributes.get('aria-labelledby') ?? ''} ${attributes.get('for') ?? ''}`;
          for (const id of named.split(' ').filter((one) => one !== '')) assert.ok(ids.includes(id), id);
        }
      });
    }
  }

  it('of refusal says what happened, what to do next and the reference, for every reason', () => {
    for (const { words } of Object.values(refusals)) {
      for (const locale of locales) {
        const html = show('refusal', { words, reference: 'ABCD-EFGH' }, locale);
        assert.match(html, /<code>ABCD-EFGH<\/code>/);
        assert.equal((/<h1>[^]*?<div class="reference">/.exec(html)?.[0].match(/<p>/g) ?? []).length, 2);
      }
    }
  });

  it('is made in well under a millisecond', () => {
    const [, content] = specimens.password;
    const rounds = 2000;
    for (let round = 0; round < rounds; round += 1) show('password', content);
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) show('password', content);
    const { user, system } = process.cpuUsage(before);
    assert.ok((user + system) / 1000 / rounds < 0.2, `${String((user + system) / 1000 / rounds)} ms`);
  });
});

describe('the page that asks for the password', () => {
  const [bare, refused, throttled] = specimens.password;
  const input = (html: string, id: string): ReadonlyMap<string, string> =>
    tagsOf(html).find(({ attributes }) => attributes.get('id') === id)?.attributes ?? new Map<string, string>();

  it('names its fields so that password managers know them', () => {
    const html = show('password', bare);
    assert.equal(input(html, 'name').get('autocomplete'), 'username');
    assert.equal(input(html, 'password').get('autocomplete'), 'current-password');
    assert.equal(input(html, 'password').get('type'), 'password');
    assert.match(html, /<form method="post" action="\/signin\/password">\n<input type="hidden" name="signin" value="handle">/);
  });

  it('never holds a password, and keeps the name', () => {
    const html = show('password', { ...refused, password: 'S3cret' });
    assert.doesNotMatch(html, /S3cret/);
    assert.equal(input(html, 'password').has('value'), false);
    assert.equal(input(html, 'name').get('value'), 'anna@example.com');
  });

  it('puts the cursor where there is something to type', () => {
    assert.ok(input(show('password', bare), 'name').has('autofocus'));
    assert.ok(input(show('password', refused), 'password').has('autofocus'));
    assert.equal(show('password', refused).match(/autofocus/g)?.length, 1);
  });

  it('ties what went wrong to both fields', () => {
    const html = show('password', refused);
    assert.match(html, /<div class="notice" id="problem" role="alert">/);
    assert.match(input(html, 'name').get('aria-describedby') ?? '', /\bproblem\b/);
    assert.match(input(html, 'password').get('aria-describedby') ?? '', /\bproblem\b/);
    assert.doesNotMatch(show('password', bare), /id="problem"|aria-invalid=|role=/);
  });

  for (const [locale, expected] of [
    ['en', '30 minutes'],
    ['de', '30 Minuten'],
    ['fr', '30 minutes'],
    ['es', '30 minutos'],
    ['ja', '30 分'],
  ] as const) {
    it(`says how long to wait in ${locale}`, () => {
      assert.ok(show('password', throttled, locale).includes(expected));
    });
  }
});

describe('the page that goes to the service provider', () => {
  const [full, bare] = specimens.respond;
  it('leaves RelayState out where none came, and keeps an empty one', () => {
    assert.doesNotMatch(show('respond', bare), /RelayState/);
    assert.match(show('respond', { ...full, RelayState: '' }), /name="RelayState" value=""/);
  });
});

describe('a folder of templates', () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
  const having = (files: Readonly<Record<string, string>>): ReturnType<typeof createPages> => {
    const overrides = mkdtempSync(join(tmpdir(), 'passerelle-views-'));
    folders.push(overrides);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(overrides, name), text);
    return createPages({ branding, views, overrides });
  };

  it('replaces the pages of the same name, and them alone', () => {
    const own = having({
      'fault.eta': "<% layout('layout', { title: 'Oh' }) %><h1>Oh <%= it.page.reference %></h1>",
      'README.md': '',
    });
    assert.match(own.render('fault', { reference: '<A>' }, context), /<h1>Oh &lt;A&gt;<\/h1>/);
    assert.equal(own.render('signed-out', signedOut, context), show('signed-out', signedOut));
  });

  it('replaces the frame and the look', () => {
    const own = having({
      'layout.eta': '<style nonce="<%= it.nonce %>"><%~ it.css %></style><%~ it.body %>',
      'style.css': 'h1 {\n  color: red;\n}\n',
    });
    assert.match(own.render('signed-out', signedOut, context), /^<style nonce="[^"]+">:root\{[^<]*h1\{color: red\}<\/style>/);
  });

  const broken: readonly [title: string, files: Readonly<Record<string, string>>, expected: RegExp][] = [
    ['a tag that is not closed', { 'fault.eta': '<%= it.page.reference' }, /fault\.eta does not compile/],
    ['a script that is none', { 'fault.eta': '<% if ( { %>' }, /fault\.eta does not compile/],
    ['a value that is not there', { 'fault.eta': '<%= it.page.person.name %>' }, /undefined/],
    ['a word that is not there', { 'fault.eta': "<%= it.say('fault.wrong') %>" }, /no words for fault\.wrong/],
    ['a file included', { 'fault.eta': "<% include('/etc/passwd') %>" }, /etc\/passwd/],
    ['a frame that is not there', { 'fault.eta': "<% layout('../frame') %>" }, /frame/],
    ['a misspelt name', { 'pasword.eta': '' }, /pasword\.eta replaces no template/],
    ['a look that ends its element', { 'style.css': 'h1{}</style><script>' }, /style\.css may not hold/],
  ];
  for (const [title, files, expected] of broken) {
    it(`is refused at the start for ${title}`, () => {
      assert.throws(() => having(files), expected);
    });
  }

  it('that is not there is said so', () => {
    assert.throws(() => createPages({ branding, views, overrides: join(views, 'nowhere') }), /nowhere/);
  });
});

describe('the templates', () => {
  const unescaped: Readonly<Record<string, readonly string[]>> = {
    'layout.eta': ['it.css', 'it.brand.mark', 'it.body'],
    'enrol-totp.eta': ['it.qr(uri)'],
  };
  it('write unescaped nothing but the look, the mark, a picture for cameras and the page within its frame', () => {
    for (const name of readdirSync(views).filter((one) => one.endsWith('.eta'))) {
      const raw = [...readFileSync(join(views, name), 'utf8').matchAll(/<%[-_]?\s*~\s*(.*?)\s*%>/g)].map(
        ([, expression]) => expression,
      );
      const parts = raw.filter(
        (expression) =>
          !/^include\('[a-z]+', (?:it|\{ \.\.\.it, [a-z]+(?:: (?:title|it\.page\.[a-z]+))? \})\)$/.test(expression ?? ''),
      );
      assert.deepEqual(parts, unescaped[name] ?? []);
    }
  });
});
