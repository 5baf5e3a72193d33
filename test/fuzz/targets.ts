/** Every parser that takes bytes from outside, and what it may end in: a value, or the kind of trouble that we mean to tell. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { InvalidAsn1Error } from 'ldapts';
import { SignedXml } from 'xml-crypto';
import { parseSettings } from '../../src/config/settings.ts';
import { MalformedMessage } from '../../src/directory/ber.ts';
import { createMessageStream } from '../../src/directory/message-stream.ts';
import { parseSignInName } from '../../src/directory/sign-in-name.ts';
import { readBasicCredentials } from '../../src/http/basic-credentials.ts';
import { locale } from '../../src/http/locale.ts';
import { createSessionCookie } from '../../src/http/session-cookie.ts';
import { standardPolicy as policy } from '../../src/saml/algorithm-policy.ts';
import { readArtifact } from '../../src/saml/artifact.ts';
import { decodeBase64 } from '../../src/saml/base64.ts';
import { parseDateTime } from '../../src/saml/date-time.ts';
import { createDecrypter } from '../../src/saml/decrypt.ts';
import { verifyEcpRequest } from '../../src/saml/ecp-request.ts';
import { openMetadata } from '../../src/saml/metadata-document.ts';
import { MetadataMistake } from '../../src/saml/metadata-mistake.ts';
import { bindings } from '../../src/saml/names.ts';
import { parseParameters } from '../../src/saml/parameters.ts';
import { readServiceProviderMetadata } from '../fixtures/read-service-provider.ts';
import { type ServiceProvider, unsaid } from '../../src/saml/service-provider.ts';
import { readSoapEnvelope } from '../../src/saml/soap-envelope.ts';
import { verifyArtifactResolve } from '../../src/saml/verify-artifact-resolve.ts';
import { verifyAuthnRequest } from '../../src/saml/verify-authn-request.ts';
import { verifyLogoutRequest } from '../../src/saml/verify-logout-request.ts';
import { verifyLogoutResponse } from '../../src/saml/verify-logout-response.ts';
import { parseXml } from '../../src/saml/xml.ts';
import { groupName } from '../../src/service-providers/group-name.ts';
import { networkOf } from '../../src/audit/network.ts';
import type { Target } from './fuzz.ts';
import { certificateTargets } from './certificate-targets.ts';
import { kerberosTargets } from './kerberos-targets.ts';
import { meant } from './meant.ts';
import { radiusTargets } from './radius-targets.ts';
import { webauthnTargets } from './webauthn-targets.ts';

const now = Date.parse('2026-07-01T10:00:00Z');
const entityID = 'https://sp.example.net/metadata';
const destination = 'https://idp.example.com/saml/sso';
const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const decrypter = createDecrypter({ keys: [key.privateKey], entityID: 'https://idp.example.com', policy, random: randomBytes });

const serviceProvider: ServiceProvider = {
  ...unsaid,
  entityID,
  assertionConsumerServices: [
    { index: 0, binding: bindings.httpPost, location: 'https://sp.example.net/acs', isDefault: true },
    { index: 1, binding: bindings.httpArtifact, location: 'https://sp.example.net/artifact', isDefault: false },
    { index: 2, binding: bindings.paos, location: 'https://sp.example.net/paos', isDefault: false },
  ],
  singleLogoutServices: [{ binding: bindings.httpPost, location: 'https://sp.example.net/slo' }],
  signingKeys: [curve.publicKey, key.publicKey],
};
const context = {
  serviceProviders: (asked: string): readonly ServiceProvider[] => (asked === entityID ? [serviceProvider] : []),
  destination,
  now,
  clockSkew: 180_000,
  maxAge: 600_000,
};

const text = (input: Buffer): string => input.toString('utf8');
const latin = (input: Buffer): string => input.toString('latin1');
/** As the POST binding would carry the XML. */
const posted = (input: Buffer, holder = 'SAMLRequest') =>
  ({ binding: 'HTTP-POST', parameters: parseParameters(`${holder}=${encodeURIComponent(input.toString('base64'))}`) }) as const;

const message = (name: string, content: string, attributes = ''): string =>
  `<samlp:${name} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0"` +
  ` IssueInstant="2026-07-01T10:00:00Z" Destination="${destination}"${attributes}><saml:Issuer>${entityID}</saml:Issuer>${content}</samlp:${name}>`;
const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

const afterIssuer = { reference: "/*/*[local-name()='Issuer']", action: 'after' } as const;

