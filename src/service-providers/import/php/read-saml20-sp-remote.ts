/** Reads metadata/saml20-sp-remote.php of SimpleSAMLphp 1.x and 2.x. */
import { signatureAlgorithms, type SignatureName } from '../../../config/algorithm-names.ts';
import { nameIDFormats } from '../../../saml/names.ts';
import { readCertificate } from '../certificate.ts';
import { gatherRules, tellRule, type GatheredRules } from '../gather-rules.ts';
import { ImportMistake, type Draft, type Export, type Told } from '../imported.ts';
import { noNameID, readNameID, type NameIDReading } from '../name-id.ts';
import { Processing } from './authentication-processing.ts';
import { NotPlainPhp, parsePhp, type PhpArray, type PhpValue } from './parse-php.ts';
import { readPhpEndpoints } from './read-php-endpoints.ts';

const basic = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';
const shortFormats: ReadonlyMap<string, string> = new Map(
  ['basic', 'uri', 'unspecified'].map((name) => [`urn:oasis:names:tc:SAML:2.0:attrname-format:${name}`, name]),
);

/** Settings that say nothing that matters to anybody here. */
const idle: ReadonlySet<string> = new Set([
  'entityid',
  'metadata-set',
  'metadata-index',
  'contacts',
  'OrganizationName',
  'OrganizationDisplayName',
  'OrganizationURL',
  'UIInfo',
  'RegistrationInfo',
  'DiscoHints',
  'name',
  'description',
  'url',
  'privacypolicy',
  'tags',
  'hide.from.discovery',
  'attributes.required',
  'attributes.index',
  'attributes.isDefault',
  'saml20.sign.response',
  'saml20.sign.assertion',
  'sign.response',
  'sign.assertion',
  'AssertionConsumerService',
  'SingleLogoutService',
  'SingleLogoutServiceResponse',
  'NameIDFormat',
  'simplesaml.nameidattribute',
  'simplesaml.attributes',
  'attributes',
  'attributes.NameFormat',
  'AttributeNameFormat',
  'attributeencodings',
  'base64attributes',
  'authproc',
  'keys',
  'certData',
  'certificate',
  'validate.authnrequest',
  'redirect.validate',
  'assertion.encryption',
  'nameid.encryption',
  'expire',
  'signature.algorithm',
  'userid.attribute',
  'disable_scoping',
  'icon',
  'logo',
]);
/** What became of those that stay behind. */
const without: Readonly<Record<string, string>> = {
  ForceAuthn: 'see maxAge of a rule of the policy',
  'redirect.sign': 'requests and responses for signing out are always signed',
  'sign.logout': 'requests and responses for signing out are always signed',
  'validate.logout': 'requests to sign out must always be signed',
  WantAssertionsSigned: 'see sign',
  EntityAttributes:
    'entity attributes matter to the section release alone; take the service provider’s own metadata where you use them',
  audience: 'the one audience is the service provider',
  SPNameQualifier: 'the SPNameQualifier is the entity ID',
  sharedkey: 'nothing is encrypted with shared keys',
  sharedkey_algorithm: 'nothing is encrypted with shared keys',
  ArtifactResolutionService: 'a service provider is not asked for artifacts',
};
/** Settings without which more would be told, to more, for longer, or under another name. */
const deciding = [
  ...['attributes', 'simplesaml.attributes', 'simplesaml.nameid', 'expire', 'validate.authnrequest', 'redirect.validate'],
  ...['assertion.encryption', 'nameid.encryption'],
] as const;
const isSecret = (name: string): boolean => /key$|privatekey|pass|secret|salt/i.test(name);

/** A text, or the one in English, or the first of any language. */
function translated(value: PhpValue | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (!(value instanceof Map)) return undefined;
  const texts = value as PhpArray;
  const chosen = texts.get('en') ?? [...texts.values()].find((each) => typeof each === 'string');
  return typeof chosen === 'string' && chosen !== '' ? chosen : undefined;
}

const inner = (value: PhpValue | undefined, name: string): PhpValue | undefined =>
  value instanceof Map ? (value as PhpArray).get(name) : undefined;

class EntryReader {
  readonly told: Told[] = [];
  readonly held: string[] = [];
  readonly #entry: PhpArray;
  readonly #now: number;

  constructor(entry: PhpArray, now: number) {
    this.#entry = entry;
    this.#now = now;
  }

