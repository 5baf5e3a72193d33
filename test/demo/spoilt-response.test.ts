/** The demo service provider refuses every spoilt Response, for the reason that fits. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Shape } from '../../src/demo/parties.ts';
import { buildFailure, buildSuccess, type Success } from '../../src/saml/response.ts';
import { sign } from '../../src/saml/signer.ts';
import { ask, demo, encode, failures, issuer, post, start, success, world } from '../fixtures/demo-world.ts';
import { signer } from '../fixtures/signing-key.ts';

after(() => demo.close());

/** Signs the Assertion and then the Response anew; both stand in canonical form. */
async function signBoth(xml: string): Promise<string> {
  const signElement = (text: string): Promise<string> => {
    const at = text.indexOf('</saml:Issuer>') + '</saml:Issuer>'.length;
    return sign(text.slice(0, at), text.slice(at), / ID="([^"]*)"/.exec(text)?.[1] ?? '', signer);
  };
  const assertion = /<saml:Assertion .*<\/saml:Assertion>/.exec(xml)?.[0] ?? '';
  return signElement(xml.replace(assertion, await signElement(assertion)));
}

describe('a spoilt Response is refused', () => {
  const spoilt: readonly [
    title: string,
    spoil: (sound: ReturnType<typeof success>) => Partial<Success>,
    failed: RegExp,
    shape?: Shape,
  ][] = [
    ['another Destination', () => ({ destination: 'https://elsewhere.example/acs' }), /^Destination/],
    ['the ACS of the other kind', () => ({ destination: demo.parties.legacy.acsUrl }), /^Destination/],
    ['another Issuer', () => ({ issuer: 'https://other.example/' }), /^Both Issuers/],
    ['an InResponseTo that nobody asked', () => ({ inResponseTo: '_0123' }), /^InResponseTo/],
    ['another Audience', () => ({ audience: 'https://other.example/' }), /^Audience/],
    ['the Audience of the domain-specific issuer', () => ({ audience: 'google.com/a/example.com' }), /^Audience/, 'legacy'],
    [
      'no longer valid',
      () => ({ notBefore: world.now - 400_000, notOnOrAfter: world.now - 100_000 }),
      /^Now lies|^One SubjectConfirmation/,
    ],
    ['not yet valid', () => ({ notBefore: world.now + 1 }), /^Now lies/],
    ['expiring this very millisecond', () => ({ notOnOrAfter: world.now }), /^Now lies|^One SubjectConfirmation/],
    ['valid for more than 5 minutes', () => ({ notOnOrAfter: world.now + 240_001 }), /^Now lies/],
    ['issued in the future', () => ({ issueInstant: world.now + 120_000 }), /^Now lies/],
    ['no SessionIndex', () => ({ sessionIndex: '' }), /^One AuthnStatement/],
    ['signed in in the future', () => ({ authnInstant: world.now + 120_000 }), /^One AuthnStatement/],
    ['a session that is over', () => ({ sessionNotOnOrAfter: world.now }), /^One AuthnStatement/],
    [
      'another NameID format',
      ({ nameID }) => ({ nameID: { ...nameID, format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified' } }),
      /^NameID/,
    ],
    ['nobody provisioned', ({ nameID }) => ({ nameID: { ...nameID, value: 'mallory@example.com' } }), /^The address/],
    ['another letter case', ({ nameID }) => ({ nameID: { ...nameID, value: 'bob@example.com' } }), /^The address/],
    ['a space after the address', ({ nameID }) => ({ nameID: { ...nameID, value: 'alice@example.com ' } }), /^The address/],
    [
      'more than 2 kB of attributes',
      () => ({ attributes: [{ name: 'a', nameFormat: 'urn:x', values: ['x'.repeat(2_048)] }] }),
      /^The AttributeStatement/,
    ],
    [
      'attributes beyond ASCII',
      () => ({ attributes: [{ name: 'a', nameFormat: 'urn:x', values: ['é'] }] }),
      /^The AttributeStatement/,
      'legacy',
    ],
    ['the Response unsigned', () => ({ sign: { response: false, assertion: true } }), /^The Response is signed/],
    ['the Assertion unsigned', () => ({ sign: { response: true, assertion: false } }), /^The Assertion is signed/],
  ];
  for (const [title, spoil, failed, shape = 'profile'] of spoilt) {
    it(title, async () => {
      const { id, relayState } = await ask(shape);
      const sound = success(shape, id);
      const xml = await buildSuccess({ ...sound, ...spoil(sound) }, signer);
      const found = await failures(await post(shape, { SAMLResponse: encode(xml), RelayState: relayState }));
      const allowed = title.includes('InResponseTo')
        ? /^RelayState/
        : title.includes('Destination') || title.includes('ACS')
          ? /^Recipient/
          : failed;
      assert.ok(
        found.some((each) => failed.test(each)),
        found.join('\n'),
      );
      assert.ok(
        found.every((each) => failed.test(each) || allowed.test(each)),
        found.join('\n'),
      );
    });
  }

  const tampered: readonly [title: string, tamper: (xml: string) => string, failed: RegExp][] = [
    ['an address changed after signing', (xml) => xml.replace('alice@', 'bob@'), /signed/],
    [
      'a Destination changed after signing',
      (xml) => xml.replace(/Destination="[^"]*"/, 'Destination="https://x.example/"'),
      /^The Response is signed/,
    ],
    ['a status changed after signing', (xml) => xml.replace('status:Success', 'status:Responder'), /^The Response is signed/],
    ['a signature changed', (xml) => xml.replace(/<ds:SignatureValue>..../, '<ds:SignatureValue>AAAA'), /signed/],
    ['RSA-SHA1', (xml) => xml.replaceAll('xmldsig-more#rsa-sha256', 'xmldsig#rsa-sha1'), /^The Response is signed/],
    [
      'SHA-1',
      (xml) => xml.replaceAll('http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2000/09/xmldsig#sha1'),
      /^The Response is signed/,
    ],
    [
      'inclusive canonicalization',
      (xml) => xml.replaceAll('http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'),
      /^The Response is signed/,
    ],
    [
      'a third transform',
      (xml) =>
        xml.replace(
          '</ds:Transforms>',
          '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>',
        ),
      /^The Response is signed/,
    ],
    ['a DOCTYPE', (xml) => `<!DOCTYPE x>${xml}`, /^It is one well-formed/],
    [
      'a comment in the address',
      (xml) => xml.replace('alice@example.com', 'alice@example.com<!---->.evil.example'),
      /^It is one well-formed/,
    ],
    [
      'two Assertions',
      (xml) =>
        xml.replace(
          /(<saml:Assertion .*<\/saml:Assertion>)/,
          (all) => all.replace(/ID="[^"]*"/, 'ID="_evil"').replace(/<ds:Signature .*<\/ds:Signature>/, '') + all,
        ),
      /^It is one well-formed/,
    ],
    [
      'a signed Assertion wrapped in an unsigned Response',
      (xml) => {
        const assertion = /<saml:Assertion .*<\/saml:Assertion>/.exec(xml)?.[0] ?? '';
        return xml.replace(assertion, `<samlp:Extensions>${assertion}</samlp:Extensions>`);
      },
      /^It is one well-formed/,
    ],
    [
      'the same ID twice',
      (xml) => xml.replace(/(<saml:Assertion [^>]*ID=")[^"]*/, `$1${/ ID="([^"]*)"/.exec(xml)?.[1] ?? ''}`),
      /^It is one well-formed/,
    ],
    ['no signature at all', (xml) => xml.replace(/<ds:Signature .*?<\/ds:Signature>/g, ''), /^The Response is signed/],
    ['something else than a Response', () => '<a xmlns="urn:x"/>', /^It is one well-formed/],
    ['not XML', () => 'hello', /^It is one well-formed/],
  ];
  for (const [title, tamper, failed] of tampered) {
    it(title, async () => {
      const { id, relayState } = await ask('profile');
      const xml = await buildSuccess(success('profile', id), signer);
      assert.notEqual(tamper(xml), xml);
      const found = await failures(await post('profile', { SAMLResponse: encode(tamper(xml)), RelayState: relayState }));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', failed);
    });
  }

  it('a second SubjectConfirmation, another Recipient, a NotBefore on the confirmation', async () => {
    const confirmation = /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/;
    const rows: readonly [(xml: string) => string, RegExp][] = [
      [(xml) => xml.replace(confirmation, '$&$&'), /^One SubjectConfirmation/],
      [(xml) => xml.replace(/Recipient="[^"]*"/, 'Recipient="https://x.example/"'), /^Recipient/],
      [
        (xml) =>
          xml.replace(/(<saml:SubjectConfirmationData [^>]*?) NotOnOrAfter/, '$1 NotBefore="2020-01-01T00:00:00Z" NotOnOrAfter'),
        /^One SubjectConfirmation/,
      ],
      [(xml) => xml.replace('cm:bearer', 'cm:sender-vouches'), /^One SubjectConfirmation/],
      [(xml) => xml.replace(/<saml:AuthnStatement .*<\/saml:AuthnStatement>/, ''), /^One AuthnStatement/],
      [(xml) => xml.replace(/ SessionIndex="[^"]*"/, ''), /^One AuthnStatement/],
      [(xml) => xml.replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, ''), /^Audience/],
      [(xml) => xml.replace(/(<saml:SubjectConfirmationData[^>]*) InResponseTo="[^"]*"/, '$1'), /^InResponseTo/],
      [(xml) => xml.replaceAll('Version="2.0"', 'Version="2.1"'), /^Version/],
    ];
    for (const [change, failed] of rows) {
      const { id, relayState } = await ask('profile');
      const plain = (
        await buildSuccess({ ...success('profile', id), sign: { response: false, assertion: true } }, signer)
      ).replace(/<ds:Signature .*<\/ds:Signature>/, '');
      const changed = change(plain);
      assert.notEqual(changed, plain);
      const xml = await signBoth(changed);
      const found = await failures(await post('profile', { SAMLResponse: encode(xml), RelayState: relayState }));
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', failed);
    }
  });

  it('an error, with its status', async () => {
    const { id, relayState } = await ask('profile');
    const { destination } = success('profile', id);
    const xml = await buildFailure(
      {
        id: '_f',
        issuer,
        issueInstant: world.now,
        destination,
        inResponseTo: id,
        status: ['Responder', 'AuthnFailed'],
        message: 'person-disabled',
      },
      signer,
    );
    const response = await post('profile', { SAMLResponse: encode(xml), RelayState: relayState });
    const page = await response.clone().text();
    assert.deepEqual(await failures(response), ['Status is Success.', 'There is one Assertion.']);
    assert.match(page, /Responder \/ AuthnFailed: person-disabled/);
    assert.match(page, /Your identity provider did not sign you in/);
  });

  it('a RelayState that changed by a byte, is missing, or is another request’s', async () => {
    const other = await ask('profile');
    for (const change of [(text: string) => `${text} `, () => '', () => undefined, () => other.relayState]) {
      const { id, relayState } = await ask('profile');
      const xml = await buildSuccess(success('profile', id), signer);
      const changed = change(relayState);
      const form = { SAMLResponse: encode(xml), ...(changed === undefined ? {} : { RelayState: changed }) };
      assert.deepEqual(await failures(await post('profile', form)), ['RelayState came back byte for byte.']);
    }
  });

  it('a second answer to one request, and one Assertion twice', async () => {
    const { id, relayState } = await ask('profile');
    const xml = await buildSuccess(success('profile', id), signer);
    const form = { SAMLResponse: encode(xml), RelayState: relayState };
    assert.equal((await post('profile', form)).status, 303);
    const found = await failures(await post('profile', form));
    assert.equal(found.length, 3);
    assert.match(found.join('\n'), /^InResponseTo .*\nRelayState .*\nThe Assertion was not taken before\.$/);

    const unasked = { SAMLResponse: encode(await buildSuccess(success('legacy', undefined), signer)) };
    assert.equal((await post('legacy', unasked)).status, 303);
    assert.deepEqual(await failures(await post('legacy', unasked)), ['The Assertion was not taken before.']);
  });

  it('an answer to a request of the other kind', async () => {
    const { id, relayState } = await ask('legacy');
    const xml = await buildSuccess(success('profile', id), signer);
    const found = await failures(await post('profile', { SAMLResponse: encode(xml), RelayState: relayState }));
    assert.match(found.join('\n'), /^InResponseTo .*\nRelayState/);
  });

  it('an answer after ten minutes', async () => {
    const { id, relayState } = await ask('profile');
    world.now += 600_001;
    const xml = await buildSuccess(success('profile', id), signer);
    const found = await failures(await post('profile', { SAMLResponse: encode(xml), RelayState: relayState }));
    assert.match(found.join('\n'), /^InResponseTo .*\nRelayState/);
    world.now = start;
  });

  const forms: readonly [title: string, form: string][] = [
    ['no SAMLResponse', 'RelayState=x'],
    ['SAMLResponse twice', 'SAMLResponse=QQ%3D%3D&SAMLResponse=QQ%3D%3D'],
    ['RelayState twice', 'SAMLResponse=QQ%3D%3D&RelayState=a&RelayState=b'],
    ['another field', 'SAMLResponse=QQ%3D%3D&x=y'],
    ['no base64', 'SAMLResponse=%3Cxml%3E'],
    ['no UTF-8', 'SAMLResponse=%2F%2F8%3D'],
    ['nothing', ''],
  ];
  for (const [title, form] of forms) {
    it(`a form with ${title}`, async () => {
      assert.match((await failures(await post('profile', form))).join('\n'), /^The form holds/);
    });
  }

  it('is noted without what it held', () => {
    assert.ok(world.notes.length > 0 && world.notes.every((note) => !note.includes('@') && note.length < 300));
  });
});
