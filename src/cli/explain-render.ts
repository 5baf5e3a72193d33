/** A story for people: a headline, what happened step by step, and what to do. */
import { events as table } from '../audit/events.ts';
import { mostSteps } from '../audit/trail.ts';
import { advise } from './explain-advice.ts';
import { textIn, type Kept, type KeptEvent, type KeptExchange, type KeptStep } from './explain-kept.ts';
import type { Line } from './explain-line.ts';
import { describeDetail, describeStep } from './explain-steps.ts';
import { reasonOf, type Story } from './explain-story.ts';
import { instant, quote, some, span } from './explain-words.ts';
import { plain } from './plain.ts';

/** What is not at hand, and why. */
export interface Gaps {
  /** Why there are no steps; undefined where there are. */
  readonly noTrail: string | undefined;
  /** Whether there is more than was read. */
  readonly more: boolean;
  /** As `--config` was given. */
  readonly config: string | undefined;
}

const decisiveMark = '»';
const margin = ' '.repeat(14);
/** Milliseconds: as they are kept. */
const rounding = 0.002;

/** Where it went, and whom it was about, as far as that is known. */
function who({ name, address, distinguishedName, person }: Story): string {
  const known = name ?? address;
  const directory = distinguishedName ?? person;
  if (known === undefined) return directory ?? 'Somebody';
  return directory === undefined ? known : `${known} (${directory})`;
}

const where = ({ serviceProvider, serviceProviderName }: Story): string =>
  serviceProvider === undefined
    ? 'no service provider that is known'
    : serviceProviderName === undefined || serviceProviderName === ''
      ? serviceProvider
      : `${quote(serviceProviderName)} (${serviceProvider})`;

function headline(story: Story): string {
  const { outcome, reason, remoteAddress, endedAt, earlier } = story;
  const at = `${instant(endedAt)}${remoteAddress === undefined ? '' : `, from ${remoteAddress}`}`;
  const before = earlier.map(([each, times]) => `${each}${times === 1 ? '' : ` (${String(times)} times)`}`);
  const first = before.length === 0 ? '' : ` Before that was refused: ${before.join(', ')}.`;
  switch (outcome) {
    case 'issued':
      return `Signed in: ${who(story)} at ${where(story)}, ${at}.${first}`;
    case 'refused':
      return `Refused: ${reason ?? ''}. ${who(story)} at ${where(story)}, ${at}.${first}`;
    case 'broken':
      return `Something broke here. ${who(story)} at ${where(story)}, ${at}.${first}`;
    case 'signed out':
      return `Signed out: ${who(story)}, ${at}.`;
    case 'unfinished':
      return `Nothing was refused and nobody was signed in: ${who(story)} at ${where(story)}, last seen ${at}.`;
  }
}

function lines({ text, more = [], raw = [] }: Line, head: string, indent: string): readonly string[] {
  return [
    `${head}${indent}${plain(text)}`,
    ...more.map((each) => `${margin}  ${indent}${plain(each)}`),
    ...raw.map((each) => `${margin}  ${indent}| ${plain(each)}`),
  ];
}

function renderStep({ name, at, milliseconds, detail }: KeptStep, depth: number, isDecisive: boolean): readonly string[] {
  const described = describeStep(name, detail);
  const took = milliseconds === undefined ? '' : ` [${span(milliseconds)}]`;
  const head = `${isDecisive ? decisiveMark : ' '} ${`+${span(at)}`.padStart(10)}  `;
  return lines({ ...described, text: `${described.text}${took}` }, head, '  '.repeat(depth));
}

/** Within how many pieces of work a step lies. */
function depthOf(steps: readonly KeptStep[], index: number): number {
  const { at = 0, milliseconds = 0 } = steps[index] ?? {};
  const holds = (step: KeptStep): boolean => at + milliseconds <= step.at + (step.milliseconds ?? 0) + rounding;
  return steps.slice(0, index).filter((step) => step.milliseconds !== undefined && holds(step)).length;
}

function renderExchange({ at, exchange, remoteAddress, status, steps }: KeptExchange, decisive: KeptStep | undefined): string {
  const answered = status === undefined ? 'not answered' : `answered ${String(status)}`;
  const head = `${instant(at)}  ${plain(exchange)}, from ${plain(remoteAddress)}, ${answered}`;
  const told = steps.flatMap((step, index) => renderStep(step, depthOf(steps, index), step === decisive));
  const isCut = steps.length >= mostSteps;
  return `${[head, ...told, ...(isCut ? [`${margin}More was done here than is kept of one exchange.`] : [])].join('\n')}\n`;
}

function whatHappened(event: string): string {
  if (!Object.hasOwn(table, event)) return event;
  const { what } = table[event as keyof typeof table];
  // The rest of the sentence is about the fields of a line.
  return (what.split(/[;,] `|, one of \[| for the `/, 1)[0] ?? what).replace(/\.?$/, '.').replaceAll('`', '');
}

function renderEvent({ at, event, reason, name, server, detail }: KeptEvent): string {
  const told = some([
    reason,
    name === undefined ? undefined : `name ${quote(name)}`,
    server === undefined || textIn(detail, 'server') === server ? undefined : `server ${server}`,
    describeDetail(detail),
  ]);
  return plain(`${instant(at)}  ${event}: ${whatHappened(event)}${told.length === 0 ? '' : ` (${told.join('; ')})`}`);
}

function renderAdvice(story: Story, config: string | undefined): string {
  const reason = reasonOf(story);
  if (reason !== undefined) {
    const told = advise(reason, { ...story, config }).map((each, index) => `  ${index === 0 ? '' : '- '}${plain(each)}\n`);
    return `What to do\n${told.join('')}`;
  }
  if (story.outcome === 'broken')
    return 'What to do\n  This is a fault of Passerelle or of the machine. The log has its cause under this reference; see that the\n  disk has room, and report it with that line where it happens again.\n';
  if (story.outcome === 'unfinished')
    return 'What to do\n  Nothing, unless the person got stuck: the last step above says what they were asked for.\n';
  return '';
}

function renderWentOut(story: Story): string {
  if (story.outcome !== 'issued' || story.decisive === undefined) return '';
  const { text, more = [] } = describeStep(story.decisive.name, story.decisive.detail);
  return `What went out\n${[text, ...more].map((each) => `  ${plain(each)}\n`).join('')}`;
}

/** Text of strangers does not act on a terminal. */
export function renderStory(reference: string, kept: Kept, story: Story, { noTrail, more, config }: Gaps): string {
  const exchanges = kept.exchanges.map((exchange) => renderExchange(exchange, story.decisive));
  const recorded =
    kept.events.length === 0 ? [] : [`What was recorded\n${kept.events.map((event) => `  ${renderEvent(event)}\n`).join('')}`];
  const isMarked = story.decisive !== undefined;
  return [
    `${reference}\n${plain(headline(story))}\n`,
    ...(noTrail === undefined ? [] : [`${plain(noTrail)}\n`]),
    ...exchanges,
    ...(isMarked ? [`${decisiveMark} marks what decided.\n`] : []),
    ...recorded,
    ...some([
      renderWentOut(story),
      renderAdvice(story, config),
      more && 'There is more than is shown here: of so many exchanges and events the first and the last are told.\n',
    ]),
  ].join('\n');
}
