/** What the import makes of claim rules and trusts of AD FS; the rules are those of its wizards and of vendors' guides. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchPattern } from '../../../src/config/match-pattern.ts';
import { parsePattern } from '../../../src/config/pattern.ts';
import { ClaimSet } from '../../../src/service-providers/import/adfs/evaluate-claims.ts';
import { readAdfs } from '../../../src/service-providers/import/adfs/read-adfs.ts';
import { splitRules } from '../../../src/service-providers/import/adfs/rule-tokens.ts';
import { translatePattern, translateReplacement } from '../../../src/service-providers/import/adfs/translate-pattern.ts';
import { ImportMistake, type Draft, type Export } from '../../../src/service-providers/import/imported.ts';
import { takeKey } from '../../fixtures/ready-keys.ts';
import {
  acsAt,
  emailAddress,
  groupRule,
  groupSid,
  ldapRule,
  logoutAt,
  nameIdRule,
  permitAll,
  trust,
  types,
} from './adfs-export.ts';

const now = Date.now();
const read = (...trusts: object[]): Export => readAdfs(JSON.stringify(trusts), now);
function only(changes: object): Draft {
  const [draft] = read(trust(changes)).drafts;
  assert.ok(draft !== undefined);
  return draft;
}
const notPlain = ({ told }: Draft): string[] =>
  told.filter(({ outcome }) => outcome === 'not plain').map(({ because }) => because);

const account = `c:[Type == "${types.account}", Issuer == "AD AUTHORITY"]`;
const other = groupSid.replace(/\d+$/, '1129');
const fromUpn = (value: string): string => `c:[Type == "${types.upn}"] => issue(Type = "x", Value = ${value});`;
const unspecified = { nameFormat: 'unspecified' };
const everything = '[\\s\\S]*';

/** Each rule set, and what `x` is made of by it. */
const plainRules: readonly (readonly [string, string, object | readonly object[]])[] = [
  ['an LDAP attribute', ldapRule([['x', 'mail']]), { from: 'mail' }],
  [
    'several of one type',
    ldapRule([
      ['x', 'mail'],
      ['x', 'displayName'],
    ]),
    [{ from: 'mail' }, { from: 'displayName' }],
  ],
  ['bytes, which claims hold in base64', ldapRule([['x', 'objectGUID']]), { from: 'objectGUID', as: 'base64' }],
  ['names of groups', ldapRule([['x', 'tokenGroups']]), { groups: 'name', nested: true }],
  ['SIDs of groups', ldapRule([['x', 'tokenGroups(SID)']]), { groups: 'sid', nested: true }],
  ['memberOf', ldapRule([['x', 'memberOf']]), { groups: 'dn' }],
  [
    'a query that looks the person up itself',
    `${account} => issue(store = "Active Directory", types = ("x"), query = "samAccountName={0};mail;{1}", param = regexreplace(c.Value, "(?<domain>[^\\\\]+)\\\\(?<user>.+)", "\${user}"), param = c.Value);`,
    { from: 'mail' },
  ],
  [
    'a pass-through of one that was added before',
    `${ldapRule([['mine', 'title']]).replace('=> issue', '=> add')}c:[Type == "mine"] => issue(Type = "x", Value = c.Value);`,
    { from: 'title' },
  ],
  [
    'a pass-through of the claim itself',
    `${ldapRule([['x', 'title']]).replace('=> issue', '=> add')}c:[Type == "x"] => issue(claim = c);`,
    { from: 'title' },
  ],
  ['the user principal name', fromUpn('c.Value'), { from: 'userPrincipalName' }],
  [
    'the SID',
    `c:[Type == "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarysid"] => issue(Type = "x", Value = c.Value);`,
    { from: 'objectSid' },
  ],
  ['fixed text', '=> issue(Type = "x", Value = "a$b");', { text: 'a$b' }],
  ['fixed text for everybody of the directory', `${account} => issue(Type = "x", Value = "a");`, { text: 'a' }],
  [
    'membership of a group',
    groupRule(groupSid, 'x', 'Admin'),
    { groups: 'sid', nested: true, rename: { [groupSid]: 'Admin' }, onlyRenamed: true },
  ],
  [
    'membership of two groups, which are one rule',
    groupRule(groupSid, 'x', 'Admin') + groupRule(other, 'x', 'Staff'),
    { groups: 'sid', nested: true, rename: { [groupSid]: 'Admin', [other]: 'Staff' }, onlyRenamed: true },
  ],
  [
    'two values for one group, which are two rules',
    groupRule(groupSid, 'x', 'Admin') + groupRule(groupSid, 'x', 'Staff'),
    ['Admin', 'Staff'].map((value) => ({ groups: 'sid', nested: true, rename: { [groupSid]: value }, onlyRenamed: true })),
  ],
  [
    'membership by EXISTS and a pattern',
    `EXISTS([Type == "${types.groupSid}", Value =~ "^(?i)${groupSid}$"]) => issue(Type = "x", Value = "Admin");`,
    { groups: 'sid', nested: true, rename: { [groupSid]: 'Admin' }, onlyRenamed: true },
  ],
  [
    'membership by the name of the group',
    `${ldapRule([['g', 'tokenGroups']]).replace('=> issue', '=> add')}c:[Type == "g", Value == "Domain Users"] => issue(Type = "x", Value = "member");`,
    { groups: 'name', nested: true, rename: { 'Domain Users': 'member' }, onlyRenamed: true },
  ],
  [
    'fixed text for whoever has an attribute',
    `${ldapRule([['g', 'mail']]).replace('=> issue', '=> add')}c:[Type == "g"] => issue(Type = "x", Value = "a$1");`,
    { from: 'mail', match: { pattern: everything, becomes: 'a$$1' } },
  ],
  [
    'values by a pattern',
    `c:[Type == "${types.upn}", Value =~ "@example\\.com$"] => issue(Type = "x", Value = c.Value);`,
    { from: 'userPrincipalName', match: { pattern: `(${everything}?)@example\\.com`, becomes: '$0' } },
  ],
  [
    'another suffix',
    fromUpn('RegExReplace(c.Value, "@.*$", "@example.org")'),
    { from: 'userPrincipalName', match: { pattern: `(${everything}?)@.*`, becomes: '$1@example.org' } },
  ],
  [
    'a scope behind what stands before the @',
    `c:[Type == "${types.upn}", Value =~ "^(?<user>[^@]+)@(.+)$"] => issue(Type = "x", Value = regexreplace(c.Value, "^(?<user>[^@]+)@(.+)$", "\${user}@uni.example"), Properties["${types.nameFormat}"] = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri");`,
    {
      from: 'userPrincipalName',
      match: { pattern: '([^@]+)@(.+)', becomes: '$1@uni.example' },
      nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
    },
  ],
  [
    'text around a value',
    fromUpn('"<" + c.Value + ">"'),
    { from: 'userPrincipalName', match: { pattern: everything, becomes: '<$0>' } },
  ],
  [
    'roles of a cloud out of names of groups',
    `${ldapRule([['g', 'tokenGroups']]).replace('=> issue', '=> add')}c:[Type == "g", Value =~ "^AWS-[0-9]+-"] => issue(Type = "x", Value = c.Value);`,
    { groups: 'name', nested: true, match: { pattern: `AWS-[0-9]+-(${everything})`, becomes: '$0' } },
  ],
  [
    'the account name out of CORP\\ada',
    `c:[Type == "${types.account}"] => issue(Type = "x", Value = regexreplace(c.Value, "(?<domain>[^\\\\]+)\\\\(?<user>.+)", "\${user}"));`,
    { from: 'sAMAccountName' },
  ],
];

