/** Requests made and signed by software that is not ours: node-saml and xmlsec1. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SAML } from '@node-saml/node-saml';
import { algorithms, namespaces } from '../../src/saml/names.ts';
import { parseParameters } from '../../src/saml/parameters.ts';
import { verifyAuthnRequest } from '../../src/saml/verify-authn-request.ts';
import { xmlsec1 } from '../fixtures/xmlsec1.ts';
import { acs, authnRequest, destination, ec, entityID, outcome, post, rsa, signing, verify } from './requests.ts';
import type { Binding } from '../../src/saml/message.ts';

const pem = (key: typeof rsa.privateKey): string => String(key.export({ type: 'pkcs8', format: 'pem' }));
const nodeSaml = new SAML({
  callbackUrl: acs,
  issuer: entityID,
  entryPoint: destination,
  // It wants a certificate to verify answers with; none comes here.
  idpCert: 'MIIB',
  privateKey: pem(rsa.privateKey),
  signatureAlgorithm: 'sha256',
  digestAlgorithm: 'sha256',
  // Its default deflates the form as well, which saml-bindings §3.5.4 does not.
  skipRequestCompression: false,
});
const posting = new SAML({ ...nodeSaml.options, authnRequestBinding: 'HTTP-POST', skipRequestCompression: true });
const verifyNow = (binding: Binding, text: string) =>
  verifyAuthnRequest(
    { binding, parameters: parseParameters(text) },
    { serviceProviders: () => [signing], destination, now: Date.now(), clockSkew: 1000, maxAge: 60_000 },
  );

describe('a request of node-saml', () => {
  it('passes over HTTP-Redirect', async () => {
    const url = new URL(await nodeSaml.getAuthorizeUrlAsync('relay-state', undefined, {}));
    const read = await verifyNow('HTTP-Redirect', url.search.slice(1));
    assert.deepEqual([read.assertionConsumerService.location, read.relayState], [acs, 'relay-state']);
  });

  it('passes over HTTP-POST', async () => {
    const form = await posting.getAuthorizeMessageAsync('relay-state');
    const text = new URLSearchParams(Object.entries(form).map(([name, value]) => [name, String(value)])).toString();
    assert.equal((await verifyNow('HTTP-POST', text)).assertionConsumerService.location, acs);
  });
});

const template = (algorithm: string, id: string): string =>
  `\n  <Signature xmlns="${namespaces.ds}">\n<SignedInfo>\n<CanonicalizationMethod Algorithm="${algorithms.exclusiveC14n}"/>\n` +
  `<SignatureMethod Algorithm="${algorithm}"/>\n<Reference URI="#${id}">\n<Transforms>\n<Transform Algorithm="${algorithms.envelopedSignature}"/>\n` +
  `<Transform Algorithm="${algorithms.exclusiveC14n}"><InclusiveNamespaces xmlns="${namespaces.exclusiveC14n}" PrefixList="xs saml"/></Transform>\n</Transforms>\n` +
  `<DigestMethod Algorithm="${algorithms.sha384}"/>\n<DigestValue/>\n</Reference>\n</SignedInfo>\n<SignatureValue/>\n</Signature>\n`;

describe('a request signed by xmlsec1', () => {
  for (const [name, algorithm, keys] of [
    ['RSA-SHA512', algorithms.rsaSha512, rsa],
    ['ECDSA-SHA256', algorithms.ecdsaSha256, ec],
  ] as const) {
    it(`passes: ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'passerelle-xmlsec-'));
      try {
        const content = `${template(algorithm, '_x')}<samlp:Extensions xmlns:xs="${namespaces.xs}">é &amp; "&#13;" \u{1F600}\t<a b="&#10;&lt;'"/></samlp:Extensions>`;
        writeFileSync(join(folder, 'request.xml'), authnRequest({ attributes: { ID: '_x' }, content }));
        writeFileSync(join(folder, 'key.pem'), pem(keys.privateKey), { mode: 0o600 });
        const options = ['--privkey-pem', join(folder, 'key.pem'), '--id-attr:ID', `${namespaces.protocol}:AuthnRequest`];
        const signed = xmlsec1(['--sign', ...options, join(folder, 'request.xml')]);
        const provider = { ...signing, signingKeys: [keys.publicKey] };
        assert.equal((await verify('HTTP-POST', post(signed), [provider])).id, '_x');
        assert.equal(
          await outcome(() => verify('HTTP-POST', post(signed.replace('&amp;', '')), [provider])),
          'signature-invalid',
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
