/** The one table of the fields of a line of the log, in their order. */

interface FieldRow {
  readonly type: 'text' | 'number' | 'object';
  readonly what: string;
  /** Whether it holds what is somebody's: retention and the right to be forgotten are about these. */
  readonly isPersonal: boolean;
}

const row = (type: FieldRow['type'], what: string, isPersonal = false): FieldRow => ({ type, what, isPersonal });

export const eventFields = {
  level: row('text', 'Severity: `info`, `warn` or `error`.'),
  time: row('text', 'UTC, in milliseconds (RFC 3339).'),
  version: row('number', 'The version of this schema.'),
  event: row('text', 'A name of the table above; `note` for what is no event.'),
  reference: row('text', 'What the page, and the Response to the service provider, showed; `passerelle explain` takes it.'),
  reason: row('text', 'Of a refusal: its name, as in [Refusals](refusals.md).'),
  request: row('text', 'ID of the AuthnRequest; absent where the sign-in began here.'),
  serviceProvider: row('text', 'Its entity ID.'),
  person: row('text', 'objectGUID (OpenLDAP: entryUUID).', true),
  name: row('text', 'As typed. People sometimes type their password there: keep the log accordingly.', true),
  address: row('text', 'The Cloud Identity address in the assertion.', true),
  server: row('text', 'The directory server that answered last; the first to be asked where none has.'),
  remoteAddress: row('text', 'Of the browser, as `trustProxy` lets it be seen.', true),
  milliseconds: row('number', 'How long the work took.'),
  hint: row('text', 'Of a refusal: what to look at.'),
  detail: row('object', 'More, by event; may name people by attributes that the mapping read.', true),
  message: row('text', 'Of a `note`: what happened outside any request.'),
  chain: row('text', 'The chain that the line belongs to: when its process began, and a random part.'),
  seq: row('number', 'The place of the line in its chain, from 1.'),
  previous: row('text', '`hash` of the line before it in its chain; null for the first.'),
  hash: row('text', 'SHA-256, in hexadecimal digits, of the line as it stands without this field.'),
} as const satisfies Readonly<Record<string, FieldRow>>;
