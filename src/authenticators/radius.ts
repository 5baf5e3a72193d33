/** Codes that a RADIUS server judges (RFC 2865): as a password by PAP, and in answer to what it asks. */
import type { Clock, Random } from '../clock.ts';
import { isSendable, type RadiusConfig } from '../config/radius-schema.ts';
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Asking, Challenge, Factor, Verdict } from './authenticator.ts';
import { hidePassword } from './radius/hide-password.ts';
import { attributeTypes, codes, longestValue, valuesOf, type Attribute } from './radius/packet.ts';
import { replyMessage } from './radius/reply-message.ts';
import { createRadiusServers, type Answered } from './radius/servers.ts';

/** What is known from one question to the next. */
interface Remembered {
  /** objectGUID; empty for nobody. */
  readonly of: string;
  /** The User-Name; for nobody one that nobody has. */
  readonly name: string;
  /** What the server asked last: its State in base64, and which one knows it. */
  readonly asked?: { readonly server: string; readonly state: string };
  /** How often it asked. */
  readonly rounds: number;
  /** It let the person in as it was told to begin. */
  readonly accepted?: true;
}

/** New PIN and next code make four. More may be a server that asks again after each wrong code, which would count against nobody. */
const mostRounds = 6;

function readRemembered(state: unknown): Remembered {
  const isOne = typeof state === 'object' && state !== null && 'of' in state && 'name' in state && 'rounds' in state;
  // What we ourselves wrote, and nobody else could.
  if (isOne) return state as Remembered;
  throw new Refusal('challenge-lapsed');
}

export function createRadiusFactor(parts: {
  config: RadiusConfig;
  /** Shared with the servers. */
  secret: string;
  /** An origin. */
  publicUrl: string;
  clock: Pick<Clock, 'now'>;
  random: Random;
  note: (level: 'info' | 'warn', message: string, detail?: Readonly<Record<string, unknown>>) => void;
}): Factor & { close(): void } {
  const { config, publicUrl, clock, random, note } = parts;
  const secret = Buffer.from(parts.secret);
  const servers = createRadiusServers({ ...config, secret, clock, random, note });
  const nasIdentifier = Buffer.from(config.nasIdentifier ?? new URL(publicUrl).hostname).subarray(0, longestValue);

  function nameOf(person: Person): string | undefined {
    const name = person[config.username] ?? '';
    return name !== '' && Buffer.byteLength(name) <= longestValue && !/\p{Cc}/u.test(name) ? name : undefined;
  }

  function begin(person: Person | undefined): Remembered {
    const name = person && nameOf(person);
    return person === undefined || name === undefined
      ? { of: '', name: `nobody-${random(12).toString('hex')}`, rounds: 0 }
      : { of: person.objectGUID, name, rounds: 0 };
  }

  function ask({ name, asked }: Remembered, password: string, { remoteAddress }: Asking): Promise<Answered> {
    const attributes = (authenticator: Buffer): readonly Attribute[] => [
      { type: attributeTypes.userName, value: Buffer.from(name) },
      { type: attributeTypes.userPassword, value: hidePassword(Buffer.from(password), secret, authenticator) },
      ...(asked === undefined ? [] : [{ type: attributeTypes.state, value: Buffer.from(asked.state, 'base64') }]),
      { type: attributeTypes.nasIdentifier, value: nasIdentifier },
      // RFC 2865 §5.41: Virtual.
      { type: attributeTypes.nasPortType, value: Buffer.of(0, 0, 0, 5) },
      ...(remoteAddress === ''
        ? []
        : [{ type: attributeTypes.callingStationId, value: Buffer.from(remoteAddress).subarray(0, longestValue) }]),
    ];
    // The others do not know what that one asked.
    return servers.ask(attributes, asked?.server);
  }

  function askedBy({ answer, server }: Answered, { of, name, rounds }: Remembered): Challenge {
    const message = replyMessage(answer);
    const [state] = valuesOf(answer, attributeTypes.state);
    // RFC 2869 §5.10: 0 is No-Echo.
    const hidden = valuesOf(answer, attributeTypes.prompt).at(-1)?.equals(Buffer.alloc(4)) === true;
    const remembered: Remembered = {
      of,
      name,
      rounds: rounds + 1,
      ...(state !== undefined && { asked: { server, state: state.toString('base64') } }),
    };
    return { kind: 'code', hidden, state: remembered, ...(message !== undefined && { message }) };
  }

  return {
    name: 'radius',
    enrolled: (person) => Promise.resolve(nameOf(person) !== undefined),

    async challenge(person, asking) {
      const remembered = begin(person);
      const plain: Challenge = { kind: 'code', hidden: false, state: remembered };
      if (config.start === 'ask') return plain;
      const answered = await ask(remembered, config.startPassword, asking);
      const { code } = answered.answer;
      if (code === codes.accessChallenge) return askedBy(answered, remembered);
      // Whoever is refused here is so again once a code was typed, and learns no sooner that they are not known.
      if (code === codes.accessReject || remembered.of === '') return plain;
      if (config.startPassword === '')
        throw new Refusal('factor-unavailable', { cause: 'it accepts an empty password', server: answered.server });
      return { kind: 'wait', pollAfter: 100, state: { ...remembered, accepted: true } satisfies Remembered };
    },

    async verify(person, presented, asking): Promise<Verdict> {
      const remembered = readRemembered(asking.state);
      const isNobody = remembered.of === '';
      if (!isNobody && remembered.of !== person?.objectGUID)
        throw new Refusal('challenge-lapsed', { cause: 'of another person' });
      if (remembered.accepted === true && !isNobody) return { verdict: 'accepted' };
      const { code = '' } = presented;
      // Some servers take an empty answer to what they asked for the question whether it was approved elsewhere.
      if (!isSendable(code) || (code === '' && remembered.asked === undefined))
        throw new Refusal('code-wrong', { cause: 'no code that could be right' });
      const answered = await ask(remembered, code, asking);
      const { server } = answered;
      switch (answered.answer.code) {
        case codes.accessAccept:
          if (isNobody) throw new Refusal('code-wrong', { server, cause: 'accepted for a name that nobody has' });
          return { verdict: 'accepted', detail: { server } };
        case codes.accessChallenge:
          if (remembered.rounds >= mostRounds) throw new Refusal('code-wrong', { server, cause: 'it asks again and again' });
          return { verdict: 'again', challenge: askedBy(answered, remembered) };
        default:
          throw new Refusal('code-wrong', { server, cause: 'Access-Reject' });
      }
    },

    close() {
      servers.close();
    },
  };
}
