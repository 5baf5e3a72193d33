/** Domains: which are in use by how many people, what each is, and whom each choice leaves out. */
import { html, type Html } from '../../http/html.ts';
import type { AdvisedDomain, DomainAdvice, DomainChoice, Named } from '../advice.ts';
import { barChart } from './bar-chart.ts';
import { decisionPath } from './decision-path.ts';
import { counted } from '../figures.ts';
import { notes, section } from './section.ts';
import { table, told } from './table.ts';

const dnsWords = {
  asked: 'DNS was asked for mail exchangers.',
  'not asked': 'DNS was not asked for mail exchangers.',
  offline: 'DNS was asked for mail exchangers and did not answer: this report was made offline.',
} as const;
const owners = {
  configured: 'configured',
  told: 'as you said',
  suffix: 'UPN suffix of a forest',
  forest: 'name of a forest',
  share: 'many people have it',
  parent: 'below another domain of yours',
} as const;
const mostHosts = 4;

/** In use by most first; the table keeps its order. */
const byUse = (one: AdvisedDomain, other: AdvisedDomain): number =>
  Math.max(other.userPrincipalNames, other.mails) - Math.max(one.userPrincipalNames, one.mails) ||
  (one.name < other.name ? -1 : 1);

function exchangers({ exchangers: found }: AdvisedDomain): Html {
  switch (found.answer) {
    case 'found':
      return html`${found.hosts.slice(0, mostHosts).map((host) => html`<small>${told(host)}</small>`)}${found.hosts.length > mostHosts ? html`<small>and ${found.hosts.length - mostHosts} more</small>` : undefined}`;
    case 'none':
      return html`takes no mail`;
    case 'unknown':
      return html`<span class="tag bad">not in DNS</span>`;
    case 'not asked':
      return html`<span class="soft">not asked</span>`;
    case 'unanswered':
      return html`no answer<small>${found.why.slice(0, 200)}</small>`;
  }
}

function role({ role: name, target }: AdvisedDomain): Html {
  if (name === 'none') return html`<span class="soft">left out</span>`;
  const word = { primary: 'primary', secondary: 'secondary', alias: 'alias', substituted: 'replaced' }[name];
  return html`<span class="tag">${word}</span
    >${target === null ? undefined : html`<small>${name === 'alias' ? 'of' : 'by'} ${told(target)}</small>`}`;
}

const numbered = ({ name }: DomainChoice, index: number): string => `${String(index + 1)}: ${name}`;

/** Each list once: choices that leave out the same people are named together. */
function* leftOut(choices: readonly DomainChoice[]): Generator<string> {
  const lists = new Map<string, { readonly people: readonly Named[]; readonly places: number[] }>();
  for (const [index, { leftOut: people }] of choices.entries()) {
    if (people.length === 0) continue;
    const signature = people.map(({ domain, objectGUID }) => `${objectGUID} ${domain ?? ''}`).join('\n');
    const same = lists.get(signature);
    if (same === undefined) lists.set(signature, { people, places: [index + 1] });
    else same.places.push(index + 1);
  }
  for (const { people, places } of lists.values()) {
    yield* table({
      caption: `Left out by ${places.length === 1 ? 'choice' : 'choices'} ${new Intl.ListFormat('en-GB').format(places.map(String))}`,
      columns: [{ head: 'Name' }, { head: 'Domain' }, { head: 'Distinguished name', kind: 'x' }],
      rows: people,
      cells: ({ name, domain, distinguishedName }) => [told(name), told(domain), told(distinguishedName)],
    });
  }
}

function* content(advice: DomainAdvice): Generator<string> {
  yield html`<p class="soft">${dnsWords[advice.dns]}</p>
    ${notes(advice.notes)}`.text;
  const used = advice.domains.filter(({ accounts }) => accounts > 0).sort(byUse);
  yield barChart(
    'People by domain',
    [{ name: 'by user principal name' }, { name: 'by mail' }],
    used.map(({ unicode, userPrincipalNames, mails }) => ({ label: unicode, values: [userPrincipalNames, mails] })),
  ).text;
  yield* table({
    caption: 'Domains in use, of the forests, or configured',
    columns: [
      { head: 'Domain', kind: 'w' },
      { head: 'Kind' },
      { head: 'Becomes' },
      { head: 'By UPN', kind: 'n' },
      { head: 'By mail', kind: 'n' },
      { head: 'Accounts', kind: 'n' },
      { head: 'Owned, because' },
      { head: 'Mail exchangers' },
    ],
    rows: advice.domains,
    cells: (domain) => [
      html`${told(domain.unicode)}${domain.unicode === domain.name ? undefined : html`<small>${told(domain.name)}</small>`}${domain.registrable === null || domain.registrable === domain.name ? undefined : html`<small>to register: ${told(domain.registrable)}</small>`}`,
      html`<span class="tag ${domain.kind === 'public' ? '' : 'bad'}">${domain.kind}</span><small>${domain.because}</small>`,
      role(domain),
      domain.userPrincipalNames,
      domain.mails,
      domain.accounts,
      domain.owned.length === 0
        ? html`<span class="soft">nothing says so</span>`
        : domain.owned.map((why) => owners[why]).join(', '),
      exchangers(domain),
    ],
    isBest: ({ role: name }) => name === 'primary',
  });
  yield '<h3>How that was decided</h3>';
  yield decisionPath('domains', advice.decision).text;
  if (advice.choices.length === 0) return;
  yield '<h3>What each choice would leave out</h3>';
  yield barChart(
    'People left out because of their domain',
    [{ name: 'left out' }],
    advice.choices.map((one, index) => ({ label: numbered(one, index), values: [one.leftOut.length] })),
  ).text;
  yield* table({
    caption: 'Choices of domains',
    columns: [
      { head: 'Choice', kind: 'w' },
      { head: 'Registered', kind: 'w' },
      { head: 'Source' },
      { head: 'Replaced' },
      { head: 'Left out', kind: 'n' },
    ],
    rows: advice.choices.map((one, index) => ({ ...one, name: numbered(one, index) })),
    cells: ({ name, domains, source, substitute, leftOut: people }) => [
      told(name),
      told(domains.join(', ')),
      told(source),
      told(
        Object.entries(substitute)
          .map(([from, to]) => `${from} → ${to}`)
          .join(', ') || null,
      ),
      people.length,
    ],
  });
  yield* leftOut(advice.choices);
}

export const domainsSection = (advice: DomainAdvice): Iterable<string> =>
  section(
    'domains',
    `${advice.decision.outcome} ${counted(advice.domains.filter(({ accounts }) => accounts > 0).length, 'domain is', 'domains are')} in use.`,
    content(advice),
  );
