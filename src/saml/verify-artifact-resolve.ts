/** The only maker of a verified ArtifactResolve (saml-core §3.5.1): signed by the service provider that asks. */
import { Refusal } from '../refusal.ts';
import type { Verified } from './authn-request.ts';
import { namespaces } from './names.ts';
import { invalid } from './read-element.ts';
import { beginning, readFrame, readID, readSequence, requireRoot } from './read-message.ts';
import type { ServiceProvider } from './service-provider.ts';
import { requireDestination, requireFresh, verifyMessage, type VerificationContext } from './verify-message.ts';
import type { XmlElement } from './xml.ts';

/** Who asks, and by which message. */
export interface Resolver<SP extends ServiceProvider = ServiceProvider> {
  readonly id: string;
  readonly serviceProvider: SP;
}

export interface ArtifactResolve<SP extends ServiceProvider = ServiceProvider> extends Resolver<SP> {
  /** Milliseconds since the epoch. */
  readonly issueInstant: number;
  /** As written, white space around it left out. */
  readonly artifact: string;
}

const steps = [...beginning, [`${namespaces.protocol} Artifact`]];

const readArtifactText = (root: XmlElement): string => {
  const [, , , [artifact] = []] = readSequence(root, steps);
  return artifact === undefined || artifact.children.length > 0 ? invalid(root, 'it holds no Artifact') : artifact.text.trim();
};

/**
 * Verifies what stood in a SOAP body; `proven` is told whose it is as soon as that is certain. Whether its ID is new, and what the
 * artifact stands for, is for others to judge.
 * @throws Refusal those of parsing and signatures; service-provider-unknown, signature-missing, request-version, request-invalid,
 *   request-wrong-destination, request-stale, request-from-future
 */
export const verifyArtifactResolve = async <SP extends ServiceProvider>(
  xml: string,
  context: VerificationContext<SP>,
  proven: (resolver: Resolver<SP>) => void,
): Promise<Verified<ArtifactResolve<SP>>> => {
  const { root, signed, candidates, issuer } = await verifyMessage(
    { binding: 'SOAP', xml },
    requireRoot('ArtifactResolve', 'request-invalid'),
    context,
  );
  const [serviceProvider] = candidates;
  // saml-bindings §3.6.6: an artifact is for one service provider, which must prove that it is the one.
  if (!signed || serviceProvider === undefined) throw new Refusal('signature-missing', { entityID: issuer.slice(0, 256) });
  const id = readID(root);
  proven({ id, serviceProvider });
  const { issueInstant, destination } = readFrame(root);
  const artifact = readArtifactText(root);
  // A SOAP message need not say where it goes.
  requireDestination(destination, false, context.destination);
  requireFresh(issueInstant, context);
  return { id, issueInstant, serviceProvider, artifact } as Verified<ArtifactResolve<SP>>;
};
