/** Remembered browsers over a store: whose they are, how long, and what copied, forged and old cookies are worth. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import type { Person } from '../../src/directory/directory.ts';
import { createSeal, type SealingKey } from '../../src/keys/seal.ts';
import { forgetDevice, forgetDevices, listDevices } from '../../src/signin/device-records.ts';
import { createDevices, type Devices } from '../../src/signin/devices.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { somebody } from './somebody.ts';

const minute = 60_000;
const day = 86_400_000;
const from = { remoteAddress: '192.0.2.7', userAgent: 'Firefox' };
const keyOf = (id: string): SealingKey => ({ id, key: randomBytes(32) });

describe('a remembered browser', () => {
  let now = Date.UTC(2026, 0, 10, 12);
  const clock = { now: () => now };
  const ada = somebody('ada', { account: { smartCardRequired: false, passwordLastSet: now - day } });
  const bob = somebody('bob');
  let store: Store;
  let events: AuditEvent[] = [];
  let keys: [SealingKey, ...SealingKey[]] = [keyOf('00000001')];
  let devices: Devices;

  const open = (longest = 30 * day): void => {
    const audit = { record: (event: AuditEvent) => void events.push(event) };
    devices = createDevices({ store, seal: createSeal(() => keys, randomBytes), clock, random: randomBytes, audit, longest });
  };
  beforeEach(async () => {
    events = [];
    keys = [keyOf('00000001')];
    store = await createSqliteStore({ file: ':memory:', clock: { ...clock, until: () => Promise.resolve() } });
    open();
  });
  afterEach(() => store.close());

  const remember = async (person: Person, device?: string): Promise<string> =>
    (await devices.remember(person, { ...from, device }, 30 * day)).text;
  const renew = async (person: Person, device: string): Promise<string | undefined> =>
    (await devices.renew(person, { ...from, device }))?.text;
  const isKnown = (person: Person, device: string | undefined): Promise<boolean> => devices.isRemembered(person, { device });

  it('is known again as that person’s, by nothing that the store or the cookie shows', async () => {
    const text = await remember(ada);
    assert.equal(await isKnown(ada, text), true);
    assert.match(text, /^[0-9a-f]{8}\.[A-Za-z0-9_-]{1,4000}$/);
    assert.ok(!Buffer.from(text.slice(9), 'base64url').toString('latin1').includes('ada'));
    const [record] = await listDevices(store, 'ada');
    assert.deepEqual(
      [record?.place, record?.userAgent, record?.createdAt, record?.endsAt],
      ['192.0.2.7', 'Firefox', now, now + 30 * day],
    );
  });

  describe('is not one', () => {
    const bitFlipped = (text: string, at: number): string => {
      const bytes = Buffer.from(text.slice(9), 'base64url');
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return text.slice(0, 9) + bytes.toString('base64url');
    };
    const attacks: readonly (readonly [string, (text: string) => Promise<string | undefined> | string | undefined])[] = [
      ['without a cookie', () => undefined],
      ['by another person’s cookie', () => remember(bob)],
      ['by a cookie of another house, whose record was copied here', (text) => ((keys = [keyOf('00000001')]), text)],
      ['by a cookie whose key is gone', (text) => ((keys = [keyOf('00000002')]), text)],
      ['by a cookie with one bit changed in front', (text) => bitFlipped(text, 0)],
      ['by a cookie with one bit changed within', (text) => bitFlipped(text, 40)],
      ['by text', () => 'x'],
      ['by nothing', () => ''],
      ['by a text without end', (text) => text + 'A'.repeat(100_000)],
      [
        'by something else that we sealed',
        () =>
          createSeal(() => keys, randomBytes).seal(
            JSON.stringify([{ objectGUID: 'ada', id: 'x', secret: 'x', endsAt: now + day }]),
            'x',
          ),
      ],
      ['by something that is no list', () => createSeal(() => keys, randomBytes).seal('{"ada":1}', 'device-cookie')],
      ['once the time is over', (text) => ((now += 30 * day), text)],
      ['once the policy lets nobody be remembered any more', (text) => (open(0), text)],
      ['once the policy lets nobody be remembered for so long', (text) => ((now += 8 * day), open(7 * day), text)],
      [
        'once the person forgot it',
        async (text) => {
          const [record] = await listDevices(store, 'ada');
          assert.equal(await forgetDevice(store, 'bob', record?.id ?? ''), false);
          assert.equal(await forgetDevice(store, 'ada', '\0'), false);
          assert.equal(await forgetDevice(store, 'ada', record?.id ?? ''), true);
          return text;
        },
      ],
      [
        'once all of the person’s were forgotten',
        async (text) => {
          await remember(ada);
          assert.equal(await forgetDevices(store, 'ada'), 2);
          return text;
        },
      ],
    ];
    for (const [what, attack] of attacks) {
      it(what, async () => {
        const brought = await attack(await remember(ada));
        assert.equal(await isKnown(ada, brought), false);
        assert.equal(await renew(ada, brought ?? ''), undefined);
      });
    }

    it('once the password was changed, which forgets it', async () => {
      const text = await remember(ada);
      const changed = { ...ada, account: { smartCardRequired: false, passwordLastSet: now + 10 * minute } };
      assert.equal(await isKnown(changed, text), false);
      assert.equal(await isKnown(ada, text), false);
      assert.deepEqual(
        events.map(({ event, person, detail }) => [event, person, detail?.why]),
        [['device.forgotten', 'ada', 'password changed']],
      );
    });
  });

  it('has another secret after each sign-in; the one before is good until the next, since an answer may be lost', async () => {
    const first = await remember(ada);
    now += 2 * minute;
    const second = await renew(ada, first);
    assert.ok(second !== undefined && second !== first);
    assert.deepEqual([await isKnown(ada, first), await isKnown(ada, second)], [true, true]);
    now += 2 * minute;
    assert.ok((await renew(ada, second)) !== undefined);
    assert.equal((await listDevices(store, 'ada'))[0]?.lastUsedAt, now);
    assert.equal((await listDevices(store, 'ada'))[0]?.endsAt, now - 4 * minute + 30 * day, 'the end stays');
  });

  it('gives two tabs that sign in at once one new secret', async () => {
    const text = await remember(ada);
    now += 2 * minute;
    const given = await Promise.all([renew(ada, text), renew(ada, text)]);
    assert.equal(given.filter((each) => each !== undefined).length, 1);
    assert.equal(await renew(ada, text), undefined);
    assert.equal(await isKnown(ada, text), true);
  });

  it('is forgotten once a copy of its cookie shows, whoever of the two came first', async () => {
    for (const thiefFirst of [false, true]) {
      const copied = await remember(ada);
      now += 2 * minute;
      let honest: string | undefined = copied;
      if (thiefFirst) assert.ok((await renew(ada, copied)) !== undefined);
      now += 2 * minute;
      honest = await renew(ada, honest);
      now += 2 * minute;
      honest = await renew(ada, honest ?? '');
      now += 2 * minute;
      assert.equal(await isKnown(ada, copied), false);
      assert.equal(await isKnown(ada, honest), false);
      assert.equal(events.at(-1)?.detail?.why, 'an old copy of its cookie was brought');
    }
  });

  it('is that of five people who share it, the last of them', async () => {
    const people = Array.from({ length: 6 }, (_, index) => somebody(`00000000-0000-4000-8000-00000000000${String(index)}`));
    let text: string | undefined;
    for (const person of people) text = await remember(person, text);
    const known = await Promise.all(people.map((person) => isKnown(person, text)));
    assert.deepEqual(known, [false, true, true, true, true, true]);
    assert.ok((text?.length ?? Infinity) < 2_000);
    const [, second] = people;
    assert.ok(second !== undefined);
    now += 2 * minute;
    const renewed = await renew(second, text ?? '');
    assert.deepEqual(await Promise.all(people.slice(1).map((person) => isKnown(person, renewed))), [
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it('takes the place of the same one before, and of the oldest where there are too many', async () => {
    const first = await remember(ada);
    await remember(ada, first);
    assert.equal((await listDevices(store, 'ada')).length, 1);
    const oldest = await remember(ada);
    for (let number = 0; number < 25; number += 1) {
      now += 1;
      await remember(ada);
    }
    assert.equal((await listDevices(store, 'ada')).length, 20);
    assert.equal(await isKnown(ada, oldest), false);
  });
});
