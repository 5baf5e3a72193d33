/** A report in which every text that could come from a directory attacks whoever shows it. */
import type { Advice } from '../../src/advisor/advice.ts';
import { smallAdvice } from './small-advice.ts';

/** What each text of the report becomes, one after the other. */
export const attacks: readonly string[] = [
  '<script>alert(1)</script>',
  '"\'><img src=x onerror=alert(1)>',
  '</style></title></svg><script>alert(2)</script>',
  '\u202Egpj.exe\u2066\u200F',
  ']]><!--<b>&amp;&#60;',
  'a\u0000b\u001B[2J\u0085c\r\nd\u2028e',
  'url(https://evil.example/x.png)',
  'W'.repeat(1_000),
  '漢字'.repeat(500),
  'مرحبا بالعالم'.repeat(77),
  `x${'\u0301'.repeat(999)}`,
  '\uD800lone\uFFFF',
  "=cmd|'/c calc'!A1",
  '${constructor} {{7*7}} <%= 7*7 %>',
];

/** Values that Passerelle itself chooses, never the directory. */
const chosen = new Set(
  'kind role source dns answer owned direction by use scope type trouble attribute naming best letterCase made format refused'.split(
    ' ',
  ),
);

/** @param next gives the next attack */
function poison(value: unknown, key: string, next: () => string, within: string): unknown {
  if (typeof value === 'string') {
    const isCandidate = key === 'name' && within === 'candidates';
    return (chosen.has(key) && within !== 'options') || isCandidate ? value : `${next()}${value}`;
  }
  if (Array.isArray(value)) {
    return value.map((entry) => poison(entry, key, next, typeof entry === 'string' ? within : key));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      key === 'substitute' || key === 'aliases' ? `${next()}${name}` : name,
      poison(entry, name, next, Array.isArray(entry) ? name : key),
    ]),
  );
}

function poisoned(advice: Advice): Advice {
  let turn = 0;
  return poison(advice, '', () => attacks[turn++ % attacks.length]!, '') as Advice;
}

const forest = smallAdvice.forests.forests[0]!;

export const hostileAdvice = poisoned({
  ...smallAdvice,
  forests: {
    ...smallAdvice.forests,
    forests: [
      {
        ...forest,
        trusts: [
          {
            partner: 'partner.example',
            domain: 'corp.example.com',
            direction: 'both',
            kind: 'forest',
            transitive: true,
            selective: true,
            configured: false,
          },
        ],
      },
    ],
    decision: smallAdvice.mapping.decision,
    notes: ['note'],
  },
  domains: { ...smallAdvice.domains, decision: smallAdvice.mapping.decision, notes: ['note', 'note', 'note'] },
  groups: {
    ...smallAdvice.groups,
    decision: smallAdvice.mapping.decision,
    notes: ['note'],
    nesting: {
      ...smallAdvice.groups.nesting,
      cycles: [smallAdvice.groups.namings.flatMap(({ heldByPeople }) => heldByPeople.map(({ group }) => group))],
    },
    outsiders: [{ kind: 'foreign', members: 2, groups: 1, examples: ['S-1-5-21-1-2-3-500'] }],
    limits: [{ what: 'members', limit: 1, over: [{ name: 'Sales', count: 2 }], most: 2 }],
  },
  units: { ...smallAdvice.units, troubles: [{ distinguishedName: 'OU=x', because: 'named twice' }] },
});
