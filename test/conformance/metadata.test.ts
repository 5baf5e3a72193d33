/** What is read from the metadata of a service provider, and what is let in. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { Credential, ForeignServiceProvider, MetadataOptions } from '../fixtures/foreign-service-provider.ts';
import { arrive, signIn } from './exchange.ts';
import { lay, makeFolder, signMetadata } from './folder.ts';
import { judge, judgeRefusal } from './judge.ts';
import { oddCredentials } from './odd-credentials.ts';
import { at } from './partners.ts';
import { requirement } from './requirement.ts';
import { knowsNot, serves } from './serves.ts';
import { credential, stage } from './stage.ts';

const day = 86_400_000;
const written = (milliseconds: number): string => new Date(milliseconds).toISOString();
const sites = new Map<string, ForeignServiceProvider>();
const sp = (name: string): ForeignServiceProvider => sites.get(name) ?? assert.fail(name);

const extensions = (content: string): string => `<md:Extensions>${content}</md:Extensions>`;
const roleExtensions = (content: string) => (xml: string) =>
  xml.replace(/(<md:SPSSODescriptor[^>]*>)/, `$1${extensions(content)}`);
const uiInfo =
  '<mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"><mdui:DisplayName xml:lang="en">A name</mdui:DisplayName>' +
  '<mdui:DisplayName xml:lang="ja">名前</mdui:DisplayName><mdui:Description xml:lang="en">d</mdui:Description>' +
  '<mdui:Logo height="16" width="16" xml:lang="en">https://sp.example.net/logo.png</mdui:Logo>' +
  '<mdui:InformationURL xml:lang="en">https://sp.example.net/</mdui:InformationURL></mdui:UIInfo>';

/** Metadata that differs from the plain kind, and still must be understood. */
const variants: Readonly<
  Record<string, { readonly options?: MetadataOptions; readonly change?: (xml: string) => string; readonly about: string }>
