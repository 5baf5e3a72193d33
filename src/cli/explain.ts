/** `passerelle explain`: the story of one reference, in order and in words. */
import type { Configuration } from '../config/read-configuration.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';
import { advise } from './explain-advice.ts';
import { readKept, type Kept } from './explain-kept.ts';
import { readReference } from './explain-reference.ts';
import { renderStory, type Gaps } from './explain-render.ts';
import { reasonOf, tellStory, type Story } from './explain-story.ts';
import { long } from './explain-words.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { plain, plainJson } from './plain.ts';
import type { Journal, JournalEntry, JournalPlace } from '../store/journal.ts';
import { withStore } from './with-store.ts';

/** From either end: many times what a sign-in leaves. Whoever makes more of it does not hide how it began or ended. */
const most = 250;

export const command: Command = {
  name: 'explain',
  summary: 'tell why a sign-in was refused, or what went out, by the reference that its page bore',
  usage: `Usage: passerelle explain REFERENCE [OPTIONS]

      --json          the same for programs
${configurationUsage}

REFERENCE is what the page, the Response and the log bear, such as 7K3F-9QXM2C, in any case and with or without its hyphen; or the
ID of a Response or an assertion. Told are the request as it came, each step with its time, what decided, and what to do. How long
that is kept, audit.retention and audit.trail say. Passerelle may run meanwhile. Exits with 1 where nothing is known of it.

Example: passerelle explain 7K3F-9QXM2C`,
  async run(args, io) {
    const { values, positionals } = parseArguments(args, { ...configurationOption, json: { type: 'boolean', default: false } }, [
      'REFERENCE',
    ]);
    const typed = positionals[0] ?? '';
    const reference = readReference(typed);
    if (reference === undefined)
      throw new UsageMistake(`${plain(JSON.stringify(typed.slice(0, 80)))} is no reference: they look like 7K3F-9QXM2C.`);
    return withStore({ flag: values.config }, io, async ({ store, configuration }) => {
      io.doing('reading what was kept');
      const { entries, more } = await bothEnds(store.journal, reference);
      if (entries.length === 0) {
        io.stderr(`${unknown(reference, configuration)}\n`);
        return 1;
      }
      const kept = readKept(entries);
      const story = tellStory(kept);
      const gaps = { noTrail: whyNoTrail(kept, configuration, io.clock.now()), more, config: values.config };
      io.stdout(
        values.json ? `${plainJson(forPrograms(reference, kept, story, gaps))}\n` : renderStory(reference, kept, story, gaps),
      );
      return 0;
    });
  },
};

async function bothEnds(
  journal: Journal,
  reference: string,
): Promise<{ readonly entries: readonly JournalEntry[]; readonly more: boolean }> {
  const first = await journal.search({ reference, order: 'oldest first', limit: most });
  if (first.length < most) return { entries: first, more: false };
  const after = first.at(-1)?.place;
  const rest = await journal.search({ reference, order: 'oldest first', after, limit: most });
  if (rest.length < most) return { entries: [...first, ...rest], more: false };
  const last = await journal.search({ reference, order: 'newest first', limit: most });
  const isLater = ({ at, number }: JournalPlace): boolean => after !== undefined && (at - after.at || number - after.number) > 0;
  const later = last.filter(({ place }) => isLater(place)).reverse();
  return { entries: [...first, ...later], more: rest.at(-1)?.place.number !== later.at(-1)?.place.number };
}

function unknown(reference: string, { audit }: Configuration): string {
  if (!audit.store) return `Nothing is known of ${reference}: audit.store is off, so that nothing is kept; look into the log.`;
  return `Nothing is known of ${reference}: it was mistyped, is of another Passerelle, or happened more than ${long(audit.retention)} ago (audit.retention).`;
}

/** @param now milliseconds since the epoch */
function whyNoTrail({ exchanges, events }: Kept, { audit }: Configuration, now: number): string | undefined {
  if (exchanges.length > 0) return undefined;
  if (audit.trail === 'none') return 'No steps are kept (audit.trail: none), so that this is what the events say.';
  const at = Math.max(...events.map((event) => event.at));
  return now - at >= audit.trail
    ? `The steps were kept for ${long(audit.trail)} (audit.trail) and are forgotten, so that this is what the events say.`
    : 'No steps were kept of it: nothing was looked at, or strangers left no room. This is what the events say.';
}

function forPrograms(reference: string, kept: Kept, story: Story, { noTrail, more, config }: Gaps): unknown {
  const { decisive, beganAt, endedAt, earlier, reason, name, distinguishedName, person, address, serviceProvider } = story;
  const known = reasonOf(story);
  return {
    reference,
    outcome: story.outcome,
    reason: reason ?? null,
    detail: story.detail,
    earlier: earlier.map(([each, times]) => ({ reason: each, times })),
    ...{ name: name ?? null, distinguishedName: distinguishedName ?? null, person: person ?? null, address: address ?? null },
    serviceProvider: serviceProvider ?? null,
    serviceProviderName: story.serviceProviderName ?? null,
    remoteAddress: story.remoteAddress ?? null,
    ...{ began: new Date(beganAt).toISOString(), ended: new Date(endedAt).toISOString() },
    exchanges: kept.exchanges.map(({ at, steps, ...exchange }) => ({
      time: instantOf(at),
      ...exchange,
      steps: steps.map((step) => ({ ...step, decisive: step === decisive })),
    })),
    events: kept.events.map(({ at, ...event }) => ({ time: instantOf(at), ...event })),
    advice: known === undefined ? [] : advise(known, { ...story, config }),
    noTrail: noTrail ?? null,
    more,
  };
}

const instantOf = (at: number): string => new Date(at).toISOString();
