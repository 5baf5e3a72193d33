/** Puts environment variables in place of `${NAME}`. */

export type Environment = Readonly<Record<string, string | undefined>>;
export type Expansion =
  { readonly text: string; readonly expanded: boolean } | { readonly message: string; readonly hint: string };

const escape = 'A dollar sign before a brace is written $${ where no variable is meant.';

/**
 * `$${` becomes `${`; what comes from a variable is not expanded again.
 * Names are capitals, digits and underscores alone, so that a password that holds `${` never ends up in a message.
 */
export function expandEnvironment(text: string, environment: Environment): Expansion {
  let expanded = false;
  let made = '';
  let from = 0;
  for (;;) {
    const at = text.indexOf('${', from);
    if (at === -1) return { text: made + text.slice(from), expanded };
    if (at > from && text[at - 1] === '$') {
      made += `${text.slice(from, at - 1)}\${`;
      from = at + 2;
      continue;
    }
    const name = /^[A-Z_][A-Z0-9_]{0,127}(?=\})/.exec(text.slice(at + 2, at + 131))?.[0];
    if (name === undefined) {
      return {
        message: 'holds a ${ that names no environment variable',
        hint: `Names are capitals, digits and underscores, as in \${NAME}. ${escape}`,
      };
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined) {
      return {
        message: `needs the environment variable ${name}, which is not set`,
        hint: `Set it where Passerelle is started. ${escape}`,
      };
    }
    made += text.slice(from, at) + value;
    from = at + 2 + name.length + 1;
    expanded = true;
  }
}
