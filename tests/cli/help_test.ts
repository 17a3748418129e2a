/**
 * The pages that `--help`, `--help-mqtt` and `--help-limits` print: all is on
 * them, and they fit.
 */

import { assert, assertEquals } from "@std/assert";
import { LIMITS } from "../../src/broker/limits.ts";
import { FLAGS, limitFlagName } from "../../src/cli/flags.ts";
import { helpPage, limitsPage, mqttPage } from "../../src/cli/help.ts";
import { planListening } from "../../src/cli/listen_plan.ts";
import { readSettings } from "../../src/cli/read_settings.ts";

/** Of a terminal of today; it is best to stay at 24. */
const SCREEN_LINES = 40;
const SCREEN_COLUMNS = 80;

function tooWide(page: string): string[] {
  return page.split("\n").filter((line) => line.length > SCREEN_COLUMNS);
}

for (const [name, page] of [["help", helpPage()], ["mqtt", mqttPage()]]) {
  Deno.test(`the page ${name} fits a screen`, () => {
    assertEquals(tooWide(page!), []);
    assertEquals(page!.trimEnd().split("\n").length <= SCREEN_LINES, true);
  });
}

Deno.test("a page names every flag of its groups and no other", () => {
  for (const { name, group } of FLAGS) {
    const isIn = (page: string) => new RegExp(`^ .*--${name} `, "m").test(page);
    const isInHelp = group === "setting" || group === "command";
    assertEquals(isIn(helpPage()), isInHelp, name);
    assertEquals(isIn(mqttPage()), group === "mqtt", name);
  }
});

Deno.test("the page of MQTT tells the defaults", () => {
  const text = mqttPage().replace(/\s+/g, " ");
  for (const { initial, says, value, group } of FLAGS) {
    if (group !== "mqtt") continue;
    const isTold = value !== undefined && initial !== "none";
    assert(text.includes(isTold ? `${says} [${initial}]` : says), says);
  }
});

Deno.test("the page of limits names every limit and its default", () => {
  assertEquals(tooWide(limitsPage()), []);
  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    assert(limitsPage().includes(`  --${limitFlagName(name)} `), name);
  }
  assert(limitsPage().includes("--packet-bytes-max 10MiB (64 to "));
});

Deno.test("the examples of the help can be typed in", () => {
  const examples = [...helpPage().matchAll(/^ {2}(\w+=\S+ )?broker\b(.*)$/gm)];
  assertEquals(examples.length, 4);
  for (const [, variable, rest] of examples) {
    const [flags] = rest!.split(/ {2,}/);
    const [name, value] = variable?.trim().split("=") ?? [];
    const environment = name === undefined ? {} : { [name]: value };
    const args = flags!.split(" ").filter((word) => word !== "");
    const { settings, warnings } = readSettings(args, environment);
    assertEquals(warnings, []);
    assert(planListening(settings).addresses.length > 0);
  }
});

Deno.test("no two flags have one name, variable or letter", () => {
  const names = FLAGS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  const letters = FLAGS.flatMap(({ short }) => short ?? []);
  assertEquals(new Set(letters).size, letters.length);
});
