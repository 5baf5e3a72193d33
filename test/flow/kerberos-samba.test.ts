/** Windows integrated authentication against a real KDC, Samba's, with curl as the browser. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { makeKey } from '../../src/keys/make-key.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { provideKerberos } from '../fixtures/kerberos-package.ts';
import { authnRequest, redirectQuery, statusOf, textOf } from '../fixtures/visitor.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { kdc, type Desk, type Kdc } from '../testbed/kerberos.ts';
import { samba } from '../testbed/samba.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'passerelle-kerberos-'));
const keytab = join(folder, 'keytab');
const [certFile, keyFile, strangeFile] = ['tls.pem', 'tls.key', 'other.pem'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const rotated = `http-${randomBytes(3).toString('hex')}.corp.example.com`;
const weak = `http-${randomBytes(3).toString('hex')}.corp.example.com`;

let server: DirectoryServer;
let realm: Kdc;
let house: House;
const desks: Desk[] = [];
const accounts: string[] = [];

before(async () => {
  await provideKerberos();
  server = await samba();
  realm = await kdc(server);
  for (const [cert, key] of [
    [certFile, keyFile],
    [strangeFile, undefined],
  ] as const) {
    const made = await makeKey({ commonName: 'idp.example.com', now: Date.now(), serialNumber: randomBytes(16) });
    writeFileSync(cert, made.certificate);
    if (key !== undefined) writeFileSync(key, made.privateKey, { mode: 0o600 });
  }
  copyFileSync(realm.keytab('both.keytab'), keytab);
  house = await openHouse({
    directory: server,
    https: true,
    config: {
      tls: { certFile, keyFile },
      kerberos: {
        keytab,
        principals: ['idp.example.com', 'login.example.com', rotated, weak].map((host) => `HTTP/${host}@${realm.realm}`),
        networks: ['127.0.0.0/8'],
        userAgents: [],
      },
    },
  });
});
after(async () => {
  await house.close();
  for (const desk of desks) desk.leave();
  for (const name of accounts) await realm.tool('user', 'delete', name);
  rmSync(folder, { recursive: true });
});

async function desk(principal: string, options: readonly string[] = []): Promise<Desk> {
  const made = realm.sitDown();
  desks.push(made);
  await made.kinit(principal, options);
  return made;
}

/** Values of msDS-SupportedEncryptionTypes (MS-KILE §2.2.7). */
const [rc4, aes] = [4, 24];

async function service(host: string, encryptionTypes = aes): Promise<string> {
  const name = await realm.makeService(`HTTP/${host}`, encryptionTypes);
  accounts.push(name);
  return name;
}

/** A person made for one test. */
async function makePerson(name = `desk-${randomBytes(3).toString('hex')}`): Promise<{ name: string; dn: string }> {
  const dn = `CN=${name},OU=Guests,${server.baseDn}`;
  const quoted = Buffer.from('"Passw0rd!"', 'utf16le').toString('base64');
  await modify(
    server,
    `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: ${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n`,
  );
  return { name, dn };
}

/** What curl ends at, as a browser with these tickets. */
async function visit(
  { environment }: Pick<Desk, 'environment'>,
  host = 'idp.example.com',
  query = redirectQuery(authnRequest()),
): Promise<string> {
  const { port } = new URL(house.url);
  const jar = join(folder, `jar-${randomBytes(4).toString('hex')}`);
  const { stdout } = await run(
    'curl',
    [
      ...['-s', '-k', '-L', '--max-redirs', '8', '--negotiate', '-u', ':', '-b', jar, '-c', jar],
      ...['--resolve', `${host}:${port}:127.0.0.1`, `https://${host}:${port}/saml/sso?${query}`],
    ],
    { env: environment },
  );
  return stdout;
}

const responseIn = (page: string): string =>
  Buffer.from(/ name="SAMLResponse" value="([^"]+)"/.exec(page)?.[1] ?? '', 'base64').toString();

async function assertSignedIn(page: string, as: string): Promise<void> {
  const xml = responseIn(page);
  assert.deepEqual(statusOf(xml), ['Success'], `${page.slice(0, 800)}\n${JSON.stringify(house.events.at(-1))}`);
  assert.equal(textOf(xml, 'NameID'), as);
  assert.match(xml, /ac:classes:Kerberos</);
}

function assertForm(page: string, reason: string): void {
  assert.match(page, / action="\/signin\/password"/);
  assert.equal(house.events.findLast(({ event }) => event.startsWith('kerberos.'))?.reason, reason);
}

/** Brings a token to the page that asks for one, over a connection of TLS. */
async function bring(token: string): Promise<number | undefined> {
  const get = (path: string, headers: Record<string, string> = {}): Promise<{ status: number | undefined; location: string }> =>
    new Promise((resolve, reject) => {
      request(house.url + path, { rejectUnauthorized: false, headers }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, location: response.headers.location ?? '' });
      })
        .on('error', reject)
        .end();
    });
  const page = await get(`/saml/sso?${redirectQuery(authnRequest())}`);
  const { location } = await get(page.location);
  return (await get(location, { Authorization: `Negotiate ${token}` })).status;
}

