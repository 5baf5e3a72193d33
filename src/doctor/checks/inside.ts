/** The checks of what stands on this machine and beside it: store, machine, factors, and where events go. */
import type { Rows } from './row.ts';

export const inside = {
  'store.opens': {
    looks: 'Whether the store is there, is ours, and of the schema of this version.',
    warns: 'It is not there yet, or of an older schema: the next start makes or migrates it.',
    fails: 'It cannot be opened, or a newer Passerelle wrote it.',
    remedy: 'Do what is said of it; start Passerelle once where it is not there yet.',
  },
  'store.works': {
    looks: 'Whether the store keeps what is written, and gives it back.',
    warns: 'A write takes longer than 100 ms.',
    fails: 'It does not.',
    remedy: 'Look at the disk or the database: how full, how busy, whether writable.',
  },
  'store.private': {
    looks: 'Who may read the file of the store; or whether the way to the database is encrypted.',
    warns: 'The database on another machine is reached without TLS.',
    fails: 'Others may read the file.',
    remedy: 'chmod 600 the file with its -wal and -shm; or leave sslmode=disable out of `store.url`.',
  },
  'store.whole': {
    looks: 'Whether the file is damaged: a quick check by SQLite, up to 256 MB.',
    fails: 'It is.',
    remedy: 'Stop Passerelle, move the file away and put back a copy (`passerelle store import`).',
  },
  'store.size': {
    looks: 'How large the store is.',
    warns: 'More than 2 GB.',
    remedy: 'Keep less of the audit trail (`audit.retention`, `audit.trail`).',
  },
  'store.version': {
    looks: 'The version of PostgreSQL.',
    warns: 'It is not maintained any more, or was not tried (below 14).',
    remedy: 'Upgrade the database server.',
  },
  'store.writable': {
    looks: 'Whether the database takes writes.',
    fails: 'It is a standby or set to read only.',
    remedy: 'Let `store.url` lead to the primary, as with target_session_attrs or a name that follows it.',
  },
  'store.connections': {
    looks: 'How many connections the database has left for us.',
    warns: 'Fewer than two processes of ours may need.',
    fails: 'None.',
    remedy: 'Raise max_connections, or lower `store.connections`.',
  },
  'store.sealed': {
    looks: 'Whether what people enrolled opens with the sealing keys: up to 200 people.',
    fails: 'Some does not: these people cannot use their second factor.',
    remedy: 'Put back the file sealing.keys that belongs to this store; `passerelle store check` looks at everybody.',
  },
  'machine.disk': {
    looks: 'The room on the disks of store, keys and audit file.',
    warns: 'Less than 1 GB or a tenth is free.',
    fails: 'Less than 100 MB is free.',
    remedy: 'Make room, or move the file to a larger disk.',
  },
  'machine.memory': {
    looks: 'The memory that is to be had, within the limit of the container.',
    warns: 'Less than 256 MB.',
    fails: 'Less than 64 MB.',
    remedy: 'Give the machine or the container more memory, or let fewer `workers` run.',
  },
  'machine.files': {
    looks: 'How many files and connections a process may have open, as it is for this command.',
    warns: 'Fewer than 4,096.',
    fails: 'Fewer than 512.',
    remedy: 'Raise the limit: LimitNOFILE=65536 in the systemd unit, or ulimits of the container.',
  },
  'machine.node': {
    looks: 'The version of Node.js, and how long it is maintained.',
    warns: 'Its maintenance ends within 90 days, or it is no long-term version.',
    fails: 'It is not maintained any more, or too old for Passerelle.',
    remedy: 'Upgrade to a long-term version of Node.js (even numbers), 24 or later.',
  },
  'machine.openssl': {
    looks: 'The version of OpenSSL within Node.js.',
    warns: 'It is older than 3.',
    remedy: 'Use the Node.js of nodejs.org or of a current distribution.',
  },
  'machine.user': {
    looks: 'As whom this command runs, and whether Passerelle can use files of that user.',
    warns: 'As root, which Passerelle needs not and should not.',
    remedy: 'Run it as the user of Passerelle, such as by `sudo -u passerelle passerelle doctor`.',
  },
  'factors.radius': {
    looks: 'Whether each RADIUS server answers a Status-Server request, which signs nobody in.',
    warns: 'It does not, which may be because it does not know such requests.',
    remedy: 'Look at address, port and secret, and whether the server takes Status-Server (RFC 5997) from this machine.',
  },
  'factors.webhook': {
    looks: 'Whether the web hook takes a connection, TLS included; nothing is asked.',
    fails: 'It takes none, or its certificate is not to be trusted.',
    remedy: 'Look whether the hook runs, and at `factors.webhook.url` and `caFile`.',
  },
  'factors.duo': {
    looks: 'Whether Duo is well and knows our application.',
    fails: 'It does not answer, or refuses the application.',
    remedy: 'Compare apiHost, clientId and secret with Duo’s panel; let port 443 through.',
  },
  'factors.kerberos': {
    looks: 'The keytab: whose keys it holds, of which versions, and who may read it.',
    warns: 'The directory has a newer key, or cannot be asked which one it has.',
    fails: 'A principal has no usable key, or others may read the file.',
    remedy: 'Export the keytab anew after each change of the account’s password, and chmod 600 it.',
  },
  'factors.revocation': {
    looks: 'The revocation lists that the configuration names: whether they are at hand and hold.',
    warns: 'One ends within a day.',
    fails: 'One cannot be read, or has ended: certificates are then refused.',
    remedy: 'Look at the publisher of the list, and at what brings it here.',
  },
  'audit.outlets': {
    looks: 'Where events go.',
    warns: 'Nowhere that lasts; or the store keeps none, so that `passerelle explain` has nothing to tell.',
    remedy: 'Set `audit.store`, `audit.file` or `audit.syslog`.',
  },
  'audit.file': {
    looks: 'Whether the file of events can be written.',
    fails: 'It cannot.',
    remedy: 'Make its folder, and let it belong to the user that Passerelle runs as.',
  },
  'audit.syslog': {
    looks: 'Whether the syslog server takes a connection, TLS included.',
    fails: 'It takes none, or its certificate is not to be trusted.',
    remedy: 'Look at `audit.syslog.url` and `caFile`, and for a firewall between.',
  },
  'audit.metrics': {
    looks: 'Whether the metrics are served, and to whom.',
    warns: 'They are served to all addresses; or nobody answers there, as while Passerelle does not run.',
    remedy: 'Let `metrics.host` be an address that Prometheus alone reaches, and start Passerelle.',
  },
} as const satisfies Rows;
