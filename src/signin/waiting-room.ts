/** What strangers may leave in the store: of each network, so many bytes of sign-ins that wait for their person. */
import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import { networkOf } from '../audit/network.ts';
import { count, forgottenAt, spansOf } from './network-failures.ts';

export interface WaitingRoom {
  /** Takes room for that many bytes, which is free again when it expires. @throws Refusal address-room-exhausted */
  enter(bytes: number, remoteAddress: string): Promise<void>;
}

/** @param parts `limit` in bytes, for what expires after `window` milliseconds */
export function createWaitingRoom(parts: { store: Store; clock: Clock; limit: number; window: number }): WaitingRoom {
  const { store, clock, limit, window } = parts;
  return {
    async enter(bytes, remoteAddress) {
      const network = networkOf(remoteAddress);
      let entered: number | undefined;
      await store.update('attempts', hash('sha256', `room\0${network}`, 'base64url'), (record) => {
        const { start, counted } = count(spansOf(record), clock.now(), { limit, window }, bytes);
        entered = start;
        return start !== undefined ? { value: counted, expiresAt: forgottenAt(counted, window) } : record;
      });
      if (entered === undefined) throw new Refusal('address-room-exhausted', { network, bytes, limit });
    },
  };
}
