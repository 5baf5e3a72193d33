/** When to ask for metadata again: regularly, sooner where the metadata say so, and with patience where nobody answers. */
import type { Clock, Random } from '../../clock.ts';
import type { MetadataIndex } from '../../saml/index-metadata.ts';

const soonest = 60_000;

export class MetadataTimetable {
  /** Milliseconds since the epoch. */
  dueAt = -Infinity;
  readonly #interval: number;
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;

  /** `interval` in milliseconds. */
  constructor(interval: number, { clock, random }: { clock: Clock; random: Random }) {
    this.#interval = interval;
    this.#clock = clock;
    this.#random = random;
  }

  /** Half of what is left until validUntil leaves time for a second attempt. */
  succeed({ cacheDuration, validUntil }: Partial<Pick<MetadataIndex, 'cacheDuration' | 'validUntil'>> = {}): void {
    this.#failures = 0;
    const sooner = Math.min(
      cacheDuration ?? Infinity,
      validUntil === undefined ? Infinity : (validUntil - this.#clock.now()) / 2,
    );
    this.#set(Math.min(this.#interval, Math.max(sooner, soonest)));
  }

  fail(): void {
    this.#set(Math.min(this.#interval, soonest * 2 ** this.#failures));
    this.#failures = Math.min(this.#failures + 1, 16);
  }

  /** Up to a tenth more or less, so that not everybody asks at the same moment. */
  #set(after: number): void {
    const jitter = 0.9 + (0.2 * this.#random(2).readUInt16BE()) / 65_535;
    this.dueAt = this.#clock.now() + Math.round(after * jitter);
  }
}
