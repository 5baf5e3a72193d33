/** The private part of a key that signs, wherever it lies: a key in an HSM or a cloud KMS is one file more that makes one of these. */
import type { SignatureName } from '../config/algorithm-names.ts';

/** What each must do is proved by test/contract/signing-key.ts. */
export interface PrivatePart {
  /**
   * Signs away from the event loop. Gives back the signature as XML Signature writes it: for RSA as PKCS #1 or PSS has it, the salt
   * as long as the digest; for ECDSA the two integers side by side (§6.4.3). Rejects where it cannot, and never gives back anything else.
   */
  sign(algorithm: SignatureName, bytes: Uint8Array): Promise<Uint8Array>;
  /** Those that it signs by; undefined: all that fit the key. */
  readonly algorithms?: readonly SignatureName[] | undefined;
  /**
   * Where it lies outside of this process: milliseconds for which an answer is waited for. What comes is verified before it goes out,
   * and what does not come is Refusal signing-unavailable.
   */
  readonly patience?: number | undefined;
}
