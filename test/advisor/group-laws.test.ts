/** Laws of nesting and membership, against computations that are too simple to be wrong. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { condense } from '../../src/advisor/groups/condense.ts';
import { countMemberships } from '../../src/advisor/groups/count-memberships.ts';
import { findNesting } from '../../src/advisor/groups/nesting.ts';

type Graph = readonly (readonly number[])[];

const toArrays = (graph: Graph): readonly Uint32Array[] => graph.map((children) => Uint32Array.from(children));
const ranks = (graph: Graph): Uint32Array => Uint32Array.from(graph.keys());

/** Up to `most` groups; `isAcyclic`: each contains groups of higher numbers alone. */
const graphs = (most: number, isAcyclic = false): fc.Arbitrary<Graph> =>
  fc.integer({ min: 1, max: most }).chain((count) =>
    fc.tuple(
      ...Array.from({ length: count }, (_, place) => {
        const least = isAcyclic ? place + 1 : 0;
        return least >= count
          ? fc.constant<number[]>([])
          : fc.uniqueArray(fc.integer({ min: least, max: count - 1 }), { maxLength: 4 });
      }),
    ),
  );

/** All that can be got to from it by at least one step. */
function reached(graph: Graph, from: number): ReadonlySet<number> {
  const found = new Set<number>();
  const ahead = [...(graph[from] ?? [])];
  for (let place = ahead.pop(); place !== undefined; place = ahead.pop()) {
    if (found.has(place)) continue;
    found.add(place);
    ahead.push(...(graph[place] ?? []));
  }
  return found;
}

describe('nesting', () => {
  it('is as deep as a simple recursion says, where there is no circle', () => {
    const depth = (graph: Graph, place: number): number => Math.max(0, ...graph[place]!.map((child) => 1 + depth(graph, child)));
    fc.assert(
      fc.property(graphs(14, true), (graph) => {
        const { depths, longest, circles } = findNesting(toArrays(graph), ranks(graph));
        assert.deepEqual(
          [...depths],
          [...graph.keys()].map((place) => depth(graph, place)),
        );
        assert.deepEqual(circles, []);
        const deepest = Math.max(...depths);
        assert.equal(longest.length, deepest === 0 ? 0 : deepest + 1);
        for (const [index, place] of longest.slice(1).entries()) assert.ok(graph[longest[index]!]!.includes(place));
      }),
      { numRuns: 200 },
    );
  });

  it('finds as circles exactly the groups that contain themselves, with those that they contain and that contain them', () => {
    fc.assert(
      fc.property(graphs(20), (graph) => {
        const { circles } = findNesting(toArrays(graph), ranks(graph));
        const own = [...graph.keys()].filter((place) => reached(graph, place).has(place));
        assert.deepEqual(
          circles.flat().sort((one, other) => one - other),
          own,
        );
        for (const circle of circles) {
          for (const place of circle) {
            const around = reached(graph, place);
            assert.deepEqual(
              circle.toSorted((one, other) => one - other),
              own.filter((other) => around.has(other) && reached(graph, other).has(place)),
            );
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('numbers what is within before what is around', () => {
    fc.assert(
      fc.property(graphs(20), (graph) => {
        const { componentOf } = condense(toArrays(graph));
        for (const [place, children] of graph.entries()) {
          for (const child of children) assert.ok(componentOf[child]! <= componentOf[place]!);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('goes around a circle in its order', () => {
    const graph = [[3], [0], [1], [2], [4]];
    const { circles, depths } = findNesting(toArrays(graph), ranks(graph));
    assert.deepEqual(circles, [[0, 3, 2, 1], [4]]);
    assert.deepEqual([...depths], [0, 0, 0, 0, 0]);
  });

  it('goes down 10,000 groups', () => {
    const graph = Array.from({ length: 10_000 }, (_, place) => (place < 9_999 ? [place + 1] : []));
    assert.equal(findNesting(toArrays(graph), ranks(graph)).longest.length, 10_000);
    const ring = graph.map((children) => (children.length === 0 ? [0] : children));
    assert.equal(findNesting(toArrays(ring), ranks(ring)).circles[0]?.length, 10_000);
  });
});

describe('memberships', () => {
  it('are as many as a simple closure counts, circles included', () => {
    const peopled = graphs(40).chain((graph) =>
      fc.tuple(
        fc.constant(graph),
        fc.array(fc.uniqueArray(fc.nat({ max: graph.length - 1 }), { maxLength: 6 }), { minLength: 1, maxLength: 6 }),
      ),
    );
    fc.assert(
      fc.property(peopled, ([graph, memberOf]) => {
        const groups = toArrays(graph).map((children, place) => ({
          groups: children,
          people: Uint32Array.from([...memberOf.keys()].filter((person) => memberOf[person]!.includes(place))),
        }));
        const { direct, all } = countMemberships(memberOf.length, groups, condense(toArrays(graph)));
        assert.deepEqual(
          [...direct],
          memberOf.map((its) => its.length),
        );
        const around = (place: number): readonly number[] =>
          [...graph.keys()].filter((other) => reached(graph, other).has(place));
        assert.deepEqual(
          [...all],
          memberOf.map((its) => new Set([...its, ...its.flatMap(around)]).size),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('are counted part by part where sets of all groups would be too large', () => {
    const count = 20_000;
    const graph = Array.from({ length: count }, (_, place) => (place + 1 < count ? [place + 1] : []));
    const groups = toArrays(graph).map((children, place) => ({
      groups: children,
      people: Uint32Array.from(place === 0 ? [0] : place === count - 1 ? [1] : place === 12_345 ? [0, 2] : []),
    }));
    const { direct, all } = countMemberships(4, groups, condense(toArrays(graph)));
    assert.deepEqual([...direct], [2, 1, 1, 0]);
    assert.deepEqual([...all], [12_346, count, 12_346, 0]);
  });
});
