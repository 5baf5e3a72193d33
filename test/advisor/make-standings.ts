/** What the tests of drift compare: people as a report has them. */
import type { Standing } from '../../src/advisor/advice.ts';
import type { Measured } from '../../src/advisor/measured.ts';
import type { Mapping } from '../../src/mapping/prepare-mapping.ts';
import { guid, makeMapping } from './make-survey.ts';

export const home = 'corp.example.com';
export const emea = 'emea.corp.example.com';
export const strange = 'strange.example.net';
export const somebody = (id: number, given: Partial<Standing> = {}): Standing => ({
  objectGUID: guid(1, id),
  domain: home,
  name: `person${String(id)}`,
  kind: 'person',
  address: `person${String(id)}@example.com`,
  refused: null,
  ...given,
});
export const disabled = { kind: 'disabled', refused: 'person-disabled' } as const;
export const unmapped = { address: null, refused: 'no-mail' } as const;
export const shared = { address: 'info@example.com', refused: 'address-not-unique' } as const;

export const report = (
  people: readonly Standing[],
  configured: Mapping = makeMapping(),
  forests = [[home, emea], [strange]],
): Measured => ({
  made: '2026-03-01T00:00:00.000Z',
  configured,
  forests: { forests: forests.map((domains) => ({ domains: domains.map((dnsDomain) => ({ dnsDomain })) })) },
  people,
});
