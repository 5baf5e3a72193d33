/** A relying party trust as Get-AdfsRelyingPartyTrust | ConvertTo-Json writes it on Windows Server 2016 to 2022: all properties, in its order. */

export const groupSid = 'S-1-5-21-2624039266-918686060-4041204886-1128';
const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const microsoft = 'http://schemas.microsoft.com/ws/2008/06/identity/claims';

export const types = {
  account: `${microsoft}/windowsaccountname`,
  groupSid: `${microsoft}/groupsid`,
  role: `${microsoft}/role`,
  upn: `${claims}/upn`,
  email: `${claims}/emailaddress`,
  name: `${claims}/name`,
  nameId: `${claims}/nameidentifier`,
  permit: 'http://schemas.microsoft.com/authorization/claims/permit',
  deny: 'http://schemas.microsoft.com/authorization/claims/deny',
  format: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claimproperties/format',
  nameFormat: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claimproperties/attributename',
} as const;

/** As the wizard "Send LDAP Attributes as Claims" writes it. */
export const ldapRule = (pairs: readonly (readonly [type: string, attribute: string])[], name = 'LDAP'): string =>
  `@RuleTemplate = "LdapClaims"\r\n@RuleName = "${name}"\r\nc:[Type == "${types.account}", Issuer == "AD AUTHORITY"]\r\n => issue(store = "Active Directory", types = (${pairs
    .map(([type]) => `"${type}"`)
    .join(', ')}), query = ";${pairs.map(([, attribute]) => attribute).join(',')};{0}", param = c.Value);\r\n\r\n`;

/** As the wizard "Transform an Incoming Claim" writes it. */
export const nameIdRule = (from: string, format?: string): string =>
  `@RuleTemplate = "MapClaims"\r\n@RuleName = "NameID"\r\nc:[Type == "${from}"]\r\n => issue(Type = "${types.nameId}", Issuer = c.Issuer, OriginalIssuer = c.OriginalIssuer, Value = c.Value, ValueType = c.ValueType${
    format === undefined ? '' : `, Properties["${types.format}"] = "${format}"`
  });\r\n\r\n`;

/** As the wizard "Send Group Membership as a Claim" writes it. */
export const groupRule = (sid: string, type: string, value: string): string =>
  `@RuleTemplate = "EmitGroupClaims"\r\n@RuleName = "${value}"\r\nc:[Type == "${types.groupSid}", Value == "${sid}", Issuer == "AD AUTHORITY"]\r\n => issue(Type = "${type}", Value = "${value}", Issuer = c.Issuer, OriginalIssuer = c.OriginalIssuer, ValueType = c.ValueType);\r\n\r\n`;

export const permitAll = `@RuleTemplate = "AllowAllAuthzRule"\r\n => issue(Type = "${types.permit}", Value = "true");\r\n\r\n`;
export const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

const endpoint = (protocol: string, location: string, more: object = {}) => ({
  Binding: 'POST',
  BindingUri: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
  Index: 0,
  IsDefault: false,
  Location: location,
  Protocol: protocol,
  ResponseLocation: null,
  ...more,
});

export const acsAt = (location: string, more: object = {}) => endpoint('SAMLAssertionConsumer', location, more);
export const logoutAt = (location: string, more: object = {}) => endpoint('SAMLLogout', location, more);

/** A sound one, with parts of it replaced. */
export const trust = (changes: object = {}) => ({
  AllowedAuthenticationClassReferences: [],
  EncryptionCertificateRevocationCheck: 'CheckChainExcludeRoot',
  PublishedThroughProxy: false,
  SigningCertificateRevocationCheck: 'CheckChainExcludeRoot',
  WSFedEndpoint: null,
  AdditionalWSFedEndpoint: [],
  ClaimsProviderName: [],
  ClaimsAccepted: [],
  EncryptClaims: true,
  Enabled: true,
  EncryptionCertificate: null,
  Identifier: ['https://wiki.example.com/saml'],
  NotBeforeSkew: 0,
  EnableJWT: false,
  AlwaysRequireAuthentication: false,
  Notes: null,
  OrganizationInfo: null,
  ObjectIdentifier: '5a6e1f0e-c850-eb11-b7f0-000c29db6547',
  ProxyEndpointMappings: {},
  ProxyTrustedEndpoints: [],
  ProtocolProfile: 'WsFed-SAML',
  RequestSigningCertificate: [],
  EncryptedNameIdRequired: false,
  SignedSamlRequestsRequired: false,
  SamlEndpoints: [acsAt('https://wiki.example.com/acs', { IsDefault: true })],
  SamlResponseSignature: 'AssertionOnly',
  SignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  TokenLifetime: 0,
  AllowedClientTypes: 3,
  IssueOAuthRefreshTokensTo: 2,
  RefreshTokenProtectionEnabled: true,
  RequestMFAFromClaimsProviders: false,
  ScopeGroupId: null,
  ScopeGroupIdentifier: null,
  DeviceAuthenticationMethod: null,
  Name: 'Wiki',
  AutoUpdateEnabled: false,
  MonitoringEnabled: false,
  MetadataUrl: null,
  ConflictWithPublishedPolicy: false,
  IssuanceAuthorizationRules: null,
  IssuanceTransformRules: nameIdRule(types.upn, emailAddress),
  DelegationAuthorizationRules: '',
  LastPublishedPolicyCheckSuccessful: null,
  LastUpdateTime: '/Date(-2208988800000)/',
  LastMonitoredTime: '/Date(-2208988800000)/',
  ImpersonationAuthorizationRules: '',
  AdditionalAuthenticationRules: null,
  AccessControlPolicyName: 'Permit everyone',
  AccessControlPolicyParameters: null,
  ResultantPolicy: {
    RequireFreshAuthentication: false,
    IssuanceAuthorizationRules: ['Microsoft.IdentityServer.PolicyModel.Configuration.PolicyTemplate.RuleMetadata'],
  },
  ...changes,
});
