/** Sees that what the pages say is so: links, names in backticks, settings, examples, tables. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { commands } from '../../src/cli/dispatch.ts';
import { verifyText } from '../../src/config/read-configuration.ts';
import { schema } from '../../src/config/schema.ts';
import { mapAddress } from '../../src/mapping/address.ts';
import { Refusal, refusals } from '../../src/refusal.ts';
import en from '../../views/locales/en.json' with { type: 'json' };
import { soundFile } from '../config/sound-file.ts';
import { lines } from '../house/house-rules.ts';
import { blockWith, pageAt, pages, root } from './pages.ts';

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const bare = (cell: string | undefined): string => cell?.replaceAll('`', '') ?? '';
const generated = ['docs/configuration.md', 'docs/refusals.md', 'docs/audit-events.md', 'docs/metrics.md'];

describe('links', () => {
  for (const page of pages) {
    it(`of ${page.path} lead somewhere`, () => {
      for (const link of page.links.filter((target) => !/^https?:/.test(target))) {
        const [file = '', anchor] = link.split('#');
        const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
        assert.ok(existsSync(join(root, path)), `${page.path} links to ${link}`);
        if (anchor !== undefined) {
          assert.ok(
            pageAt(path).anchors.includes(anchor),
            `${page.path} links to ${link}; there are ${pageAt(path).anchors.join(' ')}`,
          );
        }
      }
    });
  }
});

describe('the pages', () => {
  it('name no path of a particular machine', () => {
    for (const { path, text } of pages) {
      // A folder of every Linux, given to a container.
      assert.doesNotMatch(text.replaceAll('--tmpfs /tmp ', ''), /(?<![\w.])\/(?:home|Users|root|tmp|work|mnt)\b/, path);
    }
  });
});

/** Names that belong to others, and one that is told to be missing. */
const foreign = new Set([
  'max_connections',
  'pool_mode = session',
  'pg_dump',
  'select … for update',
  'synchronous_commit = off',
  'fdatasync',
  // Google’s words and hosts.
  'google.',
  'www.google.',
  'google.subject',
  'https://accounts.google.com/samlrp/RPID',
  'https://accounts.google.com/samlrp/metadata?rpid=RPID',
  // Active Directory’s tools, and names of its protocol.
  'repadmin /showrepl',
  'LDAP_MATCHING_RULE_IN_CHAIN',
  // The environment of every program.
  'TZ',
  // systemd’s.
  '/etc/systemd/system/passerelle.service',
  'MemoryDenyWriteExecute',
  'CapabilityBoundingSet',
  'AmbientCapabilities=CAP_NET_BIND_SERVICE',
  // Grafana’s settings, and what AWS makes of a group.
  'assertion_attribute_name = displayName',
  'assertion_attribute_email = mail',
  'assertion_attribute_login = login',
  'assertion_attribute_groups = groups',
  'aws-123456789012-Admin',
  'systemd-analyze security passerelle',
  'kill -9',
  'IPAddressAllow',
  'IPAddressDeny',
  // Those from which people move.
  'idpinitiatedsignon.aspx',
  'Name ID',
  'authsources.php',
  'metarefresh',
  'expiryCheck',
  'store.type',
  // Addresses and names of examples.
  'sso2.example.com',
  '7K3F-9QXM2C',
  '1234 passed, 0 failed',
  'https://sso.example.com/saml',
  'userPrincipalName ada@example.com',
  'ada',
  'luca',
  'nobody',
  'CORP\\ada',
  'second.pem',
  'verifyX',
  'isX',
  'form-action ACS https:',
  // The bench’s options, and what it reads.
  '-- --quick',
  '-- --json',
  '-- --docs',
  '/proc/PID/task/*/schedstat',
  'crypto.sign',
  'perf record -e cpu-clock',
  '--max-semi-space-size=4',
  'MALLOC_ARENA_MAX=2',
]);

