/** One person at the demo, in a real browser, with the keyboard alone: in, in again without being asked, and out. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { shapes } from '../../src/demo/parties.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery } from '../fixtures/visitor.ts';
import { assertWelcome, fillIn, openStage, ways, type Stage } from './stage.ts';
import { desktop, phone, watchTab } from './watched-tab.ts';

const widths = { phone, desktop };
const other = { profile: 'legacy', legacy: 'profile' } as const;
const acsPaths = { profile: '/samlrp/03demo7x2y9/acs', legacy: '/a/example.com/acs' };
const address = 'ada@example.com';

interface Words {
  readonly password: { readonly title: string; readonly submit: string };
  readonly 'signed-out': { readonly title: string };
}

let stage: Stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

describe('a person signs in with the keyboard alone', { concurrency: 3, timeout: 90_000 }, () => {
  for (const [width, viewport] of Object.entries(widths)) {
    for (const shape of shapes) {
      it(`by the ${ways[shape]} on a ${width}, is known to the other one, signs out and is asked again`, async () => {
        const { demo, visit, arrive } = stage;
        await visit({ viewport }, async (tab) => {
          const { page, context, documents, enter } = tab;
          // The pages of both ways are the same.
          const assertSound = shape === 'profile' ? tab.assertSound : () => Promise.resolve();
          await page.goto(demo.openUrl);
          await assertSound();
          await arrive(tab, shape);
          const field = await page.getByLabel('Password').boundingBox();
          const button = await page.getByRole('button', { name: 'Sign in' }).boundingBox();
          assert.ok(field && button && button.y - field.y - field.height >= 16, 'the button touches the field above it');
          await assertSound();
          await fillIn(tab, demo.person, demo.password);
          await assertWelcome(tab, shape, address);
          await assertSound();
          const cookies = await context.cookies();
          assert.deepEqual(
            cookies.map(({ value, ...attributes }) => ({ ...attributes, length: value.length })),
            [
              {
                name: '__Host-passerelle',
                length: 43,
                domain: 'localhost',
                path: '/',
                expires: -1,
                httpOnly: true,
                secure: true,
                sameSite: 'Lax',
              },
            ],
          );

          await arrive(tab, other[shape]);
          await assertWelcome(tab, other[shape], address);
          assert.deepEqual(documents, [
            `302 GET /signin/${other[shape]}`,
            '200 GET /saml/sso',
            `303 POST ${acsPaths[other[shape]]}`,
            '200 GET /welcome',
          ]);
          assert.deepEqual(await context.cookies(), cookies);

          await enter(page.getByRole('link', { name: 'Sign out' }));
          await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
          await assertSound();
          assert.deepEqual(await context.cookies(), []);
          await arrive(tab, shape);
          await page.getByLabel('Password').waitFor();
        });
      });
    }

    it(`without scripts on a ${width}, up to a button on the last page`, async () => {
      const { demo, house, visit, arrive } = stage;
      await visit({ viewport, javaScriptEnabled: false }, async (tab) => {
        const { page, enter } = tab;
        await arrive(tab, 'profile');
        await fillIn(tab, demo.person, demo.password);
        const button = page.getByRole('button', { name: 'Continue' });
        await button.waitFor();
        assert.equal(new URL(page.url()).origin, house);
        await tab.assertSound();
        await enter(button);
        await assertWelcome(tab, 'profile', address);
      });
    });
  }

  it('and goes Back by words that say what to do, to where it began, and in again unasked', async () => {
    const { demo, visit, arrive } = stage;
    await visit({}, async (tab) => {
      const { page, documents } = tab;
      await arrive(tab, 'profile');
      await fillIn(tab, demo.person, demo.password);
      await assertWelcome(tab, 'profile', address);
      documents.length = 0;
      await page.goBack();
      await page.getByRole('heading', { name: 'This sign-in is over' }).waitFor();
      await tab.assertSound();
      await page.goBack();
      assert.equal(page.url(), demo.openUrl);
      assert.deepEqual(documents, ['400 GET /signin', '200 GET /']);
      await arrive(tab, 'profile');
      await assertWelcome(tab, 'profile', address);
    });
  });

  for (const [locale, lang] of Object.entries({ 'de-AT': 'de', 'ja-JP': 'ja' })) {
    it(`in the language of a browser that prefers ${locale}`, async () => {
      const file = join(import.meta.dirname, `../../views/locales/${lang}.json`);
      const words = JSON.parse(readFileSync(file, 'utf8')) as Words;
      const { demo, house, visit, arrive } = stage;
      await visit({ locale, viewport: phone }, async (tab) => {
        const { page } = tab;
        await arrive(tab, 'legacy');
        await page.getByRole('heading', { name: words.password.title, exact: true }).waitFor();
        assert.equal(await page.locator('html').getAttribute('lang'), lang);
        await page.getByRole('button', { name: words.password.submit, exact: true }).waitFor();
        await tab.assertSound();
        await fillIn(tab, demo.person, demo.password);
        await assertWelcome(tab, 'legacy', address);
        await page.goto(`${house}/signout`);
        await page.getByRole('heading', { name: words['signed-out'].title, exact: true }).waitFor();
      });
    });
  }
});

describe('a service provider that sends the person on to another origin, as Google does,', { timeout: 90_000 }, () => {
  const posted: string[] = [];
  const servers: Server[] = [];
  const listen = async (server: Server): Promise<string> => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return String((server.address() as AddressInfo).port);
  };
  const arrival: RequestListener = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<link rel="icon" href="data:,"><h1>Inbox</h1>');
  };
  const receive: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text: string) => (body += text));
    request.on('end', () => {
      posted.push(Buffer.from(new URLSearchParams(body).get('SAMLResponse') ?? '', 'base64').toString());
      response.writeHead(302, { Location: inbox }).end();
    });
  };
  let inbox: string;
  let acs: Readonly<Record<'http' | 'https', string>>;
  let house: House;

  before(async () => {
    const certified = await makeKey({ commonName: 'localhost', now: Date.now(), serialNumber: randomBytes(16) });
    const tls = { key: certified.privateKey, cert: certified.certificate };
    inbox = `https://localhost:${await listen(createSecureServer(tls, arrival))}/inbox`;
    acs = {
      http: `http://127.0.0.1:${await listen(createServer(receive))}/acs`,
      https: `https://127.0.0.1:${await listen(createSecureServer(tls, receive))}/acs?rpid=1`,
    };
    const serviceProviders = Object.values(acs).map((acsUrl) => ({
      kind: 'google-profile' as const,
      entityId: acsUrl,
      acsUrl,
      name: 'Google',
    }));
    house = await openHouse({ config: { serviceProviders } });
  });
  after(async () => {
    await house.close();
    for (const server of servers) server.close();
  });

  for (const scheme of ['http', 'https'] as const) {
    for (const javaScriptEnabled of [true, false]) {
      it(`is reached over ${scheme}, scripts ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
        const acsUrl = acs[scheme];
        const origins = [house.url, acsUrl, inbox].map((url) => new URL(url).origin);
        await watchTab(stage.browser, { origins, javaScriptEnabled, ignoreHTTPSErrors: true }, async (tab) => {
          const { page, enter } = tab;
          const arrive = async (): Promise<void> => {
            const attributes = { AssertionConsumerServiceURL: acsUrl };
            await page.goto(`${house.url}/saml/sso?${redirectQuery(authnRequest({ issuer: acsUrl, attributes }))}`);
          };
          const assertAnswered = async (status: string): Promise<void> => {
            await page.waitForURL(inbox);
            await page.getByRole('heading', { name: 'Inbox' }).waitFor();
            const answer = posted.at(-1) ?? '';
            assert.ok(answer.includes(`Destination="${acsUrl}"`) && answer.includes(`:status:${status}"`), answer);
          };
          await arrive();
          await fillIn(tab, 'disabled', 'Passw0rd!');
          await enter(page.getByRole('button', { name: 'Back to Google' }));
          await assertAnswered('AuthnFailed');
          await arrive();
          await fillIn(tab, 'alice', 'Passw0rd!');
          if (!javaScriptEnabled) await enter(page.getByRole('button', { name: 'Continue' }));
          await assertAnswered('Success');
        });
      });
    }
  }
});
