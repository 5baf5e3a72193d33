/** How a key knows its person: the 16 bytes of their objectGUID, which tell nobody a name (W3C WebAuthn §14.6.1). */
import { objectGuidBytes, objectGuidText } from '../../directory/object-guid.ts';

export function userHandleOf(objectGUID: string): Buffer {
  const bytes = objectGuidBytes(objectGUID);
  if (bytes === undefined) throw new Error('an objectGUID has 16 bytes');
  return bytes;
}

/** The objectGUID that a handle in base64url names; undefined where it is none of ours. */
export const personOf = (userHandle: string): string | undefined => objectGuidText(Buffer.from(userHandle, 'base64url'));
