/**
 * Log lines: what machines and people read, and that no text from a client
 * gets to rule a terminal or to fill a line.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { LogFields } from "../../src/base/logger.ts";
import {
  colourLine,
  jsonLine,
  type LogLine,
  textLine,
} from "../../src/cli/log_line.ts";

function line(fields: LogFields, message = "connected"): LogLine {
  return {
    timeMs: Date.UTC(2026, 6, 12, 9, 3, 5, 7),
    level: "info",
    event: "client_connected",
    message,
    fields,
  };
}

/** Everything that a terminal, a shell or a reader could fall for. */
const UNSAFE = [
  "\0",
  "\n",
  "\r",
  "\t",
  "\b",
  "\x07",
  "\x1b[2J",
  "\x1b]0;title\x07",
  "\x7f",
  "\x85",
  "\x9b31m",
  "\u200b",
  "\u2028",
  "\u202egnp",
  "\u2066",
  "\ufeff",
  "\ud800",
  "\udc00x",
];

Deno.test("a line of JSON has the time, the facts and no more", () => {
  const text = jsonLine(line({ client_id: "ann", port: 1, gone: undefined }));
  assertEquals(
    text,
    '{"time":"2026-07-12T09:03:05.007Z","level":"info",' +
      '"event":"client_connected","message":"connected",' +
      '"client_id":"ann","port":1}\n',
  );
});

Deno.test("a line for people has the local time, words and facts", () => {
  const fields = {
    client_id: "ann",
    address: "[::1]:5",
    clean: true,
    count: 3,
    gone: undefined,
  };
  const text = textLine(line(fields));
  assertMatch(text, /^2026-07-1[123] \d\d:\d\d:05 info {2}connected {2}/);
  assert(text.endsWith("client_id=ann address=[::1]:5 clean=true count=3\n"));
  assert(textLine(line({})).endsWith(":05 info  connected\n"));
});

Deno.test("what could be taken for two facts is quoted", () => {
  const text = textLine(line({ a: "x b=1", c: "", d: 'q"', e: "\\", f: "=" }));
  assert(text.endsWith('  a="x b=1" c="" d="q\\"" e="\\\\" f="="\n'), text);
});

for (const unsafe of UNSAFE) {
  const name = JSON.stringify(unsafe).replace(/[^ -~]/g, "?");
  Deno.test(`${name} is harmless in a line`, () => {
    const hostile = line({ client_id: `a${unsafe}b` }, `bad ${unsafe}`);
    for (const text of [jsonLine(hostile), textLine(hostile)]) {
      const [only, rest] = text.split("\n");
      assertEquals(rest, "");
      // deno-lint-ignore no-control-regex -- that is what must not be there
      assertMatch(only!, /^[^\0-\x1f\x7f-\x9f\u200b-\u202e\u2066\ufeff]*$/);
      assert(text.isWellFormed());
    }
    const { client_id, message } = JSON.parse(jsonLine(hostile));
    assertEquals(client_id, `a${unsafe}b`);
    assertEquals(message, `bad ${unsafe}`);
  });
}

Deno.test("letters of the world stay as they are", () => {
  const text = "Zoë 温度 🌡 ş";
  assertEquals(JSON.parse(jsonLine(line({ text }))).text, text);
  assert(textLine(line({ text })).includes(`text="${text}"`));
});

Deno.test("colours are only around what is ours", () => {
  const text = colourLine(line({ client_id: "\x1b[31mann" }));
  // deno-lint-ignore no-control-regex -- colours begin with an escape
  const codes = text.match(/\x1b\[\d+m/g);
  assertEquals(codes?.length, 6);
  assert(text.includes("\\u001b[31mann"));
});

Deno.test("long texts are cut and say by how much", () => {
  const fields = { filter: "x".repeat(65_535), stack: "s".repeat(65_535) };
  const hostile = line(fields, "m".repeat(65_535));
  for (const text of [jsonLine(hostile), textLine(hostile)]) {
    assert(text.length < 6000);
    assert(text.includes(`${"x".repeat(256)}… (65279 more)`));
  }
});

Deno.test("a cut does not split a character", () => {
  const { filter } = JSON.parse(jsonLine(line({ filter: "🌡".repeat(300) })));
  assertEquals(filter, `${"🌡".repeat(128)}… (344 more)`);
  const odd = JSON.parse(jsonLine(line({ filter: "x" + "🌡".repeat(300) })));
  assertEquals(odd.filter, `x${"🌡".repeat(127)}… (346 more)`);
});
