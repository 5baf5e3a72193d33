/** Everything that is measured, one thing after the other, with the machine's raw signatures in between. */
import { join } from 'node:path';
import { readIdentityProviderMetadata } from '../src/saml/read-identity-provider-metadata.ts';
import { verifyResponse } from '../src/saml/verify-response.ts';
import { type AdviseFigures, measureAdvise } from './advise.ts';
import { startChild } from './child.ts';
import { type GroupFigures, measureGroups } from './groups.ts';
import type { InProcess } from './in-process.ts';
import type { Deed, Load, Loaded } from './load.ts';
import { measureMetadata, type MetadataFigures } from './metadata.ts';
import { measureNodes, type NodesFigures } from './nodes.ts';
import { startOpenldap } from './openldap.ts';
import type { Options } from './options.ts';
import { type Account, demoAccounts } from './people.ts';
import { peakMemoryOf } from './process-usage.ts';
import { type DirectorySettings, type Server, startServer } from './server.ts';
import { startSamba } from './samba.ts';
import { measureScale, type ScaleFigures } from './scale.ts';
import { createSigningRate, type SigningRate } from './signing-rate.ts';
import { measureStores, type StoreFigures } from './store.ts';
import { median } from './statistics.ts';

export interface Measured extends Omit<Loaded, 'last'> {
  readonly deed: Deed;
  readonly directory: 'demo' | 'slapd';
  readonly users: number;
  /** Its CPU by that of the two signatures that it carries, measured just before and after. */
  readonly ratio: number;
}

export interface Figures {
  /** Medians over the whole run. */
  readonly signing: SigningRate;
  readonly inProcess: InProcess;
  readonly loads: readonly Measured[];
  /** Milliseconds from the start of the process; `first` makes the key, too. */
  readonly startUp: { readonly first: number; readonly healthy: number; readonly ready: number };
  /** Megabytes, under load. */
  readonly peakMemory: number;
  readonly metadata: MetadataFigures;
  readonly store: StoreFigures;
  readonly nodes: NodesFigures;
  /** Undefined where slapd was left out. */
  readonly scale: ScaleFigures | undefined;
  /** Undefined where slapd was left out. */
  readonly groups: GroupFigures | undefined;
  /** Undefined where slapd was left out. */
  readonly advise: AdviseFigures | undefined;
  /** Undefined where Active Directory was not asked for. */
  readonly activeDirectory: ScaleFigures | undefined;
  /** Why slapd was left out; undefined where it was not. */
  readonly withoutSlapd: string | undefined;
}

const signatures = 2;
/** Milliseconds of load before each measurement: sessions begin, connections open. */
const shortWarmUp = 300;

/** Says what is counted: an answer that a strict service provider would take. */
async function verifyLast(server: Server, last: string): Promise<void> {
  const metadata = await (await fetch(`${server.url}/saml/metadata`)).text();
  const { assertion } = verifyResponse(
    Buffer.from(last, 'base64').toString('utf8'),
    readIdentityProviderMetadata(metadata).certificates,
  );
  if (assertion === undefined) throw new Error('the last Response holds no assertion');
}

async function measureStarts(folder: string, directory: DirectorySettings, starts: number): Promise<Figures['startUp']> {
  const times: Server['started'][] = [];
  for (let count = 0; count <= starts; count += 1) {
    const server = await startServer(folder, directory);
    await server.stop();
    times.push(server.started);
  }
  const [first, ...later] = times;
  return {
    first: first?.ready ?? Number.NaN,
    healthy: median(later.map(({ healthy }) => healthy)),
    ready: median(later.map(({ ready }) => ready)),
  };
}

