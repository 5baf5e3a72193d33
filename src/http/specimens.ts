/** Examples of every page, from the barest to the fullest: what a template must be able to show before it is taken. */
import type { PageData, PageName } from './page-contents.ts';

const reference = 'ABCD-EFGH-JKLM';
const back = { location: 'https://sp.example/acs', SAMLResponse: 'PHNhbWw+', RelayState: 'https://sp.example/inbox' };

export const specimens: { readonly [Name in PageName]: readonly PageData[Name][] } = {
  password: [
    { action: '/signin/password', signin: 'handle', name: '', serviceProvider: '' },
    {
      action: '/signin/password',
      signin: 'handle',
      name: 'anna@example.com',
      serviceProvider: 'Google Workspace',
      problem: { words: 'not-accepted', reference },
    },
    {
      action: '/signin/password',
      signin: 'handle',
      name: '',
      serviceProvider: 'Google Workspace',
      problem: { words: 'too-many-attempts', reference, minutes: 30 },
    },
  ],
  refusal: [
    { words: 'request-unreadable', reference },
    { words: 'directory-unavailable', reference, serviceProvider: 'Google Workspace', tryAgainUrl: '/signin?id=handle' },
    { words: 'password-expired', reference, serviceProvider: 'Google Workspace', back },
    { words: 'no-address', reference, back: { ...back, RelayState: undefined } },
  ],
  respond: [
    { ...back, serviceProvider: 'Google Workspace' },
    { ...back, RelayState: undefined, serviceProvider: '' },
  ],
  'signed-out': [{}],
  'change-password': [{ url: undefined }, { url: 'https://password.example.com/' }],
  fault: [{ reference }],
  saml: [
    {
      values: [
        { label: 'entity-id', value: 'https://login.example.com/saml/metadata' },
        { label: 'sign-in-url', value: 'https://login.example.com/saml/sso' },
        { label: 'sign-out-url', value: 'https://login.example.com/signout' },
        { label: 'change-password-url', value: 'https://login.example.com/change-password' },
        { label: 'certificate', value: '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n', multiline: true },
      ],
      metadataUrl: 'https://login.example.com/saml/metadata',
      certificateUrl: 'https://login.example.com/saml/certificate.pem',
      certificates: [{ name: 'signing-1', notAfter: '2036-01-31', sha256: '12:34:56:78:9A:BC:DE:F0' }],
    },
  ],
  home: [{ signInLinks: [] }, { signInLinks: [{ name: 'Google Workspace', url: '/saml/idp-initiated?sp=google.com' }] }],
};
