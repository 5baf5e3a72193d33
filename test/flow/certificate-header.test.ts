/**
 * Certificates that a proxy hands on in a header: by a real HAProxy, which seals them, and a real nginx, which shows a secret; and what
 * becomes of headers that no proxy made. The proxies run by the very lines of the administrator's guide.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  headerSecret,
  leave,
  openCertificateHouse,
  show,
  type CertificateHouse,
  type CertificateHouseOptions,
} from '../fixtures/certificate-house.ts';
import { freePort } from '../fixtures/free-port.ts';
import { Authority, type Issued } from '../fixtures/people-authority.ts';
import { responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const alice = 'alice.liddell@example.com';
const guide = readFileSync(new URL('../../docs/administrator.md', import.meta.url), 'utf8');

let server: DirectoryServer;
before(async () => {
  server = await samba();
});

function assertSignedIn(page: Page): void {
  const { xml } = responseOf(page);
  assert.deepEqual(statusOf(xml), ['Success']);
  assert.equal(textOf(xml, 'NameID'), alice);
}

/** Why, as the person's page and the audit say. */
function assertRefused(page: Page, at: CertificateHouse, reason: string, cause?: RegExp): void {
  const event = at.house.events.findLast(({ event: kind }) => kind === 'signin.refused');
  assert.equal(event?.reason, reason, JSON.stringify(event));
  if (cause !== undefined) assert.match(String(event.detail?.cause), cause);
  assert.equal(page.form?.action, '/signin/password');
}

/** The block of the guide that begins with that line. */
function blockOf(start: RegExp): string {
  const block = [...guide.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, text = '']) => text).find((text) => start.test(text));
  assert.ok(block !== undefined, `the guide has no block ${String(start)}`);
  return block;
}

