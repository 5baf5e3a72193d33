/** Which algorithms are made, taken, published and forbidden. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { type Credential, type ForeignServiceProvider, makeEcKey } from '../fixtures/foreign-service-provider.ts';
import type { House, HouseOptions } from '../fixtures/house.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { decrypt } from './decrypt.ts';
import { all, attribute, one } from './dom.ts';
import { ciphers, digests, encryptID, type Encryption, encryptionMethod, masks, transports } from './encrypt.ts';
import { asksForPassword, enter, type Outcome, send, signIn } from './exchange.ts';
import { judge, judgeFailure, judgeRefusalPage } from './judge.ts';
import { at, type Known, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { algorithms, signQuery, signSpecially } from './sign-specially.ts';
import { judgeSignature } from './signatures.ts';
import { credential, mistakesIn, stage, type Stage, withHouse } from './stage.ts';

const clock = { now: Date.now, until: () => Promise.resolve() };
const layKeys: HouseOptions['layKeys'] = async (path) => {
  const folder = createKeyFolder({ path, commonName: 'idp.example.com', clock, random: randomBytes });
  await folder.open();
  await folder.add({ use: 'service-provider', type: 'ec-p256', name: 'p256' });
  await folder.add({ use: 'service-provider', type: 'ec-p384', name: 'p384' });
};
const encryptingKey = (partner: ForeignServiceProvider, how: Encryption = {}): string =>
  partner.keyDescriptor('signing') + partner.keyDescriptor('encryption', encryptionMethod(how));

/** Everything that may be asked of the encryption, by the name of the service provider whose metadata asks it. */
const wanted = {
  'aes128-gcm': { data: 'aes128-gcm', transport: 'rsa-oaep-mgf1p' },
  'aes256-gcm': { data: 'aes256-gcm', transport: 'rsa-oaep-mgf1p' },
  'older-sha1': { data: 'aes128-gcm', transport: 'rsa-oaep-mgf1p', digest: 'sha1' },
  'older-sha256': { data: 'aes128-gcm', transport: 'rsa-oaep-mgf1p', digest: 'sha256' },
  'newer-sha1': { data: 'aes256-gcm', transport: 'rsa-oaep', digest: 'sha1', mgf: 'sha1' },
  'newer-sha256': { data: 'aes256-gcm', transport: 'rsa-oaep', digest: 'sha256', mgf: 'sha1' },
  'newer-mgf-sha256': { data: 'aes256-gcm', transport: 'rsa-oaep', digest: 'sha256', mgf: 'sha256' },
} as const satisfies Record<string, Encryption>;
const cbc = { data: 'aes256-cbc', transport: 'rsa-oaep-mgf1p' } as const;
const pkcs1 = { data: 'aes256-gcm', transport: 'rsa-1_5' } as const;

const sites = new Map<string, ForeignServiceProvider>();
const sp = (name: string): ForeignServiceProvider => sites.get(name) ?? assert.fail(name);
let ec: Credential;

const open = stage(async () => {
  const key = await credential();
  ec = await makeKey({ commonName: 'ec.example.net', now: Date.now(), serialNumber: randomBytes(16), type: 'ec-p256' });
  const known: Known[] = [];
  const add = (name: string, make: (partner: ForeignServiceProvider) => Known, using = key): void => {
    const partner = at(name, using);
    sites.set(name, partner);
    known.push(make(partner));
  };
  add('sp', (partner) => plain(partner));
  add('by-ec', (partner) => plain(partner, { role: { AuthnRequestsSigned: 'true' } }), ec);
  add('p256', (partner) => plain(partner, {}, { signature: { key: 'p256' } }));
  add('p384', (partner) => plain(partner, {}, { signature: { key: 'p384' } }));
  for (const algorithm of ['rsa-sha384', 'rsa-sha512'] as const)
    add(algorithm, (partner) => plain(partner, {}, { signature: { algorithm } }));
  for (const [name, how] of Object.entries(wanted)) add(name, (partner) => plain(partner, { keys: encryptingKey(partner, how) }));
  for (const sign of ['both', 'response', 'assertion'] as const) {
    add(`encrypted-${sign}`, (partner) => plain(partner, { keys: encryptingKey(partner) }, { sign }));
  }
  add('name-alone', (partner) => plain(partner, { keys: encryptingKey(partner) }, { encrypt: 'nameId' }));
  add('never', (partner) => plain(partner, { keys: encryptingKey(partner) }, { encrypt: 'never' }));
  add('cbc', (partner) => plain(partner, { keys: encryptingKey(partner, cbc) }));
  add('pkcs1', (partner) => plain(partner, { keys: encryptingKey(partner, pkcs1) }));
  return { layKeys, metadata: known };
});

