/** Instants as SAML writes them: xs:dateTime in UTC (saml-core §1.3.3). */

const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?Z$/;

/** Milliseconds since the epoch, finer fractions cut off; undefined where the text is no such instant. */
export const parseDateTime = (text: string): number | undefined => {
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const whole = `${text.slice(0, 19)}.${(parts[7] ?? '').slice(0, 3).padEnd(3, '0')}Z`;
  const instant = Date.parse(whole);
  // Days that do not exist, such as 30 February, come back as another day.
  return Number.isNaN(instant) || new Date(instant).toISOString() !== whole ? undefined : instant;
};
