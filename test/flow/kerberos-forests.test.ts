/** Tickets across domains and forests: the realm says whose they are, and namesakes are never mixed up. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readKeytab } from '../../src/config/keytab.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { provideKerberos } from '../fixtures/kerberos-package.ts';
import { makeToken } from '../fixtures/make-ticket.ts';
import { responseOf, statusOf, textOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { forests, type ControllerServer, type Forests } from '../testbed/forests.ts';
import { kdc, type Desk, type Kdc } from '../testbed/kerberos.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-kerberos-forests-'));
const keytab = join(folder, 'keytab');
const host = `http-${randomBytes(3).toString('hex')}.north.example.com`;
const aes = 24;

let all: Forests;
let north: Kdc;
let account: string | undefined;
const houses: House[] = [];
const desks: Desk[] = [];

before(async () => {
  await provideKerberos();
  all = await forests();
  north = await kdc(all.n1, 'n1', [all.s1]);
  account = await north.makeService(`HTTP/${host}`, aes);
  await north.exportKeytab(`HTTP/${host}`, keytab);
});
after(async () => {
  for (const house of houses) await house.close();
  for (const desk of desks) desk.leave();
  if (account !== undefined) await north.tool('user', 'delete', account);
  rmSync(folder, { recursive: true });
});

const forest = (
  name: string,
  { baseDn, url, caFile, bindDn, password }: ControllerServer,
): NonNullable<ConfigInput['directory']['forests']>[number] => ({
  name,
  ...{ caFile, bindDn, password },
  domains: [{ baseDn, controllers: [{ url }] }],
});

async function open(list: () => NonNullable<ConfigInput['directory']['forests']>): Promise<House> {
  const house = await openHouse({
    config: {
      directory: { forests: list() },
      mapping: {
        domains: { primary: 'example.com', secondary: ['north.example.com', 'south.example.net'] },
      },
      kerberos: { keytab, principals: [`HTTP/${host}@${north.realm}`], networks: ['127.0.0.0/8'], userAgents: [] },
    },
  });
  houses.push(house);
  return house;
}

async function tokenOf(principal: string): Promise<string> {
  const desk = north.sitDown();
  desks.push(desk);
  await desk.kinit(principal);
  return desk.token(`HTTP@${host}`);
}

/** As its KDC would make it: Samba's gives no ticket from a child domain to its parent. */
async function tokenOfChild(name: string): Promise<string> {
  const child = openOneDomain(optionsFor(all.c1));
  const { bytes } = await child.readFurther(await child.find(name), { bytes: ['objectSid'], groups: undefined });
  await child.close();
  const key = readKeytab(readFileSync(keytab))?.find(({ enctype }) => enctype === 18);
  assert.ok(key !== undefined);
  return makeToken({
    key,
    name: [name],
    realm: 'CHILD.NORTH.EXAMPLE.COM',
    sid: Buffer.from(bytes.objectsid?.[0] ?? '', 'base64'),
  });
}

async function arriveWith(token: string, house: House): Promise<Page> {
  const visitor = new Visitor(house.url);
  const { url } = await visitor.arrive();
  const page = await visitor.request(url, { headers: { Authorization: `Negotiate ${token}` } });
  return page.status === 303 ? visitor.visit(page.headers.get('location') ?? '') : page;
}

function assertSignedIn(page: Page, as: string): void {
  const { xml } = responseOf(page);
  assert.deepEqual(statusOf(xml), ['Success']);
  assert.equal(textOf(xml, 'NameID'), as);
}

describe('a ticket', () => {
  it('of either of two forests leads to the namesake of its realm', async () => {
    const house = await open(() => [forest('north.example.com', all.n1), forest('south.example.net', all.s1)]);
    assertSignedIn(await arriveWith(await tokenOf('sam@SOUTH.EXAMPLE.NET'), house), 'sam@south.example.net');
    assertSignedIn(await arriveWith(await tokenOf('sam@NORTH.EXAMPLE.COM'), house), 'sam@north.example.com');
  });

  it('of a trusted forest that is not configured leads nowhere, though a namesake is', async () => {
    const house = await open(() => [forest('north.example.com', all.n1)]);
    const page = await arriveWith(await tokenOf('sam@SOUTH.EXAMPLE.NET'), house);
    assert.equal(page.form?.action, '/signin/password');
    const { reason, detail } = house.events.at(-1) ?? {};
    assert.deepEqual([reason, detail?.principal], ['kerberos-realm-unknown', 'sam@SOUTH.EXAMPLE.NET']);
  });

  it('of another domain of the forest, which is not configured, leads nowhere either', async () => {
    const house = await open(() => [forest('north.example.com', all.n1)]);
    const page = await arriveWith(await tokenOfChild('sam'), house);
    assert.equal(page.form?.action, '/signin/password');
    assert.equal(house.events.at(-1)?.reason, 'kerberos-realm-unknown');
  });
});
