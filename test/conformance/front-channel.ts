/** Messages about signing out as a browser carries them between the house and service providers, and what a strict one demands of them. */
import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import type { Page, Visitor } from '../fixtures/visitor.ts';
import { all, attribute, instant, isXmlId, one, parse } from './dom.ts';
import { judgeNameIDElement, type GivenNameID } from './judge-name-id.ts';
import { assertValid } from './schema.ts';
import { judgeSignature } from './signatures.ts';
import type { Stage } from './stage.ts';

export type Binding = 'redirect' | 'post';

/** A message of the house on its way to a service provider. */
export interface Parcel {
  readonly binding: Binding;
  readonly parameter: 'SAMLRequest' | 'SAMLResponse';
  /** Without the query of HTTP-Redirect. */
  readonly location: string;
  readonly xml: string;
  readonly relayState: string | undefined;
  /** Of HTTP-Redirect, as it stands in the URL. */
  readonly query: string;
}

const unescape = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? "'");

function byRedirect(url: string): Parcel {
  const { searchParams, search, origin, pathname } = new URL(url);
  const parameter = searchParams.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse';
  const xml = inflateRawSync(Buffer.from(searchParams.get(parameter) ?? '', 'base64')).toString();
  const relayState = searchParams.get('RelayState') ?? undefined;
  return { binding: 'redirect', parameter, location: origin + pathname, xml, relayState, query: search.slice(1) };
}

function byForm(form: string): Parcel {
  const fields = new Map(
    [...form.matchAll(/<input[^>]* name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescape(value)]),
  );
  const parameter = fields.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse';
  const location = unescape(/ action="([^"]*)"/.exec(form)?.[1] ?? '');
  const xml = Buffer.from(fields.get(parameter) ?? '', 'base64').toString();
  return { binding: 'post', parameter, location, xml, relayState: fields.get('RelayState'), query: '' };
}

/** What a page hands to the browser for a service provider. */
function parcelIn({ body }: Page): Parcel | undefined {
  const form = /<form[^>]*>(?:(?!<\/form>)[^])*name="SAML(?:Request|Response)"[^]*?<\/form>/.exec(body)?.[0];
  if (form !== undefined) return byForm(form);
  const link = /<a [^>]*href="([^"]*[?&](?:amp;)?SAML(?:Request|Response)=[^"]*)"/.exec(body)?.[1];
  return link === undefined ? undefined : byRedirect(unescape(link));
}

/** Follows the house until it sends the browser elsewhere, or shows a page that keeps it. */
export async function walk(
  visitor: Visitor,
  path: string,
  init?: RequestInit,
): Promise<{ page: Page; parcel: Parcel | undefined }> {
  let page = await visitor.request(path, init);
  for (let hops = 0; [302, 303, 307].includes(page.status); hops += 1) {
    assert.ok(hops < 8, 'redirected in a circle');
    const location = new URL(page.headers.get('location') ?? '', visitor.origin);
    if (location.origin !== visitor.origin) return { page, parcel: byRedirect(location.href) };
    page = await visitor.request(location.pathname + location.search);
  }
  return { page, parcel: parcelIn(page) };
}

/** Brings a message of a service provider to the endpoint for signing out. */
export function deliver(
  visitor: Visitor,
  partner: ForeignServiceProvider,
  xml: string,
  options: {
    readonly binding?: Binding;
    readonly sign?: boolean;
    readonly relayState?: string;
    readonly parameter?: 'SAMLRequest' | 'SAMLResponse';
  } = {},
): Promise<{ page: Page; parcel: Parcel | undefined }> {
  const { binding = 'post', ...how } = options;
  if (binding === 'redirect') return walk(visitor, `/saml/slo?${partner.redirectQuery(xml, how)}`);
  return walk(visitor, '/saml/slo', { method: 'POST', body: new URLSearchParams({ ...partner.postFields(xml, how) }) });
}

const hashes: Readonly<Record<string, string>> = { 'rsa-sha256': 'sha256', 'rsa-sha384': 'sha384', 'rsa-sha512': 'sha512' };

/** saml-bindings §3.4.4.1 and §3.5: signed in the way of its binding. */
function judgeCarriage(stage: Stage, parcel: Parcel, root: Element): void {
  const { certificates } = stage.provider;
  assert.equal(attribute(root, 'Destination'), parcel.location);
  if (parcel.binding === 'post') {
    assert.ok(judgeSignature(parcel.xml, root, certificates) !== undefined, 'not signed');
    return;
  }
  assert.equal(all('ds:Signature', root).length, 0, 'signed within HTTP-Redirect');
  const raw = new Map(parcel.query.split('&').map((part) => [part.split('=')[0] ?? '', part]));
  const signed = [parcel.parameter, 'RelayState', 'SigAlg'].flatMap((name) => raw.get(name) ?? []).join('&');
  const parameters = new URLSearchParams(parcel.query);
  const hash = hashes[parameters.get('SigAlg')?.split('#')[1] ?? ''] ?? assert.fail('SigAlg');
  const signature = Buffer.from(parameters.get('Signature') ?? '', 'base64');
  assert.ok(
    certificates.some((certificate) => verify(hash, Buffer.from(signed), certificate, signature)),
    'not signed by the house',
  );
}

function judgeFrame(stage: Stage, parcel: Parcel, name: string): Element {
  assertValid(parcel.xml);
  const root = parse(parcel.xml);
  assert.equal(root.localName, name, parcel.xml);
  assert.equal(attribute(root, 'Version'), '2.0');
  assert.ok(isXmlId(attribute(root, 'ID') ?? ''));
  assert.ok(Math.abs((instant(root, 'IssueInstant') ?? 0) - stage.house.now()) < 60_000);
  assert.equal(one('saml:Issuer', root).textContent, stage.provider.entityID);
  judgeCarriage(stage, parcel, root);
  return root;
}

export interface GivenRequest {
  readonly id: string;
  readonly nameID: GivenNameID;
  readonly sessionIndexes: readonly string[];
}

/** A LogoutRequest that a strict service provider obeys. */
export function judgeLogoutRequest(stage: Stage, parcel: Parcel | undefined, location: string): GivenRequest {
  assert.ok(parcel?.parameter === 'SAMLRequest', 'no LogoutRequest');
  assert.equal(parcel.location, location);
  const root = judgeFrame(stage, parcel, 'LogoutRequest');
  const end = instant(root, 'NotOnOrAfter') ?? assert.fail('saml-core §3.7.1: no NotOnOrAfter');
  assert.ok(end > stage.house.now() && end <= stage.house.now() + 900_000);
  return {
    id: attribute(root, 'ID') ?? '',
    nameID: judgeNameIDElement(one('saml:NameID', root), stage.provider.entityID),
    sessionIndexes: all('samlp:SessionIndex', root).map(({ textContent }) => textContent),
  };
}

/** A LogoutResponse to that request, of that status: outermost first, without the prefix. */
export function judgeLogoutResponse(
  stage: Stage,
  parcel: Parcel | undefined,
  location: string,
  inResponseTo: string,
  status: readonly string[],
): void {
  assert.ok(parcel?.parameter === 'SAMLResponse', `no LogoutResponse: ${parcel?.xml ?? 'nothing'}`);
  assert.equal(parcel.location, location);
  const root = judgeFrame(stage, parcel, 'LogoutResponse');
  assert.equal(attribute(root, 'InResponseTo'), inResponseTo);
  const codes = all('samlp:Status//samlp:StatusCode', root).map((code) => attribute(code, 'Value')?.split(':').at(-1));
  assert.deepEqual(codes, status);
}
