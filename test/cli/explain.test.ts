/** `passerelle explain`: whatever becomes of a sign-in, its reference tells why, step by step, and what to do about it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { newReference } from '../../src/audit/reference.ts';
import { advise, anchorOf } from '../../src/cli/explain-advice.ts';
import { readReference } from '../../src/cli/explain-reference.ts';
import { describeStep } from '../../src/cli/explain-steps.ts';
import { openAudit } from '../../src/audit/open-audit.ts';
import { startDemo } from '../../src/demo/demo.ts';
import { demoAudit } from '../../src/demo/demo-configuration.ts';
import { refusals, type Reason } from '../../src/refusal.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { giveApps } from '../fixtures/enrolled.ts';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { freePort } from '../fixtures/free-port.ts';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { signInAt, sloService } from '../fixtures/logout-journey.ts';
import { envelope, httpArtifact, soapPost } from '../fixtures/soap-client.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { samba } from '../testbed/samba.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { run, type Told } from './scripted-io.ts';

const password = 'Passw0rd!';
const wrong = `Wrong-${randomBytes(6).toString('hex')}`;
const closed = 'https://accounts.google.com/samlrp/04closed';
const closedAcs = 'https://accounts.google.com/samlrp/04closed/acs';
const signer = new ForeignServiceProvider(await makeCredential(), 'https://signer.example.net');
const keeper = new ForeignServiceProvider(await makeCredential(), 'https://keeper.example.net');
const keeperAcs = `<md:AssertionConsumerService index="0" Binding="${httpArtifact}" Location="${keeper.acs}"/>`;
const slo = sloService('redirect', 'https://signer.example.net/slo');
const folder = mkdtempSync(join(tmpdir(), 'passerelle-explain-'));
const opened: House[] = [];

let server: DirectoryServer;
let house: House;
let small: House;
let cutOff: House;

async function open(options: Parameters<typeof openHouse>[0]): Promise<House> {
  const made = await openHouse({ journal: true, ...options });
  opened.push(made);
  return made;
}

before(async () => {
  server = await samba();
  house = await open({
    directory: server,
    config: {
      serviceProviders: [
        { kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google', attributes: { mail: 'mail' } },
        { kind: 'google-profile', entityId: closed, acsUrl: closedAcs, name: 'Closed' },
      ],
      policy: [
        { name: 'far away', when: { networks: ['203.0.113.0/24'] }, refuse: true },
        { name: 'nobody there', when: { serviceProviders: [closed] }, refuse: true },
      ],
    },
    metadata: [
      { xml: signer.metadata({ role: { AuthnRequestsSigned: 'true' }, endpoints: slo }), name: 'Signer' },
      { xml: keeper.metadata({ assertionConsumerServices: keeperAcs }), name: 'Keeper' },
    ],
  });
  small = await open({
    config: {
      policy: [{ name: 'two', require: [['password'], ['totp']] }],
      throttle: { floor: '1ms', attemptsPerAccount: 1 },
      audit: { trail: 'none' },
    },
  });
  cutOff = await open({ ldap: { urls: [`ldap://127.0.0.1:${String(await freePort())}`] } });
});
after(async () => {
  for (const each of opened) await each.close();
  rmSync(folder, { recursive: true });
});

const configurationOf = (at: House, audit = ''): string => {
  const file = join(folder, `${randomBytes(4).toString('hex')}.yaml`);
  writeFileSync(
    file,
    `publicUrl: https://sso.example.com
directory: { urls: [ldaps://dc1.corp.example.com], baseDn: "DC=corp,DC=example,DC=com", bindDn: service, password: none }
mapping: { domains: { primary: example.com } }
store: { file: ${at.configuration.store.file} }
${audit}
`,
  );
  return file;
};
async function explain(at: House, reference: string, ...more: string[]): Promise<Told> {
  await at.kept();
  const clock = { now: () => at.now(), until: () => Promise.resolve() };
  return run(['explain', reference, '--config', configurationOf(at), ...more], { folder, clock, random: randomBytes });
}
/** Of the page, or of the Response that it posts. */
function referenceOf(page: Page): string {
  const { SAMLResponse = '' } = page.form?.fields ?? {};
  const id = /<samlp:Response[^>]* ID="_([0-9A-Z-]+)-/.exec(Buffer.from(SAMLResponse, 'base64').toString())?.[1];
  return page.reference ?? id ?? assert.fail(`no reference: ${page.body.slice(0, 2000)}`);
}
const nothing = {
  name: undefined,
  distinguishedName: undefined,
  serviceProvider: undefined,
  remoteAddress: undefined,
  detail: {},
};
const decided = ({ out }: Told): string => out.split('\n').find((line) => line.startsWith('»  ')) ?? '';

