/** What the machine itself needs for an RSA-2048 signature: the unit in which everything else is told. */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface SigningRate {
  /** Signatures a second on all cores. */
  readonly perSecond: number;
  /** Milliseconds of CPU for one. */
  readonly cpu: number;
}

// As many as libuv has threads: every core has something to do.
const atOnce = 4;
// About as long as the SignedInfo that a Response's signature covers.
const text = Buffer.alloc(600, 'x');

/** Measures in this very process, which must do nothing else meanwhile. `duration` in milliseconds. */
export function createSigningRate(): (duration: number) => Promise<SigningRate> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signOnce = (): Promise<void> =>
    new Promise((resolve, reject) => {
      sign('sha256', text, privateKey, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  return async (duration) => {
    const before = process.cpuUsage();
    const started = performance.now();
    let count = 0;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (performance.now() - started < duration) {
          await signOnce();
          count += 1;
        }
      }),
    );
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - started) / 1_000;
    return { perSecond: count / seconds, cpu: (user + system) / 1_000 / count };
  };
}
