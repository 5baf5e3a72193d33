/** A realm and its clients, in the shape in which Keycloak exports them. */

/** A client with parts of it replaced. */
export const client = (changes: object = {}) => ({
  id: '3c1f2a50-6f0b-4d5e-8a8e-0c3a4b9c1d11',
  clientId: 'https://sp.example.com/',
  name: 'Wiki',
  surrogateAuthRequired: false,
  enabled: true,
  alwaysDisplayInConsole: false,
  clientAuthenticatorType: 'client-secret',
  redirectUris: [],
  webOrigins: [],
  notBefore: 0,
  bearerOnly: false,
  consentRequired: false,
  frontchannelLogout: false,
  protocol: 'saml',
  attributes: {
    'saml.assertion.signature': 'true',
    'saml.server.signature': 'true',
    'saml.client.signature': 'false',
    'saml.encrypt': 'false',
    'saml.signature.algorithm': 'RSA_SHA256',
    'saml.authnstatement': 'true',
    'saml.force.post.binding': 'true',
    saml_name_id_format: 'email',
    saml_force_name_id_format: 'false',
    saml_signature_canonicalization_method: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    saml_assertion_consumer_url_post: 'https://sp.example.com/acs',
  },
  authenticationFlowBindingOverrides: {},
  fullScopeAllowed: true,
  nodeReRegistrationTimeout: -1,
  protocolMappers: [] as object[],
  defaultClientScopes: ['role_list'],
  optionalClientScopes: [],
  ...changes,
});

export const mapper = (kind: string, config: object) => ({
  id: '0f3c6d5e-1f9c-4d7e-9a5e-7b1f2d3c4e5f',
  name: kind,
  protocol: 'saml',
  protocolMapper: kind,
  consentRequired: false,
  config: { 'attribute.name': 'x', 'attribute.nameformat': 'Basic', ...config },
});

const ldapMapper = (model: string, ldap: string) => ({
  name: model,
  providerId: 'user-attribute-ldap-mapper',
  subComponents: {},
  config: {
    'user.model.attribute': [model],
    'ldap.attribute': [ldap],
    'read.only': ['true'],
    'always.read.value.from.ldap': ['true'],
  },
});

/** Active Directory as it is brought in, with further attributes. */
export const ldapProvider = (
  attributes: Readonly<Record<string, string>> = { phone: 'telephoneNumber' },
  config: object = {},
) => ({
  name: 'ldap',
  providerId: 'ldap',
  subComponents: {
    'org.keycloak.storage.ldap.mappers.LDAPStorageMapper': [
      ...Object.entries({ username: 'sAMAccountName', email: 'mail', firstName: 'givenName', lastName: 'sn', ...attributes }).map(
        ([model, ldap]) => ldapMapper(model, ldap),
      ),
      {
        name: 'groups',
        providerId: 'group-ldap-mapper',
        subComponents: {},
        config: { 'groups.dn': ['OU=Groups,DC=corp,DC=example,DC=com'] },
      },
    ],
  },
  config: { vendor: ['ad'], usernameLDAPAttribute: ['sAMAccountName'], usersDn: ['DC=corp,DC=example,DC=com'], ...config },
});

export const realm = (clients: readonly object[], changes: object = {}) => ({
  id: 'corp',
  realm: 'corp',
  enabled: true,
  registrationEmailAsUsername: false,
  browserFlow: 'browser',
  clients,
  clientScopes: [
    {
      name: 'role_list',
      protocol: 'saml',
      protocolMappers: [] as object[],
    },
  ],
  components: { 'org.keycloak.storage.UserStorageProvider': [ldapProvider()] },
  ...changes,
});
