/** The checks of the directory, of what its people become, of our keys and of whom we sign in to. */
import type { Rows } from './row.ts';

export const between = {
  'directory.reachable': {
    looks: 'Whether each controller takes a connection, TLS included.',
    warns: 'It takes longer than 1 s.',
    fails: 'It takes none.',
    remedy: 'Look for a firewall between, and whether the controller runs; others answer meanwhile where there are any.',
  },
  'directory.certificate': {
    looks: 'The certificate of each controller: its chain, its name, its days.',
    warns: 'It ends within 14 days, or passwords cross the network without TLS.',
    fails: 'It is not to be trusted, so that no password is sent there.',
    remedy:
      'Renew the certificate of the controller, or name its authority in `caFile` and the controller by the name in its certificate.',
  },
  'directory.bind': {
    looks:
      'Whether the service account is let in. After a refusal no other controller is tried, so that nothing locks the account.',
    fails: 'It is refused.',
    remedy: 'Mend `bindDn` and the password, or unlock the account; its password should not expire.',
  },
  'directory.base': {
    looks: 'Whether `baseDn` is there, and people in it.',
    warns: 'Nobody is in it.',
    fails: 'It is not there, or the service account may not see it.',
    remedy: 'Mend `baseDn`; it is a part of the domain that holds all people who are to sign in.',
  },
  'directory.rights': {
    looks:
      'Whether what is needed of people can be read: objectGUID, userAccountControl, pwdLastSet and the state of their accounts.',
    fails: 'Some of it cannot: people who are locked, disabled or expired would not be known as such.',
    remedy: 'Let the service account read all attributes of people, as Authenticated Users may by default.',
  },
  'directory.privileges': {
    looks: 'Whether the service account may do more than read.',
    warns: 'It is a member of an administrators’ group, or may write attributes of people.',
    remedy: 'Use an account that is a member of Domain Users alone: whoever steals its password should gain nothing.',
  },
  'directory.schema': {
    looks: 'Whether the attributes that the configuration names exist.',
    warns: 'One does not, so that nobody has a value of it.',
    remedy: 'Look at the spelling in `mapping`, `release`, `attributes` and `factors`.',
  },
  'directory.latency': {
    looks: 'How long each controller takes for a read: the median of five.',
    warns: 'More than 100 ms.',
    fails: 'It does not answer within `operationTimeout`.',
    remedy: 'Let a controller that is nearer be asked first (`site`, `priority`), or look at its load.',
  },
  'directory.writable': {
    looks: 'Whether each controller takes writes.',
    warns: 'It is read-only: passwords are changed at another one.',
    fails: 'All of a domain are read-only, and people are to change passwords here.',
    remedy: 'List a controller that takes writes, or set `password.change` to false.',
  },
  'directory.level': {
    looks: 'The functional level of domain and forest, and whether the controller has caught up with the others.',
    warns:
      'The level is below Windows Server 2008, which knows no fine-grained policies; or the controller is still catching up.',
    remedy: 'Raise the level; let a controller that is catching up finish.',
  },
  'directory.catalog': {
    looks: 'The global catalogs of a forest with several domains.',
    warns: 'There is none, so that every domain is asked at each sign-in.',
    fails: 'One does not answer, or is none.',
    remedy: 'List global catalogs under `globalCatalogs` (ldaps://HOST:3269); `passerelle directory discover` finds them.',
  },
  'mapping.suffixes': {
    looks: 'The UPN suffixes and domains of the forest against the domains of the Cloud Identity account.',
    warns: 'A suffix leads nowhere: people who have it cannot sign in.',
    remedy: 'Add it to `mapping.domains` or `mapping.substitute`, or leave it where nobody with it is to sign in.',
  },
  'mapping.people': {
    looks: 'What the mapping makes of people: up to 200 of each domain.',
    warns: 'Some would be refused, or two would have one address.',
    fails: 'All would be refused.',
    remedy:
      '`passerelle advise --check` names everybody who would be refused; `passerelle whatif NAME --service-provider ENTITY_ID` shows each step.',
  },
  'keys.folder': {
    looks: 'The folder of keys, and who may write and read there.',
    warns: 'There is no key yet, or others may look into the folder.',
    fails: 'Others may write there, or we cannot read it.',
    remedy: 'chmod 700 the folder and let it belong to the user that Passerelle runs as.',
  },
  'keys.readable': {
    looks: 'Each key: whether it can be read, by us alone, is strong enough, and fits its certificate.',
    fails: 'One of these is not so.',
    remedy: 'Do what is said of the file; a key that others could read is replaced: `passerelle keys new`.',
  },
  'keys.expiry': {
    looks: 'When our certificates end.',
    warns: 'Within 60 days.',
    fails: 'Within 7 days, or it has ended.',
    remedy: 'Begin a rollover: `passerelle keys new`, tell the service providers, then `passerelle keys activate`.',
  },
  'keys.rollover': {
    looks: 'Whether a rollover was begun and not ended.',
    warns: 'A key is published for more than 30 days beside the one that signs.',
    remedy: 'Go on with `passerelle keys activate NAME`, or retire the one that is not wanted: `passerelle keys retire NAME`.',
  },
  'keys.sealing': {
    looks: 'The file of sealing keys, by which what people enrolled is kept secret.',
    warns: 'It is not there yet, or a key in it waits to be used.',
    fails: 'It can be read by others, or is damaged.',
    remedy: 'chmod 600 it; `passerelle store rekey` ends a rotation that was begun.',
  },
  'google.urls': {
    looks: 'The URLs that Google Admin is told: https, and no host that Google refuses on iOS.',
    fails: 'One is not https; or its host begins google. or www.google., which the Google apps of iOS refuse.',
    remedy: 'Choose another host name and https for `publicUrl` and `branding.changePasswordUrl`.',
  },
  'google.profile': {
    looks: 'Whether entity ID and ACS URL of a profile look like what Google Admin shows, and fit each other.',
    warns: 'They do not.',
    remedy: 'Copy both from the profile in Google Admin once more.',
  },
  'google.domains': {
    looks: 'Whether the domain of a profile for the organisation is one of the account’s.',
    warns: 'It is none of `mapping.domains`, so that nobody has an address there.',
    remedy: 'Mend `domain`, or add it to `mapping.domains`.',
  },
  'google.attributes': {
    looks: 'What people’s attributes for Google come to: at most 2 kB, for the organisation’s profile in ASCII.',
    fails: 'Somebody of those that were tried has more, and could not sign in.',
    remedy: 'Release less to Google (`attributes`), fewer groups above all.',
  },
  'google.letter-case': {
    looks: 'Whether addresses are in lower case, as Google keeps them: it compares letter by letter.',
    warns: 'Somebody’s is not.',
    remedy: 'Set `mapping.letterCase` to lower, unless the accounts in Google were made with these letters.',
  },
  'google.workforce': {
    looks: 'Our metadata against what workforce identity federation takes: 128,000 characters, 3 keys, one of them not expired.',
    fails: 'They are too much, or all keys have expired.',
    remedy: 'Retire keys that do not sign, and renew the one that does: `passerelle keys new`.',
  },
  'google.certificates': {
    looks: 'Whether Google takes our certificates: RSA of 2,048 bits or more, two at most.',
    fails: 'One is of another kind, or there are more.',
    remedy: 'Make an RSA key (`passerelle keys new`) and let it sign for everybody.',
  },
  'service-providers.known': {
    looks: 'Whether each configured service provider has metadata that can be used.',
    warns: 'There is no service provider; or some of a file of metadata cannot be used, as where their ACS is plain http alone.',
    fails: 'One has none: nobody can sign in there.',
    remedy: 'See what is wrong with the metadata: `passerelle metadata check FILE-OR-URL`.',
  },
  'service-providers.endpoints': {
    looks: 'Whether people’s assertions go over https.',
    fails: 'An AssertionConsumerService is plain http and not on this machine.',
    remedy: 'Ask the service provider for metadata with https.',
  },
  'service-providers.certificates': {
    looks: 'The certificates in metadata.',
    warns: 'One has expired or ends within 30 days, is signed by SHA-1, or is of RSA below 2,048 bits.',
    remedy: 'Ask the service provider for metadata with a new certificate.',
  },
  'service-providers.algorithms': {
    looks: 'Whether the algorithms that a service provider takes are among those that we use.',
    fails: 'It takes weak ones alone, such as SHA-1.',
    remedy: 'Ask the service provider for RSA-SHA256 and SHA-256.',
  },
  'service-providers.signing': {
    looks: 'Whether a service provider whose requests must be signed has a key to verify them by.',
    fails: 'It has none: its requests are all refused.',
    remedy: 'Ask for metadata with a KeyDescriptor for signing.',
  },
  'service-providers.sources': {
    looks: 'Whether sources of metadata on the web answer, with what can be used.',
    warns: 'One does not, and its last copy still serves.',
    fails: 'One does not, and there is no copy.',
    remedy: 'Look at the address and at the firewall: `passerelle metadata check URL`.',
  },
  'service-providers.age': {
    looks: 'How old the copies of metadata are, and until when they are valid.',
    warns: 'A copy was not confirmed for a day and three times its `refresh`, or is valid for less than two days.',
    fails: 'It is not valid any more.',
    remedy: 'Let its publisher renew it; look whether Passerelle runs and reaches the source.',
  },
} as const satisfies Rows;
