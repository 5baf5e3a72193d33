/** Each setting is live or waits for a restart, and the table that says so speaks of settings that there are. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changedSettings } from '../../src/config/changed-settings.ts';
import { outline } from '../../src/config/outline.ts';
import { leavesOf, renderReference } from '../../src/config/reference.ts';
import { waitsForRestart } from '../../src/config/waits-for-restart.ts';
import { holdBack } from '../../src/serve/hold-back.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { plainConfiguration } from '../fixtures/plain-configuration.ts';

const leaves = leavesOf(outline(), '').map(({ path }) => path.replace(/\[\].*/, ''));
const waits = (path: string): boolean => [...waitsForRestart.keys()].some((one) => path === one || path.startsWith(`${one}.`));

describe('what waits for a restart', () => {
  for (const [setting, why] of waitsForRestart) {
    it(`${setting} is a setting or a section, and says why`, () => {
      assert.ok(leaves.some((path) => path === setting || path.startsWith(`${setting}.`)));
      assert.match(why, /^[a-z].{20,}[^.]$/);
      assert.ok(renderReference().includes(`\`${setting}\``));
    });
  }

  /** Another value for each setting that waits. */
  const changes: Readonly<Record<string, Partial<ConfigInput>>> = {
    workers: { workers: 3 },
    'metrics.host': { metrics: { port: 9_400, host: '0.0.0.0' } },
    'metrics.port': { metrics: { port: 9_401 } },
    'keys.folder': { keys: { folder: '/elsewhere' } },
    'store.file': { store: { file: '/elsewhere/store.sqlite' } },
    'store.url': { store: { url: 'postgres://db/passerelle' } },
    'store.password': { store: { password: 'x' } },
    'store.passwordFile': { store: { passwordFile: '/x' } },
    'store.caFile': { store: { caFile: '/x' } },
    'store.connections': { store: { connections: 3 } },
    'store.folder': { store: { folder: '/x' } },
    'audit.store': { audit: { store: false } },
    'audit.retention': { audit: { retention: '1d' } },
    'audit.trail': { audit: { trail: 'none' } },
    'audit.stdout': { audit: { stdout: false } },
    'audit.file.path': { audit: { file: { path: '/x' } } },
    'audit.file.megabytes': { audit: { file: { path: '/x', megabytes: 2 } } },
    'audit.file.keep': { audit: { file: { path: '/x', keep: 2 } } },
    'audit.syslog.url': { audit: { syslog: { url: 'tcp://log:601' } } },
    'audit.syslog.caFile': { audit: { syslog: { url: 'tls://log', caFile: '/x' } } },
    'audit.syslog.facility': { audit: { syslog: { url: 'tls://log', facility: 'local0' } } },
  };
  const before = plainConfiguration({ metrics: { port: 9_400 } });

  it('is every setting that the table means, and the changes below are of all of them', () => {
    assert.deepEqual(leaves.filter(waits).toSorted(), Object.keys(changes).toSorted());
  });

  for (const [setting, change] of Object.entries(changes)) {
    it(`a changed ${setting} is held back and told of, and what changed beside it is taken`, () => {
      const next = plainConfiguration({ metrics: { port: 9_400 }, entityId: 'urn:other', ...change });
      const { configuration, changed, waiting } = holdBack(next, before);
      assert.deepEqual(changed, ['entityId']);
      assert.deepEqual(configuration, { ...before, entityId: 'urn:other' });
      for (const one of waiting)
        assert.ok(
          one.setting === setting || setting.startsWith(`${one.setting}.`) || one.setting.startsWith('store'),
          one.setting,
        );
      assert.equal(waiting.length > 0, true);
      // It is told of again at the next reload, since it is not in force.
      assert.deepEqual(holdBack(next, configuration).waiting, waiting);
    });
  }

  it('nothing that changed is neither taken nor told of', () => {
    for (const change of [...Object.values(changes), { clockSkew: '1m' }, { log: { level: 'warn' } }] as Partial<ConfigInput>[]) {
      const next = plainConfiguration({ metrics: { port: 9_400 }, ...change });
      const { changed, waiting } = holdBack(next, before);
      assert.deepEqual(
        [...changed, ...waiting.map(({ setting }) => setting)].toSorted(),
        [...changedSettings(before, next)].toSorted(),
      );
    }
  });
});

describe('what changed', () => {
  const directory: ConfigInput['directory'] = {
    urls: ['ldaps://dc1.corp.example.com'],
    baseDn: 'DC=corp,DC=example,DC=com',
    bindDn: 'passerelle@corp.example.com',
    password: 'S3cret-Pa55',
  };
  const rule = { name: 'all', when: {}, require: [['password' as const]] };
  const rows: readonly (readonly [string, Partial<ConfigInput>, Partial<ConfigInput>, readonly string[]])[] = [
    ['nothing', {}, {}, []],
    ['one setting', {}, { clockSkew: '1m' }, ['clockSkew']],
    ['one of a section', {}, { session: { idle: '2h' } }, ['session.idle']],
    ['a section that is new', {}, { tls: { certFile: '/a', keyFile: '/b' } }, ['tls']],
    ['a section that went', { tls: { certFile: '/a', keyFile: '/b' } }, {}, ['tls']],
    ['one entry of a list', { policy: [rule] }, { policy: [{ ...rule, name: 'some' }] }, ['policy.0.name']],
    ['how long a list is', { policy: [rule] }, { policy: [] }, ['policy']],
    [
      'a map',
      {},
      { mapping: { domains: { primary: 'example.com' }, substitute: { 'a.example': 'b.example' } } },
      ['mapping.substitute.a.example'],
    ],
    ['a password, by its place alone', {}, { directory: { ...directory, password: 'Other-S3cret' } }, ['directory.password']],
    [
      'a server, as it is written',
      {},
      { directory: { ...directory, urls: ['ldaps://dc2.corp.example.com'] } },
      ['directory.urls'],
    ],
    ['where people are searched', {}, { directory: { ...directory, baseDn: 'DC=x' } }, ['directory.baseDn']],
  ];
  for (const [title, before, after, expected] of rows) {
    it(`is told: ${title}`, () => {
      const told = changedSettings(plainConfiguration(before), plainConfiguration(after));
      assert.deepEqual(told, expected);
      assert.doesNotMatch(told.join(), /S3cret/);
    });
  }
});
