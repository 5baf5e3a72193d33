/** A logo is known by its content, and there is always one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { drawMark, readLogo } from '../../src/http/logo.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-logo-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const color = '#0b57d0';
const write = (name: string, content: Buffer | string): string => {
  const file = join(folder, name.replaceAll(' ', '-'));
  writeFileSync(file, content);
  return file;
};

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const kept: readonly [title: string, content: Buffer | string, type: string][] = [
  ['PNG', png, 'image/png'],
  ['WebP', Buffer.from('RIFF\x10\0\0\0WEBPVP8L', 'latin1'), 'image/webp'],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
  ['SVG with a declaration and a comment', '\ufeff<?xml version="1.0"?>\n<!-- a > b -->\n<svg>', 'image/svg+xml'],
];
const refused: readonly [title: string, content: Buffer | string][] = [
  ['HTML', '<!doctype html><svg></svg>'],
  ['a script', 'alert(1)'],
  ['GIF', 'GIF89a'],
  ['nothing', ''],
  ['WAVE', Buffer.from('RIFF\x10\0\0\0WAVEfmt ', 'latin1')],
  ['more than 200 kB', Buffer.concat([png, Buffer.alloc(200 * 1024)])],
  ['an entity declaration', '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>'],
];

describe('readLogo', () => {
  for (const [title, content, type] of kept) {
    it(`takes ${title}`, () => {
      const logo = readLogo({ logoFile: write(title, content), color });
      assert.equal(logo.type, type);
      assert.deepEqual(logo.content, Buffer.from(content as string));
    });
  }
  for (const [title, content] of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(() => readLogo({ logoFile: write(title, content), color }), /the logo is/);
    });
  }

  it('draws one where none is configured', () => {
    const logo = readLogo({ color });
    assert.equal(logo.type, 'image/svg+xml');
    assert.equal(logo.content.toString(), drawMark(color));
    assert.match(drawMark(color), /fill="#0b57d0"/);
  });
});