function signed(xml: string, location: { reference: string; action: 'after' | 'prepend' } = afterIssuer): string {
  const signer = new SignedXml({
    privateKey: key.privateKey,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: exclusiveC14n,
  });
  const transforms = ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', exclusiveC14n];
  signer.addReference({ xpath: '/*', transforms, digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256' });
  signer.computeSignature(xml, { prefix: 'ds', location });
  return signer.getSignedXml();
}

const nameID = '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" SPNameQualifier="x">abc</saml:NameID>';
const encryptedID =
  '<saml:EncryptedID><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">' +
  '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">' +
  '<xenc:EncryptedKey Recipient="https://idp.example.com"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p">' +
  '<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/></xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>' +
  `${Buffer.alloc(256, 1).toString('base64')}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData>` +
  '<xenc:CipherValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedID>';
const authnRequests = [
  message('AuthnRequest', ''),
  message(
    'AuthnRequest',
    '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" AllowCreate="true" SPNameQualifier="x"/>',
    ' ForceAuthn="true" IsPassive="0" AssertionConsumerServiceIndex="0" AttributeConsumingServiceIndex="1"',
  ),
  message(
    'AuthnRequest',
    `<saml:Subject>${nameID}</saml:Subject>`,
    ' AssertionConsumerServiceURL="https://sp.example.net/acs" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"',
  ),
  message(
    'AuthnRequest',
    `<saml:Subject>${encryptedID}<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/></saml:Subject>`,
  ),
  message(
    'AuthnRequest',
    '<saml:Conditions NotBefore="2026-07-01T10:00:00Z" NotOnOrAfter="2026-07-01T11:00:00Z"><saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction><saml:OneTimeUse/><saml:ProxyRestriction Count="1"/></saml:Conditions>',
  ),
  message(
    'AuthnRequest',
    '<samlp:RequestedAuthnContext Comparison="minimum"><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></samlp:RequestedAuthnContext><samlp:Scoping ProxyCount="0"><samlp:IDPList><samlp:IDPEntry ProviderID="x"/></samlp:IDPList><samlp:RequesterID>y</samlp:RequesterID></samlp:Scoping>',
  ),
  signed(message('AuthnRequest', '<samlp:Extensions><x xmlns="urn:x" y="z">&#x9;&amp;</x></samlp:Extensions>')),
];
const logoutRequests = [
  signed(
    message(
      'LogoutRequest',
      `${nameID}<samlp:SessionIndex>_s</samlp:SessionIndex>`,
      ' NotOnOrAfter="2026-07-01T10:05:00Z" Reason="x"',
    ),
  ),
  signed(message('LogoutRequest', encryptedID)),
  message(
    'LogoutRequest',
    `<samlp:Extensions><aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/></samlp:Extensions>${nameID}`,
  ),
];
const logoutResponse = message(
  'LogoutResponse',
  '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/><samlp:StatusMessage>m</samlp:StatusMessage></samlp:Status>',
  ' InResponseTo="_b"',
);
const envelope = (header: string, body: string): string =>
  `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header>${header}</S:Header><S:Body>${body}</S:Body></S:Envelope>`;
const artifactResolve = message(
  'ArtifactResolve',
  '<samlp:Artifact>AAQAAMh48/1oXIM+sDo7Dh2qMp1HM4IF5DaRNmDj6RdUmllwn9jJHyEgIi8=</samlp:Artifact>',
);
const metadata =
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityID}" validUntil="2027-01-01T00:00:00Z" cacheDuration="PT1H">` +
  '<md:Extensions><alg:DigestMethod xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport" Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>' +
  '<alg:SigningMethod xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport" Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" MinKeySize="2048"/>' +
  '<mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute"><saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Name="c" NameFormat="urn:x"><saml:AttributeValue>v</saml:AttributeValue></saml:Attribute></mdattr:EntityAttributes></md:Extensions>' +
  '<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="1" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
  `<md:KeyDescriptor use="encryption"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${Buffer.alloc(256, 0xc5).toString('base64')}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo><md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/></md:KeyDescriptor>` +
  `<md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><dsig11:DEREncodedKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#">${curve.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}</dsig11:DEREncodedKeyValue></ds:KeyInfo></md:KeyDescriptor>` +
  '<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://sp.example.net/slo" ResponseLocation="https://sp.example.net/slo2"/>' +
  '<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>' +
  '<md:AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example.net/acs"/>' +
  '<md:AttributeConsumingService index="1" isDefault="false"><md:ServiceName xml:lang="en">n</md:ServiceName><md:RequestedAttribute Name="mail" isRequired="true"><saml:AttributeValue xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">v</saml:AttributeValue></md:RequestedAttribute></md:AttributeConsumingService>' +
  '</md:SPSSODescriptor></md:EntityDescriptor>';
const aggregate = `<?xml version="1.0"?>\n<!-- x --><md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" Name="f" validUntil="2027-01-01T00:00:00Z">${metadata}<md:EntitiesDescriptor><md:EntityDescriptor entityID="y"><md:AffiliationDescriptor affiliationOwnerID="z"><md:AffiliateMember>${entityID}</md:AffiliateMember></md:AffiliationDescriptor></md:EntityDescriptor></md:EntitiesDescriptor></md:EntitiesDescriptor>`;
const xmlWords = [
  'samlp:',
  'saml:',
  'ds:',
  'Signature',
  'NameID',
  'Format="',
  ' ID="_a"',
  '<samlp:Extensions>',
  'EncryptedID',
  'xenc:EncryptedKey',
  'Algorithm="',
];

export const targets: readonly Target[] = [
  {
    name: 'xml',
    seeds: [...authnRequests, metadata],
    dictionary: xmlWords,
    most: 20_000,
    run: (input) => meant(() => parseXml(text(input))),
  },
  {
    name: 'parameters',
    seeds: [
      'SAMLRequest=abc&RelayState=x%20y+z',
      `SAMLRequest=${encodeURIComponent(deflateRawSync('<a/>').toString('base64'))}&SigAlg=x&Signature=AAAA`,
    ],
    dictionary: ['SAMLRequest=', 'RelayState=', '%C3%A9', '%F0%9F'],
    most: 4_000,
    run: (input) => meant(() => parseParameters(latin(input))),
  },
  {
    name: 'redirect-query',
    seeds: authnRequests.map(
      (xml) =>
        `SAMLRequest=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}&RelayState=r&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&Signature=AAAA`,
    ),
    dictionary: ['SAMLRequest=', 'SAMLEncoding=', 'RelayState=', 'SigAlg=', 'Signature=', '&', '%2B'],
    most: 6_000,
    run: (input) =>
      meant(() => verifyAuthnRequest({ binding: 'HTTP-Redirect', parameters: parseParameters(latin(input)) }, context)),
  },
  {
    name: 'authn-request',
    seeds: authnRequests,
    dictionary: xmlWords,
    most: 20_000,
    run: (input) => meant(() => verifyAuthnRequest(posted(input), context)),
  },
  {
    name: 'logout-request',
    seeds: logoutRequests,
    dictionary: [...xmlWords, '<samlp:SessionIndex>'],
    most: 20_000,
    run: (input) =>
      meant(async () => {
        const request = await verifyLogoutRequest({ ...posted(input) }, context, decrypter);
        request.read();
      }),
  },
  {
    name: 'logout-response',
    seeds: [logoutResponse, signed(logoutResponse)],
    dictionary: [...xmlWords, 'samlp:StatusCode', 'InResponseTo="'],
    most: 20_000,
    run: (input) => meant(() => verifyLogoutResponse(posted(input, 'SAMLResponse'), context)),
  },
  {
    name: 'encrypted-id',
    seeds: [encryptedID.replace('<saml:EncryptedID', '<saml:EncryptedID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"')],
    dictionary: [
      ...xmlWords,
      'xenc:CipherValue',
      'http://www.w3.org/2009/xmlenc11#rsa-oaep',
      'ds:RetrievalMethod',
      'xenc:OAEPparams',
    ],
    most: 10_000,
    run: (input) => meant(() => decrypter.decrypt(parseXml(text(input)), { entityID: 'https://sp.example.net', signed: true })),
  },
  {
    name: 'soap',
    seeds: [
      envelope('<x xmlns="urn:x" xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" S:mustUnderstand="1"/>', artifactResolve),
      envelope('', '<S:Fault/>'),
    ],
    dictionary: [...xmlWords, 'S:Envelope', 'S:Body', 'S:mustUnderstand="1"', 'S:actor="'],
    most: 20_000,
    run: (input) => meant(() => readSoapEnvelope(input)),
  },
  {
    name: 'ecp-request',
    seeds: authnRequests.map((xml) =>
      envelope(
        '<cb:ChannelBindings xmlns:cb="urn:oasis:names:tc:SAML:protocol:ext:channel-binding" Type="tls-unique">AAAA</cb:ChannelBindings>',
        xml,
      ),
    ),
    dictionary: [...xmlWords, 'cb:ChannelBindings', 'samlec:SessionKey', 'S:Header'],
    most: 20_000,
    run: (input) => meant(() => verifyEcpRequest(input, context, () => undefined)),
  },
  {
    name: 'artifact-resolve',
    seeds: [signed(artifactResolve), artifactResolve],
    dictionary: xmlWords,
    most: 20_000,
    run: (input) =>
      meant(async () => {
        const { artifact } = await verifyArtifactResolve(text(input), context, () => undefined);
        readArtifact(artifact, 'https://idp.example.com', 0);
      }),
  },
  {
    name: 'metadata',
    seeds: [metadata],
    dictionary: [...xmlWords, 'md:KeyDescriptor', 'use="signing"', 'validUntil="', 'index="1"', 'md:Extensions'],
    most: 20_000,
    run: (input) => meant(() => readServiceProviderMetadata(text(input), now), MetadataMistake),
  },
  {
    name: 'metadata-aggregate',
    seeds: [aggregate],
    dictionary: [
      ...xmlWords,
      'md:EntitiesDescriptor',
      'md:EntityDescriptor',
      'entityID="',
      'cacheDuration="P1D"',
      'md:AffiliateMember',
    ],
    most: 30_000,
    run: (input) =>
      meant(() => {
        const judging = { now, clockSkew: 180_000 };
        const document = openMetadata(input, { ...judging, keys: [], requireValidUntil: false, validAtMost: undefined });
        for (const entity of document.index.entities) document.find(entity.entityID, judging);
      }, MetadataMistake),
  },
  {
    name: 'metadata-signature',
    seeds: [
      signed(metadata.replace(' entityID', ' ID="_m" entityID'), { reference: '/*', action: 'prepend' }),
      signed(aggregate.replace('<?xml version="1.0"?>', '').replace(' Name="f"', ' ID="_f"'), {
        reference: '/*',
        action: 'prepend',
      }),
    ],
    dictionary: [...xmlWords, 'ds:Reference URI="', 'ds:Transform', 'ec:InclusiveNamespaces PrefixList="', 'xmlns:x="urn:x"'],
    most: 30_000,
    run: (input) =>
      meant(() => {
        openMetadata(input, { now, clockSkew: 0, keys: [key.publicKey], requireValidUntil: true, validAtMost: 4e10 });
      }, MetadataMistake),
  },
  {
    name: 'ldap-messages',
    seeds: [
      Buffer.from('300c02010161070a010004000400', 'hex'),
      Buffer.from('301c020102641704056f753d65783 00e300c04046d61696c310404026162'.replaceAll(' ', ''), 'hex'),
    ],
    dictionary: ['\x30\x84', '\x02\x01', '\x04\x00', '\x61', '\x64', '\x0a\x01'],
    most: 4_000,
    run: (input) => meant(() => createMessageStream(65_536, () => undefined)(input), MalformedMessage, InvalidAsn1Error),
  },
  {
    name: 'typed-names',
    seeds: [
      'alice@example.com',
      'CORP\\alice',
      'alice',
      'CN=a\\,b\\2c+OU=x,DC=y',
      'CN=#0403666f6f,O="a,b"',
      'Basic YWxpY2U6cGFzcw==',
      '2001:db8::1',
      '::ffff:10.0.0.1',
    ],
    dictionary: ['CN=', '\\', '#', '@', ',', '+', 'Basic ', '::', '%'],
    most: 2_000,
    run: (input) =>
      meant(() => {
        parseSignInName(text(input));
        groupName(text(input));
        networkOf(text(input));
        readBasicCredentials(latin(input));
        readBasicCredentials(`Basic ${input.toString('base64')}`);
      }),
  },
  {
    name: 'headers-and-values',
    seeds: ['en-GB,de;q=0.7,*;q=0', '__Host-passerelle=abc; other=x', '2026-07-01T10:00:00.123Z', 'QUJD'],
    dictionary: [';q=', ',', '*', '=', ';', 'T24:00:00Z', '+01:00', '=='],
    most: 2_000,
    run: (input) =>
      meant(() => {
        locale(latin(input));
        createSessionCookie().read(latin(input));
        parseDateTime(text(input));
        decodeBase64(text(input));
      }),
  },
  {
    name: 'settings',
    seeds: [
      'publicUrl: https://idp.example.com\ndirectory:\n  urls: [ldaps://dc1]\n  password: ${PASSWORD}\n',
      'a: &x [1, *x]\n',
      '"a": {b: |\n  c}\n',
    ],
    dictionary: ['${', '}', '&a ', '*a', '!!str ', '<<: ', '---\n', ': ', '- ', '|', '>'],
    most: 4_000,
    run: (input) => meant(() => parseSettings(text(input), { PASSWORD: 'x' })),
  },
  ...certificateTargets,
  ...kerberosTargets,
  ...radiusTargets,
  ...webauthnTargets,
];
