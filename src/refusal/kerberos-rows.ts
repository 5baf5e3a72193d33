/** Refusals of Kerberos tickets. The browser brings them unasked, so that mostly nobody is told: the form is shown instead. */
import { again, type Row } from './row.ts';

const ticket = (hint: string): Row => again('kerberos-not-accepted', hint, 403);

export const kerberosRows = {
  'kerberos-ntlm': ticket(
    'The browser offered NTLM, or another mechanism than Kerberos first: it has no ticket for this host name. Look at the service principal (setspn -Q) and at whether the computer reaches a domain controller.',
  ),
  'kerberos-token-malformed': ticket('What came by HTTP Negotiate is no token with one Kerberos request in it.'),
  'kerberos-encryption-weak': ticket(
    'The ticket or its session is encrypted by RC4 or DES. Let the service account support AES (msDS-SupportedEncryptionTypes 24), set its password anew and export the keytab again.',
  ),
  'kerberos-service-unknown': ticket(
    'The ticket is for a service principal that is not among kerberos.principals; the event names it. Browsers ask for HTTP/ and the host name of the page.',
  ),
  'kerberos-key-unknown': ticket(
    'No key in the keytab opens the ticket. Where the numbers kvno and held differ, the password of the service account was set since: export the keytab again.',
  ),
  'kerberos-replayed': ticket('The same token came before: somebody recorded it, or a proxy repeated the request.'),
  'kerberos-untimely': ticket(
    'The ticket has expired or is not valid yet, or the clocks of browser and server differ by more than five minutes; see skewSeconds.',
  ),
  'kerberos-channel-binding': ticket(
    'The ticket is bound to another TLS connection than ours, or to none where kerberos.channelBinding is required. Behind a proxy that speaks TLS, name its certificate in kerberos.certFiles.',
  ),
  'kerberos-delegated': ticket(
    'The ticket was not got by the person, but by a service that may act in anybody’s name (constrained delegation). Browsers never bring such. Look at which accounts may delegate to ours (msDS-AllowedToDelegateTo, msDS-AllowedToActOnBehalfOfOtherIdentity).',
  ),
  'kerberos-refused': ticket('The Kerberos library did not take the token; the event holds its words.'),
  'kerberos-realm-unknown': ticket(
    'The ticket is of a realm that is not ours. People of a trusted forest are let in once the forest is configured in directory, and named in kerberos.realms where that is given.',
  ),
  'kerberos-person-unknown': ticket(
    'Nobody in the domain of the realm bears the name in the ticket: a computer, a service, or somebody outside baseDn.',
  ),
  'kerberos-person-mismatch': ticket(
    'The account that bears the name now is not the one that the ticket was issued to, by its SID: it was renamed, or deleted and made anew, or the ticket has no PAC that is signed for us.',
  ),
} as const satisfies Record<string, Row>;
