/** Looks at the store of the running house: the file or the database, and what lies in it. */
import { openSecret } from '../authenticators/sealed-secret.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import type { Seal } from '../keys/seal.ts';
import { examinePostgres, type PostgresFacts } from '../store/examine/examine-postgres.ts';
import { examineSqlite, type SqliteFacts } from '../store/examine/examine-sqlite.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { tell, type Finding, type Probe } from './check.ts';
import type { CheckId } from './checks.ts';
import { shownMode } from './shown-mode.ts';
import type { World } from './world.ts';

const slow = 100;
const large = 2 * 1024 ** 3;
const sample = 200;
/** Major versions of PostgreSQL, each with the day on which its maintenance ends (postgresql.org/support/versioning). */
const maintained: Readonly<Record<string, string>> = {
  '14': '2026-11-12',
  '15': '2027-11-11',
  '16': '2028-11-09',
  '17': '2029-11-08',
  '18': '2030-11-14',
};

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MB`;

function judgeSchema(version: number, newest: number): Finding {
  const check = tell('store.opens');
  const words = `its schema is of version ${String(version)}, ours of ${String(newest)}`;
  if (version > newest) return check.problem(`${words}: a newer Passerelle wrote it`);
  return version === newest ? check.ok(words) : check.warning(`${words}: the next start migrates it`);
}

const judgeSize = (size: number): Finding =>
  size > large ? tell('store.size').warning(`it has ${megabytes(size)}`) : tell('store.size').ok(`it has ${megabytes(size)}`);

const ofDatabase = ['store.version', 'store.writable', 'store.connections'] as const satisfies readonly CheckId[];

export function judgeSqlite(file: string, { mode, size, version, newest, whole, trouble }: SqliteFacts): readonly Finding[] {
  const others = ofDatabase.map((id) => tell(id).skipped('the store is a file'));
  const opens = tell('store.opens');
  const skip = (why: string): readonly Finding[] =>
    (['store.private', 'store.whole', 'store.size'] as const).map((id) => tell(id).skipped(why));
  if (mode === undefined)
    return [opens.warning(`${file} is not there yet: the first start makes it`), ...skip('it is not there yet'), ...others];
  const rights = `it is of mode ${shownMode(mode)}`;
  const guarded =
    (mode & 0o077) === 0 ? tell('store.private').ok(rights) : tell('store.private').problem(`${rights}: others may read it`);
  if (trouble !== undefined)
    return [opens.problem(`${file}: ${trouble}`), guarded, ...skip('it cannot be read').slice(1), ...others];
  return [
    judgeSchema(version, newest),
    guarded,
    whole === undefined
      ? tell('store.whole').skipped('it is too large to be read through here; `passerelle store check` does so')
      : whole === 'ok'
        ? tell('store.whole').ok('a quick check finds it whole')
        : tell('store.whole').problem(`it is damaged: ${whole.slice(0, 200)}`),
    judgeSize(size),
    ...others,
  ];
}

/** @param now milliseconds since the epoch */
export function judgePostgres(facts: PostgresFacts, now: number): readonly Finding[] {
  const { server, isReadOnly, isEncrypted, isHere, left, each, size, version, newest } = facts;
  const [encrypted, edition, writable, connections] = [
    tell('store.private'),
    tell('store.version'),
    tell('store.writable'),
    tell('store.connections'),
  ];
  const major = Math.floor(server / 10_000);
  const end = maintained[String(major)];
  const release = `PostgreSQL ${String(major)}.${String(server % 10_000)}`;
  const free = `${String(left)} connections are left, and a process of ours may need ${String(each)}`;
  return [
    judgeSchema(version, newest),
    isEncrypted
      ? encrypted.ok('the way there is encrypted')
      : isHere
        ? encrypted.ok('it is on this machine')
        : encrypted.warning('the way there is not encrypted'),
    tell('store.whole').skipped('the database looks after itself'),
    judgeSize(size),
    major < 14 || (end !== undefined && Date.parse(end) <= now)
      ? edition.warning(`${release}${end === undefined ? ' is older than what was tried' : ` is maintained until ${end} only`}`)
      : edition.ok(`${release}${end === undefined ? '' : `, maintained until ${end}`}`),
    isReadOnly ? writable.problem('it is a standby, or set to read only') : writable.ok('it takes writes'),
    left <= 0 ? connections.problem(free) : left < 2 * each ? connections.warning(free) : connections.ok(free),
  ];
}

/** Whether each secret of somebody opens; what is of no such form is another check's. */
function opens(seal: Seal, objectGUID: string, value: unknown): boolean {
  const totp: unknown = typeof value === 'object' && value !== null && 'totp' in value ? value.totp : [];
  return (Array.isArray(totp) ? (totp as readonly unknown[]) : []).every((app) => {
    if (typeof app !== 'object' || app === null || !('id' in app && 'secret' in app)) return true;
    try {
      openSecret(seal, objectGUID, String(app.id), String(app.secret));
      return true;
    } catch (error) {
      if (error instanceof KeyMistake) return false;
      throw error;
    }
  });
}

export async function judgeSealed(store: Pick<Store, 'list'>, seal: Seal | undefined): Promise<Finding> {
  const check = tell('store.sealed');
  const enrolled = await store.list('enrolment', '', sample);
  if (enrolled.length === 0) return check.skipped('nobody has enrolled anything');
  if (seal === undefined) return check.problem(`${String(enrolled.length)} people have enrolled, and there are no sealing keys`);
  const closed = enrolled.filter(({ key, value }) => !opens(seal, key, value)).length;
  const words = `of ${String(enrolled.length)} people that were tried`;
  return closed > 0
    ? check.problem(`what ${String(closed)} ${words} enrolled does not open`)
    : check.ok(`what was enrolled opens, ${words}`);
}

/** Writes a record of the store's own and deletes it again, as `/readyz` does each second. */
export async function judgeWork(store: Pick<Store, 'check'>): Promise<Finding> {
  const check = tell('store.works');
  const began = performance.now();
  try {
    await store.check();
  } catch (error) {
    return check.problem(error instanceof Error ? error.message.replace(/\.$/, '') : 'it does not');
  }
  const time = performance.now() - began;
  const words = `a write and a read take ${time.toFixed(1)} ms`;
  return time > slow ? check.warning(words) : check.ok(words);
}

async function lookAtStore(world: World): Promise<readonly Finding[]> {
  const { configuration, clock, patient } = world;
  const { file, url } = configuration.store;
  const inside = (why: string): readonly Finding[] => [tell('store.works').skipped(why), tell('store.sealed').skipped(why)];
  let looked: readonly Finding[];
  try {
    looked =
      url === undefined
        ? judgeSqlite(file, examineSqlite(file))
        : judgePostgres(await examinePostgres(configuration.store), clock.now());
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') throw error;
    const others = (['store.private', 'store.whole', 'store.size', ...ofDatabase] as const).map((id) =>
      tell(id).skipped('it does not answer'),
    );
    return [
      tell('store.opens').problem(error instanceof Error ? error.message : 'it does not answer'),
      ...others,
      ...inside('it does not answer'),
    ];
  }
  // Opening it otherwise would make or migrate it, or set its rights right.
  const isReady = looked.every(
    ({ id, verdict }) =>
      !['store.opens', 'store.private', 'store.whole', 'store.writable'].includes(id) ||
      verdict === 'ok' ||
      verdict === 'skipped',
  );
  if (!isReady) return [...looked, ...inside('it is not opened as it is')];
  const store = await openStore(configuration.store, { clock });
  try {
    const seal = (): Seal | undefined => {
      try {
        return patient.seal();
      } catch (error) {
        if (error instanceof KeyMistake) return undefined;
        throw error;
      }
    };
    return [...looked, await judgeWork(store), await judgeSealed(store, seal())];
  } finally {
    await store.close();
  }
}

export const storeProbes = (world: World): readonly Probe[] => [
  {
    ids: ['store.opens', 'store.private', 'store.whole', 'store.size', ...ofDatabase, 'store.works', 'store.sealed'],
    limit: 60_000,
    run: () => lookAtStore(world),
  },
];
