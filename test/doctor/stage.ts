/** Worlds for the doctor, in which anything can be ill. */
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type SecureContextOptions, type TlsOptions } from 'node:tls';
import { completeDirectory } from '../../src/config/directory-configuration.ts';
import type { Configuration } from '../../src/config/read-configuration.ts';
import { schema, type ConfigInput } from '../../src/config/schema.ts';
import type { Person } from '../../src/directory/directory.ts';
import { NoRecords } from '../../src/directory/discover/service-records.ts';
import type { ControllerFacts, ReadByAccount } from '../../src/directory/examine/examine-controller.ts';
import type { Finding, Probe } from '../../src/doctor/check.ts';
import type { CheckId } from '../../src/doctor/checks.ts';
import { createPatient, type Patient } from '../../src/doctor/patient.ts';
import { runProbes } from '../../src/doctor/run-probes.ts';
import type { Machine, World } from '../../src/doctor/world.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { makeAuthority } from '../directory/make-certificate.ts';

export const day = 86_400_000;
export const authority = await makeAuthority('Doctors');
export const clock = { now: () => Date.now(), until: () => Promise.resolve() };

const folders: string[] = [];
const patients: Patient[] = [];
after(() => {
  for (const each of patients) each.close();
  for (const each of folders) rmSync(each, { recursive: true });
});

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'passerelle-doctor-test-'));
  folders.push(made);
  return made;
}

/** A file of that mode with that content. */
export function file(content: string, mode = 0o600, name = 'file'): string {
  const path = join(folder(), name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

export function configurationOf(changes: Partial<ConfigInput> = {}): Configuration {
  const root = folder();
  const { directory, ...rest } = schema.parse({
    publicUrl: 'https://sso.example.com',
    directory: { urls: ['ldaps://127.0.0.1'], baseDn: 'DC=corp,DC=example,DC=com', bindDn: 'svc', password: 'x' },
    mapping: { domains: { primary: 'example.com' } },
    keys: { folder: join(root, 'keys') },
    store: { file: join(root, 'store.sqlite') },
    ...changes,
  } satisfies ConfigInput);
  return { ...rest, directory: completeDirectory(directory) };
}

export const machineOf = (changes: Partial<Machine> = {}): Machine => ({
  lookup: (host) => (host.endsWith('.invalid') ? Promise.reject(new Error('none')) : Promise.resolve(['127.0.0.1'])),
  records: {
    find: (name) => Promise.reject(new NoRecords('nothing', `nobody knows ${name}`)),
    addresses: () => Promise.resolve([]),
  },
  room: () => Promise.resolve({ free: 50e9, size: 100e9 }),
  memory: { free: 8e9, size: 16e9 },
  openFiles: 65_536,
  userId: 1_000,
  versions: { node: '24.1.0', openssl: '3.5.0' },
  timeServers: [],
  authorities: [authority.pem],
  ...changes,
});

export function worldOf(changes: Partial<ConfigInput> = {}, machine: Partial<Machine> = {}): World {
  const configuration = configurationOf(changes);
  const parts = { configuration, read: (path: string) => readFileSync(path, 'utf8'), clock, random: randomBytes };
  const patient = createPatient(parts);
  patients.push(patient);
  return { ...parts, machine: machineOf(machine), patient };
}

/** What probes tell of one check. */
export async function told(id: CheckId, probes: readonly Probe[]): Promise<readonly Finding[]> {
  const findings = await runProbes(probes.filter(({ ids }) => ids.includes(id)));
  return findings.filter((finding) => finding.id === id);
}

/** Runs `work` while a web server listens on loopback. */
export async function withWeb<Result>(
  listener: RequestListener,
  work: (origin: string, port: number) => Promise<Result>,
  tls?: SecureContextOptions & TlsOptions,
): Promise<Result> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await work(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}`, port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A person whom any mapping takes. */
export const personOf = (changes: Partial<Person> = {}): Person => ({
  objectGUID: '00000000-0000-0000-0000-000000000001',
  distinguishedName: 'CN=ada,DC=corp,DC=example,DC=com',
  sAMAccountName: 'ada',
  userPrincipalName: 'ada@example.com',
  mail: undefined,
  displayName: 'Ada',
  barred: undefined,
  attributes: {},
  ...changes,
});

export const readOf = (changes: Partial<ReadByAccount> = {}): ReadByAccount => ({
  base: 0,
  latencies: [1, 2, 3, 4, 5],
  people: [personOf()],
  entries: 1,
  unreadable: [],
  privileges: { groups: [], writable: [] },
  schema: { unknown: [] },
  names: undefined,
  keyVersions: new Map(),
  ...changes,
});

/** A controller that is well. */
export const factsOf = (changes: Partial<ControllerFacts> = {}): ControllerFacts => ({
  name: 'dc1.example.com:636',
  host: 'dc1.example.com',
  protection: 'ldaps',
  certificate: {
    subject: 'dc1',
    issuer: 'CA',
    notAfter: new Date(Date.now() + 200 * day).toISOString().slice(0, 10),
    problem: undefined,
  },
  connected: 12,
  bound: 'bound',
  said: {
    isActiveDirectory: true,
    isReadOnly: false,
    isGlobalCatalog: true,
    isSynchronized: true,
    domainLevel: 7,
    forestLevel: 7,
    ahead: 200,
  },
  read: readOf(),
  trouble: undefined,
  ...changes,
});

/** A folder of keys with one that signs; `second`: the age in days of a further one. */
export async function keyFolder(
  changes: { ageInDays?: number; second?: number; mode?: number; keyMode?: number } = {},
): Promise<string> {
  const path = join(folder(), 'keys');
  mkdirSync(path);
  chmodSync(path, changes.mode ?? 0o700);
  const put = async (name: string, ageInDays: number): Promise<void> => {
    const made = await makeKey({
      commonName: 'sso.example.com',
      now: Date.now() - ageInDays * day,
      serialNumber: randomBytes(16),
    });
    writeFileSync(join(path, `${name}.key.pem`), made.privateKey);
    chmodSync(join(path, `${name}.key.pem`), changes.keyMode ?? 0o600);
    writeFileSync(join(path, `${name}.cert.pem`), made.certificate);
  };
  await put('first', changes.ageInDays ?? 0);
  if (changes.second !== undefined) await put('second', changes.second);
  writeFileSync(join(path, 'active'), 'first\n');
  return path;
}

export const { privateKey: weakKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });

export const certificateOf = async (ageInDays: number): Promise<X509Certificate> =>
  new X509Certificate(
    (await makeKey({ commonName: 'x', now: Date.now() - ageInDays * day, serialNumber: randomBytes(16) })).certificate,
  );
