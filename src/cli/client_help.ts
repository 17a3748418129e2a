/**
 * What `broker pub --help` and the like print, made from the flags. Each
 * fits a screen; what all three share has a page of its own.
 *
 * @module
 */

import { OWN_FLAGS } from "./client_flags.ts";
import type { ClientCommand } from "./client_settings.ts";
import type { ClientFlag } from "./connect_flags.ts";
import { flagLines } from "./help_columns.ts";

const USAGE: Readonly<Record<ClientCommand, string>> = {
  pub: `\
Usage: broker pub -t TOPIC (-m TEXT | -f FILE | -l | -s | -n) [flags]

Publishes a message, waits for the broker's answer where there is one, and
ends: with exit code 0, 1 (no broker, or a mistake), or the broker's code.
`,
  sub: `\
Usage: broker sub -t FILTER... [flags]

Prints the messages that come, and connects again when the connection is lost.
Exit codes: 0, 1 (no broker, or a mistake), 27 (--timeout), the broker's code.
`,
  rr: `\
Usage: broker rr -t TOPIC -e TOPIC (-m TEXT | -f FILE | -s | -n) [flags]

Publishes a request (5.0 unless told otherwise), waits for the answer on the
topic -e, prints it and ends. Exit codes are those of broker sub.
`,
};

const FORMATS = `\
A FORMAT is text with %p payload, %x %X in hex, %t topic, %q QoS, %r retained,
%l length, %m packet id, %j JSON, %J JSON with a payload of JSON, %I and %U the
time, @H @M... as in strftime, %A %C %D %E %F %P %R %S properties of 5.0, \\n.
`;

const EXAMPLES: Readonly<Record<ClientCommand, string>> = {
  pub: `\
  broker pub -t room/1 -m 20.5 -r
  broker pub -L mqtts://ada@a.example/room/1 --password-file p.txt -m 20.5
  tail -f log | broker pub -t log -l -q 1
`,
  sub: `\
  broker sub -t 'room/#' -v
  broker sub -t 'room/#' -F '%I %t %p'
  broker sub -t room/1 -C 1 -W 10
`,
  rr: `\
  broker rr -t clock/ask -e clock/answer -m now -W 5
`,
};

/**
 * The page of a command.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { clientPage } from "./client_help.ts";
 *
 * assert(clientPage("pub").includes("-t, --topic TOPIC"));
 * ```
 */
export function clientPage(command: ClientCommand): string {
  const formats = command === "pub" ? "" : `\n${FORMATS}`;
  return `${USAGE[command]}
${flagLines(OWN_FLAGS[command])}
      --help-connect          Show where to connect to, TLS, login and will.
${formats}
Examples:
${EXAMPLES[command]}`;
}

/**
 * The page of what all clients share.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { connectPage } from "./client_help.ts";
 * import { CONNECT_FLAGS } from "./connect_flags.ts";
 *
 * const page = connectPage("sub", CONNECT_FLAGS);
 * assert(page.includes("-h, --host HOST"));
 * ```
 */
export function connectPage(
  command: string,
  flags: readonly ClientFlag[],
): string {
  return `\
Where broker ${command} connects to, and as whom.

${flagLines(flags)}

Examples:
  broker ${command} -h 10.0.0.7 -u ada --password-file p.txt ...
  broker ${command} -L mqtts://broker.example --cafile ca.pem ...
`;
}
