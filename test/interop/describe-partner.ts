/** What every service provider must be able to do with us. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Configuration } from '../../src/config/read-configuration.ts';
import { createKeyFolder, type KeyFolder } from '../../src/keys/key-folder.ts';
import type { House } from '../fixtures/house.ts';
import { abilities, bindings, type Abilities, type PartnerName } from './abilities.ts';
import { Browser, type Visit } from './browser.ts';
import { describeAlgorithms } from './describe-algorithms.ts';
import { describeMessage, messagesOf } from './messages.ts';
import type { Partner } from './partner.ts';
import { asksForPassword, openStage, person, signIn, until } from './stage.ts';

/** The house and the service provider, once they are there. */
export interface Scene {
  readonly house: House;
  readonly partner: Partner;
  /** What both noted lately. */
  readonly trouble: () => string;
  /** Makes a P-256 key for single service providers, which counts when we are opened again; gives back its name. */
  readonly addEllipticKey: () => Promise<string>;
  /** Opens us again, with these settings of our service providers by metadata. */
  readonly reopen: (settings: Partial<Extract<Configuration['serviceProviders'][number], { kind: 'metadata' }>>) => Promise<void>;
}

/** A letter of what the assertion says, or of its ciphertext. */
function withOneLetterChanged(fields: Visit['fields']): Visit['fields'] {
  const xml = Buffer.from(fields.SAMLResponse ?? '', 'base64').toString();
  const place = Math.max(xml.indexOf(person.mail), xml.lastIndexOf('CipherValue>', xml.lastIndexOf('</') - 400) + 40);
  const changed = xml.slice(0, place) + (xml[place] === 'A' ? 'B' : 'A') + xml.slice(place + 1);
  return { ...fields, SAMLResponse: Buffer.from(changed).toString('base64') };
}

const keysOf = ({ configuration }: House): KeyFolder =>
  createKeyFolder({
    path: configuration.keys.folder,
    commonName: 'idp.example.com',
    clock: { now: Date.now, until: () => Promise.resolve() },
    random: randomBytes,
  });

async function openScene(name: PartnerName): Promise<Scene & { close(): Promise<void> }> {
  const stage = await openStage([name]);
  const { house, close } = stage;
  const partner = stage.partners[name];
  const trouble = (): string => `${partner.log()}\n${JSON.stringify(house.events.slice(-3), undefined, 1)}`;
  return {
    house,
    partner,
    trouble,
    async addEllipticKey() {
      const { name: added } = await keysOf(house).add({ use: 'service-provider', type: 'ec-p256' });
      return added;
    },
    async reopen(settings) {
      const serviceProviders = house.configuration.serviceProviders.map((each) =>
        each.kind === 'metadata' ? { ...each, ...settings } : each,
      );
      await house.restart({ serviceProviders });
    },
    close,
  };
}

