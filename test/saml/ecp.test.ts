/** What enhanced clients and service providers say of channel bindings, and what they are told. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchChannelBindings, readChannelBindings, writeChannelBindings } from '../../src/saml/channel-bindings.ts';
import { writeEcpAdvice, writeEcpEnvelope } from '../../src/saml/ecp-envelope.ts';
import { generateKey } from '../../src/saml/samlec-key.ts';
import { parseXml } from '../../src/saml/xml.ts';
import { channelBindings, look } from '../fixtures/soap-client.ts';

const read = (...elements: string[]) => readChannelBindings(parseXml(`<x>${elements.join('')}</x>`).children);
const type = 'tls-server-end-point';

describe('channel bindings', () => {
  it('are read whatever white space surrounds them', () => {
    assert.deepEqual(read(channelBindings(type, '\n AAEC\n Aw==\n')), [{ type, value: 'AAECAw==' }]);
  });

  for (const [what, element] of [
    ['no base64', channelBindings(type, 'not base64')],
    ['base64 without its padding', channelBindings(type, 'AAECAw')],
    ['nothing', channelBindings(type, '')],
    ['an element', channelBindings(type, '<a/>')],
    ['more than any channel has', channelBindings(type, 'AAAA'.repeat(2_000))],
    ['an endless type', channelBindings('t'.repeat(1_000), 'AAECAw==')],
  ] as const) {
    it(`fit nothing, themselves included, with ${what}`, () => {
      const found = read(element);
      assert.equal(found.length, 1);
      assert.deepEqual(matchChannelBindings(found, found), []);
    });
  }

  it('are none where the name is in another namespace', () => {
    assert.deepEqual(read(channelBindings(type, 'AAEC').replace('channel-binding"', 'channel"')), []);
  });

  it('fit by type and value, both exactly', () => {
    const one = { type, value: 'AAEC' };
    assert.deepEqual(matchChannelBindings([one], [{ ...one, type: 'tls-unique' }]), []);
    assert.deepEqual(matchChannelBindings([one], [{ ...one, value: 'AAED' }]), []);
    assert.deepEqual(matchChannelBindings([one], [{ ...one, type: undefined }]), []);
    assert.deepEqual(matchChannelBindings([{ type: 'a', value: 'AAEC' }, one], [{ type: 'a', value: 'AAED' }, one]), [one]);
  });

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z&"<>-]{1,40}$/), fc.uint8Array({ minLength: 1, maxLength: 64 }), (name, bytes) => {
        const one = { type: name, value: Buffer.from(bytes).toString('base64') };
        assert.deepEqual(read(writeChannelBindings(one)), [one]);
      }),
    );
  });
});

describe('what an enhanced client gets', () => {
  const answer = {
    response: '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"></samlp:Response>',
    assertionConsumerServiceURL: 'https://sp.example.net/paos?a=1&b="2"',
    requestAuthenticated: false,
    channelBindings: [],
    generatedKey: undefined,
  };

  it('says where the Response goes, and no more than is so', () => {
    const told = look(writeEcpEnvelope(answer));
    assert.equal(
      told.value('/soap:Envelope/soap:Header/ecp:Response/@AssertionConsumerServiceURL'),
      answer.assertionConsumerServiceURL,
    );
    assert.equal(told.value('//ecp:Response/@soap:mustUnderstand'), '1');
    assert.equal(told.value('//ecp:Response/@soap:actor'), 'http://schemas.xmlsoap.org/soap/actor/next');
    assert.equal(told.count('/soap:Envelope/soap:Header/*'), 1);
    assert.equal(told.count('/soap:Envelope/soap:Body/samlp:Response'), 1);
  });

  it('says everything that is so', () => {
    const generatedKey = generateKey((length) => Buffer.alloc(length, 1));
    const bindings = [{ type, value: 'AAEC' }];
    const told = look(writeEcpEnvelope({ ...answer, requestAuthenticated: true, channelBindings: bindings, generatedKey }));
    assert.equal(told.value('//soap:Header/ecp:RequestAuthenticated/@soap:actor'), 'http://schemas.xmlsoap.org/soap/actor/next');
    assert.equal(told.value(`//soap:Header/cb:ChannelBindings[@Type='${type}'][@soap:mustUnderstand='1'][@soap:actor]`), 'AAEC');
    assert.equal(told.value('//soap:Header/samlec:GeneratedKey[@soap:actor]'), generatedKey);
    assert.equal(Buffer.from(generatedKey, 'base64').length, 32);
  });

  it('tells the service provider the same, or nothing', () => {
    assert.equal(writeEcpAdvice({ channelBindings: [], generatedKey: undefined }), '');
    const advice = writeEcpAdvice({ channelBindings: [{ type, value: 'AAEC' }], generatedKey: 'AAAA' });
    const told = look(`<saml:x xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${advice}</saml:x>`);
    assert.equal(told.value('/*/saml:Advice/cb:ChannelBindings'), 'AAEC');
    assert.equal(told.value('/*/saml:Advice/samlec:GeneratedKey'), 'AAAA');
  });
});
