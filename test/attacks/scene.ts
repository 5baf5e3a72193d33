/** The stage of attacks on messages: a house, a service provider that signs, one that does not, and what each attack must come to. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { Reason } from '../../src/refusal.ts';
import { type Credential, ForeignServiceProvider, makeCredential, post, redirect } from '../fixtures/foreign-service-provider.ts';
import { type House, openHouse } from '../fixtures/house.ts';
import { type Page, Visitor } from '../fixtures/visitor.ts';

export const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

export interface Scene {
  readonly house: House;
  /** Signs its requests, and takes part in single logout. */
  readonly signing: ForeignServiceProvider;
  /** Sends them unsigned, though it has a key. */
  readonly plain: ForeignServiceProvider;
  /** A key that nobody trusts. */
  readonly attacker: Credential;
  /** Endpoints as they are published. */
  readonly singleSignOn: string;
  readonly singleLogout: string;
  close(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const [credential, attacker] = await Promise.all([makeCredential(), makeCredential()]);
  const signing = new ForeignServiceProvider(credential, 'https://signing.example.net');
  const plain = new ForeignServiceProvider(credential, 'https://plain.example.net');
  const endpoints = [post, redirect]
    .map((binding) => `<md:SingleLogoutService Binding="${binding}" Location="https://signing.example.net/slo"/>`)
    .join('');
  const house = await openHouse({
    metadata: [
      { xml: signing.metadata({ role: { AuthnRequestsSigned: 'true' }, endpoints }), nameId: { format: 'emailAddress' } },
      { xml: plain.metadata(), nameId: { format: 'emailAddress' } },
    ],
  });
  return {
    house,
    signing,
    plain,
    attacker,
    singleSignOn: `${house.url}/saml/sso`,
    singleLogout: `${house.url}/saml/slo`,
    close: () => house.close(),
  };
}

/** One HTTP request of an attack. */
export interface Shot {
  readonly path: string;
  readonly init?: RequestInit;
}

export const byPost = (path: string, fields: Readonly<Record<string, string>>): Shot => ({
  path,
  init: { method: 'POST', body: new URLSearchParams(fields) },
});
export const postedXml = (path: string, xml: string): Shot => byPost(path, { SAMLRequest: Buffer.from(xml).toString('base64') });
export const byQuery = (path: string, query: string): Shot => ({ path: `${path}?${query}` });

const mostCpu = 50;
const mostBytes = 20 * 1024 * 1024;

/** What the whole process spends on one shot, the visitor's part included. */
async function measure(house: House, shot: Shot): Promise<{ page: Page; cpu: number; bytes: number }> {
  const visitor = new Visitor(house.url);
  const resident = process.memoryUsage.rss();
  const before = process.cpuUsage();
  const page = await visitor.visit(shot.path, shot.init);
  const { user, system } = process.cpuUsage(before);
  return { page, cpu: (user + system) / 1000, bytes: process.memoryUsage.rss() - resident };
}

/**
 * Fires the attack a few times: each comes to one of these refusals, is told in the audit by that reason, yields no assertion
 * and no fault, and costs less than 50 ms of CPU and 20 MB.
 * @param aim makes a fresh shot
 */
export async function assertRefused(
  { house }: Scene,
  aim: () => Shot,
  ...reasons: readonly [Reason, ...Reason[]]
): Promise<Page> {
  const spent: { page: Page; cpu: number; bytes: number }[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const shot = aim();
    const before = house.events.length;
    await setImmediate();
    const result = await measure(house, shot);
    const events = house.events.slice(before);
    assert.deepEqual(
      events.map(({ event }) => event.replace(/^.*\./, '')),
      ['refused'],
      JSON.stringify(events),
    );
    const reason = events[0]?.reason;
    assert.ok(
      reasons.some((expected) => expected === reason),
      `${String(reason)}: ${JSON.stringify(events[0]?.detail)}`,
    );
    assert.ok(events[0]?.hint !== undefined && events[0].hint !== '');
    assertNothingGained(result.page);
    spent.push(result);
  }
  const cpu = Math.min(...spent.map((each) => each.cpu));
  assert.ok(cpu < mostCpu, `${String(cpu)} ms of CPU`);
  const bytes = Math.min(...spent.map((each) => each.bytes));
  assert.ok(bytes < mostBytes, `${String(bytes)} bytes`);
  const [last] = spent.slice(-1);
  assert.ok(last !== undefined);
  return last.page;
}

/** No assertion, no page that asks for a password, no redirect, and nothing posted elsewhere than where it is registered. */
function assertNothingGained(page: Page): void {
  const answer = Buffer.from(page.form?.fields.SAMLResponse ?? '', 'base64').toString();
  assert.doesNotMatch(answer, /Assertion|status:Success/);
  assert.notEqual(page.form?.action, '/signin/password');
  assert.ok(page.status < 500, String(page.status));
  assert.equal(page.headers.get('location'), null);
  const action = page.form?.action ?? '';
  assert.ok(
    ['', 'https://signing.example.net/acs', 'https://plain.example.net/acs', 'https://signing.example.net/slo'].includes(action),
    action,
  );
}

/** The same message, unspoilt, is taken: the page that asks for the password, or a sign-out. */
export async function assertTaken({ house }: Scene, shot: Shot): Promise<Page> {
  const page = await new Visitor(house.url).visit(shot.path, shot.init);
  assert.equal(page.status, 200, page.body.slice(0, 2000));
  return page;
}

/** The ds:Signature of a signed message. */
export const signatureOf = (xml: string): string => /<ds:Signature[ >][^]*<\/ds:Signature>/.exec(xml)?.[0] ?? '';
