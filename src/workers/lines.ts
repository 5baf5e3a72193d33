/** Cuts what comes in pieces into whole lines, so that the lines of several processes never mix. */
import { StringDecoder } from 'node:string_decoder';

export interface Lines {
  add(bytes: Buffer): void;
  /** Nothing more comes: what stands there without its end is a line, too. */
  end(): void;
}

/** @param take is given each line with its end */
export function createLines(take: (line: string) => void): Lines {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  return {
    add(bytes) {
      const lines = (begun + decoder.write(bytes)).split('\n');
      begun = lines.pop() ?? '';
      for (const line of lines) take(`${line}\n`);
    },
    end() {
      const rest = begun + decoder.end();
      begun = '';
      if (rest !== '') take(`${rest}\n`);
    },
  };
}
