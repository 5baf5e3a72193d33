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
    { words: 'no-address', reference, back: { location: back.location, SAMLart: 'AAQAAA==', RelayState: undefined } },
  ],
  respond: [
    { ...back, serviceProvider: 'Google Workspace' },
    { ...back, RelayState: undefined, serviceProvider: '' },
    { location: back.location, SAMLart: 'AAQAAA==', RelayState: undefined, serviceProvider: '' },
  ],
  logout: [
    {
      services: [
        { name: 'Wiki', state: 'done' },
        { name: 'https://a-service-with-a-long-entity-id.example.net/shibboleth/metadata', state: 'failed' },
        { name: 'Expenses', state: 'current' },
        { name: 'Payroll', state: 'waiting' },
      ],
      next: { purpose: 'visit', automatic: false, serviceProvider: 'Expenses', url: 'https://sp.example/slo?SAMLRequest=x' },
      skip: { action: '/signout/progress', id: 'handle', at: 2 },
    },
    {
      services: [{ name: 'Wiki', state: 'current' }],
      next: {
        purpose: 'again',
        automatic: false,
        serviceProvider: 'Wiki',
        form: { location: 'https://sp.example/slo', holder: 'SAMLRequest', message: 'PHNhbWw+', RelayState: 'handle' },
      },
      skip: { action: '/signout/progress', id: 'handle', at: 0 },
    },
    {
      services: [
        { name: 'Wiki', state: 'done' },
        { name: 'Expenses', state: 'failed' },
      ],
      next: {
        purpose: 'partial',
        automatic: false,
        serviceProvider: 'Payroll',
        form: { location: 'https://sp.example/slo', holder: 'SAMLResponse', message: 'PHNhbWw+', RelayState: undefined },
      },
    },
    {
      services: [{ name: 'Wiki', state: 'done' }],
      next: { purpose: 'return', automatic: false, serviceProvider: 'Payroll', url: 'https://sp.example/slo?SAMLResponse=x' },
    },
  ],
  'signed-out': [
    { services: [], googleSignOutUrl: undefined },
    {
      services: [
        { name: 'Wiki', state: 'done' },
        { name: 'Expenses', state: 'failed' },
      ],
      googleSignOutUrl: 'https://accounts.google.com/Logout',
    },
    { services: [{ name: 'Wiki', state: 'done' }], googleSignOutUrl: undefined },
  ],
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
