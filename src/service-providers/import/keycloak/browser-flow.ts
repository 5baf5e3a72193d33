/** What everybody had to go through in the flow by which a realm signs people in. */
import type { Told } from '../imported.ts';
import { isObject, listAt, textAt, type JsonObject } from '../read-json.ts';

/** Steps of the flow that Keycloak brings, which ask for the password and for nothing else. */
const ordinary: ReadonlySet<string> = new Set([
  'auth-cookie',
  'auth-spnego',
  'auth-username-password-form',
  'auth-username-form',
  'auth-password-form',
  'identity-provider-redirector',
]);

/** Steps that demand something else of everybody; those of a flow within it included. */
function demanded(flows: readonly JsonObject[], alias: string, seen: Set<string>): readonly string[] {
  if (seen.has(alias)) return [];
  seen.add(alias);
  const flow = flows.find((each) => textAt(each, 'alias') === alias);
  return listAt(flow, 'authenticationExecutions').flatMap((execution): readonly string[] => {
    const requirement = textAt(execution, 'requirement')?.toUpperCase();
    if (requirement === 'DISABLED') return [];
    const inner = textAt(execution, 'flowAlias');
    // What Keycloak asks of those alone who have a second factor; their factors stay behind anyway.
    if (inner !== undefined) return requirement === 'CONDITIONAL' ? conditional(flows, inner) : demanded(flows, inner, seen);
    const step = textAt(execution, 'authenticator') ?? 'a step without a name';
    return ordinary.has(step) ? [] : [step];
  });
}

const ofPersonsOwn: ReadonlySet<string> = new Set(['conditional-user-configured', 'conditional-credential']);

/** The condition is that somebody has set up a factor, or it is one of the administrator's. */
function conditional(flows: readonly JsonObject[], alias: string): readonly string[] {
  const flow = flows.find((each) => textAt(each, 'alias') === alias);
  const steps = listAt(flow, 'authenticationExecutions').filter(
    (each) => textAt(each, 'requirement')?.toUpperCase() !== 'DISABLED',
  );
  const names = steps.flatMap((step) => textAt(step, 'authenticator') ?? textAt(step, 'flowAlias') ?? []);
  return names.some((name) => ofPersonsOwn.has(name)) ? [] : names;
}

export function readBrowserFlow(realm: JsonObject): { readonly held: readonly string[]; readonly told: readonly Told[] } {
  const about = 'browserFlow';
  const name = textAt(realm, about);
  if (name === undefined) return { held: [], told: [] };
  const flows = listAt(realm, 'authenticationFlows').filter(isObject);
  const isKnown = flows.some((flow) => textAt(flow, 'alias') === name);
  const asked = isKnown ? demanded(flows, name, new Set()) : [];
  const isOwn = name !== 'browser' && !isKnown;
  if (!isOwn && asked.length === 0) return { held: [], told: [] };
  const because =
    asked.length === 0
      ? 'the realm had a flow of its own, which may have let in some people alone or demanded more of them: see policy and access'
      : `the flow of the realm demanded more than a password (${[...new Set(asked)].join(', ').slice(0, 200)}): see policy and access`;
  return { held: [because], told: [{ outcome: 'not plain', about, because, text: name }] };
}
