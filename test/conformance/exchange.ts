/** One exchange with the house over HTTP: a request goes out by either binding, a person signs in, a page comes back. */
import { randomBytes } from 'node:crypto';
import type { ForeignServiceProvider, MessageOptions } from '../fixtures/foreign-service-provider.ts';
import { type Page, Visitor } from '../fixtures/visitor.ts';
import type { Stage } from './stage.ts';

export const password = 'Passw0rd!';

export interface Question extends MessageOptions {
  /** HTTP-Redirect where left out. */
  readonly binding?: 'redirect' | 'post';
  /** Unsigned where left out. */
  readonly signed?: boolean;
  readonly relayState?: string;
  /** A browser that was here before. */
  readonly visitor?: Visitor;
  /** Who signs in where a password is asked for. */
  readonly person?: string;
  /** The last change to the message before it is signed. */
  readonly spoil?: (xml: string) => string;
}

/** What came back, and what was asked. */
export interface Outcome {
  readonly page: Page;
  readonly id: string;
  readonly relayState: string | undefined;
  readonly visitor: Visitor;
}

/** Sends a message as it stands. */
export async function send(
  { house }: Stage,
  { binding = 'redirect', signed = false, relayState, visitor = new Visitor(house.url) }: Omit<Question, 'spoil'>,
  partner: ForeignServiceProvider,
  xml: string,
): Promise<Page> {
  const options = { sign: signed, ...(relayState !== undefined && { relayState }) };
  if (binding === 'redirect') return visitor.visit(`/saml/sso?${partner.redirectQuery(xml, options)}`);
  return visitor.visit('/saml/sso', { method: 'POST', body: new URLSearchParams({ ...partner.postFields(xml, options) }) });
}

/** Sends a request and stops at the first page. */
export async function arrive(stage: Stage, partner: ForeignServiceProvider, question: Question = {}): Promise<Outcome> {
  const { visitor = new Visitor(stage.house.url), relayState } = question;
  const id = question.id ?? `_${randomBytes(16).toString('hex')}`;
  const issueInstant = question.issueInstant ?? stage.house.now();
  const written = partner.authnRequest(`${stage.house.url}/saml/sso`, { ...question, id, issueInstant });
  const xml = question.spoil?.(written) ?? written;
  return { page: await send(stage, { ...question, visitor }, partner, xml), id, relayState, visitor };
}

export const asksForPassword = ({ page }: Outcome): boolean => page.form?.action === '/signin/password';

/** Sends a request, signs in where a password is asked for, and comes to the page that ends it. */
export async function signIn(stage: Stage, partner: ForeignServiceProvider, question: Question = {}): Promise<Outcome> {
  const outcome = await arrive(stage, partner, question);
  return asksForPassword(outcome) ? enter(outcome, question.person) : outcome;
}

/** Fills in the form that an outcome stopped at. */
export const enter = async (outcome: Outcome, person = 'alice'): Promise<Outcome> => ({
  ...outcome,
  page: await outcome.visitor.fill(outcome.page, person, password),
});
