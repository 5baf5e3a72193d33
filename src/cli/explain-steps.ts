/** What each step of a trail says, in words. */
import type { StepName } from '../audit/trail.ts';
import type { Line } from './explain-line.ts';
import { ldapWords } from './explain-ldap.ts';
import { detailOf, detailsIn, numberIn, textIn, textsIn, type Detail } from './explain-kept.ts';
import { describeRequest } from './explain-request.ts';
import { all, instant, long, quote, short, some } from './explain-words.ts';

const whoIs = (detail: Detail): string => textIn(detail, 'distinguishedName') ?? textIn(detail, 'objectGUID') ?? 'somebody';
const why = (detail: Detail): string => describeDetail(detailOf(detail.why));
const ended = (detail: Detail): string => {
  const error = textIn(detail, 'error');
  return error === undefined ? '' : ` It ended with ${error}.`;
};

/** Such as `because: it is too long, limit: 12`. */
export function describeDetail(detail: Detail): string {
  return Object.entries(detail)
    .flatMap(([name, value]) => (['string', 'number', 'boolean'].includes(typeof value) ? [`${name}: ${String(value)}`] : []))
    .join(', ');
}

function describeOrigin(found: Detail): string {
  const [settings, source, name] = ['settings', 'source', 'name'].map((field) => textIn(found, field));
  const [takenAt, validUntil] = ['takenAt', 'validUntil'].map((field) => numberIn(found, field));
  const taken = takenAt === undefined ? '' : `, read or confirmed ${instant(takenAt)}`;
  const valid = validUntil === undefined ? '' : `, valid until ${instant(validUntil)}`;
  const metadata = source === undefined ? 'what the configuration says of it' : `its metadata in ${source}${taken}${valid}`;
  return `${quote(name ?? '')}: decided by ${metadata}; its settings stand ${
    settings === undefined ? 'with those of everybody who has no entry of their own' : `at ${settings}`
  }.`;
}

function describeServiceProvider(detail: Detail): Line {
  const asked = textIn(detail, 'serviceProvider') ?? '';
  const error = textIn(detail, 'error');
  if (error !== undefined) return { text: `The service provider ${asked} cannot be used: ${error}.`, more: some([why(detail)]) };
  const found = detailsIn(detail, 'found');
  const [only, ...others] = found;
  if (only === undefined) return { text: `No service provider is known as ${asked}.` };
  if (others.length === 0) return { text: `The service provider ${asked} is ${describeOrigin(only)}` };
  return { text: `${String(found.length)} service providers share the name ${asked}:`, more: found.map(describeOrigin) };
}

function describeSignature(detail: Detail): Line {
  const keys = numberIn(detail, 'keys') ?? 0;
  if (textIn(detail, 'result') === 'verified') {
    const number = String(numberIn(detail, 'number') ?? 0);
    return {
      text: `The signature is good: it is by key ${number} of ${String(keys)} of the service provider, SHA-256 ${textIn(detail, 'key') ?? ''}.`,
    };
  }
  return { text: `The message is not signed${keys === 0 ? ', and no key of the service provider is known' : ''}.` };
}

function describeThrottle(detail: Detail): Line {
  const of = textIn(detail, 'of');
  const subject =
    of === 'network' ? `the network ${textIn(detail, 'network') ?? ''}` : of === 'person' ? 'the person' : 'the name as typed';
  const factor = textIn(detail, 'authenticator');
  const [failures, limit, together, controllers, threshold] = [
    ...['failures', 'limit', 'mostAltogether', 'atControllers', 'lockoutThreshold'],
  ].map((name) => numberIn(detail, name));
  const place = detail.familiar === true ? ', from a place where the person signed in before' : '';
  const isOver = textIn(detail, 'result') === 'exhausted';
  return {
    text: `${String(failures ?? 0)} of ${String(limit ?? 0)} failures count for ${subject}${factor === undefined ? '' : ` by ${factor}`}${place}${
      isOver ? ': that is too many, and nothing was tried' : ''
    }.`,
    more: some([
      // Of factors it counts nothing.
      controllers !== undefined &&
        factor === undefined &&
        `The directory counts ${String(controllers)}${
          threshold === undefined
            ? ''
            : threshold === 0
              ? ' and never locks the account'
              : ` and locks the account at ${String(threshold)}`
        }${together === undefined ? '' : `; Passerelle lets ${String(Math.max(0, together))} through, so that it does not`}.`,
    ]),
  };
}

