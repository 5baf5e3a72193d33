/** The one table of events: how severe each is, and what happened. */

/** The version of the schema of lines. Further events and fields leave it as it is; what changes or goes raises it. */
export const schemaVersion = 1;

interface EventRow {
  readonly severity: 'info' | 'warn' | 'error';
  /** One sentence: what happened, and what `detail` tells. */
  readonly what: string;
}

/** By subject. Further ones are added at the end of theirs. */
export const events = {
  'signin.issued': {
    severity: 'info',
    what: 'A signed assertion was handed to the browser; `detail` has the mapping and the attributes by name.',
  },
  'signin.refused': {
    severity: 'warn',
    what: 'Something about a sign-in was refused for the `reason` given, one of [Refusals](refusals.md).',
  },
  'password.accepted': { severity: 'info', what: 'The directory took a password.' },
  'password.changed': { severity: 'info', what: 'A person changed the password, in a sign-in or at `/password`.' },
  'password.refused': { severity: 'warn', what: 'At `/password` a password was not changed, for the `reason` given.' },
  'kerberos.accepted': { severity: 'info', what: 'A Kerberos ticket was taken.' },
  'kerberos.refused': { severity: 'warn', what: 'A Kerberos ticket was not taken, and the person was asked otherwise.' },
  'certificate.accepted': { severity: 'info', what: 'A certificate was taken.' },
  'certificate.refused': { severity: 'warn', what: 'A certificate was not taken, and the person was asked otherwise.' },
  'passkey.accepted': { severity: 'info', what: 'A passkey was taken in place of a password.' },
  'totp.accepted': { severity: 'info', what: 'A code of an authenticator app was taken.' },
  'webauthn.accepted': { severity: 'info', what: 'A security key or passkey was taken as a further factor.' },
  'recovery-code.accepted': { severity: 'info', what: 'A recovery code was taken; it counts no more.' },
  'radius.accepted': { severity: 'info', what: 'A RADIUS server took what the person entered or confirmed.' },
  'webhook.accepted': { severity: 'info', what: 'The webhook of a further factor took what the person entered or confirmed.' },
  'duo.accepted': { severity: 'info', what: 'Duo confirmed the person.' },
  'own.accepted': { severity: 'info', what: 'The factor of your own took what the person entered or confirmed.' },
  'factor.enrolled': { severity: 'info', what: 'A person set up a further factor; `detail` has its kind and name.' },
  'factor.removed': { severity: 'info', what: 'A person removed a factor at `/account`; `detail` has its kind and name.' },
  'factor.reset': { severity: 'info', what: '`passerelle factors reset` took what a person had set up; `detail` counts it.' },
  'pass.issued': { severity: 'info', what: '`passerelle factors pass` issued a pass, which counts `until` then.' },
  'account.refused': { severity: 'warn', what: 'Something at `/account` was not done, for the `reason` given.' },
  'device.remembered': { severity: 'info', what: 'A person had a browser remembered, `until` then.' },
  'device.forgotten': { severity: 'info', what: 'A browser is remembered no more; `detail` says why or by whom.' },
  'session.ended': { severity: 'info', what: 'A session ended before its time; `detail` says why, and who took part.' },
  'session.cut-off': { severity: 'info', what: '`passerelle sessions cut-off` ended all sessions that began `before` then.' },
  'logout.propagated': { severity: 'info', what: 'Every service provider that took part confirmed a sign-out.' },
  'logout.partial': { severity: 'warn', what: 'Some service providers did not confirm a sign-out; `detail` names each and why.' },
  'logout.refused': { severity: 'warn', what: 'A message about signing out was refused for the `reason` given.' },
  'artifact.resolved': { severity: 'info', what: 'A service provider fetched the Response that an artifact stood for.' },
  'artifact.unresolved': {
    severity: 'info',
    what: 'A service provider asked for an artifact that is used, expired, unknown or another’s.',
  },
  'artifact.refused': { severity: 'warn', what: 'An ArtifactResolve was refused for the `reason` given.' },
  'controller.lost': {
    severity: 'warn',
    what: 'A directory server is asked no more while others answer; `detail` has the `cause`.',
  },
  'controller.back': { severity: 'info', what: 'A directory server is asked again, after so many `seconds`.' },
  'spray.detected': { severity: 'warn', what: 'Guessing at many people was noticed, `by` address or password.' },
  'throttle.cleared': { severity: 'info', what: '`passerelle throttle clear` forgot the failures of a person.' },
  'metadata.changed': {
    severity: 'info',
    what: 'The metadata of a service provider bring other keys (by SHA-256) or addresses; see `detail`.',
  },
  'metadata.failed': { severity: 'warn', what: 'Metadata could not be fetched or used: `why`, `element`, `line`.' },
  'metadata.stale': { severity: 'warn', what: 'Metadata in use have passed their `validUntil`: nobody gets in by them.' },
  'metadata.fetched': { severity: 'info', what: 'Somebody fetched our own metadata; `detail` says with which keys.' },
  'key.made': { severity: 'info', what: '`passerelle keys new` made a key, which is published beside the one that signs.' },
  'key.activated': { severity: 'info', what: 'Another key signs from now on; `detail` has both.' },
  'key.retired': { severity: 'info', what: 'A key is published no more.' },
  'key.told': { severity: 'info', what: 'It was noted that a service provider was told of a key by hand.' },
  'key.expiring': { severity: 'warn', what: 'The certificate of a key is about to expire, in so many `days`.' },
  'configuration.reloaded': { severity: 'info', what: 'A changed configuration was taken over; `detail` says what changed.' },
  'configuration.refused': { severity: 'warn', what: 'A changed configuration was not taken over; the one before goes on.' },
  'audit.begun': {
    severity: 'info',
    what: 'A chain of lines began, as a process did; `detail.chains` has how far earlier chains in the file go.',
  },
  'audit.ended': { severity: 'info', what: 'A chain of lines ended, as its process did in good order.' },
  'audit.rotated': {
    severity: 'info',
    what: 'A new file was begun; `detail.chains` has how far the chains go that go on in it, and `older` how many files are kept.',
  },
  'audit.witnessed': {
    severity: 'info',
    what: 'Chains of other processes were found in the store, as far as `detail.chains` says.',
  },
  'audit.lost': {
    severity: 'warn',
    what: 'Lines did not reach an outlet, which took none for too long or was to be spared; `detail` says which, by chain.',
  },
  fault: { severity: 'error', what: 'Something broke here: a page with a reference, the cause in `detail`.' },
} as const satisfies Readonly<Record<string, EventRow>>;

export type EventName = keyof typeof events;
