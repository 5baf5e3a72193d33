/** The stage of attacks on signing out: a house, and three service providers that take part in it by either binding. */
import assert from 'node:assert/strict';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { type House, type HouseOptions, openHouse } from '../fixtures/house.ts';
import { sentBy, sloService } from '../fixtures/logout-journey.ts';
import { type Page, statusOf } from '../fixtures/visitor.ts';

export const persistent =
  '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"/>';
export const transient = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"/>';

export interface SignOutScene {
  readonly house: House;
  readonly wiki: ForeignServiceProvider;
  readonly payroll: ForeignServiceProvider;
  readonly expenses: ForeignServiceProvider;
  /** As it is published. */
  readonly singleLogout: string;
}

export async function openSignOutScene(config: HouseOptions['config'] = {}): Promise<SignOutScene> {
  const credentials = await Promise.all([makeCredential(), makeCredential(), makeCredential()]);
  const [wiki, payroll, expenses] = credentials.map(
    (credential, index) =>
      new ForeignServiceProvider(credential, `https://${['wiki', 'payroll', 'expenses'][index]}.example.net`),
  );
  assert.ok(wiki !== undefined && payroll !== undefined && expenses !== undefined);
  const metadata = [wiki, payroll, expenses].map((each) => ({
    name: new URL(each.origin).hostname.split('.')[0] ?? '',
    xml: each.metadata({
      endpoints: sloService('redirect', `${each.origin}/slo`) + sloService('post', `${each.origin}/slo-post`),
    }),
  }));
  const house = await openHouse({ config, metadata });
  return { house, wiki, payroll, expenses, singleLogout: `${house.url}/saml/slo` };
}

/** The LogoutResponse that the browser is sent with. */
export function answerOf(page: Page): {
  location: string;
  inResponseTo: string;
  status: string[];
  relayState: string | undefined;
} {
  const sent = sentBy(page);
  assert.ok(sent?.parameter === 'SAMLResponse', page.body);
  const inResponseTo = / InResponseTo="([^"]+)"/.exec(sent.xml)?.[1] ?? '';
  return { location: sent.location, inResponseTo, status: statusOf(sent.xml), relayState: sent.relayState };
}

export const idOf = (xml: string): string => / ID="([^"]+)"/.exec(xml)?.[1] ?? '';
