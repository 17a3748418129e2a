/**
 * The pages that `--help`, `--help-listen` and the like print: all is on
 * them, and they fit.
 */

import { assert, assertEquals } from "@std/assert";
import { LIMITS } from "../../src/broker/limit_table.ts";
import { FLAGS, limitFlagName } from "../../src/cli/flags.ts";
import {
  configPage,
  helpPage,
  limitsPage,
  listenPage,
  loginPage,
  mqttPage,
  watchPage,
} from "../../src/cli/help.ts";
import { planListening } from "../../src/cli/listen_plan.ts";
import { SPOKEN } from "../../src/cli/listener.ts";
import { LISTENER_OPTIONS } from "../../src/cli/listener_options.ts";
import { readSettings } from "../../src/cli/read_settings.ts";
import type { FlagGroup } from "../../src/cli/settings.ts";

/** Of a terminal of today. */
const SCREEN_LINES = 50;
const SCREEN_COLUMNS = 80;

/** What there is to read, without what makes columns of it. */
function words(page: string): string {
  return page.replace(/\s+/g, " ");
}

function assertFits(page: string): void {
  const lines = page.trimEnd().split("\n");
  assert(lines.length <= SCREEN_LINES, `${lines.length} lines`);
  assertEquals(lines.filter(({ length }) => length > SCREEN_COLUMNS), []);
}

/** Each page of flags, and the groups that are on it and nowhere else. */
const PAGES: readonly (readonly [string, string, readonly FlagGroup[]])[] = [
  ["help", helpPage(), ["setting", "command"]],
  ["config", configPage(), ["config"]],
  ["listen", listenPage(), ["listen"]],
  ["login", loginPage(), ["login"]],
  ["mqtt", mqttPage(), ["mqtt"]],
  ["watch", watchPage(), ["watch"]],
];

for (const [name, page, groups] of PAGES) {
  Deno.test(`the page ${name} fits a screen, and ends with examples`, () => {
    assertFits(page);
    assert(/\nExamples.*:\n( {2}.+\n)+$/.test(page));
  });

  Deno.test(`the page ${name} names its flags and no other`, () => {
    for (const flag of FLAGS) {
      const isOn = new RegExp(`^ .*--${flag.name} .* `, "m").test(page);
      const isDescribed = words(page).includes(flag.says);
      assertEquals(isOn && isDescribed, groups.includes(flag.group), flag.name);
    }
  });

  Deno.test(`the page ${name} tells the defaults`, () => {
    for (const { group, initial, says, value } of FLAGS) {
      if (!groups.includes(group) || group === "command") continue;
      const isTold = value !== undefined && initial !== "none";
      const text = isTold ? `${says} [${initial}]` : says;
      assert(words(page).includes(text), text);
    }
  });
}

Deno.test("the page of listeners names schemes and options", () => {
  for (const spoken of SPOKEN) {
    assert(listenPage().includes(`\n  ${spoken}://`), spoken);
  }
  for (const { name, says, value } of LISTENER_OPTIONS) {
    assert(listenPage().includes(`\n  ${name}=${value} `), name);
    assert(words(listenPage()).includes(says), says);
  }
});

Deno.test("the page of limits names every limit and its default", () => {
  assertFits(limitsPage());
  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    assert(limitsPage().includes(`  --${limitFlagName(name)} `), name);
  }
  assert(limitsPage().includes("--packet-bytes-max 10MiB "));
});

Deno.test("the examples of the help can be typed in", () => {
  const pages = `${helpPage()}${listenPage()}${mqttPage()}`
    .replace(/\\\n +/g, "");
  const form = /^ {2}(\w+=\S+ )?broker (.*)$/gm;
  const examples = [...pages.matchAll(form)];
  assertEquals(examples.length, 10);
  for (const [, variable, rest] of examples) {
    const [flags] = rest!.split(/ {2,}/);
    const [name, value] = variable?.trim().split("=") ?? [];
    const environment = name === undefined ? {} : { [name]: value };
    const args = flags!.split(/ +/).filter((word) => word !== "")
      .map((word) => word.replace(/^'(.*)'$/, "$1"));
    const { settings, warnings } = readSettings(args, environment);
    assertEquals(warnings, []);
    assert(planListening(settings).listeners.length > 0);
  }
});

Deno.test("no two flags have one name, variable or letter", () => {
  const names = FLAGS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  const letters = FLAGS.flatMap(({ short }) => short ?? []);
  assertEquals(new Set(letters).size, letters.length);
});
