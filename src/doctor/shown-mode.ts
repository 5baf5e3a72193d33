/** The rights of a file as chmod writes them. */

export const shownMode = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');
