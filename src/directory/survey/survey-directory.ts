/** Reads all forests that are configured, page by page and without writing anything. */
import type { Clock, Random } from '../../clock.ts';
import type { DirectoryConfiguration } from '../../config/directory-configuration.ts';
import type { AnswerLimits } from '../connection.ts';
import { type Forest, type LdapForest, createForest } from '../forest.ts';
import { readForests } from './read-forests.ts';
import { type SurveyBounds, surveyBounds } from './survey-bounds.ts';
import type { Survey, SurveyProgress } from './survey.ts';

export interface SurveyParts {
  /** The text of a file. */
  readonly read: (file: string) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly told: (progress: SurveyProgress) => void;
  /** Groups, their members and organisational units too, or people alone. */
  readonly whole: boolean;
  /** Ends the reading: what it gave is then a rejection with the signal's reason. */
  readonly signal: AbortSignal;
}

/** OpenLDAP gives a group with all its members in one message; entries are read as they come and not kept. */
const answerLimits: AnswerLimits = { message: 128 * 1024 * 1024, answer: 2 ** 31 };
/** Milliseconds: a page of a thousand takes longer than a sign-in would wait. */
const LEAST_TIMEOUT = 60_000;
const LEAST_SILENCE = 20_000;
/** To one controller: one at work, and one that asks anew. */
const CONNECTIONS = 2;

/**
 * @throws Refusal directory-unavailable, directory-untrusted, directory-refused where any configured domain cannot be read whole: half
 *   a directory would prove nothing
 */
export async function surveyDirectory(
  directory: DirectoryConfiguration,
  parts: SurveyParts,
  bounds: SurveyBounds = surveyBounds,
): Promise<Survey> {
  const { read, clock, random, signal } = parts;
  signal.throwIfAborted();
  const ldapForests = directory.forests.map(({ caFile, ...forest }): LdapForest => ({
    ...forest,
    ca: caFile === undefined ? undefined : () => read(caFile),
  }));
  const options = {
    ...directory,
    forests: ldapForests,
    operationTimeout: Math.max(directory.operationTimeout, LEAST_TIMEOUT),
    failoverAfter: Math.max(directory.failoverAfter, LEAST_SILENCE),
    connections: CONNECTIONS,
    released: [],
    answerLimits,
    clock,
    random,
    note: () => undefined,
  };
  const forests: readonly Forest[] = ldapForests.map((forest) => createForest(options, forest));
  const close = (): void => {
    for (const forest of forests) forest.close();
  };
  signal.addEventListener('abort', close);
  try {
    return await readForests(forests, directory, { ...parts, bounds });
  } catch (error) {
    // Connections that were closed are no trouble of the directory's.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
