/** An address as people write it: of IPv4 where it is one, without a zone. */

export const plainAddress = (address: string): string =>
  address
    .split('%', 1)
    .join('')
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .toLowerCase();
