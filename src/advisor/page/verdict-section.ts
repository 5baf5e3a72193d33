/** What to do, how many people would be refused today and why: the head of the page. */
import { html } from '../../http/html.ts';
import { refusals, type Reason } from '../../refusal.ts';
import type { Advice, Standing } from '../advice.ts';
import { candidateNames, unmapped } from './candidate-words.ts';
import { figure, counted, share } from '../figures.ts';
import { factList, sections } from './section.ts';
import { stackedBars } from './stacked-bars.ts';
import { table, told } from './table.ts';

interface Refused extends Standing {
  readonly refused: Reason;
}

const isRefused = (standing: Standing): standing is Refused => standing.kind === 'person' && standing.refused !== null;

function headline(people: number, refused: number): string {
  if (people === 0) return 'No people were found in the directory';
  if (refused === 0)
    return people === 1 ? 'The only person there would be let in today' : `All ${figure(people)} people would be let in today`;
  if (refused === people)
    return people === 1 ? 'The only person there would be refused today' : `All ${figure(people)} people would be refused today`;
  return `${figure(refused)} of ${figure(people)} people would be refused today`;
}

function byReason(refused: readonly Refused[]): readonly (readonly [Reason, number])[] {
  const counts = new Map<Reason, number>();
  for (const { refused: reason } of refused) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1));
}

/** `2026-03-01T08:30:00.000Z` as `2026-03-01, 08:30 UTC`. */
const day = (made: string): string => made.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, '$1, $2 UTC');

export function* verdictSection(advice: Advice): Generator<string> {
  const refused = advice.people.filter(isRefused);
  const people = advice.mapping.accounts.person;
  const best = advice.mapping.candidates.find(({ name }) => name === advice.mapping.best);
  const registered = advice.domains.domains.filter(({ role }) => ['primary', 'secondary', 'alias'].includes(role)).length;
  yield '<section id="verdict" aria-labelledby="verdict-head">';
  yield html`<p class="eyebrow">Mapping advice, <time datetime="${advice.made}">${day(advice.made)}</time></p>
    <h1 id="verdict-head">${headline(people, refused.length)}</h1>
    <p class="lead">${advice.verdict.summary}</p>
    <p>
      ${advice.verdict.isConfigured ? 'The mapping that is configured does as well as any.' : html`Another mapping does better than the one that is configured: <a href="#mapping">paste it</a>.`}
    </p>`.text;
  if (people > 0 && best !== undefined) {
    yield stackedBars(
      'People let in',
      [{ name: 'let in' }, { name: 'refused' }],
      [
        { label: 'Today', values: [people - refused.length, refused.length], said: share(people - refused.length, people) },
        {
          label: 'With the best mapping',
          values: [best.outcomes.person.mapped, unmapped(best.outcomes.person)],
          said: share(best.outcomes.person.mapped, people),
        },
      ],
    ).text;
  }
  yield factList([
    { what: 'best source of addresses', said: candidateNames[advice.mapping.best], isWord: true },
    {
      what: advice.mapping.mendings.length === 1 ? 'person to mend first' : 'people to mend first',
      said: figure(advice.mapping.mendings.length),
    },
    { what: `${registered === 1 ? 'domain' : 'domains'} to have at Google`, said: figure(registered) },
    {
      what: `Cloud Identity or Workspace ${advice.forests.accounts.count === 1 ? 'account' : 'accounts'}`,
      said: figure(advice.forests.accounts.count),
    },
    { what: `of ${counted(advice.groups.total, 'group')} worth bringing`, said: figure(advice.groups.proposal.finds) },
  ]).text;
  yield html`<nav aria-label="Sections">
    <ol>
      ${sections.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
    </ol>
  </nav>`.text;
  if (refused.length > 0) {
    yield '<h2 class="under">Refused today, and why</h2>';
    yield* table({
      caption: 'Reasons',
      columns: [{ head: 'Reason' }, { head: 'People', kind: 'n' }, { head: 'What it means', kind: 'x' }],
      rows: byReason(refused),
      cells: ([reason, count]) => [html`<code>${reason}</code>`, count, refusals[reason].hint],
    });
    yield* table({
      caption: 'People who would be refused today',
      columns: [{ head: 'Name' }, { head: 'Domain' }, { head: 'Address', kind: 'w' }, { head: 'Reason' }],
      rows: refused,
      cells: ({ name, domain, address, refused: reason }) => [
        told(name),
        told(domain),
        told(address),
        html`<code>${reason}</code>`,
      ],
    });
  }
  yield '</section>\n';
}
