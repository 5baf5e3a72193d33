/** The parsers of Kerberos: what a browser brings, what the keys open, and the keytab. */
import { readApRequest } from '../../src/authenticators/kerberos/ap-request.ts';
import { DerMistake } from '../../src/authenticators/kerberos/der.ts';
import { readNegotiateToken } from '../../src/authenticators/kerberos/negotiate-token.ts';
import { readPac } from '../../src/authenticators/kerberos/pac.ts';
import { readAuthenticator, readTicket } from '../../src/authenticators/kerberos/ticket.ts';
import { unseal } from '../../src/authenticators/kerberos/unseal.ts';
import { readKeytab, usableKeys } from '../../src/config/keytab.ts';
import { makeLogonInformation, makeServiceKey, makeToken, signPac, writeKeytab } from '../fixtures/make-ticket.ts';
import type { Target } from './fuzz.ts';
import { meant } from './meant.ts';

const serviceKey = makeServiceKey('HTTP/sso.example.com@CORP.EXAMPLE.COM');
const personSid = Buffer.from('010500000000000515000000bc5b2cd6d8bbac61d62b05244f040000', 'hex');
const kerberosToken = makeToken({ key: serviceKey, sid: personSid });
const kerberosRequest = readApRequest(readNegotiateToken(kerberosToken));
const kerberosTicket = unseal(18, serviceKey.key, 2, kerberosRequest.ticket.cipher) ?? Buffer.alloc(0);
const kerberosWords = ['\x30\x80', '\x60\x84', '\xa0\x03', '\x02\x01\x05', '\x04\x00', '\x1b\x00', '\xff', '\x30\x82\x10\x00'];

export const kerberosTargets: readonly Target[] = [
  {
    name: 'kerberos-token',
    seeds: [Buffer.from(kerberosToken, 'base64')],
    dictionary: kerberosWords,
    most: 4_000,
    run: (input) =>
      meant(() => {
        readApRequest(readNegotiateToken(input.toString('base64')));
      }),
  },
  {
    name: 'kerberos-sealed',
    seeds: [kerberosTicket],
    dictionary: kerberosWords,
    most: 2_000,
    run: (input) =>
      meant(() => {
        const { pac } = readTicket(input, serviceKey);
        if (pac?.sid !== undefined && pac.sid.length > 68) throw new Error('a SID of any length');
      }, DerMistake).then(() => meant(() => readAuthenticator(input), DerMistake)),
  },
  {
    name: 'kerberos-pac',
    seeds: [makeLogonInformation(personSid).subarray(0, 240)],
    dictionary: ['\x01\x05', '\xff\xff\xff\xff', '\x00\x00\x00\x00', '\x04\x00\x00\x00'],
    most: 1_000,
    run(input) {
      const { sid } = readPac(signPac(input, serviceKey), serviceKey);
      if (sid !== undefined && sid.length !== 8 + 4 * (sid[1] ?? 0)) throw new Error('a SID of another length than it says');
      readPac(input, serviceKey);
    },
  },
  {
    name: 'keytab',
    seeds: [writeKeytab([serviceKey, makeServiceKey('host/b@R', 23, 70_000)])],
    dictionary: ['\x05\x02', '\xff\xff\xff\xff', '\x00\x00\x00\x00', '\x00\x12', '\x00\x20'],
    most: 2_000,
    run(input) {
      for (const one of usableKeys(readKeytab(input) ?? [], [serviceKey.principal])) unseal(one.enctype, one.key, 2, input);
    },
  },
];