interface Row {
  readonly what: string;
  readonly happen: () => Promise<{ readonly page: Page; readonly at: House }>;
  readonly headline: RegExp;
  /** The step that is marked. */
  readonly decides: RegExp;
  readonly tells: readonly RegExp[];
}

const arriving =
  (options: Parameters<Visitor['arrive']>[0]): Row['happen'] =>
  async () => ({ page: await new Visitor(house.url).arrive(options), at: house });
const signingIn =
  (name: string, typed = password): Row['happen'] =>
  async () => ({ page: await new Visitor(house.url).signIn(name, typed), at: house });
const asksSigner = () => ({ attributes: { Destination: `${house.url}/saml/sso`, AssertionConsumerServiceURL: undefined } });

const rows: readonly Row[] = [
  {
    what: 'a wrong password and then the right one',
    async happen() {
      const visitor = new Visitor(house.url);
      const refused = await visitor.signIn('alice', wrong);
      const told = await explain(house, referenceOf(refused));
      assert.match(told.out, /^\S+\nRefused: password-wrong\. alice \(CN=alice,OU=Engineering/);
      assert.match(
        decided(told),
        /Bind at \S+ as CN=alice,.*LDAP code 49: .*invalidCredentials.*data 52e: the password is wrong/,
      );
      assert.match(told.out, /- Have the person type the password again/);
      return { page: await visitor.fill(refused, 'alice', password), at: house };
    },
    headline:
      /^Signed in: alice \(CN=alice,.*\) at “Google” \(https:.*, from 127\.0\.0\.1\. Before that was refused: password-wrong\./,
    decides: /The Response _\S+ went to https:\S+ by HTTP-POST: Success/,
    tells: [
      /A message came by HTTP-Redirect: AuthnRequest _\w+ of https:\/\/accounts/,
      /\| <samlp:AuthnRequest .*\n.*\|   <saml:Issuer>https/,
      /is “Google”: decided by what the configuration says of it; its settings stand at serviceProviders\.0/,
      /The answer will go to https:\S+ by HTTP-POST, since the request names its URL/,
      /failures count for the network 127\.0\.0\.1/,
      /found by the name “alice” \(account name\): CN=alice/,
      /objectGUID [0-9a-f-]{36}, domain corp\.example\.com, told by/,
      /Bind at \S+ as svc-ldap|Search at \S+ for \(sAMAccountName=alice\): 1 found, LDAP code 0/,
      /\[\d+(\.\d)? m?s\]/,
      /✗ far away: networks no/,
      /The address is alice\.liddell@example\.com, made of userPrincipalName/,
      /✓ mail \(serviceProviders\): 1 value/,
      /It was signed with the key \d{4}-\S+ by rsa-sha256/,
      /NameID “alice\.liddell@example\.com”, emailAddress/,
      /What went out/,
    ],
  },
  {
    what: 'single sign-on',
    async happen() {
      const visitor = new Visitor(house.url);
      responseOf(await visitor.signIn('bob', password));
      return { page: await visitor.arrive(), at: house };
    },
    headline: /^Signed in: \S*bob\S* /,
    decides: /Success/,
    tells: [
      /The browser has a session of [0-9a-f-]{36}/,
      /password, proven .* UTC: counts\./,
      /Nothing is missing: password will do/,
    ],
  },
  {
    what: 'evidence that does not count any more',
    async happen() {
      const visitor = new Visitor(house.url);
      responseOf(await visitor.signIn('bob', password));
      return { page: await visitor.arrive({ attributes: { ForceAuthn: 'true', IsPassive: 'true' } }), at: house };
    },
    headline: /^Refused: passive-impossible\./,
    decides: /It cannot go on: passive-impossible/,
    tells: [
      /It asks that the person prove anew who they are \(ForceAuthn\), that nobody be asked anything \(IsPassive\)/,
      /does not count, since the request wants it anew/,
    ],
  },
  {
    what: 'nobody of that name',
    happen: signingIn('nobody-at-all', wrong),
    headline: /^Refused: person-unknown\. nobody-at-all at “Google”/,
    decides: /looked for by the name “nobody-at-all” \(account name\), and not found: person-unknown/,
    tells: [/password of nobody, so that it takes as long/, /- Ask the person to type the name/],
  },
  {
    what: 'a disabled account',
    happen: signingIn('disabled'),
    headline: /^Refused: person-disabled\. disabled \(CN=disabled/,
    decides: /Bind at .* as CN=disabled.*data 533: the account is disabled/,
    tells: [/- Enable CN=disabled/],
  },
  {
    what: 'a locked account',
    happen: signingIn('locked'),
    headline: /^Refused: person-locked/,
    decides: /Bind at .* as CN=locked.*data 775: the account is locked out/,
    tells: [/- Unlock CN=locked/, /passerelle throttle show locked/],
  },
  {
    what: 'a rule that refuses',
    happen: arriving({ issuer: closed, attributes: { AssertionConsumerServiceURL: closedAcs } }),
    headline: /^Refused: policy-refused\. Somebody at “Closed”/,
    decides: /The rules of the policy, down to the first that holds/,
    tells: [/✗ far away: networks no/, /✓ nobody there: serviceProviders yes/, /Look at the rule “nobody there”/],
  },
  {
    what: 'an address outside the domains',
    happen: signingIn('outsider@elsewhere.net'),
    headline: /^Refused: address-not-in-domains\./,
    decides: /No address can be made of it: elsewhere\.net is no primary, secondary or alias domain/,
    tells: [/userPrincipalName is “outsider@elsewhere\.net”/, /passerelle whatif outsider@elsewhere\.net --sp https/],
  },
  {
    what: 'a request that must be signed',
    async happen() {
      const query = signer.redirectQuery(signer.authnRequest(undefined, asksSigner()), { sign: false });
      return { page: await new Visitor(house.url).visit(`/saml/sso?${query}`), at: house };
    },
    headline: /^Refused: signature-missing\. Somebody at “Signer”/,
    decides: /The message is not signed\./,
    tells: [/its metadata in \S+service-provider-0\.xml, read or confirmed .* UTC; its settings stand at serviceProviders\.2/],
  },
  {
    what: 'a signature that is good',
    async happen() {
      const visitor = new Visitor(house.url);
      const query = signer.redirectQuery(signer.authnRequest(`${house.url}/saml/sso`, asksSigner()));
      const page = await visitor.visit(`/saml/sso?${query}`);
      return { page: await visitor.fill(page, 'carol', password), at: house };
    },
    headline: /^Signed in: carol .* at “Signer”/,
    decides: /Success/,
    tells: [
      /It bears a signature by rsa-sha256/,
      /The signature is good: it is by key 1 of 1 of the service provider, SHA-256 [0-9a-f]{64}/,
    ],
  },
  {
    what: 'a stale request',
    happen: arriving({ issueInstant: Date.parse('2020-01-01T00:00:00Z') }),
    headline: /^Refused: request-stale\. Somebody at “Google”/,
    decides: /AuthnRequest _\w+ of .*, made at 2020-01-01T00:00:00\.000Z/,
    tells: [/differ by \d+ days/],
  },
  {
    what: 'an endpoint that is not registered',
    happen: arriving({ attributes: { AssertionConsumerServiceURL: 'https://elsewhere.example/acs' } }),
    headline: /^Refused: acs-not-registered\./,
    decides: /AuthnRequest/,
    tells: [
      /It asks for the answer at https:\/\/elsewhere\.example\/acs/,
      /Compare https:\/\/elsewhere\.example\/acs with what is registered/,
    ],
  },
  {
    what: 'what cannot be decoded',
    happen: async () => ({ page: await new Visitor(house.url).visit('/saml/sso?SAMLRequest=AAAA&RelayState=xyz'), at: house }),
    headline: /^Refused: request-not-deflated\. Somebody at no service provider that is known/,
    decides: /What came by HTTP-Redirect, 4 characters, was not taken for a message/,
    tells: [/raw DEFLATE/],
  },
  {
    what: 'a service provider that nobody knows',
    happen: arriving({ issuer: 'https://stranger.example/\u202Emetadata' }),
    headline: /^Refused: service-provider-unknown\. Somebody at https:\/\/stranger\.example/,
    decides: /No service provider is known as https:\/\/stranger\.example/,
    tells: [/Add https:\/\/stranger/],
  },
  {
    what: 'a directory that does not answer',
    happen: async () => ({ page: await new Visitor(cutOff.url).signIn('alice', password), at: cutOff }),
    headline: /^Refused: directory-unavailable\. alice at/,
    decides: /Connection to 127\.0\.0\.1:\d+ without TLS, in vain: nothing listens there \(ECONNREFUSED\)/,
    tells: [/passerelle doctor/],
  },
];

describe('passerelle explain', () => {
  for (const { what, happen, headline, decides, tells } of rows) {
    it(`tells of ${what}`, async () => {
      const { page, at } = await happen();
      const reference = referenceOf(page);
      const told = await explain(at, reference);
      assert.equal(told.code, 0, told.err);
      const [first, second = ''] = told.out.split('\n');
      assert.equal(first, reference);
      assert.match(second, headline, told.out);
      assert.match(decided(told), decides, told.out);
      for (const pattern of tells) assert.match(told.out, pattern, told.out);
      assert.doesNotMatch(told.out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
      for (const secret of [password, wrong]) assert.ok(!told.out.includes(secret), 'a password is told');
      const json = await explain(at, reference, '--json');
      const parsed = JSON.parse(json.out) as {
        reference: string;
        exchanges: { steps: { decisive: boolean }[] }[];
        advice: string[];
      };
      assert.equal(parsed.reference, reference);
      assert.equal(parsed.exchanges.flatMap(({ steps }) => steps).filter(({ decisive }) => decisive).length, 1);
      assert.ok(!json.out.includes(password) && !json.out.includes(wrong));
    });
  }

  it('tells by events alone where no steps are kept, of factors and of the throttle', async () => {
    const apps = await giveApps(small, ['alice']);
    const visitor = new Visitor(small.url);
    const asked = await visitor.signIn('alice', password);
    const page = await visitor.post('/signin/totp', { signin: asked.form?.fields.signin ?? '', code: '000000' });
    assert.notEqual(apps.alice.code(), '000000');
    const told = await explain(small, referenceOf(page));
    assert.match(told.out, /Refused: code-wrong\. alice/);
    assert.match(told.out, /password\.accepted: The directory took a password/);
    assert.match(told.out, /look at the clock of the device/);
    const yaml = configurationOf(small, 'audit: { trail: none }');
    const without = await run(['explain', referenceOf(page), '-c', yaml], { folder, random: randomBytes });
    assert.match(without.out, /No steps are kept \(audit\.trail: none\)/);
    await new Visitor(small.url).signIn('bob', wrong);
    const again = await explain(small, referenceOf(await new Visitor(small.url).signIn('bob', wrong)));
    assert.match(again.out, /Refused: attempts-exhausted\. bob/);
    assert.match(again.out, /passerelle throttle clear bob/);
  });

  it('says of steps that are forgotten that they are', async () => {
    const reference = newReference(randomBytes);
    const clock = { now: () => small.now(), until: () => Promise.resolve() };
    const store = await createSqliteStore({ file: small.configuration.store.file, clock });
    const at = small.now() - 20 * 86_400_000;
    const text = JSON.stringify({ event: 'signin.refused', reference, reason: 'no-mail', name: 'a\u001B[31mb', detail: {} });
    const none = { person: undefined, serviceProvider: undefined };
    await store.journal.append([{ at, event: 'signin.refused', reference, ...none, text, expiresAt: small.now() + 60_000 }]);
    await store.close();
    const told = await explain(small, reference);
    assert.match(told.out, /The steps were kept for 14 days \(audit\.trail\) and are forgotten/);
    assert.match(told.out, /Refused: no-mail/);
    assert.ok(!told.out.includes('\u001B'), 'text of strangers acts');
  });

  it('has one reference for an artifact and for the sign-in that it stands for', async () => {
    const visitor = new Visitor(house.url);
    const query = keeper.redirectQuery(
      keeper.authnRequest(undefined, { attributes: { AssertionConsumerServiceURL: undefined } }),
      {
        sign: false,
      },
    );
    const page = await visitor.fill(await visitor.visit(`/saml/sso?${query}`), 'dave', password);
    const artifact = page.form?.fields.SAMLart ?? assert.fail(page.body.slice(0, 1000));
    const resolve = keeper.sign(keeper.artifactResolve(`${house.url}/saml/artifact`, artifact));
    const answer = await soapPost(`${house.url}/saml/artifact`, envelope(resolve));
    assert.equal(answer.status, 200);
    const reference = house.events.findLast(({ event }) => event === 'signin.issued')?.reference ?? '';
    assert.equal(house.events.findLast(({ event }) => event === 'artifact.resolved')?.reference, reference);
    const told = await explain(house, reference);
    assert.match(told.out, /POST \/saml\/artifact.*answered 200/);
    assert.match(told.out, /The service provider asked for its artifact: the Response was handed over/);
    assert.ok(!told.out.includes(artifact), 'an artifact is told');
  });

  it('has one reference for all of a sign-out', async () => {
    const visitor = new Visitor(house.url);
    await signInAt(visitor, signer, { name: 'carol', password });
    const page = await visitor.visit('/signout');
    const id = new URL(page.url).searchParams.get('id') ?? assert.fail(page.body.slice(0, 1000));
    await visitor.post('/signout/progress', { id, at: '0' });
    const [ended, partial] = ['session.ended', 'logout.partial'].map((name) =>
      house.events.findLast(({ event }) => event === name),
    );
    assert.equal(ended?.reference, partial?.reference);
    const told = await explain(house, partial?.reference ?? '');
    assert.match(told.out, /^\S+\nSigned out: /);
    for (const path of ['GET /signout,', 'GET /signout/progress,', 'POST /signout/progress,'])
      assert.ok(told.out.includes(path), path);
    assert.match(told.out, /https:\/\/signer\.example\.net\S*: failed, no answer/);
  });

  it('names commands as they are typed, with the configuration that was given', () => {
    const known = { ...nothing, name: "o'neil $(x)", config: 'data/demo.yaml', serviceProvider: 'https://sp.example/x' };
    const told = advise('address-not-in-domains', { ...known, remoteAddress: '::1' }).join('\n');
    const whole = `passerelle whatif 'o'\\''neil $(x)' --sp https://sp.example/x --network ::1 --config data/demo.yaml`;
    assert.ok(told.includes(whole), told);
    const hours = advise('logon-hours', known).join('\n');
    assert.match(hours, /Widen the logon hours/);
    assert.doesNotMatch(hours, /unlock/);
    assert.match(advise('logon-hours', { ...known, detail: { until: '2026-01-05T07:00:00Z' } }).join(), /Wait until 2026-01-05/);
    assert.match(advise('request-invalid', { ...known, detail: { why: 'it is so.' } }).join(), /What it was here: it is so\./);
    assert.match(
      advise('directory-unavailable', { ...known, detail: { server: 'dc1:636', cause: 'ECONNREFUSED' } }).join(),
      /dc1:636: nothing listens there/,
    );
    for (const reason of ['binding-unsupported', 'signing-unavailable'] as const)
      assert.doesNotMatch(anchorOf(reason), /account|mapping/);
    assert.equal(anchorOf('password-unusable'), 'when-an-account-may-not-be-used');
  });

  it('tells of what failed that it failed', () => {
    const sign = describeStep('sign', { key: 'k', algorithm: 'rsa-sha256', error: 'signing-unavailable' }).text;
    assert.match(sign, /in vain: signing-unavailable/);
    assert.doesNotMatch(sign, /was signed/);
    const person = { by: 'name', name: 'ada', form: 'account name' };
    assert.match(describeStep('person', { ...person, error: 'person-unknown' }).text, /and not found: person-unknown/);
    assert.doesNotMatch(describeStep('person', { ...person, error: 'directory-unavailable' }).text, /not found:/);
    const factor = { of: 'person', authenticator: 'totp', failures: 1, limit: 4, atControllers: 0 };
    assert.deepEqual(describeStep('throttle', factor).more, []);
    assert.equal(
      describeStep('ldap.bind', { server: 's', dn: 'd', error: 'no answer within 5 ms' }).text,
      'Bind at s as d: no answer within 5 ms.',
    );
  });

  it('says in one sentence that nothing is known of a reference', async () => {
    const told = await explain(house, 'ZZZZ-ZZZZZZ');
    assert.equal(told.code, 1);
    assert.match(
      told.err,
      /^Nothing is known of ZZZZ-ZZZZZZ: it was mistyped, .* more than 90 days ago \(audit\.retention\)\.\n$/,
    );
    const typo = await explain(house, 'what?');
    assert.equal(typo.code, 2);
    assert.match(typo.err, /is no reference: they look like 7K3F-9QXM2C/);
  });
});

describe('the demo', () => {
  it('is explained by the command that it prints', async () => {
    const place = mkdtempSync(join(tmpdir(), 'passerelle-explain-demo-'));
    const clock = { now: Date.now, until: () => Promise.resolve() };
    const log = { write: () => undefined, flush: () => Promise.resolve(), lost: 0 };
    const kept = await openAudit(demoAudit(), { role: 'alone', process: 'demo', log, clock, random: randomBytes });
    const demo = await startDemo({
      ...{ port: 0, serviceProviderPort: 0, folder: place, audit: kept.audit, journal: kept.journal, clock, random: randomBytes },
    });
    try {
      const { headers } = await fetch(`${demo.openUrl}signin/profile`, { redirect: 'manual' });
      const location = new URL(headers.get('location') ?? '');
      const visitor = new Visitor(location.origin);
      const page = await visitor.fill(await visitor.visit(location.pathname + location.search), 'pia', demo.password);
      await kept.journal?.flush();
      const told = await run(['explain', page.reference ?? '', '--config', demo.configurationFile], { folder: place, clock });
      assert.match(told.out, /Refused: address-not-in-domains\. pia .* at “Demo \(SSO profile\)”/, told.err);
      assert.ok(!told.out.includes(demo.password));
    } finally {
      await demo.close();
      await kept.close();
      rmSync(place, { recursive: true });
    }
  });
});

describe('a reference', () => {
  it('is read in whichever way people bring it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 10, maxLength: 10 }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('', ' ', '"'),
        (bytes, isLower, hasHyphen, around) => {
          const reference = newReference(() => Buffer.from(bytes));
          const text = hasHyphen ? reference : reference.replace('-', '');
          const typed = (isLower ? text.toLowerCase() : text).replace('0', 'o').replace('1', 'l');
          assert.equal(readReference(around + typed + around), reference);
          assert.equal(readReference(`_${reference}-0123456789abcdef`), reference);
        },
      ),
      { numRuns: 200 },
    );
    for (const none of ['', 'hello', '7K3F-9QXM2', '7K3F9QXM2CC', '_7K3F-9QXM2C-'])
      assert.equal(readReference(none), undefined, none);
  });
});

describe('what to do', () => {
  const reasons = Object.keys(refusals) as Reason[];
  const guide = readFileSync(new URL('../../docs/administrator.md', import.meta.url), 'utf8');
  const anchors = new Set(
    [...guide.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  for (const reason of reasons) {
    it(`is said of ${reason}`, () => {
      const [hint, ...more] = advise(reason, nothing);
      assert.equal(hint, refusals[reason].hint);
      assert.ok(
        more.every((line) => !line.includes('undefined') && !line.includes('[object')),
        more.join('\n'),
      );
      assert.ok(anchors.has(anchorOf(reason)), anchorOf(reason));
    });
  }
});

describe('the words of a step', () => {
  it('are found for whatever stands in its detail', () => {
    const names = [
      'request',
      'service-provider',
      'signature',
      'return-address',
      'throttle',
      'person',
      'ldap.connect',
      'ldap.bind',
      'ldap.search',
      'ldap.modify',
      'ldap.extended',
      'authenticator',
      'session',
      'policy',
      'next-step',
      'mapping',
      'access',
      'release',
      'sign',
      'logout',
      'answer',
      'refusal',
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.dictionary(fc.string(), fc.jsonValue()), (name, detail) => {
        assert.equal(typeof describeStep(name, detail).text, 'string');
      }),
      { numRuns: 300 },
    );
  });
});
