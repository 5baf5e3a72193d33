/** The private part of a key that this process holds: it signs in the thread pool, so that the event loop goes on. */
import { sign, type KeyObject } from 'node:crypto';
import { signatureAlgorithms } from '../config/algorithm-names.ts';
import type { PrivatePart } from './private-part.ts';
import { withScheme } from './signature-scheme.ts';

export function inMemory(privateKey: KeyObject): PrivatePart {
  const schemes = withScheme(privateKey);
  return {
    sign: (algorithm, bytes) =>
      new Promise((resolve, reject) => {
        const { hash, scheme } = signatureAlgorithms[algorithm];
        sign(hash, bytes, schemes[scheme], (error, signature) => {
          if (error === null) resolve(signature);
          else reject(error);
        });
      }),
  };
}
