/** Sees that secrets which tests had written down are found, wherever and however they stand; and that nothing else is. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { recordsVariable } from '../fixtures/records.ts';
import { judgeRecords } from './records.ts';

const root = mkdtempSync(join(tmpdir(), 'passerelle-records-'));
const secret = 'Planted-Harbour&71';
let folders = 0;

interface Noted {
  readonly told: string;
  readonly secrets?: readonly (readonly [string, string])[];
  readonly open?: readonly string[];
}

function judge(files: Readonly<Record<string, Noted>>): ReturnType<typeof judgeRecords> {
  const folder = join(root, String((folders += 1)));
  mkdirSync(folder);
  for (const [name, { told, secrets = [], open = [] }] of Object.entries(files)) {
    writeFileSync(join(folder, `told-${name}.test-1`), `${told}\n`);
    writeFileSync(join(folder, `secret-${name}.test-1`), secrets.map((one) => `${JSON.stringify(one)}\n`).join(''));
    writeFileSync(join(folder, `open-${name}.test-1`), open.map((one) => `${JSON.stringify(one)}\n`).join(''));
  }
  return judgeRecords(folder);
}

describe('the search for secrets', () => {
  after(() => {
    rmSync(root, { recursive: true });
  });

  const planted: readonly (readonly [string, string])[] = [
    ['as it is', `{"name":"${secret}"}`],
    ['within a word', `x${secret}x`],
    ['in a URL', `?password=${encodeURIComponent(secret)}`],
    ['as base64', Buffer.from(secret).toString('base64')],
    ['in hexadecimal digits', Buffer.from(secret).toString('hex')],
    ['in the last line', `one\ntwo\n${secret}`],
  ];
  for (const [title, told] of planted) {
    it(`finds one ${title}, and does not tell it`, () => {
      const { complaints } = judge({ a: { told, secrets: [['password', secret]] } });
      assert.equal(complaints.length, 1);
      assert.match(complaints[0] ?? '', /^a\.test had a password written down: /);
      assert.ok(!complaints[0]?.includes(secret));
    });
  }

  it('finds what another file kept secret', () => {
    const { complaints } = judge({ a: { told: secret }, b: { told: '', secrets: [['cookie', secret]] } });
    assert.match(complaints.join(), /^a\.test had a cookie written down: \[cookie\]$/);
  });

  it('finds private keys and assertions that nobody noted', () => {
    for (const told of [
      '-----BEGIN PRIVATE KEY-----',
      '<saml:Assertion ID="x">',
      Buffer.from('<samlp:Response').toString('base64'),
    ])
      assert.equal(judge({ a: { told } }).complaints.length, 1, told);
  });

  it('finds nothing where there is nothing, nor what the same file said aloud', () => {
    const { complaints, lines, secrets } = judge({
      a: { told: `one ${secret.slice(1)}\ntwo`, secrets: [['password', secret]] },
      b: { told: 'the name was somebody-else', secrets: [['password', 'somebody-else']], open: ['somebody-else'] },
    });
    assert.deepEqual(complaints, []);
    assert.ok(lines >= 3 && secrets >= 2);
  });

  it('fails a run whose house tells a password', () => {
    const folder = join(root, 'run');
    mkdirSync(folder);
    const fixture = (name: string): string => JSON.stringify(join(import.meta.dirname, '../fixtures', name));
    const script = `
      const { openHouse } = await import(${fixture('house.ts')});
      const { Visitor } = await import(${fixture('visitor.ts')});
      const house = await openHouse();
      await new Visitor(house.url).signIn(process.argv[1], 'Passw0rd!');
      await house.close();
    `;
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const env = { ...environment, [recordsVariable]: folder };
    // As people do who are in a hurry: the log holds what they typed as their name.
    execFileSync(process.execPath, ['--input-type=module', '-e', script, 'Passw0rd!x'], { env });
    assert.match(judgeRecords(folder).complaints.join('\n'), /password written down: .*signin\.refused/);
  });
});
