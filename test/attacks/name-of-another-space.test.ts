/** A service provider that would know people by the names which others know them by, over affiliations of its federation. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { aggregateOf } from '../fixtures/metadata-aggregate.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';

const urn = 'urn:oasis:names:tc:SAML';
const persistent = `${urn}:2.0:nameid-format:persistent`;
const emailAddress = `${urn}:1.1:nameid-format:emailAddress`;
const club = 'https://club.example.net/';

const credential = await makeCredential();
const at = (name: string): ForeignServiceProvider => new ForeignServiceProvider(credential, `https://${name}.example.net`);
const [member, fellow, outsider] = [at('member'), at('fellow'), at('outsider')];

const affiliation = (entityID: string, ...members: readonly ForeignServiceProvider[]): string =>
  `<md:EntityDescriptor entityID="${entityID}"><md:AffiliationDescriptor affiliationOwnerID="${member.entityID}">` +
  `${members.map((each) => `<md:AffiliateMember>${each.entityID}</md:AffiliateMember>`).join('')}</md:AffiliationDescriptor></md:EntityDescriptor>`;
const format = `<md:NameIDFormat>${emailAddress}</md:NameIDFormat>`;
const entities = [member.metadata(), fellow.metadata(), outsider.metadata({ endpoints: format })];

let house: House;
let folder: string;
/** Each looks as new to whoever compares times. */
let published = 0;
function publish(...affiliations: readonly string[]): void {
  const file = join(folder, 'federation.xml');
  writeFileSync(file, aggregateOf([...affiliations, ...entities]));
  published += 1;
  utimesSync(file, published, published);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-federation-'));
  publish(affiliation(club, member, fellow), affiliation(member.entityID, outsider), affiliation(fellow.entityID, fellow));
  house = await openHouse({
    config: { metadata: [{ kind: 'file', file: join(folder, 'federation.xml'), admit: 'all' }] },
  });
});
after(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

/** What is answered to a request with that content, after signing in. */
async function answer(asking: ForeignServiceProvider, content: string, name = 'alice'): Promise<string> {
  const visitor = new Visitor(house.url);
  const request = asking.authnRequest(`${house.url}/saml/sso`, { issueInstant: house.now(), content });
  const page = await visitor.visit(`/saml/sso?${asking.redirectQuery(request, { sign: false })}`);
  return responseOf(page.form?.action === '/signin/password' ? await visitor.fill(page, name, 'Passw0rd!') : page).xml;
}
const nameIDOf = (xml: string): string => /<saml:NameID.*?<\/saml:NameID>/s.exec(xml)?.[0] ?? '';
const valueOf = (xml: string): string => />([^<]*)</.exec(nameIDOf(xml))?.[1] ?? '';
const policy = (qualifier?: string, create = true): string =>
  `<samlp:NameIDPolicy Format="${persistent}" AllowCreate="${String(create)}"${qualifier === undefined ? '' : ` SPNameQualifier="${qualifier}"`}/>`;
const subject = (nameID: string): string => `<saml:Subject>${nameID}</saml:Subject>`;
const [invalid, unknown] = [
  ['Requester', 'InvalidNameIDPolicy'],
  ['Responder', 'UnknownPrincipal'],
];

describe('the members of an affiliation', () => {
  it('know a person by one name there, by others of their own, and may ask for each', async () => {
    const shared = await answer(member, policy(club));
    assert.match(nameIDOf(shared), new RegExp(` SPNameQualifier="${club}">[A-Z2-7]{32}<`));
    assert.equal(nameIDOf(await answer(fellow, policy(club, false))), nameIDOf(shared));
    assert.equal(nameIDOf(await answer(fellow, subject(nameIDOf(shared)))), nameIDOf(shared));
    assert.deepEqual(statusOf(await answer(fellow, subject(nameIDOf(shared)), 'bob')), unknown);
    const names = [
      shared,
      await answer(member, policy()),
      await answer(fellow, policy()),
      await answer(fellow, policy(club), 'bob'),
    ];
    assert.equal(new Set(names.map(valueOf)).size, 4);
  });
});

describe('whoever is no member', () => {
  it('gets no name of it, and finds nobody by one', async () => {
    const shared = nameIDOf(await answer(member, policy(club)));
    assert.deepEqual(statusOf(await answer(outsider, policy(club))), invalid);
    assert.deepEqual(statusOf(await answer(outsider, subject(shared))), unknown);
    assert.deepEqual(statusOf(await answer(outsider, subject(shared.replace(/ SPNameQualifier="[^"]*"/, '')))), unknown);
    assert.deepEqual(
      statusOf(await answer(outsider, `${subject(shared.replace(/ SPNameQualifier="[^"]*"/, ''))}${policy(club)}`)),
      invalid,
    );
  });

  it('gets none of a service provider’s own by an affiliation that bears its entity ID', async () => {
    const own = nameIDOf(await answer(member, policy()));
    const page = await answer(outsider, policy(member.entityID));
    assert.notEqual(valueOf(page), valueOf(own));
    assert.deepEqual(statusOf(page), invalid);
    assert.deepEqual(statusOf(await answer(outsider, subject(own))), unknown);
  });

  it('gets no address by asking for it or about it, whatever its metadata name', async () => {
    const asked = `<samlp:NameIDPolicy Format="${emailAddress}"/>`;
    assert.deepEqual(statusOf(await answer(outsider, asked)), invalid);
    const about = (address: string) =>
      answer(outsider, subject(`<saml:NameID Format="${emailAddress}">${address}</saml:NameID>`));
    // Right or wrong, it learns the same.
    for (const address of ['alice.liddell@example.com', 'bob@example.com'])
      assert.deepEqual(statusOf(await about(address)), unknown);
  });
});

describe('a member that was put out', () => {
  it('is one no more once the metadata say so, though nothing else in them changed', async () => {
    const shared = nameIDOf(await answer(fellow, policy(club)));
    publish(affiliation(club, member));
    house.advance(3_600_000);
    let status = ['Success'];
    // The look at the file goes on beside the request that made it.
    for (let tries = 0; tries < 50 && status.join() === 'Success'; tries += 1)
      status = statusOf(await answer(fellow, policy(club)));
    assert.deepEqual(status, invalid);
    assert.deepEqual(statusOf(await answer(fellow, subject(shared))), unknown);
    assert.equal(nameIDOf(await answer(member, policy(club))), shared);
  });
});
