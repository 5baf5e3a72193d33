/** Looks at what factors and tickets depend on elsewhere. */
import { readFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { createFetchBytes, FetchMistake } from '../authenticators/certificate/fetch-bytes.ts';
import { DerMistake } from '../authenticators/certificate/der.ts';
import { readRevocationList } from '../authenticators/certificate/revocation-list.ts';
import { createDuoService } from '../authenticators/duo/duo-service.ts';
import { createPost } from '../authenticators/post.ts';
import { askStatus } from '../authenticators/radius/ask-status.ts';
import { readSecret } from '../authenticators/read-secret.ts';
import { type KeytabEntry, readKeytab, usableKeys } from '../config/keytab.ts';
import { createAuthorities } from '../directory/authorities.ts';
import { Refusal } from '../refusal.ts';
import { reach } from './audit.ts';
import { tell, type Finding, type Probe } from './check.ts';
import { dateOf, judgeCertificate } from './judge-certificate.ts';
import { shownMode } from './shown-mode.ts';
import { showTls } from './show-tls.ts';
import type { World } from './world.ts';

const day = 24 * 3_600_000;
const megabyte = 1_000_000;
const longestAnswer = { head: 16_384, body: 65_536 };
const statusLimit = 3_000;

const words = (error: unknown): string => (error instanceof Error ? error.message : 'unknown').replace(/\.$/, '');

async function lookAtRadius({ configuration, read, random }: World): Promise<readonly Finding[]> {
  const { radius } = configuration.factors;
  if (radius === undefined) return [tell('factors.radius').skipped('RADIUS is not configured')];
  const secret = Buffer.from(readSecret(radius.secret, radius.secretFile, read) ?? '');
  const timeout = Math.min(statusLimit, radius.timeout);
  return Promise.all(
    radius.servers.map(async (server) => {
      const check = tell('factors.radius', `${server.host}:${String(server.port)}`);
      try {
        await askStatus(server, { secret, timeout, random });
        return check.ok('it answers, and knows the secret');
      } catch (error) {
        return check.warning(words(error));
      }
    }),
  );
}

async function lookAtHook({ configuration, read, machine, clock }: World, signal: AbortSignal): Promise<Finding> {
  const check = tell('factors.webhook');
  const { webhook } = configuration.factors;
  if (webhook === undefined) return check.skipped('no web hook is configured');
  const { protocol, hostname, port } = new URL(webhook.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  try {
    if (protocol === 'http:') {
      await reach(host, Number(port || 80), signal);
      return check.ok('it takes a connection');
    }
    const authorities = webhook.caFile === undefined ? machine.authorities : [read(webhook.caFile)];
    return judgeCertificate(
      check,
      await showTls({ host, port: Number(port || 443), authorities, now: clock.now(), signal }),
      clock.now(),
    );
  } catch (error) {
    return check.problem(`${host}: ${words(error)}`);
  }
}

async function lookAtDuo({ configuration, read, clock, random }: World): Promise<Finding> {
  const check = tell('factors.duo');
  const { duo } = configuration.factors;
  if (duo === undefined) return check.skipped('Duo is not configured');
  const { apiHost, clientId, clientSecretFile, caFile, timeout } = duo;
  const clientSecret = readSecret(duo.clientSecret, clientSecretFile, read) ?? '';
  const authorities = createAuthorities(caFile === undefined ? undefined : () => read(caFile));
  const { post, close } = createPost({ authorities, longest: longestAnswer, keeps: false });
  const { origin } = new URL(apiHost.includes('://') ? apiHost : `https://${apiHost}`);
  try {
    await createDuoService({ origin, clientId, clientSecret }, { post, clock, random, timeout }).requireHealth();
    return check.ok('Duo is well and knows the application');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return check.problem(String(error.detail.cause));
  } finally {
    close();
  }
}

/** @param versions of the directory, by service principal in lower case */
export function judgeKeytab(
  parts: {
    readonly mode: number;
    readonly entries: readonly KeytabEntry[] | undefined;
    readonly principals: readonly string[];
  },
  versions: ReadonlyMap<string, number> | undefined,
): readonly Finding[] {
  const { mode, entries, principals } = parts;
  const all = tell('factors.kerberos');
  if (entries === undefined) return [all.problem('the file is no keytab')];
  if ((mode & 0o007) !== 0) return [all.problem(`the keytab is of mode ${shownMode(mode)}: everybody may read it`)];
  return principals.map((principal) => {
    const check = tell('factors.kerberos', principal);
    const keys = usableKeys(entries, [principal]);
    if (keys.length === 0) return check.problem('the keytab holds no key of it that is usable (AES)');
    const newest = Math.max(...keys.map(({ kvno }) => kvno));
    const held = versions?.get(principal.replace(/@.*$/, '').toLowerCase());
    const found = `the keytab holds its key of version ${String(newest)}`;
    if (versions === undefined)
      return check.warning(`${found}; the directory could not be asked which one it has`, 'See what is said of the controllers.');
    if (held === undefined)
      return check.warning(
        `${found}; the directory shows no account with this service principal`,
        'Give it to the service account: setspn -S.',
      );
    return held > newest
      ? check.warning(`${found}, and the directory has version ${String(held)}`)
      : check.ok(`${found}, as the directory has it`);
  });
}

async function lookAtKerberos({ configuration, patient }: World): Promise<readonly Finding[]> {
  const { kerberos } = configuration;
  if (kerberos === undefined) return [tell('factors.kerberos').skipped('Kerberos is not configured')];
  const entries = readKeytab(await readFile(kerberos.keytab));
  const { mode } = statSync(kerberos.keytab);
  let versions: Map<string, number> | undefined;
  for (const server of patient.servers.filter(({ domain }) => domain !== undefined)) {
    const { read } = await patient.examine(server);
    if (read !== undefined) versions = new Map([...(versions ?? []), ...read.keyVersions]);
  }
  return judgeKeytab({ mode, entries, principals: kerberos.principals }, versions);
}

/** @param nextUpdate and `now` in milliseconds since the epoch */
export function judgeList(at: string, nextUpdate: number, now: number): Finding {
  const check = tell('factors.revocation', at);
  if (nextUpdate <= now) return check.problem(`the list ended on ${dateOf(nextUpdate)}`);
  const found = `the list holds until ${new Date(nextUpdate).toISOString().slice(0, 16)}Z`;
  return nextUpdate - now < day ? check.warning(found) : check.ok(found);
}

async function lookAtLists({ configuration, clock }: World, signal: AbortSignal): Promise<readonly Finding[]> {
  const revocation = configuration.certificate?.revocation;
  const none = tell('factors.revocation');
  if (revocation === undefined) return [none.skipped('client certificates are not configured')];
  const { crlFiles, crlUrls, timeout, megabytes } = revocation;
  const fetchBytes = createFetchBytes(signal);
  const sources = [
    ...crlFiles.map((at) => ({ at, get: () => readFile(at) })),
    ...crlUrls.map((at) => ({ at, get: () => fetchBytes(at, { timeout, most: megabytes * megabyte }) })),
  ];
  if (sources.length === 0) return [none.skipped('the configuration names no lists')];
  return Promise.all(
    sources.map(async ({ at, get }) => {
      try {
        return judgeList(at, (await readRevocationList(await get())).nextUpdate, clock.now());
      } catch (error) {
        const isKnown =
          error instanceof DerMistake || error instanceof FetchMistake || (error instanceof Error && 'syscall' in error);
        if (!isKnown) throw error;
        return tell('factors.revocation', at).problem(`it cannot be read: ${words(error)}`);
      }
    }),
  );
}

export const factorProbes = (world: World): readonly Probe[] => [
  { ids: ['factors.radius'], run: () => lookAtRadius(world) },
  { ids: ['factors.webhook'], run: async (signal) => [await lookAtHook(world, signal)] },
  { ids: ['factors.duo'], run: async () => [await lookAtDuo(world)] },
  { ids: ['factors.kerberos'], limit: 60_000, run: () => lookAtKerberos(world) },
  { ids: ['factors.revocation'], limit: 40_000, run: (signal) => lookAtLists(world, signal) },
];
