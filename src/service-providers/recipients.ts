/** Whom an entry of `release` is for. */
import type { ReleaseConfig } from '../config/release-schema.ts';
import type { EntityAttribute } from '../saml/service-provider.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

type Recipients = ReleaseConfig[number]['to'];
type Wanted = NonNullable<Exclude<Recipients, string>['entityAttributes']>[number];

function has(attributes: readonly EntityAttribute[], { name, nameFormat, values }: Wanted): boolean {
  const list = typeof values === 'string' ? [values] : values;
  return attributes.some(
    (attribute) =>
      attribute.name === name &&
      (nameFormat === undefined || attribute.nameFormat === nameFormat) &&
      attribute.values.some((value) => list.includes(value)),
  );
}

/** Why the entry is not for that service provider; undefined where it is. */
export function whyNot(to: Recipients, serviceProvider: RegisteredServiceProvider): string | undefined {
  if (to === 'everybody') return undefined;
  const { entityIds, entityAttributes } = to;
  if (entityIds !== undefined && ![entityIds].flat().includes(serviceProvider.entityID)) return 'its entity ID is not listed';
  const missing = entityAttributes?.find((wanted) => !has(serviceProvider.entityAttributes, wanted));
  return missing && `its metadata has no entity attribute ${missing.name} with ${[missing.values].flat().join(' or ')}`;
}
