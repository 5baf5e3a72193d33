/** Rules of attribute release in a configuration: each mistake is told where it stands, in words that help. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifyText } from '../../src/config/read-configuration.ts';
import { renderReference } from '../../src/config/reference.ts';
import { soundFile } from './sound-file.ts';

const mistakesOf = (text: string) => verifyText(`${soundFile}${text}`, {}).findings.mistakes;
const rule = (text: string): string => `release:\n  - to: everybody\n    attributes:\n      a: ${text}\n`;

describe('a mistake of a rule', () => {
  const rows: readonly (readonly [text: string, path: string, says: RegExp])[] = [
    ['5', '', /the name of a directory attribute, or a rule/],
    ['userPassword', '', /holds no password/],
    ['{ from: MS-MCS-AdmPwd, as: base64 }', '.from', /holds no password/],
    ['not an attribute', '', /the name of a directory attribute/],
    ['[mail]', '', /the name of a directory attribute, or a rule/],
    ['{}', '', /exactly one source/],
    ['{ from: mail, text: x }', '', /exactly one source/],
    ['{ address: true, groups: sid }', '', /exactly one source/],
    ['{ address: false }', '.address', /`true`/],
    ['{ from: mail, frm: mail }', '.frm', /not a known setting/],
    ['{ groups: names }', '.groups', /`name` or `dn` or `sid` or `objectGUID`/],
    ['{ from: mail, nested: true }', '.nested', /source is not groups/],
    ['{ from: mail, keep: { below: OU=x } }', '.keep.below', /source is not groups/],
    ['{ groups: name, keep: { below: 5 } }', '.keep.below', /must be text/],
    // A name without parts would have every group below it.
    ['{ groups: name, keep: { below: "," } }', '.keep.below', /a distinguished name/],
    ['{ groups: name, keep: { below: OU= } }', '.keep.below', /a distinguished name/],
    ['{ groups: name, keep: { below: "ou = Groups , DC=example" } }', '', /^$/],
    ['{ groups: name, keep: { prefix: 5 } }', '.keep.prefix', /a text or a list of texts/],
    ['{ groups: name, keep: { equals: [] } }', '.keep.equals', /needs 1 entry/],
    ['{ from: mail, keep: { pattern: "(a" } }', '.keep.pattern', /brackets match/],
    ['{ from: mail, match: { pattern: a, becomes: b } }', '', /^$/],
    ['{ from: mail, match: { pattern: a } }', '.match.becomes', /missing/],
    ['{ from: mail, match: { pattern: "(a)", becomes: $2 } }', '.match.becomes', /without \$2/],
    ['{ from: mail, match: { pattern: "(a)", becomes: $x } }', '.match.becomes', /before a digit/],
    ['{ from: mail, match: { pattern: "(a)", becomes: "5$" } }', '.match.becomes', /before a digit/],
    ['{ from: mail, match: { pattern: "(a)", becomes: "$$1 $1" } }', '', /^$/],
    ['{ from: mail, onlyRenamed: true }', '.onlyRenamed', /no rename/],
    ['{ address: true, as: hex }', '.as', /neither from nor/],
    ['{ groups: objectGUID, as: sid }', '.as', /neither from nor/],
    ['{ groups: objectGUID, as: base64 }', '', /^$/],
    ['{ from: mail, nameFormat: not a URI }', '.nameFormat', /or a URI/],
    ['{ from: mail, requested: always }', '.requested', /`any` or `required`/],
  ];
  for (const [text, path, says] of rows) {
    it(`${text} is told`, () => {
      const mistakes = mistakesOf(rule(text));
      assert.equal(mistakes.length, says.source === '^$' ? 0 : 1, JSON.stringify(mistakes));
      assert.match(mistakes.map(({ message }) => message).join(), says);
      for (const mistake of mistakes) {
        assert.equal(mistake.path, `release.0.attributes.a${path}`);
        assert.ok(mistake.hint.length > 0);
      }
    });
  }

  const recipients: readonly (readonly [to: string, path: string, says: RegExp])[] = [
    ['all', '.to', /`everybody`/],
    ['5', '.to', /`everybody`/],
    ['{}', '.to', /one condition or more/],
    ['{ entityIds: x, entityId: x }', '.to.entityId', /not a known setting/],
    ['{ entityAttributes: [{ name: x }] }', '.to.entityAttributes.0.values', /missing/],
    ['{ entityAttributes: [] }', '.to.entityAttributes', /needs 1 entry/],
  ];
  for (const [to, path, says] of recipients) {
    it(`to: ${to} is told`, () => {
      const mistakes = mistakesOf(`release:\n  - to: ${to}\n    attributes: { a: mail }\n`);
      assert.deepEqual(
        mistakes.map((mistake) => mistake.path),
        [`release.0${path}`],
      );
      assert.match(mistakes[0]?.message ?? '', says);
    });
  }

  it('stands in its line', () => {
    const mistakes = mistakesOf(
      `release:\n  - to: everybody\n    attributes:\n      a: mail\n      b:\n        from: mail\n        nested: true\n`,
    );
    const before = soundFile.split('\n').length - 1;
    assert.deepEqual(
      mistakes.map(({ line }) => line),
      [before + 7],
    );
  });
});

describe('the reference', () => {
  it('has every setting of a rule and of release', () => {
    const page = renderReference();
    const [, rules = ''] = page.split('## Rules\n');
    for (const name of [
      'from',
      'groups',
      'nested',
      'as',
      'keep.prefix',
      'match.becomes',
      'rename',
      'requested',
      'friendlyName',
    ]) {
      assert.ok(rules.includes(`\n| \`${name}\``), name);
    }
    for (const name of ['to', 'to.entityIds', 'to.entityAttributes', 'to.requested', 'attributes']) {
      assert.ok(page.includes(`\n| \`${name}\``), name);
    }
  });
});
