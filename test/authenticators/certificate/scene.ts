/** The authenticator of certificates with a directory and a web that a test makes up. */
import { randomBytes } from 'node:crypto';
import { createCertificateRecogniser } from '../../../src/authenticators/certificate.ts';
import { FetchMistake, type FetchBytes } from '../../../src/authenticators/certificate/fetch-bytes.ts';
import { readCertificate } from '../../../src/authenticators/certificate/read-certificate.ts';
import { createRevocation, type RevocationSettings } from '../../../src/authenticators/certificate/revocation.ts';
import type { Person, SecurityIdentified, SecurityIdentities } from '../../../src/directory/directory.ts';
import { Refusal, type Reason } from '../../../src/refusal.ts';
import { purposes, type Authority, type Issued } from '../../fixtures/people-authority.ts';

export const person = (name: string): Person => ({
  objectGUID: `00000000-0000-4000-8000-${Buffer.from(name).toString('hex').padStart(12, '0').slice(-12)}`,
  distinguishedName: `CN=${name},DC=example,DC=com`,
  domain: 'example.com',
  sAMAccountName: name,
  userPrincipalName: `${name}@example.com`,
  mail: undefined,
  displayName: undefined,
  barred: undefined,
  attributes: {},
});

export interface Entry {
  readonly person: Person;
  readonly altSecurityIdentities?: readonly string[];
  readonly objectSid?: string;
}

interface Trusted {
  readonly trustUpn: boolean;
  readonly trustSid?: boolean;
  readonly domains?: readonly string[];
}

export interface SceneOptions {
  readonly authorities: readonly (Authority | (Trusted & { readonly authority: Authority }))[];
  readonly people?: readonly Entry[];
  readonly settings?: Partial<RevocationSettings>;
  readonly fetchBytes?: FetchBytes;
  readonly now?: () => number;
  /** Nothing is asked about revocation. */
  readonly withoutRevocation?: boolean;
}

export interface Scene {
  /** The sAMAccountName of whoever is recognised, or the reason of the refusal. */
  show(certificate: Issued | Buffer, along?: readonly (Issued | Buffer)[], ocsp?: Buffer): Promise<string>;
  /** What the last refusal was about. */
  readonly cause: () => string;
}

const derOf = (certificate: Issued | Buffer): Buffer => (Buffer.isBuffer(certificate) ? certificate : certificate.der);

export function openScene(options: SceneOptions): Scene {
  const { people = [], now = Date.now } = options;
  const clock = { now, until: () => Promise.resolve() };
  let cause = '';
  const trusted = options.authorities.map((one): Trusted & { readonly authority: Authority } =>
    'authority' in one && 'trustUpn' in one ? one : { authority: one, trustUpn: false },
  );
  const revocation = createRevocation({
    settings: {
      crlFiles: [],
      crlUrls: [],
      ocsp: true,
      hosts: [],
      timeout: 2_000,
      refresh: 3_600_000,
      megabytes: 20,
      ...options.settings,
    },
    fetchBytes: options.fetchBytes ?? (() => Promise.reject(new FetchMistake('nobody is there'))),
    clock,
    random: randomBytes,
  });
  const recogniser = createCertificateRecogniser({
    trust: {
      authorities: trusted.map(({ authority, trustUpn, trustSid = false, domains = [] }) => ({
        certificate: readCertificate(authority.issued.der),
        trustUpn,
        trustSid,
        domains,
      })),
      purposes: [purposes.clientAuth, purposes.smartCardLogon],
    },
    revocation: options.withoutRevocation === true ? { verify: () => Promise.resolve() } : revocation,
    directory: {
      bySecurityIdentity: ({ altSecurityIdentities, objectSids, userPrincipalNames }: SecurityIdentities) => {
        const same = (list: readonly string[], value: string): boolean =>
          list.some((one) => one.toLowerCase() === value.toLowerCase());
        const found = people.flatMap(({ person: who, altSecurityIdentities: held = [], objectSid }): SecurityIdentified[] => {
          const values = held.filter((value) => same(altSecurityIdentities, value));
          const isFound =
            values.length > 0 ||
            (objectSid !== undefined && objectSids.includes(objectSid)) ||
            same(userPrincipalNames, who.userPrincipalName ?? '');
          return isFound ? [{ person: who, altSecurityIdentities: values, objectSid }] : [];
        });
        return Promise.resolve(found);
      },
    },
    clock,
  });
  return {
    cause: () => cause,
    async show(certificate, along = [], ocsp) {
      cause = '';
      try {
        const certificates = [certificate, ...along].map((one) => derOf(one).toString('base64')).join(' ');
        const found = await recogniser.recognise({ certificates, ocsp: ocsp?.toString('base64') ?? '' }, { forceAuthn: false });
        return found.sAMAccountName ?? '';
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        cause = String(error.detail.cause);
        return error.reason satisfies Reason;
      }
    },
  };
}
