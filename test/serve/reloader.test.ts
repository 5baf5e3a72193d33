/** Reloads: one at a time, whole or not at all, and told of without a secret. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { ConfigurationMistakes } from '../../src/config/configuration-mistakes.ts';
import type { Configuration } from '../../src/config/read-configuration.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { ReloadRefused } from '../../src/serve/prepared.ts';
import { createReloader } from '../../src/serve/reloader.ts';
import type { Reading } from '../../src/serve/source.ts';
import { plainConfiguration } from '../fixtures/plain-configuration.ts';

const reading = (parts: Partial<ConfigInput> = {}, contents: Record<string, string> = {}): Reading => ({
  configuration: plainConfiguration(parts),
  warnings: [],
  digest: JSON.stringify(parts),
  contents: new Map(Object.entries(contents)),
});

function stage(first = reading()) {
  const events: AuditEvent[] = [];
  const notes: string[] = [];
  const taken: Configuration[] = [];
  const world = {
    next: (): Promise<Reading> => Promise.resolve(first),
    takeOver: (_: Configuration): Promise<void> => Promise.resolve(),
  };
  const reloader = createReloader({
    source: { shownAs: 'p.yaml', read: () => world.next() },
    first,
    takeOver: async (configuration) => {
      await world.takeOver(configuration);
      taken.push(configuration);
    },
    record: (event) => events.push(event),
    note: (level, message) => notes.push(`${level} ${message}`),
    clock: { now: () => 0 },
    random: (bytes) => Buffer.alloc(bytes, 7),
  });
  return { events, notes, taken, world, reloader };
}

describe('a reload', () => {
  it('tells what changed, which files, and what waits', async () => {
    const { events, notes, taken, world, reloader } = stage(reading({}, { '/tls.pem': 'a', '/same': 'x' }));
    world.next = () => Promise.resolve(reading({ clockSkew: '1m', workers: 4 }, { '/tls.pem': 'b', '/same': 'x', '/new': 'y' }));
    const answer = await reloader.reload('signal');
    assert.ok(answer.result === 'reloaded');
    assert.deepEqual(
      [answer.changed, answer.files, answer.waiting.map(({ setting }) => setting)],
      [['clockSkew'], ['/tls.pem', '/new'], ['workers']],
    );
    assert.deepEqual(taken, [plainConfiguration({ clockSkew: '1m' })]);
    assert.deepEqual(
      events.map(({ event, detail }) => [event, detail]),
      [
        [
          'configuration.reloaded',
          { occasion: 'signal', changed: ['clockSkew'], files: ['/tls.pem', '/new'], waiting: ['workers'] },
        ],
      ],
    );
    assert.match(notes.join(), /^warn workers waits for a restart: /);
    assert.deepEqual(reloader.inForce.waiting, answer.waiting);
  });

  it('that was asked for is done though nothing seems changed; one that a watch saw is not', async () => {
    const { events, taken, reloader } = stage();
    await reloader.reload('watch');
    assert.deepEqual([events.length, taken.length], [0, 0]);
    await reloader.reload('command');
    assert.deepEqual([events.length, taken.length], [1, 1]);
  });

  it('of a wrong file is refused with each line and path, and what was in force goes on', async () => {
    const { events, taken, world, reloader } = stage();
    const before = reloader.inForce.configuration;
    const mistake = { line: 3, column: 5, path: 'policy.0.require', message: 'must be a list', hint: 'Write one.' };
    world.next = () => Promise.reject(new ConfigurationMistakes('p.yaml', [mistake]));
    const answer = await reloader.reload('watch');
    assert.deepEqual(answer, { result: 'refused', why: 'p.yaml has a mistake.', file: 'p.yaml', mistakes: [mistake] });
    assert.equal(events[0]?.event, 'configuration.refused');
    assert.equal(events[0].reason, 'configuration-mistakes');
    assert.deepEqual(events[0].detail?.mistakes, ['p.yaml:3:5: policy.0.require must be a list. Write one.']);
    assert.equal(taken.length, 0);
    assert.equal(reloader.inForce.configuration, before);
    assert.equal(reloader.inForce.refused, 'p.yaml has a mistake.');
    // Put right, it is told of, though it is as it was.
    world.next = () => Promise.resolve(reading());
    await reloader.reload('watch');
    assert.deepEqual(
      events.map(({ event }) => event),
      ['configuration.refused', 'configuration.reloaded'],
    );
    assert.equal(reloader.inForce.refused, undefined);
  });

  it('that cannot be opened is refused in one line, and the next one compares with what is in force', async () => {
    const { events, world, reloader } = stage();
    world.next = () => Promise.resolve(reading({ clockSkew: '1m' }));
    world.takeOver = () => Promise.reject(new ReloadRefused('No.\nAnd more.'));
    assert.deepEqual(await reloader.reload('command'), { result: 'refused', why: 'No.', file: 'p.yaml', mistakes: [] });
    world.takeOver = () => Promise.resolve();
    const answer = await reloader.reload('command');
    assert.deepEqual(answer.result === 'reloaded' && answer.changed, ['clockSkew']);
    assert.equal(events.length, 2);
  });

  it('is never told of with a secret', async () => {
    const directory: ConfigInput['directory'] = {
      urls: ['ldaps://dc'],
      baseDn: 'DC=x',
      bindDn: 'x',
      password: 'hunter2',
    };
    const { events, world, reloader } = stage();
    world.next = () =>
      Promise.resolve(reading({ directory, factors: { radius: { servers: [{ host: 'r' }], secret: 'hunter2' } } }));
    const answer = await reloader.reload('command');
    assert.ok(!JSON.stringify([events, answer]).includes('hunter2'));
  });

  it('that was asked for is done, though a watch wanted the next one first', async () => {
    const { taken, world, reloader } = stage();
    const gate = Promise.withResolvers<undefined>();
    world.next = async () => {
      await gate.promise;
      return reading();
    };
    const all = [reloader.reload('signal'), reloader.reload('watch'), reloader.reload('command'), reloader.reload('watch')];
    gate.resolve(undefined);
    await Promise.all(all);
    assert.equal(taken.length, 2);
    // Whoever shares none of these is not taken for one of them.
    await reloader.reload('watch');
    await Promise.all([reloader.reload('watch'), reloader.reload('watch')]);
    assert.equal(taken.length, 2);
  });

  it('waits for the one under way, and stands for all that were asked for meanwhile', async () => {
    const { events, world, reloader } = stage();
    const gate = Promise.withResolvers<undefined>();
    let reads = 0;
    world.next = async () => {
      reads += 1;
      await gate.promise;
      return reading({ clockSkew: `${reads}m` });
    };
    const first = reloader.reload('signal');
    const others = [reloader.reload('command'), reloader.reload('signal'), reloader.reload('command')];
    await new Promise(setImmediate);
    assert.equal(reads, 1);
    gate.resolve(undefined);
    await first;
    const answers = await Promise.all(others);
    assert.deepEqual([reads, events.length], [2, 2]);
    assert.equal(new Set(answers).size, 1);
    // And nothing is left behind it.
    await reloader.reload('command');
    assert.equal(reads, 3);
  });
});
