/**
 * `broker completion SHELL`: prints what makes bash, zsh or fish complete
 * commands and flags. It is made from the lists that the parsers use, and
 * holds all there is to know: a shell does not start a broker to ask it.
 *
 * @module
 */

import { suggest } from "../base/suggest.ts";
import { COMMANDS } from "./commands.ts";
import {
  bashScript,
  type CompletedCommand,
  fishScript,
  zshScript,
} from "./completion_scripts.ts";
import { asksForHelp } from "./flag_words.ts";
import { FLAGS } from "./flags.ts";
import type { HostProcess } from "./host_process.ts";
import { quoted, UsageError } from "./usage_error.ts";

const SCRIPTS: Readonly<
  Record<string, (commands: readonly CompletedCommand[]) => string>
> = { bash: bashScript, zsh: zshScript, fish: fishScript };

const PAGE = `\
Usage: broker completion SHELL

Prints completions of commands and flags for bash, zsh or fish.

Examples:
  source <(broker completion bash)                           # in ~/.bashrc
  broker completion zsh > ~/.zfunc/_broker                   # a folder of fpath
  broker completion fish > ~/.config/fish/completions/broker.fish
`;

const HELP = { name: "help", says: "Show help." };

/**
 * Runs the command.
 *
 * @param args The arguments behind `completion`.
 * @throws {UsageError} When it is no shell that is known.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { completionCommand } from "./completion_command.ts";
 *
 * await completionCommand({
 *   print: (text) => assert(text.includes("complete")),
 * }, ["bash"]);
 * ```
 */
export async function completionCommand(
  host: Pick<HostProcess, "print">,
  args: readonly string[],
): Promise<void> {
  if (asksForHelp(args)) return host.print(PAGE, "stdout");
  const [shell = "", ...others] = args;
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined || others.length > 0) {
    const guess = suggest(shell, Object.keys(SCRIPTS));
    throw new UsageError(
      `there are completions for bash, zsh and fish, not for ` +
        quoted(args.join(" ")) +
        (guess === undefined ? "" : `; did you mean ${guess}?`),
    );
  }
  host.print(script(await completedCommands()), "stdout");
}

/** The broker itself, which has no word, and each command. */
async function completedCommands(): Promise<CompletedCommand[]> {
  const own: CompletedCommand = {
    name: "",
    says: "",
    words: COMMANDS.map(({ name, says }) => ({ name, says })),
    flags: FLAGS,
  };
  const others = COMMANDS.map(async (command) => ({
    name: command.name,
    says: command.says,
    words: (command.words ?? []).map((name) => ({ name, says: "" })),
    flags: [...await command.flags(), HELP],
  }));
  return [own, ...await Promise.all(others)];
}
