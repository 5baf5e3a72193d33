/** Takes over a changed configuration: read and checked whole, then in force in one step, or refused with the old one going on. */
import type { Audit, AuditEvent } from '../audit/audit.ts';
import { newReference } from '../audit/reference.ts';
import type { Clock, Random } from '../clock.ts';
import { ConfigurationMistakes, describeMistake, type Mistake } from '../config/configuration-mistakes.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { ReloadAnswer, Waiting } from './control-answers.ts';
import { holdBack } from './hold-back.ts';
import type { Reading, Source } from './source.ts';

/** Who asked for it: SIGHUP, a file that changed, or `passerelle reload`. */
export type Occasion = 'signal' | 'watch' | 'command';

export interface Reloader {
  /** One at a time; whoever comes while one is under way shares the one after it. Does not reject. */
  reload(occasion: Occasion): Promise<ReloadAnswer>;
  readonly inForce: InForce;
}

export interface InForce {
  readonly configuration: Configuration;
  readonly digest: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly waiting: readonly Waiting[];
  /** Why the last reload was refused, if it was. */
  readonly refused: string | undefined;
}

const oneLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

const changedFiles = (before: Reading['contents'], after: Reading['contents']): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));

/** @param parts `first` is in force; `takeOver` puts another one in its place, wholly or not at all; `record` takes what came of it */
export function createReloader(parts: {
  source: Pick<Source, 'read' | 'shownAs'>;
  first: Reading;
  takeOver: (configuration: Configuration) => Promise<void>;
  record: (event: AuditEvent) => void;
  note: Audit['note'];
  clock: Pick<Clock, 'now'>;
  random: Random;
}): Reloader {
  const { source, first, takeOver, record, note, clock, random } = parts;
  const { configuration, digest } = first;
  let inForce: InForce = { configuration, digest, since: clock.now(), waiting: [], refused: undefined };
  let { contents } = first;
  let running: Promise<ReloadAnswer> | undefined;
  let next: Promise<ReloadAnswer> | undefined;
  /** Of those who share the next one, whoever asks for most. */
  let occasionOfNext: Occasion = 'watch';

  function refuse(occasion: Occasion, why: string, reason: string, mistakes: readonly Mistake[]): ReloadAnswer {
    inForce = { ...inForce, refused: why };
    record({
      event: 'configuration.refused',
      reference: newReference(random),
      reason,
      hint: 'What was in force goes on. Put it right, then: passerelle reload',
      detail: {
        occasion,
        why,
        ...(mistakes.length > 0 && {
          mistakes: mistakes.map((mistake) => describeMistake(source.shownAs, mistake).replace('\n    ', '. ')),
        }),
      },
    });
    return { result: 'refused', why, file: source.shownAs, mistakes };
  }

  async function once(occasion: Occasion): Promise<ReloadAnswer> {
    const begun = clock.now();
    let reading: Reading;
    try {
      reading = await source.read();
    } catch (error) {
      if (!(error instanceof ConfigurationMistakes)) return refuse(occasion, oneLine(error), 'configuration-unreadable', []);
      return refuse(occasion, oneLine(error), 'configuration-mistakes', error.mistakes);
    }
    const { changed, waiting, ...held } = holdBack(reading.configuration, inForce.configuration);
    const files = changedFiles(contents, reading.contents);
    const isNews = JSON.stringify(waiting) !== JSON.stringify(inForce.waiting) || inForce.refused !== undefined;
    // Whoever asks has a reason that the files may not show; a file that says the same in other words is none.
    if (occasion !== 'watch' || isNews || changed.length + files.length > 0) {
      try {
        await takeOver(held.configuration);
      } catch (error) {
        return refuse(occasion, oneLine(error), 'configuration-unusable', []);
      }
      record({
        event: 'configuration.reloaded',
        reference: newReference(random),
        detail: { occasion, changed, files, waiting: waiting.map(({ setting }) => setting) },
        milliseconds: clock.now() - begun,
      });
      for (const warning of reading.warnings) note('warn', describeMistake(source.shownAs, warning));
      for (const { setting, why } of waiting) note('warn', `${setting} waits for a restart: ${why}`);
    }
    ({ contents } = reading);
    inForce = { configuration: held.configuration, digest: reading.digest, since: begun, waiting, refused: undefined };
    return { result: 'reloaded', changed, files, waiting };
  }

  function start(occasion: Occasion): Promise<ReloadAnswer> {
    const work = once(occasion).finally(() => {
      if (running === work) running = undefined;
    });
    running = work;
    return work;
  }

  return {
    reload(occasion) {
      if (running === undefined) return start(occasion);
      // A watch does nothing where nothing changed, and whoever asked is not to be told that it did.
      if (next === undefined || occasionOfNext === 'watch') occasionOfNext = occasion;
      next ??= running.then(() => {
        next = undefined;
        return start(occasionOfNext);
      });
      return next;
    },
    get inForce() {
      return inForce;
    },
  };
}
