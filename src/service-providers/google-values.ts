/** The five values that an administrator types into Google Admin. */
import type { PublishedUrls } from '../config/published-urls.ts';

export interface GoogleValue {
  /** Key of its label in views/locales. */
  readonly label: 'sign-in-url' | 'sign-out-url' | 'change-password-url' | 'entity-id' | 'certificate';
  readonly value: string;
}

/** `certificate` is PEM, the one that signs now. */
export function googleValues(urls: PublishedUrls, certificate: string): readonly GoogleValue[] {
  return [
    { label: 'entity-id', value: urls.entityID },
    { label: 'sign-in-url', value: urls.singleSignOn },
    { label: 'sign-out-url', value: urls.signOut },
    { label: 'change-password-url', value: urls.changePassword },
    { label: 'certificate', value: certificate },
  ];
}
