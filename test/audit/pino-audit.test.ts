/** The audit writes each event as one line: JSON for programs, a short line for people, and never a secret. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Audit, AuditEvent } from '../../src/audit/audit.ts';
import { createAudit } from '../../src/audit/pino-audit.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-audit-'));
const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678), until: () => Promise.resolve() };
let files = 0;

async function written(act: (audit: Audit) => void, options: { level?: 'info' | 'warn' | 'error'; isTTY?: boolean } = {}) {
  const path = join(folder, String((files += 1)));
  const fd = openSync(path, 'w');
  const audit = createAudit({ level: options.level ?? 'info', destination: { fd, isTTY: options.isTTY }, clock });
  act(audit);
  await audit.flush();
  const text = readFileSync(path, 'utf8');
  closeSync(fd);
  return text;
}

const full: AuditEvent = {
  event: 'signin.issued',
  reference: '7K3F-9QXM2C',
  request: '_abc',
  serviceProvider: 'google.com',
  person: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
  name: 'CORP\\alice',
  address: 'alice@example.com',
  server: 'dc1.corp.example:636',
  remoteAddress: '192.0.2.7',
  milliseconds: 12.345678,
  detail: { rule: 'userPrincipalName', codes: [1, 2] },
};

describe('the audit', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('writes one line of JSON an event, with fields in a stable order and no noise', async () => {
    const text = await written((audit) => audit.record(full));
    assert.equal(
      text,
      '{"level":"info","time":"2026-01-02T03:04:05.678Z","version":1,"event":"signin.issued","reference":"7K3F-9QXM2C",' +
        '"request":"_abc","serviceProvider":"google.com","person":"6f9619ff-8b86-d011-b42d-00c04fc964ff","name":"CORP\\\\alice",' +
        '"address":"alice@example.com","server":"dc1.corp.example:636","remoteAddress":"192.0.2.7","milliseconds":12.346,' +
        '"detail":{"rule":"userPrincipalName","codes":[1,2]}}\n',
    );
  });

  it('leaves out what an event does not have', async () => {
    const text = await written((audit) => audit.record({ event: 'session.ended', reference: 'R', person: undefined }));
    assert.deepEqual(Object.keys(JSON.parse(text) as object), ['level', 'time', 'version', 'event', 'reference']);
  });

  const levels = [
    ['info', ['signin.issued', 'signin.refused', 'fault', 'note', 'note']],
    ['warn', ['signin.refused', 'fault', 'note']],
    ['error', ['fault']],
  ] as const;
  for (const [level, expected] of levels) {
    it(`writes from the level ${level} on`, async () => {
      const text = await written(
        (audit) => {
          for (const event of ['signin.issued', 'signin.refused', 'fault'] as const) audit.record({ event, reference: 'R' });
          audit.note('info', 'started');
          audit.note('warn', 'clock differs', { seconds: 4 });
        },
        { level },
      );
      const events = text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event);
      assert.deepEqual(events, expected);
    });
  }

  for (const isTTY of [false, true]) {
    it(`writes neither secrets nor forged lines nor terminal sequences ${isTTY ? 'to a terminal' : 'as JSON'}`, async () => {
      const text = await written(
        (audit) => {
          audit.record({
            ...full,
            event: 'signin.refused',
            name: 'x\n{"event":"signin.issued"}\u001b[2J\u009b\u202E',
            remoteAddress: '1.2.3.4\r\nforged',
            detail: {
              password: 'hunter2',
              query: 'a=b&SAMLRequest=hunter2',
              headers: { cookie: 'hunter2', Authorization: 'Basic hunter2' },
              error: new Error('Cookie: hunter2'),
              esc: '\u001b]0;title\u0007',
            },
          });
        },
        { isTTY },
      );
      assert.equal(text.trimEnd().split('\n').length, 1);
      assert.doesNotMatch(text, /hunter2/);
      assert.doesNotMatch(text.trimEnd(), /[\p{Cc}\p{Cf}]/u);
    });
  }

  it('bounds what an event may hold', async () => {
    const long = 'a'.repeat(1_000_000);
    const text = await written((audit) => {
      audit.record({ ...full, name: long, reference: long, detail: { long, many: Array.from({ length: 9_999 }, () => long) } });
    });
    assert.ok(text.length < 40_000, String(text.length));
  });

  it('writes a short line for people at a terminal', async () => {
    const text = await written(
      (audit) => {
        audit.record({
          event: 'signin.refused',
          reference: '7K3F-9QXM2C',
          reason: 'password-wrong',
          name: 'alice',
          remoteAddress: '192.0.2.1',
          server: 'dc1.corp.example.com',
          hint: 'The directory refused the password.',
        });
        audit.note('info', 'ready', { port: 8080 });
        const cause = Object.assign(new TypeError('x is not\na function', { cause: new Error('why') }), {
          stack: '\n    at a (b.ts:1:2)\n    at c',
        });
        audit.record({ event: 'fault', reference: 'R', detail: { cause } });
      },
      { isTTY: true },
    );
    assert.equal(
      text.replace(/why \(at [^)]*\)*\)/, 'why (at X)'),
      '03:04:05Z  ! signin.refused      7K3F-9QXM2C  password-wrong  alice  from 192.0.2.1  by dc1.corp.example.com  The directory refused the password.\n' +
        '03:04:05Z    ready  port 8080\n' +
        '03:04:05Z  ✗ fault               R  cause TypeError: x is not\\u{a}a function (at a (b.ts:1:2)), caused by Error: why (at X)\n',
    );
  });

  it('has written everything, in order, once it was flushed', async () => {
    const text = await written((audit) => {
      for (let index = 0; index < 2_000; index += 1) audit.note('info', String(index));
    });
    const messages = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: string }).message);
    assert.deepEqual(
      messages,
      Array.from({ length: 2_000 }, (_, index) => String(index)),
    );
  });

  it('drops what a slow reader leaves beyond a bound, and says so', async () => {
    const text = await written((audit) => {
      for (let index = 0; index < 12_000; index += 1) audit.note('info', 'x'.repeat(500));
    });
    const lines = text.trim().split('\n');
    const loss = /"message":"(\d+) events were lost"/.exec(lines.at(-1) ?? '');
    assert.ok(Buffer.byteLength(text) < 4.2 * 1024 * 1024);
    assert.equal(lines.length - 1 + Number(loss?.[1]), 12_000);
  });

  it('flushes at once where there is nothing, and any number of times', async () => {
    const fd = openSync(join(folder, 'empty'), 'w');
    const audit = createAudit({ level: 'info', destination: { fd }, clock });
    await Promise.all([audit.flush(), audit.flush()]);
    await audit.flush();
    closeSync(fd);
  });

  it('does not end the service when the log cannot be written', async () => {
    const path = join(folder, 'unwritable');
    closeSync(openSync(path, 'w'));
    const fd = openSync(path, 'r');
    const audit = createAudit({ level: 'info', destination: { fd }, clock });
    audit.note('info', 'nobody reads this');
    await audit.flush();
    audit.record(full);
    await audit.flush();
    closeSync(fd);
    audit.record(full);
    await audit.flush();
  });
});
