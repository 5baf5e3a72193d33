/** The constants of SimpleSAMLphp and its SAML library that metadata name. */
import { attributeNameFormats, bindings, nameIDFormats } from '../../../saml/names.ts';

const values: ReadonlyMap<string, string> = new Map([
  ['NAMEID_UNSPECIFIED', nameIDFormats.unspecified],
  ['NAMEID_EMAIL_ADDRESS', nameIDFormats.emailAddress],
  ['NAMEID_PERSISTENT', nameIDFormats.persistent],
  ['NAMEID_TRANSIENT', nameIDFormats.transient],
  ['NAMEID_ENTITY', nameIDFormats.entity],
  ['NAMEID_ENCRYPTED', nameIDFormats.encrypted],
  ['BINDING_HTTP_POST', bindings.httpPost],
  ['BINDING_HTTP_REDIRECT', bindings.httpRedirect],
  ['BINDING_HTTP_ARTIFACT', bindings.httpArtifact],
  ['BINDING_SOAP', bindings.soap],
  ['BINDING_PAOS', bindings.paos],
  ['NAMEFORMAT_UNSPECIFIED', attributeNameFormats.unspecified],
  ['NAMEFORMAT_URI', attributeNameFormats.uri],
  ['NAMEFORMAT_BASIC', attributeNameFormats.basic],
]);

/** SAML2 up to version 4, version 5, and what SimpleSAMLphp has of its own. */
const classes: ReadonlySet<string> = new Set(['SAML2\\Constants', 'SimpleSAML\\SAML2\\Constants', 'SAML2_Const']);
const ofXml: ReadonlyMap<string, string> = new Map([
  ['RSA_SHA1', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'],
  ['RSA_SHA256', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'],
  ['RSA_SHA384', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384'],
  ['RSA_SHA512', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512'],
]);

/** @param className without a backslash in front */
export function constantNamed(className: string, constant: string): string | undefined {
  if (className === 'RobRichards\\XMLSecLibs\\XMLSecurityKey') return ofXml.get(constant);
  return classes.has(className) ? values.get(constant) : undefined;
}
