/** UPN or mail: the candidates side by side, how the best was found, and whom to mend. */
import { html } from '../../http/html.ts';
import type { AccountKind, Candidate, MappingAdvice } from '../advice.ts';
import { candidateNames, kindName, kindNames, obstacles, troubleNames, unmapped } from './candidate-words.ts';
import { decisionPath } from './decision-path.ts';
import { figure, counted, share } from '../figures.ts';
import { section } from './section.ts';
import { stackedBars } from './stacked-bars.ts';
import { table, told } from './table.ts';

const accountKinds: readonly AccountKind[] = ['person', 'service', 'disabled', 'guest'];

function* compared({ candidates, best, accounts }: MappingAdvice): Generator<string> {
  const people = accounts.person;
  const label = ({ name }: Candidate): string => `${name === best ? '★ ' : ''}${candidateNames[name]}`;
  if (people > 0) {
    yield '<div class="twin">';
    yield stackedBars(
      'People with an address of their own',
      [{ name: 'with an address' }, { name: 'without' }],
      candidates.map((one) => ({
        label: label(one),
        values: [one.outcomes.person.mapped, unmapped(one.outcomes.person)],
        said: share(one.outcomes.person.mapped, people),
        best: one.name === best,
      })),
    ).text;
    const seen = obstacles.filter(({ key }) => candidates.some(({ outcomes }) => outcomes.person[key] > 0));
    if (seen.length > 0) {
      yield stackedBars(
        'Those without, by reason',
        obstacles,
        candidates.map((one) => ({
          label: label(one),
          values: obstacles.map(({ key }) => one.outcomes.person[key]),
          best: one.name === best,
        })),
        2,
      ).text;
    }
    yield '</div>';
  }
  yield* table({
    caption: 'People by candidate',
    columns: [
      { head: 'Candidate' },
      { head: 'With an address', kind: 'n' },
      ...obstacles.map(({ name }) => ({ head: name, kind: 'n' as const })),
      { head: 'Shared addresses', kind: 'n' },
      { head: 'Not to be given', kind: 'n' },
    ],
    rows: candidates,
    cells: ({ name, outcomes: { person }, collisions, againstGuidelines }) => [
      html`${candidateNames[name]}${name === best ? html` <span class="tag">best</span>` : undefined}`,
      person.mapped,
      ...obstacles.map(({ key }) => person[key]),
      collisions.length,
      againstGuidelines.length,
    ],
    isBest: ({ name }) => name === best,
  });
}

function* apart({ candidates, best, accounts, rules }: MappingAdvice): Generator<string> {
  const outcomes = candidates.find(({ name }) => name === best)?.outcomes;
  yield* table({
    caption: 'Accounts by kind, and what the best candidate makes of them',
    columns: [
      { head: 'Kind' },
      { head: 'Accounts', kind: 'n' },
      { head: 'With an address', kind: 'n' },
      { head: 'Without', kind: 'n' },
    ],
    rows: accountKinds,
    cells: (kind) => [
      kindNames[kind],
      accounts[kind],
      outcomes === undefined ? '' : outcomes[kind].mapped,
      outcomes === undefined ? '' : unmapped(outcomes[kind]),
    ],
  });
  yield* table({
    caption: 'How they were told apart',
    columns: [{ head: 'Rule', kind: 'w' }, { head: 'Kind' }, { head: 'Accounts', kind: 'n' }],
    rows: rules,
    cells: ({ kind, rule, count }) => [told(rule), kindNames[kind], count],
  });
}

