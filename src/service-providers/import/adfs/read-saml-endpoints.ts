/** The SamlEndpoints of a relying party trust. */
import { bindings } from '../../../saml/names.ts';
import type { AcsDraft, EndpointDraft, Told } from '../imported.ts';
import { at, flagAt, isObject, listAt, textAt, type JsonObject } from '../read-json.ts';

export interface Endpoints {
  readonly assertionConsumerServices: readonly AcsDraft[];
  readonly singleLogoutServices: readonly EndpointDraft[];
  readonly told: readonly Told[];
  /** Why none of them can be used; undefined where one can. */
  readonly trouble: string | undefined;
}

const about = 'SamlEndpoints';
const known: Readonly<Record<string, string>> = {
  post: bindings.httpPost,
  redirect: bindings.httpRedirect,
  artifact: bindings.httpArtifact,
  soap: bindings.soap,
};
const deeper = 'it stands there as a mere name: export it again with ConvertTo-Json -Depth 6';

/** A System.Uri, which ConvertTo-Json writes as text or with its parts. */
const locationAt = (endpoint: JsonObject, name: string): string | undefined =>
  textAt(endpoint, name) ?? textAt(at(endpoint, name), 'OriginalString') ?? textAt(at(endpoint, name), 'AbsoluteUri');

function bindingOf(endpoint: JsonObject): string | undefined {
  const urn = locationAt(endpoint, 'BindingUri') ?? '';
  if (Object.values(known).includes(urn)) return urn;
  const name = (textAt(endpoint, 'Binding') ?? '').toLowerCase();
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

function indexOf(endpoint: JsonObject): number | undefined {
  const index = at(endpoint, 'Index');
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index <= 65_535 ? index : undefined;
}

export function readSamlEndpoints(trust: JsonObject): Endpoints {
  const [acs, logout, told]: [AcsDraft[], EndpointDraft[], Told[]] = [[], [], []];
  const list = listAt(trust, 'SamlEndpoints');
  for (const endpoint of list) {
    if (!isObject(endpoint)) {
      told.push({ outcome: 'not plain', about, because: deeper });
      continue;
    }
    const location = locationAt(endpoint, 'Location');
    const binding = bindingOf(endpoint);
    const protocol = (textAt(endpoint, 'Protocol') ?? '').toLowerCase();
    if (location === undefined || binding === undefined) {
      told.push({
        outcome: 'not plain',
        about,
        because: 'an endpoint has no Location or Binding that is known',
        text: JSON.stringify(endpoint),
      });
    } else if (protocol === 'samlassertionconsumer') {
      acs.push({ binding, location, index: indexOf(endpoint), isDefault: flagAt(endpoint, 'IsDefault') });
    } else if (protocol === 'samllogout') {
      const responseLocation = locationAt(endpoint, 'ResponseLocation');
      logout.push({ binding, location, ...(responseLocation !== undefined && { responseLocation }) });
    } else {
      told.push({
        outcome: 'left out',
        about,
        because: `the endpoint ${location} is neither for assertions nor for signing out`,
      });
    }
  }
  const isShallow = list.some((endpoint) => !isObject(endpoint));
  return {
    assertionConsumerServices: acs,
    singleLogoutServices: logout,
    told,
    trouble: isShallow ? `its SamlEndpoints: ${deeper}` : undefined,
  };
}
