/** A browser without a screen that walks between sites as a real one does: cookies, redirects, forms that post themselves. */
import assert from 'node:assert/strict';
import { CookieJar } from './cookie-jar.ts';

export interface Form {
  readonly id: string | undefined;
  readonly method: 'GET' | 'POST';
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Page {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly forms: readonly Form[];
}

/** What the browser asked for on its way, and what it posted. */
export interface Visit {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

const mostHops = 30;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The text that stands for itself behind references (HTML §13.2.5.72 and on, as far as service providers use them). */
const unescape = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    (_, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? '';
      return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    },
  );

const attributeOf = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  const value = found?.[1] ?? found?.[2];
  return value === undefined ? undefined : unescape(value);
};

function formsOf(body: string, url: string): readonly Form[] {
  // What is for browsers without scripts, or is no markup, does not count.
  const shown = body.replace(/<!--[^]*?-->|<noscript\b[^]*?<\/noscript>/gi, '');
  return [...shown.matchAll(/(<form\b[^>]*>)([^]*?)<\/form>/gi)].map(([, tag = '', content = '']) => {
    const fields: Record<string, string> = {};
    for (const [input] of content.matchAll(/<input\b[^>]*>/gi)) {
      const name = attributeOf(input, 'name');
      if (name !== undefined) fields[name] = attributeOf(input, 'value') ?? '';
    }
    return {
      id: attributeOf(tag, 'id'),
      method: attributeOf(tag, 'method')?.toUpperCase() === 'POST' ? ('POST' as const) : ('GET' as const),
      action: new URL(attributeOf(tag, 'action') ?? '', url).href,
      fields,
    };
  });
}

/** CSP3 §6.4.2: where the page says where its forms may go, they go nowhere else. */
function assertFormMayGo(page: Page, action: string): void {
  const sources = /(?:^|;)\s*form-action ([^;]*)/.exec(page.headers.get('content-security-policy') ?? '')?.[1]?.split(' ');
  if (sources === undefined) return;
  const { origin, pathname, protocol } = new URL(action);
  const own = origin === new URL(page.url).origin && sources.includes("'self'");
  assert.ok(own || [origin + pathname, origin, protocol].some((source) => sources.includes(source)), `${action} is not listed`);
}

function linkOf({ body, url }: Pick<Page, 'body' | 'url'>, id: string | undefined): string | undefined {
  const link = [...body.matchAll(/<a\b[^>]*>/gi)].find(([tag]) => id !== undefined && attributeOf(tag, 'id') === id)?.[0];
  const href = attributeOf(link ?? '', 'href');
  return href === undefined ? undefined : new URL(href, url).href;
}

