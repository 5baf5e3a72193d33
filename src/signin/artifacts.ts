/** Artifacts (saml-bindings §3.6): Responses kept for a moment, each to be fetched once by the service provider that it is for. */
import { hash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import type { Clock, Random } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from '../saml/algorithm-policy.ts';
import { buildArtifactResponse } from '../saml/artifact-response.ts';
import { messageHandleBytes, readArtifact, writeArtifact } from '../saml/artifact.ts';
import type { Signers } from '../saml/signer.ts';
import { readSoapEnvelope, writeSoapEnvelope } from '../saml/soap-envelope.ts';
import { verifyArtifactResolve, type Resolver } from '../saml/verify-artifact-resolve.ts';
import type { Registry } from '../service-providers/registry.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import type { Store } from '../store/store.ts';
import { createFindServiceProvider } from './find-service-provider.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** Who asks for what an artifact stands for, and under which reference that is told of. */
export interface Resolving {
  /** That of the sign-in which the artifact stands for, once it is known. */
  reference: string;
  readonly remoteAddress: string;
}

/** Whoever proved that the message is theirs: what goes wrong from then on is answered in SAML. */
export type ProvenResolver = Resolver<RegisteredServiceProvider>;

export interface Artifacts {
  /**
   * Keeps the Response of a sign-in for that service provider and gives the artifact that stands for it.
   * @throws Refusal attributes-too-large, address-room-exhausted
   */
  keep(response: string, entityID: string, from: Readonly<Resolving>): Promise<string>;
  /** Answers the ArtifactResolve in a SOAP envelope with another envelope. `proven` is told who asks. @throws Refusal */
  resolve(envelope: Buffer, resolving: Resolving, proven: (resolver: ProvenResolver) => void): Promise<string>;
  /** The envelope that tells a proven resolver of a refusal. */
  refuse(resolver: ProvenResolver, refusal: Refusal): Promise<string>;
}

interface Kept {
  readonly response: string;
  readonly reference?: string;
}

/** Of the ArtifactResolutionService in our metadata: there is one. */
export const artifactEndpointIndex = 0;
/** Milliseconds. The service provider asks as soon as the browser arrives. */
const artifactLife = 90_000;
/** UTF-16 code units of JSON, of which the store takes a little more in bytes. */
const largestResponse = 384 * 1024;

/** Under the service provider's own name, so that to any other it was never there. */
const keyOf = (messageHandle: Buffer, entityID: string): string =>
  hash('sha256', `${messageHandle.toString('base64url')} ${entityID}`, 'base64url');

export function createArtifacts(parts: {
  entityID: string;
  /** URL of our ArtifactResolutionService. */
  destination: string;
  clockSkew: number;
  requestLifetime: number;
  /** Which algorithms may sign what comes. */
  algorithms: AlgorithmPolicy;
  store: Store;
  waitingRoom: WaitingRoom;
  registry: Registry;
  signers: Signers;
  steps: Steps;
  audit: Audit;
  clock: Clock;
  random: Random;
}): Artifacts {
  const { entityID, destination, clockSkew, requestLifetime, algorithms, store, waitingRoom, registry } = parts;
  const { signers, steps, audit, clock, random } = parts;

  /** Gives the Response out, once: whoever deletes the record has it. */
  async function take(artifact: string, recipient: string): Promise<Kept | undefined> {
    const handle = readArtifact(artifact, entityID, artifactEndpointIndex);
    // An artifact of somebody else's costs the same look.
    const key = keyOf(handle ?? Buffer.alloc(messageHandleBytes), recipient);
    const value = await store.get('artifact', key);
    if (handle === undefined || value === undefined) return undefined;
    // The store holds only what `keep` wrote, in this version or in an earlier one, which wrote the Response alone.
    const kept = typeof value === 'string' ? { response: value } : (value as Kept);
    return (await store.delete('artifact', key)) ? kept : undefined;
  }

  async function respond(
    { id, serviceProvider }: ProvenResolver,
    status: Refusal['row']['status'] | undefined,
    message: string | undefined,
  ): Promise<string> {
    const response = {
      id: `_${random(20).toString('hex')}`,
      issuer: entityID,
      issueInstant: clock.now(),
      inResponseTo: id,
      status,
      message,
    };
    return writeSoapEnvelope(await buildArtifactResponse(response, signers.for(serviceProvider)));
  }

  return {
    async keep(response, recipient, { reference, remoteAddress }) {
      const size = JSON.stringify(response).length;
      if (size > largestResponse) throw new Refusal('attributes-too-large', { size, limit: largestResponse });
      await waitingRoom.enter(Buffer.byteLength(response), remoteAddress);
      const handle = random(messageHandleBytes);
      if (!(await store.create('artifact', keyOf(handle, recipient), { response, reference }, clock.now() + artifactLife))) {
        throw new Error('a message handle occurred twice');
      }
      return writeArtifact(entityID, artifactEndpointIndex, handle);
    },

    async resolve(envelope, resolving, proven) {
      const started = clock.now();
      const { message } = readSoapEnvelope(envelope);
      const { id, issueInstant, serviceProvider, artifact } = await verifyArtifactResolve<RegisteredServiceProvider>(
        message,
        {
          serviceProviders: createFindServiceProvider({ registry, steps }),
          ...{ destination, now: started, clockSkew, maxAge: requestLifetime, algorithms, steps },
        },
        proven,
      );
      const key = hash('sha256', `artifact-resolve ${serviceProvider.entityID} ${id}`, 'base64url');
      if (!(await store.create('request', key, 1, issueInstant + requestLifetime + clockSkew + 1))) {
        throw new Refusal('request-replayed', { request: id });
      }
      const kept = await take(artifact, serviceProvider.entityID);
      resolving.reference = kept?.reference ?? resolving.reference;
      const answer = await respond({ id, serviceProvider }, undefined, kept?.response);
      steps.tell('answer', { artifact: kept === undefined ? 'nothing stands behind it' : 'the Response was handed over' });
      audit.record({
        event: kept === undefined ? 'artifact.unresolved' : 'artifact.resolved',
        reference: resolving.reference,
        request: id,
        serviceProvider: serviceProvider.entityID,
        remoteAddress: resolving.remoteAddress,
        milliseconds: clock.now() - started,
      });
      return answer;
    },

    refuse: (resolver, refusal) => respond(resolver, refusal.row.status, undefined),
  };
}
