/** What changed between two reports, by law. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Standing } from '../../src/advisor/advice.ts';
import { driftBetween, isEmptyDrift, type Drift } from '../../src/advisor/drift.ts';
import type { Measured } from '../../src/advisor/measured.ts';
import { disabled, emea, home, report, somebody, unmapped } from './make-standings.ts';

describe('driftBetween, whatever the reports', () => {
  // Each objectGUID once; addresses of few, so that they are shared, handed on and spelt differently.
  const standing = fc
    .record({
      id: fc.nat(9),
      domain: fc.constantFrom(home, emea),
      state: fc.constantFrom('carried', 'carried', 'disabled', 'unmapped'),
      address: fc.constantFrom(
        'a@x.example',
        'A@x.example',
        'b@x.example',
        'c@x.example',
        'd@x.example',
        'e@x.example',
        'f@x.example',
      ),
    })
    .map(({ id, domain, state, address }): Standing => {
      const kept = state === 'disabled' ? disabled : state === 'unmapped' ? unmapped : {};
      return somebody(id, { domain, address, ...kept });
    });
  const people = fc.uniqueArray(standing, { maxLength: 10, selector: ({ objectGUID }) => objectGUID }).map((given) => {
    const count = (form: string): number => given.filter(({ address }) => address?.toLowerCase() === form).length;
    return given.map((one): Standing =>
      one.address !== null && one.refused === null && count(one.address.toLowerCase()) > 1
        ? { ...one, refused: 'address-not-unique' }
        : one,
    );
  });
  const reports = people.map((given) => report(given));
  const isShared = ({ people: all }: Measured): boolean => {
    const forms = all.flatMap(({ address }) => address?.toLowerCase() ?? []);
    return new Set(forms).size < forms.length;
  };
  const swapped = (changes: Drift['renamed']): unknown => changes.map(({ before, after }) => ({ before: after, after: before }));

  it('finds nothing between a report and itself, in whatever order', () => {
    fc.assert(
      fc.property(reports, (one) => {
        assert.ok(isEmptyDrift(driftBetween(one, { ...one, people: [...one.people].reverse() })));
      }),
    );
  });

  it('is the other way round where the reports are', () => {
    fc.assert(
      fc.property(reports, reports, (one, other) => {
        const there = driftBetween(one, other);
        const back = driftBetween(other, one);
        assert.deepEqual(back.appeared, there.vanished);
        assert.deepEqual(back.vanished, there.appeared);
        assert.deepEqual(back.renamed, swapped(there.renamed));
        assert.deepEqual(back.lost, swapped(there.gained));
        assert.deepEqual(back.gained, swapped(there.lost));
        const ways = (drift: Drift, way: (from: string, to: string) => string): ReadonlySet<string> =>
          new Set(drift.handedOn.map(({ address, from, to }) => `${address.toLowerCase()} ${way(from.name, to.name)}`));
        // What several had may have been any one's: that is told of who comes after alone.
        if ([one, other].some(isShared)) return;
        assert.deepEqual(
          ways(back, (from, to) => `${from} ${to}`),
          ways(there, (from, to) => `${to} ${from}`),
        );
      }),
    );
  });

  it('makes the later report out of the earlier one', () => {
    const carriedBy = ({ people: all }: Measured): Map<string, string | null> =>
      new Map(all.map(({ objectGUID, address, refused }) => [objectGUID, refused === null ? address : null]));
    fc.assert(
      fc.property(reports, reports, (one, other) => {
        const drift = driftBetween(one, other);
        const made = carriedBy(one);
        for (const { objectGUID } of drift.vanished) assert.ok(made.delete(objectGUID));
        for (const { after } of drift.renamed) if (after.refused === null) made.set(after.objectGUID, after.address);
        for (const { after } of drift.lost) made.set(after.objectGUID, null);
        for (const { after } of drift.gained) made.set(after.objectGUID, after.address);
        for (const [id, address] of carriedBy(report(drift.appeared))) made.set(id, address);
        assert.deepEqual(made, carriedBy(other));
      }),
    );
  });

  it('tells of every address that somebody else carries now', () => {
    fc.assert(
      fc.property(reports, reports, (one, other) => {
        const isSame = (first: Standing, second: Standing): boolean =>
          first.address?.toLowerCase() === second.address?.toLowerCase();
        const expected = other.people.filter((now) => {
          if (now.address === null || now.refused !== null) return false;
          const holders = one.people.filter((before) => isSame(before, now));
          const own = holders.find(({ objectGUID }) => objectGUID === now.objectGUID);
          // Whoever shared it comes into their own, unless it may be the account of who may not sign in.
          if (own === undefined) return holders.length > 0;
          return own.refused === 'address-not-unique' && holders.some(({ refused }) => refused === 'person-disabled');
        });
        const told = new Set(driftBetween(one, other).handedOn.map(({ to }) => to));
        assert.deepEqual(
          other.people.filter((standing) => standing.refused === null && told.has(standing)),
          expected,
        );
      }),
    );
  });
});
