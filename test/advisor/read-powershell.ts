/** Reads lines as PowerShell does, as far as they are made: commands of bare words, single-quoted strings, and sums of these and of [char]. */

/** What PowerShell takes for a single quote (language specification §2.3.5.2). */
const isQuote = (character: string | undefined): boolean =>
  character !== undefined && "'\u2018\u2019\u201A\u201B".includes(character);

/** Commands, each its words. Throws at whatever else PowerShell might take for code. */
export function readPowershell(line: string): string[][] {
  const commands: string[][] = [[]];
  let at = 0;
  function string(): string {
    let text = '';
    for (at += 1; at < line.length; at += 1) {
      if (!isQuote(line[at])) text += line[at]!;
      else if (isQuote(line[at + 1])) text += line[(at += 1)]!;
      else {
        at += 1;
        return text;
      }
    }
    throw new Error(`a string has no end: ${line}`);
  }
  function sum(): string {
    let text = '';
    for (at += 1; ;) {
      const code = /^\[char\](\d+)/.exec(line.slice(at));
      if (code !== null && text === '' && !line.slice(0, at).endsWith(' + ')) throw new Error('a sum must begin with a string');
      if (code !== null) at += code[0].length;
      text += code === null && isQuote(line[at]) ? string() : String.fromCharCode(Number(code?.[1]));
      if (line[at] === ')') {
        at += 1;
        return text;
      }
      if (!line.startsWith(' + ', at)) throw new Error(`no sum at ${String(at)}: ${line}`);
      at += 3;
    }
  }
  while (at < line.length) {
    const word = /^[A-Za-z-][A-Za-z,-]*/.exec(line.slice(at))?.[0];
    if (line[at] === ' ') at += 1;
    else if (line[at] === ';') {
      commands.push([]);
      at += 1;
    } else if (isQuote(line[at])) commands.at(-1)!.push(string());
    else if (line[at] === '(') commands.at(-1)!.push(sum());
    else if (word !== undefined) {
      commands.at(-1)!.push(word);
      at += word.length;
    } else throw new Error(`code at ${String(at)}: ${line}`);
  }
  return commands;
}
