/** Answers a verified request: reads the person afresh, names them, releases attributes, signs; or signs a refusal. */
import { hash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import type { Evidence } from '../authenticators/authenticator.ts';
import type { Clock, Random } from '../clock.ts';
import { describeSteps } from '../mapping/address.ts';
import { Refusal } from '../refusal.ts';
import type { Encryptions } from '../saml/encrypt.ts';
import { buildFailure, buildSuccess } from '../saml/response.ts';
import type { Signer, Signers } from '../saml/signer.ts';
import type { VerifyAccess } from '../service-providers/access.ts';
import type { Release } from '../service-providers/release.ts';
import { contextOf } from './authn-context.ts';
import { needsAddress, type NameIdentifier } from './name-identifier.ts';
import type { ReadPerson } from './read-person.ts';
import type { Participants } from './participants.ts';
import type { Session, Sessions } from './session.ts';
import { conditionsAt, type Request, type Requested, type ReturnAddress } from './verify-requested.ts';

/** A Response on its way to the service provider. */
export interface Answer {
  /** The binding URN of the AssertionConsumerService. */
  readonly binding: string;
  readonly location: string;
  /** The XML document. */
  readonly response: string;
  readonly relayState: string | undefined;
}

export interface Issuing {
  readonly token: string;
  readonly session: Session;
  readonly evidence: readonly [Evidence, ...Evidence[]];
  readonly reference: string;
  readonly remoteAddress: string;
  /** Called once, before the answer is told of or given out. @throws Refusal where the request was answered meanwhile */
  claim(): Promise<void>;
  /** A saml:Advice in exclusive canonical form, or nothing; it may depend on whether the assertion will be encrypted. */
  readonly advice?: ((encrypted: boolean) => string) | undefined;
  /** Whether the session ends with the answer, so that nobody takes part in it. */
  readonly passing?: boolean | undefined;
}

export interface Issuer {
  /** A signed Response about the session's person, as it was requested; undefined where the session has ended (ReadPerson). @throws Refusal */
  issue(request: Request, requested: Requested, issuing: Issuing): Promise<Answer | undefined>;
  /** A signed Response that carries the refusal's status, to a return address that is certain. */
  refuse(to: ReturnAddress, refusal: Refusal, reference: string): Promise<Answer>;
}

const signedBy = ({ keyName, algorithm }: Signer) => ({ key: keyName, algorithm });

export function createIssuer(parts: {
  entityID: string;
  readPerson: ReadPerson;
  nameIdentifier: NameIdentifier;
  release: Release;
  verifyAccess: VerifyAccess;
  signers: Signers;
  encryptions: Encryptions;
  sessions: Pick<Sessions, 'read'>;
  participants: Pick<Participants, 'record'>;
  audit: Audit;
  steps: Pick<Steps, 'take' | 'tell'>;
  clock: Clock;
  random: Random;
}): Issuer {
  const { entityID, readPerson, nameIdentifier, release, verifyAccess, signers, encryptions, sessions, participants } = parts;
  const { audit, steps, clock, random } = parts;
  // saml-core §1.3.4: 128 bits or more, and an NCName. A Response tells by its ID under which reference it can be explained.
  const newID = (reference: string): string => `_${reference}-${random(20).toString('hex')}`;

  return {
    async issue(request, requested, issuing) {
      const { serviceProvider } = request;
      const started = clock.now();
      const encryption = encryptions.for(serviceProvider, { nameID: requested.nameID.encrypted });
      const known = await readPerson(issuing.token, issuing.session, needsAddress(requested));
      if (known === undefined) return undefined;
      const { person, mapped } = known;
      await verifyAccess(serviceProvider, person);
      const address = mapped?.address;
      const nameID = await nameIdentifier(serviceProvider, requested, { objectGUID: person.objectGUID, address });
      const attributes = await release.attributes(serviceProvider, person, {
        address,
        attributeConsumingServiceIndex: request.attributeConsumingServiceIndex,
      });
      const sessionIndex = `_${hash('sha256', `${issuing.session.id} ${serviceProvider.entityID}`, 'hex').slice(0, 40)}`;
      const now = clock.now();
      const id = newID(issuing.reference);
      const authnContext = contextOf(requested.authnContexts, issuing.evidence);
      const success = {
        id,
        assertionID: newID(issuing.reference),
        issuer: entityID,
        issueInstant: now,
        destination: request.assertionConsumerService.location,
        inResponseTo: request.id,
        audience: serviceProvider.entityID,
        nameID,
        ...conditionsAt(request, now),
        authnInstant: Math.max(...issuing.evidence.map((evidence) => evidence.at)),
        authnContextClassRef: authnContext,
        sessionIndex,
        sessionNotOnOrAfter: Math.min(...issuing.evidence.map((evidence) => evidence.endsAt)),
        advice: issuing.advice?.(encryption?.assertion === true) ?? '',
        attributes,
        sign: serviceProvider.sign,
      };
      const signer = signers.for(serviceProvider);
      const { binding, location } = request.assertionConsumerService;
      const xml = await steps.take('sign', signedBy(signer), () => buildSuccess(success, signer, encryption));
      await issuing.claim();
      if (nameID !== undefined && issuing.passing !== true && serviceProvider.singleLogoutServices.length > 0) {
        await participants.record(issuing.session, issuing.token, {
          serviceProvider: serviceProvider.entityID,
          nameID,
          sessionIndex,
        });
        // A sign-out ends the session and then looks who took part: whoever it overlooked finds no session any more.
        if ((await sessions.read(issuing.token)) === undefined) throw new Refusal('signin-unknown');
      }
      audit.record({
        event: 'signin.issued',
        reference: issuing.reference,
        request: request.id,
        serviceProvider: serviceProvider.entityID,
        person: person.objectGUID,
        address,
        remoteAddress: issuing.remoteAddress,
        detail: { response: id, ...(mapped !== undefined && { mapping: describeSteps(mapped.steps) }) },
        milliseconds: now - started,
      });
      steps.tell('answer', {
        response: id,
        status: 'Success',
        location,
        by: binding,
        nameID: nameID && { format: nameID.format, value: nameID.value },
        authnContext,
        sessionNotOnOrAfter: success.sessionNotOnOrAfter,
        attributes: attributes.map(({ name }) => name),
        encrypted: encryption?.assertion === true ? 'the assertion' : encryption === undefined ? undefined : 'the name',
        ...(request.id === undefined && { unsolicited: true }),
      });
      return { binding, location, response: xml, relayState: request.relayState };
    },
    async refuse(to, refusal, reference) {
      const { binding, location } = to.assertionConsumerService;
      // The person reads it as well: reasons that pages do not tell apart must not be told apart here.
      const reason = refusal.row.answer === 'again' ? refusal.row.words : refusal.reason;
      const id = newID(reference);
      const message = `${reason}, reference ${reference}`;
      const signer = signers.for(to.serviceProvider);
      const failure = {
        id,
        issuer: entityID,
        issueInstant: clock.now(),
        destination: location,
        inResponseTo: to.id,
        status: refusal.row.status,
        message,
      };
      const xml = await steps.take('sign', signedBy(signer), () => buildFailure(failure, signer));
      steps.tell('answer', { response: id, status: refusal.row.status.join(' '), message, location, by: binding });
      return { binding, location, response: xml, relayState: to.relayState };
    },
  };
}
