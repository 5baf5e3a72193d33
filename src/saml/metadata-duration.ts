/** A cacheDuration (saml-metadata §2.3.1): xs:duration, a year taken for 365 days and a month for 30. */
import { mistaken } from './metadata-mistake.ts';
import type { XmlElement } from './xml.ts';

const form =
  /^P(?=[\dT])(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,10})(?:\.\d{1,9})?S)?)?$/;
const second = 1_000;
const day = 86_400 * second;
const units = [365 * day, 30 * day, day, 3_600 * second, 60 * second, second];

/** Milliseconds, fractions of a second cut off; undefined where it does not say. @throws MetadataMistake */
export const readCacheDuration = (element: XmlElement): number | undefined => {
  const value = element.attributes.get('cacheDuration')?.trim();
  if (value === undefined) return undefined;
  const parts = form.exec(value) ?? mistaken(element, 'has a cacheDuration that is no length of time');
  return units.reduce((sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0), 0);
};