describe('with a ticket of Active Directory', () => {
  it('a person is signed in, by either host name', async () => {
    const alice = await desk('alice');
    await assertSignedIn(await visit(alice), 'alice.liddell@example.com');
    await assertSignedIn(await visit(alice, 'login.example.com'), 'alice.liddell@example.com');
    const accepted = house.events.findLast(({ event }) => event === 'kerberos.accepted');
    assert.match(accepted?.person ?? '', /^[0-9a-f-]{36}$/);
  });

  it('whose name is a user principal name, as typed or made canonical', async () => {
    for (const options of [['-E'], ['-E', '-C']]) {
      await assertSignedIn(await visit(await desk('alice.liddell@example.com', options)), 'alice.liddell@example.com');
    }
  });

  it('nobody is without one, and the form is shown', async () => {
    const page = await visit(realm.sitDown());
    assert.match(page, / action="\/signin\/password"/);
  });

  it('nor with one for a service that is not configured', async () => {
    const host = `http-${randomBytes(3).toString('hex')}.corp.example.com`;
    await service(host);
    assertForm(await visit(await desk('alice'), host), 'kerberos-service-unknown');
  });

  it('by RC4, though the domain gives such', async () => {
    await service(weak, rc4);
    const alice = await desk('alice');
    assertForm(await visit(alice, weak), 'kerberos-encryption-weak');
    const { stdout } = await run('klist', ['-e'], { env: alice.environment });
    assert.match(stdout, new RegExp(`HTTP/${weak}[^]*?arcfour-hmac`, 'i'));
  });

  it('a new password of the service account asks for a new keytab, which counts at once', async () => {
    const name = await service(rotated);
    await realm.exportKeytab(`HTTP/${rotated}`, keytab);
    const alice = await desk('alice');
    await assertSignedIn(await visit(alice, rotated), 'alice.liddell@example.com');
    await realm.tool('user', 'setpassword', name, `--newpassword=N3w-${randomBytes(8).toString('hex')}`);
    const later = await desk('alice');
    assertForm(await visit(later, rotated), 'kerberos-key-unknown');
    await realm.exportKeytab(`HTTP/${rotated}`, keytab);
    await assertSignedIn(await visit(later, rotated), 'alice.liddell@example.com');
    copyFileSync(realm.keytab('both.keytab'), keytab);
  });

  it('nor where a service got it in their name, though the domain lets it', async () => {
    const frontEnd = `front-${randomBytes(3).toString('hex')}.corp.example.com`;
    const name = await service(frontEnd);
    await realm.tool('delegation', 'for-any-protocol', name, 'on');
    await realm.tool('delegation', 'add-service', name, 'HTTP/idp.example.com');
    const file = join(folder, 'front-end.keytab');
    await realm.exportKeytab(name, file);
    const { environment: env } = await desk(name, ['-f']);
    const { stdout } = await run('klist', [], { env });
    const cache = /FILE:(\S+)/.exec(stdout)?.[1] ?? '';
    await run(
      'kvno',
      ['-U', 'alice.liddell@example.com', '-k', file, '-P', 'HTTP/idp.example.com', '--out-cache', `${cache}-alice`],
      {
        env,
      },
    );
    const asAlice = { ...env, KRB5CCNAME: `FILE:${cache}-alice` };
    const { stdout: alice } = await run('klist', [], { env: asAlice });
    assert.match(alice, /principal: alice/i);
    assertForm(await visit({ environment: asAlice }), 'kerberos-delegated');
  });

  it('a person who was disabled since is not, and is told so', async () => {
    const { name, dn } = await makePerson();
    try {
      const there = await desk(name);
      await assertSignedIn(await visit(there), `${name}@example.com`);
      await modify(server, `dn: ${dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n`);
      assert.deepEqual(statusOf(responseIn(await visit(there))), ['Responder', 'AuthnFailed']);
      assert.equal(house.events.at(-1)?.reason, 'person-disabled');
    } finally {
      await modify(server, `dn: ${dn}\nchangetype: delete\n`);
    }
  });

  it('a ticket of somebody deleted is none of a namesake’s who came after', async () => {
    const { name, dn } = await makePerson();
    const there = await desk(name);
    await assertSignedIn(await visit(there), `${name}@example.com`);
    await modify(server, `dn: ${dn}\nchangetype: delete\n`);
    assertForm(await visit(there), 'kerberos-person-unknown');
    await makePerson(name);
    try {
      assertForm(await visit(there), 'kerberos-person-mismatch');
      await assertSignedIn(await visit(await desk(name)), `${name}@example.com`);
    } finally {
      await modify(server, `dn: ${dn}\nchangetype: delete\n`);
    }
  });
});

describe('a ticket that is bound to a TLS connection', () => {
  it('is taken where the connection is ours, and refused where it is another’s', async () => {
    const alice = await desk('alice');
    const service = 'HTTP@idp.example.com';
    assert.equal(await bring(await alice.token(service)), 303);
    assert.equal(await bring(await alice.token(service, certFile)), 303);
    assert.equal(await bring(await alice.token(service, strangeFile)), 200);
    assert.equal(house.events.at(-1)?.reason, 'kerberos-channel-binding');
  });
});
