/** Examples of every page, from the barest to the fullest: what a template must be able to show before it is taken. */
import { factorSpecimens } from './factor-specimens.ts';
import type { PageData, PageName } from './page-contents.ts';

const reference = 'ABCD-EFGH-JKLM';
const day = 86_400_000;
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
    {
      action: '/signin/password',
      signin: 'handle',
      name: 'anna@example.com',
      serviceProvider: 'Google Workspace',
      problem: { words: 'person-locked', reference, until: { at: Date.UTC(2026, 0, 31, 9, 25), ahead: 1_500_000 } },
    },
    {
      action: '/signin/password',
      signin: 'handle',
      name: '',
      serviceProvider: '',
      kerberosUrl: '/signin/kerberos?id=handle&asked=1',
      certificateUrl: '/signin/certificate?id=handle',
      others: [{ way: 'passkey', url: '/signin/passkey?id=handle' }],
      keep: { life: 30 * day, asked: true },
    },
  ],
  ...factorSpecimens,
  certificate: [
    { certificateUrl: '/signin/certificate?id=handle', serviceProvider: 'Google Workspace' },
    {
      certificateUrl: '/signin/certificate?id=handle',
      serviceProvider: '',
      problem: { words: 'certificate-missing', reference },
    },
  ],
  refusal: [
    { words: 'request-unreadable', reference },
    { words: 'directory-unavailable', reference, serviceProvider: 'Google Workspace', tryAgainUrl: '/signin?id=handle' },
    {
      words: 'factor-unavailable',
      reference,
      serviceProvider: 'Google Workspace',
      tryAgainUrl: '/signin?id=handle',
      others: [{ way: 'totp', url: '/signin/totp?id=handle' }],
    },
    { words: 'password-expired', reference, serviceProvider: 'Google Workspace', back },
    { words: 'logon-hours', reference, back, until: { at: Date.UTC(2026, 1, 2, 7), ahead: 172_800_000 } },
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
  'change-password': [
    { action: '/password', signin: undefined, name: '', serviceProvider: '', rules: [], laterUrl: undefined },
    {
      action: '/signin/new-password',
      signin: 'handle',
      name: 'anna@example.com',
      serviceProvider: 'Google Workspace',
      rules: [
        { label: 'length', count: 14, broken: true },
        { label: 'kinds', broken: true },
        { label: 'names', broken: false },
        { label: 'previous', broken: false },
        { label: 'history', count: 24, broken: false },
        { label: 'age', milliseconds: day, broken: false },
        { label: 'life', milliseconds: 42 * day, broken: false },
      ],
      laterUrl: '/signin?id=handle&later=1',
      problem: { words: 'new-password-short', reference },
    },
    {
      action: '/signin/new-password',
      signin: 'handle',
      name: 'anna@example.com',
      serviceProvider: 'Google Workspace',
      rules: [{ label: 'length', count: 8, broken: false }],
      laterUrl: undefined,
      problem: { words: 'password-must-change', reference },
    },
    {
      action: '/password',
      signin: undefined,
      name: 'anna@example.com',
      serviceProvider: '',
      rules: [],
      laterUrl: undefined,
      problem: { words: 'not-accepted', reference },
    },
    {
      action: '/password',
      signin: undefined,
      name: 'anna@example.com',
      serviceProvider: '',
      rules: [],
      laterUrl: undefined,
      problem: { words: 'password-too-young', reference, until: { at: Date.UTC(2026, 1, 2, 7), ahead: 2 * day } },
    },
    {
      action: '/password',
      signin: undefined,
      name: 'anna@example.com',
      serviceProvider: '',
      rules: [],
      laterUrl: undefined,
      problem: { words: 'too-many-attempts', reference, minutes: 30 },
    },
  ],
  'change-password-elsewhere': [{ url: undefined }, { url: 'https://password.example.com/' }],
  'password-changed': [{ homeUrl: '/' }],
  'password-expiring': [
    { days: 0, serviceProvider: '', changeUrl: undefined, laterUrl: '/signin?id=handle&later=1' },
    {
      days: 5,
      serviceProvider: 'Google Workspace',
      changeUrl: '/signin/new-password?id=handle',
      laterUrl: '/signin?id=handle&later=1',
    },
  ],
  fault: [{ reference }],
  saml: [
    {
      values: [
        { label: 'entity-id', value: 'https://login.example.com/saml/metadata' },
        { label: 'sign-in-url', value: 'https://login.example.com/saml/sso' },
        { label: 'sign-out-url', value: 'https://login.example.com/signout' },
        { label: 'change-password-url', value: 'https://login.example.com/password' },
        { label: 'certificate', value: '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n', multiline: true },
      ],
      metadataUrl: 'https://login.example.com/saml/metadata',
      certificateUrl: 'https://login.example.com/saml/certificate.pem',
      certificates: [
        {
          name: 'signing-1',
          notAfter: '2036-01-31',
          sha256: '12:34:56:78:9A:BC:DE:F0',
          url: 'https://login.example.com/saml/certificate.pem?key=signing-1',
        },
      ],
    },
  ],
  home: [
    { signInLinks: [] },
    { signInLinks: [{ name: 'Google Workspace', url: '/saml/idp-initiated?sp=google.com' }], accountUrl: '/account' },
  ],
};
