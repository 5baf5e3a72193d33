/** Sees that docker-compose.yml, the Dockerfiles and the configuration beside them name only what exists and fits together. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, posix } from 'node:path';
import { describe, it } from 'node:test';
import { commands } from '../src/cli/dispatch.ts';
import { readBounded, type ReadFile } from '../src/config/read-bounded.ts';
import { readConfiguration } from '../src/config/read-configuration.ts';
import { demoServiceProviders } from '../src/demo/parties.ts';
import { readComposeFile, type Service } from './compose/compose-file.ts';
import { inImage, readDockerfile, type Dockerfile } from './compose/dockerfile.ts';

const root = join(import.meta.dirname, '..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const { services, volumes } = readComposeFile(textOf('docker-compose.yml'));
const service = (name: string): Service => {
  const found = services[name];
  assert.ok(found, name);
  return found;
};

/** A service without a build of its own runs the image that another one builds. */
function buildOf(name: string): { readonly dockerfile: string; readonly file: Dockerfile } {
  const own = service(name);
  const built =
    own.build ?? Object.values(services).find((other) => other.build !== undefined && other.image === own.image)?.build;
  assert.ok(built !== undefined, `${name} has neither a build nor an image that is built here`);
  const { context, dockerfile } = typeof built === 'string' ? { context: built, dockerfile: 'Dockerfile' } : built;
  assert.equal(context, '.');
  return { dockerfile, file: readDockerfile(textOf(dockerfile)) };
}

const published = (name: string): { readonly host: string; readonly container: string } => {
  const [, host, container] = service(name).ports[0]?.split(':') ?? [];
  assert.ok(host !== undefined && container !== undefined, `${name} publishes a port`);
  return { host, container };
};

const mounts = (name: string): readonly { source: string; target: string }[] =>
  service(name).volumes.map((volume) => {
    const [source = '', target = ''] = volume.split(':');
    return { source, target };
  });

const flag = (name: string, option: string): string => {
  const words = service(name).command ?? [];
  const value = words[words.indexOf(option) + 1];
  assert.ok(words.includes(option) && value !== undefined, option);
  return value;
};

/** The configuration as its container would read it; the certificate comes into the volume only when the directory starts. */
async function readComposed() {
  const certificate: ReadFile = async (path, limit) => {
    if (path !== '/etc/passerelle/ca/ca.pem') {
      return await readBounded(path, limit);
    }
    const argv = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-days', '1', '-keyout', '/dev/null'];
    return { bytes: execFileSync('openssl', argv, { stdio: ['ignore', 'pipe', 'ignore'] }), mode: 0o644 };
  };
  const { configuration, warnings } = await readConfiguration({
    file: join(root, 'deploy/compose/passerelle.yaml'),
    environment: service('passerelle').environment,
    readFile: certificate,
  });
  return { configuration, warnings };
}

describe('docker-compose.yml', () => {
  for (const name of Object.keys(services)) {
    describe(name, () => {
      it('copies only what is there and not ignored', () => {
        const ignored = textOf('.dockerignore')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.replace('**/', ''));
        for (const { words } of buildOf(name)
          .file.stages.flat()
          .filter((instruction) => instruction.name === 'COPY')) {
          if (words.some((word) => word.startsWith('--from='))) {
            continue;
          }
          for (const source of words.slice(0, -1)) {
            assert.ok(existsSync(join(root, source)), `COPY ${source}`);
            assert.ok(!ignored.includes(source.split('/')[0] ?? ''), `${source} is kept from the build by .dockerignore`);
          }
        }
      });

      it('takes from the stage before only what that stage makes', () => {
        const { stages } = buildOf(name).file;
        const made = new Set([
          'dist',
          'node_modules',
          ...(stages[0] ?? []).flatMap(({ words }) => words.map((word) => posix.normalize(word))),
        ]);
        for (const { words } of (stages[1] ?? []).filter((instruction) => instruction.words[0]?.startsWith('--from='))) {
          const source = words[1] ?? '';
          assert.ok(source.startsWith('/app/') && made.has(source.slice('/app/'.length).replace(/\/$/, '')), source);
        }
      });

      it('is healthy before another one waits for it', () => {
        for (const other of Object.keys(service(name).depends_on)) {
          const checked = service(other).healthcheck !== undefined || inImage(buildOf(other).file, 'HEALTHCHECK').length === 1;
          assert.ok(checked, `${other} has no health check`);
        }
      });

      it('mounts declared volumes and files that are there', () => {
        for (const { source } of mounts(name)) {
          assert.ok(source.startsWith('./') ? statSync(join(root, source)).isFile() : source in volumes, source);
        }
      });
    });
  }

  it('declares no volume that nobody mounts', () => {
    const mounted = Object.keys(services).flatMap((name) => mounts(name).map(({ source }) => source));
    assert.deepEqual(
      Object.keys(volumes).filter((volume) => !mounted.includes(volume)),
      [],
    );
  });

  it('calls commands that exist', () => {
    for (const name of ['passerelle', 'service-provider']) {
      const [command = ''] = service(name).command ?? [];
      assert.ok(Object.hasOwn(commands, command), command);
      const { words } = inImage(buildOf(name).file, 'ENTRYPOINT')[0] ?? { words: [] };
      assert.deepEqual(words, ['passerelle']);
    }
    assert.deepEqual(inImage(buildOf('passerelle').file, 'CMD')[0]?.words, service('passerelle').command);
  });

  it('gives its options to commands that know them', async () => {
    for (const name of ['passerelle', 'service-provider']) {
      const [command = '', ...words] = service(name).command ?? [];
      const { usage } = (await commands[command]!()).command;
      for (const option of words.filter((word) => word.startsWith('--'))) {
        assert.ok(usage.includes(option), `${command} knows ${option}`);
      }
    }
  });
});

