/**
 * The page as a text: it is small, whole in itself, and its policy names
 * what is in it. Runs under Deno and Bun, whose texts of a class differ.
 */

import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { dashboardPage } from "../../src/dashboard/page.ts";
import { PARTS } from "../../src/dashboard/parts.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertMatch } from "../support/std_assert.ts";

const PAGE_BYTES_MAX = 150_000;

const { body, headers } = dashboardPage();
const POLICY = headers["content-security-policy"] ?? "";

/** What stands between the tags of that name. */
function inside(tag: string): string {
  const found = [...body.matchAll(
    new RegExp(`<${tag}(?: [^>]*)?>([^]*?)</${tag}>`, "g"),
  )];
  assertEquals(found.length, 1, `one ${tag}`);
  return found[0]![1]!;
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

test("the page has at most 150 KB", () => {
  const { length } = new TextEncoder().encode(body);
  assert(length <= PAGE_BYTES_MAX, `${length} bytes`);
});

test("the policy lets run what is in the page, and nothing else", () => {
  assertMatch(POLICY, /^default-src 'none'; /);
  assert(POLICY.includes(`script-src ${hashOf(inside("script"))};`), POLICY);
  assert(POLICY.includes(`style-src ${hashOf(inside("style"))};`), POLICY);
  assertMatch(POLICY, /frame-ancestors 'none'/);
  assertMatch(POLICY, /require-trusted-types-for 'script'/);
  assert(!POLICY.includes("unsafe"), POLICY);
});

test("the page fetches nothing", () => {
  assertEquals(body.match(/\b(?:src|href)="(?!data:,")/g), null);
  assertEquals(inside("style").match(/@import|url\(/g), null);
  const program = inside("script");
  assertEquals(program.match(/\bimport\b/g), null);
  // The name of a language of drawings; it looks like an address only.
  const addresses = program.match(/https?:\/\/[^"]*/g);
  assertEquals(addresses, ["http://www.w3.org/2000/svg"]);
});

test("the program is a program, without types, indents and comments", () => {
  const program = inside("script");
  new Script(program);
  assertEquals(program.match(/^\s*(?:\/\*|\/\/)|^\s+\S/gm), null);
});

test("no part names another, nor anything that is outside of it", () => {
  for (const [name, part] of Object.entries(PARTS)) {
    const others = Object.keys(PARTS).filter((other) => other !== name);
    // Behind a dot it is asked of what a part was given.
    const names = new RegExp(`(?<![\\w.#"])(?:${others.join("|")})\\b`, "g");
    assertEquals(String(part).match(names), null, name);
  }
});
