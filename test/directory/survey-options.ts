/** Surveys under test. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DirectoryConfiguration, ForestConfiguration } from '../../src/config/directory-configuration.ts';
import { surveyBounds, type SurveyBounds } from '../../src/directory/survey/survey-bounds.ts';
import { surveyDirectory } from '../../src/directory/survey/survey-directory.ts';
import type { Survey, SurveyedGroup, SurveyProgress } from '../../src/directory/survey/survey.ts';
import { clock } from './options.ts';

export const account = { bindDn: 'svc-ldap@corp.example.com', password: 'Passw0rd!' };

/** An objectGUID as the directory holds it. */
export function guid(number: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(number);
  return bytes;
}

export const oneForest = (
  urls: readonly string[],
  baseDn: string,
  rest: Partial<ForestConfiguration> = {},
): ForestConfiguration => ({
  name: undefined,
  startTls: false,
  caFile: undefined,
  globalCatalogs: [],
  domains: [{ baseDn, netbiosNames: [], controllers: urls.map((url) => ({ url, priority: 1 })) }],
  ...account,
  ...rest,
});

const configurationOf = (...forests: readonly ForestConfiguration[]): DirectoryConfiguration => ({
  connectTimeout: 5_000,
  operationTimeout: 10_000,
  failoverAfter: 5_000,
  connections: 4,
  recheck: 60,
  site: undefined,
  forests,
});

export interface SurveyAsked {
  readonly whole?: boolean;
  readonly told?: (progress: SurveyProgress) => void;
  readonly signal?: AbortSignal;
  readonly bounds?: Partial<SurveyBounds>;
}

export const surveyOf = (forests: readonly ForestConfiguration[], asked: SurveyAsked = {}): Promise<Survey> =>
  surveyDirectory(
    configurationOf(...forests),
    {
      read: (file) => readFileSync(file, 'utf8'),
      clock,
      random: randomBytes,
      told: asked.told ?? (() => undefined),
      whole: asked.whole ?? true,
      signal: asked.signal ?? new AbortController().signal,
    },
    { ...surveyBounds, ...asked.bounds },
  );

/** The names of whom a group holds directly, in order. */
export const membersOf = (survey: Survey, group: SurveyedGroup | undefined): readonly (string | undefined)[] => [
  ...[...(group?.people ?? [])].map((place) => survey.people[place]?.sAMAccountName).sort(),
  ...[...(group?.groups ?? [])].map((place) => survey.groups[place]?.sAMAccountName).sort(),
];

export const groupNamed = (survey: Survey, name: string, place?: number): SurveyedGroup | undefined =>
  survey.groups.find(
    ({ cn, sAMAccountName, place: at }) => [cn, sAMAccountName].includes(name) && (place === undefined || at === place),
  );
