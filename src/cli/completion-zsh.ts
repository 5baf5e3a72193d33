/** The completion for zsh, with what each command and option is for. */
import { type Completed, type CompletedOption, isFile, isFolder } from './completion-words.ts';

/** Between single quotes, where `:` and brackets mean something to zsh. */
const quoted = (text: string): string => `'${text.replace(/[\\:[\]]/g, '\\$&').replaceAll("'", "'\\''")}'`;

const described = (name: string, words: string): string => quoted(name).slice(0, -1) + `:${quoted(words).slice(1)}`;

function argument({ flags, value, words }: CompletedOption): string {
  const action =
    value === undefined ? '' : `:${value.toLowerCase()}:${isFile(value) ? '_files' : isFolder(value) ? '_files -/' : ' '}`;
  const meaning = quoted(`[${words}]`)
    .slice(1, -1)
    .replace(/^\\\[(.*)\\\]$/s, '[$1]');
  return flags.map((flag) => `'*${flag}${meaning}${action}'`).join(' ');
}

export function zshCompletion(commands: readonly Completed[]): string {
  const firsts = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = '', second] = name.split(' ');
    const others = commands
      .filter((other) => other.name.startsWith(`${first} `))
      .map((other) => other.name.slice(first.length + 1));
    if (second === undefined) firsts.set(first, summary);
    else if (!firsts.has(first)) firsts.set(first, others.join(', '));
  }
  const seconds = [...firsts.keys()].flatMap((first) => {
    const below = commands.filter(({ name }) => name.startsWith(`${first} `));
    const words = below.map(({ name, summary }) => `      ${described(name.slice(first.length + 1), summary)}`);
    return words.length === 0 ? [] : [`    ${first}) below=(\n${words.join('\n')}\n    ) ;;`];
  });
  const cases = commands.map(
    ({ name, options }) => `    '${name}') _arguments ${options.map(argument).join(' ')} '*:file:_files' ;;`,
  );
  return `#compdef passerelle
# Completes passerelle in zsh: passerelle completion zsh > _passerelle, in a folder of $fpath
_passerelle() {
  local -a commands below
  local name=$words[2]
  if (( CURRENT == 2 )); then
    commands=(
${[...firsts].map(([name, summary]) => `      ${described(name, summary)}`).join('\n')}
      'help:the list of commands'
    )
    _describe command commands
    return
  fi
  case $words[2] in
${seconds.join('\n')}
  esac
  if (( CURRENT == 3 && $#below > 0 )) && [[ $words[3] != -* ]]; then
    _describe command below
    return
  fi
  if (( \${below[(I)\${(b)words[3]}:*]} )); then
    name="$words[2] $words[3]"
    shift words
    (( CURRENT-- ))
  fi
  shift words
  (( CURRENT-- ))
  case $name in
${cases.join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _passerelle "$@"
else
  compdef _passerelle passerelle
fi
`;
}
