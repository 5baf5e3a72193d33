/** Refusals of what is asked beside the password: codes, keys, approvals. */
import { again, person, type Row } from './row.ts';

export const factorRows = {
  // One sentence for all of them: nobody learns which part was wrong.
  'code-wrong': again('code-not-accepted', 'The code was wrong, used before, or of another time; the event says by what.'),
  'factor-not-enrolled': again(
    'code-not-accepted',
    'The person has enrolled nothing of the kind that was presented, or nobody of that name exists.',
  ),
  'challenge-lapsed': again(
    'challenge-lapsed',
    'What was asked was answered already, or too late, or in another browser. It was not judged; the page asks anew.',
    409,
  ),
  'factor-denied': again(
    'factor-denied',
    'The other side refused: the person, or somebody who has their device, denied it.',
    403,
  ),
  'factor-unanswered': again('factor-unanswered', 'Nobody approved in time.', 403),
  'factor-attempts-exhausted': again(
    'too-many-attempts',
    'Too many failed codes for this person by this factor; it was not asked any more.',
    429,
  ),
  'factor-unavailable': again(
    'factor-unavailable',
    'The service that judges this factor does not answer, or answered what cannot be trusted; the event says which. Nothing was judged.',
    503,
  ),
  'enrolment-full': again(
    'enrolment-full',
    'The person has as many of that kind as anybody may have, such as five authenticator apps. They remove one at /account, or you do: `passerelle factors reset`.',
    409,
  ),
  'key-not-allowed': again(
    'key-not-allowed',
    'The new security key is not one of those that factors.webauthn admits: its model (AAGUID) or its maker; the event says why.',
    403,
  ),
  // One sentence for all of them: whether there is a pass at all, only whoever holds it learns.
  'enrolment-pass-wrong': again(
    'enrolment-pass-wrong',
    'The pass was mistyped, used, taken back, somebody else’s, or its time is over. Issue a new one with `passerelle factors pass`.',
    403,
  ),
  'no-way-left': person(
    'no-way-left',
    'The policy asks for a factor that the person has not enrolled and may not enrol here and now; the event names the rule. Issue a pass with `passerelle factors pass`, or mend the policy.',
  ),
  'policy-refused': person('policy-refused', 'A rule of the policy refuses this sign-in; the event names it.', 'RequestDenied'),
} as const satisfies Record<string, Row>;
