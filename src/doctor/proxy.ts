/** Asks the running house how requests arrive there: it tells whoever has its sealing keys. */
import { paths } from '../config/published-urls.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { type Arrived, doctorCookie } from '../http/doctor-routes.ts';
import { answerProof, doctorHeader, makeDoctorToken } from '../http/doctor-token.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import type { Seal } from '../keys/seal.ts';
import { type Answer, ask, NoAnswer } from './ask.ts';
import { tell, type Finding, type Probe } from './check.ts';
import type { CheckId } from './checks.ts';
import { judgeCookies, judgeHeaders, judgeSizes, type Tried } from './judge-arrival.ts';
import { judgeClock } from './judge-clock.ts';
import { forged, judgeForwarding } from './judge-forwarding.ts';
import type { World } from './world.ts';

const ids = [
  'proxy.address',
  'proxy.headers',
  'proxy.cookies',
  'proxy.sizes',
  'clock.house',
] as const satisfies readonly CheckId[];
const kilobyte = 1_024;

/** The house told nothing that can be believed. */
class Untold extends Error {}

const isArrived = (value: unknown): value is Arrived =>
  typeof value === 'object' &&
  value !== null &&
  'proof' in value &&
  'now' in value &&
  'peer' in value &&
  'remoteAddress' in value;

interface Conversation {
  /** @throws NoAnswer, Untold */
  readonly talk: (sent: {
    readonly query?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Buffer;
  }) => Promise<{
    readonly arrived: Arrived;
    readonly answer: Answer;
  }>;
}

function converse({ configuration, machine, clock, random }: World, seal: Seal, signal: AbortSignal): Conversation {
  return {
    async talk({ query = '', headers = {}, body }) {
      const token = makeDoctorToken(seal, random(16), clock.now());
      const answer = await ask({
        url: `${configuration.publicUrl}${paths.doctor}${query}`,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          [doctorHeader]: token,
          ...(body !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        authorities: machine.authorities,
        now: clock.now(),
        signal,
      });
      if (answer.status !== 200) throw new Untold(`status ${String(answer.status)}`);
      let said: unknown;
      try {
        said = JSON.parse(answer.body.toString());
      } catch {
        throw new Untold('no answer of Passerelle');
      }
      if (!isArrived(said) || said.proof !== answerProof(seal, token)) throw new Untold('somebody else answers');
      return { arrived: said, answer };
    },
  };
}

const needsAuthorization = ({ kerberos, ecp }: Configuration): boolean => kerberos !== undefined || ecp.enabled;

async function tryLengths({ talk }: Conversation, { kerberos }: Configuration): Promise<readonly Tried[]> {
  const attempt = async (what: string, needed: boolean, work: () => Promise<boolean>): Promise<Tried> => {
    try {
      return { what, needed, trouble: (await work()) ? undefined : 'it arrived cut off' };
    } catch (error) {
      if (!(error instanceof NoAnswer) && !(error instanceof Untold)) throw error;
      return { what, needed, trouble: error.message };
    }
  };
  const url = (size: number, needed: boolean): Promise<Tried> =>
    attempt(`a URL of ${String(size)} kB`, needed, async () => {
      const query = `?SAMLRequest=${'A'.repeat(size * kilobyte)}`;
      return (await talk({ query })).arrived.url === query.length + paths.doctor.length;
    });
  const form = (size: number, needed: boolean): Promise<Tried> =>
    attempt(`a form of ${String(size)} kB`, needed, async () => {
      const body = Buffer.from(`SAMLRequest=${'A'.repeat(size * kilobyte)}`);
      return (await talk({ body })).arrived.body === body.length;
    });
  const ticket = (): Promise<Tried> =>
    attempt('a ticket of 16 kB', true, async () => {
      const Authorization = `Negotiate ${'A'.repeat(16 * kilobyte)}`;
      return (await talk({ headers: { Authorization } })).arrived.authorization === Authorization.length;
    });
  return [
    await url(8, true),
    await url(32, false),
    await form(64, true),
    await form(200, false),
    ...(kerberos === undefined ? [] : [await ticket()]),
  ];
}

function notToBeHad(why: string): readonly Finding[] {
  return ids.map((id) => tell(id).skipped(why));
}

async function lookAtProxy(world: World, signal: AbortSignal): Promise<readonly Finding[]> {
  const { configuration, patient, clock } = world;
  let seal: Seal | undefined;
  try {
    seal = patient.seal();
  } catch (error) {
    if (!(error instanceof KeyMistake)) throw error;
  }
  if (seal === undefined)
    return notToBeHad('the running Passerelle tells this to whoever has its sealing keys, which are not to be had here');
  const conversation = converse(world, seal, signal);
  const { host, origin } = new URL(configuration.publicUrl);
  const sent = { host, origin, fetchSite: 'same-origin', cookie: 'passerelle-doctor=asks', authorization: 'Doctor asks'.length };
  const headers = {
    'X-Forwarded-For': forged,
    Origin: sent.origin,
    'Sec-Fetch-Site': sent.fetchSite,
    Cookie: sent.cookie,
    Authorization: 'Doctor asks',
  };
  let told;
  const before = clock.now();
  try {
    told = await conversation.talk({ headers });
  } catch (error) {
    if (error instanceof NoAnswer) return notToBeHad('nobody answers at publicUrl');
    if (!(error instanceof Untold)) throw error;
    return notToBeHad(
      `what answers at publicUrl has other sealing keys, or another version, or a clock far from ours (${error.message})`,
    );
  }
  const { arrived, answer } = told;
  return [
    judgeForwarding(tell('proxy.address'), arrived, { local: answer.local, trustProxy: configuration.trustProxy }),
    judgeHeaders(tell('proxy.headers'), sent, arrived, needsAuthorization(configuration)),
    judgeCookies(tell('proxy.cookies'), doctorCookie, answer.headers['set-cookie']),
    judgeSizes(tell('proxy.sizes'), await tryLengths(conversation, configuration)),
    judgeClock(tell('clock.house'), arrived.now - (before + answer.milliseconds / 2), configuration.clockSkew),
  ];
}

export const proxyProbes = (world: World): readonly Probe[] => [
  { ids, limit: 60_000, run: (signal) => lookAtProxy(world, signal) },
];
