/** The claims that AD FS begins with for people of Active Directory, and which of them can be read here. */
import type { ReleaseRuleConfig } from '../../../config/release-schema.ts';

const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity';
const microsoft = 'http://schemas.microsoft.com/ws/2008/06/identity/claims';

export const claimTypes = {
  nameIdentifier: `${soap}/claims/nameidentifier`,
  windowsAccountName: `${microsoft}/windowsaccountname`,
  groupSid: `${microsoft}/groupsid`,
  primarySid: `${microsoft}/primarysid`,
  permit: 'http://schemas.microsoft.com/authorization/claims/permit',
  deny: 'http://schemas.microsoft.com/authorization/claims/deny',
  upn: `${soap}/claims/upn`,
  name: `${soap}/claims/name`,
} as const;

export const claimProperties = {
  format: `${soap}/claimproperties/format`,
  /** The NameFormat of the attribute. */
  attributeName: `${soap}/claimproperties/attributename`,
} as const;

/** Everybody of Active Directory has them. */
export const always: ReadonlySet<string> = new Set([
  claimTypes.windowsAccountName,
  claimTypes.primarySid,
  claimTypes.upn,
  claimTypes.name,
]);

/** A rule, or why there is none. */
export const firstClaims: ReadonlyMap<string, ReleaseRuleConfig | string> = new Map<string, ReleaseRuleConfig | string>([
  [claimTypes.upn, { from: 'userPrincipalName' }],
  [claimTypes.primarySid, { from: 'objectSid' }],
  [claimTypes.groupSid, { groups: 'sid', nested: true }],
  [claimTypes.windowsAccountName, 'the account name with the NetBIOS name of its domain (CORP\\ada) is not to be had here'],
  [claimTypes.name, 'the account name with the NetBIOS name of its domain (CORP\\ada) is not to be had here'],
]);

/** Issuers of claims about people of Active Directory. */
export const isHere = (issuer: string): boolean =>
  /^(?:AD AUTHORITY|LOCAL AUTHORITY|SELF AUTHORITY|ACTIVE DIRECTORY)$/i.test(issuer);

/** Issuer of groups that Active Directory says somebody is in; those of other issuers are others. */
export const ofDirectory = /^AD AUTHORITY$/i;
/** ValueType of every claim that is read here. */
export const textType = 'http://www.w3.org/2001/XMLSchema#string';

/** Attributes whose values are bytes: claims hold them in base64. */
const bytes: ReadonlySet<string> = new Set([
  'objectguid',
  'objectsid',
  'sidhistory',
  'ms-ds-consistencyguid',
  'msexchmailboxguid',
  'usercertificate',
  'cacertificate',
  'usersmimecertificate',
  'thumbnailphoto',
  'jpegphoto',
  'photo',
]);

/** What a query of the store Active Directory asks for, as a rule; a text says why there is none. */
export function ldapAttribute(written: string): ReleaseRuleConfig | string {
  const name = written.trim();
  const groups = /^tokenGroups(?:\((\w+)\))?$/i.exec(name);
  if (groups !== null) {
    if (groups[1] === undefined) return { groups: 'name', nested: true };
    return groups[1].toLowerCase() === 'sid'
      ? { groups: 'sid', nested: true }
      : `${name}: names of groups with the name of their domain are not to be had here`;
  }
  if (/^memberOf$/i.test(name)) return { groups: 'dn' };
  return bytes.has(name.toLowerCase()) ? { from: name, as: 'base64' } : { from: name };
}