export async function measure(folder: string, options: Options, say: (text: string) => void): Promise<Figures> {
  const signingRate = createSigningRate();
  const rates: SigningRate[] = [];
  async function signRaw(): Promise<SigningRate> {
    const rate = await signingRate(options.signing);
    rates.push(rate);
    return rate;
  }

  const loads: Measured[] = [];
  let peakMemory = 0;

  function work({ url, pid }: Server, deed: Deed, accounts: readonly Account[], measured: number): Promise<Loaded> {
    const load: Load = { deed, url, pid, accounts, warmUp: shortWarmUp, measured };
    return startChild<Loaded>('load.ts', load).answer;
  }

  async function bear(server: Server, directory: Measured['directory'], deed: Deed, accounts: readonly Account[]): Promise<void> {
    say(`${deed}, ${directory}, ${String(accounts.length)} at once`);
    const before = await signRaw();
    const { last, ...loaded } = await work(server, deed, accounts, options.measured);
    const after = await signRaw();
    if (deed !== 'page') await verifyLast(server, last);
    const ratio = loaded.cpu / (signatures * median([before.cpu, after.cpu]));
    loads.push({ deed, directory, users: accounts.length, ...loaded, ratio });
  }

  async function bearAll(
    directory: Measured['directory'],
    settings: DirectorySettings,
    accounts: readonly Account[],
    deeds: readonly Deed[],
  ): Promise<void> {
    const server = await startServer(join(folder, directory), settings);
    try {
      for (const deed of deeds) {
        say(`${deed}, ${directory}: warming up`);
        await work(server, deed, accounts.slice(0, Math.max(...options.users)), options.warmUp);
        for (const users of options.users) await bear(server, directory, deed, accounts.slice(0, users));
      }
      peakMemory = Math.max(peakMemory, peakMemoryOf(server.pid));
    } finally {
      await server.stop();
    }
  }

  say('raw signatures; building one Response; rendering one page');
  await signRaw();
  const inProcess = await startChild<InProcess>('in-process.ts', { rounds: options.rounds }).answer;

  const demo = startChild<Pick<DirectorySettings, 'baseDn'> & { readonly url: string }>('demo-directory.ts');
  let startUp;
  let metadata;
  let store;
  let nodes;
  try {
    const { url, baseDn } = await demo.answer;
    const settings: DirectorySettings = {
      urls: [url],
      baseDn,
      bindDn: 'svc-passerelle@corp.example.com',
      password: 'demo-Passw0rd',
      domain: 'corp.example.com',
    };
    say('starting');
    startUp = await measureStarts(join(folder, 'starts'), settings, options.starts);
    say('ten thousand entities of metadata');
    metadata = await measureMetadata(join(folder, 'metadata'), settings);
    await bearAll('demo', settings, demoAccounts, ['answer', 'signIn', 'page']);
    say('a session, a sweep and a sign-in on each store');
    store = await measureStores(join(folder, 'stores'), settings, {
      ...options,
      accounts: demoAccounts,
      rounds: options.scaleRounds,
    });
    const { measured, warmUp, nodesRounds: rounds } = options;
    nodes = await measureNodes(
      join(folder, 'nodes'),
      settings,
      { accounts: demoAccounts.slice(0, 16), measured, warmUp, rounds },
      say,
    );
  } finally {
    demo.process.disconnect();
  }

  const slapd = options.openldap ? await startOpenldap(1_000, 0) : { reason: 'it was not asked for' };
  if (!('reason' in slapd)) {
    try {
      await bearAll('slapd', slapd.settings, slapd.accounts, ['signIn']);
    } finally {
      await slapd.destroy();
    }
  }

  let groups: GroupFigures | undefined;
  if (!('reason' in slapd)) {
    say('a person in two thousand groups');
    const crowded = await startOpenldap(5, 2_000, 0, 2_000);
    if ('reason' in crowded) throw new Error(crowded.reason);
    try {
      groups = await measureGroups(crowded);
    } finally {
      await crowded.destroy();
    }
  }

  let activeDirectory: ScaleFigures | undefined;
  if (options.samba) {
    say('a sign-in among 10,000 people of Active Directory; to make them takes minutes');
    const work = { measured: options.measured, warmUp: options.warmUp, rounds: options.scaleRounds };
    const figures = await measureScale(join(folder, 'samba'), startSamba, { people: 10_000, groups: 1_000 }, work);
    if ('reason' in figures) throw new Error(figures.reason);
    activeDirectory = figures;
  }
  let scale: ScaleFigures | undefined;
  if (!('reason' in slapd)) {
    say(`a sign-in among ${String(options.scale.people)} people`);
    const work = { measured: options.measured, warmUp: options.warmUp, rounds: options.scaleRounds };
    const figures = await measureScale(join(folder, 'scale'), startOpenldap, options.scale, work);
    if ('reason' in figures) throw new Error(figures.reason);
    scale = figures;
  }

  let advise: AdviseFigures | undefined;
  if (!('reason' in slapd)) {
    say(`advice about ${String(options.scale.people)} people`);
    const figures = await measureAdvise(join(folder, 'advise'), options.scale);
    if ('reason' in figures) throw new Error(figures.reason);
    advise = figures;
  }

  return {
    signing: { perSecond: median(rates.map((rate) => rate.perSecond)), cpu: median(rates.map((rate) => rate.cpu)) },
    inProcess,
    loads,
    startUp,
    peakMemory,
    metadata,
    store,
    nodes,
    scale,
    groups,
    advise,
    activeDirectory,
    withoutSlapd: 'reason' in slapd ? slapd.reason : undefined,
  };
}
