/** The factor of RADIUS against servers, and strangers, who send whatever must not be believed. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { describe, it } from 'node:test';
import { answer, seal, type Received } from './radius/scripted-server.ts';
import { at, codes, no, ok, open, present, refusalOf, secret, twoServers } from './radius/stage.ts';

const servers = twoServers();

describe('what comes and cannot be trusted is passed over, and the true answer waited for', () => {
  const wrong = (request: Received, more: object = {}): Received => ({ ...request, ...more });
  const spoilt = (bytes: Buffer, spoil: (bytes: Buffer) => void): Buffer => {
    spoil(bytes);
    return bytes;
  };
  const misdeeds: readonly [string, (request: Received) => readonly Buffer[]][] = [
    ['a forged acceptance raced ahead', (r) => [answer(r, 'not the secret at all', codes.accept)]],
    ['a wrong Response Authenticator', (r) => [spoilt(answer(r, secret, codes.accept), (bytes) => bytes.fill(0, 4, 20))]],
    ['no Message-Authenticator', (r) => [answer(r, secret, codes.accept, [], { proof: 'none' })]],
    [
      'a wrong Message-Authenticator, all else right',
      (r) => [
        seal(
          spoilt(answer(r, secret, codes.accept), (bytes) => bytes.fill(0, 22, 38)),
          r,
          secret,
        ),
      ],
    ],
    ['two Message-Authenticators', (r) => [answer(r, secret, codes.accept, [[80, Buffer.alloc(16)]])]],
    [
      'a rejection turned into an acceptance',
      (r) => [
        seal(
          spoilt(answer(r, secret, codes.reject), (bytes) => bytes.fill(codes.accept, 0, 1)),
          r,
          secret,
        ),
      ],
    ],
    ['another identifier', (r) => [answer(wrong(r, { identifier: (r.identifier + 1) % 256 }), secret, codes.accept)]],
    [
      'every other identifier',
      (r) =>
        Array.from({ length: 255 }, (_, n) =>
          answer(wrong(r, { identifier: (r.identifier + 1 + n) % 256 }), secret, codes.accept),
        ),
    ],
    ['an answer to another request', (r) => [answer(wrong(r, { authenticator: Buffer.alloc(16) }), secret, codes.accept)]],
    ['our own request', (r) => [r.bytes]],
    ['other codes', (r) => [0, 1, 4, 5, 12, 40, 255].map((code) => answer(r, secret, code))],
    [
      'two States',
      (r) => [
        answer(r, secret, codes.challenge, [
          [24, 'a'],
          [24, 'b'],
        ]),
      ],
    ],
    ['an empty State', (r) => [answer(r, secret, codes.challenge, [[24, '']])]],
    ['nothing at all', () => [Buffer.alloc(0)]],
    [
      'every beginning of an acceptance',
      (r) => {
        const bytes = answer(r, secret, codes.accept);
        return [...bytes.keys()].map((length) => bytes.subarray(0, length));
      },
    ],
    [
      'a length that lies',
      (r) =>
        [0, 19, 21, 37, 39, 4097, 65535].map((length) =>
          spoilt(answer(r, secret, codes.accept), (bytes) => bytes.writeUInt16BE(length, 2)),
        ),
    ],
    [
      'an attribute that runs over',
      (r) =>
        [3, 1, 0, 255].map((size) =>
          seal(
            spoilt(answer(r, secret, codes.accept, [[18, '']]), (bytes) => bytes.writeUInt8(size, 39)),
            r,
            secret,
          ),
        ),
    ],
    ['64 kB', (r) => [Buffer.concat([Buffer.of(codes.accept, r.identifier, 255, 0), Buffer.alloc(65_000, 65)])]],
    [
      'a flood of junk',
      (r) =>
        Array.from({ length: 120 }, (_, n) =>
          Buffer.concat([Buffer.of(codes.accept, r.identifier, n % 5, n), Buffer.alloc((n * 37) % 900, n)]),
        ),
    ],
  ];
  for (const [title, misdeed] of misdeeds) {
    it(title, async () => {
      // The true answer is the opposite of what most of these pretend.
      servers.first.script = (request) => [...misdeed(request), ...no(request)];
      assert.equal((await refusalOf(present(open([at(servers.first)]), '1'))).reason, 'code-wrong');
      servers.first.script = (request) => [...misdeed(request), ...ok(request)];
      assert.equal((await present(open([at(servers.first)]), '1')).verdict, 'accepted');
    });
  }

  it('an answer with padding behind it is none of these', async () => {
    servers.first.script = (request) => [Buffer.concat([answer(request, secret, codes.accept), Buffer.alloc(3000)])];
    assert.equal((await present(open([at(servers.first)]), '1')).verdict, 'accepted');
  });

  it('an older acceptance, sent again', async () => {
    const opened = open([at(servers.first)]);
    const older: Buffer[] = [];
    servers.first.script = (request) => {
      older.push(...ok(request));
      return older.slice(-1);
    };
    for (let count = 0; count < 3; count += 1) await present(opened, '1');
    servers.first.script = (request) => {
      // As it came, and under the identifier of today.
      const replayed = older.flatMap((bytes) => [
        bytes,
        spoilt(Buffer.from(bytes), (copy) => copy.writeUInt8(request.identifier, 1)),
      ]);
      return [...replayed, ...no(request)];
    };
    assert.equal((await refusalOf(present(opened, '1'))).reason, 'code-wrong');
  });

  it('the right answer from another port or address', async () => {
    const strangers: Socket[] = [createSocket('udp4'), createSocket('udp4').bind(0, '127.0.0.2')];
    try {
      servers.first.script = (request, own) => {
        const send = (from: Socket, code: number, then: () => void): void =>
          from.send(answer(request, secret, code), request.from.port, request.from.address, then);
        const [one, two] = strangers;
        send(one!, codes.accept, () => send(two!, codes.accept, () => send(own, codes.reject, () => undefined)));
        return [];
      };
      assert.equal((await refusalOf(present(open([at(servers.first)]), '1'))).reason, 'code-wrong');
    } finally {
      for (const one of strangers) one.close();
    }
  });

  it('nothing else comes: unavailable, within its time, and why', async () => {
    const causes: readonly [(request: Received) => readonly Buffer[], RegExp][] = [
      [() => [], /: no answer$/],
      [
        (request) => [answer(request, secret, codes.accept, [], { proof: 'none' })],
        /: what came cannot be trusted: no Message-Authenticator$/,
      ],
      [(request) => [answer(request, 'another', codes.accept)], /: what came cannot be trusted: a wrong Response Authenticator$/],
    ];
    for (const [script, cause] of causes) {
      servers.first.script = script;
      const began = performance.now();
      const { reason, detail } = await refusalOf(present(open([at(servers.first)], { timeout: 120 }), '1'));
      assert.equal(reason, 'factor-unavailable');
      assert.match(String(detail.cause), cause);
      const took = performance.now() - began;
      assert.ok(took >= 100 && took < 2_000, String(took));
    }
  });

  it('an answer after its time reaches nobody', async () => {
    let late: (() => void) | undefined;
    servers.first.script = (request, own) => {
      late = () => own.send(answer(request, secret, codes.accept), request.from.port, request.from.address);
      return [];
    };
    const opened = open([at(servers.first)], { timeout: 60 });
    assert.equal((await refusalOf(present(opened, '1'))).reason, 'factor-unavailable');
    late?.();
    servers.first.script = no;
    assert.equal((await refusalOf(present(opened, '1'))).reason, 'code-wrong');
  });
});
