/** Where metadata come from while the house is open: addresses on the web, and the Metadata Query Protocol. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { freePort } from '../fixtures/free-port.ts';
import { arrive, asksForPassword, type Question, signIn } from './exchange.ts';
import { entities, lay, makeFolder, signMetadata } from './folder.ts';
import { judge, judgeRefusalPage } from './judge.ts';
import { at } from './partners.ts';
import { requirement } from './requirement.ts';
import { openResponder, type Responder } from './responder.ts';
import { credential, stage, type Stage } from './stage.ts';

const refresh = '250ms';
const xml = (partner: ForeignServiceProvider, acs = partner.acs): string =>
  partner.metadata().replaceAll(`"${partner.acs}"`, `"${acs}"`);
/** An entity ID as a path has it (RFC 3986 §2.1). */
const encoded = (entityID: string): string =>
  encodeURIComponent(entityID).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
const entityPath = ({ entityID }: Pick<ForeignServiceProvider, 'entityID'>): string => `/mdq/entities/${encoded(entityID)}`;

let web: Responder;
let second: Responder;
const sp = async (name: string): Promise<ForeignServiceProvider> => at(name, await credential());

/** Milliseconds from one look at the timetables to the next. */
const lookEvery = 5_000;

/** Lets time pass until the house asks for that path: the schedule is its own, the clock is ours. */
async function nextAsked({ house }: Stage, path: string): Promise<void> {
  const asked = web.next(path).then(() => true);
  // A look that comes while it still reads what it was given last is passed over.
  do {
    house.advance(lookEvery);
    mock.timers.tick(lookEvery);
  } while (!(await Promise.race([asked, pause(20, false)])));
}

/** It comes to know the request in time. */
async function comesToKnow(set: Stage, partner: ForeignServiceProvider, question: Question = {}): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const outcome = await arrive(set, partner, question);
    if (asksForPassword(outcome)) return;
    assert.ok(Date.now() < deadline, `not known in time\n${set.house.notes.slice(-5).join('\n')}`);
    await nextAsked(set, '/changing');
  }
}
async function comesToForget(set: Stage, partner: ForeignServiceProvider, question: Question = {}): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (asksForPassword(await arrive(set, partner, question))) {
    assert.ok(Date.now() < deadline, 'still known');
    await nextAsked(set, '/changing');
  }
}

const open = stage(async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  web = await openResponder();
  const signer = await credential('federation');
  const key = lay(makeFolder(), 'federation.pem', signer.certificate);
  const source = (path: string, more: { keyFiles?: string[] } = {}) => ({
    kind: 'url' as const,
    url: web.url + path,
    refresh,
    admit: 'all' as const,
    ...more,
  });
  const signed = async (name: string, acs?: string): Promise<string> => signMetadata(xml(await sp(name), acs), signer.privateKey);
  for (const status of [301, 302, 303, 307, 308]) {
    web.answers.set(`/redirect-${String(status)}`, { status, headers: { Location: `/target-${String(status)}` } });
    web.answers.set(`/target-${String(status)}`, { body: xml(await sp(`redirect-${String(status)}`)) });
  }
  web.answers.set('/one', { body: xml(await sp('one')) });
  const group = await Promise.all(Array.from({ length: 40 }, async (_, index) => xml(await sp(`group-${String(index)}`))));
  web.answers.set('/group', { body: entities([...group.slice(0, 20), entities([entities(group.slice(20))])]) });
  web.answers.set('/changing', { body: xml(await sp('changing')) });
  web.answers.set('/signed', { body: await signed('signed') });
  web.answers.set('/gone', { status: 500 });
  return {
    config: {
      metadata: [
        ...[301, 302, 303, 307, 308].map((status) => source(`/redirect-${String(status)}`)),
        source('/one'),
        source('/group'),
        source('/changing'),
        source('/signed', { keyFiles: [key] }),
        source('/gone'),
      ],
    },
  };
});

const serves = async (set: Stage, name: string): Promise<void> => {
  judge(set, await sp(name), await signIn(set, await sp(name)));
};

