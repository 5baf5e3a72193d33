/** A secret that the configuration holds, or a file that it names. */

/** @param read gives the text of a file, of which one line's ending is left out. @throws Error where it cannot be read */
export const readSecret = (
  text: string | undefined,
  file: string | undefined,
  read: (file: string) => string,
): string | undefined => text ?? (file === undefined ? undefined : read(file).replace(/\r?\n$/, ''));
