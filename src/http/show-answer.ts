/** Brings an answer to its service provider through the browser, by the binding of its AssertionConsumerService. */
import { bindings } from '../saml/names.ts';
import type { Artifacts } from '../signin/artifacts.ts';
import type { Answer } from '../signin/issue.ts';
import type { Exchange } from './exchange.ts';
import type { Posted } from './page-contents.ts';

/** What any server and browser takes for a URL; longer ones go as a form. */
const longestUrl = 2_000;

interface Recipient {
  readonly entityID: string;
  /** What people see it called. */
  readonly name: string;
}

export interface ShowAnswer {
  /** The answer as the form of a page carries it (saml-bindings §3.5.4, §3.6.3). @throws Refusal */
  post(exchange: Exchange, answer: Answer, recipient: Recipient): Promise<Posted>;
  /** Shows the page that posts the answer, or redirects with an artifact. @throws Refusal */
  show(exchange: Exchange, answer: Answer, recipient: Recipient): Promise<void>;
}

/** saml-bindings §3.6.3: the URL that carries an artifact. */
function artifactUrl(location: string, artifact: string, relayState: string | undefined): string {
  const [base = '', fragment] = location.split('#', 2);
  const query = `SAMLart=${encodeURIComponent(artifact)}`;
  const state = relayState === undefined ? '' : `&RelayState=${encodeURIComponent(relayState.toWellFormed())}`;
  return `${base}${base.includes('?') ? '&' : '?'}${query}${state}${fragment === undefined ? '' : `#${fragment}`}`;
}

export function createShowAnswer({ artifacts }: { artifacts: Pick<Artifacts, 'keep'> }): ShowAnswer {
  async function post(exchange: Exchange, answer: Answer, { entityID }: Recipient): Promise<Posted> {
    const { binding, location, response, relayState } = answer;
    if (binding === bindings.httpArtifact) {
      const SAMLart = await artifacts.keep(response, entityID, exchange);
      return { location, SAMLart, RelayState: relayState };
    }
    return { location, SAMLResponse: Buffer.from(response).toString('base64'), RelayState: relayState };
  }

  return {
    post,
    async show(exchange, answer, recipient) {
      const posted = await post(exchange, answer, recipient);
      // Behind a form of ours the browser holds the form's policy against every redirect that follows (CSP3 §4.2.4): there, a page.
      if (posted.SAMLart !== undefined && exchange.signIn === undefined) {
        const url = artifactUrl(answer.location, posted.SAMLart, answer.relayState);
        if (url.length <= longestUrl) {
          exchange.leave(url);
          return;
        }
      }
      exchange.page(200, 'respond', { ...posted, serviceProvider: recipient.name }, [answer.location]);
    },
  };
}
