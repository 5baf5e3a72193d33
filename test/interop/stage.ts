/** A whole house and one or more service providers that others wrote, each knowing the other by its metadata. */
import assert from 'node:assert/strict';
import type { ConfigInput } from '../../src/config/schema.ts';
import { freePort } from '../fixtures/free-port.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import type { PartnerName } from './abilities.ts';
import type { Browser } from './browser.ts';
import { type Page } from './browser.ts';
import { openPartner, type Partner } from './partner.ts';

export const person = { name: 'alice', password: 'Passw0rd!', mail: 'alice@example.com', group: 'CN=engineering,' };

export interface Stage<Name extends PartnerName> {
  readonly house: House;
  readonly partners: Readonly<Record<Name, Partner>>;
  readonly close: () => Promise<void>;
}

/** Asks again and again; a partner or we ourselves take in metadata in our own time. */
export async function until<Result>(what: string, ask: () => Promise<Result | undefined>, log: () => string): Promise<Result> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const result = await ask();
    if (result !== undefined) return result;
    assert.ok(Date.now() < deadline, `${what} has not come about:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const attributes = { mail: 'mail', groups: 'memberOf' };

/** `names` are opened and known to the house. */
export async function openStage<Name extends PartnerName>(
  names: readonly Name[],
  config: Partial<ConfigInput> = {},
): Promise<Stage<Name>> {
  const port = await freePort();
  const url = `http://localhost:${String(port)}`;
  const opened = await Promise.all(names.map(async (name) => [name, await openPartner[name](`${url}/saml/metadata`)] as const));
  const closePartners = async (): Promise<void> => {
    await Promise.all(opened.map(([, partner]) => partner.close()));
  };
  try {
    const published = opened.flatMap(([, partner]) => partner.metadata);
    const house = await openHouse({
      config: {
        publicUrl: url,
        listen: { host: '127.0.0.1', port },
        metadata: published.map((each) => ({ kind: 'url', url: each.url, refresh: '1s' })),
        serviceProviders: published.map(({ entityID, settings }) => ({
          kind: 'metadata',
          entityId: entityID,
          attributes,
          ...settings,
        })),
        ...config,
      },
    });
    await Promise.all(opened.map(([, partner]) => partner.refresh()));
    return {
      house,
      partners: Object.fromEntries(opened) as Record<Name, Partner>,
      async close() {
        await house.close();
        await closePartners();
      },
    };
  } catch (error) {
    await closePartners();
    throw error;
  }
}

const isPasswordForm = (page: Page): boolean => page.forms.some(({ fields }) => 'password' in fields);

/** Whether that page of a service provider leads to our sign-in form. */
export async function asksForPassword(browser: Browser, url: string): Promise<boolean> {
  return isPasswordForm(await browser.open(url));
}

/** Arrives where a service provider asks for a sign-in, and gives name and password where we ask for them. */
export async function signIn(browser: Browser, url: string): Promise<Page> {
  const page = await browser.open(url);
  return isPasswordForm(page) ? browser.submit(page, { name: person.name, password: person.password }) : page;
}
