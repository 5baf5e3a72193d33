/** One-time passwords of HMAC-SHA-1 by counter (RFC 4226) and by time (RFC 6238), as every authenticator app computes them. */
import { createHmac } from 'node:crypto';

/** RFC 6238 §5.2: the step that it recommends, in milliseconds. */
const period = 30_000;

/** The time step of an instant in milliseconds since the epoch. */
export const stepAt = (instant: number): number => Math.floor(instant / period);

/** RFC 4226 §5.3. `counter` is a whole number; below zero it counts from the end of the 64 bits. */
export function oneTimePassword(key: Uint8Array, counter: number, digits: 6 | 8 = 6): string {
  const moving = Buffer.alloc(8);
  moving.writeBigInt64BE(BigInt(counter));
  const mac = createHmac('sha1', key).update(moving).digest();
  const offset = mac.readUInt8(mac.length - 1) & 15;
  const truncated = mac.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(truncated % 10 ** digits).padStart(digits, '0');
}
