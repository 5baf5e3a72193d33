/** What provokes each refusal of a client certificate. */
import type { Reason } from '../../src/refusal.ts';
import {
  leave,
  openCertificateHouse,
  present,
  show,
  type CertificateHouse,
  type CertificateHouseOptions,
} from '../fixtures/certificate-house.ts';
import type { House } from '../fixtures/house.ts';
import { Authority, extensions, rsa, type Issued } from '../fixtures/people-authority.ts';
import { Visitor, type Page } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';

type CertificateReason = Extract<Reason, `certificate-${string}`>;
type Proof = () => Promise<{ readonly page: Page; readonly at: House }>;

const [day, alice] = [86_400_000, 'alice.liddell@example.com'];

/** @param parts `later` closes what a proof opened */
export function certificateProofs(parts: {
  server: () => DirectoryServer;
  later: (close: () => Promise<void>) => void;
}): Record<CertificateReason, Proof> {
  const { server, later } = parts;
  const open = async (options: CertificateHouseOptions = {}): Promise<CertificateHouse> => {
    const stage = await openCertificateHouse({ directory: server(), ...options });
    later(stage.close);
    return stage;
  };
  const bring =
    (make: (stage: CertificateHouse) => Issued | undefined, options: CertificateHouseOptions = {}): Proof =>
    async () => {
      const stage = await open(options);
      const visitor = new Visitor(stage.house.url);
      return { page: await present(visitor, await visitor.arrive(), make(stage)), at: stage.house };
    };
  return {
    'certificate-missing': bring(() => undefined),
    'certificate-header-unsealed': async () => {
      const { house, issue } = await open({ header: {}, config: { trustProxy: ['127.0.0.1'] } });
      const visitor = new Visitor(house.url);
      const url = new URL(await leave(visitor, await visitor.arrive()));
      const headers = { 'X-Client-Cert': issue(alice).der.toString('base64') };
      return { page: await visitor.visit(url.pathname + url.search, { headers }), at: house };
    },
    'certificate-return-unknown': async () => {
      const { house, issue } = await open();
      const visitor = new Visitor(house.url);
      const { location = '' } = await show(await leave(visitor, await visitor.arrive()), issue(alice));
      visitor.furtherCookies.clear();
      return { page: await visitor.visit(location), at: house };
    },
    'certificate-untrusted': bring(() => Authority.root('DC=com,DC=example,CN=People CA').person('CN=Alice')),
    'certificate-weak': bring(({ issue }) => issue(alice, { keys: rsa(1_024) })),
    'certificate-expired': bring(({ issue }) => issue(alice, { from: Date.now() - 9 * day, to: Date.now() - day })),
    'certificate-not-yet-valid': bring(({ issue }) => issue(alice, { from: Date.now() + day })),
    'certificate-purpose': bring(({ authority }) => authority.person('CN=Alice', { extensions: [extensions.usage(0)] })),
    'certificate-revoked': bring((stage) => {
      const certificate = stage.issue(alice);
      stage.lists.answer = () => stage.authority.list({ revoked: [certificate.serialNumber] });
      return certificate;
    }),
    'certificate-revocation-unknown': bring((stage) => {
      stage.lists.answer = () => undefined;
      return stage.issue(alice);
    }),
    'certificate-person-unknown': bring(({ issue }) => issue('nobody-of-that-name@example.com')),
    'certificate-ambiguous': bring(({ issue }) => issue(alice, { more: [extensions.sid('S-1-5-21-1-2-3-4')] })),
    'certificate-mapping-weak': bring(({ issue }) => issue(alice), { trustUpn: false }),
  };
}
