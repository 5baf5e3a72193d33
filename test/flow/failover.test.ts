/**
 * The promise about controllers that fail, kept against a real domain of two: stopped, frozen and cut off in turn while people sign
 * in all the time, nobody with the right password is refused, hardly anybody waits, and nobody comes nearer to being locked out.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, textOf, Visitor } from '../fixtures/visitor.ts';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { createProxy, type Proxy } from '../directory/proxy.ts';
import { modify } from '../testbed/directory-server.ts';
import { type ControllerServer, certify, forests, freeze, halt, replicate, resume, thaw } from '../testbed/forests.ts';

const password = 'Passw0rd!';
/** So many that none has more than a few sign-ins at a time, of which the throttle would think ill. */
const people = Array.from({ length: 18 }, (_, index) => `steady${String(index)}@north.example.com`);
/** Milliseconds from one sign-in to the next. */
const pace = 100;
/** Milliseconds for which a controller is away. */
const outage = 1_500;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

interface Outcome {
  readonly name: string;
  readonly milliseconds: number;
  /** What went wrong; undefined where the person is in. */
  readonly trouble: string | undefined;
}

/** Sign-ins, of which one in a hundred may be slow. */
const enough = 120;

describe('a domain of two controllers', () => {
  let n1: ControllerServer;
  let n2: ControllerServer;
  let line1: Proxy;
  let line2: Proxy;
  let house: House;

  const controllersOf = (first: number, second: number) => [
    { url: `ldaps://${n1.address}:${String(line1.port)}`, priority: first },
    { url: `ldaps://${n2.address}:${String(line2.port)}`, priority: second },
  ];
  const forestOf = (first: number, second: number) => ({
    name: 'north.example.com',
    caFile: n1.caFile,
    bindDn: n1.bindDn,
    password,
    domains: [{ baseDn: n1.baseDn, controllers: controllersOf(first, second) }],
  });

  const dnOf = (name: string): string => `CN=${name.split('@')[0] ?? ''},OU=Guests,${n1.baseDn}`;

  before(async () => {
    ({ n1, n2 } = await forests());
    const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
    const records = people.map(
      (name) =>
        `dn: ${dnOf(name)}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name.split('@')[0] ?? ''}\nmail: ${name}\n` +
        `userPrincipalName: ${name}\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n`,
    );
    await modify(n1, records.join('\n'));
    await replicate('n1', 'n2');
    line1 = await createProxy(n1.address, 636, n1.address);
    line2 = await createProxy(n2.address, 636, n2.address);
    house = await openHouse({
      directory: n1,
      ldap: { forests: [forestOf(1, 1)], failoverAfter: '700ms' },
      config: { mapping: { source: 'mail', domains: { primary: 'north.example.com' } } },
    });
  });
  after(async () => {
    await Promise.all([thaw('n1'), thaw('n2')]);
    await Promise.all([resume('n1'), resume('n2')]);
    await modify(n1, people.map((name) => `dn: ${dnOf(name)}\nchangetype: delete\n`).join('\n'));
    await replicate('n1', 'n2');
    await house.close();
    await line1.close();
    await line2.close();
  });

  async function signIn(name: string): Promise<Outcome> {
    const started = performance.now();
    const outcome = (trouble?: string): Outcome => ({ name, milliseconds: performance.now() - started, trouble });
    try {
      const page = await new Visitor(house.url).signIn(name, password, { issueInstant: house.now() });
      const { xml } = responseOf(page);
      return outcome(textOf(xml, 'NameID') === name ? undefined : statusOf(xml).join(' '));
    } catch (error) {
      return outcome(String(error).slice(0, 100));
    }
  }

  /** Failed passwords of each person, as each controller counts them. */
  async function failedPasswords(): Promise<readonly number[]> {
    const counts: number[] = [];
    for (const controller of [n1, n2]) {
      const directory = openOneDomain({ ...optionsFor(controller), released: ['badPwdCount'] });
      for (const name of people) counts.push(Number((await directory.find(name)).attributes.badPwdCount?.[0] ?? 0));
      await directory.close();
    }
    return counts;
  }

  const told = (event: string): number => house.events.filter((one) => one.event === event).length;

  it('refuses nobody while one of them lives', async () => {
    const failedBefore = await failedPasswords();
    const outcomes: Promise<Outcome>[] = [];
    let next = 0;
    const load = setInterval(() => {
      outcomes.push(signIn(people[(next += 1) % people.length] ?? ''));
    }, pace);
    try {
      await pause(500);
      for (const controller of ['n1', 'n2'] as const) {
        await freeze(controller);
        await pause(outage);
        await thaw(controller);
      }
      for (const controller of ['n1', 'n2'] as const) {
        await halt(controller);
        await resume(controller);
      }
      for (const line of [line1, line2]) {
        line.cutOff();
        await pause(outage);
        line.restore();
      }
      for (const line of [line1, line2]) {
        line.cut();
        await pause(200);
      }
      await pause(1_000);
      // A quick machine is through before there are enough of them.
      while (outcomes.length < enough) await pause(pace);
    } finally {
      clearInterval(load);
    }
    const all = await Promise.all(outcomes);
    const troubled = all.filter(({ trouble }) => trouble !== undefined);
    assert.deepEqual(troubled, []);
    assert.ok(all.length >= enough, `${String(all.length)} sign-ins`);
    const times = all.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
    const p99 = times[Math.ceil(times.length * 0.99) - 1] ?? Infinity;
    assert.ok(p99 < 3_000, `the slowest of 99 in 100 took ${String(Math.round(p99))} ms`);
    const refused = house.events.filter(({ event }) => event === 'signin.refused' || event === 'fault');
    assert.deepEqual(refused, []);
    (await failedPasswords()).forEach((count, index) => {
      assert.ok(count <= (failedBefore[index] ?? 0), `${String(count)} failed passwords`);
    });
    // Each was missed, and told of a few times, never once a sign-in.
    const lost = told('controller.lost');
    assert.ok(lost >= 2 && lost <= 12, `${String(lost)} times lost`);
    const isBack = ({ address }: ControllerServer): boolean => {
      const last = house.events.findLast(({ event, server }) => event.startsWith('controller.') && server?.startsWith(address));
      return last?.event !== 'controller.lost';
    };
    while (!isBack(n1) || !isBack(n2)) await pause(50);
  });

  it('goes on without the better one while its certificate is not right, says so, and goes back to it', async () => {
    const [forest] = house.configuration.directory.forests;
    assert.ok(forest !== undefined);
    const domains = [{ baseDn: n1.baseDn, netbiosNames: [], controllers: controllersOf(2, 1) }];
    await house.restart({ directory: { ...house.configuration.directory, forests: [{ ...forest, domains }] } });
    const better = `${n2.address}:${String(line2.port)}`;
    const serverOf = async (): Promise<string | undefined> => {
      assert.equal((await signIn(people[0] ?? '')).trouble, undefined);
      return house.events.findLast(({ event }) => event === 'password.accepted')?.server;
    };
    assert.equal(await serverOf(), better);
    await certify('n2', 'expired');
    // What was open before goes on as it is, for as long as the controller lets it.
    line2.cut();
    assert.notEqual(await serverOf(), better);
    const isTold = (): boolean =>
      house.events.some(
        ({ event, server, detail }) =>
          event === 'controller.lost' &&
          server === better &&
          /^certificate has expired \(\d{4}-\d\d-\d\d\)$/.test(String(detail?.cause)),
      );
    while (!isTold()) await pause(50);
    const back = told('controller.back');
    await certify('n2', 'valid');
    while (told('controller.back') === back) await pause(50);
    assert.equal(await serverOf(), better);
  });
});
