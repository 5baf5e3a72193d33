/** The web hook: another service of the house approves a sign-in, at once, by a push, or by a code that it judges. */
import type { Clock, Random } from '../clock.ts';
import type { WebhookConfig } from '../config/webhook-schema.ts';
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Asking, Challenge, Factor } from './authenticator.ts';
import { ServiceTrouble } from './post.ts';
import type { Ask, Question } from './webhook/ask.ts';
import { chooseNumber } from './webhook/choose-number.ts';
import type { LiveQuestions } from './webhook/live-questions.ts';
import type { Answer } from './webhook/read-answer.ts';

type Settings = Pick<WebhookConfig, 'approveWithin' | 'poll' | 'numberMatching' | 'send'>;

/** What is kept on the server between the steps. */
interface State {
  readonly waitsFor: 'approval' | 'code';
  readonly id: string;
  readonly number: string | null;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  readonly askedAt: number;
  /** It said so at once. */
  readonly isApproved: boolean;
  readonly rounds: number;
  /** Polls in a row that nothing came of. */
  readonly missed: number;
}

const idBytes = 16;
const longestCode = 256;
const mostRounds = 5;
const mostMissed = 2;
const mostRemembered = 10_000;
const rememberFor = 60_000;

const unavailable = (cause: string, action: string): Refusal =>
  new Refusal('factor-unavailable', { factor: 'webhook', action, cause });
const wrong = (cause: string): Refusal => new Refusal('code-wrong', { factor: 'webhook', cause });

/** The store holds only what this file wrote. @throws Refusal challenge-lapsed where it holds nothing */
function stateOf(value: unknown): State {
  if (typeof value !== 'object' || value === null || !('waitsFor' in value))
    throw new Refusal('challenge-lapsed', { factor: 'webhook' });
  return value as State;
}