describe('the configuration of docker-compose.yml', () => {
  it('is right, but for plain HTTP, which is published to this machine alone', async () => {
    const { warnings } = await readComposed();
    assert.deepEqual(
      warnings.map(({ path }) => path),
      ['listen.host'],
    );
  });

  it('is mounted where the command looks for it', () => {
    const target = mounts('passerelle').find(({ source }) => source === './deploy/compose/passerelle.yaml')?.target;
    assert.equal(flag('passerelle', '--config'), target);
  });

  it('uses every variable that its service is given', () => {
    for (const variable of Object.keys(service('passerelle').environment)) {
      assert.ok(textOf('deploy/compose/passerelle.yaml').includes(`\${${variable}}`), variable);
    }
  });

  it('listens where the image is exposed, published and checked', async () => {
    const { configuration } = await readComposed();
    const { host, container } = published('passerelle');
    assert.equal(configuration.listen.host, '0.0.0.0');
    assert.equal(String(configuration.listen.port), container);
    assert.deepEqual(inImage(buildOf('passerelle').file, 'EXPOSE')[0]?.words, [container]);
    assert.match(
      inImage(buildOf('passerelle').file, 'HEALTHCHECK')[0]?.words.join(' ') ?? '',
      new RegExp(`:${container}/healthz'`),
    );
    assert.equal(configuration.publicUrl, `http://localhost:${host}`);
  });

  it('keeps keys and sessions in the volume that the image prepares', async () => {
    const { configuration } = await readComposed();
    const volume = mounts('passerelle').find(({ source }) => source === 'passerelle')?.target ?? '';
    assert.deepEqual(inImage(buildOf('passerelle').file, 'VOLUME')[0]?.words, [volume]);
    assert.equal(posix.dirname(configuration.keys.folder), volume);
    assert.equal(posix.dirname(configuration.store.file), volume);
  });

  it('asks the directory by the name in its certificate, at an open port, with the certificate that it hands out', async () => {
    const { configuration } = await readComposed();
    const names = service('openldap').networks?.default.aliases ?? [];
    const script = textOf('test/testbed/openldap');
    for (const url of configuration.directory.forests[0]!.domains[0]!.controllers.map(({ url }) => url)) {
      const { hostname, protocol, port } = new URL(url);
      assert.ok(names.includes(hostname), hostname);
      assert.ok(script.includes(`DNS:${hostname}`), 'the certificate of the test bed names it');
      assert.equal(protocol + port, 'ldaps:');
      assert.ok(inImage(buildOf('openldap').file, 'EXPOSE')[0]?.words.includes('636'));
    }
    const mounted = (name: string) => mounts(name).find(({ source }) => source === 'ca')?.target ?? '';
    assert.equal(configuration.directory.forests[0]!.caFile, `${mounted('passerelle')}/ca.pem`);
    assert.match(textOf('deploy/openldap/serve'), new RegExp(`OL_CA_FOLDER:-${mounted('openldap')}}`));
  });

  it('asks below the base of the directory, as a service account of it, with its password', async () => {
    const { configuration } = await readComposed();
    const people = JSON.parse(textOf('test/testbed/directory.json')) as {
      defaultPassword: string;
      services: readonly { name: string; ou: string }[];
    };
    const base = /^suffix=\$\{OL_SUFFIX:-(.*)\}$/m.exec(textOf('test/testbed/openldap'))?.[1];
    assert.equal(configuration.directory.forests[0]!.domains[0]!.baseDn, base);
    const dns = people.services.map(({ name, ou }) => `cn=${name},ou=${ou},${base ?? ''}`);
    assert.ok(dns.includes(configuration.directory.forests[0]!.bindDn), configuration.directory.forests[0]!.bindDn);
    assert.equal(configuration.directory.forests[0]!.password, people.defaultPassword);
  });

  it('knows the demonstration service provider where a browser finds it', async () => {
    const { configuration } = await readComposed();
    const { host, container } = published('service-provider');
    const origin = `http://localhost:${host}`;
    assert.equal(flag('service-provider', '--listen'), `0.0.0.0:${container}`);
    assert.equal(flag('service-provider', '--public-url'), origin);
    const { users } = JSON.parse(textOf('test/testbed/directory.json')) as { users: readonly { mail?: string }[] };
    assert.ok(users.some(({ mail }) => mail === flag('service-provider', '--person')));
    assert.ok(service('service-provider').healthcheck?.test.join(' ').includes(`http://127.0.0.1:${container}/`));
    assert.deepEqual(
      configuration.serviceProviders.map(({ attributes, signature, ...rest }) => ({
        ...rest,
        ...(Object.keys(attributes).length > 0 && { attributes }),
        ...(Object.keys(signature).length > 0 && { signature }),
      })),
      demoServiceProviders(origin, configuration.mapping.domains.primary),
    );
    const { hostname, port, pathname } = new URL(flag('service-provider', '--idp-metadata'));
    assert.ok(hostname in services);
    assert.deepEqual([port, pathname], [published('passerelle').container, '/saml/metadata']);
  });
});

