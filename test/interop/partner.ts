/** A service provider that others wrote, as the tests of all of them see it. */
import type { ConfigInput } from '../../src/config/schema.ts';
import { apacheServiceProvider } from '../testbed/apache-sp.ts';
import type { Page } from './browser.ts';
import type { Binding, PartnerName } from './abilities.ts';
import { openPassportApp } from './passport-app.ts';

/** What a service provider learned of the person. */
export interface Learned {
  readonly name: string;
  readonly mail: string;
  readonly groups: readonly string[];
}

type Settings = Omit<Partial<Extract<NonNullable<ConfigInput['serviceProviders']>[number], { kind: 'metadata' }>>, 'kind'>;

interface Published {
  readonly entityID: string;
  readonly url: string;
  readonly settings?: Settings;
}

export interface Partner {
  /** A page for everybody. */
  readonly home: string;
  /** What it publishes, by entity ID, and how we are told to treat it beyond that. */
  readonly metadata: readonly [Published, ...Published[]];
  /** Whether we encrypt to the one that asks by that binding. */
  readonly encrypted: Readonly<Record<Binding, boolean>>;
  /** Pages that send the browser to sign in by that binding. */
  readonly signIn: Readonly<Record<Binding, string>>;
  /** A page that asks us, where it can, for a sign-in in which nobody is asked anything, and then leads home. */
  readonly signInSilently?: string;
  /** Pages that send it to sign out by that binding, of the session that `signIn` of the same binding began. */
  readonly signOut: Readonly<Partial<Record<Binding, string>>>;
  /** The page that shows what it learned, or, to somebody without a session there, asks for one. */
  readonly secret: Readonly<Record<Binding, string>>;
  /** Undefined where that page shows nothing of the kind. */
  readonly learned: (page: Page) => Learned | undefined;
  /** Takes in our metadata as it is now. */
  readonly refresh: () => Promise<void>;
  /** Uses and publishes another key from now on. */
  readonly rekey: () => Promise<void>;
  /** The last troubles that it logged: why it refused. */
  readonly log: () => string;
  readonly close: () => Promise<void>;
}

/** What a page of the test bed's Apache shows, one NAME=value a line. */
function readEnvironment(page: Page, names: { mail: string; groups: string }): Learned | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(page.body)?.[1];
  const name = value('REMOTE_USER');
  if (name === undefined) return undefined;
  // Shibboleth escapes a semicolon within a value; the tests' people have none.
  return { name, mail: value(names.mail) ?? '', groups: (value(names.groups) ?? '').split(';').filter((group) => group !== '') };
}

async function openMellon(identityProvider: string): Promise<Partner> {
  const { site, refresh, rekey, log, destroy } = await apacheServiceProvider('mellon', identityProvider);
  const home = `${site}/`;
  const signOut = (path: string): string => `${site}${path}/logout?ReturnTo=${encodeURIComponent(home)}`;
  return {
    home,
    metadata: [
      { entityID: `${site}/mellon/metadata`, url: `${site}/mellon/metadata` },
      { entityID: `${site}/post/mellon/metadata`, url: `${site}/post/mellon/metadata`, settings: { encrypt: 'never' } },
    ],
    encrypted: { 'HTTP-Redirect': true, 'HTTP-POST': false },
    secret: { 'HTTP-Redirect': `${site}/secret/`, 'HTTP-POST': `${site}/post/secret/` },
    signIn: { 'HTTP-Redirect': `${site}/secret/`, 'HTTP-POST': `${site}/post/secret/` },
    signInSilently: `${site}/mellon/login?IsPassive=true&ReturnTo=${encodeURIComponent(home)}`,
    signOut: { 'HTTP-Redirect': signOut('/mellon') },
    learned: (page) => readEnvironment(page, { mail: 'MELLON_mail', groups: 'MELLON_groups' }),
    refresh,
    rekey,
    log,
    close: destroy,
  };
}

async function openShibboleth(identityProvider: string): Promise<Partner> {
  const { site, rekey, log, destroy } = await apacheServiceProvider('shibboleth', identityProvider);
  const home = `${site}/`;
  const secret = `${site}/secret/`;
  const handler = `${site}/Shibboleth.sso`;
  return {
    home,
    metadata: [{ entityID: `${site}/shibboleth`, url: `${handler}/Metadata` }],
    encrypted: { 'HTTP-Redirect': true, 'HTTP-POST': true },
    secret: { 'HTTP-Redirect': secret, 'HTTP-POST': secret },
    signIn: { 'HTTP-Redirect': secret, 'HTTP-POST': `${handler}/Login/POST?target=${encodeURIComponent(secret)}` },
    signInSilently: `${handler}/Login?isPassive=1&target=${encodeURIComponent(home)}`,
    signOut: { 'HTTP-Redirect': `${handler}/Logout`, 'HTTP-POST': `${handler}/Logout/POST` },
    learned: (page) => readEnvironment(page, { mail: 'mail', groups: 'groups' }),
    // It asks for it every second.
    refresh: () => Promise.resolve(),
    rekey,
    log,
    close: destroy,
  };
}

async function openPassport(identityProvider: string): Promise<Partner> {
  const { site, entityID, metadataUrl, troubles, rekey, close } = await openPassportApp(identityProvider);
  const secret = `${site}/secret/`;
  return {
    home: `${site}/`,
    metadata: [{ entityID, url: metadataUrl }],
    encrypted: { 'HTTP-Redirect': true, 'HTTP-POST': true },
    secret: { 'HTTP-Redirect': secret, 'HTTP-POST': secret },
    signIn: { 'HTTP-Redirect': secret, 'HTTP-POST': `${site}/login/post` },
    signOut: { 'HTTP-Redirect': `${site}/logout` },
    learned(page) {
      if (page.headers.get('content-type')?.startsWith('application/json') !== true) return undefined;
      const { nameID, mail, groups } = JSON.parse(page.body) as { nameID: string; mail?: string; groups?: string | string[] };
      return { name: nameID, mail: mail ?? '', groups: [groups ?? []].flat() };
    },
    // It asks for it with each request.
    refresh: () => Promise.resolve(),
    rekey,
    log: () => troubles.join('\n'),
    close,
  };
}

export const openPartner = {
  mellon: openMellon,
  shibboleth: openShibboleth,
  passport: openPassport,
} as const satisfies Record<PartnerName, (identityProvider: string) => Promise<Partner>>;
