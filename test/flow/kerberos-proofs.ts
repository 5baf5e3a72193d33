/** What provokes each refusal of a Kerberos ticket, brought by somebody who asked for it. */
import { randomBytes } from 'node:crypto';
import type { Reason } from '../../src/refusal.ts';
import type { House } from '../fixtures/house.ts';
import { openKerberosHouse, principal, type KerberosHouse } from '../fixtures/kerberos-house.ts';
import { makeServiceKey, makeToken, ntlmNegotiate } from '../fixtures/make-ticket.ts';
import type { Page } from '../fixtures/visitor.ts';

type KerberosReason = Extract<Reason, `kerberos-${string}`>;
type Proof = () => Promise<{ readonly page: Page; readonly at: House }>;

/** @param parts `later` closes what a proof opened */
export function kerberosProofs({ later }: { later: (close: () => Promise<void>) => void }): Record<KerberosReason, Proof> {
  const bring =
    (make: (stage: KerberosHouse) => string | Promise<string>, kerberos: Parameters<typeof openKerberosHouse>[0] = {}): Proof =>
    async () => {
      const stage = await openKerberosHouse(kerberos);
      later(stage.close);
      const { page } = await stage.bring(await make(stage), undefined, '&asked=1');
      return { page, at: stage.house };
    };
  const certFiles = [new URL('../fixtures/proxy-certificate.pem', import.meta.url).pathname];
  return {
    'kerberos-ntlm': bring(() => ntlmNegotiate.toString('base64')),
    'kerberos-token-malformed': bring(() => 'AAAA'),
    'kerberos-encryption-weak': bring(() => makeToken({ key: makeServiceKey(principal, 23) })),
    'kerberos-service-unknown': bring(({ token }) => token({ service: 'HTTP/other.example.com@CORP.EXAMPLE.COM' })),
    'kerberos-key-unknown': bring(() => makeToken({ key: makeServiceKey(principal) })),
    'kerberos-replayed': bring(async (stage) => {
      const token = await stage.token();
      await stage.bring(token);
      return token;
    }),
    'kerberos-untimely': bring(({ token }) => token({ at: Date.now() - 3_600_000 })),
    'kerberos-channel-binding': bring(({ token }) => token({ bindings: randomBytes(16) }), { certFiles }),
    'kerberos-delegated': bring(({ token }) => token({ pac: { delegated: true } })),
    'kerberos-refused': bring(({ token }) => token({ authenticatorName: ['bob'] })),
    'kerberos-realm-unknown': bring(({ token }) => token({ realm: 'PARTNER.EXAMPLE.NET' })),
    'kerberos-person-unknown': bring(({ token }) => token({ name: ['nobody-of-that-name'] })),
    'kerberos-person-mismatch': bring(async ({ token, sidOf }) => token({ sid: await sidOf('bob') })),
  };
}
