/** Whether a certificate was revoked: lists and OCSP answers of every kind, and that whatever is not certain refuses. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { tags } from '../../../src/authenticators/certificate/der.ts';
import { FetchMistake, mayAsk, type FetchBytes } from '../../../src/authenticators/certificate/fetch-bytes.ts';
import type { RevocationSettings } from '../../../src/authenticators/certificate/revocation.ts';
import { writeDer } from '../../../src/authenticators/certificate/write-der.ts';
import {
  Authority,
  ec,
  extensions,
  pem,
  purposes,
  upn,
  type Extension,
  type ListOptions,
  type OcspOptions,
} from '../../fixtures/people-authority.ts';
import { openScene, person, type Scene } from './scene.ts';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const folder = mkdtempSync(join(tmpdir(), 'passerelle-lists-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const listUrl = 'http://pki.example.com/people.crl';
const responderUrl = 'http://ocsp.example.com/';
const root = Authority.root();
const usual = (...more: Extension[]): Extension[] => [
  extensions.usage(0),
  extensions.purposes(purposes.clientAuth),
  extensions.names(upn('alice@example.com')),
  ...more,
];
const byList = root.person('CN=Alice', { extensions: usual(extensions.lists(listUrl)) });
const byResponder = root.person('CN=Alice', { extensions: usual(extensions.responder(responderUrl)) });
const byBoth = root.person('CN=Alice', { extensions: usual(extensions.lists(listUrl), extensions.responder(responderUrl)) });
const byNobody = root.person('CN=Alice', { extensions: usual() });

interface Web {
  readonly asked: string[];
  readonly fetchBytes: FetchBytes;
}
/** What each address answers; nothing where nobody is. */
function web(answers: Readonly<Record<string, ((body: Buffer | undefined) => Buffer) | Buffer>>): Web {
  const asked: string[] = [];
  return {
    asked,
    fetchBytes: (url, _limits, body) => {
      asked.push(url);
      const answer = answers[url];
      if (answer === undefined) return Promise.reject(new FetchMistake('it answers with the status 404'));
      return Promise.resolve(Buffer.isBuffer(answer) ? answer : answer(body?.bytes));
    },
  };
}

function scene(
  fetchBytes: FetchBytes,
  settings: Partial<RevocationSettings> = {},
  now: () => number = Date.now,
  authorities: readonly Authority[] = [root],
): Scene {
  return openScene({
    authorities: authorities.map((authority) => ({ authority, trustUpn: true })),
    people: [{ person: person('alice') }],
    settings: { hosts: ['pki.example.com'], ...settings },
    fetchBytes,
    now,
  });
}

const unknown = 'certificate-revocation-unknown';
const revoked = 'certificate-revoked';
const point = (uri: string): Buffer => writeDer(0xa0, writeDer(0xa0, writeDer(0x86, Buffer.from(uri))));
const flag = (number: number): Buffer => writeDer(0x80 | number, Buffer.from([0xff]));
const scope = (...parts: Buffer[]): Extension => ({ id: '2.5.29.28', critical: true, value: writeDer(tags.sequence, ...parts) });