describe('names in backticks', () => {
  const sources = globSync(
    ['{src,views,scripts,bin,deploy,bench}/**/*', 'test/**/*.{ts,json}', '*.{json,yml,js}', 'Dockerfile', '.ci/run'],
    {
      cwd: root,
      withFileTypes: true,
      exclude: (entry) => entry.name === 'node_modules' || (entry.name === 'docs' && entry.parentPath.endsWith('test')),
    },
  )
    .filter((entry) => entry.isFile() && entry.name !== 'package-lock.json')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
  const settings = new Set(
    [...textOf('docs/configuration.md').matchAll(/^\| `([\w.]+)`/gm)].flatMap(([, path = '']) =>
      path.split('.').map((_, index, names) => names.slice(0, index + 1).join('.')),
    ),
  );
  for (const section of Object.keys(schema.shape)) settings.add(section);
  const sections = Object.entries(schema.shape).filter(([name]) => [...settings].some((path) => path.startsWith(`${name}.`)));
  const scripts = (JSON.parse(textOf('package.json')) as { scripts: Readonly<Record<string, string>> }).scripts;
  const examples = new Set(pageAt('docs/administrator.md').rows.flat().map(bare));

  /** Whether it stands somewhere as a whole word. */
  const occurs = (text: string): boolean =>
    new RegExp(`(?<!\\w)${text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')}(?!\\w)`).test(sources);

  async function isCommand(words: readonly string[]): Promise<boolean> {
    const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((candidate) => Object.hasOwn(commands, candidate));
    // `keys` alone stands for all that begin so.
    if (name === undefined)
      return words.length === 1 && Object.keys(commands).some((one) => one.startsWith(`${words[0] ?? ''} `));
    const { usage } = (await commands[name]!()).command;
    return words.filter((word) => word.startsWith('--')).every((flag) => usage.includes(flag));
  }

  async function exists(span: string, page: string): Promise<boolean> {
    if (foreign.has(span)) return true;
    const [first = '', ...words] = span.split(' ');
    if (/^(bin\/)?passerelle$/.test(first) && words.length > 0) return isCommand(words);
    if (first.startsWith('--') && words.length === 1) return occurs(first);
    if (first === 'npm') return words[0] === 'test' || words[0] === 'start' || Object.hasOwn(scripts, words[1] ?? '');
    if (/^[\w.-]+(\/[\w.*-]*)+$/.test(span) && existsSync(join(root, span.split('/')[0] ?? ''))) {
      if (/NAME|CODE/.test(span) || textOf('.gitignore').includes(span.split('/')[0] ?? '')) return true;
      return globSync(span, { cwd: root }).length > 0;
    }
    if (existsSync(join(root, span)) || existsSync(join(root, dirname(page), span))) return true;
    const section = sections.find(([name]) => span.startsWith(`${name}.`));
    if (section !== undefined && /^[\w.]+$/.test(span)) return settings.has(span) || sources.includes(`'${span}'`);
    const [setting = '', value] = span.split(': ');
    if (value !== undefined && settings.has(setting)) return occurs(value);
    const route = /^(?:(?:GET|POST) )?(\/[\w/.-]+)(?:[?/:].*)?$/.exec(span)?.[1];
    if (route !== undefined) return sources.includes(`'${route.replace(/\/$/, '')}'`) || occurs(span);
    return settings.has(span) || occurs(span.replace(/\/$/, '')) || examples.has(span);
  }

  for (const page of pages.filter(({ path }) => path !== 'test/testbed/README.md' && !generated.includes(path))) {
    it(`of ${page.path} are names of something`, async () => {
      const unknown = new Set<string>();
      for (const span of page.spans) if (!(await exists(span, page.path))) unknown.add(span);
      assert.deepEqual([...unknown], []);
    });
  }

  it('of refusals are reasons, wherever a table has them', () => {
    for (const { path, rows } of pages) {
      for (const [reason = ''] of rows.filter(([cell]) => Object.hasOwn(refusals, bare(cell)))) assert.match(reason, /^`/, path);
    }
  });

  it('would be missed', async () => {
    for (const span of [
      'no-such-reason',
      'directory.urlz',
      'src/no-such-file.ts',
      'src/signin/no-*.ts',
      'passerelle expound',
      'passerelle init --no-such-flag',
      'npm run nothing',
      'log.level: loud',
      'noSuchName',
    ]) {
      assert.equal(await exists(span, 'README.md'), false, span);
    }
  });
});

describe('configurations', () => {
  const whole = parse(soundFile) as Readonly<Record<string, unknown>>;
  for (const { path, blocks } of pages) {
    for (const [index, { text }] of blocks.filter(({ language }) => language === 'yaml').entries()) {
      it(`in ${path}, number ${String(index + 1)}, are right`, () => {
        const part = parse(text) as Readonly<Record<string, unknown>>;
        const { findings } = verifyText(JSON.stringify({ ...whole, ...part }), { DIRECTORY_PASSWORD: 'x' });
        assert.deepEqual(findings.mistakes, []);
        assert.deepEqual(findings.warnings, []);
      });
    }
  }

  it('have the defaults that the pages name', () => {
    const units: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000 };
    const defaults: unknown = schema.parse(whole);
    let seen = 0;
    const named = /`([\w.]+)`(?:,| failures| of the store)? \(?(\d+)(?: (second|minute|hour)s?\b|\))/g;
    for (const [, setting = '', number = '', unit = ''] of pageAt('docs/operator.md').text.matchAll(named)) {
      const value = setting
        .split('.')
        .reduce<unknown>((below, name) => (below as Readonly<Record<string, unknown>>)[name], defaults);
      assert.equal(value, Number(number) * (units[unit] ?? 1), setting);
      seen += 1;
    }
    assert.ok(seen >= 8, String(seen));
  });
});

describe('the worked examples of the mapping', () => {
  const { mapping } = schema.parse({
    ...(parse(soundFile) as object),
    ...(parse(blockWith('docs/administrator.md', 'yaml', 'eu.corp.local')) as object),
  });
  const rows = pageAt('docs/administrator.md').rows.filter(
    ([source, result]) => /@|absent/.test(source ?? '') && /^`[^`]+`$/.test(result ?? '') && !(source ?? '').includes(','),
  );
  const mapped = rows.filter(([, result]) => Object.hasOwn(refusals, bare(result)) || bare(result).includes('@'));

  it('are all there', () => {
    assert.ok(mapped.length >= 11, String(mapped.length));
  });

  for (const [source, result] of mapped) {
    it(`${bare(source)} gives ${bare(result)}`, () => {
      const person = { userPrincipalName: source === '(absent)' ? undefined : bare(source), mail: undefined };
      try {
        assert.equal(mapAddress(person, mapping).address, bare(result));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        assert.equal(error.reason, bare(result));
      }
    });
  }
});

describe('the example of a refusal in the log', () => {
  const line = z
    .looseObject({ reason: z.string(), hint: z.string(), detail: z.object({ steps: z.string(), because: z.string() }) })
    .parse(JSON.parse(blockWith('docs/administrator.md', 'json', 'signin.refused')));

  it('has the hint of its reason, and what the mapping says', () => {
    assert.equal(line.hint, refusals['address-not-in-domains'].hint);
    const { mapping } = schema.parse(parse(soundFile));
    const upn = line.detail.steps.replace('userPrincipalName ', '');
    assert.throws(
      () => mapAddress({ userPrincipalName: upn, mail: undefined }, mapping),
      (error) =>
        error instanceof Refusal && error.reason === line.reason && JSON.stringify(error.detail) === JSON.stringify(line.detail),
    );
  });
});

describe('quoted pages', () => {
  it('have these titles', () => {
    const titles = Object.values(en).flatMap((words) => ('title' in words ? [words.title] : []));
    for (const [quoted = ''] of pageAt('docs/administrator.md').rows.filter(([cell]) => /^"[^"]+"$/.test(cell ?? ''))) {
      assert.ok(titles.includes(quoted.slice(1, -1)), quoted);
    }
  });
});

describe('the lines of imports', () => {
  it('are those that the house holds', () => {
    const expected = lines.map((rooms) => rooms.join(', '));
    assert.deepEqual(blockWith('docs/developer.md', 'text', 'passerelle').trim().split('\n'), expected);
    const decision = /^ {4}main[^]*?\n\n/m.exec(pageAt('docs/decisions/0001-rooms-and-import-lines.md').text)?.[0] ?? '';
    assert.deepEqual(
      decision.split('->').map((line) => line.trim()),
      expected,
    );
  });
});
