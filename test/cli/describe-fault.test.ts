/** Whatever fails is told in one line that people understand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeFault } from '../../src/cli/describe-fault.ts';

const fault = (message: string, parts: object): Error => Object.assign(new Error(message), parts);

describe('why a command failed', () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    [
      'a missing file',
      fault("ENOENT: no such file or directory, open '/a'", { code: 'ENOENT', path: '/a' }),
      '/a does not exist (ENOENT).',
    ],
    [
      'a file of others',
      fault('EACCES: x', { code: 'EACCES', path: '/a' }),
      '/a may not be read or written by this user (EACCES).',
    ],
    [
      'a port that is taken',
      fault('listen EADDRINUSE', { code: 'EADDRINUSE', address: '127.0.0.1', port: 80 }),
      '127.0.0.1, port 80, is taken by another process (EADDRINUSE).',
    ],
    [
      'a port of root',
      fault('listen EACCES', { code: 'EACCES', address: '::', port: 80 }),
      '::, port 80, may not be listened on by this user (EACCES).',
    ],
    ['what has its own words', fault('There is no key.', { code: 'KEY' }), 'There is no key.'],
    ['several lines', new Error('one\n    at two'), 'one'],
    ['what writes to the terminal', fault('x', { code: 'ENOENT', path: '/a\u001b[2J' }), '/a\uFFFD[2J does not exist (ENOENT).'],
    ['what is no error', 'odd', 'odd'],
  ];
  for (const [title, error, expected] of rows) it(`is told of ${title}`, () => assert.equal(describeFault(error), expected));
});
