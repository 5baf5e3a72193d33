/** SAML artifacts of type 0x0004 (saml-bindings §3.6.4): a reference to a message, which only its issuer can resolve. */
import { hash } from 'node:crypto';
import { decodeBase64 } from './base64.ts';

const typeCode = 0x0004;
export const messageHandleBytes = 20;
const artifactBytes = 44;

const sourceIDOf = (entityID: string): Buffer => hash('sha1', entityID, 'buffer');

/** `messageHandle`: random bytes; `endpointIndex`: of the ArtifactResolutionService in the issuer's metadata. */
export const writeArtifact = (entityID: string, endpointIndex: number, messageHandle: Buffer): string => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(typeCode, 0);
  head.writeUInt16BE(endpointIndex, 2);
  return Buffer.concat([head, sourceIDOf(entityID), messageHandle]).toString('base64');
};

/** The MessageHandle of an artifact that we made at that endpoint, or undefined where it is something else. */
export const readArtifact = (artifact: string, entityID: string, endpointIndex: number): Buffer | undefined => {
  const bytes = artifact.length > artifactBytes * 2 ? undefined : decodeBase64(artifact);
  if (bytes?.length !== artifactBytes) return undefined;
  const ours =
    bytes.readUInt16BE(0) === typeCode &&
    bytes.readUInt16BE(2) === endpointIndex &&
    bytes.subarray(4, 24).equals(sourceIDOf(entityID));
  return ours ? bytes.subarray(24) : undefined;
};
