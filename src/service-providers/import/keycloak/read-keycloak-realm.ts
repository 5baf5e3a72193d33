/** Reads the export of a realm of Keycloak: its clients for SAML. */
import type { SignatureName } from '../../../config/algorithm-names.ts';
import { bindings, nameIDFormats } from '../../../saml/names.ts';
import { readCertificate } from '../certificate.ts';
import { gatherRules } from '../gather-rules.ts';
import { ImportMistake, type AcsDraft, type Draft, type EndpointDraft, type Export, type Told } from '../imported.ts';
import { readNameID, type NameIDReading } from '../name-id.ts';
import { at, flagAt, isObject, listAt, parseJson, textAt, textsAt, type JsonObject } from '../read-json.ts';
import { readBrowserFlow } from './browser-flow.ts';
import { readPeople, type People } from './ldap-mappers.ts';
import { applyMapper, type MappedName } from './protocol-mappers.ts';

const mostClients = 2_000;
const mostMappers = 300;
const algorithms: Readonly<Record<string, SignatureName>> = { RSA_SHA512: 'rsa-sha512' };
const formats: Readonly<Record<string, string>> = {
  email: nameIDFormats.emailAddress,
  persistent: nameIDFormats.persistent,
  transient: nameIDFormats.transient,
  username: nameIDFormats.unspecified,
};

/** Attributes of a client are texts, in some versions lists of one. */
const setting = (client: JsonObject, name: string): string | undefined => {
  const attributes = at(client, 'attributes');
  return textAt(attributes, name) ?? textsAt(attributes, name)[0];
};
const isOn = (client: JsonObject, name: string, byDefault: boolean): boolean => {
  const written = setting(client, name)?.toLowerCase();
  return written === undefined ? byDefault : written === 'true';
};

class ClientReader {
  readonly #told: Told[] = [];
  readonly #held: string[];
  readonly #client: JsonObject;
  readonly #realm: JsonObject;
  readonly #people: People;
  readonly #now: number;

  /** @param held why every service provider of the realm is */
  constructor(client: JsonObject, realm: JsonObject, held: readonly string[], people: People, now: number) {
    this.#held = [...held];
    this.#client = client;
    this.#realm = realm;
    this.#people = people;
    this.#now = now;
  }