/** Each rule set, and why it is not plain. */
const otherRules: readonly (readonly [string, string, RegExp])[] = [
  [
    'another store',
    `${account} => issue(store = "SQL", types = ("x"), query = "SELECT 1", param = c.Value);`,
    /attribute store SQL/,
  ],
  [
    'a query by another filter',
    `${account} => issue(store = "Active Directory", types = ("x"), query = "manager={0};mail;{1}", param = c.Value, param = c.Value);`,
    /filter of its own/,
  ],
  [
    'a query about a fixed account',
    `${account} => issue(store = "Active Directory", types = ("x"), query = ";mail;CORP\\svc", param = c.Value);`,
    /something else than the person/,
  ],
  [
    'a query about another value',
    `${account} => issue(store = "Active Directory", types = ("x"), query = ";mail;{0}", param = "CORP\\boss");`,
    /something else than the person/,
  ],
  [
    'more types than attributes',
    `${account} => issue(store = "Active Directory", types = ("x", "y"), query = ";mail;{0}", param = c.Value);`,
    /as many types/,
  ],
  ['a password', ldapRule([['x', 'unicodePwd']]), /holds no password/],
  ['names of groups with their domain', ldapRule([['x', 'tokenGroups(domainQualifiedName)']]), /name of their domain/],
  ['CORP\\ada as it is', `c:[Type == "${types.account}"] => issue(Type = "x", Value = c.Value);`, /NetBIOS/],
  [
    'a claim from nowhere',
    'c:[Type == "y"] => issue(Type = "x", Value = c.Value);',
    /nothing plain says where claims of the type y/,
  ],
  [
    'two conditions',
    `c:[Type == "${types.upn}"] && EXISTS([Type == "${types.groupSid}", Value == "${groupSid}"]) => issue(Type = "x", Value = c.Value);`,
    /several conditions/,
  ],
  [
    'the opposite of a condition',
    `NOT EXISTS([Type == "${types.groupSid}"]) => issue(Type = "x", Value = "a");`,
    /no such claim/,
  ],
  [
    'two values in one',
    `c1:[Type == "${types.upn}"] && c2:[Type == "${types.upn}"] => issue(Type = "x", Value = c1.Value + c2.Value);`,
    /several values/,
  ],
  ['a type that is looked for by a pattern', 'c:[Type =~ "^http"] => issue(claim = c);', /no one type/],
  [
    'claims of another party',
    `c:[Type == "${types.upn}", Issuer == "PARTNER"] => issue(Type = "x", Value = c.Value);`,
    /another party/,
  ],
  ['a pattern with lookahead', fromUpn('RegExReplace(c.Value, "(?=a)b$", "c")'), /looks around/],
  ['a pattern with words of all alphabets', fromUpn('RegExReplace(c.Value, "^\\w+$", "c")'), /something else there/],
  ['a pattern that may fit several times', fromUpn('RegExReplace(c.Value, "a", "b")'), /several times/],
  ['no rule at all', 'hello;', /cannot be read/],
  ['a rule that does not end', 'c:[Type == "', /cannot be read/],
  ['a pattern that fits the end once more', fromUpn('RegExReplace(c.Value, ".*$", "b")'), /several times/],
  [
    'a type of values that no claim has',
    `c:[Type == "${types.upn}", ValueType == "http://www.w3.org/2001/XMLSchema#integer"] => issue(Type = "x", Value = c.Value);`,
    /valuetype/,
  ],
  [
    'what comes of a rule that is not plain',
    `${account} => add(store = "SQL", types = ("y"), query = "SELECT 1", param = c.Value);c:[Type == "y"] => issue(Type = "x", Value = c.Value);`,
    /what a rule that is not plain makes \(rule 1\)/,
  ],
];

