/** Whatever the brand's colour, text on it and beside it can be read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contrast, createPalette } from '../../src/http/palette.ts';

const color = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, '0')}`);

const holds = (brand: string): void => {
  const { light, dark } = createPalette(brand);
  for (const [shades, card] of [
    [light, '#ffffff'],
    [dark, '#1b1d22'],
  ] as const) {
    assert.ok(contrast(shades.accent, shades.onAccent) >= 4.5, `${brand}: text on a button`);
    assert.ok(contrast(shades.edge, card) >= 3, `${brand}: the border of a button`);
    assert.ok(contrast(shades.link, card) >= 4.5, `${brand}: a link on the card`);
    assert.ok(contrast(shades.link, shades.ground) >= 4.5, `${brand}: a link on the ground`);
    for (const value of Object.values(shades) as string[]) assert.match(value, /^#[0-9a-f]{6}$/);
  }
};

describe('createPalette', () => {
  for (const brand of ['#0b57d0', '#000000', '#FFFFFF', '#ffff00', '#777777', '#ff0000', '#1b1d22', '#00ff00', '#0000ff']) {
    it(`makes ${brand} readable`, () => {
      holds(brand);
    });
  }

  it('makes any colour readable', () => {
    fc.assert(fc.property(color, holds));
  });

  it('keeps the brand colour as the fill of buttons', () => {
    assert.equal(createPalette('#FFD400').light.accent, '#ffd400');
  });

  it('measures contrast as WCAG does', () => {
    assert.equal(contrast('#000000', '#ffffff'), 21);
    assert.ok(Math.abs(contrast('#777777', '#ffffff') - 4.478) < 0.001);
  });
});
