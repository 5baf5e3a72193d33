/** What the person's own page shows of what they set up, and changes of it. */
import type { AuthenticatorName, Enroller } from '../authenticators/authenticator.ts';
import type { EnrolmentRecords, Enrolments } from '../authenticators/enrolments.ts';
import { enrolmentLabel } from '../authenticators/enrolment-label.ts';
import type { Clock } from '../clock.ts';
import type { PolicyRule } from '../config/policy-schema.ts';
import type { EnrolmentGate } from './enrolment-gate.ts';
import type { RemovedFactors } from './removed-factors.ts';
import type { Session } from './session.ts';

export type OwnWay = Enroller['name'];

/** Something that the person set up. Times in milliseconds since the epoch. */
export interface OwnFactor {
  readonly way: OwnWay;
  readonly id: string;
  readonly label: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | undefined;
}

export interface OwnFactors {
  readonly factors: readonly OwnFactor[];
  /** What the person has that others keep. */
  readonly elsewhere: readonly AuthenticatorName[];
  /** Recovery codes that were not used yet; undefined where none were ever made. */
  readonly codesLeft: number | undefined;
  /** Whether they have anything to be asked for: whoever has nothing passes the gate of a first one. */
  readonly hasAny: boolean;
}

export interface Account {
  factors(session: Session): Promise<OwnFactors>;
  /** Answers whether there is such a one. */
  rename(session: Session, factor: Pick<OwnFactor, 'way' | 'id'>, label: string): Promise<boolean>;
  /** Answers what was removed. */
  remove(session: Session, factor: Pick<OwnFactor, 'way' | 'id'>): Promise<OwnFactor | undefined>;
  /** Whether some sign-ins ask for a second factor. */
  readonly isAsked: boolean;
}

const beginnings: ReadonlySet<AuthenticatorName> = new Set<AuthenticatorName>(['password', 'kerberos', 'certificate']);

const listOf = ({ totp, webauthn }: Enrolments): readonly OwnFactor[] => [
  ...webauthn.map(({ id, label, createdAt, lastUsedAt }) => ({ way: 'webauthn' as const, id, label, createdAt, lastUsedAt })),
  ...totp.map(({ id, label, createdAt, lastUsedAt }) => ({ way: 'totp' as const, id, label, createdAt, lastUsedAt })),
];

export function createAccount(parts: {
  enrolments: EnrolmentRecords;
  gate: Pick<EnrolmentGate, 'present'>;
  removedFactors: Pick<RemovedFactors, 'note'>;
  rules: readonly Pick<PolicyRule, 'require'>[];
  clock: Pick<Clock, 'now'>;
}): Account {
  const { enrolments, gate, removedFactors, rules, clock } = parts;
  const here: ReadonlySet<AuthenticatorName> = new Set<AuthenticatorName>(['totp', 'webauthn', 'recovery-code']);

  return {
    isAsked: rules.some(({ require = [] }) => require.some((set) => !set.some((name) => beginnings.has(name)))),
    async factors({ person, objectGUID }) {
      const [present, enrolled] = await Promise.all([gate.present(person), enrolments.of(objectGUID)]);
      return {
        factors: listOf(enrolled),
        elsewhere: present.filter((name) => !here.has(name)),
        codesLeft: enrolled.recovery?.hashes.length,
        hasAny: present.length > 0,
      };
    },
    async rename({ objectGUID }, { way, id }, label) {
      let isThere = false;
      const named = <One extends { readonly id: string }>(list: readonly One[]): readonly One[] =>
        list.map((one) => (one.id === id ? { ...one, label: enrolmentLabel(label, clock.now()) } : one));
      await enrolments.change(objectGUID, (before) => {
        isThere = before[way].some((one) => one.id === id);
        if (!isThere) return before;
        return way === 'totp' ? { ...before, totp: named(before.totp) } : { ...before, webauthn: named(before.webauthn) };
      });
      return isThere;
    },
    async remove(session, { way, id }) {
      let removed: OwnFactor | undefined;
      const others = <One extends { readonly id: string }>(list: readonly One[]): readonly One[] =>
        list.filter((one) => one.id !== id);
      await enrolments.change(session.objectGUID, (before) => {
        removed = listOf(before).find((one) => one.way === way && one.id === id);
        if (removed === undefined) return before;
        return way === 'totp' ? { ...before, totp: others(before.totp) } : { ...before, webauthn: others(before.webauthn) };
      });
      if (removed !== undefined) await removedFactors.note(session, way);
      return removed;
    },
  };
}
