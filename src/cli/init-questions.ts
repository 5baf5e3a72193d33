/** What `passerelle init` asks, and how the answers become a starting file. */
import type { GoogleAnswer, StartingAnswers } from '../config/starting-file.ts';

/** Answers by the name of their flag. */
export type Answers = Readonly<Record<string, string>>;

export interface Question {
  /** The flag without its dashes. */
  readonly flag: string;
  readonly words: string;
  /** What the usage says about the flag. */
  readonly usage: string;
  /** A right answer, which stands in for one that was not given yet. */
  readonly sample: string;
  /** Taken where nothing is answered; undefined where an answer is needed. */
  readonly fallback: (answers: Answers) => string | undefined;
  /** Whether the answers so far call for it. */
  readonly applies: (answers: Answers) => boolean;
  /** Where the answer stands in the file; undefined where it is one of `choices` instead. */
  readonly setting: string | undefined;
  readonly choices?: readonly string[];
}

const always = (): boolean => true;
const needed = (): undefined => undefined;
const forKind =
  (...kinds: readonly string[]) =>
  (answers: Answers): boolean =>
    kinds.includes(answers.google ?? '');

function baseDnOf(answers: Answers): string | undefined {
  const host = URL.parse(answers['directory-url'] ?? '')?.hostname ?? '';
  // A domain controller's name is one label below its domain, mostly.
  const labels = /^[a-z0-9-]+(\.[a-z][a-z0-9-]*)+$/i.test(host) ? host.split('.').slice(1) : [];
  return labels.length < 2 ? undefined : labels.map((label) => `DC=${label}`).join(',');
}

export const questions: readonly Question[] = [
  {
    flag: 'public-url',
    words: 'Under which URL will browsers reach Passerelle',
    usage: 'URL       where browsers reach Passerelle, such as https://sso.example.com',
    sample: 'https://sso.example.com',
    fallback: needed,
    applies: always,
    setting: 'publicUrl',
  },
  {
    flag: 'directory-url',
    words: 'Which directory server (ldaps://HOST, or ldap://HOST for StartTLS)',
    usage: 'URL    ldaps://HOST, or ldap://HOST for StartTLS',
    sample: 'ldaps://dc1.corp.example.com',
    fallback: needed,
    applies: always,
    setting: 'directory.urls',
  },
  {
    flag: 'base-dn',
    words: 'Below which DN are people searched',
    usage: 'DN           where people are searched; by default from the server’s name',
    sample: 'DC=corp,DC=example,DC=com',
    fallback: baseDnOf,
    applies: always,
    setting: 'directory.baseDn',
  },
  {
    flag: 'bind-dn',
    words: 'Which service account reads the directory (DN, or user@domain)',
    usage: 'NAME         the service account: its DN or its UPN',
    sample: 'CN=Passerelle,DC=corp,DC=example,DC=com',
    fallback: needed,
    applies: always,
    setting: 'directory.bindDn',
  },
  {
    flag: 'password-file',
    words: 'In which file is its password',
    usage: 'FILE   holds its password; by default directory-password',
    sample: 'directory-password',
    fallback: () => 'directory-password',
    applies: always,
    setting: 'directory.passwordFile',
  },
  {
    flag: 'primary-domain',
    words: 'What is the primary domain of the Cloud Identity or Workspace account',
    usage: 'NAME  the primary domain in Google, such as example.com',
    sample: 'example.com',
    fallback: needed,
    applies: always,
    setting: 'mapping.domains.primary',
  },
  {
    flag: 'source',
    words: 'Which attribute holds the address in Google (userPrincipalName or mail)',
    usage: 'NAME          userPrincipalName, the default, or mail',
    sample: 'userPrincipalName',
    fallback: () => 'userPrincipalName',
    applies: always,
    setting: 'mapping.source',
  },
  {
    flag: 'google',
    words: 'What in Google asks (profile, legacy, workforce or none)',
    usage: 'KIND          profile, the default, legacy, workforce or none',
    sample: 'none',
    fallback: () => 'profile',
    applies: always,
    setting: undefined,
    choices: ['profile', 'legacy', 'workforce', 'none'],
  },
  {
    flag: 'entity-id',
    words: 'Entity ID of the SSO profile, as Google Admin shows it',
    usage: 'URL        of the SSO profile, as Google Admin shows it (profile)',
    sample: 'https://accounts.google.com/samlrp/0',
    fallback: needed,
    applies: forKind('profile'),
    setting: 'serviceProviders.0.entityId',
  },
  {
    flag: 'acs-url',
    words: 'ACS URL of the SSO profile, as Google Admin shows it',
    usage: 'URL          of the SSO profile, as Google Admin shows it (profile)',
    sample: 'https://accounts.google.com/samlrp/0/acs',
    fallback: needed,
    applies: forKind('profile'),
    setting: 'serviceProviders.0.acsUrl',
  },
  {
    flag: 'domain',
    words: 'Domain in the ACS URL, google.com/a/DOMAIN',
    usage: 'NAME          in the ACS URL; by default the primary domain (legacy)',
    sample: 'example.com',
    fallback: (answers) => answers['primary-domain'],
    applies: forKind('legacy'),
    setting: 'serviceProviders.0.domain',
  },
  {
    flag: 'pool',
    words: 'Workforce pool ID',
    usage: 'ID              the workforce pool (workforce)',
    sample: 'employees',
    fallback: needed,
    applies: forKind('workforce'),
    setting: 'serviceProviders.0.pool',
  },
  {
    flag: 'provider',
    words: 'Provider ID within the pool',
    usage: 'ID          the provider within the pool (workforce)',
    sample: 'passerelle',
    fallback: needed,
    applies: forKind('workforce'),
    setting: 'serviceProviders.0.provider',
  },
];

/** What is not answered yet is filled with samples. */
export function startingAnswers(answers: Answers): StartingAnswers {
  const get = (flag: string): string => answers[flag] ?? questions.find((question) => question.flag === flag)?.sample ?? '';
  return {
    publicUrl: get('public-url'),
    directoryUrl: get('directory-url'),
    baseDn: get('base-dn'),
    bindDn: get('bind-dn'),
    passwordFile: get('password-file'),
    primaryDomain: get('primary-domain'),
    source: get('source'),
    google: googleAnswer(get),
  };
}

function googleAnswer(get: (flag: string) => string): GoogleAnswer | undefined {
  switch (get('google')) {
    case 'profile':
      return { kind: 'google-profile', entityId: get('entity-id'), acsUrl: get('acs-url') };
    case 'legacy':
      return { kind: 'google-legacy', domain: get('domain') };
    case 'workforce':
      return { kind: 'google-workforce', pool: get('pool'), provider: get('provider') };
    default:
      return undefined;
  }
}