/** Those of the best candidate, and of the configured one where that is another. */
function* candidateLists({ name, collisions, againstGuidelines }: Candidate): Generator<string> {
  yield* table({
    caption: `Shared addresses: ${candidateNames[name]}`,
    columns: [
      { head: 'Address', kind: 'w' },
      { head: 'Held by', kind: 'x' },
    ],
    rows: collisions,
    cells: ({ address, holders }) => [
      told(address),
      html`${holders.slice(0, 10).map((holder) => html`<small>${told(holder.name)} (${kindName[holder.kind]}${holder.domain === null ? '' : html`, ${told(holder.domain)}`})</small>`)}${holders.length > 10 ? html`<small>and ${figure(holders.length - 10)} more, in advice.json</small>` : undefined}`,
    ],
  });
  yield* table({
    caption: `Not to be given as they are: ${candidateNames[name]}`,
    columns: [{ head: 'Name' }, { head: 'Address', kind: 'w' }, { head: 'Because', kind: 'w' }],
    rows: againstGuidelines,
    cells: ({ name: person, address, because }) => [told(person), told(address), because],
  });
}

function* differences({ upnIsNotMail, mailIsNotPrimarySmtp }: MappingAdvice): Generator<string> {
  yield html`<h3>Where attributes differ</h3>
    <p>
      ${counted(upnIsNotMail.length, 'person has', 'people have')} a user principal name and a mail that are not the same;
      ${counted(mailIsNotPrimarySmtp.length, 'person has', 'people have')} a mail that is not the primary SMTP address.
    </p>`.text;
  yield* table({
    caption: 'User principal name is not mail',
    columns: [{ head: 'Name' }, { head: 'User principal name', kind: 'w' }, { head: 'Mail', kind: 'w' }],
    rows: upnIsNotMail,
    cells: ({ name, userPrincipalName, mail }) => [told(name), told(userPrincipalName), told(mail)],
  });
  yield* table({
    caption: 'Mail is not the primary SMTP address',
    columns: [{ head: 'Name' }, { head: 'Mail', kind: 'w' }, { head: 'Primary SMTP address', kind: 'w' }],
    rows: mailIsNotPrimarySmtp,
    cells: ({ name, mail, primarySmtp }) => [told(name), told(mail), told(primarySmtp)],
  });
}

function* mend({ mendings }: MappingAdvice): Generator<string> {
  yield html`<h3>People to mend</h3>
    <p>
      ${mendings.length === 0 ? 'Nobody has to be mended before the best candidate is switched on.' : `Before the best candidate is switched on, ${counted(mendings.length, 'person has', 'people have')} to be mended. mend.csv holds all of them, each with its line of PowerShell; read a line before you run it.`}
    </p>`.text;
  yield* table({
    caption: 'People to mend, with the line that does it',
    columns: [{ head: 'Name' }, { head: 'Trouble' }, { head: 'Now, and better', kind: 'w' }, { head: 'PowerShell', kind: 'x' }],
    rows: mendings,
    cells: ({ name, domain, trouble, attribute, now, proposed, powershell, because }) => [
      html`${told(name)}${domain === null ? undefined : html`<small>${told(domain)}</small>`}`,
      html`${told(troubleNames[trouble])}<small>${attribute}</small>${because === undefined ? undefined : html`<small>${told(because)}</small>`}`,
      html`${told(now)}<br />→ ${proposed === null ? html`<span class="soft">only you know</span>` : told(proposed)}`,
      html`<code>${powershell.length > 4_096 ? 'in mend.csv' : powershell}</code>`,
    ],
    where: 'mend.csv',
  });
}

function* content(advice: MappingAdvice): Generator<string> {
  yield* compared(advice);
  yield '<h3>How the best was found</h3>';
  yield decisionPath('the choice of attribute', advice.decision).text;
  yield* mend(advice);
  const shown = advice.candidates.filter(({ name }) => name === advice.best || name === 'configured');
  if (shown.some(({ collisions, againstGuidelines }) => collisions.length + againstGuidelines.length > 0)) {
    yield '<h3>Addresses that collide, or that Google or another person stands in the way of</h3>';
    for (const candidate of shown) yield* candidateLists(candidate);
    yield '<p class="more">Those of the other candidates are in advice.json.</p>';
  }
  yield* differences(advice);
  yield '<h3>Accounts that are not people</h3>';
  yield* apart(advice);
}

export const addressesSection = (advice: MappingAdvice): Iterable<string> =>
  section('addresses', advice.decision.outcome, content(advice));
