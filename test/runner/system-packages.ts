/** Sees that Debian's packages are there: through apt as root, else by saying what to install and why. */
import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { SystemPackage } from './needs.ts';

const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

function isThere(proof: string): boolean {
  return (isAbsolute(proof) ? [proof] : places.map((place) => join(place, proof))).some((path) => {
    try {
      accessSync(path, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const missingOf = (packages: readonly SystemPackage[]): readonly SystemPackage[] =>
  packages.filter(({ proofs }) => !proofs.some(isThere));

/** Keeps a package from starting its own server on every address of the machine while it is unpacked. */
function withoutServices<T>(work: () => T): T {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) {
    return work();
  }
  writeFileSync(policy, '#!/bin/sh\nexit 101\n');
  chmodSync(policy, 0o755);
  try {
    return work();
  } finally {
    rmSync(policy, { force: true });
  }
}

const apt = (...argv: readonly string[]): number =>
  spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=600', ...argv], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status ?? 1;

/** Which names this release of the system knows: older ones have fewer, larger packages. */
function known(names: readonly string[]): readonly string[] {
  const { stdout } = spawnSync('apt-cache', ['pkgnames'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const all = new Set(stdout.split('\n'));
  return names.filter((name) => all.has(name));
}

/** Whether all of them are there in the end; tells what it does and what is missing. */
export function provideSystemPackages(wanted: readonly SystemPackage[], say: (text: string) => void): boolean {
  const packages = [...new Map(wanted.map((one) => [one.name, one])).values()];
  let missing = missingOf(packages);
  if (missing.length === 0) {
    return true;
  }
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    say(`Installing system packages (once): ${missing.map(({ name }) => name).join(' ')} …`);
    withoutServices(
      () => apt('update') === 0 && apt('-y', '--no-install-recommends', 'install', ...known(missing.map(({ name }) => name))),
    );
    missing = missingOf(missing);
    if (missing.length === 0) {
      return true;
    }
    say('apt did not bring all of them; still missing:');
  } else {
    say('The tests need system packages that are not there:');
  }
  for (const { name, why } of missing) {
    say(`  ${name.padEnd(20)} ${why}`);
  }
  say(`Install them, as root: apt-get install --no-install-recommends ${missing.map(({ name }) => name).join(' ')}`);
  return false;
}
