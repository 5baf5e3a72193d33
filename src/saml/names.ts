/** The URIs of SAML and XML Signature under the names that Passerelle calls them by. */
import { algorithms as urnAlgorithms, namespace as urn } from 'samlify/build/src/urn.js';

export const namespaces = {
  assertion: urn.names.assertion,
  protocol: urn.names.protocol,
  metadata: urn.names.metadata,
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  /** Namespace of the newer elements of XML Signature algorithms (InclusiveNamespaces). */
  exclusiveC14n: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  alg: 'urn:oasis:names:tc:SAML:metadata:algsupport',
  mdattr: 'urn:oasis:names:tc:SAML:metadata:attribute',
  mdui: 'urn:oasis:names:tc:SAML:metadata:ui',
  xenc: 'http://www.w3.org/2001/04/xmlenc#',
  xenc11: 'http://www.w3.org/2009/xmlenc11#',
  dsig11: 'http://www.w3.org/2009/xmldsig11#',
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  ecp: 'urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp',
  paos: 'urn:liberty:paos:2003-08',
  channelBinding: 'urn:oasis:names:tc:SAML:protocol:ext:channel-binding',
  samlec: 'urn:ietf:params:xml:ns:samlec',
  asynchronousLogout: 'urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo',
  xs: 'http://www.w3.org/2001/XMLSchema',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
  xml: 'http://www.w3.org/XML/1998/namespace',
  xmlns: 'http://www.w3.org/2000/xmlns/',
} as const;

/** saml-bindings §3. */
export const bindings = {
  httpRedirect: urn.binding.redirect,
  httpPost: urn.binding.post,
  httpPostSimpleSign: urn.binding.simpleSign,
  httpArtifact: urn.binding.artifact,
  soap: 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP',
  paos: 'urn:oasis:names:tc:SAML:2.0:bindings:PAOS',
} as const;

/** The only encoding of the HTTP-Redirect binding (saml-bindings §3.4.4.1). */
export const deflateEncoding = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';

/** saml-core §8.3. */
export const nameIDFormats = {
  emailAddress: urn.format.emailAddress,
  unspecified: urn.format.unspecified,
  /** Not in the standard, yet sent by an older Google: unspecified with the prefix of SAML 2.0. */
  unspecified20: 'urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified',
  entity: urn.format.entity,
  persistent: urn.format.persistent,
  transient: urn.format.transient,
  encrypted: 'urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted',
} as const;

/** saml-core §8.2. */
export const attributeNameFormats = {
  unspecified: 'urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified',
  uri: 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
  basic: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
} as const;

/** What every status code of saml-core §3.2.2.2 begins with. */
export const statusPrefix = 'urn:oasis:names:tc:SAML:2.0:status:';
export const statusSuccess = urn.statusCode.success;

/** saml-profiles §3.3. */
export const confirmationBearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

export const authnContextClasses = {
  passwordProtectedTransport: urn.authnContextClassRef.passwordProtectedTransport,
  password: urn.authnContextClassRef.password,
  unspecified: 'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified',
  kerberos: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos',
  x509: 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509',
  tlsClient: 'urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient',
  timeSyncToken: 'urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken',
  /** REFEDS Single- and Multi-Factor Authentication Profiles. */
  refedsSfa: 'https://refeds.org/profile/sfa',
  refedsMfa: 'https://refeds.org/profile/mfa',
  /** What AD FS and Entra ID ask for and state of several factors. */
  multipleAuthn: 'http://schemas.microsoft.com/claims/multipleauthn',
} as const;

/** XML Signature algorithms that Passerelle makes or accepts; none rests on SHA-1 or MD5. */
export const algorithms = {
  rsaSha256: urnAlgorithms.signature.RSA_SHA256,
  rsaSha384: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  rsaSha512: urnAlgorithms.signature.RSA_SHA512,
  ecdsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  ecdsaSha384: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
  exclusiveC14n: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  envelopedSignature: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
} as const;
