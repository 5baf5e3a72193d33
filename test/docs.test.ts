/**
 * Runs every command of the pages, or proves it otherwise where a test cannot run it. A command that is not claimed here fails, and
 * so does a claim of a command that no page has.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'yaml';
import { commands } from '../src/cli/dispatch.ts';
import { readKeytab, usableKeys } from '../src/config/keytab.ts';
import { readIdentityProviderMetadata } from '../src/saml/read-identity-provider-metadata.ts';
import { presets } from '../src/service-providers/presets/presets.ts';
import { createSqliteStore } from '../src/store/sqlite.ts';
import { readComposeFile } from './compose/compose-file.ts';
import { inImage, readDockerfile } from './compose/dockerfile.ts';
import { blockWith, pageAt, pages, root } from './docs/pages.ts';
import { begin, embed, leave, place, run, succeed, type Running } from './docs/scene.ts';
import { provideKerberos } from './fixtures/kerberos-package.ts';
import { Visitor } from './fixtures/visitor.ts';
import { select } from './runner/selection.ts';
import { client, realm } from './service-providers/import/keycloak-export.ts';
import { modify, runScript } from './testbed/directory-server.ts';
import { samba } from './testbed/samba.ts';

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(textOf('package.json')) as {
  name: string;
  version: string;
  scripts: Readonly<Record<string, string>>;
};
const wordsOf = (command: string): string[] => [...command.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word);
const flagOf = (command: string, flag: string): string => new RegExp(`--${flag}[= ]("[^"]*"|\\S+)`).exec(command)?.[1] ?? '';

const [directory, other, service] = [place('directory'), place('other'), place('service')];
const opened: { close(): Promise<void> }[] = [];
let server: (Running & { url: string }) | undefined;
after(async () => {
  try {
    await server?.stop();
    for (const one of opened) await one.close();
  } finally {
    leave();
  }
});

/** The server that the README’s own commands set up and started; in front of it, the embedded directory. */
function served(): Running & { url: string } {
  assert.ok(server !== undefined, 'the command that starts it comes first');
  return server;
}

/** The names of the keys there that sign for everybody, the one that does first. */
async function keysIn(folder: string): Promise<string[]> {
  return (await succeed('passerelle keys list', folder))
    .trim()
    .split('\n')
    .filter((line) => / {2}(signs|published) /.test(line))
    .map((line) => line.split(' ')[0] ?? '');
}

/** Puts the README’s service provider of Google into the configuration there. */
function knowGoogle(folder: string): void {
  const path = join(folder, 'passerelle.yaml');
  const written = readFileSync(path, 'utf8');
  const known = written.replace(/^serviceProviders:.*(\n +.*|\n-.*)*\n/m, blockWith('README.md', 'yaml', 'kind: google-profile'));
  assert.match(known, /kind: google-profile/);
  writeFileSync(path, known);
}

async function fetched(command: string): Promise<Response> {
  const { pathname } = new URL(/https?:\S+/.exec(command)?.[0] ?? '');
  return fetch(served().url + pathname);
}

/** People of the demo, as the README’s table lists them: what the page says, and the log. */
async function provokeRefusals(demo: Running): Promise<void> {
  const [, open = '', person = '', password = ''] = /^Open (\S+)\nSign in as (\S+) with password (\S+)\n/.exec(demo.out) ?? [];
  const title = (body: string): string | undefined =>
    /<strong>([^<]*)<\/strong>/.exec(body)?.[1] ?? /<h1>([^<]*)<\/h1>/.exec(body)?.[1];
  const arrive = async (name: string) => {
    const { headers } = await fetch(`${open}signin/profile`, { redirect: 'manual' });
    const location = new URL(headers.get('location') ?? '');
    const visitor = new Visitor(location.origin);
    return visitor.fill(await visitor.visit(location.pathname + location.search), name, password);
  };
  const welcome = await arrive(person);
  const posted = await fetch(welcome.form?.action ?? '', { method: 'POST', body: new URLSearchParams(welcome.form?.fields) });
  assert.equal(title(await posted.text()), `Welcome, ${person}`);
  assert.match(await demo.logged('signin.issued'), new RegExp(`"mapping":"userPrincipalName ${person}"`));
  const rows = pageAt('README.md').rows.filter((cells) => cells.length === 3 && /^`\w+`$/.test(cells[0] ?? ''));
  assert.equal(rows.length, 9);
  for (const [name = '', says, reason = ''] of rows) {
    const page = await arrive(name.slice(1, -1));
    assert.equal(title(page.body), says, name);
    const line = await demo.logged(`"reference":"${page.reference ?? ''}","reason"`);
    assert.equal((JSON.parse(line) as { reason: string }).reason, reason.slice(1, -1), name);
  }
}

