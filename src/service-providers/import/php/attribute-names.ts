/** Names of attributes in federations, and the directory attributes they stand for: what oid2name and urn2name of SimpleSAMLphp hold. */

const oids: Readonly<Record<string, string>> = {
  'urn:oid:0.9.2342.19200300.100.1.1': 'uid',
  'urn:oid:0.9.2342.19200300.100.1.3': 'mail',
  'urn:oid:0.9.2342.19200300.100.1.6': 'roomNumber',
  'urn:oid:0.9.2342.19200300.100.1.10': 'manager',
  'urn:oid:0.9.2342.19200300.100.1.20': 'homePhone',
  'urn:oid:0.9.2342.19200300.100.1.41': 'mobile',
  'urn:oid:0.9.2342.19200300.100.1.42': 'pager',
  'urn:oid:0.9.2342.19200300.100.1.43': 'co',
  'urn:oid:0.9.2342.19200300.100.1.60': 'jpegPhoto',
  'urn:oid:1.2.840.113549.1.9.1': 'mail',
  'urn:oid:1.3.6.1.4.1.24552.500.1.1.1.13': 'sshPublicKey',
  'urn:oid:1.3.6.1.4.1.250.1.57': 'labeledURI',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.1': 'eduPersonAffiliation',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.2': 'eduPersonNickname',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.5': 'eduPersonPrimaryAffiliation',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.6': 'eduPersonPrincipalName',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.7': 'eduPersonEntitlement',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.9': 'eduPersonScopedAffiliation',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.11': 'eduPersonAssurance',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.13': 'eduPersonUniqueId',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.16': 'eduPersonOrcid',
  'urn:oid:1.3.6.1.4.1.5923.1.5.1.1': 'isMemberOf',
  'urn:oid:2.16.840.1.113730.3.1.2': 'departmentNumber',
  'urn:oid:2.16.840.1.113730.3.1.3': 'employeeNumber',
  'urn:oid:2.16.840.1.113730.3.1.4': 'employeeType',
  'urn:oid:2.16.840.1.113730.3.1.39': 'preferredLanguage',
  'urn:oid:2.16.840.1.113730.3.1.241': 'displayName',
  'urn:oid:2.5.4.3': 'cn',
  'urn:oid:2.5.4.4': 'sn',
  'urn:oid:2.5.4.6': 'c',
  'urn:oid:2.5.4.7': 'l',
  'urn:oid:2.5.4.8': 'st',
  'urn:oid:2.5.4.9': 'street',
  'urn:oid:2.5.4.10': 'o',
  'urn:oid:2.5.4.11': 'ou',
  'urn:oid:2.5.4.12': 'title',
  'urn:oid:2.5.4.13': 'description',
  'urn:oid:2.5.4.16': 'postalAddress',
  'urn:oid:2.5.4.17': 'postalCode',
  'urn:oid:2.5.4.18': 'postOfficeBox',
  'urn:oid:2.5.4.19': 'physicalDeliveryOfficeName',
  'urn:oid:2.5.4.20': 'telephoneNumber',
  'urn:oid:2.5.4.23': 'facsimileTelephoneNumber',
  'urn:oid:2.5.4.42': 'givenName',
  'urn:oid:2.5.4.43': 'initials',
};
const macePrefix = 'urn:mace:dir:attribute-def:';
const names: ReadonlyMap<string, string> = new Map([
  ...Object.entries(oids).map(([oid, name]) => [name.toLowerCase(), oid] as const),
  ['mail', 'urn:oid:0.9.2342.19200300.100.1.3'],
]);

/** As Active Directory Federation Services calls them. */
const claims: Readonly<Record<string, string>> = {
  c: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/country',
  givenName: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname',
  mail: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  memberOf: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
  uid: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  sn: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname',
  st: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/stateorprovince',
};

/** The directory attribute that such a name stands for; undefined where it is none of them. */
export function directoryName(name: string): string | undefined {
  if (Object.hasOwn(oids, name)) return oids[name];
  const short = name.startsWith(macePrefix) ? name.slice(macePrefix.length) : undefined;
  return short !== undefined && /^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(short) ? short : undefined;
}

/** What a map file of SimpleSAMLphp makes of a name, the name itself where it does not have it; undefined for a file we do not know. */
export function mapFile(file: string): ((name: string) => string) | undefined {
  switch (file) {
    case 'name2oid':
      return (name) => (/^[A-Za-z]/.test(name) && !name.includes(':') ? (names.get(name.toLowerCase()) ?? name) : name);
    case 'oid2name':
      return (name) => (name.startsWith('urn:oid:') ? (directoryName(name) ?? name) : name);
    case 'name2urn':
    case 'addurnprefix':
      return (name) => (/^[A-Za-z][A-Za-z0-9-]*$/.test(name) ? macePrefix + name : name);
    case 'urn2name':
    case 'removeurnprefix':
      return (name) => (name.startsWith(macePrefix) ? (directoryName(name) ?? name) : name);
    case 'urn2oid':
      return (name) => (name.startsWith(macePrefix) ? (names.get(name.slice(macePrefix.length).toLowerCase()) ?? name) : name);
    case 'oid2urn':
      return (name) =>
        name.startsWith('urn:oid:') && directoryName(name) !== undefined ? macePrefix + (directoryName(name) ?? '') : name;
    case 'name2claim':
      return (name) => (Object.hasOwn(claims, name) ? (claims[name] ?? name) : name);
    default:
      return undefined;
  }
}
