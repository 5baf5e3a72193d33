/** What has changed between two states of one service provider's metadata, in words for the audit trail. */
import { hash, type KeyObject } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ServiceProvider } from '../../saml/service-provider.ts';

export type MetadataChange = Readonly<Record<string, string | readonly string[]>>;

/** SHA-256 of its SubjectPublicKeyInfo, in hexadecimal. */
const fingerprint = (key: KeyObject): string => hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex');

const listed: Readonly<Record<string, (serviceProvider: ServiceProvider) => readonly string[]>> = {
  signingKeys: ({ signingKeys }) => signingKeys.map(fingerprint),
  encryptionKeys: ({ encryptionKeys }) => encryptionKeys.map(({ key }) => fingerprint(key)),
  assertionConsumerServices: ({ assertionConsumerServices }) =>
    assertionConsumerServices.map(({ binding, location }) => `${binding.replace(/^.*:/, '')} ${location}`),
  singleLogoutServices: ({ singleLogoutServices }) =>
    singleLogoutServices.map(({ binding, location }) => `${binding.replace(/^.*:/, '')} ${location}`),
};

const others = [
  'assertionConsumerServices',
  'attributeConsumingServices',
  'entityAttributes',
  'algorithmSupport',
  'authnRequestsSigned',
  'wantAssertionsSigned',
  'nameIDFormats',
  'affiliations',
] as const satisfies readonly (keyof ServiceProvider)[];

const without = (list: readonly string[], other: readonly string[]): readonly string[] =>
  list.filter((value) => !other.includes(value));

/** undefined where nothing has changed that anybody would notice. */
export function describeChange(
  before: ServiceProvider | undefined,
  after: ServiceProvider | undefined,
): MetadataChange | undefined {
  if (before === undefined || after === undefined) {
    return before === after ? undefined : { change: after === undefined ? 'gone' : 'new' };
  }
  const change: Record<string, string | readonly string[]> = {};
  for (const [name, list] of Object.entries(listed)) {
    const [old, now] = [list(before), list(after)];
    const [added, removed] = [without(now, old), without(old, now)];
    if (added.length > 0) change[`${name}Added`] = added;
    if (removed.length > 0) change[`${name}Removed`] = removed;
  }
  const further = others.filter((name) => !isDeepStrictEqual(before[name], after[name]) && change[`${name}Added`] === undefined);
  if (further.length > 0) change.changed = further;
  return Object.keys(change).length === 0 ? undefined : change;
}
