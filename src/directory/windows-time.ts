/** Times as directories write them. */

/** Milliseconds from 1601, where Windows begins to count in units of 100 ns, to 1970. */
const EPOCH_1601 = 11_644_473_600_000;
/** 2^63 - 1 in units of 100 ns and whatever else lies beyond the year 9999 means never. */
const FARTHEST = Date.UTC(10_000, 0) + EPOCH_1601;

/**
 * A point in time of Active Directory (MS-DTYP §2.3.3, LARGE_INTEGER), in milliseconds since the epoch; 0 stays 0, whatever it
 * means there. Undefined where there is none, or it means never.
 */
export function windowsTime(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return undefined;
  const milliseconds = Number(BigInt(text) / 10_000n);
  if (milliseconds === 0) return 0;
  return milliseconds >= FARTHEST ? undefined : milliseconds - EPOCH_1601;
}

/** GeneralizedTime in UTC (RFC 4517 §3.3.13), as OpenLDAP writes it, in milliseconds since the epoch. */
export function generalizedTime(text: string | undefined): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?Z$/.exec(text ?? '')?.slice(1);
  if (parts === undefined) return undefined;
  const [year = 0, month = 1, ...rest] = parts.map(Number);
  return Date.UTC(year, month - 1, ...rest);
}
