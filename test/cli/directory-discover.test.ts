/** `passerelle directory discover` against real controllers and their name servers, and against what goes wrong. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { sectionOf } from '../../src/cli/discovery-report.ts';
import type { Discovery, FoundController } from '../../src/directory/discover/discover.ts';
import { address, openNameServer, reply, service } from '../directory/name-server-stage.ts';
import { type Forests, forests } from '../testbed/forests.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';
import { type Told, run } from './scripted-io.ts';

let folder: string;
let corp: DirectoryServer;
let bed: Forests;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-discover-'));
  await writeFile(join(folder, 'password'), 'Passw0rd!\n', { mode: 0o600 });
  await writeFile(join(folder, 'directory-password'), 'Passw0rd!\n', { mode: 0o600 });
  await writeFile(join(folder, 'wrong'), 'wrong', { mode: 0o600 });
  await writeFile(join(folder, 'empty'), '\n', { mode: 0o600 });
  corp = await samba();
  bed = await forests();
});
after(() => rm(folder, { recursive: true }));

const clock = { now: () => Date.now(), until: () => Promise.resolve() };
const discover = (...args: readonly string[]): Promise<Told> =>
  run(['directory', 'discover', ...args], { folder, clock, random: randomBytes });

/** What `config check` says of a file with that section. */
async function check(told: Told): Promise<Told> {
  const section = told.out.slice(told.out.indexOf('\ndirectory:\n') + 1);
  const file = `publicUrl: https://sso.example.com\n${section}mapping:\n  domains: { primary: example.com }\n`;
  await writeFile(join(folder, 'passerelle.yaml'), file, { mode: 0o600 });
  return run(['config', 'check'], { folder, clock });
}