function describePerson(detail: Detail): Line {
  const by = textIn(detail, 'by');
  const error = textIn(detail, 'error');
  const people = numberIn(detail, 'people');
  const values = textsIn(detail, 'values');
  const readAt = numberIn(detail, 'readAt');
  const how =
    by === 'name'
      ? `by the name ${quote(textIn(detail, 'name') ?? '')} (${textIn(detail, 'form') ?? ''})`
      : by === 'objectGUID'
        ? 'again, by objectGUID'
        : by === 'session'
          ? `in the session, where they stand as read ${readAt === undefined ? 'before' : instant(readAt)}`
          : by === 'certificate'
            ? 'by what the certificate says'
            : `by ${by ?? ''} ${values.map(quote).join(' or ')}`;
  if (error !== undefined) {
    const end = error.startsWith('person-') ? 'and not found' : 'and whether there is one could not be found out';
    return { text: `The person was looked for ${how}, ${end}: ${error}.` };
  }
  if (people !== undefined && people !== 1)
    return { text: `${people === 0 ? 'Nobody was' : `${String(people)} people were`} found ${how}.` };
  const [domain, server, guid] = ['domain', 'server', 'objectGUID'].map((name) => textIn(detail, name));
  return {
    text: `The person was found ${how}: ${whoIs(detail)}.`,
    more: some([
      [guid && `objectGUID ${guid}`, domain && `domain ${domain}`, server && `told by ${server}`].filter(Boolean).join(', '),
    ]),
  };
}

function describeAuthenticator(detail: Detail): Line {
  const name = textIn(detail, 'authenticator') ?? '';
  const what = textIn(detail, 'what');
  const error = textIn(detail, 'error');
  const whose = textIn(detail, 'distinguishedName') ?? textIn(detail, 'person');
  const of = detail.nobody === true ? ' of nobody, so that it takes as long' : whose === undefined ? '' : ` of ${whose}`;
  if (what === 'presented') return { text: `${String(numberIn(detail, 'certificates') ?? 0)} certificates were presented.` };
  if (error !== undefined) return { text: `${name}${of}: not taken, ${error}.` };
  if (what === 'question') return { text: `${name} was asked for${of}.` };
  if (what === 'set up') return { text: `${name}${of} was set up.` };
  const result = textIn(detail, 'result');
  return { text: `${name}${of}: ${result === undefined || result === 'accepted' ? 'taken' : result}.` };
}

function describeSession(detail: Detail): Line {
  const over = textIn(detail, 'ended');
  if (over !== undefined) return { text: `The session was ended: ${over}.` };
  const held = textIn(detail, 'held');
  if (held === 'none') return { text: 'The browser brought no session.' };
  if (held !== undefined) return { text: 'The session that the browser brought is over.' };
  const pieces = detailsIn(detail, 'evidence').map((piece) => {
    const at = numberIn(piece, 'at');
    const state = piece.counts === true ? 'counts' : `does not count, since ${textIn(piece, 'why') ?? ''}`;
    return `${textIn(piece, 'by') ?? ''}${at === undefined ? '' : `, proven ${instant(at)}`}: ${state}.`;
  });
  return { text: `The browser has a session of ${textIn(detail, 'person') ?? ''}.`, more: pieces };
}

const marks: Readonly<Record<string, string>> = { yes: '✓', no: '✗', unknown: '?' };

