/** A page of our own that people sign in to as to a service provider, though no assertion is ever made for it. */
import { bindings } from '../saml/names.ts';
import { unsolicited } from '../saml/verify-authn-request.ts';
import { google } from '../service-providers/google.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import type { Request } from './verify-requested.ts';

export interface OwnPage {
  /** A request for it, as it would be made now (milliseconds since the epoch). */
  request(now: number): Request;
  readonly isFor: (request: Request) => boolean;
}

/** @param url of the page, which is its entity ID too */
export function createOwnPage(url: string): OwnPage {
  const page: RegisteredServiceProvider = {
    ...google,
    kind: 'metadata',
    entityID: url,
    name: '',
    assertionConsumerServices: [{ index: 0, binding: bindings.httpPost, location: url, isDefault: true }],
    rules: [],
    attributeLimits: {},
  };
  return {
    request: (now) => unsolicited(page, undefined, now),
    isFor: ({ serviceProvider }) => serviceProvider === page,
  };
}