describe('directory discover', () => {
  it('finds a controller, says that its certificate is not trusted, and prints a section that is right', async () => {
    const told = await discover('CORP.Example.Com.', '--dns-server', '127.0.0.10');
    assert.equal(told.code, 0, told.err);
    assert.match(told.out, /^Forest corp\.example\.com, functional level Windows Server 2008 R2$/m);
    assert.match(told.out, /^ {2}domain corp\.example\.com, DC=corp,DC=example,DC=com, functional level/m);
    assert.match(
      told.out,
      /dc1\.corp\.example\.com {2}127\.0\.0\.10 {2}site Default-First-Site-Name {2}priority 0, weight 100 {2}global catalog/,
    );
    assert.match(
      told.out,
      /LDAPS, certificate of dc1\.corp\.example\.com, issued by CORP test CA, until \d{4}-\d\d-\d\d: NOT TRUSTED/,
    );
    assert.match(told.out, /give it by --ca-file/);
    assert.match(told.out, /were not read: only a service account may read them: give --bind-dn and --password-file/);
    assert.match(told.out, /does not find the address of dc1\.corp\.example\.com/);
    const checked = await check(told);
    assert.equal(checked.code, 0, checked.err);
    assert.match(checked.out, /ldaps:\/\/dc1\.corp\.example\.com below DC=corp,DC=example,DC=com/);
  });

  it('reads names and suffixes as a service account', async () => {
    const account = ['--ca-file', corp.caFile, '--bind-dn', corp.bindDn, '--password-file', 'password'];
    const told = await discover('corp.example.com', '--dns-server', '127.0.0.10', ...account);
    assert.equal(told.code, 0, told.err);
    assert.match(told.out, /domain corp\.example\.com \(CORP\)/);
    assert.match(told.out, /UPN suffixes: .*\bcorp\.local\b/);
    assert.match(told.out, /: trusted$/m);
    assert.doesNotMatch(told.out, /NOT TRUSTED|Passw0rd/);
    assert.match(told.out, /^ {2}bindDn: svc-ldap@corp\.example\.com$/m);
    const checked = await check(told);
    assert.equal(checked.code, 0);
    assert.doesNotMatch(checked.err, /directory/);
  });

  it('sends no password where the certificate is not trusted', async () => {
    const told = await discover(
      'corp.example.com',
      '--dns-server',
      '127.0.0.10',
      '--bind-dn',
      corp.bindDn,
      '--password-file',
      'password',
    );
    assert.equal(told.code, 0);
    assert.match(told.out, /were not read: no controller has a certificate that is trusted, and a password is sent to no other/);
  });

  it('says that the service account was refused', async () => {
    const account = ['--ca-file', corp.caFile, '--bind-dn', 'nobody@corp.example.com', '--password-file', 'wrong'];
    const told = await discover('corp.example.com', '--dns-server', '127.0.0.10', ...account);
    assert.equal(told.code, 0);
    assert.match(told.out, /were not read: dc1\.corp\.example\.com:636 refused nobody@corp\.example\.com: LDAP code 49/);
    assert.doesNotMatch(told.out, /wrong/);
  });

  it('prints JSON', async () => {
    const told = await discover('corp.example.com', '--dns-server', '127.0.0.10:53', '--json', '--ca-file', corp.caFile);
    const found = JSON.parse(told.out) as {
      forest: string;
      domains: { controllers: { protection: { problem?: string; issuer: string } }[] }[];
      configuration: string;
      names: null;
    };
    assert.equal(found.forest, 'corp.example.com');
    assert.deepEqual(found.names, null);
    const [protection] = found.domains.flatMap(({ controllers }) => controllers.map((one) => one.protection));
    assert.equal(protection?.issuer, 'CORP test CA');
    assert.equal(protection.problem, undefined);
    assert.match(found.configuration, /^directory:\n {2}urls:\n/);
  });

  it('finds a forest of two domains, with or without a service account', async () => {
    const { n1 } = bed;
    const account = ['--bind-dn', n1.bindDn, '--password-file', 'password'];
    for (const more of [[], account]) {
      const told = await discover('north.example.com', '--dns-server', n1.address, '--ca-file', n1.caFile, ...more);
      assert.equal(told.code, 0, told.err);
      assert.match(told.out, /^Forest north\.example\.com,/m);
      assert.match(told.out, /^ {2}domain child\.north\.example\.com/m);
      assert.match(told.out, /^ {4}c1\.child\.north\.example\.com/m);
      assert.match(told.out, /n2\.north\.example\.com {2}127\.0\.0\.13/);
      assert.match(told.out, /^ {6}globalCatalogs:\n {8}- ldaps:\/\/n[12]\.north\.example\.com:3269/m);
      const checked = await check(told);
      assert.equal(checked.code, 0, checked.err);
      assert.match(checked.out, /below DC=north,DC=example,DC=com\n.*below DC=child,DC=north,DC=example,DC=com/);
    }
  });

  it('finds the forest from a child, and prefers a site', async () => {
    const { c1, n1 } = bed;
    const told = await discover(
      c1.domain,
      '--dns-server',
      n1.address,
      '--ca-file',
      n1.caFile,
      '--site',
      'Default-First-Site-Name',
    );
    assert.equal(told.code, 0, told.err);
    assert.match(told.out, /^Forest north\.example\.com,/m);
    assert.match(told.out, /^ {2}site: Default-First-Site-Name\n {2}forests:\n {4}- name: north\.example\.com$/m);
    assert.match(told.out, /^ {14}site: Default-First-Site-Name$/m);
  });

  /** A name server that gives hosts of the real domain for `corp.test`. */
  const forged = (...hosts: readonly string[]) =>
    openNameServer((query) => {
      if (query.type !== 33) return [reply(query, query.type === 1 ? [address('127.0.0.10')] : [])];
      if (query.name.startsWith('_gc.')) return [reply(query, [], { code: 3 })];
      return [
        reply(
          query,
          hosts.map((host) => service(host)),
        ),
      ];
    });

  it('sends no password to a host of another name whose certificate anybody can have', async () => {
    const server = await forged('dc1.corp.example.com');
    const before = getCACertificates();
    const account = ['--bind-dn', corp.bindDn, '--password-file', 'password'];
    setDefaultCACertificates([await readFile(corp.caFile, 'utf8')]);
    try {
      const told = await discover('corp.test', '--dns-server', server.address, ...account);
      assert.match(told.out, /were not read: dc1\.corp\.example\.com is no name in corp\.test, .*give --ca-file/);
      const right = await discover('corp.example.com', '--dns-server', '127.0.0.10', ...account);
      assert.match(right.out, /UPN suffixes: .*\bcorp\.local\b/);
    } finally {
      setDefaultCACertificates(before);
      await server.close();
    }
  });

  it('lists no controller that says it is of another domain', async () => {
    const server = await forged('dc1.corp.example.com');
    const told = await discover('corp.test', '--dns-server', server.address, '--ca-file', corp.caFile);
    assert.match(told.out, /is left out: it is of another domain, DC=corp,DC=example,DC=com/);
    assert.doesNotMatch(told.out, /^directory:/m);
    assert.equal(told.code, 1);
    await server.close();
  });

  it('prints what config check takes, whatever the controllers say of themselves', async () => {
    const protection = { kind: 'ldaps', subject: 'x', issuer: 'x', notAfter: '2030-01-01', problem: undefined } as const;
    const root = (baseDn: string) => ({
      baseDn,
      forestDn: baseDn,
      namingContexts: [],
      site: undefined,
      isGlobalCatalog: false,
      domainLevel: 7,
      forestLevel: 7,
    });
    const controller = (host: string, baseDn: string, site: string): FoundController => {
      const dns = { host, port: 389, priority: 0, weight: 0, address: '192.0.2.1' };
      return { ...dns, site, protection, root: root(baseDn), trouble: undefined };
    };
    const domain = (dnsDomain: string, baseDn: string, controllers: readonly FoundController[]) => {
      const said = { netbiosName: undefined, level: 7, unasked: 0, trouble: undefined };
      return { dnsDomain, baseDn, controllers, ...said };
    };
    const found: Discovery = {
      forest: 'corp.test',
      level: 7,
      domains: [
        domain('corp.test', 'DC=corp,DC=test', [
          controller('dc1.corp.test', 'DC=corp,DC=test', 's'.repeat(65)),
          controller('dc2.corp.test', 'DC=corp,DC=test', ''),
          controller('dc3.corp.test', 'DC=corp,DC=test', 'x"\n  urls: [ldap://evil]\u001b[2J${HOME}'),
        ]),
        domain('kid.corp.test', 'OU=a: b #c,DC=kid,DC=corp,DC=test', [
          controller('dc1.corp.test', 'DC=kid,DC=corp,DC=test', 'One'),
          controller('kid.kid.corp.test', 'DC=kid,DC=corp,DC=test', 'One'),
        ]),
      ],
      catalogs: [],
      names: undefined,
      namesTrouble: undefined,
      notes: [],
    };
    const section = sectionOf(found, { caFile: undefined, bindDn: 'x"${Y}', site: undefined }) ?? '';
    assert.match(section, /# - url: ldaps:\/\/dc1\.corp\.test {2}# stands there already/);
    const checked = await check({ code: 0, out: `\n${section}`, err: '', asked: [] });
    assert.equal(checked.code, 0, checked.err + section);
  });

  const failures: readonly (readonly [what: string, args: readonly string[], words: RegExp])[] = [
    [
      'a domain that is none',
      ['nowhere.example.com', '--dns-server', '127.0.0.10'],
      /knows no _ldap.*\(NXDOMAIN\)\..*\n.*--dns-server/,
    ],
    ['no name server', ['corp.example.com', '--dns-server', '127.0.0.77:9'], /nothing listens there\.\n.*--dns-server ADDRESS/],
  ];
  for (const [what, args, words] of failures) {
    it(`exits with 1: ${what}`, async () => {
      const told = await discover(...args);
      assert.deepEqual([told.code, told.out], [1, '']);
      assert.match(told.err, words);
    });
  }

  it('exits with 1 where no controller answers, and prints nothing of strangers that a terminal would obey', async () => {
    const server = await openNameServer((query) => {
      if (query.type !== 33) return [reply(query, query.type === 1 ? [address('127.255.255.254')] : [])];
      return [reply(query, [service('dc1.corp.test'), service(Buffer.from([4, 0x1b, 0x5b, 0x32, 0x4a, 0]))])];
    });
    const told = await discover('corp.test', '--dns-server', server.address);
    assert.equal(told.code, 1);
    assert.match(told.out, /dc1\.corp\.test {2}127\.255\.255\.254/);
    assert.match(told.out, /neither LDAPS nor StartTLS answers/);
    assert.match(told.err, /^None of these controllers answers\./);
    assert.doesNotMatch(told.out, /^directory:/m);
    assert.ok(!told.out.includes('\u001b'));
    await server.close();
  });

  const misuses: readonly (readonly [what: string, args: readonly string[], words: RegExp])[] = [
    ['no domain', [], /Missing argument DOMAIN/],
    ['two domains', ['a.test', 'b.test'], /Unexpected argument 'b\.test'/],
    ['no DNS name', ['cn=x'], /cn=x is no DNS name/],
    ['two dots', ['a..test'], /is no DNS name/],
    ['a label too long', [`${'a'.repeat(64)}.test`], /is no DNS name/],
    ['a line break', ['a.test\nb'], /is no DNS name/],
    ['a name for the name server', ['a.test', '--dns-server', 'dc1.a.test'], /dc1\.a\.test is no address/],
    ['a port that is none', ['a.test', '--dns-server', '127.0.0.1:99999'], /is no address/],
    ['an unknown flag', ['a.test', '--password', 'secret'], /Unknown option '--password'/],
    ['an account without a password', ['a.test', '--bind-dn', 'x'], /go together/],
    ['a password without an account', ['a.test', '--password-file', 'password'], /go together/],
    ['an empty password', ['a.test', '--bind-dn', 'x', '--password-file', 'empty'], /needs a name and a password/],
    ['a password file that is not there', ['a.test', '--bind-dn', 'x', '--password-file', 'nowhere'], /nowhere does not exist/],
    ['an authority that is not there', ['a.test', '--ca-file', 'nowhere'], /nowhere does not exist/],
    ['an authority that is none', ['a.test', '--ca-file', 'password'], /holds no certificate/],
    ['a site that could be another name', ['a.test', '--site', 'x._sites.evil'], /is no name of a site/],
  ];
  for (const [what, args, words] of misuses) {
    it(`exits with 2: ${what}`, async () => {
      const told = await discover(...args);
      assert.deepEqual([told.code, told.out], [2, '']);
      assert.match(told.err, words);
      assert.doesNotMatch(told.err, /Passw0rd/);
    });
  }
});
