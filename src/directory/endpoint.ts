/** Where a directory server listens, and how the connection to it is protected. */

export interface Endpoint {
  readonly host: string;
  /** Where the host is reached, where the system's own look-up is not to be asked. */
  readonly address?: string | undefined;
  readonly port: number;
  readonly protection: 'ldaps' | 'starttls' | 'none';
  /** Host and port, for people. */
  readonly name: string;
}

/** An `ldaps://` or `ldap://` URL as an endpoint. @throws TypeError where it is another kind of URL */
export function endpointOf(url: string, startTls: boolean): Endpoint {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'ldaps:' && protocol !== 'ldap:') {
    throw new TypeError(`not an LDAP URL: ${url}`);
  }
  const secure = protocol === 'ldaps:';
  const host = hostname.replace(/^\[|\]$/g, '') || 'localhost';
  const number = port === '' ? (secure ? 636 : 389) : Number(port);
  return {
    host,
    port: number,
    protection: secure ? 'ldaps' : startTls ? 'starttls' : 'none',
    name: host.includes(':') ? `[${host}]:${String(number)}` : `${host}:${String(number)}`,
  };
}