requirement('IIP-MD02', 'metadata from the web', (prove) => {
  prove('a root that is an EntityDescriptor', async () => serves(await open(), 'one'));
  for (const index of [0, 19, 20, 39]) {
    prove(`a root that is an EntitiesDescriptor: child ${String(index + 1)} of 40, some in groups within groups`, async () =>
      serves(await open(), `group-${String(index)}`),
    );
  }
  for (const status of [301, 302, 303, 307, 308]) {
    prove(`a redirect by ${String(status)} is followed`, async () => serves(await open(), `redirect-${String(status)}`));
  }
  prove('a source that fails does not keep the others from being used', async () => serves(await open(), 'one'));
  prove('it is asked again on its schedule', async () => {
    const set = await open();
    await nextAsked(set, '/changing');
    await nextAsked(set, '/changing');
  });
  prove('an endpoint that changed is used by itself, and the old one no more', async () => {
    const set = await open();
    const partner = await sp('changing');
    await comesToKnow(set, partner);
    const AssertionConsumerServiceURL = `${partner.acs}/new`;
    judgeRefusalPage(await arrive(set, partner, { attributes: { AssertionConsumerServiceURL } }));
    web.answers.set('/changing', { body: xml(partner, AssertionConsumerServiceURL) });
    await comesToKnow(set, partner, { attributes: { AssertionConsumerServiceURL } });
    judgeRefusalPage(await arrive(set, partner));
  });
  prove('a key that was rolled is used by itself, and the old one no more', async () => {
    const set = await open();
    const [old, rolled] = [await sp('changing'), at('changing', await credential('second'))];
    const signs = { role: { AuthnRequestsSigned: 'true' } };
    web.answers.set('/changing', { body: old.metadata(signs) });
    await comesToKnow(set, old, { signed: true });
    web.answers.set('/changing', { body: rolled.metadata(signs) });
    await comesToKnow(set, rolled, { signed: true });
    judgeRefusalPage(await arrive(set, old, { signed: true }));
  });
  prove('an entity that was added is known by itself, and one that was taken away is not', async () => {
    const set = await open();
    const [one, two] = [await sp('changing'), await sp('added')];
    web.answers.set('/changing', { body: entities([xml(one), xml(two)]) });
    await comesToKnow(set, two);
    web.answers.set('/changing', { body: xml(two) });
    await comesToForget(set, one);
    await comesToKnow(set, two);
  });
  prove('what does not verify is not applied, and the last good copy goes on', async () => {
    const set = await open();
    const partner = await sp('signed');
    const good = web.answers.get('/signed')?.body ?? '';
    for (const body of [good.replace('/acs"', '/evil"'), xml(partner, `${partner.acs}/evil`), '<a', '', entities([good])]) {
      web.answers.set('/signed', { body });
      await nextAsked(set, '/signed');
      await nextAsked(set, '/signed');
      judgeRefusalPage(await arrive(set, partner, { attributes: { AssertionConsumerServiceURL: `${partner.acs}/evil` } }));
      assert.ok(asksForPassword(await arrive(set, partner)));
    }
    web.answers.set('/signed', { body: good });
  });
});

