/** The composition for production: that it fits together, is locked down, and is taken by those it is for. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { readBounded, type ReadFile } from '../../src/config/read-bounded.ts';
import { readConfiguration } from '../../src/config/read-configuration.ts';
import { haproxyBlock } from '../fixtures/haproxy.ts';

interface Service {
  readonly image: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly volumes: readonly string[];
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly network_mode?: string;
  readonly networks?: readonly string[] | { readonly sso: { readonly ipv4_address: string } };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

const root = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const composed = parse(textOf('deploy/production/compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: { readonly sso: { readonly ipam: { readonly config: readonly { subnet: string; ip_range: string }[] } } };
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const { services, volumes, secrets } = composed;
const balancer = textOf('deploy/production/haproxy.cfg');
const folder = mkdtempSync(join(tmpdir(), 'passerelle-production-'));
const certificate = join(folder, 'sso.pem');

/** What the secrets would hold. */
const readSecret: ReadFile = async (path, limit) => {
  const name = /^\/run\/secrets\/(.*)$/.exec(path)?.[1];
  if (name === undefined) return readBounded(path, limit);
  assert.ok(name in secrets, name);
  return { bytes: name.endsWith('_ca') ? readFileSync(certificate) : Buffer.from('a secret\n'), mode: 0o400 };
};

before(() => {
  const argv = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=sso.example.com', '-days', '1'];
  execFileSync('openssl', [...argv, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  writeFileSync(certificate, readFileSync(join(folder, 'cert.pem'), 'utf8') + readFileSync(join(folder, 'key.pem'), 'utf8'));
});
after(() => {
  rmSync(folder, { recursive: true });
});

describe('deploy/production/compose.yaml', () => {
  for (const [name, service] of Object.entries(services)) {
    it(`gives ${name} no right that it does not need`, () => {
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ['ALL']);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
      // Commands that are run in a node unpack what they look at there, as the server of the database does.
      if (name !== 'haproxy') assert.deepEqual(service.tmpfs, ['/tmp']);
      assert.ok(service.cap_add === undefined || name === 'postgres');
      assert.ok(service.ports === undefined || name === 'haproxy');
    });
    it(`mounts for ${name} what is there`, () => {
      for (const [source = ''] of service.volumes.map((volume) => volume.split(':'))) {
        assert.ok(source.startsWith('./') ? existsSync(join(root, 'deploy/production', source)) : source in volumes, source);
      }
      for (const secret of service.secrets ?? []) assert.ok(secret in secrets, secret);
      for (const other of Object.keys(service.depends_on ?? {})) assert.ok(other in services, other);
    });
  }

  it('holds no secret', () => {
    assert.ok(!existsSync(join(root, 'deploy/production/secrets')));
    assert.ok(textOf('.gitignore').split('\n').includes('deploy/production/secrets/'));
  });

  it('keeps the database from every network', () => {
    assert.equal(services.postgres?.network_mode, 'none');
    assert.equal(services.postgres.ports, undefined);
  });

  it('counts the database as ready once it is the process of the container, not while its folder is laid out', () => {
    const [shell, check = ''] = services.postgres?.healthcheck?.test ?? [];
    assert.equal(shell, 'CMD-SHELL');
    // pg_ctl starts another process on that folder, whose number stands in the first line of the file.
    for (const [process, port, healthy] of [
      ['1', '5432', true],
      ['42', '5432', false],
      ['142', '1', false],
    ] as const) {
      const after = `${process}\n/var/lib/postgresql/data\n1795370000\n${port}\n/var/run/postgresql\n\n        1     32768\nready   \n`;
      writeFileSync(join(folder, 'postmaster.pid'), after);
      const words = ['-c', `pg_isready() { true; }; ${check.replaceAll('$$', '$')}`];
      const { status } = spawnSync('sh', words, { env: { PATH: '/usr/bin:/bin', PGDATA: folder } });
      assert.equal(status === 0, healthy, process);
    }
  });

  it('gives no other container the address whose headers the nodes believe', () => {
    const [pool] = composed.networks.sso.ipam.config;
    const believed = services.haproxy?.networks;
    assert.ok(pool !== undefined && believed !== undefined && 'sso' in believed);
    const within = (range: string): boolean => {
      const [address = '', bits] = range.split('/');
      const list = new BlockList();
      list.addSubnet(address, Number(bits));
      return list.check(believed.sso.ipv4_address);
    };
    assert.deepEqual([within(pool.subnet), within(pool.ip_range)], [true, false]);
  });

  it('has a configuration that both nodes take, in which the folders that are written are volumes', async () => {
    const file = join(root, 'deploy/production/passerelle.yaml');
    const { configuration, warnings } = await readConfiguration({ file, environment: {}, readFile: readSecret });
    assert.deepEqual(warnings, []);
    const { store, keys, trustProxy } = configuration;
    for (const name of ['passerelle-a', 'passerelle-b']) {
      const targets = services[name]?.volumes.map((volume) => volume.split(':')[1]) ?? [];
      for (const path of [store.folder, keys.folder]) assert.ok(targets.includes(path), path);
      const socket = new URL(store.url ?? '').searchParams.get('host') ?? '';
      assert.ok(targets.includes(socket), socket);
      assert.ok(services.postgres?.volumes.some((volume) => volume.endsWith(`:${socket}`)));
    }
    const { networks } = services.haproxy ?? {};
    assert.ok(networks !== undefined && 'sso' in networks);
    assert.deepEqual(trustProxy, [networks.sso.ipv4_address]);
  });
});

describe('Dockerfile', () => {
  it('brings the licence that the list of licences refers to', () => {
    assert.match(textOf('scripts/describe-package.ts'), /see LICENSE\./);
    assert.match(
      textOf('Dockerfile')
        .split(/^FROM /m)
        .at(-1) ?? '',
      /^COPY LICENSE \/app\/$/m,
    );
  });
});

describe('deploy/production/haproxy.cfg', () => {
  it('is taken by HAProxy', () => {
    const copy = join(folder, 'haproxy.cfg');
    writeFileSync(copy, balancer.replace('/run/secrets/sso_certificate', certificate));
    const { status, stderr } = spawnSync('/usr/sbin/haproxy', ['-c', '-f', copy], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  it('sends people to the nodes as the guide does, which a test restarts under load', () => {
    const sectionOf = (text: string, name: string): string[] =>
      (new RegExp(`^${name} *\\n([^]*?)(?=^\\S|$(?![^]))`, 'm').exec(text)?.[1] ?? '')
        .replaceAll(/10\.0\.0\.11|passerelle-a/g, 'A')
        .replaceAll(/10\.0\.0\.12|passerelle-b/g, 'B')
        .replace(' resolvers containers init-addr last,libc,none', '')
        .split('\n')
        .filter((line) => line !== '' && line.trim() !== 'log global');
    const guide = haproxyBlock('docs/operator.md', 'global');
    for (const section of ['defaults', 'backend passerelle']) {
      const ours = sectionOf(balancer, section).filter((line) => !line.startsWith('#'));
      assert.ok(ours.length > 3, section);
      assert.deepEqual(
        ours,
        sectionOf(guide, section).filter((line) => !line.startsWith('#')),
      );
    }
  });
});