  #tell(outcome: Told['outcome'], about: string, because: string, text?: string): void {
    this.#told.push({ outcome, about, because, text });
  }

  /** Below rootUrl, where it is not whole. */
  #whole(url: string): string {
    const root = textAt(this.#client, 'rootUrl')?.replace(/\/+$/, '');
    return url.startsWith('/') && root !== undefined ? root + url : url;
  }

  #assertionConsumerServices(): readonly AcsDraft[] {
    const post = setting(this.#client, 'saml_assertion_consumer_url_post') ?? textAt(this.#client, 'adminUrl');
    const artifact = setting(this.#client, 'saml_artifact_binding_url');
    const found: AcsDraft[] =
      post === undefined ? [] : [{ binding: bindings.httpPost, location: this.#whole(post), isDefault: true }];
    for (const uri of textsAt(this.#client, 'redirectUris')) {
      const location = this.#whole(uri);
      if (/[*]/.test(location)) {
        this.#tell(
          'not plain',
          'redirectUris',
          'answers go to addresses that are known letter by letter, and to none by a wildcard',
          uri,
        );
      } else if (!/^https?:\/\//i.test(location)) {
        this.#tell('not plain', 'redirectUris', 'it is no whole URL', uri);
      } else if (!found.some((each) => each.location === location)) found.push({ binding: bindings.httpPost, location });
    }
    if (artifact !== undefined) found.push({ binding: bindings.httpArtifact, location: this.#whole(artifact) });
    if (setting(this.#client, 'saml_assertion_consumer_url_redirect') !== undefined) {
      this.#tell('left out', 'saml_assertion_consumer_url_redirect', 'answers never go by redirect');
    }
    return found;
  }

  #singleLogoutServices(): readonly EndpointDraft[] {
    const rows = [
      ['saml_single_logout_service_url_post', bindings.httpPost],
      ['saml_single_logout_service_url_redirect', bindings.httpRedirect],
      ['saml_single_logout_service_url_soap', bindings.soap],
    ] as const;
    const found = rows.flatMap(([name, binding]) => {
      const location = setting(this.#client, name);
      return location === undefined ? [] : [{ binding, location: this.#whole(location) }];
    });
    const master = textAt(this.#client, 'adminUrl');
    if (found.length > 0 || master === undefined || flagAt(this.#client, 'frontchannelLogout') !== true) return found;
    return [{ binding: bindings.httpPost, location: this.#whole(master) }];
  }

  #certificate(name: string): readonly string[] {
    const written = setting(this.#client, name);
    if (written === undefined) return [];
    const { der, trouble } = readCertificate(written, this.#now);
    if (trouble !== undefined)
      this.#tell(der === undefined ? 'not plain' : 'taken over with a difference', name, `the certificate ${trouble}`);
    return der === undefined ? [] : [der];
  }

  #mappers(): readonly unknown[] {
    const scopes = listAt(this.#realm, 'clientScopes');
    const chosen = textsAt(this.#client, 'defaultClientScopes').flatMap((name) =>
      scopes.filter((scope) => textAt(scope, 'name') === name && textAt(scope, 'protocol') === 'saml'),
    );
    return [...listAt(this.#client, 'protocolMappers'), ...chosen.flatMap((scope) => listAt(scope, 'protocolMappers'))];
  }

  #nameID(mapped: readonly MappedName[]): NameIDReading {
    const written = setting(this.#client, 'saml_name_id_format') ?? 'username';
    const format = Object.hasOwn(formats, written) ? (formats[written] ?? nameIDFormats.unspecified) : written;
    // Where it is not forced, the service provider's requests may choose, as they could there.
    const choose = (reading: NameIDReading): NameIDReading => {
      const { format: chosen } = reading.nameId;
      if (chosen === undefined || isOn(this.#client, 'saml_force_name_id_format', false)) return reading;
      const offered = (['emailAddress', 'transient'] as const).filter((each) => each !== chosen);
      return { ...reading, nameId: { ...reading.nameId, offered } };
    };
    return choose(this.#nameIDOf(format, written, mapped));
  }

  #nameIDOf(format: string, written: string, mapped: readonly MappedName[]): NameIDReading {
    const own = mapped.find((each) => each.format === format);
    if (own !== undefined) return readNameID(format, own.source);
    if (mapped.length > 0)
      this.#tell('left out', 'NameID', 'a mapper makes a name of another format, which is not the one that it is given');
    if (format === nameIDFormats.transient || format === nameIDFormats.persistent) return readNameID(format, undefined);
    const isEmail = written === 'email' || flagAt(this.#realm, 'registrationEmailAsUsername') === true;
    const source = this.#people.of(isEmail ? 'email' : 'username');
    return readNameID(format, typeof source === 'string' ? undefined : source);
  }

  #others(): void {
    const client = this.#client;
    if (flagAt(this.#realm, 'enabled') === false) this.#held.push('its realm was switched off (enabled is false)');
    if (flagAt(client, 'enabled') === false) this.#held.push('it was switched off (enabled is false)');
    const overrides = at(client, 'authenticationFlowBindingOverrides');
    if (isObject(overrides) && Object.values(overrides).some((flow) => flow !== '' && flow !== null)) {
      this.#held.push(
        'it had a flow of its own, which may have let in some people alone or demanded more of them: see policy and access',
      );
      this.#tell('not plain', 'authenticationFlowBindingOverrides', 'flows have no like here', JSON.stringify(overrides));
    }
    if (flagAt(client, 'consentRequired') === true) this.#tell('left out', 'consentRequired', 'people are not asked for consent');
    if (setting(client, 'saml_idp_initiated_sso_url_name') !== undefined) {
      this.#tell(
        'left out',
        'saml_idp_initiated_sso_url_name',
        'sign-ins that begin here do so at /saml/idp-initiated?sp= and its entity ID',
      );
    }
    if (isOn(client, 'saml.artifact.binding', false) && setting(client, 'saml_artifact_binding_url') === undefined) {
      this.#tell('taken over with a difference', 'saml.artifact.binding', 'answers go by POST unless it asks for artifacts');
    }
    if (setting(client, 'saml.assertion.lifespan') !== undefined)
      this.#tell('left out', 'saml.assertion.lifespan', 'how long an assertion may be used is the same for all');
    if (setting(client, 'saml.signature.algorithm')?.endsWith('_SHA1') === true) {
      this.#tell(
        'taken over with a difference',
        'saml.signature.algorithm',
        'SHA-1 is signed with by nobody any more; it must know SHA-256',
      );
    }
  }

  read(): Draft | string {
    const client = this.#client;
    const entityId = textAt(client, 'clientId');
    if (entityId === undefined) return 'it has no clientId';
    const acs = this.#assertionConsumerServices();
    if (acs.length === 0)
      return 'it has no whole URL to be answered at: neither saml_assertion_consumer_url_post nor a redirect URI without a wildcard';
    const signing = this.#certificate('saml.signing.certificate');
    const encrypts = isOn(client, 'saml.encrypt', false);
    const encryption = encrypts ? this.#certificate('saml.encryption.certificate') : [];
    const authnRequestsSigned = isOn(client, 'saml.client.signature', true);
    if (authnRequestsSigned && signing.length === 0)
      this.#held.push('its requests must be signed, and the export has no certificate to verify them with');
    if (encrypts && encryption.length === 0)
      this.#held.push('it is sent encrypted assertions, and the export has no certificate to encrypt to');
    const [response, assertion] = [isOn(client, 'saml.server.signature', true), isOn(client, 'saml.assertion.signature', false)];
    if (!response && !assertion) this.#tell('taken over with a difference', 'saml.server.signature', 'answers are always signed');
    const gathered = gatherRules();
    const mappers = this.#mappers();
    const mapped = mappers
      .slice(0, mostMappers)
      .flatMap((mapper) => applyMapper(mapper, this.#people, gathered, this.#told) ?? []);
    if (mappers.length > mostMappers) this.#tell('not plain', 'protocolMappers', 'there are too many');
    const nameID = this.#nameID(mapped);
    this.#told.push(...nameID.told);
    this.#others();
    const algorithm = setting(client, 'saml.signature.algorithm') ?? '';
    return {
      entityId,
      name: textAt(client, 'name'),
      sign: response === assertion ? 'both' : response ? 'response' : 'assertion',
      signature: Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined,
      encrypt: encrypts ? 'assertion' : undefined,
      nameId: nameID.nameId,
      attributes: gathered.rules,
      metadata: {
        assertionConsumerServices: acs,
        singleLogoutServices: this.#singleLogoutServices(),
        signing,
        encryption,
        authnRequestsSigned,
      },
      held: this.#held,
      heldByName: nameID.held,
      told: this.#told,
    };
  }
}

/** A realm, a list of realms, or one client by itself. */
function realmsOf(json: unknown): readonly JsonObject[] {
  const list = Array.isArray(json) ? (json as unknown[]) : [json];
  return list.filter(isObject).flatMap((each): readonly JsonObject[] => {
    if (Array.isArray(at(each, 'clients'))) return [each];
    return textAt(each, 'clientId') === undefined ? [] : [{ clients: [each] }];
  });
}

/** @param now milliseconds since the epoch. @throws ImportMistake */
export function readKeycloakRealm(text: string, now: number): Export {
  const realms = realmsOf(parseJson(text));
  if (realms.length === 0) throw new ImportMistake('The file holds no clients, as the export of a realm of Keycloak does.');
  const drafts: Draft[] = [];
  const leftOut: { name: string; because: string }[] = [];
  const told: Told[] = [];
  for (const realm of realms) {
    const people = readPeople(realm);
    told.push(...people.told);
    const clients = listAt(realm, 'clients').filter(isObject);
    if (clients.length > mostClients) throw new ImportMistake(`The file holds more than ${String(mostClients)} clients.`);
    const forSaml = clients.filter((client) => textAt(client, 'protocol') === 'saml');
    const others = clients.length - forSaml.length;
    if (others > 0)
      told.push({ outcome: 'left out', about: 'clients', because: `${String(others)} speak another protocol than SAML` });
    const flow = readBrowserFlow(realm);
    told.push(...flow.told);
    for (const client of forSaml) {
      const read = new ClientReader(client, realm, [...people.held, ...flow.held], people, now).read();
      if (typeof read === 'string')
        leftOut.push({ name: textAt(client, 'clientId') ?? textAt(client, 'name') ?? 'without a name', because: read });
      else drafts.push(read);
    }
  }
  return { drafts, leftOut, told };
}