const answer = async (name: string) => {
  const set = await open();
  return judge(set, sp(name), await signIn(set, sp(name)));
};

/** A request that is signed by that algorithm is taken, by either binding. */
function takes(
  prove: Parameters<Parameters<typeof requirement>[2]>[0],
  title: string,
  name: string,
  algorithm: string,
  digest = algorithms.sha256,
): void {
  prove(`takes ${title} over HTTP-POST`, async () => {
    const set = await open();
    const { privateKey } = sp(name).credential;
    const outcome = await signIn(set, sp(name), {
      binding: 'post',
      spoil: (xml) => signSpecially(xml, { privateKey, algorithm, digest }),
    });
    judge(set, sp(name), outcome);
  });
  prove(`takes ${title} over HTTP-Redirect`, async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const id = `_${crypto.randomUUID()}`;
    const xml = sp(name).authnRequest(`${set.house.url}/saml/sso`, { id });
    const page = await visitor.visit(`/saml/sso?${signQuery(xml, { privateKey: sp(name).credential.privateKey, algorithm })}`);
    const outcome: Outcome = { page, id, relayState: undefined, visitor };
    assert.ok(asksForPassword(outcome), page.body.slice(0, 1000));
    judge(set, sp(name), await enter(outcome));
  });
}

requirement('IIP-ALG01', 'SHA-256 digests', (prove) => {
  prove('Response and assertion are digested by SHA-256', async () => {
    const { signatures } = await answer('sp');
    assert.equal(signatures.response?.digest, algorithms.sha256);
    assert.equal(signatures.assertion?.digest, algorithms.sha256);
  });
  takes(prove, 'a SHA-256 digest', 'sp', algorithms.rsaSha256);
});

requirement('IIP-ALG02', 'RSA with SHA-256', (prove) => {
  prove('Response and assertion are signed by RSA-SHA256', async () => {
    const { signatures } = await answer('sp');
    assert.equal(signatures.response?.signing, algorithms.rsaSha256);
    assert.equal(signatures.assertion?.signing, algorithms.rsaSha256);
  });
  prove('our metadata is signed by it too', async () => {
    const { provider } = await open();
    assert.deepEqual(judgeSignature(provider.xml, provider.descriptor, provider.certificates), {
      signing: algorithms.rsaSha256,
      digest: algorithms.sha256,
    });
  });
  takes(prove, 'RSA-SHA256', 'sp', algorithms.rsaSha256);
  for (const [name, uri] of [
    ['rsa-sha384', algorithms.rsaSha384],
    ['rsa-sha512', algorithms.rsaSha512],
  ] as const) {
    prove(`${name} is used where it is configured`, async () =>
      assert.equal((await answer(name)).signatures.response?.signing, uri),
    );
    takes(prove, name, 'sp', uri);
  }
});

