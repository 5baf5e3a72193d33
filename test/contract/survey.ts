/** What a survey of the directory of the tests must give, whichever server tells it. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { ForestConfiguration } from '../../src/config/directory-configuration.ts';
import { relativeNames } from '../../src/directory/distinguished-name.ts';
import type { Survey, SurveyProgress } from '../../src/directory/survey/survey.ts';
import { groupNamed, membersOf, surveyOf } from '../directory/survey-options.ts';
import { testDirectory } from '../testbed/demo-ldif.ts';

export interface SurveyedServer {
  readonly forest: ForestConfiguration;
  readonly kind: 'active-directory' | 'openldap';
  readonly dnsDomain: string;
}

const { users, services, groups, ous } = testDirectory;

export function surveyContract(title: string, open: () => Promise<SurveyedServer>): void {
  describe(title, () => {
    let server: SurveyedServer;
    let survey: Survey;
    const progress: SurveyProgress[] = [];
    before(async () => {
      server = await open();
      survey = await surveyOf([server.forest], { told: (one) => progress.push(one) });
    });

    it('tells its forest and domain', () => {
      const [forest] = survey.forests;
      const [domain] = survey.domains;
      assert.equal(forest?.isActiveDirectory, server.kind === 'active-directory');
      assert.equal(forest.hasCatalog, false);
      assert.deepEqual(forest.trusts, []);
      assert.equal(domain?.dnsDomain, server.dnsDomain);
      assert.match(domain.server, /:\d+$/);
    });

    it('gives everybody once, with what a sign-in reads', () => {
      const expected = [...users, ...services];
      for (const { name, mail, ou, state } of expected) {
        const found = survey.people.filter(({ sAMAccountName }) => sAMAccountName === name);
        assert.equal(found.length, 1, name);
        const [person] = found;
        assert.ok(person !== undefined);
        assert.match(person.objectGUID, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.equal(person.mail, mail, name);
        assert.equal(person.domain, server.dnsDomain);
        assert.deepEqual([person.place, typeof person.rid], [0, 'number']);
        assert.equal(
          person.barred,
          state === 'disabled' ? 'person-disabled' : state === 'account-expired' ? 'person-expired' : undefined,
        );
        const above = relativeNames(person.distinguishedName).slice(1);
        assert.deepEqual(
          above.slice(0, ou.split('/').length),
          ou
            .toLowerCase()
            .split('/')
            .reverse()
            .map((unit) => `ou=${unit}`),
        );
      }
      assert.equal(new Set(survey.people.map(({ objectGUID }) => objectGUID)).size, survey.people.length);
    });

    it('gives them in the order of their names', () => {
      const names = survey.people.map(({ distinguishedName }) => distinguishedName);
      assert.deepEqual(
        names,
        names.toSorted((one, other) => (one < other ? -1 : 1)),
      );
    });

    for (const { name, samAccountName = name, members } of groups) {
      it(`gives the group ${name} with its direct members`, () => {
        const group = groupNamed(survey, samAccountName);
        assert.equal(group?.sAMAccountName, samAccountName);
        assert.deepEqual([...membersOf(survey, group)].sort(), [...members].sort());
        assert.deepEqual(group.outsiders, { foreign: 0, computer: 0, contact: 0, elsewhere: 0 });
        assert.deepEqual(group.someOutsiders, []);
      });
    }

    it('gives every organisational unit once', () => {
      for (const ou of ous) {
        const path = [
          ...ou
            .toLowerCase()
            .split('/')
            .reverse()
            .map((unit) => `ou=${unit}`),
          ...server.dnsDomain.split('.').map((label) => `dc=${label}`),
        ];
        const found = survey.units.filter(({ distinguishedName }) => relativeNames(distinguishedName).join() === path.join());
        assert.deepEqual(
          found.map(({ kind, place }) => [kind, place]),
          [['unit', 0]],
          ou,
        );
      }
    });

    it('tells how far it is', () => {
      assert.deepEqual([...new Set(progress.map(({ what }) => what))], ['people', 'groups', 'units', 'members']);
      assert.equal(progress[0]?.domain, server.dnsDomain);
      assert.equal(progress.findLast(({ what }) => what === 'people')?.read, survey.people.length);
      assert.equal(progress.findLast(({ what }) => what === 'groups')?.read, survey.groups.length);
    });
  });
}
