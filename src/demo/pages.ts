/** The demo's pages. */
import { html, type Html } from '../http/html.ts';
import type { Party } from './parties.ts';
import type { Outcome } from './receive-response.ts';

export const style = `
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --faint: #59636e; --line: #d1d9e0; --blue: #0b57d0; --good: #1a7f37; --bad: #cf222e }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9198a1; --line: #3d444d; --blue: #7aa7ff; --good: #3fb950; --bad: #ff7b72 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
header, main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem }
header { padding-bottom: 0; color: var(--faint) }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 1rem; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
a { color: var(--blue) }
.go { display: block; border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem; margin: .7rem 0; text-decoration: none }
.go:hover, .go:focus-visible { border-color: var(--blue) }
.go span { display: block; color: var(--faint); font-size: .875rem; overflow-wrap: anywhere }
ul.checks { list-style: none; padding: 0 } ul.checks li { padding: .4rem 0 .4rem 1.8rem; border-top: 1px solid var(--line); position: relative; overflow-wrap: anywhere }
ul.checks b { position: absolute; left: .2rem } .good > b { color: var(--good) } .bad > b { color: var(--bad) }
.found { display: block; color: var(--faint); font-size: .875rem }
dl { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .3rem 1rem } dt { color: var(--faint) } dd { margin: 0; overflow-wrap: anywhere }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .4rem; padding: .8rem; font-size: .8125rem }
`;

function page(title: string, main: Html): string {
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <header>Demo service provider, which behaves as Google does</header>
        <main>
          <h1>${title}</h1>
          ${main}
        </main>
      </body>
    </html> `.text;
}

export const startPage = (parties: readonly Party[], idpInitiated: readonly { title: string; url: string }[]): string =>
  page(
    'Sign in',
    html`<p>Each link sends an AuthnRequest exactly as Google would.</p>
      ${parties.map((party) => html`<a class="go" href="/signin/${party.shape}">Sign in as Google’s ${party.title} does<span>${party.entityID}</span></a>`)}
      <h2>Begin at the identity provider</h2>
      ${idpInitiated.map(({ title, url }) => html`<a class="go" href="${url}">${title}<span>${url}</span></a>`)}`,
  );

function checkList(outcome: Outcome): Html {
  const items = outcome.checks.map(
    ({ passed, demand, found }) =>
      html`<li class="${passed ? 'good' : 'bad'}">
        <b aria-hidden="true">${passed ? '✓' : '✗'}</b>${passed ? '' : 'Failed: '}${demand}<span class="found">${found}</span>
      </li>`,
  );
  return html`<h2>What was checked</h2>
    <ul class="checks">
      ${items}
    </ul>`;
}

const time = (instant: number | undefined): string =>
  instant === undefined || Number.isNaN(instant) ? '' : new Date(instant).toISOString();

function claims(outcome: Outcome): Html {
  const { response, assertion } = outcome.verified ?? {};
  if (response === undefined || assertion === undefined) return html``;
  const [statement] = assertion.authnStatements;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Identity provider', response.issuer],
    ['Service provider', outcome.party.entityID],
    ['Address (NameID)', assertion.nameID?.value],
    ['Signed in at', time(statement?.authnInstant)],
    ['Signed in by', statement?.authnContextClassRef],
    ['SessionIndex', statement?.sessionIndex],
    ['Session ends', time(statement?.sessionNotOnOrAfter)],
    ['In answer to', response.inResponseTo ?? 'nothing: the identity provider began'],
    ...assertion.attributes.map(({ name, values }) => [name, values.join(', ')] as const),
  ];
  return html`<h2>What the assertion says</h2>
    <dl>
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>`;
}

const message = (outcome: Outcome): Html =>
  outcome.xml === undefined
    ? html``
    : html`<h2>The message</h2>
        <details>
          <summary>XML as it came</summary>
          <pre>${outcome.xml}</pre>
        </details>`;

export const welcomePage = (outcome: Outcome): string =>
  page(
    `Welcome, ${outcome.verified?.assertion?.nameID?.value ?? ''}`,
    html`<p>You are signed in with this address, by Google’s ${outcome.party.title}.</p>
      <p><a href="/signout">Sign out</a> · <a href="/">Sign in again</a></p>
      ${claims(outcome)}${checkList(outcome)}${message(outcome)}`,
  );

/** Google's own words where they are known. */
function headline(outcome: Outcome): string {
  const failed = outcome.checks.filter(({ passed }) => !passed).map(({ name }) => name);
  if (failed.includes('issuer')) return 'This domain is not configured to use single sign-on';
  if (failed.includes('status')) return 'Your identity provider did not sign you in';
  if (failed.every((name) => name === 'person')) return 'This account cannot be accessed because it does not exist here';
  return 'This account cannot be accessed because the login credentials could not be verified';
}

export const refusedPage = (outcome: Outcome): string =>
  page(
    headline(outcome),
    html`<p>${outcome.checks.find(({ passed }) => !passed)?.found}</p>
      <p><a href="/">Try again</a></p>
      ${checkList(outcome)}${claims(outcome)}${message(outcome)}`,
  );

export const plainPage = (title: string, text: string): string =>
  page(
    title,
    html`<p>${text}</p>
      <p><a href="/">Start again</a></p>`,
  );
