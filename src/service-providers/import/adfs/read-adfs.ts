/** Reads what Get-AdfsRelyingPartyTrust | ConvertTo-Json gives: relying party trusts of AD FS, on Windows Server 2012 R2 and later. */
import { nameIDFormats } from '../../../saml/names.ts';
import { readCertificate } from '../certificate.ts';
import { gatherRules, tellRule } from '../gather-rules.ts';
import { ImportMistake, type Draft, type Export, type Told } from '../imported.ts';
import { noNameID, readNameID, type NameIDReading } from '../name-id.ts';
import { at, flagAt, isObject, isOtherThanText, listAt, parseJson, textAt, textsAt, type JsonObject } from '../read-json.ts';
import { claimProperties, claimTypes } from './claim-types.ts';
import { ClaimSet } from './evaluate-claims.ts';
import { readAuthorization } from './read-authorization.ts';
import { readSamlEndpoints } from './read-saml-endpoints.ts';
import { splitRules } from './rule-tokens.ts';
import { adfsSettings } from './told-settings.ts';

const mostTrusts = 2_000;
const mostRules = 300;
const unspecified = 'unspecified';

/** X509Certificate2 as ConvertTo-Json writes it, or base64. */
function certificateBytes(value: unknown): string | Buffer | undefined {
  if (typeof value === 'string') return value;
  const raw = at(value, 'RawData');
  if (typeof raw === 'string') return raw;
  const bytes = Array.isArray(raw) ? (raw as unknown[]) : listAt(raw, 'value');
  const isBytes = bytes.length > 0 && bytes.length <= 65_536 && bytes.every((each) => typeof each === 'number');
  return isBytes ? Buffer.from(bytes) : undefined;
}

function readCertificates(trust: JsonObject, name: string, now: number, told: Told[]): readonly string[] {
  return listAt(trust, name).flatMap((value) => {
    const written = certificateBytes(value);
    const { der, trouble } =
      written === undefined ? { der: undefined, trouble: 'is not in the export as bytes' } : readCertificate(written, now);
    if (trouble !== undefined) {
      told.push({
        outcome: der === undefined ? 'not plain' : 'taken over with a difference',
        about: name,
        because: `the certificate ${trouble}`,
      });
    }
    return der === undefined ? [] : [der];
  });
}

interface Issued {
  readonly nameID: NameIDReading;
  readonly rules: ReturnType<typeof gatherRules>;
}

function readRules(trust: JsonObject, told: Told[]): Issued {
  const rules = gatherRules();
  const claims = new ClaimSet();
  const names: NameIDReading[] = [];
  const written = splitRules(textAt(trust, 'IssuanceTransformRules') ?? '');
  if (isOtherThanText(trust, 'IssuanceTransformRules')) {
    const because = 'IssuanceTransformRules is no text in the export, so that nothing says by which name it knows people';
    names.push({ nameId: {}, told: [{ outcome: 'not plain', about: 'IssuanceTransformRules', because }], held: [because] });
  }
  for (const [index, text] of written.slice(0, mostRules).entries()) {
    const result = claims.apply(text, index + 1);
    const { about } = result;
    if (result.because !== undefined) {
      told.push({ outcome: 'not plain', about, because: result.because, text });
      if (result.mayName) {
        const because = `the name that it is given comes from a rule that is not plain (${about})`;
        names.push({ nameId: {}, told: [], held: [because] });
      }
      continue;
    }
    if (result.action === 'add') {
      told.push({ outcome: 'taken over', about, because: 'it is for the rules behind it' });
      continue;
    }
    if (result.claims.length === 0) told.push({ outcome: 'left out', about, because: 'it never issues anything', text });
    for (const { type, value, properties, differences } of result.claims) {
      if (typeof value === 'string') {
        told.push({ outcome: 'not plain', about, because: value, text });
        if (type === claimTypes.nameIdentifier) names.push({ nameId: {}, told: [], held: [value] });
      } else if (type === claimTypes.nameIdentifier) {
        names.push(readNameID(properties.get(claimProperties.format) ?? nameIDFormats.unspecified, value));
      } else {
        // AD FS writes no NameFormat unless a property says so.
        const nameFormat = properties.get(claimProperties.attributeName) ?? unspecified;
        tellRule(rules, told, { name: type, rule: { ...value, nameFormat }, about, differences, text });
      }
    }
  }
  if (written.length > mostRules) {
    const because = `of its rules only the first ${String(mostRules)} were read`;
    names.push({ nameId: {}, told: [{ outcome: 'not plain', about: 'IssuanceTransformRules', because }], held: [because] });
  }
  const [first = noNameID, ...others] = names;
  const isOne = others.every((each) => JSON.stringify(each.nameId) === JSON.stringify(first.nameId));
  const several = { nameId: {}, told: [], held: ['several rules give it a name, and not the same'] };
  const nameID = isOne ? first : (names.find(({ held }) => held.length > 0) ?? several);
  told.push(...nameID.told);
  return { nameID, rules };
}

