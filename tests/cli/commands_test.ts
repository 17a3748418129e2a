/**
 * The list of commands, and what is made from it: the help, the guess at an
 * unknown word, completions. What bash makes of its own is asked of bash.
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { clientFlags, OWN_FLAGS } from "../../src/cli/client_flags.ts";
import { clientPage, connectPage } from "../../src/cli/client_help.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { completionCommand } from "../../src/cli/completion_command.ts";
import { CONNECT_FLAGS } from "../../src/cli/connect_flags.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { helpPage } from "../../src/cli/help.ts";
import { readSettings } from "../../src/cli/read_settings.ts";
import { serviceCommand } from "../../src/cli/service_command.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const CLIENTS = ["pub", "sub", "rr"] as const;
const SCREEN_LINES = 40;
const SCREEN_COLUMNS = 80;

async function completion(shell: string): Promise<string> {
  let text = "";
  const host = { print: (more: string) => void (text += more) };
  await completionCommand(host, [shell]);
  return text;
}

Deno.test("the help names each command", () => {
  for (const { name, says } of COMMANDS) {
    assert(helpPage().includes(` ${name} `), name);
    assert(helpPage().includes(says), says);
  }
});

Deno.test("a word that is nearly a command is guessed", () => {
  const words = [["pbu", "pub"], ["completon", "completion"]];
  for (const [word, name] of [...words, ["publish", "pub"]]) {
    assertThrows(
      () => readSettings([word!], {}),
      UsageError,
      `did you mean broker ${name}?`,
    );
  }
});

for (const command of CLIENTS) {
  for (
    const page of [clientPage(command), connectPage(command, CONNECT_FLAGS)]
  ) {
    const title = page.split("\n")[0]!;
    Deno.test(`the page "${title}" fits a screen`, () => {
      const lines = page.trimEnd().split("\n");
      assert(lines.length <= SCREEN_LINES, `${lines.length} lines`);
      assertEquals(lines.filter((line) => line.length > SCREEN_COLUMNS), []);
    });
  }

  Deno.test(`the pages of ${command} name all its flags`, () => {
    for (const { name, says } of OWN_FLAGS[command]) {
      assert(clientPage(command).includes(`--${name} `), says);
    }
    for (const { name, says } of CONNECT_FLAGS) {
      const isTold = connectPage(command, CONNECT_FLAGS).includes(`--${name} `);
      assertEquals(isTold, says !== "", name);
    }
  });

  Deno.test(`no two flags of ${command} have a name in common`, () => {
    const names = clientFlags(command).flatMap(({ name, short, alias }) =>
      [name, short, alias].filter((one) => one !== undefined)
    );
    assertEquals(names.length, new Set(names).size);
  });
}

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test(`completions of ${shell} have all commands and flags`, async () => {
    const text = await completion(shell);
    const own = FLAGS.map(({ name }) => name);
    const others = await Promise.all(COMMANDS.map((one) => one.flags()));
    for (const name of [...own, ...others.flat().map((flag) => flag.name)]) {
      const form = shell === "fish" ? `-l ${name}` : `--${name}`;
      assert(text.includes(form), name);
    }
    for (const { name } of COMMANDS) assert(text.includes(name), name);
  });
}

/** What is typed, and some of what bash then offers. */
const TYPED: readonly (readonly [string[], string[], string[]])[] = [
  [["broker", "p"], ["pub", "passwd"], ["sub", "--port"]],
  [["broker", "--tls-c"], ["--tls-cert"], ["--cert", "pub"]],
  [["broker", "pub", "--re"], ["--retain", "--repeat"], ["--retained-only"]],
  [["broker", "sub", "--re"], ["--retained-only"], ["--repeat"]],
  [["broker", "pub", "-f", "/etc/host"], ["/etc/hosts"], ["--file"]],
  [["broker", "pub", "-t", ""], [], ["--topic"]],
  [["broker", "service", ""], ["systemd"], ["bash"]],
  [["broker", "config", ""], ["schema", "convert"], ["systemd"]],
  [["broker", "config", "--len"], ["--lenient"], []],
  [["broker", "--log-level", ""], ["error", "debug"], ["text", "--port"]],
  [["broker", "--sync", "n"], ["normal"], ["full"]],
  [["broker", "--data", "/et"], ["/etc"], []],
  [["broker", "--host", ""], [], ["--port", "error"]],
];

for (const [words, offered, withheld] of TYPED) {
  Deno.test(`bash completes "${words.join(" ")}"`, async () => {
    const script = `${await completion("bash")}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _broker
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await new Deno.Command("bash", {
      args: ["-c", script, "bash", ...words],
    }).output();
    const lines = new TextDecoder().decode(stdout).split("\n");
    for (const word of offered) assert(lines.includes(word), word);
    for (const word of withheld) assert(!lines.includes(word), word);
  });
}

Deno.test("--help is a question, whatever stands before it", async () => {
  assert((await completion("--help")).startsWith("Usage:"));
  const pages: string[] = [];
  const host = { print: (text: string) => void pages.push(text) };
  await completionCommand(host, ["bash", "--help"]);
  for (const args of [[], ["-h"], ["systemd", "--help"]]) {
    serviceCommand(host, args);
  }
  assertEquals(pages.length, 4);
  for (const page of pages) assert(page.startsWith("Usage:"), page);
});

Deno.test("there are no completions for other shells", async () => {
  const error = await assertRejects(() => completion("bahs"), UsageError);
  assert(error.message.endsWith("did you mean bash?"));
  await assertRejects(() => completion("constructor"), UsageError);
});

Deno.test("a unit of systemd takes rights away", () => {
  let unit = "";
  const host = { print: (text: string) => void (unit += text) };
  serviceCommand(host, ["systemd"]);
  const wanted = [
    "Type=notify",
    "WatchdogSec=30",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "StateDirectory=broker",
    "DynamicUser=yes",
  ];
  for (const line of wanted) assert(unit.includes(`\n${line}\n`), line);
  assertThrows(() => serviceCommand(host, ["upstart"]), UsageError);
});
