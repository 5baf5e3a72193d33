/** Organisational units: the tree with its people, and what bringing it to Google would mean. */
import { html } from '../../http/html.ts';
import type { UnitAdvice } from '../advice.ts';
import { figure, counted } from '../figures.ts';
import { factList, section } from './section.ts';
import { table, told } from './table.ts';
import { unitTree } from './unit-tree.ts';

function* content(advice: UnitAdvice): Generator<string> {
  yield factList([
    { what: 'units', said: figure(advice.total) },
    { what: 'levels at most', said: figure(advice.deepest) },
    { what: 'without anybody', said: figure(advice.empty) },
    { what: 'that Google does not take as they are', said: figure(advice.troubles.length) },
  ]).text;
  if (advice.meaning.length > 0) {
    yield html`<h3>What bringing them would mean</h3>
      ${advice.meaning.slice(0, 50).map((sentence) => html`<p>${sentence}</p>`)}`.text;
  }
  if (advice.trees.length > 0) {
    yield '<h3>The tree</h3>';
    yield* unitTree(advice.trees);
  }
  yield* table({
    caption: 'Units that Google does not take as they are',
    columns: [
      { head: 'Unit', kind: 'x' },
      { head: 'Because', kind: 'w' },
    ],
    rows: advice.troubles,
    cells: ({ distinguishedName, because }) => [told(distinguishedName), because],
  });
}

export const unitsSection = (advice: UnitAdvice): Iterable<string> =>
  section(
    'units',
    advice.total === 0
      ? 'No organisational units were found.'
      : `${counted(advice.total, 'organisational unit')}, ${counted(advice.deepest, 'level')} deep at most.`,
    content(advice),
  );
