/**
 * Signing in with a certificate, against a real Active Directory (Samba): by curl and by requests of every kind, with an OCSP
 * responder that is OpenSSL's; and what others try on the way there and back.
 */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { leave, openCertificateHouse, ownPage, present, show, type CertificateHouse } from '../fixtures/certificate-house.ts';
import { freePort } from '../fixtures/free-port.ts';
import { Authority, extensions, keyIdentifierOf, rsa, upn, type Issued } from '../fixtures/people-authority.ts';
import { responseOf, statusOf, textOf, Visitor, type Page, type RequestOptions } from '../fixtures/visitor.ts';
import { modify, runScript, type DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const run = promisify(execFile);
const alice = 'alice.liddell@example.com';
const tlsClient = 'urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient';
const x509 = 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509';
const passwordContext = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
const asking = (classRef: string): RequestOptions => ({
  content: `<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>${classRef}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`,
});

let server: DirectoryServer;
let stage: CertificateHouse;
const made: string[] = [];

before(async () => {
  server = await samba();
  stage = await openCertificateHouse({ directory: server });
});
after(async () => {
  await stage.close();
  for (const dn of made) await modify(server, `dn: ${dn}\nchangetype: delete\n`);
});

interface Made {
  readonly name: string;
  readonly dn: string;
}

/** A person of the test's own. */
async function makePerson(attributes: readonly string[] = [], userAccountControl = 512): Promise<Made> {
  const name = `cert${randomBytes(4).toString('hex')}`;
  const dn = `CN=${name},CN=Users,${server.baseDn}`;
  const quoted = Buffer.from('"Passw0rd!"', 'utf16le').toString('base64');
  await modify(
    server,
    `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: ${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: ${String(userAccountControl)}\n${attributes.map((line) => `${line}\n`).join('')}`,
  );
  made.push(dn);
  return { name, dn };
}

const reversed = (serial: Buffer): string => Buffer.from(serial).reverse().toString('hex');
const tie = (certificate: Issued): string =>
  `altSecurityIdentities: X509:<I>DC=com,DC=example,CN=People CA<SR>${reversed(certificate.serialNumber)}`;

async function signIn(
  certificate: Issued | undefined,
  options: RequestOptions = {},
  at: CertificateHouse = stage,
): Promise<Page> {
  const visitor = new Visitor(at.house.url);
  return present(visitor, await visitor.arrive(options), certificate);
}

function assertSignedIn(page: Page, address: string): string {
  const { xml } = responseOf(page);
  assert.deepEqual(statusOf(xml), ['Success']);
  assert.equal(textOf(xml, 'NameID'), address);
  return xml;
}

/** The form, with what stood against the certificate. */
function assertRefused(page: Page, reason: string, at: CertificateHouse = stage): void {
  const event = at.house.events.findLast(({ event: kind }) => kind === 'signin.refused');
  assert.equal(event?.reason, reason, JSON.stringify(event));
  assert.equal(page.form?.action, '/signin/password');
}

describe('whoever has a certificate', () => {
  it('signs in by the name in it, and the answer says how', async () => {
    const xml = assertSignedIn(await signIn(stage.issue(alice)), alice);
    assert.equal(textOf(xml, 'AuthnContextClassRef'), tlsClient);
    const event = stage.house.events.findLast(({ event: kind }) => kind === 'certificate.accepted');
    assert.match(event?.name ?? '', /^5a[0-9a-f]{16} DC=com,DC=example,CN=People CA$/);
    assert.match(event?.person ?? '', /^[0-9a-f-]{36}$/);
  });

  it('is tied to a certificate by issuer and serial number, which needs no name', async () => {
    const certificate = stage.authority.person('CN=Nobody', {
      extensions: [extensions.usage(0), extensions.purposes('1.3.6.1.4.1.311.20.2.2'), extensions.lists(stage.lists.url)],
    });
    assertRefused(await signIn(certificate), 'certificate-person-unknown');
    const { name, dn } = await makePerson([tie(certificate)]);
    assertSignedIn(await signIn(certificate), `${name}@example.com`);
    const other = await makePerson([tie(certificate)]);
    assertRefused(await signIn(certificate), 'certificate-ambiguous');
    await modify(server, `dn: ${other.dn}\nchangetype: modify\ndelete: altSecurityIdentities\n`);
    await modify(
      server,
      `dn: ${dn}\nchangetype: modify\nreplace: altSecurityIdentities\naltSecurityIdentities: X509:<I>DC=com,DC=example,CN=People CA<S>CN=Nobody\n`,
    );
    assertRefused(await signIn(certificate), 'certificate-mapping-weak');
  });

  it('is tied to it by key identifier, with RSA, too', async () => {
    const keys = rsa();
    const { name } = await makePerson([
      `altSecurityIdentities: X509:<SKI>${keyIdentifierOf(keys.publicKey).toString('hex').toUpperCase()}`,
    ]);
    const certificate = stage.issue('somebody-else@example.net', { keys, more: [extensions.keyIdentifier(keys.publicKey)] });
    assertSignedIn(await signIn(certificate), `${name}@example.com`);
  });

  it('is known by the security identifier in it', async () => {
    const { name } = await makePerson();
    const shown = await runScript('samba-ad', ['tool', 'user', 'show', name, '--attributes=objectSid']);
    const sid = /objectSid: (S-[\d-]+)/.exec(shown)?.[1] ?? '';
    assertSignedIn(await signIn(stage.issue(`${name}@example.com`, { more: [extensions.sid(sid)] })), `${name}@example.com`);
    assertSignedIn(await signIn(stage.issue('nobody@example.net', { more: [extensions.sid(sid)] })), `${name}@example.com`);
    // Somebody was deleted, and another one was given the name.
    assertRefused(
      await signIn(stage.issue(`${name}@example.com`, { more: [extensions.sid(`${sid}9`)] })),
      'certificate-ambiguous',
    );
  });

  it('signs in where a password may not be used', async () => {
    const { name } = await makePerson([], 512 | 0x40000);
    assertSignedIn(await signIn(stage.issue(`${name}@example.com`)), `${name}@example.com`);
  });

  it('does not sign in to an account that is disabled', async () => {
    const { name } = await makePerson([], 514);
    await signIn(stage.issue(`${name}@example.com`));
    assert.equal(stage.house.events.findLast(({ event }) => event === 'signin.refused')?.reason, 'person-disabled');
  });

  it('is asked for it alone where the service provider wants that', async () => {
    const visitor = new Visitor(stage.house.url);
    for (const classRef of [tlsClient, x509]) {
      const page = await visitor.arrive(asking(classRef));
      assert.equal(page.form, undefined);
      assert.ok(page.body.includes('Put your card into its reader'));
      const xml = assertSignedIn(await present(new Visitor(stage.house.url), page, stage.issue(alice)), alice);
      assert.equal(textOf(xml, 'AuthnContextClassRef'), classRef);
    }
    const page = await visitor.arrive(asking(tlsClient));
    const refused = await present(visitor, page, undefined);
    assert.equal(refused.form, undefined);
    assert.ok(refused.body.includes('No certificate was shown') && refused.body.includes('/signin/certificate?id='));
  });

  it('is not offered it where only a password will do', async () => {
    const page = await new Visitor(stage.house.url).arrive(asking(passwordContext));
    assert.ok(!page.body.includes('/signin/certificate'));
  });

  it('shows it anew where ForceAuthn asks for that', async () => {
    const visitor = new Visitor(stage.house.url);
    assertSignedIn(await present(visitor, await visitor.arrive(), stage.issue(alice)), alice);
    const page = await visitor.arrive({ attributes: { ForceAuthn: 'true' } });
    assert.equal(page.form?.action, '/signin/password');
    assertSignedIn(await present(visitor, page, stage.issue(alice)), alice);
  });

  it('may use the password after all', async () => {
    const visitor = new Visitor(stage.house.url);
    const page = await present(visitor, await visitor.arrive(), undefined);
    assertRefused(page, 'certificate-missing');
    assertSignedIn(await visitor.fill(page, 'alice', 'Passw0rd!'), alice);
  });

  it('is counted by network like everybody else', async () => {
    const strict = await openCertificateHouse({
      directory: server,
      config: { throttle: { floor: '1ms', attemptsPerAddress: 2 } },
    });
    try {
      const wrong = Authority.root('CN=Stranger').person('CN=Alice');
      for (let times = 0; times < 2; times += 1) assertRefused(await signIn(wrong, {}, strict), 'certificate-untrusted', strict);
      assertRefused(await signIn(strict.issue(alice), {}, strict), 'address-attempts-exhausted', strict);
    } finally {
      await strict.close();
    }
  });
});

describe('curl with a certificate', () => {
  it('signs in with --cert, through the listener and back', async () => {
    const certificate = stage.issue(alice);
    const [cert, key, jar] = ['curl.pem', 'curl.key', 'jar'].map((file) => join(stage.folder, file));
    assert.ok(cert !== undefined && key !== undefined && jar !== undefined);
    writeFileSync(cert, certificate.certificate);
    writeFileSync(key, certificate.key);
    const page = await new Visitor(stage.house.url).arrive();
    const link = / href="(\/signin\/certificate[^"]*)"/.exec(page.body)?.[1] ?? '';
    const options = ['-sS', '-L', '--max-time', '20', '-c', jar, '-b', jar, '-e', `${stage.house.url}/`];
    const { stdout } = await run('curl', [...options, '-k', '--cert', cert, '--key', key, stage.house.url + link]);
    const response = /name="SAMLResponse" value="([^"]+)"/.exec(stdout)?.[1] ?? '';
    assert.equal(textOf(Buffer.from(response, 'base64').toString(), 'NameID'), alice, stdout.slice(0, 1_000));
  });
});