describe('the image of the directory', () => {
  const { file } = buildOf('openldap');

  it('holds the start-up files that the tests use, and starts them', () => {
    const [first, second] = inImage(file, 'COPY');
    const there = [...(first?.words.slice(0, -1) ?? []), ...(second?.words.slice(0, -1) ?? [])].map((path) => basename(path));
    assert.deepEqual(there, ['openldap', 'openldap-ldif', 'directory.json', 'serve']);
    assert.deepEqual(inImage(file, 'CMD')[0]?.words, ['/opt/openldap/serve']);
    for (const path of ['test/testbed/openldap', 'test/testbed/openldap-ldif', 'deploy/openldap/serve']) {
      assert.ok((statSync(join(root, path)).mode & 0o111) !== 0, `${path} may be executed`);
    }
  });

  it('sets variables that the scripts know', () => {
    const scripts = textOf('test/testbed/openldap') + textOf('deploy/openldap/serve');
    for (const { words } of inImage(file, 'ENV')) {
      for (const word of words) {
        assert.ok(scripts.includes(`\${${word.split('=')[0] ?? ''}:-`), word);
      }
    }
  });

  it('brings the programs that the scripts call', () => {
    const installed = inImage(file, 'RUN').flatMap(({ words }) => words);
    const listed = /install \\\n\s+(.*)\n\}/.exec(textOf('test/testbed/openldap'))?.[1]?.split(' ') ?? [];
    assert.ok(listed.length > 2);
    for (const name of listed) {
      assert.ok(installed.includes(name), name);
    }
  });

  it('starts, hands out its certificate, answers, and ends when told to', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-compose-'));
    const address = '127.0.0.33';
    const environment = {
      ...process.env,
      OL_ADDRESS: address,
      OL_PORTS: '10389 10636',
      OL_DATA: join(folder, 'data'),
      OL_CA_FOLDER: folder,
      OL_SCRIPT: join(root, 'test/testbed/openldap'),
    };
    const child = spawn(join(root, 'deploy/openldap/serve'), { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let output = '';
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        output += chunk.toString();
        if (output.includes('openldap: ready')) {
          break;
        }
      }
      assert.match(output, /openldap: ready/);
      const argv = ['-x', '-LLL', '-H', `ldaps://${address}:10636`, '-D', 'cn=svc-ldap,ou=Services,dc=ldap,dc=example,dc=com'];
      const { stdout, stderr } = spawnSync(
        'ldapsearch',
        [...argv, '-w', 'Passw0rd!', '-b', 'dc=ldap,dc=example,dc=com', '(sAMAccountName=alice)', 'mail'],
        { encoding: 'utf8', env: { ...process.env, LDAPTLS_CACERT: join(folder, 'ca.pem') } },
      );
      assert.match(stdout, /^mail: alice@example\.com$/m, stderr);
    } finally {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await ended) as [number | null];
      rmSync(folder, { recursive: true, force: true });
      assert.equal(code, 0);
    }
  });
});
