/** When certificates end: what is told of them, at which thresholds, and what is left out. */
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit.ts';
import { daysLeft, expiries, warningOf, type Expiry } from '../../src/keys/expiry.ts';
import { inMemory } from '../../src/keys/in-memory.ts';
import { createTellExpiring } from '../../src/keys/tell-expiring.ts';
import { readTlsCertificates } from '../../src/keys/tls-certificates.ts';
import { takeKey } from '../fixtures/ready-keys.ts';

const made = await takeKey('house');
const certificate = new X509Certificate(made.certificate);
const end = Date.parse(certificate.validTo);
const privateKey = createPrivateKey(made.privateKey);
const held = (name: string) => ({ name, certificate, privateKey, privatePart: inMemory(privateKey) });

const day = 24 * 3_600_000;
const ending = (name: string): Expiry => ({ what: 'signing', name, notAfter: end });

describe('the end of a certificate', () => {
  for (const [title, before, warning, left] of [
    ['two months and a moment', 60 * day + 1, undefined, 60],
    ['two months', 60 * day, 60, 60],
    ['a month and a moment', 30 * day + 1, 60, 30],
    ['a month', 30 * day, 30, 30],
    ['a week and a moment', 7 * day + 1, 30, 7],
    ['a week', 7 * day, 7, 7],
    ['a moment', 1, 7, 0],
    ['now', 0, 0, 0],
    ['a moment ago', -1, 0, -1],
    ['a year ago', -365 * day, 0, -365],
  ] as const) {
    it(`is told as it ought to be: ${title}`, () => {
      assert.equal(warningOf(ending('it'), end - before), warning);
      assert.equal(daysLeft(ending('it'), end - before), left);
    });
  }

  it('is known of every key, and of what our listeners present', () => {
    const pem = made.certificate;
    const files: Readonly<Record<string, string>> = { '/a': pem, '/b': `${pem}-----BEGIN CERTIFICATE-----\nx\n`, '/none': 'x' };
    const read = (file: string): string => {
      const text = files[file];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    };
    const tls = (certFile: string) => ({ certFile, keyFile: '/key' });
    const listening = { listener: { tls: tls('/b') } } as Parameters<typeof readTlsCertificates>[0]['certificate'];
    const ring = { published: [held('a'), held('b')], forServiceProviders: [held('c')], decryption: [held('d')] };
    assert.deepEqual(
      expiries(ring, readTlsCertificates({ tls: tls('/a'), certificate: listening }, read)).map(({ what, name }) => [what, name]),
      [
        ['signing', 'a'],
        ['signing', 'b'],
        ['service-provider', 'c'],
        ['encryption', 'd'],
        ['tls', 'tls.certFile'],
        ['tls', 'certificate.listener.tls.certFile'],
      ],
    );
    assert.deepEqual(expiries(ring)[0], { what: 'signing', name: 'a', notAfter: end });
    for (const file of ['/none', '/missing'])
      assert.deepEqual(readTlsCertificates({ tls: tls(file), certificate: undefined }, read), []);
    assert.deepEqual(readTlsCertificates({ tls: undefined, certificate: undefined }, read), []);
  });

  it('is told once at each threshold, day after day, and of nobody who has time', () => {
    const events: AuditEvent[] = [];
    const notes: string[] = [];
    let now = end - 62 * day;
    const look = createTellExpiring({
      expiries: [ending('it'), { ...ending('young'), notAfter: end + 1_000 * day }],
      audit: {
        note: (level, message, detail) => void notes.push(`${level} ${message} ${String(detail?.name)} ${String(detail?.days)}`),
        record: (event) => void events.push(event),
      },
      clock: { now: () => now },
      random: randomBytes,
    });
    for (; now < end + 3 * day; now += day) look();
    assert.deepEqual(notes, [
      'warn a certificate is about to end it 60',
      'warn a certificate is about to end it 30',
      'warn a certificate is about to end it 7',
      'warn a certificate has ended it 0',
    ]);
    assert.deepEqual(
      events.map(({ event, detail }) => [event, detail?.what, detail?.name, detail?.days]),
      [60, 30, 7, 0].map((days) => ['key.expiring', 'signing', 'it', days]),
    );
    assert.equal(events[0]?.detail?.notAfter, new Date(end).toISOString());
  });
});