export function createWebhookFactor(parts: {
  settings: Settings;
  ask: Ask;
  live: LiveQuestions;
  note: (level: 'warn', message: string, detail: Readonly<Record<string, string>>) => void;
  clock: Clock;
  random: Random;
}): Factor {
  const { settings, ask, live, note, clock, random } = parts;
  const enrolledUntil = new Map<string, number>();

  /** What was found out counts whether or not that can be noted. */
  async function end({ objectGUID }: Person, id: string): Promise<void> {
    try {
      await live.end(objectGUID, id);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  /** What the hook is told of a person; undefined where that would be nothing, null for nobody. */
  function tell(person: Person | undefined): Question['person'] | undefined {
    if (person === undefined) return null;
    const told = settings.send.flatMap((name) => {
      const value = person[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return told.length === 0 ? undefined : Object.fromEntries(told);
  }

  /** @throws Refusal factor-unavailable */
  async function asked(question: Question): Promise<Answer> {
    try {
      return await ask(question);
    } catch (error) {
      if (error instanceof ServiceTrouble) throw unavailable(error.message, question.action);
      throw error;
    }
  }

  function about(
    action: Question['action'],
    person: Question['person'],
    { id, number, asking, code = null }: { id: string; number: string | null; asking?: Asking; code?: string | null },
  ): Question {
    return {
      ...{ action, id, person, number, code },
      serviceProvider: asking?.serviceProvider ?? null,
      remoteAddress: asking?.remoteAddress ?? null,
      locale: asking?.locale ?? null,
    };
  }

  /** The question goes away where it stands; nobody waits for that. */
  function cancel(person: Question['person'], id: string): void {
    asked(about('cancel', person, { id, number: null })).catch(() => undefined);
  }

  function waiting(state: State): Challenge {
    const pollAfter = state.isApproved ? 0 : Math.max(0, state.askedAt + settings.poll - clock.now());
    return { kind: 'wait', state, pollAfter, ...(state.number !== null && { number: state.number }) };
  }

  /** What follows from an answer that approves nothing. @throws Refusal */
  function next(answer: Exclude<Answer, { answer: 'approved' }>, state: State, action: Question['action']): Challenge {
    switch (answer.answer) {
      case 'pending':
        return waiting({ ...state, waitsFor: 'approval', askedAt: clock.now(), missed: 0 });
      case 'ask': {
        if (state.rounds >= mostRounds) throw wrong('it asks for one code after the other');
        const { message, hidden } = answer;
        return {
          kind: 'code',
          state: { ...state, waitsFor: 'code', rounds: state.rounds + 1 } satisfies State,
          ...(message !== undefined && { message }),
          hidden,
        };
      }
      case 'denied':
        throw state.waitsFor === 'code'
          ? wrong('the hook refused the code')
          : new Refusal('factor-denied', { factor: 'webhook' });
      case 'not-enrolled':
        throw new Refusal('factor-not-enrolled', { factor: 'webhook' });
      case 'unavailable':
        throw unavailable('it says so itself', action);
      case 'enrolled':
        throw unavailable('its answer does not fit the question', action);
    }
  }

  /** @throws Refusal factor-unanswered, factor-denied, factor-unavailable, code-wrong for nobody */
  async function poll(
    person: Person | undefined,
    told: Question['person'],
    asking: Asking,
    state: State,
  ): ReturnType<Factor['verify']> {
    const late = (): boolean => clock.now() >= state.endsAt;
    const unanswered = (): Refusal => new Refusal('factor-unanswered', { factor: 'webhook' });
    if (late()) throw unanswered();
    if (!state.isApproved) {
      if (clock.now() < state.askedAt + settings.poll) return { verdict: 'pending', challenge: waiting(state) };
      const answer = await ask(about('poll', told, { ...state, asking })).catch((error: unknown) => {
        if (!(error instanceof ServiceTrouble)) throw error;
        if (!error.isPassing || state.missed >= mostMissed) throw unavailable(error.message, 'poll');
        return undefined;
      });
      if (late()) throw unanswered();
      if (answer === undefined) {
        const missed = { ...state, askedAt: clock.now(), missed: state.missed + 1 };
        return { verdict: 'pending', challenge: waiting(missed) };
      }
      if (answer.answer !== 'approved') {
        const challenge = next(answer, state, 'poll');
        return { verdict: challenge.kind === 'wait' ? 'pending' : 'again', challenge };
      }
      if (state.number !== null && answer.number === undefined) throw unavailable('it approved without the number', 'poll');
      if (state.number !== null && answer.number !== state.number)
        throw new Refusal('factor-denied', { factor: 'webhook', cause: 'another number was chosen' });
    }
    if (person === undefined) throw wrong('nobody of that name exists');
    return { verdict: 'accepted' };
  }

  /** @throws Refusal code-wrong, challenge-lapsed, factor-unavailable */
  async function judge(
    person: Person | undefined,
    told: Question['person'],
    asking: Asking,
    state: State,
    code: string,
  ): ReturnType<Factor['verify']> {
    if (clock.now() >= state.endsAt) throw new Refusal('challenge-lapsed', { factor: 'webhook' });
    if (code === '' || code.length > longestCode) throw wrong('no code, or one that is too long');
    const answer = await asked(about('verify', told, { ...state, asking, code }));
    if (answer.answer !== 'approved') return { verdict: 'again', challenge: next(answer, state, 'verify') };
    if (person === undefined) throw wrong('nobody of that name exists');
    return { verdict: 'accepted' };
  }

  return {
    name: 'webhook',
    async enrolled(person) {
      const told = tell(person);
      if (told === undefined) return false;
      const key = person.objectGUID;
      if ((enrolledUntil.get(key) ?? 0) > clock.now()) return true;
      enrolledUntil.delete(key);
      const id = random(idBytes).toString('base64url');
      let answer: Answer['answer'];
      try {
        ({ answer } = await ask(about('enrolled', told, { id, number: null })));
      } catch (error) {
        if (!(error instanceof ServiceTrouble)) throw error;
        note('warn', 'the web hook does not say who is enrolled', { cause: error.message });
        return true;
      }
      if (answer === 'not-enrolled') return false;
      if (answer !== 'enrolled') {
        note('warn', 'the web hook does not say who is enrolled', { cause: `it says ${answer}` });
        return true;
      }
      enrolledUntil.set(key, clock.now() + rememberFor);
      const [oldest] = enrolledUntil.keys();
      if (enrolledUntil.size > mostRemembered && oldest !== undefined) enrolledUntil.delete(oldest);
      return true;
    },

    async challenge(person, asking) {
      const told = tell(person);
      if (told === undefined)
        throw new Refusal('factor-not-enrolled', { factor: 'webhook', cause: 'has no attribute that is sent' });
      const now = clock.now();
      const state: State = {
        waitsFor: 'approval',
        id: random(idBytes).toString('base64url'),
        number: settings.numberMatching ? chooseNumber(random) : null,
        endsAt: now + settings.approveWithin,
        askedAt: now,
        isApproved: false,
        rounds: 0,
        missed: 0,
      };
      const replaced = person && (await live.begin(person.objectGUID, state.id, state.endsAt));
      if (replaced !== undefined) cancel(told, replaced);
      try {
        const answer = await asked(about('begin', told, { ...state, asking }));
        if (answer.answer !== 'approved') return next(answer, state, 'begin');
        // Nobody has seen the number yet.
        if (state.number !== null) throw unavailable('it approved before the number was shown', 'begin');
        return waiting({ ...state, isApproved: true });
      } catch (error) {
        if (person !== undefined) {
          await end(person, state.id);
          enrolledUntil.delete(person.objectGUID);
        }
        // It may have received what it did not answer.
        if (error instanceof Refusal && error.reason === 'factor-unavailable') cancel(told, state.id);
        throw error;
      }
    },

    async verify(person, presented, asking) {
      const state = stateOf(asking.state);
      const told = tell(person);
      // As nobody's it would be answered whatever seems best, since nobody is let in.
      if (told === undefined)
        throw new Refusal('factor-not-enrolled', { factor: 'webhook', cause: 'has no attribute that is sent any more' });
      if (person !== undefined && (await live.isReplaced(person.objectGUID, state.id)))
        throw new Refusal('challenge-lapsed', { factor: 'webhook', cause: 'another question took its place' });
      try {
        const verdict =
          state.waitsFor === 'approval'
            ? await poll(person, told, asking, state)
            : await judge(person, told, asking, state, presented.code ?? '');
        if (verdict.verdict === 'accepted' && person !== undefined) await end(person, state.id);
        return verdict;
      } catch (error) {
        // Whatever ended it here must not go on standing there.
        if (person !== undefined) await end(person, state.id);
        cancel(told, state.id);
        throw error;
      }
    },
  };
}
