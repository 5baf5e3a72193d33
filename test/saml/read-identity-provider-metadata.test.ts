/** An identity provider's metadata, as a service provider reads it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildMetadata, type IdentityProvider } from '../../src/saml/metadata.ts';
import { bindings, nameIDFormats } from '../../src/saml/names.ts';
import { IdentityProviderMetadataMistake, readIdentityProviderMetadata } from '../../src/saml/read-identity-provider-metadata.ts';
import { signer } from '../fixtures/signing-key.ts';

const location = 'https://idp.example.com/saml/sso?x=1&y=2';
const provider: IdentityProvider = {
  entityID: 'https://idp.example.com/saml/metadata?a=1&b=2',
  singleSignOnServices: [bindings.httpRedirect, bindings.httpPost].map((binding) => ({ binding, location })),
  singleLogoutServices: [{ binding: bindings.httpRedirect, location: 'https://idp.example.com/saml/slo' }],
  artifactResolutionServices: [{ binding: bindings.soap, location: 'https://idp.example.com/saml/artifact', index: 0 }],
  nameIDFormats: [nameIDFormats.emailAddress],
  certificates: [signer.certificate],
};
const build = (certificates: readonly string[]) => buildMetadata({ ...provider, certificates }, '_m', 4e12, signer);

describe('an identity provider’s metadata', () => {
  it('is read as it was written', async () => {
    assert.deepEqual(readIdentityProviderMetadata(await build(provider.certificates)), {
      entityID: provider.entityID,
      singleSignOnService: location,
      certificates: provider.certificates,
    });
  });

  it('keeps both certificates of a rollover, and drops line breaks in them', async () => {
    const wrapped = signer.certificate.replace(/.{64}/g, '$&\n');
    assert.deepEqual(readIdentityProviderMetadata(await build([wrapped, 'AAAA'])).certificates, [signer.certificate, 'AAAA']);
  });

  const rows: readonly [title: string, spoil: (xml: string) => string][] = [
    ['not XML', () => 'hello'],
    ['cut off', (xml) => xml.slice(0, 500)],
    ['a DOCTYPE', (xml) => `<!DOCTYPE x>${xml}`],
    ['too long', (xml) => xml + ' '.repeat(131_072)],
    ['no certificate', (xml) => xml.replace(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/, '')],
    ['no endpoint', (xml) => xml.replace(/<md:SingleSignOnService.*<\/md:SingleSignOnService>/, '')],
    ['no HTTP-Redirect', (xml) => xml.replaceAll('HTTP-Redirect', 'HTTP-Artifact')],
    ['no entity ID', (xml) => xml.replace(/ entityID="[^"]*"/, '')],
    ['an endpoint that is no URL', (xml) => xml.replaceAll(/Location="[^"]*"/g, 'Location="x"')],
  ];
  for (const [title, spoil] of rows) {
    it(`is refused: ${title}`, async () => {
      const xml = spoil(await build(provider.certificates));
      assert.throws(() => readIdentityProviderMetadata(xml), IdentityProviderMetadataMistake);
    });
  }
});
