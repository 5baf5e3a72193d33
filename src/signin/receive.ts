/** Receives requests: decodes and verifies them, lets each be answered once, and remembers those whose person must be asked. */
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Clock, Random } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from '../saml/algorithm-policy.ts';
import { verifyRelayState } from '../saml/message.ts';
import { type Parameters as FormParameters, parseParameters } from '../saml/parameters.ts';
import { unsolicited, verifyAuthnRequest } from '../saml/verify-authn-request.ts';
import type { Registry } from '../service-providers/registry.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import type { Store } from '../store/store.ts';
import { createCountRequest } from './count-request.ts';
import { createFindServiceProvider } from './find-service-provider.ts';
import type { OwnPage } from './own-page.ts';
import type { Request, ReturnAddress } from './verify-requested.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** A request as it came, in which form it is also remembered: what is read later is verified again. */
export type Message =
  | { readonly binding: 'HTTP-Redirect' | 'HTTP-POST'; /** The raw query or form body. */ readonly text: string }
  | { readonly binding: 'none'; readonly entityID: string; readonly relayState: string | undefined }
  /** To the person's own page. */
  | { readonly binding: 'account' };

export interface Received {
  readonly message: Message;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly request: Request;
}

export interface Recalled {
  readonly request: Request;
  readonly loginHint: string;
  /** Whether a ticket was judged in this sign-in. */
  readonly ticketJudged: boolean;
}

/** What is known of a sign-in by its message alone. */
type Known = Omit<Recalled, 'ticketJudged'>;

/** What the store holds of a sign-in. */
type Stored = Pick<Received, 'message' | 'receivedAt'> & { readonly reference?: string; readonly ticketJudged?: true };

/** Learns where a request is to be answered, as soon as that is certain: refusals thrown after it go there. */
type Addressed = (to: ReturnAddress) => void;

export interface Receive {
  /** Verifies a message that just came, for the first and only time. @throws Refusal */
  receive(message: Message, addressed: Addressed): Promise<Received>;
  /** Remembers a request while its person is asked; answers the identifier of the sign-in. @throws Refusal address-room-exhausted */
  remember(received: Received, from: { readonly remoteAddress: string; readonly reference: string }): Promise<string>;
  /**
   * The request of a sign-in, and the name that came with it, untrusted; `known` is told under which reference it began.
   * @throws Refusal signin-unknown, and those of verification where the configuration changed
   */
  recall(signIn: string, addressed: Addressed, known: (reference: string) => void): Promise<Recalled>;
  /** Under which reference a sign-in began; undefined where it is over. */
  referenceOf(signIn: string): Promise<string | undefined>;
  /** Lets one ticket be judged in a sign-in; answers false where there was one. */
  judgeTicket(signIn: string): Promise<boolean>;
  /** Ends a sign-in: it is answered now. @throws Refusal signin-unknown where it was answered already */
  finish(signIn: string): Promise<void>;
}

/** What is read again when a sign-in goes on, and how much of it is kept in characters; longer ones were never believed. */
const kept: readonly (readonly [name: string, most: number])[] = [
  ['SAMLRequest', Infinity],
  ['RelayState', Infinity],
  ...['SAMLEncoding', 'SigAlg', 'Signature', 'login_hint', 'LoginHint'].map((name) => [name, 16_384] as const),
];
/** A record's own key, index and the rest of its value, in bytes. */
const recordBytes = 256;
const mostRecalled = 256;
const mostRecalledCharacters = 8_192;
const signInPattern = /^[A-Za-z0-9_-]{22}$/;

/** The message without parameters that nobody reads: their number, length and characters are a stranger's choice. */
function essence(message: Message): Message {
  if (message.binding === 'none' || message.binding === 'account') return message;
  const parameters = parseParameters(message.text);
  const parts = kept.flatMap(([name, most]) => {
    const parameter = parameters.get(name);
    return parameter === undefined || parameter.raw.length > most ? [] : [`${name}=${parameter.raw}`];
  });
  return { ...message, text: parts.join('&') };
}

/** Google sends the person's address along under either name. */
function readLoginHint(message: Message): string {
  if (message.binding === 'none' || message.binding === 'account') return '';
  const parameters = parseParameters(message.text);
  const hint = parameters.get('login_hint') ?? parameters.get('LoginHint');
  return hint?.value.slice(0, 256) ?? '';
}

