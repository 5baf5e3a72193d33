/** The person of a session as the directory has them now, and the address that is theirs alone. */
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Clock } from '../clock.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { mapAddress, sourcesOf, type MappedAddress } from '../mapping/address.ts';
import { isSame, mapsTo } from '../mapping/judge-everybody.ts';
import type { PreparedMapping } from '../mapping/prepare-mapping.ts';
import { type Reason, Refusal } from '../refusal.ts';
import { seenAgain } from './password-seen.ts';
import type { Session, Sessions } from './session.ts';

export interface Known {
  readonly person: Person;
  /** Undefined where there is none, or somebody else's is the same; never where one was needed. */
  readonly mapped: MappedAddress | undefined;
}

/**
 * The person of the session that bears the token. A session ends with the account that it rests on, and undefined says that it did with
 * the password: the person signs in anew.
 * @throws Refusal person-gone, person-disabled, person-expired, and those of the directory; where an address is needed also
 *   address-not-unique and those of mapping
 */
export type ReadPerson = (token: string, session: Session, addressNeeded: boolean) => Promise<Known | undefined>;

/** What of the directory's answers no session outlives. */
const accountEnded: ReadonlySet<Reason> = new Set<Reason>(['person-gone', 'person-disabled', 'person-expired']);

/** @param parts `recheck` is how long what was read is believed, in milliseconds */
export function createReadPerson(parts: {
  mapping: PreparedMapping;
  recheck: number;
  directory: Pick<Directory, 'holders' | 'read'>;
  sessions: Pick<Sessions, 'refresh' | 'dismiss'>;
  steps?: Pick<Steps, 'tell'>;
  clock: Clock;
}): ReadPerson {
  const { mapping, recheck, directory, sessions, steps = noSteps, clock } = parts;

  /** What is told of an address that was made, or was not. */
  function inputsOf({ userPrincipalName, mail, objectGUID, distinguishedName }: Person) {
    return { source: mapping.source, from: { userPrincipalName, mail }, person: objectGUID, distinguishedName };
  }

  /** @throws Refusal those of mapping, which leave a step */
  function map(person: Person): MappedAddress {
    try {
      return mapAddress(person, mapping);
    } catch (error) {
      if (error instanceof Refusal) steps.tell('mapping', { ...inputsOf(person), ...error.detail, error: error.reason });
      throw error;
    }
  }

  /** The address that goes out, which leaves a step. @throws Refusal those of mapping */
  function mapped(person: Person): MappedAddress {
    const found = map(person);
    steps.tell('mapping', { ...inputsOf(person), address: found.address, steps: found.steps });
    return found;
  }

  /** One search tells both: the person as they are now, and whether anybody else maps to the address. */
  async function readWithAddress(before: Person, renamed = false): Promise<Person> {
    const { address } = map(before);
    const holders = await directory.holders(mapping.source, sourcesOf(address, mapping));
    const person = holders.find((holder) => isSame(holder, before)) ?? (await directory.read(before));
    if (person.barred !== undefined) throw new Refusal(person.barred);
    const now = map(person).address;
    if (now !== address) {
      if (renamed) throw new Refusal('directory-unavailable', { cause: 'the person changes as they are read' });
      return readWithAddress(person, true);
    }
    const other = holders.find((holder) => !isSame(holder, person) && mapsTo(holder, address, mapping));
    if (other !== undefined) throw new Refusal('address-not-unique', { address, other: other.distinguishedName });
    return person;
  }

  /** The mapping may have changed since it was read. */
  function remembered(person: Person, addressNeeded: boolean): Known {
    try {
      return { person, mapped: mapped(person) };
    } catch (error) {
      if (addressNeeded || !(error instanceof Refusal)) throw error;
      return { person, mapped: undefined };
    }
  }

  async function readAlone({ person: before }: Session): Promise<Person> {
    const person = await directory.read(before);
    if (person.barred !== undefined) throw new Refusal(person.barred);
    return person;
  }

  const isChanged = ({ password }: Session, { account }: Person): boolean =>
    password !== undefined && seenAgain(password, account) === 'changed';

  async function readAfresh(token: string, session: Session, addressNeeded: boolean, now: number): Promise<Known> {
    try {
      const person = await readWithAddress(session.person);
      if (!isChanged(session, person)) await sessions.refresh(token, person, now);
      return { person, mapped: mapped(person) };
    } catch (error) {
      // Whoever has no address may still go where none is told. It is not remembered: elsewhere the question arises again.
      if (addressNeeded || !(error instanceof Refusal) || error.row.words !== 'no-address') throw error;
      return { person: await readAlone(session), mapped: undefined };
    }
  }

  return async (token, session, addressNeeded) => {
    const now = clock.now();
    try {
      if (now - session.personReadAt < recheck) {
        const { objectGUID, distinguishedName, domain } = session.person;
        steps.tell('person', { by: 'session', objectGUID, distinguishedName, domain, readAt: session.personReadAt });
        return remembered(session.person, addressNeeded);
      }
      const known = await readAfresh(token, session, addressNeeded, now);
      if (!isChanged(session, known.person)) return known;
      await sessions.dismiss(token, 'password changed');
      return undefined;
    } catch (error) {
      // An account that may no longer be used ends its session; a directory that does not answer does not.
      if (error instanceof Refusal && accountEnded.has(error.reason)) await sessions.dismiss(token, error.reason);
      throw error;
    }
  };
}
