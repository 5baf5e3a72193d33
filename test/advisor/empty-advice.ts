/** A report of a directory in which nothing was found: the ground that other specimens stand on. */
import type { Advice, Outcomes } from '../../src/advisor/advice.ts';

const none: Outcomes = {
  mapped: 0,
  withoutValue: 0,
  notAnEmailAddress: 0,
  foreignDomain: 0,
  consumerDomain: 0,
  unregistrableDomain: 0,
  duplicate: 0,
};
const configured: Advice['configured'] = {
  source: 'userPrincipalName',
  substitute: {},
  domains: { primary: 'example.com', secondary: [], aliases: {} },
  letterCase: 'lower',
};

export const emptyAdvice: Advice = {
  format: 'passerelle-advice',
  version: 1,
  made: '2026-03-01T08:30:00.000Z',
  configured,
  forests: {
    forests: [],
    decision: {
      steps: [
        {
          question: 'How many forests are configured?',
          options: [
            { answer: 'One', taken: true },
            { answer: 'Several', taken: false },
          ],
          because: 'One directory, which says nothing of forests.',
        },
      ],
      outcome: 'One Cloud Identity account.',
    },
    accounts: { count: 1, because: 'one directory' },
    syncInstances: { count: 1, because: 'one directory' },
    signInFleets: { count: 1, because: 'one directory' },
    passerelle: { count: 1, because: 'one fleet serves all forests' },
    notes: [],
  },
  domains: {
    domains: [],
    dns: 'not asked',
    proposed: { domains: configured.domains, substitute: {} },
    choices: [],
    decision: { steps: [], outcome: 'Register no further domain.' },
    notes: [],
  },
  mapping: {
    candidates: [
      {
        name: 'configured',
        mapping: configured,
        outcomes: { person: none, service: none, disabled: none, guest: none },
        collisions: [],
        againstGuidelines: [],
      },
    ],
    best: 'configured',
    decision: { steps: [], outcome: 'Keep what is configured.' },
    upnIsNotMail: [],
    mailIsNotPrimarySmtp: [],
    accounts: { person: 0, service: 0, disabled: 0, guest: 0 },
    rules: [],
    mendings: [],
  },
  groups: {
    total: 0,
    builtIn: 0,
    empty: 0,
    kinds: [],
    uses: [],
    namings: [],
    nesting: { deepest: 0, byDepth: [], longest: [], cycles: [] },
    outsiders: [],
    limits: [],
    proposal: { filter: '(objectCategory=group)', finds: 0, leavesOut: [], naming: 'cn' },
    decision: { steps: [], outcome: 'Bring no groups.' },
    notes: [],
  },
  units: { trees: [], total: 0, deepest: 0, empty: 0, meaning: [], troubles: [] },
  verdict: {
    section: 'mapping:\n  source: userPrincipalName\n  domains:\n    primary: example.com\n',
    isConfigured: true,
    summary: 'Nobody was found: look at the search bases.',
  },
  people: [],
};
