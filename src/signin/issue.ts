/** Answers a verified request: reads the person afresh, maps the address, releases attributes, signs; or signs a refusal. */
import { hash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Evidence } from '../authenticators/authenticator.ts';
import type { Clock, Random } from '../clock.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { describeSteps, mapAddress, sourcesOf } from '../mapping/address.ts';
import type { PreparedMapping } from '../mapping/prepare-mapping.ts';
import { Refusal } from '../refusal.ts';
import { nameIDFormats } from '../saml/names.ts';
import { buildFailure, buildSuccess } from '../saml/response.ts';
import type { Signers } from '../saml/signer.ts';
import { releaseAttributes } from '../service-providers/release.ts';
import type { Session, Sessions } from './session.ts';
import { verifyRequested, verifySubject, type Request } from './verify-requested.ts';

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
}

export interface Issuer {
  /** A signed Response about the session's person. @throws Refusal */
  issue(request: Request, issuing: Issuing): Promise<Answer>;
  /** A signed Response that carries the refusal's status. */
  refuse(request: Request, refusal: Refusal, reference: string): Promise<Answer>;
}

// google-sign-in: a window of at most five minutes, NotBefore a minute back.
const notBefore = 60_000;
const notOnOrAfter = 240_000;

export function createIssuer(parts: {
  entityID: string;
  mapping: PreparedMapping;
  recheck: number;
  directory: Directory;
  sessions: Sessions;
  signers: Signers;
  audit: Audit;
  clock: Clock;
  random: Random;
}): Issuer {
  const { entityID, mapping, recheck, directory, sessions, signers, audit, clock, random } = parts;
  // saml-core §1.3.4: 128 bits or more, and an NCName.
  const newID = (): string => `_${random(20).toString('hex')}`;

  /**
   * One search tells both: the person as they are now, and whether anybody else maps to the address.
   * @throws Refusal person-gone, person-disabled, person-expired, address-not-unique, and those of mapping and directory
   */
  async function readAfresh(before: Person, renamed = false): Promise<Person> {
    const { address } = mapAddress(before, mapping);
    const holders = await directory.holders(mapping.source, sourcesOf(address, mapping));
    const person = holders.find((holder) => holder.objectGUID === before.objectGUID) ?? (await directory.read(before.objectGUID));
    if (person.barred !== undefined) throw new Refusal(person.barred);
    const now = mapAddress(person, mapping).address;
    if (now !== address) {
      if (renamed) throw new Refusal('directory-unavailable', { cause: 'the person changes as they are read' });
      return readAfresh(person, true);
    }
    const other = holders.find((holder) => holder.objectGUID !== person.objectGUID && mapsTo(holder, address));
    if (other !== undefined) throw new Refusal('address-not-unique', { address, other: other.distinguishedName });
    return person;
  }

  /** Letter case tells no two accounts apart at Google, whatever case it holds. */
  function mapsTo(person: Person, address: string): boolean {
    try {
      return mapAddress(person, mapping).address.toLowerCase() === address.toLowerCase();
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }

  async function currentPerson({ token, session }: Issuing): Promise<Person> {
    const now = clock.now();
    if (now - session.personReadAt < recheck) return session.person;
    try {
      const person = await readAfresh(session.person);
      await sessions.refresh(token, person, now);
      return person;
    } catch (error) {
      // An account that may no longer be used ends its session; a directory that does not answer does not.
      if (error instanceof Refusal && error.row.words === 'person-disabled') await sessions.end(token);
      throw error;
    }
  }

  return {
    async issue(request, issuing) {
      const { serviceProvider } = request;
      const started = clock.now();
      const authnContextClassRef = verifyRequested(request);
      const person = await currentPerson(issuing);
      const { address, steps } = mapAddress(person, mapping);
      verifySubject(request, address);
      const attributes = releaseAttributes(serviceProvider, person);
      const now = clock.now();
      const id = newID();
      const xml = await buildSuccess(
        {
          id,
          assertionID: newID(),
          issuer: entityID,
          issueInstant: now,
          destination: request.assertionConsumerService.location,
          inResponseTo: request.id,
          audience: serviceProvider.entityID,
          nameID: { format: nameIDFormats.emailAddress, value: address },
          notBefore: now - notBefore,
          notOnOrAfter: now + notOnOrAfter,
          authnInstant: Math.max(...issuing.evidence.map((evidence) => evidence.at)),
          authnContextClassRef,
          sessionIndex: `_${hash('sha256', `${issuing.session.id} ${serviceProvider.entityID}`, 'hex').slice(0, 40)}`,
          sessionNotOnOrAfter: issuing.session.endsAt,
          attributes,
          sign: serviceProvider.sign,
        },
        signers.for(serviceProvider),
      );
      await issuing.claim();
      audit.record({
        event: 'signin.issued',
        reference: issuing.reference,
        request: request.id,
        serviceProvider: serviceProvider.entityID,
        person: person.objectGUID,
        address,
        remoteAddress: issuing.remoteAddress,
        detail: { response: id, mapping: describeSteps(steps) },
        milliseconds: now - started,
      });
      const { binding, location } = request.assertionConsumerService;
      return { binding, location, response: xml, relayState: request.relayState };
    },
    async refuse(request, refusal, reference) {
      const { binding, location } = request.assertionConsumerService;
      // The person reads it as well: reasons that pages do not tell apart must not be told apart here.
      const reason = refusal.row.answer === 'again' ? refusal.row.words : refusal.reason;
      const xml = await buildFailure(
        {
          id: newID(),
          issuer: entityID,
          issueInstant: clock.now(),
          destination: location,
          inResponseTo: request.id,
          status: refusal.row.status,
          message: `${reason}, reference ${reference}`,
        },
        signers.for(request.serviceProvider),
      );
      return { binding, location, response: xml, relayState: request.relayState };
    },
  };
}