describe('claim rules that are plain', () => {
  for (const [name, rules, expected] of plainRules) {
    it(name, () => {
      const draft = only({ IssuanceTransformRules: rules });
      assert.deepEqual(
        draft.attributes.get('x'),
        [expected].flat().map((each) => ({ ...unspecified, ...each })),
      );
      assert.deepEqual(notPlain(draft), []);
    });
  }
});

describe('claim rules that are not', () => {
  for (const [name, rules, because] of otherRules) {
    it(name, () => {
      const draft = only({ IssuanceTransformRules: rules });
      assert.equal(draft.attributes.has('x'), false);
      assert.match(notPlain(draft).join('\n'), because);
      assert.ok(draft.told.some(({ text }) => text !== undefined && rules.includes(text)));
    });
  }
});

describe('regular expressions of .NET', () => {
  const patterns = [
    '^a+$',
    '^(?<n>[ab]+)@(.*)$',
    '@.*$',
    '^(?i)Ab(c|d)$',
    'b(?<z>a*)(b*)$',
    '^x?(?:a|b){1,2}',
    '^[^@]+@',
    '(?<d>[^\\\\]+)\\\\(?<u>.+)',
  ];
  it('fit here what they fit there, and become the same', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', 'B', '@', '\\', 'x'), maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...patterns), text, (written, value) => {
        const translated = translatePattern(written);
        assert.ok(typeof translated !== 'string', written);
        const expected = new RegExp(written.replace('(?i)', ''), written.includes('(?i)') ? 'i' : '');
        const captured = matchPattern(parsePattern(translated.pattern), value);
        assert.equal(captured !== undefined, expected.test(value));
        const made = translateReplacement('<$1>', translated);
        if (captured === undefined || typeof made === 'string') return;
        const becomes = made.becomes.replace(/\$(\d)/g, (_, digit: string) => captured[Number(digit)] ?? '');
        // Groups without a name are numbered first there.
        const named = /\(\?<\w+>/.test(written);
        const numbered = named && /\((?!\?)/.test(written) ? '<$2>' : '<$1>';
        assert.equal(becomes, value.replace(expected, numbered));
      }),
      { numRuns: 300 },
    );
  });

  it('a set of rules is taken apart whatever it is, and loses nothing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', ';', 'a', ' ', '=', '>', '(', ')', '[', ']', ':', 'issue'), maxLength: 60 }),
        (text) => {
          const rules = splitRules(text);
          assert.equal(rules.join('').replaceAll(/\s/g, ''), text.replaceAll(/\s/g, ''));
          const claims = new ClaimSet();
          rules.forEach((rule, index) => claims.apply(rule, index));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the name identifier', () => {
  const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
  const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
  const guid = ldapRule([['guid', 'objectGUID']]).replace('=> issue', '=> add');
  const immutable = { format: 'persistent', offered: [], persistent: 'immutableId' };
  const rows: readonly (readonly [string, string, object, RegExp?])[] = [
    ['the user principal name', nameIdRule(types.upn, emailAddress), { format: 'emailAddress', offered: [] }],
    ['an e-mail address of no format', ldapRule([[types.nameId, 'mail']]), { format: 'emailAddress', offered: [] }],
    ['objectGUID', guid + nameIdRule('guid', persistent), immutable],
    ['objectGUID of no format, as for Microsoft 365', guid + nameIdRule('guid'), immutable],
    ['an address that is called transient', nameIdRule(types.upn, transient), { format: 'emailAddress', offered: [] }],
    ['an account name that is called transient', nameIdRule(types.account, transient), {}, /NetBIOS/],
    ['none', '', { format: 'none', offered: [] }],
    ['the account name', ldapRule([[types.nameId, 'sAMAccountName']]), {}, /made of sAMAccountName/],
    [
      'a persistent one of another attribute',
      ldapRule([['e', 'employeeID']]) + nameIdRule('e', persistent),
      {},
      /know nobody again/,
    ],
    [
      'one that a store keeps',
      `c:[Type == "${types.nameId}"] => issue(store = "_OpaqueIdStore", types = ("${types.nameId}"), query = "{0}", param = c.Value);`,
      {},
      /not plain/,
    ],
    [
      'an address of those alone that fit',
      `c:[Type == "${types.upn}", Value =~ "@example\\.com$"] => issue(Type = "${types.nameId}", Value = c.Value);`,
      {},
      /some values alone/,
    ],
    [
      'an address under another domain',
      `c:[Type == "${types.upn}"] => issue(Type = "${types.nameId}", Value = RegExReplace(c.Value, "@.*$", "@example.org"));`,
      {},
      /rewritten on the way/,
    ],
    [
      'objectGUID of some alone',
      `${guid}c:[Type == "guid", Value =~ "^A"] => issue(Type = "${types.nameId}", Value = c.Value);`,
      {},
      /some values alone/,
    ],
    [
      'one that comes by way of a rule that is not plain',
      `${guid}${ldapRule([['name', 'mail']]).replace('=> issue', '=> add')}NOT EXISTS([Type == "y"]) => add(Type = "name", Value = "boss@example.com");${nameIdRule('name')}`,
      {},
      /not plain makes/,
    ],
    [
      'one that is passed on with all other claims',
      `${ldapRule([[types.nameId, 'mail']]).replace('=> issue', '=> add')}c:[] => issue(claim = c);`,
      {},
      /not plain \(rule 2\)/,
    ],
    [
      'one behind three hundred rules',
      '=> issue(Type = "y", Value = "a");'.repeat(300) + nameIdRule(types.upn),
      {},
      /the first 300/,
    ],
    ['two that differ', nameIdRule(types.upn) + ldapRule([[types.nameId, 'objectGUID']]), {}, /several rules/],
  ];
  for (const [name, rules, expected, held] of rows) {
    it(name, () => {
      const draft = only({ IssuanceTransformRules: rules });
      assert.deepEqual(draft.nameId, expected);
      if (held === undefined) assert.deepEqual(draft.heldByName, []);
      else assert.match(draft.heldByName.join('\n'), held);
    });
  }
});