describe('a header', () => {
  let stage: CertificateHouse;
  let secret: CertificateHouse;
  before(async () => {
    const options: CertificateHouseOptions = { directory: server, config: { trustProxy: ['127.0.0.1'] } };
    stage = await openCertificateHouse({ ...options, header: {} });
    secret = await openCertificateHouse({ ...options, header: { seal: 'secret', sealName: 'X-Client-Cert-Secret' } });
  });
  after(async () => {
    await stage.close();
    await secret.close();
  });

  const seal = (value: string, query: string, at = Date.now(), key = headerSecret): string => {
    const seconds = String(Math.floor(at / 1_000));
    return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${query}.${value}`).digest('hex')}`;
  };

  interface Sent {
    readonly value: string;
    readonly query: string;
  }
  type Headers = (sent: Sent) => Readonly<Record<string, string>>;

  async function send(at: CertificateHouse, value: string, headers: Headers): Promise<Page> {
    const visitor = new Visitor(at.house.url);
    const { pathname, search } = new URL(await leave(visitor, await visitor.arrive()));
    return visitor.visit(pathname + search, { headers: headers({ value, query: search.slice(1) }) });
  }
  const sealed: Headers = ({ value, query }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Seal': seal(value, query) });

  it('may bring an OCSP response along', async () => {
    const header = { ocspName: 'X-Client-Cert-Ocsp' };
    const at = await openCertificateHouse({ directory: server, header, config: { trustProxy: ['127.0.0.1'] } });
    try {
      at.lists.answer = () => undefined;
      const certificate = at.issue(alice);
      const value = certificate.der.toString('base64');
      const ocsp =
        (response: Buffer): Headers =>
        (sent) => ({ ...sealed(sent), 'X-Client-Cert-Ocsp': response.toString('base64') });
      assertSignedIn(await send(at, value, ocsp(at.authority.ocsp(certificate))));
      assertRefused(
        await send(at, value, ocsp(at.authority.ocsp(certificate, { status: 'revoked' }))),
        at,
        'certificate-revoked',
      );
      assertRefused(await send(at, value, ocsp(Buffer.from('rubbish'))), at, 'certificate-revocation-unknown');
    } finally {
      await at.close();
    }
  });

  const forms: readonly [string, (certificate: Issued) => string][] = [
    ['DER in base64', ({ der }) => der.toString('base64')],
    ['as RFC 9440 has it', ({ der }) => `:${der.toString('base64')}:`],
    ['PEM in percent-encoding', ({ certificate }) => encodeURIComponent(certificate)],
    ['PEM with spaces for its line ends', ({ certificate }) => certificate.replaceAll('\n', ' ').trim()],
    ['a chain in percent-encoding', ({ certificate }) => encodeURIComponent(certificate + stage.authority.issued.certificate)],
  ];
  for (const [title, form] of forms) {
    it(`is read: ${title}`, async () => {
      assertSignedIn(await send(stage, form(stage.issue(alice)), sealed));
    });
  }

  const unsealed = 'certificate-header-unsealed';
  const attacks: readonly [string, string, Headers][] = [
    ['no seal', unsealed, ({ value }) => ({ 'X-Client-Cert': value })],
    ['an empty seal', unsealed, ({ value }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Seal': '' })],
    [
      'the secret in place of the seal',
      unsealed,
      ({ value }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Seal': headerSecret }),
    ],
    [
      'a seal by another secret',
      unsealed,
      ({ value, query }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Seal': seal(value, query, Date.now(), 'x') }),
    ],
    [
      'a seal of an hour ago',
      unsealed,
      ({ value, query }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Seal': seal(value, query, Date.now() - 3_600_000) }),
    ],
    [
      'a seal of the hour to come',
      unsealed,
      ({ value, query }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Seal': seal(value, query, Date.now() + 3_600_000) }),
    ],
    [
      'the seal of another certificate',
      unsealed,
      ({ value, query }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Seal': seal(`${value}A`, query) }),
    ],
    [
      'the seal of another ticket',
      unsealed,
      ({ value }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Seal': seal(value, 'id=x&ticket=y') }),
    ],
    [
      'the time of the seal altered',
      unsealed,
      ({ value, query }) => ({
        'X-Client-Cert': value,
        'X-Client-Cert-Seal': seal(value, query).replace(/^t=(\d+)/, (_, time) => `t=${String(Number(time) - 1)}`),
      }),
    ],
    [
      'a certificate of the browser’s before that of the proxy',
      unsealed,
      ({ value, query }) => ({ 'X-Client-Cert': `AAAA, ${value}`, 'X-Client-Cert-Seal': seal(value, query) }),
    ],
    ['no certificate, sealed', 'certificate-missing', ({ query }) => ({ 'X-Client-Cert-Seal': seal('', query) })],
    [
      'rubbish, sealed',
      'certificate-untrusted',
      ({ query }) => ({ 'X-Client-Cert': '<x>', 'X-Client-Cert-Seal': seal('<x>', query) }),
    ],
    [
      'broken percent-encoding, sealed',
      'certificate-untrusted',
      ({ query }) => ({ 'X-Client-Cert': '%zz', 'X-Client-Cert-Seal': seal('%zz', query) }),
    ],
    ['nothing at all', unsealed, () => ({})],
  ];
  for (const [title, reason, headers] of attacks) {
    it(`is refused: ${title}`, async () => {
      const before = stage.house.events.length;
      assertRefused(await send(stage, stage.issue(alice).der.toString('base64'), headers), stage, reason);
      const told = stage.house.events.slice(before).filter(({ event }) => event === 'certificate.refused').length;
      assert.equal(told, reason === 'certificate-missing' ? 0 : 1, 'it is told where it happened');
    });
  }

  it('is used once: the same one, with its seal, once more', async () => {
    const visitor = new Visitor(stage.house.url);
    const { pathname, search } = new URL(await leave(visitor, await visitor.arrive()));
    const headers = sealed({ value: stage.issue(alice).der.toString('base64'), query: search.slice(1) });
    assertSignedIn(await visitor.visit(pathname + search, { headers }));
    const thief = new Visitor(stage.house.url);
    const other = new URL(await leave(thief, await thief.arrive()));
    assertRefused(await thief.visit(other.pathname + other.search, { headers }), stage, unsealed, /does not fit/);
    await thief.visit(pathname + search, { headers });
    assert.equal(thief.cookie, undefined);
  });

  it('is believed of proxies alone that are named', async () => {
    const far = await openCertificateHouse({ directory: server, header: {}, config: { trustProxy: ['192.0.2.1'] } });
    try {
      assertRefused(await send(far, far.issue(alice).der.toString('base64'), sealed), far, unsealed, /no proxy/);
      const spoofed: Headers = (sent) => ({ ...sealed(sent), 'X-Forwarded-For': '192.0.2.1', Forwarded: 'for=192.0.2.1' });
      assertRefused(await send(far, far.issue(alice).der.toString('base64'), spoofed), far, unsealed, /no proxy/);
    } finally {
      await far.close();
    }
  });

  const withSecret =
    (text: string): Headers =>
    ({ value }) => ({ 'X-Client-Cert': value, 'X-Client-Cert-Secret': text });
  const secrets: readonly [string, string | undefined, Headers][] = [
    ['right', undefined, withSecret(headerSecret)],
    ['wrong', unsealed, withSecret(`${headerSecret}x`)],
    ['cut short', unsealed, withSecret(headerSecret.slice(0, -1))],
    ['empty', unsealed, withSecret('')],
    ['twice', unsealed, withSecret(`${headerSecret}, ${headerSecret}`)],
    ['missing', unsealed, ({ value }) => ({ 'X-Client-Cert': value })],
  ];
  for (const [title, reason, headers] of secrets) {
    it(`with a secret that is ${title}`, async () => {
      const page = await send(secret, secret.issue(alice).der.toString('base64'), headers);
      if (reason === undefined) assertSignedIn(page);
      else assertRefused(page, secret, reason);
    });
  }
});

describe('a proxy', () => {
  const running: ChildProcess[] = [];
  after(() => {
    for (const child of running) child.kill();
  });

  async function start(command: string, argv: readonly string[], port: number): Promise<void> {
    const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    let trouble = '';
    child.stderr.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
    for (let times = 0; times < 100; times += 1) {
      if (child.exitCode !== null) throw new Error(`${command} ended: ${trouble}`);
      const socket = connect(port, '127.0.0.1');
      const isOpen = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'error').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      if (isOpen) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${command} does not listen: ${trouble}`);
  }

  interface Proxied extends CertificateHouse {
    readonly port: number;
  }
  async function openBehind(header: NonNullable<CertificateHouseOptions['header']>): Promise<Proxied> {
    const port = await freePort();
    const stage = await openCertificateHouse({
      directory: server,
      header: { publicUrl: `http://localhost:${String(port)}`, ...header },
      config: { trustProxy: ['127.0.0.1'] },
    });
    return { ...stage, port };
  }

  /** What stands in the guide, with what is this machine's. */
  function adapt(text: string, { house, folder, port }: Proxied): string {
    return text
      .replaceAll('/etc/passerelle/tls.pem', join(folder, 'both.pem'))
      .replaceAll('/etc/passerelle/tls.key', join(folder, 'tls.key'))
      .replaceAll('/etc/passerelle/people-ca.pem', join(folder, 'people-ca.pem'))
      .replaceAll('SECRET', headerSecret)
      .replaceAll('S0VZ', Buffer.from(headerSecret).toString('base64'))
      .replaceAll(/(bind |listen )\S*443/g, `$1127.0.0.1:${String(port)}`)
      .replaceAll('127.0.0.1:8080', new URL(house.url).host.replace('localhost', '127.0.0.1'));
  }

  async function assertWorks(stage: Proxied, turnsAwayExpired = false): Promise<void> {
    const bring = async (certificate: Issued | undefined, headers: Readonly<Record<string, string>> = {}): Promise<Page> => {
      const visitor = new Visitor(stage.house.url);
      const url = (await leave(visitor, await visitor.arrive())).replace(/^http:/, 'https:');
      const { status, location = '' } = await show(url, certificate, [], 'GET', headers);
      assert.equal(status, 303);
      return visitor.visit(location);
    };
    assertSignedIn(await bring(stage.issue(alice)));
    assertRefused(await bring(undefined), stage, 'certificate-missing');
    assertRefused(await bring(Authority.root('CN=Stranger').person('CN=Alice')), stage, 'certificate-untrusted');
    const expired = stage.issue(alice, { to: Date.now() - 1_000 });
    if (turnsAwayExpired) await assert.rejects(bring(expired), /400/);
    else assertRefused(await bring(expired), stage, 'certificate-expired');
    // What a browser sends under these names does not pass.
    const own = {
      'X-Client-Cert': stage.issue(alice).der.toString('base64'),
      'X-Client-Cert-Seal': headerSecret,
      'X-Client-Cert-Secret': headerSecret,
    };
    assertRefused(await bring(undefined, own), stage, 'certificate-missing');
    assertRefused(await bring(stage.authority.person('CN=x', { extensions: [] }), own), stage, 'certificate-purpose');
  }

  function writeBoth({ folder }: Proxied): void {
    writeFileSync(
      join(folder, 'both.pem'),
      readFileSync(join(folder, 'tls.pem'), 'utf8') + readFileSync(join(folder, 'tls.key'), 'utf8'),
    );
  }

  it('HAProxy seals what it hands on', async () => {
    const stage = await openBehind({});
    try {
      writeBoth(stage);
      const file = join(stage.folder, 'haproxy.cfg');
      writeFileSync(
        file,
        `defaults\n  mode http\n  timeout connect 5s\n  timeout client 20s\n  timeout server 20s\n${adapt(blockOf(/^frontend cards/), stage)}`,
      );
      await start('/usr/sbin/haproxy', ['-f', file, '-db'], stage.port);
      await assertWorks(stage);
    } finally {
      await stage.close();
    }
  });

  it('nginx shows its secret', async () => {
    const stage = await openBehind({ seal: 'secret', sealName: 'X-Client-Cert-Secret' });
    try {
      writeBoth(stage);
      const file = join(stage.folder, 'nginx.conf');
      mkdirSync(join(stage.folder, 'nginx'));
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${stage.folder}/nginx;`,
      );
      writeFileSync(
        file,
        `daemon off; master_process off; pid ${stage.folder}/nginx.pid; error_log stderr;\nevents {}\nhttp { access_log off; ${temporary.join(' ')}\n${adapt(blockOf(/^server \{\n {2}listen 443/), stage)}}`,
      );
      await start('/usr/sbin/nginx', ['-c', file, '-p', stage.folder, '-e', 'stderr'], stage.port);
      await assertWorks(stage, true);
    } finally {
      await stage.close();
    }
  });
});
