/** All that is looked at where the configuration can be used, from outside in. */
import { auditProbes } from './audit.ts';
import type { Probe } from './check.ts';
import type { Area } from './checks/row.ts';
import { areaOf } from './checks.ts';
import { clockProbes } from './clock.ts';
import { directoryProbes } from './directory.ts';
import { factorProbes } from './factors.ts';
import { googleProbes } from './google.ts';
import { keysProbes } from './keys.ts';
import { machineProbes } from './machine.ts';
import { mappingProbes } from './mapping.ts';
import { proxyProbes } from './proxy.ts';
import { publicUrlProbes } from './public-url.ts';
import { serviceProviderProbes } from './service-providers.ts';
import { storeProbes } from './store.ts';
import type { World } from './world.ts';

/** @param only areas that are wanted; undefined for all */
export function probesFor(world: World, only: readonly Area[] | undefined): readonly Probe[] {
  const all = [
    publicUrlProbes,
    proxyProbes,
    clockProbes,
    directoryProbes,
    mappingProbes,
    keysProbes,
    googleProbes,
    serviceProviderProbes,
    storeProbes,
    machineProbes,
    factorProbes,
    auditProbes,
  ].flatMap((make) => make(world));
  return only === undefined ? all : all.filter(({ ids }) => ids.some((id) => only.includes(areaOf(id))));
}
