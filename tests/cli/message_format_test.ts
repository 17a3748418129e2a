/**
 * What `broker sub -F` prints: the forms of `mosquitto_sub`, which are held
 * against the program itself in `e2e/client_commands_test.ts`.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { timeField } from "../../src/cli/local_time.ts";
import { formatFault, formatMessage } from "../../src/cli/message_format.ts";
import { printed } from "../../src/cli/print_message.ts";
import { defaultClientSettings } from "../../src/cli/client_settings.ts";
import type { ReceivedMessage } from "../../src/client/received_message.ts";

const AT = new Date(2026, 10, 4, 3, 7, 9, 45);

function message(
  text: string,
  given: Partial<ReceivedMessage> = {},
): ReceivedMessage {
  const payload = new TextEncoder().encode(text);
  const flags = { qos: 1, retain: true, dup: false, packetId: 7 } as const;
  return { topic: "room/1", payload, ...flags, properties: {}, ...given };
}

function shown(
  format: string,
  one = message("20.5"),
  isPretty = false,
): string {
  const bytes = formatMessage(one, { format, isPretty, at: AT });
  return new TextDecoder().decode(bytes);
}

const DRESSED = message("x", {
  properties: {
    contentType: "text/plain",
    correlationData: new TextEncoder().encode("c"),
    responseTopic: "rt",
    payloadFormat: 1,
    messageExpirySeconds: 60,
    userProperties: [["k", "v"], ["k2", "v 2"]],
    subscriptionIds: [7],
    topicAlias: 3,
  },
});

/** A format, and what comes of it. */
const FORMS: readonly (readonly [string, string])[] = [
  ["%t|%p|%q|%r|%l|%m", "room/1|20.5|1|1|4|7"],
  ["%x|%X", "32302e35|32302E35"],
  ["%%|@@|\\\\|\\t|\\n|\\0", "%|@|\\|\t|\n|\0"],
  ["%10t|%-10t|%.4t|%6.4t", "    room/1|room/1    |room|  room"],
  ["%5l|%05l|%.1l|%.2p|%07t", "    4|00004|4|20.5| room/1"],
  ["@Y-@m-@d @H:@M:@S", "2026-11-04 03:07:09"],
  [
    "@F @T @j @u @a @B @e @y @p @I",
    "2026-11-04 03:07:09 308 3 Wed November  " +
    "4 26 AM 03",
  ],
  ["@N", "045000000"],
  ["%A%C%D%E%F%P%R%S", ""],
];

for (const [format, wanted] of FORMS) {
  Deno.test(`the format ${format}`, () => assertEquals(shown(format), wanted));
}

Deno.test("properties have letters", () => {
  const format = "%A|%C|%D|%E|%F|%P|%R|%S";
  const wanted = "3|text/plain|c|60|1|k:v k2:v 2|rt|7";
  assertEquals(shown(format, DRESSED), wanted);
});

Deno.test("JSON has Mosquitto's names, in its order", () => {
  assertMatch(
    shown("%j", DRESSED),
    new RegExp(
      '^{"tst":"2026-11-04T03:07:09\\.045000Z[+-]\\d{4}","topic":"room/1",' +
        '"qos":1,"retain":1,"payloadlen":1,"mid":7,"properties":' +
        '{"topic-alias":3,"subscription-identifier":7,"user-properties":' +
        '{"k":"v","k2":"v 2"},"content-type":"text/plain",' +
        '"correlation-data":"c","response-topic":"rt",' +
        '"payload-format-indicator":1,"message-expiry-interval":60},' +
        '"payload":"x"}$',
    ),
  );
});

Deno.test("a payload of JSON may stand in JSON", () => {
  const json = (text: string) => JSON.parse(shown("%J", message(text))).payload;
  assertEquals(json('{"a":1}'), { a: 1 });
  assertEquals(json("no JSON"), "no JSON");
  assertEquals(json(""), null);
});

Deno.test("pretty JSON stands in lines", () => {
  const lines = shown("%j", message("x"), true).split("\n");
  assertEquals(lines[2], '\t"topic": "room/1",');
});

Deno.test("a payload is printed as it is", () => {
  const payload = Uint8Array.of(0xff, 0, 10);
  const format = "%p";
  const one = message("", { payload });
  const bytes = formatMessage(one, { format, isPretty: false, at: AT });
  assertEquals(bytes, payload);
});

for (const format of ["%", "%y", "@", "@!", "\\", "\\q", "a%", "%-05"]) {
  Deno.test(`${format} is no format`, () => {
    assertEquals(typeof formatFault(format), "string");
  });
}

Deno.test("-v, -N and -F", () => {
  const print = (text: string, given: object) => {
    const settings = { ...defaultClientSettings(), ...given };
    return new TextDecoder().decode(printed(message(text), settings, AT));
  };
  assertEquals(print("x", {}), "x\n");
  assertEquals(print("x", { isVerbose: true }), "room/1 x\n");
  assertEquals(print("", { isVerbose: true }), "room/1 (null)\n");
  assertEquals(print("x", { isVerbose: true, endsLines: false }), "room/1 x");
  assertEquals(print("x", { isVerbose: true, format: "%q" }), "1\n");
});

Deno.test("weeks are those of the calendar", () => {
  // As `date` has them.
  const fields = (at: Date) =>
    ["U", "V", "W", "G", "g"].map((letter) => timeField(at, letter));
  assertEquals(fields(new Date(2027, 0, 1)), ["00", "53", "00", "2026", "26"]);
  assertEquals(fields(new Date(2026, 0, 1)), ["00", "01", "00", "2026", "26"]);
  assertEquals(fields(AT), ["44", "45", "44", "2026", "26"]);
});
