/**
 * The events of the log have names that somebody may have written into a
 * filter: the README has all of them, and the code has no others.
 */

import { assertEquals } from "@std/assert";
import { REPO, typeScriptFiles } from "../support/paths.ts";

/** A level, or the method that has one, and a name behind it. */
const NAMED = new RegExp(
  [
    String.raw`\(\s*(?:"(?:error|warn|info|debug)"|level),\s*"(\w+)",`,
    String.raw`\.#(?:say|line|tell)\(\s*"([a-z_]+)"`,
    String.raw`(?:event: |_EVENT = )"(\w+)"`,
  ].join("|"),
  "g",
);
/** Made of the direction of a packet. */
const MADE = ["trace_received", "trace_sent"];

async function inCode(): Promise<string[]> {
  const names = new Set(MADE);
  for (const path of await typeScriptFiles("src")) {
    const text = await Deno.readTextFile(new URL(path, REPO));
    const code = text.replace(/^ *(?:\*|\/\/).*$/gm, "");
    for (const [, ...found] of code.matchAll(NAMED)) {
      names.add(found.find((name) => name !== undefined)!);
    }
  }
  return [...names].sort();
}

async function inReadme(): Promise<string[]> {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  const [, section = ""] = /^## Log$(.*?)^## /ms.exec(readme) ?? [];
  const cells = [...section.matchAll(/^\| (`.*?) *\|/gm)];
  return cells
    .flatMap(([, cell]) => [...cell!.matchAll(/`(\w+)`/g)])
    .map(([, name]) => name!)
    .sort();
}

Deno.test("the README has the events of the log, all of them", async () => {
  assertEquals(await inReadme(), await inCode());
});
