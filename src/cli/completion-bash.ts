/** The completion for bash, which needs nothing but bash itself. */
import { type Completed, isFile, isFolder } from './completion-words.ts';

/** Names are made of letters and hyphens alone, so that they need no quotes. */
export function bashCompletion(commands: readonly Completed[]): string {
  const firsts = [...new Set(commands.map(({ name }) => name.split(' ', 1)[0] ?? ''))];
  const seconds = firsts.flatMap((first) => {
    const words = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name.slice(first.length + 1));
    return words.length === 0 ? [] : [`    ${first}) second='${words.join(' ')}' ;;`];
  });
  const cases = commands.map(({ name, options }) => {
    const flags = options.flatMap((option) => option.flags).join(' ');
    const taking = (fits: (value: string) => boolean): string =>
      options.flatMap((option) => (option.value !== undefined && fits(option.value) ? option.flags : [])).join(' ');
    const other = taking((value) => !isFile(value) && !isFolder(value));
    return `    '${name}') flags='${flags}' files='${taking(isFile)}' folders='${taking(isFolder)}' others='${other}' ;;`;
  });
  return `# Completes passerelle in bash: source <(passerelle completion bash)
_passerelle() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local first=\${COMP_WORDS[1]} second= name flags= files= folders= others=
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W '${firsts.join(' ')} help --help --version' -- "$word"))
    return
  fi
  case $first in
${seconds.join('\n')}
  esac
  if (( COMP_CWORD == 2 )) && [[ -n $second && $word != -* ]]; then
    COMPREPLY=($(compgen -W "$second" -- "$word"))
    return
  fi
  name=$first
  [[ " $second " == *" \${COMP_WORDS[2]} "* ]] && name="$first \${COMP_WORDS[2]}"
  case $name in
${cases.join('\n')}
    *) return ;;
  esac
  case " $files " in *" $before "*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")); return ;; esac
  case " $folders " in *" $before "*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word")); return ;; esac
  case " $others " in *" $before "*) return ;; esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -F _passerelle passerelle
`;
}
