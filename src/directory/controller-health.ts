/**
 * Whether a controller is asked: the circuit that breaks where it fails and closes again once it is well, and how fast it answers.
 *
 *     closed --fails--> suspect --found well--> closed
 *     suspect --found unwell, or failing soon for the third time--> open
 *     open --found well when next examined--> closed
 */
import type { Clock, Random } from '../clock.ts';
import { NotLetIn, type Unanswered, Untrusted } from './unanswered.ts';

export interface ControllerHealth {
  /** Whether it is to be asked before those for which this is false. */
  readonly closed: boolean;
  /** Why it is not asked; undefined where it is. */
  readonly cause: string | undefined;
  /** Failures since it last answered. */
  readonly failures: number;
  /** What an answer takes, in milliseconds; what was learnt long ago counts less and less, so that nobody is passed over for ever. */
  readonly latency: number;
  /** How many operations it should be given at a time: few just after it came back, then twice as many with each that succeeds. */
  readonly allowance: number;
  /** It answered within so many milliseconds. @param letIn it took the service account, which it may refuse while it judges people */
  answered(milliseconds: number, letIn: boolean): void;
  /**
   * It failed an operation.
   * @param began by performance.now(); what was begun before it was last found well proves nothing
   * @param certain it could not even be reached, so that there is nothing to examine now
   */
  failed(trouble: Unanswered, began: number, certain: boolean): void;
  close(): void;
}

export interface ControllerHealthOptions {
  /** Resolves where it is well. @throws Unanswered */
  readonly examine: () => Promise<void>;
  /** It is asked no more while another answers; once until it comes back, and again where it turns out to need somebody's care. */
  readonly lost: (cause: string) => void;
  /** After so many milliseconds. */
  readonly back: (away: number) => void;
  /** It has been given as much as before for the first time since. */
  readonly restored: () => void;
  /** Milliseconds: what takes longer is no proof of health. */
  readonly prompt: number;
  /** Operations at a time that are no burden. */
  readonly full: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Weight of the latest answer in the average. */
const WEIGHT = 0.3;
/** Milliseconds after which an average counts for a third. */
const FADING = 10_000;
/** Milliseconds from one examination to the next: at first, and at most. */
const SOON = 500;
const SELDOM = 5_000;
/** The same where it refuses the service account, which must not be locked out by being tried. */
const REFUSED_SOON = 5 * 60_000;
const REFUSED_SELDOM = 60 * 60_000;
/** A failure before so many operations have succeeded, though it was found well, adds up with the one before. */
const PROOF = 10;
const MOST_STRIKES = 3;
const LONGEST_REST = 60_000;

export function createControllerHealth(options: ControllerHealthOptions): ControllerHealth {
  const { examine, lost, back, restored, prompt, full, clock, random } = options;
  let state: 'closed' | 'suspect' | 'open' = 'closed';
  let cause: string | undefined;
  let failures = 0;
  let strikes = 0;
  /** Operations that succeeded since it was found well. */
  let proven = 0;
  let lostAt = 0;
  /** Examinations that failed since it was lost. */
  let examinations = 0;
  /** The cause that was told last. */
  let told: string | undefined;
  let refused = false;
  let recoveredAt = 0;
  let average: number | undefined;
  let averageAt = 0;
  let allowance = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const flapping = (): boolean => strikes >= MOST_STRIKES;

  function recover(): void {
    clearTimeout(timer);
    if (state === 'open') {
      allowance = 1;
      back(Math.max(0, clock.now() - lostAt));
    }
    state = 'closed';
    cause = undefined;
    failures = 0;
    recoveredAt = performance.now();
    proven = 0;
  }

  function grow(): void {
    allowance *= 2;
    if (allowance < full) return;
    allowance = Infinity;
    restored();
  }

  function lose(trouble: unknown): void {
    if (ended) return;
    cause = trouble instanceof Error ? trouble.message : 'unknown';
    refused = trouble instanceof NotLetIn;
    if (state !== 'open') {
      state = 'open';
      lostAt = clock.now();
      examinations = 0;
      told = undefined;
    }
    // Beyond the first cause those are told that somebody has to put right.
    if (told === undefined || (told !== cause && (refused || trouble instanceof Untrusted))) {
      told = cause;
      lost(cause);
    }
    examineLater();
  }

  function examineLater(): void {
    const [soon, seldom] = refused ? [REFUSED_SOON, REFUSED_SELDOM] : [SOON, SELDOM];
    const rest = flapping() && examinations === 0 ? Math.min(SOON * 2 ** strikes, LONGEST_REST) : 0;
    const wait = Math.max(rest, Math.min(soon * 2 ** Math.min(examinations, 20), seldom));
    // Several nodes that lost it at once do not all come back to it at once.
    const jitter = 0.8 + (0.4 * (random(1)[0] ?? 0)) / 256;
    clearTimeout(timer);
    timer = setTimeout(look, wait * jitter).unref();
  }

  function look(): void {
    examine().then(
      () => {
        if (!ended && state !== 'closed') recover();
      },
      (error: unknown) => {
        if (ended || state === 'closed') return;
        failures += 1;
        examinations += 1;
        lose(error);
      },
    );
  }

  return {
    get closed() {
      return state === 'closed';
    },
    get cause() {
      return cause;
    },
    get failures() {
      return failures;
    },
    get latency() {
      return (average ?? 0) * Math.exp(Math.min(0, averageAt - clock.now()) / FADING);
    },
    get allowance() {
      return allowance;
    },
    answered(milliseconds, letIn) {
      average = average === undefined ? milliseconds : average + WEIGHT * (milliseconds - average);
      averageAt = clock.now();
      failures = 0;
      if (milliseconds > prompt) return;
      proven += 1;
      if (state === 'open' && !flapping() && (letIn || !refused)) recover();
      else if (state === 'closed' && allowance !== Infinity) grow();
    },
    failed(trouble, began, certain) {
      if (ended || began < recoveredAt) return;
      failures += 1;
      if (state !== 'closed') return;
      strikes = proven >= PROOF ? 1 : strikes + 1;
      if (certain || flapping()) {
        lose(trouble);
        return;
      }
      state = 'suspect';
      cause = trouble.message;
      look();
    },
    close() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