describe('who is let in', () => {
  const permit = (condition: string): string =>
    `${condition} => issue(Type = "${types.permit}", Value = "PermitUsersWithClaim");`;
  const deny = (condition: string): string => `${condition} => issue(Type = "${types.deny}", Value = "DenyUsersWithClaim");`;
  const inGroup = (sid: string): string => `EXISTS([Type == "${types.groupSid}", Value == "${sid}", Issuer == "AD AUTHORITY"])`;
  const rules = (text: string): object => ({ AccessControlPolicyName: null, IssuanceAuthorizationRules: text });
  const policy = (name: string, parameters: unknown = null): object => ({
    AccessControlPolicyName: name,
    AccessControlPolicyParameters: parameters,
  });
  const plain: readonly (readonly [string, object, object | undefined])[] = [
    ['everybody, by rule', rules(permitAll), undefined],
    ['everybody, by policy', policy('Permit everyone'), undefined],
    ['a group', rules(permit(inGroup(groupSid))), { groups: [groupSid] }],
    [
      'a group, as older wizards write it',
      rules(permit(`c:[Type == "${types.groupSid}", Value =~ "^(?i)${groupSid}$"]`)),
      { groups: [groupSid] },
    ],
    ['two groups', rules(permit(inGroup(groupSid)) + permit(inGroup(other))), { groups: [groupSid, other] }],
    ['everybody but a group', rules(permitAll + deny(inGroup(other))), { except: [other] }],
    ['a group by policy and SID', policy('Permit specific group', { GroupParameter: [groupSid] }), { groups: [groupSid] }],
  ];
  for (const [name, changes, expected] of plain) {
    it(name, () => {
      const draft = only(changes);
      assert.deepEqual([draft.access, draft.held], [expected, []]);
    });
  }

  const held: readonly (readonly [string, object, RegExp])[] = [
    ['nobody, by no rule at all', rules(''), /nobody was let in/],
    ['nobody but the denied', rules(deny(inGroup(groupSid))), /let nobody in/],
    ['members of two groups at once', rules(permit(`${inGroup(groupSid)} && ${inGroup(other)}`)), /rule 1 is neither/],
    ['whoever is in no group', rules(permit(`NOT ${inGroup(groupSid)}`)), /rule 1 is neither/],
    [
      'a group, and a denial by the network',
      rules(
        permit(inGroup(groupSid)) +
          deny('EXISTS([Type == "http://schemas.microsoft.com/2012/01/requestcontext/claims/x-ms-proxy"])'),
      ),
      /rule 2 is neither/,
    ],
    [
      'a claim that a rule before has added',
      rules(`=> add(Type = "a", Value = "b");${permit('EXISTS([Type == "a"])')}`),
      /rule 1 is neither/,
    ],
    ['a group of another party', rules(permit(inGroup(groupSid).replace('AD AUTHORITY', 'PARTNER'))), /rule 1 is neither/],
    ['what cannot be read', rules(`${permitAll}no rule`), /rule 2 is neither/],
    [
      'a group of this server’s own',
      rules(permit(inGroup(groupSid).replace('AD AUTHORITY', 'LOCAL AUTHORITY'))),
      /rule 1 is neither/,
    ],
    [
      'a group as a number',
      rules(permit(inGroup(groupSid).replace('Issuer', 'ValueType == "http://www.w3.org/2001/XMLSchema#integer", Issuer'))),
      /rule 1 is neither/,
    ],
    ['a group that nobody is in, by its case', rules(permit(inGroup(groupSid.toLowerCase()))), /rule 1 is neither/],
    [
      'two groups by one pattern',
      rules(permit(`c:[Type == "${types.groupSid}", Value =~ "^(?i)${groupSid}|${other}$"]`)),
      /rule 1 is neither/,
    ],
    ['members of so many groups', rules(permit(`COUNT([Type == "${types.groupSid}"]) >= 2`)), /rule 1 is neither/],
    [
      'a policy, and rules that are no text',
      { ...policy('Permit everyone'), IssuanceAuthorizationRules: { value: deny(inGroup(other)), Count: 1 } },
      /no text/,
    ],
    ['a further factor, in a list', { AdditionalAuthenticationRules: ['=> issue(Type = "a", Value = "b");'] }, /no text/],
    ['sent what is encrypted, by a certificate as a mere name', { EncryptionCertificate: '[Subject] CN=sp' }, /sent encrypted/],
    ['a policy by network', policy('Permit everyone for intranet access'), /intranet/],
    ['a policy of one’s own', policy('Permit everyone '.repeat(2)), /no like here/],
    ['a group by its name', policy('Permit specific group', { GroupParameter: ['CORP\\Finance'] }), /by SID/],
    ['a further factor', { AdditionalAuthenticationRules: '=> issue(Type = "a", Value = "b");' }, /further factor/],
    ['another claims provider', { ClaimsProviderName: ['Partner'] }, /another claims provider/],
    [
      'certain ways of signing in',
      { AllowedAuthenticationClassReferences: ['urn:oasis:names:tc:SAML:2.0:ac:classes:X509'] },
      /ways of signing in/,
    ],
    ['what neither rule nor policy says alone', { IssuanceAuthorizationRules: permitAll }, /which of them held/],
    ['nobody, being switched off', { Enabled: false }, /switched off/],
    ['whoever signs requests, without a certificate', { SignedSamlRequestsRequired: true }, /no certificate/],
  ];
  for (const [name, changes, because] of held) {
    it(`is held where it was ${name}`, () => {
      assert.match(only(changes).held.join('\n'), because);
    });
  }
});

