/** Where a Response goes: what a service provider registered, what its request asks for, what the way back can carry. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../src/refusal.ts';
import {
  chooseAssertionConsumerService,
  defaultAssertionConsumerService,
} from '../../src/saml/choose-assertion-consumer-service.ts';
import { bindings } from '../../src/saml/names.ts';
import { readServiceProviderMetadata } from '../fixtures/read-service-provider.ts';
import type { AssertionConsumerService, ServiceProvider } from '../../src/saml/service-provider.ts';
import { serviceProvider } from './requests.ts';

const { httpPost, httpArtifact, httpRedirect, paos } = bindings;
const nothing = { protocolBinding: undefined, assertionConsumerServiceURL: undefined, assertionConsumerServiceIndex: undefined };
const service = (index: number, binding: string, isDefault = false, location = `https://sp.example.com/${String(index)}`) => ({
  index,
  binding,
  location,
  isDefault,
});
const providing = (...assertionConsumerServices: AssertionConsumerService[]): ServiceProvider => ({
  ...serviceProvider,
  assertionConsumerServices,
});

describe('of several endpoints', () => {
  const shared = 'https://sp.example.com/shared';
  const all = providing(
    service(0, httpRedirect),
    service(1, httpPost),
    service(2, httpArtifact, true),
    service(3, paos),
    service(4, paos, true),
    service(5, httpPost, false, shared),
    service(6, httpArtifact, false, shared),
  );
  for (const [what, asked, usable, expected] of [
    ['the default of those that a browser can go to', {}, 'browser', 2],
    ['the default of those that a client can go to', {}, 'enhanced client', 4],
    ['the one of a binding', { protocolBinding: httpPost }, 'browser', 1],
    ['the default of a binding', { protocolBinding: paos }, 'enhanced client', 4],
    ['the one with that URL', { assertionConsumerServiceURL: 'https://sp.example.com/1' }, 'browser', 1],
    ['the first with that URL', { assertionConsumerServiceURL: shared }, 'browser', 5],
    ['the one with that URL and binding', { assertionConsumerServiceURL: shared, protocolBinding: httpArtifact }, 'browser', 6],
    ['the one with that index', { assertionConsumerServiceIndex: 6 }, 'browser', 6],
    ['the one with that index, for a client', { assertionConsumerServiceIndex: 3 }, 'enhanced client', 3],
    [
      'none with that URL by another binding',
      { assertionConsumerServiceURL: 'https://sp.example.com/1', protocolBinding: httpArtifact },
      'browser',
      'binding-unsupported',
    ],
    ['none that only a client can go to', { assertionConsumerServiceIndex: 3 }, 'browser', 'binding-unsupported'],
    ['none that only a browser can go to', { assertionConsumerServiceURL: shared }, 'enhanced client', 'binding-unsupported'],
    ['none by a binding that carries no Response', { protocolBinding: httpRedirect }, 'browser', 'binding-unsupported'],
    ['none by a binding of the other kind', { protocolBinding: httpPost }, 'enhanced client', 'binding-unsupported'],
    ['none with another URL', { assertionConsumerServiceURL: `${shared}/` }, 'browser', 'acs-not-registered'],
    ['none with another index', { assertionConsumerServiceIndex: 9 }, 'browser', 'acs-not-registered'],
    ['none by index and binding', { assertionConsumerServiceIndex: 1, protocolBinding: httpPost }, 'browser', 'request-invalid'],
  ] as const) {
    it(`takes ${what}`, () => {
      const choose = () => chooseAssertionConsumerService({ ...nothing, ...asked }, [all], usable).assertionConsumerService;
      if (typeof expected === 'number') assert.equal(choose().index, expected);
      else assert.throws(choose, (error) => error instanceof Refusal && error.reason === expected);
    });
  }

  it('takes none where there is none of its kind', () => {
    const clients = providing(service(0, paos));
    assert.equal(defaultAssertionConsumerService(clients), undefined);
    assert.equal(defaultAssertionConsumerService(clients, 'enhanced client')?.index, 0);
    assert.throws(
      () => chooseAssertionConsumerService(nothing, [clients]),
      (error) => error instanceof Refusal && error.reason === 'acs-not-registered',
    );
  });

  it('takes nothing but what is registered, usable and asked for', () => {
    const binding = fc.constantFrom(httpPost, httpArtifact, paos, httpRedirect, 'urn:other');
    const location = fc.constantFrom('https://sp.example.com/a', 'https://sp.example.com/b', shared);
    const registered = fc
      .array(fc.record({ binding, location, isDefault: fc.boolean() }), { minLength: 1, maxLength: 6 })
      .map((list) => list.map((each, index) => ({ ...each, index })));
    const asked = fc.record({
      protocolBinding: fc.option(binding, { nil: undefined }),
      assertionConsumerServiceURL: fc.option(location, { nil: undefined }),
      assertionConsumerServiceIndex: fc.option(fc.nat(7), { nil: undefined }),
    });
    const usable = fc.constantFrom('browser' as const, 'enhanced client' as const);
    fc.assert(
      fc.property(fc.array(registered, { minLength: 1, maxLength: 3 }), asked, usable, (lists, wanted, way) => {
        const candidates = lists.map((list) => providing(...list));
        try {
          const { serviceProvider: chosen, assertionConsumerService: to } = chooseAssertionConsumerService(
            wanted,
            candidates,
            way,
          );
          assert.ok(candidates.includes(chosen) && chosen.assertionConsumerServices.includes(to));
          assert.ok((way === 'browser' ? [httpPost, httpArtifact] : [paos]).includes(to.binding));
          assert.equal(to.binding, wanted.protocolBinding ?? to.binding);
          assert.equal(to.location, wanted.assertionConsumerServiceURL ?? to.location);
          assert.equal(to.index, wanted.assertionConsumerServiceIndex ?? to.index);
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error));
        }
      }),
    );
  });
});

describe('the default of metadata', () => {
  const element = (index: number, binding: string, isDefault?: boolean): string =>
    `<md:AssertionConsumerService index="${String(index)}"${isDefault === undefined ? '' : ` isDefault="${String(isDefault)}"`} Binding="${binding}" Location="https://sp.example.com/${String(index)}"/>`;
  const read = (...elements: string[]): ServiceProvider =>
    readServiceProviderMetadata(
      '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sp.example.com/metadata">' +
        `<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${elements.join('')}</md:SPSSODescriptor></md:EntityDescriptor>`,
      Date.now(),
    );
  for (const [what, elements, browser, client] of [
    ['the first that says so', [element(0, httpPost), element(1, httpArtifact, true), element(2, httpPost, true)], 1, undefined],
    [
      'the first that does not deny it',
      [element(0, httpArtifact, false), element(1, httpPost), element(2, httpArtifact)],
      1,
      undefined,
    ],
    ['the first of those that deny it', [element(0, httpArtifact, false), element(1, httpPost, false)], 0, undefined],
    [
      'that of each way back by itself',
      [element(0, paos, true), element(1, httpPost), element(2, paos), element(3, httpArtifact)],
      1,
      0,
    ],
    [
      'not that of a binding that is not used',
      [element(0, httpRedirect, true), element(1, paos, false), element(2, paos), element(3, httpArtifact)],
      3,
      2,
    ],
  ] as const) {
    it(`is ${what}`, () => {
      const provider = read(...elements);
      assert.equal(defaultAssertionConsumerService(provider)?.index, browser);
      assert.equal(defaultAssertionConsumerService(provider, 'enhanced client')?.index, client);
    });
  }
});