const queried = stage(async () => {
  web = await openResponder();
  second = await openResponder();
  const signer = await credential('federation');
  const key = lay(makeFolder(), 'federation.pem', signer.certificate);
  const signed = (partner: ForeignServiceProvider): string => signMetadata(xml(partner), signer.privateKey);
  for (const name of ['asked', 'asked-again', 'by-post', 'by-ecp']) {
    const partner = await sp(name);
    const paos =
      '<md:AssertionConsumerService index="1" Binding="urn:oasis:names:tc:SAML:2.0:bindings:PAOS" Location="https://by-ecp.example.net/paos"/></md:SPSSODescriptor>';
    web.answers.set(entityPath(partner), {
      body: signMetadata(xml(partner).replace('</md:SPSSODescriptor>', paos), signer.privateKey),
    });
  }
  const odd = await sp('odd');
  const oddXml = xml(odd).replace(odd.entityID, oddID.replaceAll('&', '&amp;'));
  web.answers.set(entityPath({ entityID: oddID }), { body: signMetadata(oddXml, signer.privateKey) });
  second.answers.set(entityPath(await sp('second')), { body: signed(await sp('second')) });
  web.answers.set(entityPath(await sp('fails-first')), { status: 500 });
  second.answers.set(entityPath(await sp('fails-first')), { body: signed(await sp('fails-first')) });
  web.answers.set(entityPath(await sp('another')), { body: signed(await sp('asked')) });
  web.answers.set(entityPath(await sp('unsigned')), { body: xml(await sp('unsigned')) });
  web.answers.set(entityPath(await sp('moved')), { status: 302, headers: { Location: '/elsewhere' } });
  web.answers.set('/elsewhere', { body: signed(await sp('moved')) });
  return {
    config: {
      ecp: { enabled: true },
      metadata: [
        {
          kind: 'query',
          urls: [`${web.url}/mdq`, `http://127.0.0.1:${String(await freePort())}/mdq`, `${second.url}/mdq`],
          keyFiles: [key],
          admit: 'all',
        },
      ],
    },
  };
});
const oddID = 'urn:x-example:a b/c?d=é&e=%20#(f)';

requirement('IIP-MD01', 'the Metadata Query Protocol', (prove) => {
  prove('a service provider that nobody configured is asked for, and served', async () => {
    const set = await queried();
    await serves(set, 'asked');
    assert.ok(web.asked.includes(`/mdq/entities/${encodeURIComponent('https://asked.example.net/metadata')}`));
  });
  prove('a signed request over HTTP-POST is answered so too', async () => {
    const set = await queried();
    const partner = await sp('by-post');
    judge(set, partner, await signIn(set, partner, { binding: 'post', signed: true }));
  });
  prove('an enhanced client’s request is answered so too', async () => {
    const set = await queried();
    const partner = await sp('by-ecp');
    const endpoint = set.provider.endpoint('SingleSignOnService', 'SOAP');
    const request = partner.authnRequest(endpoint, {
      attributes: { AssertionConsumerServiceURL: 'https://by-ecp.example.net/paos' },
    });
    const body = `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>${request}</S:Body></S:Envelope>`;
    const Authorization = `Basic ${Buffer.from('alice:Passw0rd!').toString('base64')}`;
    const response = await fetch(endpoint, { method: 'POST', body, headers: { 'Content-Type': 'text/xml', Authorization } });
    assert.match(await response.text(), /:status:Success"/);
  });
  prove('the entity ID is percent-encoded whole, whatever it is made of', async () => {
    const set = await queried();
    const outcome = await arrive(set, await sp('odd'), {
      issuer: `<saml:Issuer>${oddID.replaceAll('&', '&amp;')}</saml:Issuer>`,
    });
    assert.ok(
      web.asked.some(
        (path) => path.startsWith('/mdq/entities/urn%3A') && decodeURIComponent(path.slice('/mdq/entities/'.length)) === oddID,
      ),
    );
    assert.ok(web.asked.every((path) => !path.slice('/mdq/entities/'.length).includes('/') || path === '/elsewhere'));
    assert.ok(asksForPassword(outcome), outcome.page.body.slice(0, 500));
  });
  prove('the next responder is asked where one does not know it, or does not answer', async () => {
    const set = await queried();
    await serves(set, 'second');
    await serves(set, 'fails-first');
  });
  prove('a redirect is followed', async () => serves(await queried(), 'moved'));
  prove('an answer is used again', async () => {
    const set = await queried();
    const partner = await sp('asked-again');
    for (let round = 0; round < 3; round += 1) assert.ok(asksForPassword(await arrive(set, partner)));
    assert.equal(web.asked.filter((path) => path === entityPath(partner)).length, 1);
  });
  for (const [name, about] of [
    ['nobody', 'nobody knows'],
    ['another', 'the answer is about somebody else'],
    ['unsigned', 'the answer is not signed by the pinned key'],
  ] as const) {
    prove(`a page refuses where ${about}`, async () => judgeRefusalPage(await arrive(await queried(), await sp(name))));
  }
});