  #flag(...names: readonly string[]): boolean | undefined {
    for (const name of names) {
      const value = this.#entry.get(name);
      if (typeof value === 'boolean') return value;
    }
    return undefined;
  }

  #tell(outcome: Told['outcome'], about: string, because: string, text?: string): void {
    this.told.push({ outcome, about, because, text });
  }

  /** What is computed, and what stays behind. */
  tellOthers(): void {
    for (const [key, value] of this.#entry) {
      const name = String(key).slice(0, 80);
      if (value instanceof NotPlainPhp) this.#tell('not plain', name, 'it is computed', isSecret(name) ? undefined : value.text);
      else if (Object.hasOwn(without, name)) this.#tell('left out', name, without[name] ?? '');
      else if (!idle.has(name)) this.#tell('left out', name, 'it is not known here');
    }
  }

  #certificates(): { signing: readonly string[]; encryption: readonly string[] } {
    const [signing, encryption]: [Set<string>, Set<string>] = [new Set(), new Set()];
    const take = (about: string, written: PhpValue | undefined, uses: readonly Set<string>[]): void => {
      if (typeof written !== 'string') return;
      const { der, trouble } = readCertificate(written, this.#now);
      if (trouble !== undefined)
        this.#tell(der === undefined ? 'not plain' : 'taken over with a difference', about, `the certificate ${trouble}`);
      if (der !== undefined) for (const use of uses) use.add(der);
    };
    const keys = this.#entry.get('keys');
    for (const key of keys instanceof Map ? (keys as PhpArray).values() : []) {
      if (inner(key, 'type') !== 'X509Certificate') {
        this.#tell('not plain', 'keys', 'one of them is no X509Certificate');
        continue;
      }
      const uses = [
        ...(inner(key, 'signing') === false ? [] : [signing]),
        ...(inner(key, 'encryption') === false ? [] : [encryption]),
      ];
      take('keys', inner(key, 'X509Certificate'), uses);
    }
    take('certData', this.#entry.get('certData'), [signing, encryption]);
    const file = this.#entry.get('certificate');
    if (typeof file === 'string' && signing.size === 0)
      this.#tell('not plain', 'certificate', `the file ${file.slice(0, 100)} is not in this one`);
    return { signing: [...signing], encryption: [...encryption] };
  }

  #signing(): 'both' | 'response' | 'assertion' {
    const response = this.#flag('saml20.sign.response', 'sign.response') ?? true;
    const assertion = this.#flag('saml20.sign.assertion', 'sign.assertion') ?? true;
    if (!response && !assertion)
      this.#tell('taken over with a difference', 'saml20.sign.response', 'one of the two is always signed');
    return response === assertion ? 'both' : response ? 'response' : 'assertion';
  }

  #algorithm(): SignatureName | undefined {
    const uri = this.#entry.get('signature.algorithm');
    if (typeof uri !== 'string') return undefined;
    const [name] = Object.entries(signatureAlgorithms).find(([, each]) => each.uri === uri) ?? [];
    if (name === undefined)
      this.#tell('taken over with a difference', 'signature.algorithm', 'it is signed with SHA-256 or better');
    // RSA with SHA-256 is what is chosen anyway.
    return name === 'rsa-sha384' || name === 'rsa-sha512' ? name : undefined;
  }

  #nameID(processing: Processing): NameIDReading {
    const names = processing.result().names;
    const written = this.#entry.get('NameIDFormat');
    const list = written instanceof Map ? [...(written as PhpArray).values()] : [written];
    const [first] = list;
    if (first instanceof NotPlainPhp)
      return { nameId: {}, told: [], held: ['the format of the name that it is given is computed'] };
    const format = typeof first === 'string' ? first : nameIDFormats.transient;
    if (typeof first !== 'string') {
      this.#tell(
        'taken over with a difference',
        'NameIDFormat',
        'it is not given here, and taken for transient unless saml20-idp-hosted.php says otherwise',
      );
    }
    if (format === nameIDFormats.transient) return readNameID(format, undefined);
    if (names.has(format)) return readNameID(format, names.get(format));
    const attribute = this.#entry.get('simplesaml.nameidattribute');
    return readNameID(format, typeof attribute === 'string' ? processing.valueOf(attribute) : undefined);
  }

  #attributes(processing: Processing): GatheredRules {
    const gathered = gatherRules();
    if (this.#flag('simplesaml.attributes') === false) return gathered;
    const { rules, isLimited } = processing.result();
    if (!isLimited) {
      this.#tell(
        'not plain',
        'attributes',
        'nothing says which attributes it is told, which may have been all: those it needs are to be named',
      );
    }
    const format = this.#entry.get('attributes.NameFormat') ?? this.#entry.get('AttributeNameFormat');
    const given = typeof format === 'string' ? format : basic;
    const nameFormat = shortFormats.get(given) ?? given;
    const encodings = this.#entry.get('attributeencodings');
    for (const [name, rule] of rules) {
      const encoding = inner(encodings, name) ?? (this.#flag('base64attributes') === true ? 'base64' : 'string');
      if (encoding !== 'string' && encoding !== 'base64') {
        this.#tell('not plain', 'attributes', `${name}: it is sent as XML`);
        continue;
      }
      const isPlainName = !/[^A-Za-z0-9_.-]/.test(name) && /^[A-Za-z_]/.test(name);
      const made = {
        ...rule,
        ...(encoding === 'base64' && rule.from !== undefined && { as: 'base64' as const }),
        ...(!(nameFormat === 'basic' && isPlainName) && { nameFormat }),
      };
      tellRule(gathered, this.told, { name, rule: made, about: 'attributes' });
    }
    return gathered;
  }

  /** @param isDoubtful whether something that is not plain may have made another entry of it */
  read(entityId: string, isDoubtful: boolean): Draft | string {
    if (isDoubtful)
      this.held.push('the file holds PHP that is not plain, which may have changed it: see the statements that are told');
    for (const name of deciding) {
      if (this.#entry.get(name) instanceof NotPlainPhp) this.held.push(`${name} is computed`);
    }
    const acs = readPhpEndpoints(this.#entry.get('AssertionConsumerService'), 'AssertionConsumerService', this.told);
    if (acs.length === 0) return 'it has no AssertionConsumerService that is plain';
    const response = this.#entry.get('SingleLogoutServiceResponse');
    const logout = readPhpEndpoints(this.#entry.get('SingleLogoutService'), 'SingleLogoutService', this.told).map((each) =>
      typeof response === 'string' && each.responseLocation === undefined ? { ...each, responseLocation: response } : each,
    );
    const { signing, encryption } = this.#certificates();
    const authnRequestsSigned = this.#flag('validate.authnrequest', 'redirect.validate') === true;
    if (authnRequestsSigned && signing.length === 0)
      this.held.push('its requests must be signed, and the file has no certificate to verify them with');
    const encrypts = this.#flag('assertion.encryption') === true;
    const encryptsName = this.#flag('nameid.encryption') === true;
    if ((encrypts || encryptsName) && encryption.length === 0)
      this.held.push('it is sent encrypted assertions or names, and the file has no certificate to encrypt to');
    if (encrypts && encryption.length > 0) {
      this.#tell(
        'taken over with a difference',
        'assertion.encryption',
        'AES-128-CBC became AES-256-GCM: see encryption.algorithm and algorithms.allowed where it cannot open that',
      );
    }
    const expire = this.#entry.get('expire');
    const validUntil = typeof expire === 'number' && expire < 8e9 ? Math.max(0, expire) * 1_000 : undefined;
    const nameIDAttribute = this.#entry.get('simplesaml.nameidattribute');
    const processing = new Processing(
      this.#entry.get('authproc'),
      this.#entry.get('attributes'),
      typeof nameIDAttribute === 'string' ? [nameIDAttribute] : [],
    );
    const processed = processing.result();
    this.held.push(...processed.held);
    this.told.push(...processed.told);
    const gathered = this.#attributes(processing);
    const nameID = this.#flag('simplesaml.nameid') === false ? noNameID : this.#nameID(processing);
    this.told.push(...nameID.told);
    const usesKeys = encrypts || encryptsName;
    const sign = this.#signing();
    const signature = this.#algorithm();
    this.tellOthers();
    return {
      entityId,
      name:
        translated(this.#entry.get('name')) ??
        translated(inner(this.#entry.get('UIInfo'), 'DisplayName')) ??
        translated(this.#entry.get('OrganizationDisplayName')) ??
        translated(this.#entry.get('OrganizationName')),
      sign,
      signature,
      encrypt: encrypts ? 'assertion' : encryptsName ? 'nameId' : undefined,
      nameId: nameID.nameId,
      attributes: gathered.rules,
      access: undefined,
      metadata: {
        assertionConsumerServices: acs,
        singleLogoutServices: logout,
        signing,
        encryption: usesKeys ? encryption : [],
        authnRequestsSigned,
        validUntil,
      },
      held: this.held,
      heldByName: nameID.held,
      told: this.told,
    };
  }
}

/** @param now milliseconds since the epoch. @throws ImportMistake */
export function readSaml20SpRemote(text: string, now: number): Export {
  const { entries, notPlain, isDoubtful } = parsePhp(text);
  if (entries.size === 0)
    throw new ImportMistake('The file assigns nothing plain to $metadata[…], as metadata/saml20-sp-remote.php does.');
  const drafts: Draft[] = [];
  const leftOut: { name: string; because: string }[] = [];
  for (const [entityId, entry] of entries) {
    const read = new EntryReader(entry, now).read(entityId, isDoubtful(entityId));
    if (typeof read === 'string') leftOut.push({ name: entityId, because: read });
    else drafts.push(read);
  }
  const told = notPlain.map((each): Told => ({
    outcome: 'not plain',
    about: 'statement',
    because: 'it assigns no plain value to $metadata[…]; nothing of this file is run',
    text: each,
  }));
  const general: Told = {
    outcome: 'left out',
    about: 'config.php and saml20-idp-hosted.php',
    because: 'filters and settings for all service providers stand there, and are not in this file',
  };
  return { drafts, leftOut, told: [...told, general] };
}
