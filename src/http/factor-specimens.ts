/** Examples of the pages of factors, of what sets them up, and of the person’s own. */
import type { PageData } from './page-contents.ts';

const reference = 'ABCD-EFGH-JKLM';
const day = 86_400_000;
const keyOptions = '{"rpId":"login.example.com","challenge":"AAAA","timeout":300000,"userVerification":"preferred"}';
const otpauth =
  'otpauth://totp/Passerelle:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Passerelle&algorithm=SHA1&digits=6&period=30';

export const factorSpecimens: {
  readonly [
    Name in
      | 'factor-name'
      | 'factor-code'
      | 'factor-webauthn'
      | 'factor-wait'
      | 'factor-redirect'
      | 'enrol'
      | 'enrol-pass'
      | 'enrol-totp'
      | 'enrol-webauthn'
      | 'recovery-codes'
      | 'account'
      | 'account-remove'
  ]: readonly PageData[Name][];
} = {
  'factor-name': [
    { way: 'totp', action: '/signin/totp', signin: 'handle', serviceProvider: '', others: [] },
    {
      way: 'webauthn',
      action: '/signin/webauthn',
      signin: 'handle',
      name: 'anna@example.com',
      serviceProvider: 'Google Workspace',
      others: [{ way: 'password', url: '/signin?id=handle&way=password' }],
      problem: { words: 'code-not-accepted', reference },
    },
  ],
  'factor-code': [
    {
      way: 'totp',
      action: '/signin/totp',
      signin: 'handle',
      serviceProvider: 'Google Workspace',
      others: [],
      hidden: false,
      remember: { life: 30 * day, asked: true },
    },
    {
      way: 'radius',
      action: '/signin/radius',
      signin: 'handle',
      name: 'anna@example.com',
      serviceProvider: '',
      message: 'Enter the code that we sent to ••• 42.',
      others: [
        { way: 'recovery-code', url: '/signin/recovery-code?id=handle' },
        { way: 'webhook', url: '/signin/webhook?id=handle' },
      ],
      hidden: true,
      problem: { words: 'too-many-attempts', reference, minutes: 30 },
    },
  ],
  'factor-webauthn': [
    {
      way: 'webauthn',
      action: '/signin/webauthn',
      signin: 'handle',
      serviceProvider: '',
      others: [],
      options: keyOptions,
      remember: { life: 30 * day, asked: false },
    },
    {
      way: 'passkey',
      action: '/signin/passkey',
      signin: 'handle',
      name: 'anna@example.com',
      serviceProvider: 'Google Workspace',
      others: [
        { way: 'password', url: '/signin?id=handle&way=password' },
        { way: 'totp', url: '/signin/totp?id=handle' },
      ],
      options: keyOptions,
      problem: { words: 'code-not-accepted', reference },
    },
  ],
  'factor-wait': [
    {
      way: 'webhook',
      action: '/signin/webhook',
      signin: 'handle',
      serviceProvider: 'Google Workspace',
      others: [{ way: 'totp', url: '/signin/totp?id=handle' }],
      number: '42',
      remember: { life: 30 * day, asked: false },
    },
    {
      way: 'own',
      title: 'Badge reader',
      action: '/signin/own',
      signin: 'handle',
      serviceProvider: '',
      others: [],
      message: 'Approve it on your badge reader.',
      remember: { life: 30 * day, asked: true },
    },
  ],
  'factor-redirect': [
    {
      way: 'duo',
      serviceProvider: 'Google Workspace',
      others: [],
      url: 'https://api-1.duosecurity.com/oauth/v1/authorize?a=b&c=d',
    },
    {
      way: 'own',
      title: 'Badge reader',
      serviceProvider: '',
      others: [{ way: 'totp', url: '/signin/totp?id=handle' }],
      url: 'https://badge.example.com/',
      problem: { words: 'factor-denied', reference },
    },
  ],
  enrol: [
    {
      ways: [
        { way: 'webauthn', url: '/signin/enrol/webauthn?id=handle' },
        { way: 'totp', url: '/signin/enrol/totp?id=handle' },
      ],
      serviceProvider: 'Google Workspace',
    },
  ],
  'enrol-pass': [
    { action: '/signin/enrol', hidden: { name: 'signin', value: 'handle' }, serviceProvider: 'Google Workspace' },
    {
      action: '/account/pass',
      hidden: { name: 'way', value: 'totp' },
      serviceProvider: '',
      backUrl: '/account',
      problem: { words: 'enrolment-pass-wrong', reference },
    },
  ],
  'enrol-totp': [
    {
      action: '/signin/enrol/totp',
      signin: 'handle',
      serviceProvider: 'Google Workspace',
      otherUrl: '/signin/enrol?id=handle',
      uri: otpauth,
      key: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
    },
    {
      action: '/account/add/totp',
      serviceProvider: '',
      backUrl: '/account',
      uri: otpauth,
      key: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
      problem: { words: 'code-not-accepted', reference },
    },
  ],
  'enrol-webauthn': [
    { action: '/signin/enrol/webauthn', signin: 'handle', serviceProvider: '', options: keyOptions },
    {
      action: '/account/add/webauthn',
      serviceProvider: '',
      backUrl: '/account',
      options: keyOptions,
      problem: { words: 'key-not-allowed', reference },
    },
  ],
  'recovery-codes': [
    { codes: Array.from({ length: 10 }, (_, index) => `7K3F-9QXM-2CW${String(index)}`), nextUrl: '/signin?id=handle' },
  ],
  account: [
    {
      name: '',
      done: undefined,
      factors: [],
      elsewhere: [],
      adds: [],
      isClosed: true,
      codes: undefined,
      sessions: [],
      devices: [],
      signIns: [],
    },
    {
      name: 'Ada Lovelace',
      done: 'added',
      factors: [
        {
          ...{ way: 'webauthn', id: 'key', name: 'Blue key', createdAt: Date.UTC(2026, 0, 31, 9, 25), lastUsedAt: undefined },
          removeUrl: '/account/remove?way=webauthn&id=key',
        },
        {
          ...{ way: 'totp', id: 'app', name: 'A phone with quite a long name that its person gave to it' },
          ...{ createdAt: Date.UTC(2026, 0, 31, 9, 25), lastUsedAt: Date.UTC(2026, 1, 2, 7) },
          removeUrl: '/account/remove?way=totp&id=app',
        },
      ],
      elsewhere: ['duo'],
      adds: [
        { way: 'webauthn', url: '/account/add/webauthn' },
        { way: 'totp', url: '/account/add/totp' },
      ],
      isClosed: false,
      codes: { left: 3 },
      sessions: [
        {
          ...{ id: 'this', current: true, createdAt: Date.UTC(2026, 1, 2, 7), lastSeenAt: Date.UTC(2026, 1, 2, 8) },
          ...{ place: '203.0.113.5', browser: 'Firefox', system: 'Windows', evidence: ['password', 'totp'] },
        },
        {
          ...{ id: 'that', current: false, createdAt: Date.UTC(2026, 1, 1, 7), lastSeenAt: Date.UTC(2026, 1, 2, 6) },
          ...{ place: '2001:db8:1234:5678:9abc:def0:1234:5678', browser: undefined, system: undefined, evidence: ['passkey'] },
        },
      ],
      devices: [
        {
          ...{ id: 'box', current: true, createdAt: Date.UTC(2026, 0, 2, 7), lastUsedAt: Date.UTC(2026, 1, 2, 7) },
          ...{ endsAt: Date.UTC(2026, 2, 2, 7), place: '203.0.113.5', browser: 'Firefox', system: 'Windows' },
        },
        {
          ...{ id: 'old', current: false, createdAt: Date.UTC(2026, 0, 2, 7), lastUsedAt: Date.UTC(2026, 0, 3, 7) },
          ...{ endsAt: Date.UTC(2026, 1, 9, 7), place: '198.51.100.7', browser: 'Safari', system: undefined },
        },
      ],
      signIns: [
        { at: Date.UTC(2026, 1, 2, 7), name: 'Google Workspace', place: '203.0.113.5', by: ['password', 'totp'] },
        {
          at: Date.UTC(2026, 1, 1, 7),
          name: 'https://wiki.example.net/shibboleth/metadata',
          place: '203.0.113.5',
          by: ['kerberos'],
        },
      ],
    },
  ],
  'account-remove': [
    { action: '/account/remove', way: 'totp', id: 'app', name: 'My phone', isLast: undefined, backUrl: '/account' },
    { action: '/account/remove', way: 'webauthn', id: 'key', name: 'Blue key', isLast: 'asked', backUrl: '/account' },
    { action: '/account/remove', way: 'webauthn', id: 'key', name: 'Blue key', isLast: 'last', backUrl: '/account' },
  ],
};
