/** What to do about a refusal: the hint of its row, made concrete by what is known of this one. */
import { refusals, type Reason } from '../refusal.ts';
import { answerRows } from '../refusal/answer-rows.ts';
import { certificateRows } from '../refusal/certificate-rows.ts';
import { factorRows } from '../refusal/factor-rows.ts';
import { kerberosRows } from '../refusal/kerberos-rows.ts';
import { passwordRows } from '../refusal/password-rows.ts';
import { storeRows } from '../refusal/store-rows.ts';
import { numberIn, textIn, type Detail } from './explain-kept.ts';
import { trouble } from './explain-ldap.ts';
import { long, quote } from './explain-words.ts';

/** What is known of who was refused, and where. */
export interface Circumstances {
  /** As typed. */
  readonly name: string | undefined;
  readonly distinguishedName: string | undefined;
  readonly serviceProvider: string | undefined;
  readonly remoteAddress: string | undefined;
  /** Of the refusal. */
  readonly detail: Detail;
  /** As `--config` was given; the commands that are named want it, too. */
  readonly config?: string | undefined;
}

/** An argument of a shell; no further one begins within it. */
const argument = (text: string | undefined, otherwise: string): string =>
  text === undefined ? otherwise : /^[\w@.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const command = (words: string, { config }: Circumstances): string =>
  `passerelle ${words}${config === undefined ? '' : ` --config ${argument(config, '')}`}`;
const whose = ({ distinguishedName, name }: Circumstances): string =>
  distinguishedName ?? (name === undefined ? 'the person' : quote(name));
const throttleOf = (known: Circumstances): string => command(`throttle show ${argument(known.name, 'NAME')}`, known);
function whatif(known: Circumstances): string {
  const { name, serviceProvider, remoteAddress } = known;
  const from = remoteAddress === undefined ? '' : ` --network ${argument(remoteAddress, 'ADDRESS')}`;
  return command(`whatif ${argument(name, 'NAME')} --sp ${argument(serviceProvider, 'ENTITY_ID')}${from}`, known);
}
const until = ({ detail }: Circumstances): string => textIn(detail, 'until') ?? 'an administrator unlocks it';
const because = (circumstances: Circumstances): string | undefined =>
  ['because', 'cause', 'why'].map((name) => textIn(circumstances.detail, name)).find((text) => text !== undefined);
/** As a sentence of its own. */
const ownWords: Advise = (known) => {
  const told = because(known);
  return told === undefined ? [] : [`What it was here: ${trouble(told).replace(/\.$/, '')}.`];
};
const server = ({ detail }: Circumstances): string => textIn(detail, 'server') ?? 'the directory server';
const entity = ({ serviceProvider, detail }: Circumstances): string =>
  textIn(detail, 'entityID') ?? serviceProvider ?? 'the service provider';
const age = ({ detail }: Circumstances): string => {
  const milliseconds = numberIn(detail, 'age');
  return milliseconds === undefined ? '' : ` by ${long(Math.abs(milliseconds))}`;
};

type Advise = (known: Circumstances) => readonly string[];

const locked: Advise = (known) => [
  `Unlock ${whose(known)} in the directory, or wait until ${until(known)}.`,
  `See which controllers count failures: ${throttleOf(known)}`,
];
const tooMany: Advise = (known) => [
  `See what counts and until when: ${throttleOf(known)}`,
  `Where it was the person themselves, forget it: ${command(`throttle clear ${argument(known.name, 'NAME')}`, known)}`,
];
const signature: Advise = (known) => [
  `Get the current metadata of ${entity(known)} and compare its keys: passerelle metadata check FILE-OR-URL`,
  'Where it changed its key, put the new metadata in the place of the old ones.',
];
const mapping: Advise = (known) => [
  `Correct the attribute of ${whose(known)} that mapping.source names, or the mapping: ${because(known) ?? 'see the step above'}.`,
  `Try it without a password: ${whatif(known)}`,
];
const reach: Advise = (known) => [
  `Look at ${server(known)}: ${trouble(because(known) ?? 'it gave no answer')}.`,
  ...(textIn(known.detail, 'others') === undefined ? [] : [`What else was tried: ${textIn(known.detail, 'others') ?? ''}.`]),
  `Have everything looked at from here: ${command('doctor', known)}`,
];
const clocks: Advise = (known) => [
  `The clock here and the one of ${entity(known)} differ${age(known)}, or a page was left open that long. Compare both clocks first.`,
  'Where the clocks agree, begin anew at the service provider.',
];

/** Where more is known than what the row says. */
const advices: Partial<Record<Reason, Advise>> = {
  'person-unknown': (known) => [
    `Ask the person to type the name as it stands in the directory: ${quote(known.name ?? '')} is nobody’s there.`,
    'Where it should be somebody’s, see that the account lies below directory.baseDn and that the service account may read it.',
  ],
  'person-ambiguous': () => ['Have the person sign in with the user principal name, or make the names differ in the directory.'],
  'password-wrong': (known) => [
    `Have the person type the password again, with an eye on Caps Lock and the keyboard; else set a new one for ${whose(known)}.`,
    `See what counts against them: ${throttleOf(known)}`,
  ],
  'person-locked': locked,
  'person-locked-unfamiliar': locked,
  'attempts-exhausted': tooMany,
  'person-attempts-exhausted': tooMany,
  'factor-attempts-exhausted': tooMany,
  'address-attempts-exhausted': (known) => [
    `Look at who signs in from ${known.remoteAddress ?? 'that address'}: ${throttleOf(known)}`,
    'Where many people share that address, raise throttle.attemptsPerAddress.',
  ],
  'person-disabled': (known) => [`Enable ${whose(known)} in the directory, if the person is to sign in.`],
  'person-expired': (known) => [`Set another accountExpires for ${whose(known)} in the directory, if the person is to sign in.`],
  'password-expired': (known) => [`Have the person change the password, or set a new one for ${whose(known)}.`],
  'password-must-change': (known) => [
    `Have the person change the password, or take “User must change password at next logon” off ${whose(known)}.`,
  ],
  'logon-hours': (known) => [
    textIn(known.detail, 'until') === undefined
      ? `Widen the logon hours of ${whose(known)}: they allow no hour that is near.`
      : `Wait until ${until(known)}, or widen the logon hours of ${whose(known)}.`,
  ],
  'access-not-granted': (known) => [
    `${whose(known)}: ${because(known) ?? 'no group lets the person in'}${
      textIn(known.detail, 'group') === undefined ? '' : ` (${textIn(known.detail, 'group') ?? ''})`
    }. Change the membership in the directory, or access.groups and access.except of ${entity(known)}.`,
    `Try it without a password: ${whatif(known)}`,
  ],
  'policy-refused': (known) => [
    `Look at the rule ${quote(textIn(known.detail, 'rule') ?? '')} under policy: it says refuse, and its conditions hold here.`,
    `Try what would hold: ${whatif(known)}`,
  ],
  'no-way-left': (known) => [
    `Give the person a pass to set up what is missing: ${command(`factors pass ${argument(known.name, 'NAME')}`, known)}`,
    `See what they have: ${command(`factors show ${argument(known.name, 'NAME')}`, known)}`,
  ],
  'code-wrong': (known) => [
    `Have the person look at the clock of the device, and wait for the next code. What it was: ${because(known) ?? 'a wrong one'}.`,
    `Where the device is gone: ${command(`factors reset ${argument(known.name, 'NAME')}`, known)}`,
  ],
  'no-user-principal-name': mapping,
  'no-mail': mapping,
  'not-an-email-address': mapping,
  'address-not-in-domains': mapping,
  'address-not-unique': (known) => [
    `Change the address of one of the two in the directory: ${whose(known)} and ${textIn(known.detail, 'other') ?? 'somebody else'} both map to ${
      textIn(known.detail, 'address') ?? 'it'
    }.`,
  ],
  'directory-unavailable': reach,
  'directory-untrusted': reach,
  'directory-refused': (known) => [
    `${server(known)} did not take the service account: look at directory.bindDn, its password and whether it is locked.`,
    `Have everything looked at from here: ${command('doctor', known)}`,
  ],
  'request-stale': clocks,
  'request-from-future': clocks,
  'request-replayed': () => ['Begin anew at the service provider: each request is answered once, and this one was.'],
  'request-wrong-destination': (known) => [
    `At the service provider, put ${textIn(known.detail, 'expected') ?? 'our sign-in URL'} where it has ${
      textIn(known.detail, 'destination') ?? 'nothing'
    }.`,
  ],
  'service-provider-unknown': (known) => [
    `Add ${entity(known)} to serviceProviders, written exactly so; or correct the entity ID at the service provider.`,
  ],
  'acs-not-registered': (known) => [
    `Compare ${textIn(known.detail, 'url') ?? 'the endpoint that was asked for'} with what is registered of ${entity(known)}, letter by letter.`,
    'Where its metadata changed, put the new ones in the place of the old ones.',
  ],
  'signature-missing': (known) => [
    `Have ${entity(known)} sign its requests: its metadata say that it does. Or take over metadata that do not.`,
  ],
  'signature-invalid': signature,
  'signature-malformed': signature,
  'signature-algorithm-forbidden': (known) => [
    `Have ${entity(known)} sign by RSA or ECDSA with SHA-256: it uses ${textIn(known.detail, 'algorithm') ?? 'another algorithm'}.`,
  ],
  'metadata-unusable': (known) => [
    `Correct the metadata in ${textIn(known.detail, 'source') ?? 'their source'}: ${because(known) ?? 'see the step above'}`,
    'See all of its mistakes: passerelle metadata check FILE-OR-URL',
  ],
  'signin-unknown': () => ['Begin anew at the service provider: this sign-in was answered, or took longer than requestLifetime.'],
};

const anchors: readonly (readonly [object, string])[] = [
  [answerRows, 'when-the-mapping-refuses'],
  [certificateRows, 'client-certificates-and-smart-cards'],
  [factorRows, 'authenticator-apps-and-recovery-codes'],
  [kerberosRows, 'windows-integrated-authentication'],
  [passwordRows, 'when-a-password-ends'],
];
const anchorsOf: Partial<Record<Reason, string>> = {
  'access-not-granted': 'who-may-use-a-service-provider',
  'policy-refused': 'which-sign-ins-must-prove-what',
  'authn-context-unmet': 'which-sign-ins-must-prove-what',
  'name-id-policy-unsupported': 'by-which-name-it-knows-people',
  'metadata-unusable': 'metadata-from-elsewhere',
  'metadata-unavailable': 'metadata-from-elsewhere',
  'attributes-too-large': 'what-a-service-provider-is-told',
  'password-expired': 'when-a-password-ends',
  'password-must-change': 'when-a-password-ends',
  'algorithms-not-shared': 'encryption-and-algorithms',
  'directory-unavailable': 'domains-and-forests',
  'signing-unavailable': 'why-was-this-refused',
};
const guessed = /attempts|sprayed|locked/;
const barred = /^(person|logon|protected|smart-card|too-many-groups|password-(wrong|unusable)|bind-refused)/;
const signingOut = /^(logout|request-not-logout)/;

/** Of docs/administrator.md. */
export function anchorOf(reason: Reason): string {
  const named = anchorsOf[reason] ?? anchors.find(([rows]) => Object.hasOwn(rows, reason))?.[1];
  if (named !== undefined) return named;
  if (guessed.test(reason)) return 'when-a-person-is-guessed-at';
  if (barred.test(reason)) return 'when-an-account-may-not-be-used';
  if (signingOut.test(reason)) return 'single-logout';
  return Object.hasOwn(storeRows, reason) ? 'why-was-this-refused' : 'other-service-providers';
}

export const isReason = (word: string | undefined): word is Reason => word !== undefined && Object.hasOwn(refusals, word);

/** What to do, a line each; the first says what happened. */
export function advise(reason: Reason, known: Circumstances): readonly string[] {
  return [refusals[reason].hint, ...(advices[reason] ?? ownWords)(known), `More: docs/administrator.md#${anchorOf(reason)}`];
}
