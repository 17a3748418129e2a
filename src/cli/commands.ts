/**
 * The one list of commands. The help, the sentence about an unknown word and
 * the completions of shells are made from it. What a command does is loaded
 * when it is asked for: it would slow the start of a broker.
 *
 * @module
 */

import type { HostProcess } from "./host_process.ts";

/** A flag, as far as a shell completes it. */
export interface FlagWord {
  /** `--name`. */
  readonly name: string;
  /** `-s`. */
  readonly short?: string | undefined;
  /** What stands behind it; none for a switch. */
  readonly value?: string | undefined;
  /** What its value can be, where that is one of a few words. */
  readonly words?: readonly string[] | undefined;
  /** What it is for. */
  readonly says: string;
}

/** A command. */
export interface Command {
  /** Its word: `broker NAME`. */
  readonly name: string;
  /** What stands behind it in the help. */
  readonly usage: string;
  /** What it does, in a few words. */
  readonly says: string;
  /** The words that may follow, where they are few. */
  readonly words?: readonly string[];
  /** Runs it with the arguments behind its word. */
  run(host: HostProcess, args: readonly string[]): Promise<void>;
  /** Its flags beside `--help`. */
  flags(): Promise<readonly FlagWord[]>;
}

const NO_FLAGS: readonly FlagWord[] = [];

/** All commands beside the broker itself, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: "pub",
    usage: "-t TOPIC -m TEXT",
    says: "publish a message",
    run: async (host, args) =>
      await (await import("./pub_command.ts")).pubCommand(host, args),
    flags: async () => (await import("./client_flags.ts")).clientFlags("pub"),
  },
  {
    name: "sub",
    usage: "-t FILTER",
    says: "print what is published",
    run: async (host, args) =>
      await (await import("./sub_command.ts")).subCommand(host, args),
    flags: async () => (await import("./client_flags.ts")).clientFlags("sub"),
  },
  {
    name: "rr",
    usage: "-t TOPIC -e TOPIC -m TEXT",
    says: "ask and print the answer",
    run: async (host, args) =>
      await (await import("./rr_command.ts")).rrCommand(host, args),
    flags: async () => (await import("./client_flags.ts")).clientFlags("rr"),
  },
  {
    name: "bench",
    usage: "[flags]",
    says: "put a broker under load",
    run: async (host, args) =>
      await (await import("./bench_command.ts")).benchCommand(host, args),
    flags: async () => (await import("./bench_flags.ts")).benchFlags(),
  },
  {
    name: "status",
    usage: "[flags]",
    says: "show how a broker is doing",
    run: async (host, args) =>
      await (await import("./status_command.ts")).statusCommand(host, args),
    flags: async () => {
      const { STATUS } = await import("./status_command.ts");
      return (await import("./api_arguments.ts")).apiFlags(STATUS);
    },
  },
  {
    name: "trace",
    usage: "--client ID",
    says: "show packets as they go",
    run: async (host, args) =>
      await (await import("./trace_command.ts")).traceCommand(host, args),
    flags: async () => {
      const { TRACE } = await import("./trace_command.ts");
      return (await import("./api_arguments.ts")).apiFlags(TRACE);
    },
  },
  {
    name: "passwd",
    usage: "FILE USER",
    says: "set a user's password",
    run: async (host, args) =>
      await (await import("./passwd_command.ts")).passwdCommand(host, args),
    flags: async () => {
      const { PASSWD } = await import("./passwd_command.ts");
      return (await import("./user_arguments.ts")).userFlags(PASSWD);
    },
  },
  {
    name: "scram",
    usage: "FILE USER",
    says: "set it for SCRAM-SHA-256",
    run: async (host, args) =>
      await (await import("./scram_command.ts")).scramCommand(host, args),
    flags: async () => {
      const { SCRAM } = await import("./scram_command.ts");
      return (await import("./user_arguments.ts")).userFlags(SCRAM);
    },
  },
  {
    name: "config",
    usage: "[flags]",
    says: "print what is set",
    words: ["schema", "convert"],
    run: async (host, args) =>
      await (await import("./config_command.ts")).configCommand(host, args),
    flags: async () =>
      (await import("./flags.ts")).FLAGS.filter(({ name }) => name !== "help"),
  },
  {
    name: "store",
    usage: "info|check|compact|export|import",
    says: "look after what is kept",
    words: ["info", "check", "compact", "export", "import"],
    run: async (host, args) =>
      await (await import("./store_command.ts")).storeCommand(host, args),
    flags: async () => (await import("./store_order.ts")).STORE_TOOL_FLAGS,
  },
  {
    name: "service",
    usage: "systemd",
    says: "print a unit for systemd",
    words: ["systemd"],
    run: async (host, args) =>
      (await import("./service_command.ts")).serviceCommand(host, args),
    flags: () => Promise.resolve(NO_FLAGS),
  },
  {
    name: "completion",
    usage: "SHELL",
    says: "print completions",
    words: ["bash", "zsh", "fish"],
    run: async (host, args) =>
      await (await import("./completion_command.ts"))
        .completionCommand(host, args),
    flags: () => Promise.resolve(NO_FLAGS),
  },
];

/**
 * The command of that name, if there is one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { commandNamed } from "./commands.ts";
 *
 * assertEquals(commandNamed("pub")?.says, "publish a message");
 * assertEquals(commandNamed("--port"), undefined);
 * ```
 */
export function commandNamed(name: string | undefined): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}