describe('openssl ocsp', () => {
  const responders: ChildProcess[] = [];
  after(() => {
    for (const child of responders) child.kill();
  });

  /** `index` says V for what is good and R for what is revoked, by serial number. */
  async function respond(index: string, port: number): Promise<void> {
    const [ca, key, file] = ['ocsp-ca.pem', 'ocsp-ca.key', `index-${String(port)}.txt`].map((one) => join(stage.folder, one));
    assert.ok(ca !== undefined && key !== undefined && file !== undefined);
    writeFileSync(ca, stage.authority.issued.certificate);
    writeFileSync(key, stage.authority.issued.key);
    writeFileSync(file, index);
    const argv = [
      'ocsp',
      '-index',
      file,
      '-port',
      String(port),
      '-rsigner',
      ca,
      '-rkey',
      key,
      '-CA',
      ca,
      '-nmin',
      '5',
      '-ignore_err',
    ];
    const child = spawn('openssl', argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    responders.push(child);
    await new Promise<void>((resolve, reject) => {
      const look = (chunk: Buffer): void => {
        if (/ACCEPT|waiting for/i.test(chunk.toString())) resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('exit', () => {
        reject(new Error('openssl ocsp ended'));
      });
    });
  }

  it('is asked with a nonce, and its good, revoked and unknown are understood', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${String(port)}`;
    const at = await openCertificateHouse({
      directory: server,
      authority: stage.authority,
      certificate: { revocation: { hosts: [`127.0.0.1:${String(port)}`] } },
    });
    try {
      at.lists.answer = () => undefined;
      const [good, revoked, unknown] = [1, 2, 3].map(() => at.issue(alice, { more: [extensions.responder(url)] }));
      assert.ok(good !== undefined && revoked !== undefined && unknown !== undefined);
      const serial = ({ serialNumber }: Issued): string => serialNumber.toString('hex').toUpperCase();
      await respond(
        `V\t301231235959Z\t\t${serial(good)}\tunknown\t/CN=Somebody\nR\t301231235959Z\t250101000000Z\t${serial(revoked)}\tunknown\t/CN=Somebody\n`,
        port,
      );
      assertSignedIn(await signIn(good, {}, at), alice);
      assertRefused(await signIn(revoked, {}, at), 'certificate-revoked', at);
      assertRefused(await signIn(unknown, {}, at), 'certificate-revocation-unknown', at);
    } finally {
      await at.close();
    }
  });
});

describe('the way there and back', () => {
  /** Somebody at the listener, with the code that leads back. */
  async function shown(
    certificate: Issued | undefined = stage.issue(alice),
  ): Promise<{ visitor: Visitor; location: string; asked: string; page: Page }> {
    const visitor = new Visitor(stage.house.url);
    const page = await visitor.arrive();
    const asked = await leave(visitor, page);
    const { location = '' } = await show(asked, certificate);
    return { visitor, location, asked, page };
  }
  const codeOf = (location: string): string => new URL(location).searchParams.get('code') ?? '';
  const signInOf = (location: string): string => new URL(location).searchParams.get('id') ?? '';
  const backTo = (signIn: string, code: string): string => `/signin/certificate/return?id=${signIn}&code=${code}`;

  it('is that of one browser: with a code of somebody else’s nobody is signed in', async () => {
    const thief = new Visitor(stage.house.url);
    await leave(thief, await thief.arrive());
    const { visitor, location } = await shown();
    assertRefused(await thief.visit(location), 'certificate-return-unknown');
    assert.equal(thief.cookie, undefined);
    // And the code is used, whoever used it.
    assertRefused(await visitor.visit(location), 'certificate-return-unknown');
  });

  it('signs nobody in as the attacker: a code that was planted', async () => {
    const attacker = await shown(stage.issue('bob.builder@example.com'));
    const victim = await shown();
    // In the attacker's sign-in, and in the victim's own.
    await victim.visitor.visit(attacker.location);
    assert.equal(victim.visitor.cookie, undefined);
    const planted = await shown(stage.issue('bob.builder@example.com'));
    assertRefused(
      await victim.visitor.visit(backTo(signInOf(victim.location), codeOf(planted.location))),
      'certificate-return-unknown',
    );
    assert.equal(victim.visitor.cookie, undefined);
  });

  it('signs nobody in as the attacker: a page of the attacker’s sign-in, and a certificate presented beside the victim', async () => {
    const attacker = new Visitor(stage.house.url);
    const page = await attacker.arrive();
    const victim = new Visitor(stage.house.url);
    const asked = new URL(await leave(victim, page));
    // The attacker knows the sign-in, and not the ticket that the victim's browser was given.
    for (const ticket of ['', 'A'.repeat(43), asked.searchParams.get('id') ?? '']) {
      asked.searchParams.set('ticket', ticket);
      const { location = '' } = await show(asked.href, stage.issue('bob.builder@example.com'));
      assert.equal(new URL(location).searchParams.get('code'), null);
    }
    // With a ticket of their own they come back in their own browser alone.
    const { location = '' } = await show(await leave(attacker, page), stage.issue('bob.builder@example.com'));
    await victim.visit(location);
    assert.equal(victim.cookie, undefined);
  });

  it('refuses at the other host under the reference of the sign-in', async () => {
    const visitor = new Visitor(stage.house.url);
    const asked = new URL(await leave(visitor, await visitor.arrive()));
    asked.searchParams.set('ticket', 'A'.repeat(43));
    const { location = '' } = await show(asked.href, stage.issue(alice));
    const refused = stage.house.events.findLast(({ event }) => event === 'certificate.refused');
    const page = await visitor.visit(location);
    assert.match(page.reference ?? '', /^[0-9A-Z]{4}-[0-9A-Z]{6}$/);
    assert.equal(refused?.reference, page.reference);
  });

  it('takes a ticket once, and a code once', async () => {
    const { visitor, asked, location } = await shown();
    const again = await show(asked, stage.issue('bob.builder@example.com'));
    assert.equal(codeOf(again.location ?? ''), '');
    assertSignedIn(await visitor.visit(location), alice);
    await visitor.visit(location);
    assert.equal(stage.house.events.findLast(({ event }) => event === 'signin.refused')?.reason, 'signin-unknown');
  });

  it('takes a ticket and a code for their own sign-in alone', async () => {
    const [one, other] = [await shown(), await shown()];
    assertRefused(await one.visitor.visit(backTo(signInOf(other.location), codeOf(one.location))), 'certificate-return-unknown');
    const visitor = new Visitor(stage.house.url);
    const asked = new URL(await leave(visitor, await visitor.arrive()));
    asked.searchParams.set('id', signInOf(other.location));
    const { location = '' } = await show(asked.href, stage.issue(alice));
    assert.equal(codeOf(location), '');
  });

  it('takes no longer than a minute', async () => {
    const at = await openCertificateHouse({ directory: server });
    try {
      const visitor = new Visitor(at.house.url);
      const { location = '' } = await show(await leave(visitor, await visitor.arrive()), at.issue(alice));
      at.house.advance(61_000);
      assertRefused(await visitor.visit(location), 'certificate-return-unknown', at);
    } finally {
      await at.close();
    }
  });

  it('begins at a page of ours alone', async () => {
    const page = await new Visitor(stage.house.url).arrive();
    const link = / href="(\/signin\/certificate[^"]*)"/.exec(page.body)?.[1] ?? '';
    const refused: readonly Readonly<Record<string, string>>[] = [
      {},
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'none' },
      { Referer: 'https://evil.example.net/' },
      { Referer: `${stage.house.url}.evil.example.net/` },
      { Referer: `${stage.house.url}/`, 'Sec-Fetch-Site': 'cross-site' },
    ];
    for (const headers of refused) {
      const visitor = new Visitor(stage.house.url);
      const { status, headers: answered } = await visitor.request(link, { headers });
      assert.equal(status, 303);
      assert.match(answered.get('location') ?? '', /^\/signin\?id=/);
      assert.equal(visitor.furtherCookies.size, 0);
    }
    for (const headers of [ownPage, { Referer: `${stage.house.url}/` }]) {
      const { headers: answered } = await new Visitor(stage.house.url).request(link, { headers });
      assert.ok(answered.get('location')?.startsWith(stage.origin));
      assert.match(
        answered.getSetCookie()[0] ?? '',
        /^__Host-passerelle-browser=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      );
    }
  });

  it('lets two windows of one browser go it at once', async () => {
    const visitor = new Visitor(stage.house.url);
    const [one, two] = [await visitor.arrive(), await visitor.arrive()];
    const [first, second] = [await leave(visitor, one), await leave(visitor, two)];
    const { location: back = '' } = await show(second, stage.issue(alice));
    const { location: other = '' } = await show(first, stage.issue(alice));
    assertSignedIn(await visitor.visit(back), alice);
    assertSignedIn(await visitor.visit(other), alice);
  });

  it('gives whoever comes back a session of their own, never one that was there before', async () => {
    const { visitor, location } = await shown();
    visitor.cookie = `__Host-passerelle=${'A'.repeat(43)}`;
    await visitor.visit(location);
    assert.notEqual(visitor.cookie, `__Host-passerelle=${'A'.repeat(43)}`);
  });
});

describe('the listener', () => {
  it('serves nothing else', async () => {
    const cases: readonly [string, string, number][] = [
      ['GET', '/', 404],
      ['GET', '/signin?id=x', 404],
      ['GET', '/saml/metadata', 404],
      ['GET', '/signin/certificate/present', 404],
      ['GET', '/signin/certificate/present?id=../../x', 404],
      ['GET', `/signin/certificate/present?id=${'A'.repeat(22)}&id=${'B'.repeat(22)}`, 303],
      ['GET', '/signin/certificate/return?id=x', 404],
      ['POST', '/signin/certificate/present', 405],
      ['HEAD', '/', 405],
    ];
    for (const [method, path, status] of cases) {
      const answer = await show(stage.origin + path, stage.issue(alice), [], method);
      assert.equal(answer.status, status, `${method} ${path}`);
      assert.equal(answer.headers.connection, 'close');
      if (status === 303) assert.equal(answer.location, `${stage.house.url}/signin/certificate/return?id=${'A'.repeat(22)}`);
    }
  });

  it('believes no header', async () => {
    const visitor = new Visitor(stage.house.url);
    const asked = await leave(visitor, await visitor.arrive());
    const url = new URL(asked);
    // The ordinary host has no such page at all where a listener asks.
    const page = await visitor.request(url.pathname + url.search, {
      headers: { 'X-Client-Cert': stage.issue(alice).der.toString('base64') },
    });
    assert.equal(page.status, 404);
  });

  const { hostname: host } = { hostname: '127.0.0.1' };
  const open = (options: {
    session?: Buffer;
    maxVersion?: 'TLSv1.2' | 'TLSv1.3';
    cert?: string;
    key?: string;
  }): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port: Number(new URL(stage.origin).port), rejectUnauthorized: false, ...options }, () => {
        resolve(socket);
      });
      socket.on('error', reject);
    });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`takes up no session again, since that proves no key (${maxVersion})`, async () => {
      const certificate = stage.issue(alice);
      const credentials = { cert: certificate.certificate, key: certificate.key, maxVersion };
      const first = await open(credentials);
      const sessions: Buffer[] = [];
      first.on('session', (session) => sessions.push(session));
      first.end('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await new Promise((resolve) => first.on('close', resolve).resume());
      const session = sessions.at(-1) ?? first.getSession();
      const second = await open({ ...credentials, ...(session !== undefined && { session }) });
      assert.equal(second.isSessionReused(), false);
      second.destroy();
    });
  }

  it('names the authorities that it wants', async () => {
    const { port } = new URL(stage.origin);
    const child = run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2'], { timeout: 10_000 });
    child.child.stdin?.end();
    const { stdout } = await child;
    assert.match(stdout, /Acceptable client certificate CA names\n.*CN = People CA/);
  });

  it('does not take chains without end', async () => {
    const visitor = new Visitor(stage.house.url);
    const asked = await leave(visitor, await visitor.arrive());
    const big = Authority.root('CN=Big', {
      extensions: [extensions.constraints(true), { id: '1.2.3.4', value: Buffer.alloc(30_000) }],
    });
    await assert.rejects(
      show(
        asked,
        stage.issue(alice),
        Array.from({ length: 5 }, () => big.issued),
      ),
    );
    assertSignedIn(await visitor.visit((await show(asked, stage.issue(alice))).location ?? ''), alice);
  });

  // Some releases of Node do not hand on what was sent along (nodejs/node#65579): then the configuration has to name it.
  it('lets somebody in by an intermediate that is configured, and asks whether that was revoked', async () => {
    const issuing = stage.authority.authority('CN=Issuing', {
      extensions: [extensions.constraints(true), extensions.usage(5, 6), extensions.lists(stage.lists.url)],
    });
    const caFile = join(stage.folder, 'both.pem');
    writeFileSync(caFile, stage.authority.issued.certificate + issuing.issued.certificate);
    const at = await openCertificateHouse({
      directory: server,
      certificate: {
        authorities: [{ caFile, trustUpn: true }],
        revocation: { hosts: [new URL(stage.lists.url).host], crlFiles: [join(stage.folder, 'issuing.crl')] },
      },
    });
    try {
      writeFileSync(join(stage.folder, 'issuing.crl'), issuing.list());
      const certificate = issuing.person('CN=Somebody', {
        extensions: [extensions.usage(0), extensions.purposes('1.3.6.1.5.5.7.3.2'), extensions.names(upn(alice))],
      });
      assertSignedIn(await signIn(certificate, {}, at), alice);
      stage.lists.answer = () => stage.authority.list({ revoked: [issuing.issued.serialNumber] });
      at.house.advance(2 * 3_600_000);
      assertRefused(await signIn(certificate, { issueInstant: at.house.now() }, at), 'certificate-revoked', at);
    } finally {
      stage.lists.answer = () => stage.authority.list();
      await at.close();
    }
  });
});
