/**
 * Completions as scripts of bash, zsh and fish.
 *
 * @module
 */

import type { FlagWord } from "./commands.ts";

/** A word that may follow, and what it does. */
export interface CompletedWord {
  readonly name: string;
  readonly says: string;
}

/** A command, or, with an empty name, the broker itself. */
export interface CompletedCommand extends CompletedWord {
  /** What may follow that is no flag. */
  readonly words: readonly CompletedWord[];
  /** Its flags. */
  readonly flags: readonly FlagWord[];
}

/** Values that are the names of files. */
const FILES = new Set(["FILE", "DIR", "FOLDER", "PATH"]);

/** What to source in bash. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, words, flags }) => {
    const all = [...words.map((word) => word.name), ...flags.flatMap(dashed)];
    const files = flags.filter(takesFile).flatMap(dashed);
    const values = flags.filter(takesOther).flatMap((flag) =>
      dashed(flag).map((dash) => `${dash}=${wordsOf(flag).join(",")}`)
    );
    return `    ${name === "" ? "''" : name})
      words='${all.join(" ")}'
      files='${files.join(" ")}'
      values='${values.join(" ")}' ;;
`;
  });
  const names = commands.flatMap(({ name }) => name === "" ? [] : [name]);
  return `\
# bash completion for broker
_broker() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  local before=\${COMP_WORDS[COMP_CWORD-1]}
  local command='' words files values
  case "\${COMP_WORDS[1]}" in
    ${names.join("|")}) ((COMP_CWORD > 1)) && command=\${COMP_WORDS[1]} ;;
  esac
  case "$command" in
${cases.join("")}  esac
  if [[ $current != -* && " $files " == *" $before "* ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  elif [[ " $values" == *" $before="* ]]; then
    words=\${values#*"$before="}
    words=\${words%% *}
    COMPREPLY=($(compgen -W "\${words//,/ }" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [[ \${#COMPREPLY[@]} -eq 0 && -n $command ]]; then
      COMPREPLY=($(compgen -f -- "$current"))
    fi
  fi
}
complete -o filenames -F _broker broker
`;
}

/** What stands in a file \`_broker\` of zsh's fpath. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, words, flags }) => {
    const list = words.map(zshWord);
    const own = flags.map(zshFlag);
    const first = list.length === 0
      ? "'*:file:_files'"
      : zshQuoted(`1:word:((${list.join(" ")}))`);
    return `    ${name === "" ? "''" : name})
      _arguments ${[first, ...own].join(" \\\n        ")} ;;
`;
  });
  const names = commands.flatMap(({ name }) => name === "" ? [] : [name]);
  return `\
#compdef broker
_broker() {
  local command=''
  if ((CURRENT > 2)); then
    case "$words[2]" in
      ${names.join("|")})
        command=$words[2]
        shift words
        ((CURRENT--)) ;;
    esac
  fi
  case "$command" in
${cases.join("")}  esac
}
if [[ $funcstack[1] == _broker ]]; then
  _broker "$@"
else
  compdef _broker broker
fi
`;
}

/** What stands in \`completions/broker.fish\`. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const names = commands.flatMap(({ name }) => name === "" ? [] : [name]);
  const lines = commands.flatMap(({ name, words, flags }) => {
    const condition = name === ""
      ? `-n 'not __fish_seen_subcommand_from ${names.join(" ")}'`
      : `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      ...words.map((word) =>
        `complete -c broker ${condition} -f -a ${word.name}` +
        fishDescription(word.says)
      ),
      ...flags.map((flag) =>
        `complete -c broker ${condition} ${fishFlag(flag)}`
      ),
    ];
  });
  return `# fish completion for broker\n${lines.join("\n")}\n`;
}

function dashed({ name, short }: FlagWord): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

function takesFile({ value }: FlagWord): boolean {
  return value !== undefined && FILES.has(value);
}

function takesOther({ value }: FlagWord): boolean {
  return value !== undefined && !FILES.has(value);
}

/** What its value can be, where that is known. */
function wordsOf({ words }: FlagWord): readonly string[] {
  return words ?? [];
}

/** `'(-t --topic)'{-t,--topic}'[What it is]:TOPIC:'` */
function zshFlag(flag: FlagWord): string {
  const { value, says } = flag;
  const names = dashed(flag);
  const text = says.replace(/[\\[\]:]/g, "\\$&");
  const words = wordsOf(flag);
  const choice = words.length === 0 ? "" : `(${words.join(" ")})`;
  const what = value === undefined
    ? ""
    : `:${value.replace(/[\\:]/g, "\\$&")}:` +
      (takesFile(flag) ? "_files" : choice);
  const tail = zshQuoted(`[${text}]${what}`);
  return names.length === 1 ? `${names[0]}${tail}` : `{${names}}${tail}`;
}

/** `name\:What\ it\ does`, between double parentheses. */
function zshWord({ name, says }: CompletedWord): string {
  const text = says.replace(/[^\w.,-]/g, "\\$&");
  return says === "" ? name : `${name}\\:${text}`;
}

function zshQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishFlag(flag: FlagWord): string {
  const { name, short, value, says } = flag;
  const letter = short === undefined ? "" : ` -s ${short}`;
  const words = wordsOf(flag);
  const choice = words.length === 0 ? "" : ` -a '${words.join(" ")}'`;
  const what = value === undefined
    ? ""
    : takesFile(flag)
    ? " -r -F"
    : ` -x${choice}`;
  return `-l ${name}${letter}${what}${fishDescription(says)}`;
}

function fishDescription(says: string): string {
  if (says === "") return "";
  return ` -d '${says.replace(/[\\']/g, "\\$&")}'`;
}
