/** Finds who asks, and leaves a step that tells what decides about them: their settings, and their metadata with their age. */
import type { Steps } from '../audit/steps.ts';
import { Refusal } from '../refusal.ts';
import type { Registry } from '../service-providers/registry.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';

/** Those of that entity ID. @throws Refusal metadata-unusable, metadata-unavailable */
export type FindServiceProvider = (entityID: string) => Promise<readonly RegisteredServiceProvider[]>;

const longestEntityID = 1_024;
/** Those that share an entity ID. */
const mostTold = 8;

function originOf(registry: Registry, serviceProvider: RegisteredServiceProvider) {
  const { name, kind } = serviceProvider;
  const { settings, source, takenAt, validUntil } = registry.originOf(serviceProvider);
  return { name, kind, settings, source, takenAt, validUntil };
}

export function createFindServiceProvider(parts: { registry: Registry; steps: Pick<Steps, 'take'> }): FindServiceProvider {
  const { registry, steps } = parts;
  return (entityID) =>
    steps.take('service-provider', { serviceProvider: entityID.slice(0, longestEntityID) }, async (tell) => {
      try {
        const found = await registry.byEntityID(entityID);
        tell({ found: found.slice(0, mostTold).map((each) => originOf(registry, each)) });
        return found;
      } catch (error) {
        if (error instanceof Refusal) tell({ why: error.detail });
        throw error;
      }
    });
}