/** `further` adds tests of what it alone does; the scene is there when they run. */
export function describePartner(name: PartnerName, further: (scene: () => Scene) => void = () => undefined): void {
  const able: Abilities = abilities[name];
  describe(able.title, () => {
    let opened: Awaited<ReturnType<typeof openScene>> | undefined;
    const scene = (): Scene => opened ?? assert.fail('it has not been opened');

    before(async () => {
      opened = await openScene(name);
      const { partner, trouble } = opened;
      const first = async (): Promise<unknown> => partner.learned(await signIn(new Browser(), partner.signIn['HTTP-Redirect']));
      await until('a first sign-in', first, trouble);
    });
    after(() => opened?.close());

    for (const binding of bindings) {
      it(`signs in, asking by ${binding} with a signature`, async () => {
        const { partner, trouble } = scene();
        const browser = new Browser();
        const learned = partner.learned(await signIn(browser, partner.signIn[binding]));
        assert.ok(learned !== undefined, trouble());
        assert.equal(learned.mail, person.mail);
        assert.equal(learned.groups.filter((group) => group.startsWith(person.group)).length, 1, learned.groups.join('; '));
        assert.deepEqual(messagesOf(browser.visits).map(describeMessage), [
          `AuthnRequest by ${binding}, signed`,
          `Response by HTTP-POST, signed${partner.encrypted[binding] ? ', encrypted' : ''}`,
        ]);
      });
    }

    it('asks for no password a second time', async () => {
      const { partner, trouble } = scene();
      const browser = new Browser();
      await signIn(browser, partner.signIn['HTTP-Redirect']);
      browser.forget(partner.home);
      const before = browser.visits.length;
      assert.ok(partner.learned(await browser.open(partner.signIn['HTTP-POST'])) !== undefined, trouble());
      assert.deepEqual(
        messagesOf(browser.since(before)).map((message) => message.name),
        ['AuthnRequest', 'Response'],
      );
    });

    it('takes a sign-in that begins with us', async () => {
      const { house, partner, trouble } = scene();
      const browser = new Browser();
      const [{ entityID }] = partner.metadata;
      const query = new URLSearchParams({ sp: entityID, RelayState: partner.secret['HTTP-Redirect'] });
      const learned = partner.learned(
        await signIn(browser, `${house.configuration.publicUrl}/saml/idp-initiated?${query.toString()}`),
      );
      assert.equal(learned?.mail, person.mail, trouble());
      assert.deepEqual(
        messagesOf(browser.visits).map((message) => message.name),
        ['Response'],
      );
    });

    if (able.asksSilently) {
      it('learns that nobody is signed in where nobody may be asked, and who is where nobody need be', async () => {
        const { partner, trouble } = scene();
        const browser = new Browser();
        const silently = partner.signInSilently ?? assert.fail('no such page');
        const page = await browser.open(silently);
        assert.equal(new URL(page.url).origin, new URL(partner.home).origin, trouble());
        assert.ok(page.status >= 400, 'it says so on a page of its own');
        const [, response] = messagesOf(browser.visits);
        assert.match(response?.xml ?? '', /status:NoPassive"/);
        assert.equal(await asksForPassword(browser, partner.secret['HTTP-Redirect']), true);

        await signIn(browser, partner.signIn['HTTP-Redirect']);
        browser.forget(partner.home);
        assert.equal((await browser.open(silently)).url, partner.home);
        assert.equal(partner.learned(await browser.open(partner.secret['HTTP-Redirect']))?.mail, person.mail, trouble());
      });
    }

    it('shows nothing to somebody without a session', async () => {
      assert.equal(await asksForPassword(new Browser(), scene().partner.secret['HTTP-Redirect']), true);
    });

    it('takes no Response of which one letter was changed', async () => {
      const { partner } = scene();
      const browser = new Browser();
      browser.tamper = (visit) =>
        'SAMLResponse' in visit.fields ? { ...visit, fields: withOneLetterChanged(visit.fields) } : visit;
      const page = await signIn(browser, partner.signIn['HTTP-Redirect']);
      assert.ok(messagesOf(browser.visits).some((message) => message.name === 'Response'));
      assert.equal(partner.learned(page), undefined);
      assert.equal(partner.learned(await browser.open(partner.home)), undefined);
    });

    for (const binding of bindings) {
      if (!able.signsOutBy.includes(binding)) continue;
      it(`signs the person out everywhere, asking by ${binding}`, async () => {
        const { house, partner, trouble } = scene();
        const browser = new Browser();
        assert.ok(partner.learned(await signIn(browser, partner.signIn[binding])) !== undefined, trouble());
        const before = browser.visits.length;
        const page = await browser.open(partner.signOut[binding] ?? '');
        const [request, response, ...rest] = messagesOf(browser.since(before));
        assert.equal(request && describeMessage(request), `LogoutRequest by ${binding}, signed`);
        assert.ok(response !== undefined, trouble());
        assert.match(describeMessage(response), /^LogoutResponse by HTTP-(Redirect|POST), signed$/);
        assert.match(response.xml, /status:Success"/);
        assert.deepEqual(rest, []);
        assert.equal(new URL(page.url).origin, new URL(partner.home).origin, 'the browser is back');
        assert.equal(page.status, 200, page.body);
        assert.equal(house.events.at(-1)?.event, 'session.ended');
        assert.equal(await asksForPassword(browser, partner.secret[binding]), true);
      });
    }

    it('is told when the person signs out with us', async () => {
      const { house, partner, trouble } = scene();
      const browser = new Browser();
      assert.ok(partner.learned(await signIn(browser, partner.signIn['HTTP-Redirect'])) !== undefined, trouble());
      const before = browser.visits.length;
      const page = await browser.open(`${house.configuration.publicUrl}/signout`);
      const [request, response, ...rest] = messagesOf(browser.since(before));
      assert.match(describeMessage(request ?? assert.fail(page.body)), /^LogoutRequest by HTTP-(Redirect|POST), signed$/);
      assert.ok(response !== undefined, trouble());
      assert.match(describeMessage(response), /^LogoutResponse by HTTP-(Redirect|POST), signed$/);
      assert.match(response.xml, /status:Success"/);
      assert.deepEqual(rest, []);
      assert.equal(new URL(page.url).origin, house.configuration.publicUrl);
      assert.equal(await asksForPassword(browser, partner.secret['HTTP-Redirect']), true);
    });

    further(scene);
    describeAlgorithms(scene, able);

    it('signs in after we took another key, which it had learned of beforehand', async () => {
      const { house, partner, trouble } = scene();
      const keys = keysOf(house);
      const { name: added, certificate } = await keys.add();
      await house.restart();
      await partner.refresh();
      await keys.activate(added);
      await house.restart();
      const browser = new Browser();
      const learned = async (): Promise<unknown> => partner.learned(await signIn(browser, partner.signIn['HTTP-Redirect']));
      await until('a sign-in with our new key', learned, trouble);
      const response = messagesOf(browser.visits).findLast((message) => message.name === 'Response');
      assert.ok(response?.xml.includes(certificate.raw.toString('base64')), 'the new key signs');
    });

    it('signs in after it took another key, which we learn of by ourselves', async () => {
      const { house, partner, trouble } = scene();
      const [{ entityID }] = partner.metadata;
      await partner.rekey();
      const before = house.events.length;
      const learned = async (): Promise<unknown> => partner.learned(await signIn(new Browser(), partner.signIn['HTTP-Redirect']));
      await until('a sign-in with the new key of the service provider', learned, trouble);
      const refused = house.events.slice(before).filter(({ event }) => event === 'signin.refused');
      assert.deepEqual([...new Set(refused.map(({ reason }) => reason))].join(), refused.length === 0 ? '' : 'signature-invalid');
      const changed = house.events.slice(before).filter(({ event }) => event === 'metadata.changed');
      assert.ok(
        changed.some(({ serviceProvider }) => serviceProvider === entityID),
        JSON.stringify(house.events.slice(before)),
      );
    });
  });
}