function describePolicy(detail: Detail): Line {
  const rules = detailsIn(detail, 'rules');
  if (rules.length === 0) return { text: 'No rules are configured: whatever is enabled to begin with is enough.' };
  const facts = detailOf(detail.facts);
  const age = facts.evidenceAge;
  const known = some([
    textIn(facts, 'remoteAddress') !== undefined && `from ${textIn(facts, 'remoteAddress') ?? ''}`,
    textIn(facts, 'device') !== undefined && `the browser is ${textIn(facts, 'device') ?? ''}`,
    typeof age === 'number' && `something was proven ${long(age)} ago`,
    textsIn(facts, 'risks').length > 0 && `risks: ${textsIn(facts, 'risks').join(', ')}`,
    textsIn(facts, 'groups').length > 0 && `in the groups ${textsIn(facts, 'groups').join('; ')}`,
    textsIn(facts, 'authnContexts').length > 0 && `asked for ${textsIn(facts, 'authnContexts').map(short).join(', ')}`,
    facts.known === false && 'nobody is known yet',
  ]);
  const left = numberIn(detail, 'notReached') ?? 0;
  return {
    text: `The rules of the policy, down to the first that holds (${known.join('; ')}):`,
    more: [
      ...rules.map((rule) => {
        const conditions = textsIn(rule, 'conditions').join(', ');
        return `${marks[textIn(rule, 'holds') ?? ''] ?? '?'} ${textIn(rule, 'rule') ?? ''}: ${conditions === '' ? 'always' : conditions}`;
      }),
      ...(left > 0 ? [`${String(left)} further rules were not looked at.`] : []),
    ],
  };
}

function describeNext(detail: Detail): Line {
  const step = textIn(detail, 'step');
  const ways = textsIn(detail, 'ways').join(' or ');
  const needed = textsIn(detail, 'requirement').join(', and ');
  const rule = textIn(detail, 'rule');
  const what =
    step === 'issue'
      ? `Nothing is missing: ${all(textsIn(detail, 'by'))} will do`
      : step === 'ask'
        ? `The person must be asked for ${ways}${textIn(detail, 'how') === undefined ? '' : ` by ${textIn(detail, 'how') ?? ''}`}`
        : step === 'enrol'
          ? `The person must set up ${ways} first`
          : `It cannot go on: ${textIn(detail, 'reason') ?? ''}`;
  const maxAge = numberIn(detail, 'maxAge');
  const young = maxAge === undefined ? '' : `, not older than ${long(maxAge)}`;
  return { text: `${what}.`, more: some([rule !== undefined && `Needed, by the rule ${quote(rule)}: ${needed}${young}.`]) };
}

function describeMapping(detail: Detail): Line {
  const from = detailOf(detail.from);
  const source = textIn(detail, 'source') ?? '';
  const inputs = `${source} is ${textIn(from, source) === undefined ? 'not set' : quote(textIn(from, source) ?? '')}`;
  const path = detailsIn(detail, 'steps').map((step) => `${textIn(step, 'rule') ?? ''} ${quote(textIn(step, 'value') ?? '')}`);
  const error = textIn(detail, 'error');
  if (error !== undefined) {
    const because = textIn(detail, 'because');
    return {
      text: `No address can be made of it: ${because ?? error} (${error}).`,
      more: some([`${inputs}.`, textIn(detail, 'steps') !== undefined && `It came as far as: ${textIn(detail, 'steps') ?? ''}.`]),
    };
  }
  return { text: `The address is ${textIn(detail, 'address') ?? ''}, made of ${path.join(' → ')}.` };
}

function describeRelease(detail: Detail): Line {
  const rules = detailsIn(detail, 'rules');
  if (rules.length === 0) return { text: 'No rule releases any attribute.' };
  return {
    text: 'Attributes, by their rules:',
    more: rules.map((rule) => {
      const because = textIn(rule, 'because');
      const values = numberIn(rule, 'values') ?? 0;
      const outcome =
        because ?? (values === 0 ? 'the person has no such value' : `${String(values)} value${values === 1 ? '' : 's'}`);
      return `${values > 0 ? '✓' : '✗'} ${textIn(rule, 'name') ?? ''} (${textIn(rule, 'origin') ?? ''}): ${outcome}`;
    }),
  };
}

