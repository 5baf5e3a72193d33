/** Counts requests by their ID, each of which is answered once (saml-profiles §4.1.4.5), whatever carries it. */
import { hash } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { Request } from './verify-requested.ts';

/** @throws Refusal request-replayed where it was counted before */
export type CountRequest = (request: Request) => Promise<void>;

/** @param parts `requestLifetime` and `clockSkew` in milliseconds */
export function createCountRequest(parts: { store: Store; requestLifetime: number; clockSkew: number }): CountRequest {
  const { store, requestLifetime, clockSkew } = parts;
  return async ({ id, serviceProvider, issueInstant }) => {
    // Where we begin, there is none.
    if (id === undefined) return;
    const key = hash('sha256', `${serviceProvider.entityID} ${id}`, 'base64url');
    // As long as the request could pass for fresh, its ID is remembered.
    const expiresAt = issueInstant + requestLifetime + clockSkew + 1;
    if (!(await store.create('request', key, 1, expiresAt))) throw new Refusal('request-replayed', { request: id });
  };
}
