/** The report as a page: sound as XML, without script or address, whole, cut where lists are long, and safe from the directory. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { DOMParser } from '@xmldom/xmldom';
import type { Advice } from '../../src/advisor/advice.ts';
import { advicePage } from '../../src/advisor/page/advice-page.ts';
import { visible } from '../../src/http/html.ts';
import { attacks } from './hostile-advice.ts';
import { specimenAdvice } from './specimen-advice.ts';

const whole = (advice: Advice): string => [...advicePage(advice)].join('');
const read = (page: string): Document =>
  new DOMParser({
    errorHandler: (level: string, message: string) => assert.fail(`${level}: ${message}`),
  }).parseFromString(page.replace('<!DOCTYPE html>', ''), 'text/xml');
const all = (within: Document | Element, name: string): readonly Element[] => Array.from(within.getElementsByTagName(name));
const text = (element: Element | undefined): string => (element?.textContent ?? '').replace(/\s+/g, ' ').trim();

const headings = ['Forests and accounts', 'Domains', 'UPN or mail', 'Groups', 'Organisational units', 'The mapping to paste'];

for (const [name, advice] of Object.entries(specimenAdvice) as [keyof typeof specimenAdvice, Advice][]) {
  describe(`the page of the ${name} report`, () => {
    const page = whole(advice);
    const document = read(page);

    it('is sound XML with one h1, every section, and headings in their order', () => {
      execFileSync('xmllint', ['--nonet', '--noout', '-'], { input: page });
      const found = [...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
      assert.equal(found.filter((level) => level === 1).length, 1);
      assert.equal(found[0], 1);
      assert.ok(found.every((level, index) => index === 0 || level <= found[index - 1]! + 1));
      const seen = all(document, 'h2').map(text);
      for (const [index, heading] of headings.entries()) assert.ok(seen.includes(`${index + 1} of 6 ${heading}`), heading);
    });

    it('holds no script, no handler, no style of an element, and no address but within itself', () => {
      const elements = all(document, '*');
      for (const element of elements) {
        assert.ok(!['script', 'img', 'link', 'iframe', 'object', 'form', 'base', 'image', 'use'].includes(element.tagName));
        for (const { name: attribute, value } of Array.from(element.attributes)) {
          assert.doesNotMatch(attribute, /^(on|style$|src|xlink|action|srcset|data$)/i);
          if (attribute === 'href') assert.match(value, /^#[a-z]+$/);
        }
      }
      assert.equal(all(document, 'style').length, 1);
      assert.deepEqual([...new Set(text(all(document, 'style')[0]).match(/url\([^)]*\)|@import/g))].sort(), [
        'url(#p2)',
        'url(#p3)',
        'url(#p4)',
        'url(#p5)',
        'url(#p6)',
        'url(#p7)',
      ]);
    });

    it('bears a policy that allows its one style and nothing else', () => {
      const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? '';
      const hash = createHash('sha256').update(style).digest('base64');
      const policy = all(document, 'meta').find((meta) => meta.getAttribute('http-equiv') === 'Content-Security-Policy');
      assert.equal(
        policy?.getAttribute('content'),
        `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
      );
      assert.ok(page.indexOf('Content-Security-Policy') < page.indexOf('<style>'));
    });

    it('gives every picture and every table in a box its words, each identifier once', () => {
      for (const svg of all(document, 'svg')) {
        if (svg.getAttribute('aria-hidden') === 'true') continue;
        assert.equal(svg.getAttribute('role'), 'img');
        assert.notEqual(svg.getAttribute('aria-label') ?? '', '');
      }
      for (const th of all(document, 'th')) assert.match(th.getAttribute('scope') ?? '', /^(col|row)$/);
      const regions = all(document, '*').filter((element) => element.getAttribute('role') === 'region');
      const labels = regions.map((region) => region.getAttribute('aria-label'));
      assert.equal(new Set(labels).size, labels.length);
      assert.ok(regions.every((region) => region.getAttribute('tabindex') === '0'));
      const ids = all(document, '*')
        .map((element) => element.getAttribute('id'))
        .filter(Boolean);
      assert.equal(new Set(ids).size, ids.length);
    });

    it('has a cell for every column, and figures in every drawing', () => {
      for (const table of all(document, 'table')) {
        const [head, ...rows] = all(table, 'tr').map(
          (row) => row.getElementsByTagName('th').length + row.getElementsByTagName('td').length,
        );
        assert.ok(rows.length > 0 && rows.length <= 200);
        assert.ok(rows.every((cells) => cells === head));
      }
      assert.doesNotMatch(page, /NaN|Infinity|undefined|\[object/);
    });

    it('is the same each time', () => {
      assert.equal(whole(structuredClone(advice)), page);
    });
  });
}

describe('the page of a directory that attacks', () => {
  const page = whole(specimenAdvice.hostile);
  const document = read(page);

  it('shows what was meant to act', () => {
    const shown = text(document.documentElement);
    for (const attack of attacks.filter((one) => one.length < 100)) {
      assert.ok(shown.includes(visible(attack).replace(/\s+/g, ' ')), JSON.stringify(attack));
    }
    assert.doesNotMatch(page, /[\p{Cf}\u0000-\u0008\u000b-\u001f\u0080-\u009f\u2028\u2029\ufffe\uffff]/u);
    assert.doesNotMatch(page, /\p{M}{8}/u);
    assert.doesNotMatch(page, /<(script|img|b>&amp;)/);
  });

  it('cuts long names in pictures, and gives them whole in their titles', () => {
    const texts = all(document, 'text').map((element) => [
      Array.from(element.childNodes)
        .filter(({ nodeType }) => nodeType === 3)
        .map(({ nodeValue }) => nodeValue),
      all(element, 'title')[0]?.textContent,
    ]);
    const cut = texts.filter(([, title]) => title !== undefined);
    assert.ok(cut.length > 3);
    for (const [shown, title] of cut) {
      assert.match(String(shown), /…$/);
      assert.ok(String(title).length > String(shown).length || String(title).length >= 1_000);
    }
    for (const [shown] of texts) assert.ok(String(shown).length < 90, String(shown));
  });
});

describe('the page', () => {
  const { small } = specimenAdvice;
  const [person, other] = [small.mapping.upnIsNotMail[0]!, small.people[1]!].map((one) => ({
    ...one,
    distinguishedName: 'CN=x',
  }));
  const choices = ['one', 'two', 'three', 'four'].map((name, index) => ({
    name,
    domains: ['example.com'],
    source: 'mail' as const,
    substitute: {},
    leftOut: index === 1 ? [] : index === 2 ? [other!] : [person!],
  }));

  it('lists people once who are left out by several choices', () => {
    const document = read(whole({ ...small, domains: { ...small.domains, choices } }));
    const captions = all(document, 'caption').map(text);
    assert.deepEqual(
      captions.filter((caption) => caption.startsWith('Left out by')),
      ['Left out by choices 1 and 4', 'Left out by choice 3'],
    );
    assert.ok(all(document, 'th').map(text).includes('1: one'));
  });

  it('counts a domain as in use where an account is in it', () => {
    const [domain] = small.domains.domains;
    const unused = { ...domain!, name: 'unused.example', unicode: 'unused.example', accounts: 0 };
    const domains = [unused, { ...domain!, accounts: 3 }];
    const page = whole({ ...small, domains: { ...small.domains, domains } });
    assert.match(page, /1 domain is in use\./);
    assert.match(page, /unused\.example/);
  });

  it('says why somebody has to be mended', () => {
    const [mending] = small.mapping.mendings;
    const mendings = [{ ...mending!, because: 'kim (disabled) has the same' }];
    assert.match(whole({ ...small, mapping: { ...small.mapping, mendings } }), /kim \(disabled\) has the same/);
  });
});

describe('the page of a large report', () => {
  const { ill } = specimenAdvice;

  it('says how much it leaves out, and where that is', () => {
    const page = whole(ill).replace(/\s+/g, ' ');
    for (const more of [
      'and 3,543 more, in advice.json',
      'and 408 more, in mend.csv',
      'and 450 more, in advice.json',
      'and 320 more, in advice.json',
      'and 40 more, in advice.json',
      'and 47 more, in advice.json',
      'and 30 more, in advice.json',
      'and 235 more, in the table',
    ]) {
      assert.ok(page.includes(more), more);
    }
  });

  it('says the verdict first', () => {
    const document = read(whole(ill));
    assert.equal(text(all(document, 'h1')[0]), '3,743 of 18,400 people would be refused today');
    assert.equal(text(all(document, 'p').find((p) => p.getAttribute('class') === 'lead')), ill.verdict.summary);
    assert.equal(text(all(document, 'pre').at(-1)), ill.verdict.section.replace(/\s+/g, ' ').trim());
  });

  it('comes in small pieces, and is no larger for a hundred thousand people more', () => {
    const people = Array.from({ length: 100_000 }, (_, index) => ({ ...ill.people[0]!, name: `more${String(index)}` }));
    const pieces = [...advicePage({ ...ill, people: [...ill.people, ...people] })].map(({ length }) => length);
    assert.ok(Math.max(...pieces) < 64_000, String(Math.max(...pieces)));
    assert.ok(pieces.reduce((sum, length) => sum + length, 0) < whole(ill).length + 2_000);
  });
});

describe('the headline', () => {
  const person = specimenAdvice.small.people[0]!;
  const refused = { ...person, address: null, refused: 'no-mail' as const };
  for (const [people, said] of [
    [[], 'No people were found in the directory'],
    [[person], 'The only person there would be let in today'],
    [[refused], 'The only person there would be refused today'],
    [[person, person], 'All 2 people would be let in today'],
    [[refused, refused], 'All 2 people would be refused today'],
    [[person, refused, { ...refused, kind: 'service' as const }], '1 of 2 people would be refused today'],
  ] as const) {
    it(`is “${said}”`, () => {
      const { mapping } = specimenAdvice.small;
      const accounts = { ...mapping.accounts, person: people.filter(({ kind }) => kind === 'person').length };
      const page = whole({ ...specimenAdvice.small, people, mapping: { ...mapping, accounts } });
      assert.equal(text(all(read(page), 'h1')[0]), said);
    });
  }
});