> = {
  mdui: { about: 'names and logos for people', change: roleExtensions(uiInfo) },
  mdattr: {
    about: 'entity attributes, with values of any type',
    options: {
      extensions: extensions(
        '<mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">' +
          '<saml:Attribute Name="urn:example:a" FriendlyName="a"><saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>' +
          '<saml:AttributeValue><e:x xmlns:e="urn:example"/></saml:AttributeValue></saml:Attribute><saml:Attribute Name="urn:example:b"/></mdattr:EntityAttributes>',
      ),
    },
  },
  alg: {
    about: 'algorithm support at the entity and at the role',
    options: {
      extensions: extensions(
        '<alg:DigestMethod xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport" Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>',
      ),
    },
    change: roleExtensions(
      '<alg:SigningMethod xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport" MinKeySize="256" Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>',
    ),
  },
  'unknown-extensions': {
    about: 'extensions that nobody knows, at every place',
    options: { extensions: extensions('<e:one xmlns:e="urn:example" e:a="b">text<e:two/></e:one>') },
    change: (xml) =>
      roleExtensions('<e:three xmlns:e="urn:example"/>')(xml).replace(
        '<md:SPSSODescriptor',
        '<md:SPSSODescriptor xmlns:e="urn:example" e:foreign="x"',
      ),
  },
  federation: {
    about: 'registration, discovery and request initiation, as federations write them',
    options: {
      extensions: extensions(
        '<mdrpi:RegistrationInfo xmlns:mdrpi="urn:oasis:names:tc:SAML:metadata:rpi" registrationAuthority="https://federation.example.org/"/>',
      ),
    },
    change: roleExtensions(
      '<init:RequestInitiator xmlns:init="urn:oasis:names:tc:SAML:profiles:SSO:request-init" Binding="urn:oasis:names:tc:SAML:profiles:SSO:request-init" Location="https://sp.example.net/login"/>' +
        '<idpdisc:DiscoveryResponse xmlns:idpdisc="urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol" Binding="urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol" Location="https://sp.example.net/login" index="1"/>',
    ),
  },
  organisation: {
    about: 'organisation, contacts and further locations',
    change: (xml) =>
      xml.replace(
        '</md:EntityDescriptor>',
        '<md:Organization><md:OrganizationName xml:lang="en">O</md:OrganizationName><md:OrganizationDisplayName xml:lang="en">O</md:OrganizationDisplayName>' +
          '<md:OrganizationURL xml:lang="en">https://example.net/</md:OrganizationURL></md:Organization><md:ContactPerson contactType="technical">' +
          '<md:EmailAddress>mailto:a@example.net</md:EmailAddress></md:ContactPerson></md:EntityDescriptor>',
      ),
  },
  'other-roles': {
    about: 'other roles beside the one that counts, and other protocols',
    change: (xml) =>
      xml
        .replace('protocolSupportEnumeration="', 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol ')
        .replace(
          '<md:SPSSODescriptor',
          '<md:AttributeAuthorityDescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:AttributeService ' +
            'Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="https://sp.example.net/aa"/></md:AttributeAuthorityDescriptor>' +
            '<md:SPSSODescriptor',
        ),
  },
  'other-bindings': {
    about: 'endpoints of bindings that nobody here speaks',
    change: (xml) =>
      xml.replace(
        '<md:AssertionConsumerService',
        '<md:AssertionConsumerService index="9" Binding="urn:example:binding" Location="https://sp.example.net/other"/><md:AssertionConsumerService',
      ),
  },
  comments: {
    about: 'comments, processing instructions and an XML declaration',
    change: (xml) =>
      `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<!-- c -->\n<?p i?>${xml.replace('</md:KeyDescriptor>', '<!-- c --></md:KeyDescriptor>')}`,
  },
  'valid-long': {
    about: 'a validUntil and a cacheDuration',
    options: { entity: { validUntil: written(Date.now() + 30 * day), cacheDuration: 'P1DT2H' } },
  },
  'id-and-signature': {
    about: 'a signature that nobody asked for',
    change: (xml) => signMetadata(xml, sp('mdui').credential.privateKey),
  },
};

/** Instants of validUntil, by the name of the service provider; each at the entity and at its role. */
const ends = { 'just-ended': [-120_000, true], 'long-ended': [-3_600_000, false], 'ends-later': [3_600_000, true] } as const;

const keyValue = ({ certificate }: Credential): string => {
  const { n = '', e = '' } = new X509Certificate(certificate).publicKey.export({ format: 'jwk' });
  const number = (text: string): string => Buffer.from(text, 'base64url').toString('base64');
  return (
    '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyValue><ds:RSAKeyValue>' +
    `<ds:Modulus>${number(n)}</ds:Modulus><ds:Exponent>${number(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo></md:KeyDescriptor>`
  );
};
let odd: Readonly<Record<string, Credential>> = {};
let three: readonly [Credential, Credential, Credential];

const open = stage(async () => {
  const folder = makeFolder();
  const key = await credential();
  odd = await oddCredentials();
  three = [key, await credential('second'), await credential('third')];
  const add = (name: string, options: MetadataOptions = {}, using = key, change = (xml: string): string => xml): void => {
    const partner = at(name, using);
    sites.set(name, partner);
    lay(folder, `${name}.xml`, change(partner.metadata(options)));
  };
  for (const [name, { options, change }] of Object.entries(variants)) add(name, options, key, change);
  const demanding = { role: { AuthnRequestsSigned: 'true' } };
  for (const [name, using] of Object.entries(odd)) add(name, demanding, using);
  add('key-value', { ...demanding, keys: keyValue(key) });
  const descriptors = (use?: 'signing' | 'encryption'): string =>
    three.map((each) => at('any', each).keyDescriptor(use)).join('');
  add('three-keys', { ...demanding, keys: descriptors('signing') });
  add('three-encryption-keys', { keys: at('any', key).keyDescriptor('signing') + descriptors('encryption') });
  add('no-use', { ...demanding, keys: at('any', key).keyDescriptor() });
  add('encryption-alone', { keys: at('any', key).keyDescriptor('encryption') });
  for (const [name, [end]] of Object.entries(ends)) {
    add(name, { entity: { validUntil: written(Date.now() + end) } });
    add(`role-${name}`, { role: { validUntil: written(Date.now() + end) } });
  }
  add('signer', demanding);
  add('wants-assertions-signed', { role: { WantAssertionsSigned: 'true' } });
  return { config: { metadata: [{ kind: 'folder', folder, admit: 'all' }] } };
});

requirement('IIP-MD05', 'metadata and its extensions', (prove) => {
  for (const [name, { about }] of Object.entries(variants)) {
    prove(`serves a service provider whose metadata holds ${about}`, async () => serves(await open(), sp(name)));
  }
});

requirement('IIP-MD06', 'trust from metadata alone', (prove) => {
  prove('signed requests of many service providers are taken, with no trust configured beside their metadata', async () => {
    const set = await open();
    assert.deepEqual(
      set.house.configuration.serviceProviders.map(({ kind }) => kind),
      ['google-profile'],
    );
    for (const name of [...Object.keys(odd), 'key-value', 'no-use', 'signer']) await serves(set, sp(name), true);
  });
  prove('the key of one is no key of another', async () => {
    const set = await open();
    const impostor = at('signer', odd['self-signed'] ?? assert.fail());
    judgeRefusal(set, impostor, await arrive(set, impostor, { signed: true }));
  });
});

requirement('IIP-SSO06', 'what saml-profiles §4.1.6 reads from metadata', (prove) => {
  prove('AuthnRequestsSigned makes an unsigned request one to refuse, and a signed one to take', async () => {
    const set = await open();
    for (const binding of ['redirect', 'post'] as const) {
      judgeRefusal(set, sp('signer'), await arrive(set, sp('signer'), { binding }));
    }
    await serves(set, sp('signer'), true);
  });
  prove('WantAssertionsSigned makes us sign the assertion', async () => {
    const set = await open();
    const partner = sp('wants-assertions-signed');
    assert.ok(judge(set, partner, await signIn(set, partner)).signatures.assertion !== undefined);
  });
});

requirement('IIP-MD07', 'any number of signing keys', (prove) => {
  for (const index of [0, 1, 2] as const) {
    for (const binding of ['redirect', 'post'] as const) {
      prove(`the key in place ${String(index + 1)} of 3 verifies, by ${binding}`, async () => {
        const set = await open();
        const partner = at('three-keys', three[index]);
        judge(set, partner, await signIn(set, partner, { binding, signed: true }));
      });
    }
  }
  prove('a key beside those three does not', async () => {
    const set = await open();
    const partner = at('three-keys', await credential('stranger'));
    judgeRefusal(set, partner, await arrive(set, partner, { signed: true }));
  });
});

requirement('IIP-MD08', 'any number of encryption keys', (prove) => {
  prove('the assertion opens with one of three', async () => {
    const set = await open();
    const partner = sp('three-encryption-keys');
    const outcome = await signIn(set, partner);
    const opened = three.filter(({ privateKey }) => {
      try {
        return judge(set, partner, outcome, { privateKey }).encryption !== undefined;
      } catch {
        return false;
      }
    });
    assert.ok(opened.length > 0);
  });
});

requirement('IIP-MD11', 'a KeyDescriptor without use', (prove) => {
  prove('verifies requests and takes encrypted assertions', async () => {
    const set = await open();
    const partner = sp('no-use');
    const answer = judge(set, partner, await signIn(set, partner, { signed: true }));
    assert.ok(answer.encryption !== undefined);
    judgeRefusal(set, partner, await arrive(set, partner));
  });
  prove('a KeyDescriptor for encryption alone verifies nothing', async () => {
    const set = await open();
    const partner = sp('encryption-alone');
    judgeRefusal(set, partner, await arrive(set, partner, { signed: true }));
    assert.ok(judge(set, partner, await signIn(set, partner)).encryption !== undefined);
  });
});

requirement('IIP-MD12', 'certificates only carry a key', (prove) => {
  for (const name of ['self-signed', 'expired', 'not-yet-valid', 'with-a-spoilt-signature', 'signed-by-md5']) {
    prove(`a certificate ${name} verifies requests`, async () => serves(await open(), sp(name), true));
  }
  prove('a key without a certificate verifies them too', async () => serves(await open(), sp('key-value'), true));
  prove('a certificate that is not valid still keeps others out', async () => {
    const set = await open();
    const impostor = at('expired', await credential('stranger'));
    judgeRefusal(set, impostor, await arrive(set, impostor, { signed: true }));
  });
});

requirement('IIP-G01', 'clock skew at validUntil', (prove) => {
  for (const [name, [, valid]] of Object.entries(ends)) {
    for (const place of ['', 'role-']) {
      prove(
        `metadata whose ${place === '' ? 'entity' : 'role'} ${name.replace('-', ' ')} is ${valid ? 'used' : 'not used'}`,
        async () => {
          const set = await open();
          if (valid) await serves(set, sp(place + name));
          else await knowsNot(set, sp(place + name));
        },
      );
    }
  }
});