function readTrust(trust: JsonObject, now: number): { drafts: readonly Draft[]; because?: string } {
  const name = textAt(trust, 'Name');
  const identifiers = textsAt(trust, 'Identifier');
  const profile = textAt(trust, 'ProtocolProfile') ?? '';
  if (identifiers.length === 0) return { drafts: [], because: 'it has no Identifier' };
  if (/^wsfed(?:eration)?$/i.test(profile))
    return { drafts: [], because: 'it speaks WS-Federation alone, which Passerelle does not' };
  const told: Told[] = [];
  const endpoints = readSamlEndpoints(trust);
  told.push(...endpoints.told);
  if (endpoints.assertionConsumerServices.length === 0)
    return { drafts: [], because: endpoints.trouble ?? 'it has no SAML endpoint to be answered at' };
  const signing = readCertificates(trust, 'RequestSigningCertificate', now, told);
  const encryption = readCertificates(trust, 'EncryptionCertificate', now, told);
  const isEncrypted = flagAt(trust, 'EncryptClaims') !== false;
  const encrypts = isEncrypted && encryption.length > 0;
  const lostKey =
    isEncrypted && !encrypts && listAt(trust, 'EncryptionCertificate').length > 0
      ? ['it was sent encrypted assertions, and its certificate in the export cannot be used']
      : [];
  const settings = adfsSettings(trust, { hasSigning: signing.length > 0, encrypts });
  const authorization = readAuthorization(trust);
  const { nameID, rules } = readRules(trust, told);
  told.push(...authorization.told, ...settings.told);
  return {
    drafts: identifiers.map((entityId) => ({
      entityId,
      name,
      sign: settings.sign,
      signature: settings.signature,
      encrypt: encrypts ? ('assertion' as const) : undefined,
      nameId: nameID.nameId,
      attributes: rules.rules,
      access: authorization.access,
      metadata: {
        assertionConsumerServices: endpoints.assertionConsumerServices,
        singleLogoutServices: endpoints.singleLogoutServices,
        signing,
        encryption: encrypts ? encryption : [],
        authnRequestsSigned: settings.authnRequestsSigned,
      },
      held: [...settings.held, ...lostKey, ...authorization.held],
      heldByName: nameID.held,
      told,
    })),
  };
}

/** @param now milliseconds since the epoch. @throws ImportMistake */
export function readAdfs(text: string, now: number): Export {
  const json = parseJson(text);
  // Windows PowerShell may put an array into an object of its own.
  const list = Array.isArray(json) ? (json as unknown[]) : Array.isArray(at(json, 'value')) ? listAt(json, 'value') : [json];
  const trusts = list.filter((each) => isObject(each) && (Object.hasOwn(each, 'Identifier') || Object.hasOwn(each, 'Name')));
  if (trusts.length === 0)
    throw new ImportMistake('The file holds no relying party trusts, as Get-AdfsRelyingPartyTrust | ConvertTo-Json writes them.');
  if (trusts.length > mostTrusts) throw new ImportMistake(`The file holds more than ${String(mostTrusts)} relying party trusts.`);
  const drafts: Draft[] = [];
  const leftOut: { name: string; because: string }[] = [];
  for (const trust of trusts) {
    if (!isObject(trust)) continue;
    const read = readTrust(trust, now);
    drafts.push(...read.drafts);
    if (read.because !== undefined)
      leftOut.push({ name: textAt(trust, 'Name') ?? textsAt(trust, 'Identifier')[0] ?? 'without a name', because: read.because });
  }
  return { drafts, leftOut, told: [] };
}