describe('a file that is made to break', () => {
  it('nests too deeply', () => {
    const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const written = JSON.stringify(trust({ SamlEndpoints: ['HERE'] })).replace('"HERE"', deep);
    assert.throws(() => readAdfs(written, now), /nests too deeply/);
    // What stands in a text is a text.
    assert.equal(read(trust({ Name: `\\"${'['.repeat(1_000)}` })).drafts.length, 1);
  });

  it('has rules that are no text', () => {
    const draft = only({ IssuanceTransformRules: { value: nameIdRule(types.upn), Count: 1 } });
    assert.match(draft.heldByName.join(), /no text/);
  });
});

describe('the rest of a trust', () => {
  it('certificates, as text, as bytes and as Windows PowerShell may write bytes', async () => {
    const { raw } = new X509Certificate((await takeKey('partner')).certificate);
    const bytes = [...raw];
    for (const written of [
      { RawData: bytes },
      { RawData: { value: bytes, Count: bytes.length } },
      { RawData: raw.toString('base64') },
      raw.toString('base64'),
    ]) {
      const draft = only({
        EncryptionCertificate: written,
        RequestSigningCertificate: { value: [written], Count: 1 },
        SignedSamlRequestsRequired: true,
      });
      const base64 = raw.toString('base64');
      assert.deepEqual(
        [draft.metadata.encryption, draft.metadata.signing, draft.metadata.authnRequestsSigned],
        [[base64], [base64], true],
      );
      assert.deepEqual([draft.encrypt, draft.held], ['assertion', []]);
    }
    const draft = only({ EncryptionCertificate: { RawData: [1, 2, 3] }, RequestSigningCertificate: ['System.Security…'] });
    assert.equal(draft.encrypt, undefined);
    assert.match(notPlain(draft).join(), /cannot be read/);
  });

  it('each identifier is a service provider, with all endpoints', () => {
    const { drafts } = read(
      trust({
        Identifier: ['urn:a', 'urn:b'],
        SamlEndpoints: [
          acsAt('https://a.example/acs'),
          acsAt('https://a.example/artifact', { Binding: 'Artifact', BindingUri: null, Index: 1 }),
          logoutAt('https://a.example/out', { ResponseLocation: { OriginalString: 'https://a.example/done' } }),
        ],
        SamlResponseSignature: 'MessageAndAssertion',
      }),
    );
    assert.deepEqual(
      drafts.map(({ entityId }) => entityId),
      ['urn:a', 'urn:b'],
    );
    const [first] = drafts;
    assert.equal(first?.sign, 'both');
    assert.deepEqual(
      first.metadata.assertionConsumerServices.map(({ location, binding, index }) => [
        location,
        binding.replace(/.*:/, ''),
        index,
      ]),
      [
        ['https://a.example/acs', 'HTTP-POST', 0],
        ['https://a.example/artifact', 'HTTP-Artifact', 1],
      ],
    );
    assert.deepEqual(
      first.metadata.singleLogoutServices.map(({ responseLocation }) => responseLocation),
      ['https://a.example/done'],
    );
  });

  const leftOut: readonly (readonly [string, object, RegExp])[] = [
    ['WS-Federation alone', { ProtocolProfile: 'WsFederation' }, /WS-Federation/],
    ['no endpoint', { SamlEndpoints: [] }, /no SAML endpoint/],
    ['too shallow an export', { SamlEndpoints: ['Microsoft.IdentityServer.Management.Resources.SamlEndpoint'] }, /-Depth 6/],
    ['no identifier', { Identifier: [] }, /no Identifier/],
  ];
  for (const [name, changes, because] of leftOut) {
    it(`is left out for ${name}`, () => {
      const found = read(trust(changes));
      assert.equal(found.drafts.length, 0);
      assert.match(found.leftOut[0]?.because ?? '', because);
    });
  }

  it('what stays behind is told', () => {
    const draft = only({
      NotBeforeSkew: 5,
      TokenLifetime: 480,
      AlwaysRequireAuthentication: true,
      WSFedEndpoint: 'https://wiki.example.com/',
      MetadataUrl: 'https://wiki.example.com/metadata',
      MonitoringEnabled: true,
      EncryptedNameIdRequired: true,
      SignatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    });
    const about = draft.told.map((each) => each.about);
    for (const name of [
      'NotBeforeSkew',
      'TokenLifetime',
      'AlwaysRequireAuthentication',
      'WSFedEndpoint',
      'MetadataUrl',
      'EncryptedNameIdRequired',
      'SignatureAlgorithm',
    ]) {
      assert.ok(about.includes(name), name);
    }
  });

  it('one trust by itself, and a file that holds none', () => {
    assert.equal(readAdfs(JSON.stringify(trust()), now).drafts.length, 1);
    assert.equal(readAdfs(JSON.stringify({ value: [trust(), trust()], Count: 2 }), now).drafts.length, 2);
    for (const text of ['', '[]', '{}', '1', 'null', '<xml/>']) assert.throws(() => readAdfs(text, now), ImportMistake);
  });
});
