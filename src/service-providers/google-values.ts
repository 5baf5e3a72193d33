/** The five values that an administrator types into Google Admin. */
import type { PublishedUrls } from '../config/published-urls.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

export interface GoogleValue {
  /** Key of its label in views/locales. */
  readonly label: 'sign-in-url' | 'sign-out-url' | 'change-password-url' | 'entity-id' | 'certificate';
  readonly value: string;
  /** Which service providers it is for, where it is not for all of Google's. */
  readonly of?: string | undefined;
}

/**
 * The certificates are PEM, each of the key that signs now: one for everybody, unless service providers of Google have keys of their
 * own.
 */
export function googleValues(
  urls: PublishedUrls,
  keys: Pick<KeyRing, 'active' | 'published' | 'forServiceProviders'>,
  list: readonly RegisteredServiceProvider[],
): readonly GoogleValue[] {
  const google = list.filter(({ kind }) => kind.startsWith('google-'));
  const byKey = Map.groupBy(google, ({ protection }) => protection?.signature.key ?? keys.active.name);
  const groups = byKey.size === 0 ? [[keys.active.name, google] as const] : [...byKey];
  const held = [...keys.published, ...keys.forServiceProviders];
  return [
    { label: 'entity-id', value: urls.entityID },
    { label: 'sign-in-url', value: urls.singleSignOn },
    { label: 'sign-out-url', value: urls.signOut },
    { label: 'change-password-url', value: urls.changePassword },
    ...groups.map(([name, signedFor]) => ({
      label: 'certificate' as const,
      value: (held.find((key) => key.name === name) ?? keys.active).certificate.toString(),
      of: groups.length > 1 ? describe(signedFor) : undefined,
    })),
  ];
}

const describe = (list: readonly RegisteredServiceProvider[]): string =>
  list.map(({ name, entityID }) => `${name}: ${entityID}`).join(', ');
