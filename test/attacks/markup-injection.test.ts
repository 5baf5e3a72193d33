/** Markup, headers or lines of the log, brought in through everything that a stranger writes and a page, header or event repeats. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createAudit } from '../../src/audit/pino-audit.ts';
import { entityID, openHouse, type House } from '../fixtures/house.ts';
import { authnRequest, redirectQuery, responseOf, Visitor, type Page } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const payloads = [
  '"><script>alert(1)</script>',
  "' onfocus=alert(1) autofocus x='",
  '</form><form action="https://evil.example.net/">',
  '</title><meta http-equiv="refresh" content="0;url=https://evil.example.net/">',
  '--><!--',
  '<%= process.env %><%~ it.brand %>',
  '{serviceProvider}${1+1}{{1+1}}#{1}',
  '\r\nSet-Cookie: a=b\r\n\r\n<script>alert(1)</script>',
  '\u2028\u2029\u0085alert(1)',
  ']]></saml:NameID><saml:NameID>alice@example.com',
  '&lt;script&gt;&amp;&#60;script&#62;',
];

/** Our own elements alone: what was brought in stands there as text. */
function assertClean(page: Page): void {
  const body = page.body.replaceAll(/(?:value|content|nonce)="[^"]*"/g, '');
  assert.doesNotMatch(body, /<script>|onfocus=|evil\.example|http-equiv|<!--|process\.env|<%/);
  for (const [form] of page.body.matchAll(/<form[^>]*>/g)) assert.doesNotMatch(form, /evil/);
  assert.doesNotMatch([...page.headers].map(([name, value]) => `${name}: ${value}`).join('\n'), /evil|alert|set-cookie: a=b/);
}

describe('what a stranger writes', () => {
  for (const payload of payloads) {
    it(`stays text on every page: ${JSON.stringify(payload)}`, async () => {
      const visitor = new Visitor(house.url);
      const hinted = await visitor.visit(
        `/saml/sso?${redirectQuery(authnRequest(), payload)}&login_hint=${encodeURIComponent(payload)}`,
      );
      assertClean(hinted);
      assert.equal(hinted.form?.fields.name, payload);
      const refused = await visitor.fill(hinted, payload, payload);
      assert.equal(refused.status, 401);
      assertClean(refused);
      const answer = await visitor.fill(refused, 'bob', 'Passw0rd!');
      assertClean(answer);
      assert.equal(responseOf(answer).relayState, payload);
      for (const path of [`/saml/idp-initiated?sp=${encodeURIComponent(payload)}`, `/signin?id=${encodeURIComponent(payload)}`]) {
        assertClean(await visitor.visit(path));
      }
      assertClean(await visitor.visit('/', { headers: { 'User-Agent': 'x', Referer: 'https://evil.example.net/' } }));
    });
  }
});

describe('a line of the log', () => {
  it('holds one event, whatever the name, the address or the request was', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-log-'));
    const file = join(folder, 'log');
    const fd = openSync(file, 'w');
    const audit = createAudit({ level: 'info', destination: { fd }, clock: { now: () => 0, until: () => Promise.resolve() } });
    const forged = 'x\n{"level":"info","event":"signin.issued","address":"alice@example.com"}\r\u2028\u001b[2J\u202e';
    const visitor = new Visitor(house.url);
    await visitor.signIn(forged, 'wrong');
    await visitor.arrive({ issuer: 'x&#10;{"event":"signin.issued"}' });
    await visitor.visit(`/saml/idp-initiated?sp=${encodeURIComponent(`${entityID}${forged}`)}`);
    const events = house.events.slice(-3);
    assert.deepEqual(
      events.map(({ reason }) => reason),
      ['person-unknown', 'service-provider-unknown', 'service-provider-unknown'],
    );
    for (const event of events) audit.record({ ...event, remoteAddress: forged });
    await audit.flush();
    closeSync(fd);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    rmSync(folder, { recursive: true });
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { event: string }).event),
      ['signin.refused', 'signin.refused', 'signin.refused'],
    );
    assert.ok(lines.every((line) => /^[^\p{Cc}\u2028\u202e]*$/u.test(line)));
  });
});
