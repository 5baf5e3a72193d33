/** Shows that the judge of this suite refuses what it should: each flaw in a Response that is signed all the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { responseOf } from '../fixtures/visitor.ts';
import { type Outcome, signIn } from './exchange.ts';
import { judge, judgeFailure } from './judge.ts';
import { at, plain } from './partners.ts';
import { credential, stage, type Stage } from './stage.ts';

let partner: ForeignServiceProvider;
const open = stage(async () => {
  partner = at('sp', await credential());
  return { metadata: [plain(partner)] };
});

const stripped = (xml: string): string => xml.replace(/<ds:Signature .*?<\/ds:Signature>/gs, '');
const past = new Date(Date.now() - 3_600_000).toISOString();

/** The Response again, changed, and signed by a forger whose key the judge is told to trust. */
async function forged(change: (xml: string) => string, signed = true): Promise<{ set: Stage; outcome: Outcome }> {
  const real = await open();
  const outcome = await signIn(real, partner, { relayState: 'r' });
  const key = await credential('forger');
  const xml = change(stripped(responseOf(outcome.page).xml));
  const SAMLResponse = Buffer.from(signed ? new ForeignServiceProvider(key).sign(xml) : xml).toString('base64');
  const form = { action: outcome.page.form?.action ?? '', fields: { ...outcome.page.form?.fields, SAMLResponse } };
  return {
    set: { ...real, provider: { ...real.provider, certificates: [key.certificate] } },
    outcome: { ...outcome, page: { ...outcome.page, form } },
  };
}

const flaws: readonly [string, (xml: string) => string][] = [
  ['another Destination', (xml) => xml.replace('Destination="https://sp.', 'Destination="https://other.')],
  ['another InResponseTo of the Response', (xml) => xml.replace(/InResponseTo="/, 'InResponseTo="x')],
  ['no InResponseTo', (xml) => xml.replace(/ InResponseTo="[^"]*"/, '')],
  ['another InResponseTo of the subject', (xml) => xml.replace(/(SubjectConfirmationData InResponseTo=")/, '$1x')],
  ['another Recipient', (xml) => xml.replace('Recipient="https://sp.', 'Recipient="https://other.')],
  ['another Audience', (xml) => xml.replace('<saml:Audience>https://sp.', '<saml:Audience>https://other.')],
  ['another Issuer', (xml) => xml.replace(/<saml:Issuer([^>]*)>http/, '<saml:Issuer$1>https')],
  ['another Issuer of the assertion', (xml) => xml.replace(/(<saml:Assertion.*?<saml:Issuer>)http/s, '$1https')],
  ['a confirmation that has ended', (xml) => xml.replace(/(SubjectConfirmationData [^>]*NotOnOrAfter=")[^"]*/, `$1${past}`)],
  ['conditions that have ended', (xml) => xml.replace(/(Conditions [^>]*NotOnOrAfter=")[^"]*/, `$1${past}`)],
  ['conditions that begin later', (xml) => xml.replace(/(Conditions NotBefore=")[^"]*/, '$12999-01-01T00:00:00Z')],
  [
    'a confirmation that has a beginning',
    (xml) => xml.replace('<saml:SubjectConfirmationData', `<saml:SubjectConfirmationData NotBefore="${past}"`),
  ],
  ['an old IssueInstant', (xml) => xml.replace(/IssueInstant="[^"]*"/, `IssueInstant="${past}"`)],
  ['an instant without a time zone', (xml) => xml.replace(/(AuthnInstant="[^"]*)Z"/, '$1"')],
  ['another method of confirmation', (xml) => xml.replace('cm:bearer', 'cm:sender-vouches')],
  ['no AuthnStatement', (xml) => xml.replace(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/s, '')],
  ['no SessionIndex', (xml) => xml.replace(/ SessionIndex="[^"]*"/, '')],
  ['no Conditions', (xml) => xml.replace(/<saml:Conditions.*<\/saml:Conditions>/s, '')],
  [
    'an ID that occurs twice',
    (xml) => xml.replace(/(<samlp:Response.*? ID=")([^"]*)(".*<saml:Assertion[^>]* ID=")[^"]*/s, '$1$2$3$2'),
  ],
  ['another Version', (xml) => xml.replace('Version="2.0"', 'Version="1.1"')],
  ['another Status', (xml) => xml.replace('status:Success', 'status:Responder')],
  ['an element out of order', (xml) => xml.replace(/(<saml:Conditions.*<\/saml:Conditions>)(.*)(<\/saml:Assertion>)/s, '$2$1$3')],
  ['a comment', (xml) => xml.replace('@example.com', '@example.com<!-- .evil.net -->')],
  [
    'a transient identifier that begins with a digit',
    (xml) =>
      xml.replace(
        /<saml:NameID[^>]*>[^<]*/,
        '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">0123456789012345678901234567',
      ),
  ],
  [
    'a persistent identifier of both letter cases',
    (xml) =>
      xml.replace(
        /<saml:NameID[^>]*>[^<]*/,
        '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">aBcDeFgHiJkLmNoPqRsTuVwXyZ',
      ),
  ],
];

describe('the judge', () => {
  it('takes a forged Response without a flaw, so that what it refuses below is the flaw', async () => {
    const { set, outcome } = await forged((xml) => xml);
    judge(set, partner, outcome);
  });
  for (const [title, change] of flaws) {
    it(`refuses ${title}`, async () => {
      const { set, outcome } = await forged((xml) => {
        const changed = change(xml);
        assert.notEqual(changed, xml, 'the flaw is not there');
        return changed;
      });
      assert.throws(() => judge(set, partner, outcome));
    });
  }
  it('refuses what nobody signed, and what somebody else signed', async () => {
    const unsigned = await forged((xml) => xml, false);
    assert.throws(() => judge(unsigned.set, partner, unsigned.outcome), /nothing is signed/);
    const { outcome } = await forged((xml) => xml);
    const real = await open();
    assert.throws(() => judge(real, partner, outcome), /xmlsec1 refuses/);
  });
  it('refuses another RelayState, and an answer that is posted elsewhere', async () => {
    const { set, outcome } = await forged((xml) => xml);
    assert.throws(() => judge(set, partner, { ...outcome, relayState: 's' }), /RelayState/);
    assert.throws(() => judge(set, partner, outcome, { acs: 'https://sp.example.net/other' }), /posted elsewhere/);
  });
  it('refuses a success where an error is due, and an error of another kind', async () => {
    const { set, outcome } = await forged((xml) => xml);
    assert.throws(() => judgeFailure(set, partner, outcome, 'NoPassive'));
    const failed = await forged((xml) =>
      xml.replace(/<saml:Assertion.*<\/saml:Assertion>/s, '').replace('status:Success', 'status:Responder'),
    );
    judgeFailure(failed.set, partner, failed.outcome, ['Responder']);
    assert.throws(() => judgeFailure(failed.set, partner, failed.outcome, 'NoPassive'));
  });
});
