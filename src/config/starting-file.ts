/** Writes a starting configuration file, with comments, from a few answers. */
import { isLoopback } from './loopback.ts';
import { yamlScalar as scalar } from './yaml-scalar.ts';

/** Which service provider of Google asks first. */
export type GoogleAnswer =
  | { readonly kind: 'google-profile'; readonly entityId: string; readonly acsUrl: string }
  | { readonly kind: 'google-legacy'; readonly domain: string }
  | { readonly kind: 'google-workforce'; readonly pool: string; readonly provider: string };

export interface StartingAnswers {
  readonly publicUrl: string;
  readonly directoryUrl: string;
  readonly baseDn: string;
  readonly bindDn: string;
  readonly passwordFile: string;
  readonly primaryDomain: string;
  readonly source: string;
  readonly google: GoogleAnswer | undefined;
}

export function renderStartingFile(answers: StartingAnswers): string {
  const directory = URL.parse(answers.directoryUrl);
  const startTls = directory?.protocol === 'ldap:' && !isLoopback(directory.host);
  return `# Configuration of Passerelle. Every setting: docs/configuration.md. To check this file: passerelle config check
# \${NAME} anywhere in a value is the environment variable NAME. Paths are meant from this file's folder.

# Where browsers reach Passerelle. Everything published derives from it; changing it later means telling Google again.
publicUrl: ${scalar(answers.publicUrl)}

# Where the server listens. Behind a proxy that speaks TLS, name the proxy; without one, give tls.
listen:
  host: 127.0.0.1
  port: 8080
# trustProxy: [127.0.0.1]
# tls:
#   certFile: tls/cert.pem
#   keyFile: tls/key.pem

directory:
  # Servers of one domain. For several domains or forests: passerelle directory discover
  urls:
    - ${scalar(answers.directoryUrl)}
${startTls ? '  startTls: true\n' : ''}  # The authority that vouches for the servers, where it is one of your own.
  # caFile: directory-ca.pem
  baseDn: ${scalar(answers.baseDn)}
  # The service account. It needs to read only.
  bindDn: ${scalar(answers.bindDn)}
  # A file that holds its password and nothing else, readable by Passerelle alone.
  passwordFile: ${scalar(answers.passwordFile)}

mapping:
  # The attribute that holds a person's address in Google: userPrincipalName or mail.
  source: ${scalar(answers.source)}
  # Where the directory's domain is another than Google's.
  # substitute:
  #   corp.local: example.com
  # The domains of the Cloud Identity account. An address outside them is refused.
  domains:
    primary: ${scalar(answers.primaryDomain)}
    # secondary: [example.org]
    # aliases: { example.net: example.com }

# Who may ask Passerelle to sign people in.
${renderServiceProviders(answers.google)}`;
}

function renderServiceProviders(google: GoogleAnswer | undefined): string {
  if (google === undefined) {
    return `serviceProviders: []
#  - kind: google-profile
#    entityId: https://accounts.google.com/samlrp/...
#    acsUrl: https://accounts.google.com/samlrp/.../acs
`;
  }
  const { kind, ...rest } = google;
  const lines = Object.entries(rest).map(([name, value]) => `    ${name}: ${scalar(value)}\n`);
  return `serviceProviders:\n  - kind: ${kind}\n${lines.join('')}`;
}