/** samba-tool, on the domain of the test bed. */
const byTool = (command: string): Promise<string> => runScript('samba-ad', ['tool', ...wordsOf(command).slice(1)]);

/** The export that the page shows becomes what it shows behind it. */
async function proveImport(command: string, name: string, language: string, part: string): Promise<void> {
  const folder = place(`import-${language}`);
  writeFileSync(join(folder, name), blockWith('docs/import.md', language, part));
  await succeed(command, folder);
  const written = readFileSync(join(folder, 'imported/service-providers.yaml'), 'utf8');
  assert.deepEqual(parse(written), parse(blockWith('docs/import.md', 'yaml', part.replaceAll('.', '-'))));
}

type Proof = (command: string) => void | Promise<void>;

/** Run as they stand, in this order, unless a check says otherwise. */
const ran: Readonly<Record<string, Proof>> = {
  // On free ports and in a folder of its own; the rest of the line is the script’s.
  'npm start': async () => {
    assert.equal(manifest.scripts.start, 'node bin/passerelle demo');
    const demo = await begin(
      'bin/passerelle demo --port 0 --service-provider-port 0',
      place('demo'),
      /^Why was it refused\? .*\n/m,
    );
    // Outside of a checkout the command is on the PATH.
    const shape = (text: string): string => text.replaceAll(/:\d+\//g, ':PORT/').replace(' bin/passerelle ', ' passerelle ');
    assert.equal(shape(demo.out), shape(blockWith('README.md', 'text', 'Sign in as')));
    await provokeRefusals(demo);
    await demo.stop();
  },
  'bin/passerelle init --public-url https://sso.example.com --directory-url ldaps://dc1.corp.example.com --bind-dn passerelle@corp.example.com --primary-domain example.com --google none --yes':
    async (command) => {
      assert.match(await succeed(command, directory), /^passerelle\.yaml written\.\n/);
      await succeed(command.replace('bin/', ''), service);
    },
  'bin/passerelle init --public-url https://sso.example.com --directory-url ldaps://ldap.example.com --base-dn dc=example,dc=com --bind-dn cn=passerelle,ou=Services,dc=example,dc=com --source mail --primary-domain example.com --google none --yes':
    async (command) => {
      await succeed(command, other);
    },
  'install -m 600 /dev/null directory-password': async (command) => {
    for (const folder of [directory, other, service]) {
      await succeed(command, folder);
      const file = join(folder, 'directory-password');
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.match((await run('bin/passerelle config check', folder)).err, /names a file that is empty/);
      writeFileSync(file, 'demo-Passw0rd\n');
    }
  },
  'bin/passerelle config check': async (command) => {
    for (const folder of [directory, other]) assert.match(await succeed(command, folder), /^passerelle\.yaml is right\.\n/);
  },
  'bin/passerelle start': async (command) => {
    const embedded = await embed(directory);
    opened.push(embedded);
    server = { ...(await begin(command, directory, /"message":"started"/)), url: embedded.url };
  },
  'curl -sS http://127.0.0.1:8080/readyz': async (command) => {
    const answer = await fetched(command);
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), JSON.parse(blockWith('docs/operator.md', 'json', '"store"')));
  },
  'curl -sS http://127.0.0.1:8080/healthz': async (command) => {
    assert.equal((await fetched(command)).status, 200);
  },
  'curl -sS -o passerelle-metadata.xml https://sso.example.com/saml/metadata': async (command) => {
    const { entityID } = readIdentityProviderMetadata(await (await fetched(command)).text());
    assert.equal(entityID, 'https://sso.example.com/saml/metadata');
  },
  'bin/passerelle google values': async (command) => {
    const values = await succeed(command, directory);
    const page = await (await fetch(`${served().url}/saml`)).text();
    const shown = values.match(/^[A-Z].*: https:\S+$/gm) ?? [];
    assert.equal(shown.length, 4);
    for (const line of shown) {
      const [label = '', value = ''] = line.split(': ');
      assert.ok(page.includes(value) && pageAt('README.md').text.includes(label), line);
    }
    assert.match(values, /^Verification certificate:\n-----BEGIN CERTIFICATE-----\n/m);
  },
  'bin/passerelle keys new': async (command) => {
    assert.match(await succeed(command, directory), /^-----BEGIN CERTIFICATE-----\n/);
  },
  'bin/passerelle keys told NAME --all-google': async (command) => {
    knowGoogle(directory);
    const [, second = ''] = await keysIn(directory);
    await succeed(command.replace('NAME', second), directory);
  },
  'bin/passerelle keys list': async (command) => {
    assert.match(await succeed(command, directory), /^\S+ {2}signs .*\n\S+ {2}published .*\n\S+ {2}decrypts .*\n\n/);
  },
  'bin/passerelle keys activate NAME': async (command) => {
    const [, second = ''] = await keysIn(directory);
    // Google has not had its 24 hours.
    assert.equal((await run(command.replace('NAME', second), directory)).code, 1);
    await succeed(`${command.replace('NAME', second)} --force`, directory);
    assert.equal((await keysIn(directory))[0], second);
  },
  'bin/passerelle keys retire OLD': async (command) => {
    const [first = '', second = ''] = await keysIn(directory);
    // What it signed is on its way.
    assert.equal((await run(command.replace('OLD', second), directory)).code, 1);
    await succeed(`${command.replace('OLD', second)} --force`, directory);
    assert.deepEqual(await keysIn(directory), [first]);
    assert.ok(existsSync(join(directory, `certs/retired/${second}.key.pem`)));
  },
  'passerelle config check --config /etc/passerelle/passerelle.yaml': async (command) => {
    await succeed(command, service);
  },
  // A file of metadata with a mistake, then without.
  'passerelle config check': async (command) => {
    const file = join(service, 'wiki-metadata.xml');
    const part = blockWith('docs/administrator.md', 'yaml', 'wiki-metadata.xml');
    const configuration = join(service, 'passerelle.yaml');
    writeFileSync(configuration, readFileSync(configuration, 'utf8').replace(/^serviceProviders: \[\]\n(#.*\n)*/m, part));
    const role = (services: string): string =>
      `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://wiki.example.com/">\n<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${services}</md:SPSSODescriptor></md:EntityDescriptor>\n`;
    writeFileSync(file, role(''));
    const { code, err } = await run(command, service);
    assert.equal(code, 1);
    assert.match(err, /wiki-metadata\.xml.*Line 2/);
    writeFileSync(
      file,
      role(
        '<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://wiki.example.com/acs" index="0"/>',
      ),
    );
    await succeed(command, service);
  },
  'passerelle metadata check wiki-metadata.xml': async (command) => {
    assert.match(await succeed(command, service), /^service providers: 1, others: 0\nhttps:\/\/wiki\.example\.com\/\n/);
  },
  'passerelle whatif ada --service-provider https://wiki.example.com/': async (command) => {
    opened.push(await embed(service));
    const told = await succeed(command, service);
    assert.match(told, /^ {2}displayName, basic, by serviceProviders: "Ada Lovelace"$/m);
  },
  'passerelle whatif ada --sp https://wiki.example.com/ --network 203.0.113.7': async (command) => {
    assert.match(await succeed(command, service), /^asked, by rule default\n {2}1\. password\n/m);
  },
  // By Samba’s name server, its authority and the account that its people have.
  'passerelle directory discover corp.example.com --dns-server 10.0.0.10 --ca-file corp-ca.pem --bind-dn passerelle@corp.example.com --password-file directory-password':
    async (command) => {
      const { caFile, bindDn, password } = await samba();
      const folder = place('discover');
      writeFileSync(join(folder, 'corp-ca.pem'), readFileSync(caFile));
      writeFileSync(join(folder, 'directory-password'), password, { mode: 0o600 });
      const here = command.replace('10.0.0.10', '127.0.0.10').replace(flagOf(command, 'bind-dn'), bindDn);
      assert.match(
        await succeed(here, folder),
        /UPN suffixes: [^]*\ndirectory:\n {2}urls:\n {4}- ldaps:\/\/dc1\.corp\.example\.com\n/,
      );
    },
  'passerelle import adfs relying-parties.json --out imported': async (command) => {
    await proveImport(command, 'relying-parties.json', 'json', 'wiki.example.com');
  },
  'passerelle import saml20-sp-remote saml20-sp-remote.php --out imported': async (command) => {
    await proveImport(command, 'saml20-sp-remote.php', 'php', 'forum.example.com');
  },
  'passerelle import keycloak-realm realm-export.json --out imported': async (command) => {
    const folder = place('import-realm');
    writeFileSync(join(folder, 'realm-export.json'), JSON.stringify(realm([client()])));
    assert.match(await succeed(command, folder), /^imported\/service-providers\.yaml written, with 1 metadata file/);
  },
  'passerelle whatif ada --sp https://wiki.example.com/saml': async (command) => {
    knowGoogle(service);
    const google = command.replace('https://wiki.example.com/saml', 'https://accounts.google.com/samlrp/01abcdef');
    assert.match(await succeed(google, service), /ada@example\.com/);
  },
  'passerelle advise --into report --own example.com': async (command) => {
    assert.match(await succeed(`${command} --no-dns`, service), /^Passerelle’s advice of [^]*\nmapping:\n/);
    for (const name of ['advice.html', 'advice.json', 'mend.csv'])
      assert.equal(statSync(join(service, 'report', name)).mode & 0o777, 0o600);
  },
  // Those of the demo whom the README’s table lists.
  'passerelle advise --check': async (command) => {
    const { code, out, err } = await run(command, service);
    assert.equal(code, 1, err);
    for (const told of [/^nora .*: no-user-principal-name: /m, /^pia .*: address-not-in-domains: /m]) assert.match(out, told);
  },
  'passerelle advise drift last-month/advice.json report/advice.json': async (command) => {
    await succeed(command.replace('last-month', 'report'), service);
  },
  'passerelle explain 7K3F-9QXM2C': async (command) => {
    const { code, err } = await run(command, directory);
    assert.equal(code, 1);
    assert.match(err, /7K3F-9QXM2C/);
  },
  'passerelle doctor': async (command) => {
    const { code, out } = await run(command, directory);
    assert.ok(code === 1 || code === 3, out);
    assert.match(out, /✓/);
  },
  'passerelle reload --config /etc/passerelle/passerelle.yaml': async (command) => {
    assert.match(await succeed(command.replace(/ --config .*/, ''), directory), /\n$/);
  },
  'passerelle audit tail --event signin': async (command) => {
    await succeed(command, directory);
  },
  'passerelle audit search --person ada --event signin.refused --from 2d': async (command) => {
    await succeed(command, directory);
  },
  'passerelle audit export --format csv --from 30d --out audit.csv': async (command) => {
    await succeed(command, directory);
    assert.match(readFileSync(join(directory, 'audit.csv'), 'utf8'), /^\S+,/);
  },
  'passerelle audit export --format json --out audit.jsonl': async (command) => {
    await succeed(command, directory);
    assert.match(readFileSync(join(directory, 'audit.jsonl'), 'utf8'), /"event":"key\.made"/);
  },
  'passerelle audit verify --from store audit.jsonl': async (command) => {
    await succeed(command, directory);
  },
  'passerelle audit verify': async (command) => {
    assert.match(await succeed(command, directory), /Whole: /);
  },
  [`tail -n 1 audit.jsonl | tr -d '\\n' | sed 's/,"hash":"[0-9a-f]*"}$/}/' | sha256sum`]: (command) => {
    const written = readFileSync(join(directory, 'audit.jsonl'), 'utf8').trim().split('\n').at(-1) ?? '';
    const { hash } = JSON.parse(written) as { hash: string };
    assert.ok(execFileSync('sh', ['-c', command], { cwd: directory, encoding: 'utf8' }).startsWith(hash));
  },
  'promtool check rules deploy/prometheus/alerts.yml': (command) => {
    const [program = '', ...words] = wordsOf(command);
    assert.match(execFileSync(program, words, { cwd: root, encoding: 'utf8' }), /SUCCESS/);
  },
  'node scripts/kerberos.js': async () => {
    await provideKerberos();
  },
  'samba-tool user create svc-sso --random-password': async (command) => {
    // Left behind by a run that was ended.
    await byTool('samba-tool user delete svc-sso').catch(() => undefined);
    await byTool(command);
  },
  'samba-tool spn add HTTP/sso.example.com svc-sso': async (command) => {
    await byTool(command);
  },
  'ldapmodify -H ldaps://dc1.corp.example.com -D administrator@corp.example.com -W -f aes.ldif': async () => {
    await modify(await samba(), blockWith('docs/administrator.md', 'ldif', 'svc-sso'));
  },
  'samba-tool domain exportkeytab sso.keytab --principal=HTTP/sso.example.com': async (command) => {
    const file = join(place('keytab'), 'sso.keytab');
    try {
      await byTool(command.replace('sso.keytab', file));
    } finally {
      await byTool('samba-tool user delete svc-sso');
    }
    const { principals } = (
      parse(blockWith('docs/administrator.md', 'yaml', 'sso.keytab')) as { kerberos: { principals: readonly string[] } }
    ).kerberos;
    assert.ok(usableKeys(readKeytab(readFileSync(file)) ?? [], principals).length > 0);
  },
  'passerelle throttle show ada': async (command) => {
    // As a start leaves it.
    const clock = { now: Date.now, until: () => Promise.resolve() };
    await (await createSqliteStore({ file: join(service, 'data/passerelle.sqlite'), clock })).close();
    assert.match(await succeed(command, service), /^CN=Ada Lovelace.*\n\nfamiliar places: none\nfailures counted here\n/);
  },
  'passerelle throttle clear ada': async (command) => {
    assert.match(await succeed(command, service), /^Forgotten: the failures of /);
  },
  'passerelle store export --out passerelle-store.jsonl': async (command) => {
    await succeed(command, service);
    assert.equal(statSync(join(service, 'passerelle-store.jsonl')).mode & 0o777, 0o600);
  },
  'passerelle store check': async (command) => {
    assert.match(await succeed(command, service), / Wrong: 0\.\n$/);
  },
  'passerelle store import passerelle-store.jsonl': async (command) => {
    assert.match(await succeed(command, service), /^Imported: /);
  },
  'passerelle sessions list ada': async (command) => {
    assert.match(await succeed(command, service), /\nsessions: none\nremembered browsers: none\n/);
  },
  'passerelle sessions end ada': async (command) => {
    assert.match(await succeed(command, service), /^Ended: 0 of the sessions of /);
  },
  'passerelle sessions forget-devices ada': async (command) => {
    assert.match(await succeed(command, service), /^Forgotten: 0 browsers of /);
  },
  'passerelle sessions cut-off --person ada': async (command) => {
    assert.match(await succeed(command, service), /^Ended: 0 of the sessions of /);
  },
  'passerelle sessions cut-off': async (command) => {
    assert.match(await succeed(command, service), /^All sessions have ended that began before /);
  },
  'passerelle factors show ada': async (command) => {
    assert.match(await succeed(command, service), /^CN=Ada Lovelace.*\n\nauthenticator apps: none\n/);
  },
  'passerelle factors reset ada': async (command) => {
    assert.match(await succeed(command, service), /^Taken from \S+: totp \(0\), webauthn \(0\), recovery-code \(0\)\.\n$/);
  },
  'passerelle factors pass ada': async (command) => {
    assert.match(await succeed(command, service), /^\w{4}-\w{4}-\w{4}\nfor \S+, once, until /);
    assert.match(await succeed('passerelle factors show ada', service), /\npass for setting up: until /);
  },
  'passerelle keys new --config /etc/passerelle/passerelle.yaml > second.pem': async (command) => {
    await keysIn(service);
    await succeed(command, service);
    assert.match(readFileSync(join(service, 'second.pem'), 'utf8'), /^-----BEGIN CERTIFICATE-----\n/);
  },
  'passerelle keys list --config /etc/passerelle/passerelle.yaml': async (command) => {
    assert.match(await succeed(command, service), / signs .*\n.* published /);
  },
  'passerelle keys urls --config /etc/passerelle/passerelle.yaml': async (command) => {
    await succeed(command, service);
  },
  'passerelle keys told NAME --all-google --config /etc/passerelle/passerelle.yaml': async (command) => {
    knowGoogle(service);
    const [, second = ''] = await keysIn(service);
    await succeed(command.replace('NAME', second), service);
  },
  'passerelle keys activate NAME --config /etc/passerelle/passerelle.yaml': async (command) => {
    const [first = '', second = ''] = await keysIn(service);
    for (const name of [second, first, second]) await succeed(`${command.replace('NAME', name)} --force`, service);
    assert.deepEqual(await keysIn(service), [second, first]);
  },
  'passerelle keys retire NAME --config /etc/passerelle/passerelle.yaml': async (command) => {
    const [, second = ''] = await keysIn(service);
    await succeed(`${command.replace('NAME', second)} --force`, service);
  },
  'passerelle keys new --use service-provider --type ec-p256 --name partner --config /etc/passerelle/passerelle.yaml': async (
    command,
  ) => {
    await succeed(command, service);
    assert.match(await succeed('passerelle keys list', service), /^partner +on request +ec-p256 /m);
  },
  'passerelle keys new --use encryption --config /etc/passerelle/passerelle.yaml': async (command) => {
    await succeed(command, service);
    assert.equal((await succeed('passerelle keys list', service)).match(/ decrypts /g)?.length, 2);
  },
  'passerelle --version': async (command) => {
    assert.equal(await succeed(command, service), `${manifest.version}\n`);
  },
  'passerelle help': async (command) => {
    assert.match(await succeed(command, service), /config check/);
  },
  // It checks instead of writing.
  'bin/passerelle config reference': async (command) => {
    await succeed(`${command} --check`, root);
  },
  'node --test --test-name-pattern="alias" test/mapping/address.test.ts': async (command) => {
    assert.match(await succeed(command, root), /\bpass [1-9]/);
  },
};

const file = (path: string): void => {
  assert.ok(existsSync(join(root, path)), path);
};
const unit = (): ReadonlyMap<string, string> =>
  new Map(
    textOf('deploy/systemd/passerelle.service')
      .split('\n')
      .filter((line) => line !== '' && !/^#|^\[(Unit|Service|Install)\]$/.test(line))
      .map((line) => {
        const [, name = '', value = ''] = /^([A-Z][A-Za-z]+)=(.*)$/.exec(line) ?? [];
        assert.notEqual(name, '', line);
        return [name, value];
      }),
  );
const compose = (): void => {
  assert.ok(Object.keys(readComposeFile(textOf('docker-compose.yml')).services).includes('passerelle'));
};
const image = readDockerfile(textOf('Dockerfile'));

/** Not run, why, and what is seen to instead. */
const notRun: readonly (readonly [commands: RegExp, because: string, proof: Proof])[] = [
  [/^npm test$/, 'it is what runs', () => assert.equal(manifest.scripts.test, 'node scripts/node24.js test/run.ts')],
  [
    /^npm test -- \S+$/,
    'it would run tests within a test',
    (command) => assert.ok(select(root, [wordsOf(command).at(-1) ?? '']).length > 0, 'a test file fits'),
  ],
  [
    /^npm run \S+( -- .*)?$/,
    'it takes long, or changes the checkout',
    (command) => {
      const script = manifest.scripts[wordsOf(command)[2] ?? ''];
      assert.ok(script !== undefined);
      const files = wordsOf(script).filter((word) => /\.(ts|js|cjs)$/.test(word));
      assert.ok(files.length > 1);
      for (const path of files) file(path);
    },
  ],
  [
    /^npm pack$/,
    'it builds; test/package.test.ts does, too',
    () => assert.ok(manifest.scripts.prepack?.startsWith('npm run build && ') === true),
  ],
  [
    /^npm install --global /,
    'it changes the machine',
    (command) => assert.equal(wordsOf(command).at(-1), `./${manifest.name}-${manifest.version}.tgz`),
  ],
  [/^node scripts\/setup\.js$/, 'it has run before any test', () => file('scripts/setup.js')],
  [/^node --test test\/mapping\/address\.test\.ts$/, 'it runs anyway', () => file('test/mapping/address.test.ts')],
  [/^\.ci\/run$/, 'it runs all tests', () => accessSync(join(root, '.ci/run'), constants.X_OK)],
  [
    /^test\/testbed\/\S+ (start|status|stop)$/,
    'the runner does, before the tests that need it',
    (command) => {
      const [script = '', verb = ''] = wordsOf(command);
      accessSync(join(root, script), constants.X_OK);
      assert.match(textOf(script), new RegExp(`^# {3}\\S+ ${verb} `, 'm'));
    },
  ],
  [/^docker compose (up|down --volumes)$/, 'it needs a Docker engine; test/compose.test.ts judges the file', compose],
  [
    /^docker (build|run|exec) /,
    'it needs a Docker engine',
    (command) => {
      const words = wordsOf(command);
      const configuration = inImage(image, 'CMD')[0]?.words.at(-1) ?? '';
      if (words[1] === 'build') file('Dockerfile');
      if (words[1] === 'run') {
        const mounted = words.filter((_, index) => words[index - 1] === '--volume').map((volume) => volume.split(':')[1] ?? '');
        assert.ok(configuration.startsWith(`${mounted[0] ?? ''}/`), 'the configuration is mounted where it is read');
        assert.equal(mounted[1], inImage(image, 'VOLUME')[0]?.words[0]);
        assert.ok(flagOf(command, 'publish').endsWith(`:${inImage(image, 'EXPOSE')[0]?.words[0] ?? ''}`));
      }
      if (words[1] === 'exec') {
        assert.ok(Object.hasOwn(commands, words.slice(4, 6).join(' ')));
        assert.equal(flagOf(command, 'config'), configuration);
      }
    },
  ],
  [
    /^passerelle store rekey( --prepare| --finish)?$/,
    'it waits some seconds, and nodes share its steps; test/cli/store.test.ts runs them',
    (command) => {
      assert.ok(Object.hasOwn(commands, 'store rekey'));
      assert.ok(
        textOf('test/cli/store.test.ts').includes(['rekey', ...wordsOf(command).slice(3)].map((word) => `'${word}'`).join(', ')),
      );
    },
  ],
  [
    /^install -m 0644 /,
    'it changes the machine',
    (command) => {
      const [from = '', to] = wordsOf(command).slice(3);
      file(from.replace(`/usr/local/lib/node_modules/${manifest.name}/`, ''));
      assert.equal(to, '/etc/systemd/system/passerelle.service');
    },
  ],
  [
    /^docker compose --file deploy\/production\/compose\.yaml up /,
    'it needs a Docker engine; test/deploy/production.test.ts judges the file',
    () => {
      file('deploy/production/compose.yaml');
    },
  ],
  [/^useradd /, 'it changes the machine', (command) => assert.equal(wordsOf(command).at(-1), unit().get('User'))],
  [
    /^systemctl (enable --now|restart|reload) passerelle$/,
    'it needs systemd; the unit is taken apart instead',
    () => {
      const settings = unit();
      const [program = '', name = '', flag = '', configuration = ''] = wordsOf(settings.get('ExecStart') ?? '');
      assert.deepEqual([program, name, flag], ['/usr/local/bin/passerelle', 'start', '--config']);
      assert.ok(pageAt('docs/operator.md').spans.includes(configuration));
      assert.ok(pageAt('docs/operator.md').spans.includes('/etc/systemd/system/passerelle.service'));
      assert.ok(Number(settings.get('TimeoutStopSec')) > 10);
      assert.match(settings.get('ExecReload') ?? '', / reload --config /);
      const { keys, store } = parse(blockWith('docs/operator.md', 'yaml', 'passerelle.sqlite')) as {
        keys: { folder: string };
        store: { file: string };
      };
      for (const path of [keys.folder, store.file])
        assert.ok(path.startsWith(`/var/lib/${settings.get('StateDirectory') ?? ''}/`));
    },
  ],
  [
    /^journalctl --unit passerelle --output cat --grep /,
    'it needs systemd',
    (command) => assert.ok(pageAt('docs/administrator.md').spans.includes(wordsOf(command).at(-1) ?? '')),
  ],
  [
    /^gcloud iam workforce-pools providers create-saml /,
    'it needs Google Cloud',
    (command) => {
      const { serviceProviders } = parse(blockWith('docs/administrator.md', 'yaml', 'google-workforce')) as {
        serviceProviders: readonly { pool: string; provider: string }[];
      };
      assert.equal(wordsOf(command)[5], serviceProviders[0]?.provider);
      assert.equal(flagOf(command, 'workforce-pool'), serviceProviders[0]?.pool);
      const [groups = ''] = Object.keys(presets['google-workforce'].attributes);
      assert.ok(flagOf(command, 'attribute-mapping').includes(`assertion.attributes['${groups}']`));
      const written = pageAt('docs/administrator.md').commands.find((one) => one.startsWith('curl')) ?? '';
      assert.equal(flagOf(command, 'idp-metadata-path'), wordsOf(written)[3]);
    },
  ],
];

const all = [...new Set(pages.flatMap((page) => page.commands))];
const claimOf = (command: string) => notRun.filter(([claimed]) => claimed.test(command));

describe('the commands of the pages', () => {
  it('are each claimed by one check', () => {
    const claims = all.map((command) => [command, claimOf(command).length + (Object.hasOwn(ran, command) ? 1 : 0)] as const);
    assert.deepEqual(
      claims.filter(([, count]) => count !== 1),
      [],
    );
  });

  it('would be missed without a claim', () => {
    for (const command of ['passerelle nothing', 'npm start -- --port 1', 'docker compose ps']) {
      assert.ok(!Object.hasOwn(ran, command) && claimOf(command).length === 0, command);
    }
  });

  it('are there, wherever one is claimed', () => {
    assert.deepEqual(
      Object.keys(ran).filter((command) => !all.includes(command)),
      [],
    );
    assert.deepEqual(
      notRun.map(([claimed]) => claimed).filter((claimed) => !all.some((command) => claimed.test(command))),
      [],
    );
  });
});

describe('run', () => {
  for (const [command, prove] of Object.entries(ran)) it(command, { timeout: 60_000 }, () => prove(command));
});

describe('not run, but proven', () => {
  for (const command of all) {
    for (const [, because, prove] of claimOf(command)) it(`${command}: ${because}`, () => prove(command));
  }
});