export function createReceive(parts: {
  store: Store;
  registry: Registry;
  account: OwnPage;
  /** URL of our SingleSignOnService. */
  destination: string;
  clockSkew: number;
  requestLifetime: number;
  /** Which algorithms may sign what comes. */
  algorithms: AlgorithmPolicy;
  waitingRoom: WaitingRoom;
  steps: Steps;
  clock: Clock;
  random: Random;
}): Receive {
  const { store, registry, account, destination, clockSkew, requestLifetime, algorithms, waitingRoom, steps, clock } = parts;
  const { random } = parts;
  const countRequest = createCountRequest(parts);

  function parametersOf({ binding, text }: Extract<Message, { readonly text: string }>, told: Steps): FormParameters {
    try {
      return parseParameters(text);
    } catch (error) {
      told.tell('request', { binding, undecodedLength: text.length });
      throw error;
    }
  }

  /** @param told what is told of it: nothing where it was told when it came */
  async function verify(message: Message, now: number, addressed: Addressed, told: Steps): Promise<Request> {
    const find = createFindServiceProvider({ registry, steps: told });
    if (message.binding === 'account') return account.request(now);
    if (message.binding === 'none') {
      const { entityID, relayState } = message;
      told.tell('request', { binding: 'none', begunHere: entityID, relayStateLength: relayState?.length ?? 0 });
      verifyRelayState(message.relayState);
      const [serviceProvider] = await find(entityID);
      if (serviceProvider === undefined)
        throw new Refusal('service-provider-unknown', { entityID: message.entityID.slice(0, 256) });
      const request = unsolicited<RegisteredServiceProvider>(serviceProvider, relayState, now);
      const { location, binding, index } = request.assertionConsumerService;
      told.tell('return-address', { location, by: binding, index, because: 'it is the default' });
      return request;
    }
    return verifyAuthnRequest<RegisteredServiceProvider>(
      { binding: message.binding, parameters: parametersOf(message, told) },
      { serviceProviders: find, destination, now, clockSkew, maxAge: requestLifetime, algorithms, steps: told },
      addressed,
    );
  }

  /**
   * What `recall` gave last: a sign-in is asked for three times in a row, and the same message verifies in the same way as long as
   * the service provider is who it was.
   */
  const recalled = new Map<string, Known & { readonly message: string; readonly receivedAt: number }>();

  async function isRegistered(request: Request): Promise<boolean> {
    const { serviceProvider } = request;
    return account.isFor(request) || (await registry.byEntityID(serviceProvider.entityID)).includes(serviceProvider);
  }

  async function recallAgain(
    signIn: string,
    { message, receivedAt }: Pick<Received, 'message' | 'receivedAt'>,
    addressed: Addressed,
  ): Promise<Known> {
    const written = JSON.stringify(message);
    const known = recalled.get(signIn);
    if (known?.message === written && known.receivedAt === receivedAt && (await isRegistered(known.request))) return known;
    const { request, loginHint } = {
      request: await verify(message, receivedAt, addressed, noSteps),
      loginHint: readLoginHint(message),
    };
    if (written.length > mostRecalledCharacters) return { request, loginHint };
    for (const oldest of recalled.keys()) {
      if (recalled.size < mostRecalled) break;
      recalled.delete(oldest);
    }
    recalled.set(signIn, { request, loginHint, message: written, receivedAt });
    return { request, loginHint };
  }

  // The store holds only what `remember` wrote.
  const look = async (signIn: string): Promise<Stored | undefined> =>
    signInPattern.test(signIn) ? ((await store.get('signin', signIn)) as Stored | undefined) : undefined;

  return {
    async receive(message, addressed) {
      const receivedAt = clock.now();
      const request = await verify(message, receivedAt, addressed, steps);
      await countRequest(request);
      return { message, receivedAt, request };
    },
    async remember({ message, receivedAt }, { remoteAddress, reference }) {
      if (message.binding === 'account') steps.tell('request', { binding: 'none', begunHere: 'own page' });
      const value = { message: essence(message), receivedAt, reference };
      await waitingRoom.enter(JSON.stringify(value).length + recordBytes, remoteAddress);
      const signIn = random(16).toString('base64url');
      await store.create('signin', signIn, value, receivedAt + requestLifetime);
      return signIn;
    },
    async recall(signIn, addressed, known) {
      const stored = await look(signIn);
      if (stored === undefined) throw new Refusal('signin-unknown');
      // Of an earlier version, which remembered none.
      if (stored.reference !== undefined) known(stored.reference);
      return {
        ...(await recallAgain(signIn, stored, addressed)),
        ticketJudged: stored.ticketJudged === true,
      };
    },
    referenceOf: async (signIn) => (await look(signIn))?.reference,
    async judgeTicket(signIn) {
      let isFirst = false;
      await store.update('signin', signIn, (record) => {
        if (record === undefined) return undefined;
        const stored = record.value as Stored;
        isFirst = stored.ticketJudged !== true;
        return { ...record, value: { ...stored, ticketJudged: true } };
      });
      return isFirst;
    },
    async finish(signIn) {
      recalled.delete(signIn);
      if (!(await store.delete('signin', signIn))) throw new Refusal('signin-unknown');
    },
  };
}
