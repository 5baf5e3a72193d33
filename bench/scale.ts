/** What a sign-in costs among few people and among very many: two directories side by side, asked in turn. */
import { join } from 'node:path';
import { startChild } from './child.ts';
import type { Load, Loaded } from './load.ts';
import type { StagedDirectory } from './openldap.ts';
import { type Server, startServer } from './server.ts';
import { median } from './statistics.ts';

export interface Size {
  readonly people: number;
  readonly groups: number;
}

export interface ScaleFigures {
  readonly few: Size;
  readonly many: Size;
  /** What a sign-in among many costs by one among few: medians of the rounds, of p50 and of the server's CPU. */
  readonly time: number;
  readonly cpu: number;
  /** Milliseconds, medians. */
  readonly p50: { readonly few: number; readonly many: number };
}

/** Few enough that neither directory is at its limit. */
const users = 4;
const few: Size = { people: 100, groups: 10 };

interface Side {
  readonly directory: StagedDirectory;
  readonly server: Server;
}

/** @param work milliseconds of each round, and how many there are. Gives the reason where `start` gives one. */
export async function measureScale(
  folder: string,
  start: (people: number, groups: number, number: number) => Promise<StagedDirectory | { readonly reason: string }>,
  many: Size,
  work: { readonly measured: number; readonly warmUp: number; readonly rounds: number },
): Promise<ScaleFigures | { readonly reason: string }> {
  const directories: StagedDirectory[] = [];
  const sides: Side[] = [];
  const bear = ({ directory: { accounts }, server: { url, pid } }: Side, measured: number, warmUp: number): Promise<Loaded> => {
    const load: Load = { deed: 'signIn', url, pid, accounts: accounts.slice(0, users), warmUp, measured };
    return startChild<Loaded>('load.ts', load).answer;
  };
  try {
    for (const [index, { people, groups }] of [few, many].entries()) {
      const directory = await start(people, groups, index);
      if ('reason' in directory) return directory;
      directories.push(directory);
      sides.push({ directory, server: await startServer(join(folder, String(people)), directory.settings) });
    }
    const rounds: Loaded[][] = [];
    for (const side of sides) await bear(side, work.warmUp, 0);
    for (let round = 0; round < work.rounds; round += 1) {
      const loaded: Loaded[] = [];
      for (const side of sides) loaded.push(await bear(side, work.measured, 0));
      rounds.push(loaded);
    }
    const of = (value: (loaded: Loaded) => number, side: number): number =>
      median(rounds.flatMap((loaded) => loaded.slice(side, side + 1).map(value)));
    const p50 = { few: of((loaded) => loaded.p50, 0), many: of((loaded) => loaded.p50, 1) };
    return { few, many, p50, time: p50.many / p50.few, cpu: of(({ cpu }) => cpu, 1) / of(({ cpu }) => cpu, 0) };
  } finally {
    for (const { server } of sides) await server.stop();
    for (const directory of directories) await directory.destroy();
  }
}