requirement('IIP-ALG03', 'ECDSA with SHA-256', (prove) => {
  prove('a service provider that is given a key of P-256 gets ECDSA-SHA256', async () => {
    const { signatures } = await answer('p256');
    assert.equal(signatures.response?.signing, algorithms.ecdsaSha256);
    assert.equal(signatures.assertion?.signing, algorithms.ecdsaSha256);
  });
  prove('one that is given a key of P-384 gets an ECDSA signature that verifies', async () => {
    assert.match((await answer('p384')).signatures.response?.signing ?? '', /#ecdsa-sha(256|384)$/);
  });
  takes(prove, 'ECDSA-SHA256', 'by-ec', algorithms.ecdsaSha256);
  prove('refuses an ECDSA signature by another key', async () => {
    const set = await open();
    const visitor = new Visitor(set.house.url);
    const xml = sp('by-ec').authnRequest(`${set.house.url}/saml/sso`);
    const query = signQuery(xml, { privateKey: makeEcKey().privateKey, algorithm: algorithms.ecdsaSha256 });
    judgeRefusalPage({ page: await visitor.visit(`/saml/sso?${query}`) });
  });
});

/** The house opens a Subject that was encrypted so, and finds alice in it. */
async function opens(set: Stage, how: Encryption): Promise<Outcome> {
  const nameID = '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">alice.liddell@example.com</saml:NameID>';
  return signIn(set, sp('sp'), { content: `<saml:Subject>${encryptID(nameID, encryptionCertificate(set), how)}</saml:Subject>` });
}
function encryptionCertificate({ provider }: Stage): string {
  const [found] = all('//md:KeyDescriptor[@use="encryption"]//ds:X509Certificate', provider.descriptor);
  assert.ok(found !== undefined, 'no key to encrypt to in our metadata');
  return `-----BEGIN CERTIFICATE-----\n${found.textContent}\n-----END CERTIFICATE-----\n`;
}

requirement('IIP-IDP09', 'encrypted assertions', (prove) => {
  for (const sign of ['both', 'response', 'assertion'] as const) {
    prove(`what is encrypted was signed before, and the Response after: ${sign} signed`, async () => {
      const { encryption, signatures, xml } = await answer(`encrypted-${sign}`);
      assert.ok(encryption !== undefined);
      assert.equal(signatures.response !== undefined, sign !== 'assertion');
      assert.equal(signatures.assertion !== undefined, sign !== 'response');
      assert.doesNotMatch(xml, /alice/);
    });
  }
  prove('nobody else opens it', async () => {
    const set = await open();
    const outcome = await signIn(set, sp('encrypted-both'));
    const { privateKey } = await credential('stranger');
    assert.throws(() => judge(set, sp('encrypted-both'), outcome, { privateKey }));
  });
  prove('each one has a key of its own', async () => {
    const values = [];
    for (let round = 0; round < 3; round += 1) {
      values.push(...all('//xenc:CipherValue', (await answer('encrypted-both')).response).map(({ textContent }) => textContent));
    }
    assert.equal(new Set(values).size, values.length);
  });
  prove('an error to the same service provider is a plain Response', async () => {
    const set = await open();
    const outcome = await signIn(set, sp('encrypted-both'), { attributes: { IsPassive: 'true' } });
    judgeFailure(set, sp('encrypted-both'), outcome, 'NoPassive');
  });
  prove('the NameID alone can be encrypted', async () => {
    const { assertion, nameID, xml } = await answer('name-alone');
    assert.equal(nameID, undefined);
    assert.doesNotMatch(xml, /alice/);
    const { element } = decrypt(one('saml:Subject/saml:EncryptedID', assertion), sp('name-alone').credential.privateKey);
    assert.equal(element.localName, 'NameID');
    assert.equal(element.textContent, 'alice.liddell@example.com');
  });
  prove('nothing is encrypted where that is configured', async () => {
    assert.equal((await answer('never')).encryption, undefined);
  });
});

requirement('IIP-ALG04', 'AES-GCM', (prove) => {
  for (const data of ['aes128-gcm', 'aes256-gcm'] as const) {
    prove(`${data} encrypts an assertion`, async () => assert.equal((await answer(data)).encryption?.data, ciphers[data]));
    prove(`${data} is opened`, async () => {
      const set = await open();
      judge(set, sp('sp'), await opens(set, { data }));
    });
  }
  prove('what was changed on the way is not opened', async () => {
    const set = await open();
    const nameID = '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">alice.liddell@example.com</saml:NameID>';
    const spoilt = encryptID(nameID, encryptionCertificate(set)).replace(
      /(.)(<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>)/,
      'AAAA$2',
    );
    const outcome = await signIn(set, sp('sp'), { content: `<saml:Subject>${spoilt}</saml:Subject>` });
    assert.throws(() => judge(set, sp('sp'), outcome));
    assert.notEqual(outcome.page.status, 500);
  });
});

requirement('IIP-ALG06', 'RSA-OAEP', (prove) => {
  for (const [name, how] of Object.entries(wanted) as [string, Encryption][]) {
    const { transport, digest, mgf } = how;
    if (transport === undefined || digest === undefined) continue;
    const title = `${transport === 'rsa-oaep' ? 'the newer name' : 'the older name'}, digest ${digest}${mgf === undefined ? '' : `, mask ${mgf}`}`;
    prove(`transports a key: ${title}`, async () => {
      const { encryption } = await answer(name);
      assert.equal(encryption?.transport, transports[transport]);
      assert.equal(encryption.digest ?? digests.sha1, digests[digest]);
      if (mgf !== undefined) assert.equal(encryption.mgf ?? masks.sha1, masks[mgf]);
    });
    prove(`takes a key: ${title}`, async () => {
      const set = await open();
      judge(set, sp('sp'), await opens(set, how));
    });
  }
});

const warnings = ({ notes }: House): readonly string[] => notes.filter((note) => note.startsWith('warn'));

requirement('IIP-ALG05', 'AES-CBC with a warning', (prove) => {
  prove('where nothing allows it, what would need it ends in an error, and is not sent in the clear', async () => {
    const set = await open();
    const outcome = await signIn(set, sp('cbc'));
    assert.throws(() => judge(set, sp('cbc'), outcome));
    assert.doesNotMatch(outcome.page.form === undefined ? '' : responseOf(outcome.page).xml, /Assertion[ >]/);
  });
  prove('where it is allowed by name, it is used, and a warning tells of it', async () => {
    const partner = at('cbc', await credential());
    const metadata = [plain(partner, { keys: encryptingKey(partner, cbc) })];
    await withHouse({ metadata, config: { algorithms: { allowed: ['aes256-cbc'] } } }, async (set) => {
      const before = warnings(set.house).length;
      assert.equal(judge(set, partner, await signIn(set, partner)).encryption?.data, ciphers['aes256-cbc']);
      assert.ok(
        warnings(set.house)
          .slice(before)
          .some((note) => note.includes('cbc')),
        set.house.notes.join('\n'),
      );
    });
  });
});

requirement('IIP-ALG08', 'forbidden algorithms', (prove) => {
  for (const [title, how] of [
    ['AES-CBC', cbc],
    ['rsa-1_5', pkcs1],
  ] as const) {
    prove(`${title} is not opened by default, and another is`, async () => {
      const set = await open();
      const outcome = await opens(set, how);
      assert.throws(() => judge(set, sp('sp'), outcome));
      assert.notEqual(outcome.page.status, 500);
      judge(set, sp('sp'), await opens(set, {}));
    });
  }
  prove('rsa-1_5 is not used by default either', async () => {
    const set = await open();
    const outcome = await signIn(set, sp('pkcs1'));
    assert.throws(() => judge(set, sp('pkcs1'), outcome));
    assert.doesNotMatch(outcome.page.form === undefined ? '' : responseOf(outcome.page).xml, /Assertion[ >]/);
  });
  for (const [title, algorithm, digest] of [
    ['RSA-SHA1', algorithms.rsaSha1, algorithms.sha256],
    ['RSA-MD5', algorithms.rsaMd5, algorithms.sha256],
    ['a SHA-1 digest', algorithms.rsaSha256, algorithms.sha1],
    ['an MD5 digest', algorithms.rsaSha256, algorithms.md5],
  ] as const) {
    prove(`${title} does not verify by default`, async () => {
      const set = await open();
      const visitor = new Visitor(set.house.url);
      const { privateKey } = sp('sp').credential;
      const xml = signSpecially(sp('sp').authnRequest(`${set.house.url}/saml/sso`), { privateKey, algorithm, digest });
      judgeRefusalPage({ page: await send(set, { binding: 'post', visitor }, sp('sp'), xml) });
    });
  }
  prove('one that the configuration forbids is neither used nor taken, and another is', async () => {
    const partner = at('sp', await credential());
    await withHouse({ metadata: [plain(partner)], config: { algorithms: { forbidden: ['rsa-sha256'] } } }, async (set) => {
      const { signatures } = judge(set, partner, await signIn(set, partner));
      assert.match(signatures.response?.signing ?? '', /#rsa-sha(384|512)$/);
      const by = (algorithm: string) => (xml: string) =>
        signSpecially(xml, { privateKey: partner.credential.privateKey, algorithm });
      judgeRefusalPage(await signIn(set, partner, { binding: 'post', spoil: by(algorithms.rsaSha256) }));
      judge(set, partner, await signIn(set, partner, { binding: 'post', spoil: by(algorithms.rsaSha512) }));
      assert.doesNotMatch(set.provider.xml, new RegExp(`<alg:SigningMethod[^>]*${algorithms.rsaSha256}"`));
    });
  });
  prove('to choose one that is forbidden for a service provider is a mistake of the configuration', async () => {
    const partner = at('sp', await credential());
    const metadata = [plain(partner, {}, { signature: { algorithm: 'rsa-sha512' } })];
    assert.equal(await mistakesIn({ metadata }), undefined);
    const mistakes = await mistakesIn({ metadata, config: { algorithms: { forbidden: ['rsa-sha512'] } } });
    assert.match(mistakes ?? '', /signature\.algorithm/);
  });
});

requirement('IIP-MD09', 'what we are capable of is published', (prove) => {
  const methods = (provider: Stage['provider'], name: string): readonly (string | undefined)[] =>
    all(`//md:Extensions/alg:${name}`, provider.descriptor).map((each) => attribute(each, 'Algorithm'));
  prove('digests and signatures stand in our metadata', async () => {
    const { provider } = await open();
    assert.ok(methods(provider, 'DigestMethod').includes(algorithms.sha256));
    for (const uri of [algorithms.rsaSha256, algorithms.rsaSha512, algorithms.ecdsaSha256]) {
      assert.ok(methods(provider, 'SigningMethod').includes(uri), uri);
    }
  });
  prove('encryption methods stand at the key that takes them', async () => {
    const { provider } = await open();
    const descriptor = one('//md:KeyDescriptor[@use="encryption"]', provider.descriptor);
    const named = all('md:EncryptionMethod', descriptor).map((each) => attribute(each, 'Algorithm'));
    for (const uri of [ciphers['aes128-gcm'], ciphers['aes256-gcm'], transports['rsa-oaep-mgf1p'], transports['rsa-oaep']]) {
      assert.ok(named.includes(uri), uri);
    }
  });
  prove('nothing that is forbidden is published', async () => {
    const { provider } = await open();
    assert.doesNotMatch(provider.xml, /Algorithm="[^"]*(md5|#sha1"|rsa-sha1|ecdsa-sha1|cbc|rsa-1_5)(?=[^>]*>\s*<\/(alg|md):)/);
    assert.doesNotMatch(provider.xml, /rsa-sha1|ecdsa-sha1|md5|-cbc|rsa-1_5/);
  });
  prove('what is published follows the configuration', async () => {
    await withHouse({ config: { algorithms: { forbidden: ['rsa-sha512', 'aes128-gcm'] } } }, async ({ provider }) => {
      assert.ok(!methods(provider, 'SigningMethod').includes(algorithms.rsaSha512));
      assert.ok(methods(provider, 'SigningMethod').includes(algorithms.rsaSha256));
      assert.doesNotMatch(provider.xml, /aes128-gcm/);
    });
  });
});