describe('revocation lists', () => {
  const other = Authority.root();
  const notSigning = Authority.root('CN=No Lists', { extensions: [extensions.constraints(true), extensions.usage(5)] });
  const cases: readonly [string, string, ListOptions | Buffer][] = [
    ['empty', 'alice', {}],
    ['with others', 'alice', { revoked: [Buffer.from([7]), Buffer.from([8])] }],
    ['that names it', revoked, { revoked: [Buffer.from([7]), byList.serialNumber] }],
    [
      'that names it, with a reason',
      revoked,
      {
        revoked: [byList.serialNumber],
        entryExtensions: [{ id: '2.5.29.21', value: writeDer(tags.enumerated, Buffer.from([6])) }],
      },
    ],
    ['that has expired', unknown, { nextUpdate: Date.now() - minute }],
    ['from the future', unknown, { thisUpdate: Date.now() + hour, nextUpdate: Date.now() + day }],
    ['without a next one', unknown, { nextUpdate: undefined }],
    ['signed by another key', unknown, { signedBy: ec().privateKey }],
    ['of an authority of the same name', unknown, other.list()],
    ['of another authority', unknown, Authority.root('CN=Other').list()],
    ['signed with SHA-1', unknown, { algorithm: 'sha1' }],
    [
      'of changes alone',
      unknown,
      { extensions: [{ id: '2.5.29.27', critical: true, value: writeDer(tags.integer, Buffer.from([1])) }] },
    ],
    ['that is indirect', unknown, { extensions: [scope(flag(4))] }],
    [
      'with an entry of another authority’s',
      unknown,
      { revoked: [Buffer.from([7])], entryExtensions: [{ id: '2.5.29.29', critical: true, value: writeDer(tags.sequence) }] },
    ],
    ['for some reasons alone', unknown, { extensions: [scope(writeDer(0x83, Buffer.from([1, 2])))] }],
    ['for authorities alone', unknown, { extensions: [scope(flag(2))] }],
    ['for people alone', 'alice', { extensions: [scope(flag(1))] }],
    ['for attribute certificates', unknown, { extensions: [scope(flag(5))] }],
    ['for this distribution point', 'alice', { extensions: [scope(point(listUrl))] }],
    ['for another distribution point', unknown, { extensions: [scope(point('http://pki.example.com/other.crl'))] }],
    [
      'with an unknown critical extension',
      unknown,
      { extensions: [{ id: '1.2.3', critical: true, value: Buffer.from([5, 0]) }] },
    ],
    ['with a number', 'alice', { extensions: [{ id: '2.5.29.20', value: writeDer(tags.integer, Buffer.from([9])) }] }],
    ['that is none', unknown, Buffer.from('<html>')],
    ['that is empty bytes', unknown, Buffer.alloc(0)],
    ['in PEM', 'alice', Buffer.from(pem('X509 CRL', root.list()))],
  ];
  for (const [title, result, options] of cases) {
    it(`${title}: ${result}`, async () => {
      const list = Buffer.isBuffer(options) ? options : root.list(options);
      const { fetchBytes } = web({ [listUrl]: list });
      const judged = scene(fetchBytes);
      assert.equal(await judged.show(byList), result, judged.cause());
    });
  }

  it('of an authority that may sign none', async () => {
    const certificate = notSigning.person('CN=Alice', { extensions: usual(extensions.lists(listUrl)) });
    const judged = scene(web({ [listUrl]: notSigning.list() }).fetchBytes, {}, Date.now, [notSigning]);
    assert.equal(await judged.show(certificate), unknown);
  });

  it('are not asked for at a host that is not named, nor another way than http', async () => {
    for (const url of [
      'http://evil.example.net/x.crl',
      'http://127.0.0.1/x.crl',
      'ldap:///CN=x',
      'file:///etc/passwd',
      'ftp://pki.example.com/x',
    ]) {
      const { fetchBytes, asked } = web({});
      const certificate = root.person('CN=Alice', { extensions: usual(extensions.lists(url)) });
      assert.equal(await scene(fetchBytes).show(certificate), unknown);
      assert.deepEqual(asked, []);
    }
  });

  it('are asked for once until they are to be read again, and the last good one holds while nobody answers', async () => {
    let at = Date.now();
    let answer: Buffer | undefined = root.list();
    let asked = 0;
    const fetchBytes: FetchBytes = () => {
      asked += 1;
      return answer === undefined ? Promise.reject(new FetchMistake('it does not answer')) : Promise.resolve(answer);
    };
    const judged = scene(fetchBytes, {}, () => at);
    assert.deepEqual(await Promise.all([judged.show(byList), judged.show(byList), judged.show(byList)]), [
      'alice',
      'alice',
      'alice',
    ]);
    assert.equal(asked, 1);
    answer = undefined;
    at += 2 * hour;
    assert.equal(await judged.show(byList), 'alice');
    assert.equal(await judged.show(byList), 'alice');
    assert.equal(asked, 2, 'who does not answer is let be for a while');
    at += day;
    assert.equal(await judged.show(byList), unknown);
    at += minute;
    answer = root.list({ thisUpdate: at - minute, nextUpdate: at + day, revoked: [byList.serialNumber] });
    assert.equal(await judged.show(byList), revoked);
    at += 2 * hour;
    // Whoever sits on the way brings back the one of before.
    answer = root.list({ thisUpdate: at - 3 * day, nextUpdate: at + day });
    assert.equal(await judged.show(byList), revoked);
  });

  it('of files are read again when they change, and all of them count', async () => {
    let at = Date.now();
    const [first, second] = [join(folder, 'first.crl'), join(folder, 'second.crl')];
    writeFileSync(first, root.list());
    writeFileSync(second, other.list());
    const { fetchBytes, asked } = web({});
    const judged = scene(fetchBytes, { crlFiles: [first, second, join(folder, 'missing.crl')] }, () => at);
    assert.equal(await judged.show(byNobody), 'alice', judged.cause());
    writeFileSync(second, root.list({ revoked: [byNobody.serialNumber] }));
    utimesSync(second, at / 1000 + 5, at / 1000 + 5);
    at += 2 * minute;
    assert.equal(await judged.show(byNobody), revoked);
    assert.deepEqual(asked, []);
  });

  it('of 200,000 entries are read without holding up others', async () => {
    const many = Array.from({ length: 200_000 }, (_, at) => {
      const serial = Buffer.alloc(8);
      serial.writeUInt32BE(at + 1, 4);
      serial[0] = 1;
      return serial;
    });
    const list = root.list({ revoked: [...many, byList.serialNumber] });
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    assert.equal(await scene(web({ [listUrl]: list }).fetchBytes).show(byList), revoked);
    clearInterval(beat);
    assert.ok(longest < 500, `held up for ${String(longest)} ms`);
  });
});