function describeAnswer(detail: Detail): Line {
  const artifact = textIn(detail, 'artifact');
  if (artifact !== undefined) return { text: `The service provider asked for its artifact: ${artifact}.` };
  const nameID = detailOf(detail.nameID);
  const value = textIn(nameID, 'value');
  const [response, status, location, message] = ['response', 'status', 'location', 'message'].map((name) => textIn(detail, name));
  const until = numberIn(detail, 'sessionNotOnOrAfter');
  const names = textsIn(detail, 'attributes');
  const encrypted = textIn(detail, 'encrypted');
  return {
    text: `The Response ${response ?? ''} went to ${location ?? ''} by ${short(textIn(detail, 'by'))}: ${short(status)}.`,
    more: some([
      message !== undefined && `It says: ${message}.`,
      value !== undefined && `NameID ${quote(value)}, ${short(textIn(nameID, 'format')) || 'of no format'}.`,
      textIn(detail, 'authnContext') !== undefined && `Proven by ${short(textIn(detail, 'authnContext'))}.`,
      value !== undefined && `Attributes: ${names.length === 0 ? 'none' : names.join(', ')}.`,
      until !== undefined && `The session ends ${instant(until)} at the latest.`,
      encrypted !== undefined && `Encrypted: ${encrypted}.`,
    ]),
  };
}

function describeLogout(detail: Detail): Line {
  const hops = detailsIn(detail, 'hops');
  if (hops.length === 0) return { text: 'Nobody has to be told of the sign-out.' };
  return {
    text: 'Who is told of the sign-out:',
    more: hops.map(
      (hop) => `${textIn(hop, 'serviceProvider') ?? ''}: ${some([textIn(hop, 'state'), textIn(hop, 'why')]).join(', ')}`,
    ),
  };
}

function describeAccess(detail: Detail): Line {
  const by = textIn(detail, 'by');
  const more = some([
    textsIn(detail, 'groups').length > 0 && `Let in are: ${textsIn(detail, 'groups').join('; ')}.`,
    textsIn(detail, 'except').length > 0 && `Kept out are: ${textsIn(detail, 'except').join('; ')}.`,
  ]);
  const isKeptOut = textIn(detail, 'error') === 'access-not-granted';
  if (textIn(detail, 'error') !== undefined)
    return {
      text: `${isKeptOut ? 'The person may not use this service provider' : 'Whether the person may use this service provider could not be found out'}.${ended(detail)}`,
      more,
    };
  return { text: `The person may use this service provider${by === undefined ? '' : `, as a member of ${by}`}.`, more };
}

function describeSigning(detail: Detail): Line {
  const by = `with the key ${textIn(detail, 'key') ?? 'of the house'} by ${short(textIn(detail, 'algorithm'))}`;
  const error = textIn(detail, 'error');
  return { text: error === undefined ? `It was signed ${by}.` : `It was to be signed ${by}, in vain: ${error}.` };
}

function describeRefusal(detail: Detail): Line {
  const fault = textIn(detail, 'fault');
  if (fault !== undefined) return { text: `Something broke here: ${fault}.` };
  return { text: `Refused: ${textIn(detail, 'reason') ?? ''}.`, more: some([why(detail)]) };
}

const words: Readonly<Record<StepName, (detail: Detail) => Line>> = {
  request: describeRequest,
  'service-provider': describeServiceProvider,
  signature: describeSignature,
  'return-address': (detail) => ({
    text: `The answer will go to ${textIn(detail, 'location') ?? ''} by ${short(textIn(detail, 'by'))}, since ${textIn(detail, 'because') ?? ''}.`,
  }),
  throttle: describeThrottle,
  person: describePerson,
  ...ldapWords,
  authenticator: describeAuthenticator,
  session: describeSession,
  policy: describePolicy,
  'next-step': describeNext,
  mapping: describeMapping,
  access: describeAccess,
  release: describeRelease,
  sign: describeSigning,
  logout: describeLogout,
  answer: describeAnswer,
  refusal: describeRefusal,
};

export function describeStep(name: StepName, detail: Detail): Line {
  if (detail.cut === true) return { text: `${name}: there was no room for what it says.` };
  // Another version may have other steps.
  return Object.hasOwn(words, name) ? words[name](detail) : { text: `${name}: ${describeDetail(detail)}` };
}
