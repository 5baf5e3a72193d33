/** Who took part in a session (saml-core §3.7.3.2): each service provider that was told of it and can be told of its end. */
import { hash } from 'node:crypto';
import type { NameID } from '../saml/name-id.ts';
import { nameIDFormats } from '../saml/names.ts';
import type { Store } from '../store/store.ts';
import { type Session, sessionKey } from './session.ts';

export interface Participant {
  /** Entity ID. */
  readonly serviceProvider: string;
  /** As it was issued. */
  readonly nameID: NameID;
  readonly sessionIndex: string;
}

/** A session that somebody took part in. It may have idled out meanwhile; its participants may not know. */
export interface Attended {
  readonly id: string;
  readonly objectGUID: string;
  /** Under which the session was stored when somebody took part last. */
  readonly key: string;
}

export interface Participants {
  /** Notes one, unless it is noted already. */
  record(session: Pick<Session, 'id' | 'objectGUID' | 'endsAt'>, token: string, participant: Participant): Promise<void>;
  /** The sessions in which the service provider knows the principal by that name; of no sessionIndexes, all of them. */
  find(serviceProvider: string, nameID: NameID, sessionIndexes: readonly string[]): Promise<readonly Attended[]>;
  /** Names the principal of a service provider, without telling who it is. */
  identity(serviceProvider: string, nameID: NameID): string;
  /** Takes away what is noted of a session, and answers it. */
  take(id: string): Promise<readonly Participant[]>;
  /** The session goes on under another key (its person signed in again). */
  readonly follow: (id: string, key: string, endsAt: number) => Promise<void>;
}

interface Stored {
  readonly objectGUID: string;
  readonly key: string;
  readonly endsAt: number;
  readonly participants: readonly Participant[];
}

/** Of one session. An honest one has a few. */
const mostParticipants = 64;
/** Of one name, where a request names none of them. */
const mostSessions = 1000;

// The store holds only what this file wrote.
const stored = (value: unknown): Stored | undefined => value as Stored | undefined;
const keyOfSession = (id: string): string => `session ${id}`;

/** The oldest name of the service provider that has most of them: whoever fetches ever new ones pushes out nobody else. */
function mostDispensable(participants: readonly Participant[]): Participant | undefined {
  const groups = [...Map.groupBy(participants, ({ serviceProvider }) => serviceProvider).values()];
  const most = Math.max(...groups.map(({ length }) => length));
  return groups.find(({ length }) => length === most)?.[0];
}

/** @param issuer our entity ID */
export function createParticipants({ store, issuer }: { store: Store; issuer: string }): Participants {
  /** saml-core §8.3: an absent Format is unspecified, an absent qualifier the one that is meant anyway. */
  const identityOf = (serviceProvider: string, nameID: NameID): string =>
    hash(
      'sha256',
      JSON.stringify([
        serviceProvider,
        nameID.value,
        nameID.format ?? nameIDFormats.unspecified,
        nameID.nameQualifier ?? issuer,
        nameID.spNameQualifier ?? serviceProvider,
      ]),
      'base64url',
    );
  const identity = ({ serviceProvider, nameID }: Participant): string => identityOf(serviceProvider, nameID);
  const prefixOf = (name: string): string => `name ${name} `;
  const keyOf = (name: string, sessionIndex: string): string => prefixOf(name) + hash('sha256', sessionIndex, 'base64url');
  const keyOfParticipant = (each: Participant): string => keyOf(identity(each), each.sessionIndex);

  async function keep(id: string, participants: readonly Participant[], expiresAt: number): Promise<void> {
    for (const key of new Set(participants.map(keyOfParticipant))) {
      await store.update('participant', key, () => ({ value: id, expiresAt }));
    }
  }
  async function drop(participants: readonly Participant[]): Promise<void> {
    for (const key of new Set(participants.map(keyOfParticipant))) await store.delete('participant', key);
  }

  /** IDs of the sessions in which a name was given. */
  async function idsOf(name: string, sessionIndexes: readonly string[]): Promise<ReadonlySet<unknown>> {
    if (sessionIndexes.length === 0)
      return new Set((await store.list('participant', prefixOf(name), mostSessions)).map(({ value }) => value));
    const ids = new Set<unknown>();
    for (const sessionIndex of sessionIndexes) ids.add(await store.get('participant', keyOf(name, sessionIndex)));
    return ids;
  }

  return {
    async record({ id, objectGUID, endsAt }, token, participant) {
      const isNoted = (each: Participant): boolean => keyOfParticipant(each) === keyOfParticipant(participant);
      if (stored(await store.get('participant', keyOfSession(id)))?.participants.some(isNoted) === true) return;
      let dropped: Participant | undefined;
      await store.update('participant', keyOfSession(id), (record) => {
        const before = stored(record?.value)?.participants.filter((each) => !isNoted(each)) ?? [];
        const after = [...before, participant];
        dropped = after.length > mostParticipants ? mostDispensable(after) : undefined;
        const kept = after.filter((each) => each !== dropped);
        const value: Stored = { objectGUID, key: sessionKey(token), endsAt, participants: kept };
        return { value, expiresAt: endsAt };
      });
      await keep(id, [participant], endsAt);
      if (dropped !== undefined) await drop([dropped]);
    },
    async find(serviceProvider, nameID, sessionIndexes) {
      const name = identityOf(serviceProvider, nameID);
      const found: Attended[] = [];
      for (const id of await idsOf(name, sessionIndexes)) {
        if (typeof id !== 'string') continue;
        const session = stored(await store.get('participant', keyOfSession(id)));
        const matches = session?.participants.some(
          (each) => identity(each) === name && (sessionIndexes.length === 0 || sessionIndexes.includes(each.sessionIndex)),
        );
        if (session !== undefined && matches === true) found.push({ id, objectGUID: session.objectGUID, key: session.key });
      }
      return found;
    },
    identity: identityOf,
    async take(id) {
      const participants = stored(await store.get('participant', keyOfSession(id)))?.participants ?? [];
      if (participants.length === 0 || !(await store.delete('participant', keyOfSession(id)))) return [];
      await drop(participants);
      return participants;
    },
    async follow(id, key, endsAt) {
      const kept = await store.update('participant', keyOfSession(id), (record) => {
        const before = stored(record?.value);
        return before === undefined ? undefined : { value: { ...before, key, endsAt }, expiresAt: endsAt };
      });
      if (kept !== undefined) await keep(id, stored(kept.value)?.participants ?? [], endsAt);
    },
  };
}