describe('OCSP', () => {
  const nonceOf = (body: Buffer | undefined): Buffer => body?.subarray(-16) ?? Buffer.alloc(0);
  const delegate = (...more: Extension[]) =>
    root.person('CN=Responder', { extensions: [extensions.usage(0), extensions.purposes(purposes.ocspSigning), ...more] });
  const responder = delegate(extensions.noCheck);
  const unchecked = delegate();
  const strangersResponder = Authority.root().person('CN=Responder', {
    extensions: [extensions.usage(0), extensions.purposes(purposes.ocspSigning), extensions.noCheck],
  });
  const notResponder = root.person('CN=Responder');
  const by = (one: typeof responder): OcspOptions => ({ by: one, attached: [one.der] });
  const cases: readonly [string, string, OcspOptions | Buffer | ((body: Buffer | undefined) => Buffer)][] = [
    ['good', 'alice', {}],
    ['good, with our nonce', 'alice', (body) => root.ocsp(byResponder, { nonce: nonceOf(body) })],
    ['good, by SHA-256', 'alice', { hash: 'sha256' }],
    ['good, without a next one', 'alice', { nextUpdate: undefined }],
    ['good, of a delegate', 'alice', by(responder)],
    ['revoked', revoked, { status: 'revoked' }],
    ['revoked, of a delegate', revoked, { status: 'revoked', ...by(responder) }],
    ['unknown', unknown, { status: 'unknown' }],
    ['another nonce', unknown, { nonce: Buffer.alloc(16, 1) }],
    ['of another certificate', unknown, { serialNumber: Buffer.from([9]) }],
    ['of another authority’s certificate', unknown, Authority.root('CN=Other').ocsp(byResponder)],
    ['of an authority of the same name', unknown, Authority.root().ocsp(byResponder)],
    ['too old', unknown, { thisUpdate: Date.now() - day, nextUpdate: Date.now() - hour }],
    ['old, without a next one', unknown, { thisUpdate: Date.now() - hour, nextUpdate: undefined }],
    ['from the future', unknown, { thisUpdate: Date.now() + hour, nextUpdate: Date.now() + day }],
    ['signed by another', unknown, { by: ec() }],
    [
      'of a delegate with an unknown critical extension',
      unknown,
      by(delegate(extensions.noCheck, { id: '1.2.3', critical: true, value: Buffer.from([5, 0]) })),
    ],
    ['of a delegate of another authority', unknown, by(strangersResponder)],
    ['of somebody who is no delegate', unknown, by(notResponder)],
    ['of the person themselves', unknown, by(byResponder)],
    ['of a delegate of whom nobody knows whether he was revoked', unknown, by(unchecked)],
    [
      'with an unknown critical extension',
      unknown,
      { extensions: [{ id: '1.2.3', critical: true, value: Buffer.from([5, 0]) }] },
    ],
    ['tryLater', unknown, Buffer.from('30030a0103', 'hex')],
    ['nothing', unknown, Buffer.alloc(0)],
    ['a page', unknown, Buffer.from('<html>')],
    ['something behind it', unknown, Buffer.concat([root.ocsp(byResponder), Buffer.from([0])])],
    ['an answer of another kind', unknown, Buffer.from('30120a0100a00d300b06092b0601050507300102', 'hex')],
  ];
  for (const [title, result, options] of cases) {
    it(`${title}: ${result}`, async () => {
      const answer = typeof options === 'function' || Buffer.isBuffer(options) ? options : root.ocsp(byResponder, options);
      const judged = scene(web({ [responderUrl]: answer }).fetchBytes);
      assert.equal(await judged.show(byResponder), result, judged.cause());
    });
  }

  it('of a delegate counts where a list knows him', async () => {
    const file = join(folder, 'delegate.crl');
    writeFileSync(file, root.list({ revoked: [unchecked.serialNumber] }));
    const listed = delegate(extensions.lists(listUrl));
    const answers = { [responderUrl]: root.ocsp(byResponder, by(listed)), [listUrl]: root.list() };
    assert.equal(await scene(web(answers).fetchBytes).show(byResponder), 'alice');
    const revokedOne = { ...answers, [listUrl]: root.list({ revoked: [listed.serialNumber] }) };
    assert.equal(await scene(web(revokedOne).fetchBytes).show(byResponder), unknown);
  });

  it('that says nothing certain leaves it to the list', async () => {
    const answers = { [responderUrl]: Buffer.alloc(0), [listUrl]: root.list() };
    assert.equal(await scene(web(answers).fetchBytes).show(byBoth), 'alice');
    assert.equal(
      await scene(web({ ...answers, [listUrl]: root.list({ revoked: [byBoth.serialNumber] }) }).fetchBytes).show(byBoth),
      revoked,
    );
  });

  it('that came along is used, and one that is worth nothing is not', async () => {
    const { fetchBytes, asked } = web({ [responderUrl]: root.ocsp(byResponder, { status: 'revoked' }) });
    assert.equal(await scene(fetchBytes).show(byResponder, [], root.ocsp(byResponder)), 'alice');
    assert.deepEqual(asked, []);
    assert.equal(await scene(fetchBytes).show(byResponder, [], root.ocsp(byResponder, { by: ec() })), revoked);
    assert.equal(await scene(fetchBytes).show(byNobody, [], root.ocsp(byNobody)), 'alice');
    assert.equal(await scene(fetchBytes).show(byNobody, [], root.ocsp(byResponder)), unknown);
  });

  it('that came along does not hide what the responder is known to have said', async () => {
    const { fetchBytes } = web({ [responderUrl]: root.ocsp(byResponder, { status: 'revoked' }) });
    const judged = scene(fetchBytes);
    assert.equal(await judged.show(byResponder), revoked);
    assert.equal(await judged.show(byResponder, [], root.ocsp(byResponder)), revoked);
  });

  it('is asked once until its answer ends, and a responder that fails is let be for a while', async () => {
    let at = Date.now();
    let fails = false;
    let asked = 0;
    const fetchBytes: FetchBytes = () => {
      asked += 1;
      if (fails) return Promise.reject(new FetchMistake('it does not answer'));
      return Promise.resolve(root.ocsp(byResponder, { thisUpdate: at - minute, nextUpdate: at + 10 * minute }));
    };
    const judged = scene(fetchBytes, {}, () => at);
    for (let times = 0; times < 3; times += 1) assert.equal(await judged.show(byResponder), 'alice');
    assert.equal(asked, 1);
    at += 11 * minute;
    fails = true;
    for (let times = 0; times < 3; times += 1) assert.equal(await judged.show(byResponder), unknown);
    assert.equal(asked, 2);
    at += minute;
    fails = false;
    assert.equal(await judged.show(byResponder), 'alice');
  });

  it('is not asked where it is not to be, nor in inner networks that nobody named', async () => {
    const { fetchBytes, asked } = web({ [responderUrl]: root.ocsp(byResponder) });
    assert.equal(await scene(fetchBytes, { ocsp: false }).show(byResponder), unknown);
    assert.deepEqual(asked, []);
    const inside = root.person('CN=Alice', { extensions: usual(extensions.responder('http://169.254.169.254/latest')) });
    assert.equal(await scene(fetchBytes).show(inside), unknown);
    assert.deepEqual(asked, []);
  });

  it('never makes a fault, whatever is answered', async () => {
    const answer = root.ocsp(byResponder);
    await fc.assert(
      fc.asyncProperty(fc.nat(answer.length * 8 - 1), async (bit) => {
        const altered = Buffer.from(answer);
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.notEqual(await scene(web({ [responderUrl]: altered }).fetchBytes).show(byResponder), revoked);
      }),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const { fetchBytes } = web({ [responderUrl]: Buffer.from([0x30, ...bytes]), [listUrl]: Buffer.from([0x30, ...bytes]) });
        assert.equal(await scene(fetchBytes).show(byBoth), unknown);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the authorities on the way', () => {
  const issuing = root.authority('CN=Issuing', {
    extensions: [extensions.constraints(true), extensions.usage(5, 6), extensions.lists(listUrl)],
  });
  const second = 'http://pki.example.com/issuing.crl';
  const certificate = issuing.person('CN=Alice', { extensions: usual(extensions.lists(second)) });
  const cases: readonly [string, string, Buffer | undefined, Buffer | undefined][] = [
    ['neither is revoked', 'alice', root.list(), issuing.list()],
    ['the authority is revoked', revoked, root.list({ revoked: [issuing.issued.serialNumber] }), issuing.list()],
    ['nobody knows of the authority', unknown, undefined, issuing.list()],
    ['nobody knows of the person', unknown, root.list(), undefined],
    ['the person is revoked', revoked, root.list(), issuing.list({ revoked: [certificate.serialNumber] })],
    ['the lists are exchanged', unknown, issuing.list(), root.list()],
  ];
  for (const [title, result, ofRoot, ofIssuing] of cases) {
    it(`${title}: ${result}`, async () => {
      const { fetchBytes, asked } = web({
        ...(ofRoot !== undefined && { [listUrl]: ofRoot }),
        ...(ofIssuing !== undefined && { [second]: ofIssuing }),
      });
      const judged = scene(fetchBytes, {}, Date.now, [root, issuing]);
      assert.equal(await judged.show(certificate), result, judged.cause());
      if (title.includes('authority')) assert.deepEqual(asked, [listUrl], 'nobody is asked whom a revoked authority named');
    });
  }
});

describe('addresses in certificates', () => {
  const cases: readonly [string, boolean, boolean][] = [
    ['http://ocsp.example.com/', true, true],
    ['https://ocsp.example.com/x', true, true],
    ['http://pki.example.com/a.crl', false, true],
    ['http://PKI.example.com:80/a.crl', false, true],
    ['http://elsewhere.example.com/a.crl', false, false],
    ['http://127.0.0.1/', true, false],
    ['http://[::1]/', true, false],
    ['http://10.1.2.3:8080/', true, false],
    ['http://0x7f000001/', true, false],
    ['http://localhost/', true, false],
    ['http://user:pass@ocsp.example.com/', true, false],
    ['ldap:///CN=x', true, false],
    ['javascript:alert(1)', true, false],
    ['no address', true, false],
  ];
  for (const [url, isOpen, expected] of cases) {
    it(`${url}: ${expected ? 'asked' : 'not asked'}`, () => {
      assert.equal(mayAsk(url, ['pki.example.com'], isOpen), expected);
    });
  }
});