/** Where a script of the page, or its refresh, leads the browser by itself: a form that it submits, or a URL. */
function ledTo({ body, forms, url }: Page): Form | undefined {
  const id = /getElementById\(\s*['"]([^'"]+)['"]\s*\)/.exec(body)?.[1];
  const form = id === undefined ? forms[0] : forms.find((one) => one.id === id);
  if (form !== undefined && body.includes('.submit()')) return form;
  const refresh = /<meta\b[^>]*http-equiv=["']?refresh["']?[^>]*>/i.exec(body)?.[0];
  const target = body.includes('location.assign')
    ? linkOf({ body, url }, id)
    : /^\s*\d+\s*;\s*url=(.*)$/i.exec(attributeOf(refresh ?? '', 'content') ?? '')?.[1];
  return target === undefined ? undefined : { id: undefined, method: 'GET', action: new URL(target, url).href, fields: {} };
}

export class Browser {
  readonly visits: Visit[] = [];
  /** Between the page and the network: what somebody with the person's browser in hand may change. */
  tamper: (visit: Visit) => Visit = (visit) => visit;
  readonly #jar: CookieJar;

  constructor(now: () => number = Date.now) {
    this.#jar = new CookieJar(now);
  }

  /** Goes there as somebody who typed the address. */
  open(url: string): Promise<Page> {
    return this.#go({ method: 'GET', url, fields: {} }, undefined);
  }

  /** Presses the page's button of that id, be it a form's or a link. */
  press(page: Page, id: string): Promise<Page> {
    const form = page.forms.find((one) => one.id === id);
    if (form !== undefined) return this.#send(page, form);
    const href = linkOf(page, id) ?? assert.fail(`no button ${id} at ${page.url}: ${page.body.slice(0, 3000)}`);
    return this.#go({ method: 'GET', url: href, fields: {} }, page);
  }

  /** Submits the page's form that has all of those fields, filled in with these values. */
  submit(page: Page, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = page.forms.find((one) => Object.keys(fields).every((name) => name in one.fields));
    assert.ok(form !== undefined, `no such form at ${page.url}, but ${String(page.status)}: ${page.body.slice(0, 3000)}`);
    return this.#send(page, form, fields);
  }

  /** What it asked for since that many visits. */
  since(count: number): readonly Visit[] {
    return this.visits.slice(count);
  }

  /** Loses all cookies of a host, as when they are cleared there. */
  forget(url: string): void {
    this.#jar.forget(url);
  }

  #send(page: Page, form: Form, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    assertFormMayGo(page, form.action);
    const values = { ...form.fields, ...fields };
    if (form.method === 'POST') return this.#go({ method: 'POST', url: form.action, fields: values }, page);
    const url = new URL(form.action);
    url.search = new URLSearchParams(values).toString();
    return this.#go({ method: 'GET', url: url.href, fields: {} }, page);
  }

  /** Follows redirects, refreshes and forms that submit themselves, to the page where the person must do something. */
  async #go(first: Visit, from: Page | undefined): Promise<Page> {
    let page = await this.#load(first, from);
    for (let hops = 0; ; hops += 1) {
      assert.ok(hops < mostHops, `led in a circle, at last to ${page.url}`);
      const led = ledTo(page);
      if (led === undefined) return page;
      if (led.method === 'POST') assertFormMayGo(page, led.action);
      page = await this.#load({ method: led.method, url: led.action, fields: led.method === 'POST' ? led.fields : {} }, page);
    }
  }

  /** One navigation with its redirects. */
  async #load(first: Visit, from: Page | undefined): Promise<Page> {
    let visit = this.tamper(first);
    let crossed = false;
    for (let hops = 0; hops < mostHops; hops += 1) {
      crossed ||= from !== undefined && new URL(from.url).hostname !== new URL(visit.url).hostname;
      this.visits.push(visit);
      const headers = new Headers({ 'Accept-Language': 'en', Accept: 'text/html' });
      const cookies = this.#jar.cookiesFor(visit.url, crossed && visit.method === 'POST');
      if (cookies !== '') headers.set('Cookie', cookies);
      headers.set('Sec-Fetch-Site', from === undefined ? 'none' : siteOf(from.url, visit.url, crossed));
      if (visit.method === 'POST') headers.set('Origin', originOf(from, visit.url));
      const body = visit.method === 'POST' ? new URLSearchParams(visit.fields) : undefined;
      const response = await fetch(visit.url, { method: visit.method, headers, redirect: 'manual', ...(body && { body }) });
      this.#jar.keep(visit.url, response.headers.getSetCookie());
      const text = await response.text();
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) {
        const { status } = response;
        return { status, url: visit.url, headers: response.headers, body: text, forms: formsOf(text, visit.url) };
      }
      const url = new URL(location, visit.url).href;
      visit = response.status >= 307 ? { ...visit, url } : { method: 'GET', url, fields: {} };
    }
    assert.fail(`redirected in a circle, at last to ${visit.url}`);
  }
}

/** Fetch Metadata §2.3, where a site is a host. */
function siteOf(from: string, to: string, crossed: boolean): string {
  if (crossed) return 'cross-site';
  return new URL(from).origin === new URL(to).origin ? 'same-origin' : 'same-site';
}

/** Fetch §3.2: whence a form was posted, as far as the page's policy lets it be told. */
function originOf(from: Page | undefined, to: string): string {
  if (from === undefined) return 'null';
  const { origin } = new URL(from.url);
  const policy = from.headers.get('referrer-policy');
  return policy === 'no-referrer' || (policy === 'same-origin' && origin !== new URL(to).origin) ? 'null' : origin;
}
