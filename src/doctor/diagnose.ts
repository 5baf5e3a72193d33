/** The doctor: looks at everything that is wanted, and tells what was found, area by area as they are done. */
import type { ConfigurationMistakes, Mistake } from '../config/configuration-mistakes.ts';
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { tell, type Finding } from './check.ts';
import { areas, type Area } from './checks/row.ts';
import { areaOf, checkIds } from './checks.ts';
import { judgeConfiguration, judgeSecrets, tellMistakes, type SecretFile } from './configuration.ts';
import { createPatient } from './patient.ts';
import { probesFor } from './probes.ts';
import { makeReport, reported, type Report, type ReportedCheck } from './report.ts';
import { runProbes, type TimedFinding } from './run-probes.ts';
import type { Machine } from './world.ts';

/** What is known of the configuration before anything else is looked at. */
export type Reading =
  | {
      readonly configuration: Configuration;
      readonly warnings: readonly Mistake[];
      /** What only those who use the configuration find wrong with it. */
      readonly contradictions: readonly string[];
      readonly secrets: readonly SecretFile[];
    }
  | { readonly mistakes: ConfigurationMistakes };

export interface Diagnosis {
  /** The configuration as it was named. */
  readonly file: string;
  readonly reading: Reading;
  /** Undefined for all. */
  readonly only: readonly Area[] | undefined;
  readonly read: (file: string) => string;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of an area once everything in it was looked at, in their order. */
  readonly done: (area: Area, checks: readonly ReportedCheck[]) => void;
  /** Told of what is looked at still. */
  readonly doing: (areas: readonly Area[]) => void;
}

const instant = (findings: readonly Finding[]): readonly TimedFinding[] =>
  findings.map((finding) => ({ ...finding, milliseconds: 0 }));

/** Of what cannot be looked at for want of a configuration. */
const skipped = (): readonly Finding[] =>
  checkIds.filter((id) => id !== 'configuration.whole').map((id) => tell(id).skipped('the configuration cannot be used'));

export async function diagnose(parts: Diagnosis): Promise<Report> {
  const { file, reading, only, read, machine, clock, random, done, doing } = parts;
  // What is wrong with the configuration is told whatever is asked for: nothing else can be.
  const isWanted = (area: Area): boolean =>
    only === undefined || only.includes(area) || ('mistakes' in reading && area === 'configuration');
  const wanted = areas.filter(isWanted);
  /** By the places of the probes, so that the order does not hang on who answers first. */
  const found: (readonly TimedFinding[])[] = [];
  const all = (): readonly TimedFinding[] => found.flat();
  let told = 0;
  /** Tells of areas, in their order, up to the first that is not done. */
  function tellDone(pending: ReadonlySet<Area>): void {
    for (let area = wanted[told]; area !== undefined && !pending.has(area); area = wanted[told]) {
      told += 1;
      done(area, reported(all().filter(({ id }) => areaOf(id) === area)));
    }
    doing([...pending]);
  }
  const take = (findings: readonly TimedFinding[], place: number): void => {
    found[place] = findings.filter(({ id }) => isWanted(areaOf(id)));
  };

  if ('mistakes' in reading) {
    take(instant([...tellMistakes(reading.mistakes), ...skipped()]), 0);
    tellDone(new Set());
    return makeReport(all(), file, clock.now());
  }
  const { configuration, warnings, contradictions, secrets } = reading;
  take(instant([...judgeConfiguration(file, warnings, contradictions), ...judgeSecrets(secrets)]), 0);
  const patient = createPatient({ configuration, read, clock, random });
  try {
    const probes = probesFor({ configuration, read, machine, clock, random, patient }, only);
    const waiting = new Set(probes.keys());
    const pending = (): ReadonlySet<Area> =>
      new Set([...waiting].flatMap((place) => probes[place]?.ids.map(areaOf) ?? []).filter(isWanted));
    tellDone(pending());
    await runProbes(probes, (findings, place) => {
      waiting.delete(place);
      take(findings, place + 1);
      tellDone(pending());
    });
    return makeReport(all(), file, clock.now());
  } finally {
    patient.close();
  }
}
