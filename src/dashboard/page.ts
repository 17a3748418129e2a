/**
 * The page at `/`: its document, its style and, as text, its program, which
 * is whole with that. Nothing is fetched for it but what the API answers.
 * To be loaded when somebody asks for it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { LOOKS } from "./page_looks.ts";
import { STYLE } from "./page_style.ts";
import { PARTS } from "./parts.ts";

/** A page to be served. */
export interface Page {
  /** Among them the policy that keeps it to what is its own. */
  readonly headers: Readonly<Record<string, string>>;
  /** The document. */
  readonly body: string;
}

/**
 * The page. Its program and its style are named to the browser by their
 * hashes: any other, however it got into the page, is not run.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { dashboardPage } from "./page.ts";
 *
 * assert(dashboardPage().body.startsWith("<!doctype html>"));
 * ```
 */
export function dashboardPage(): Page {
  const program = slim(programText());
  const style = slim(STYLE + LOOKS);
  return {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy(program, style),
      "referrer-policy": "no-referrer",
    },
    body: documentText(program, style),
  };
}

/** Each class under its name, whatever a bundler has called it. */
function programText(): string {
  const parts = Object.entries(PARTS).map(([name, part]) =>
    `${JSON.stringify(name)}: ${part},`
  );
  return `"use strict";
const parts = {
${parts.join("\n")}
};
new parts.App(document, parts).start();
`;
}

function documentText(program: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Broker</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<body>
<noscript>This page needs JavaScript.</noscript>
<script type="module">${program}</script>
</body>
</html>
`;
}

function policy(program: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(program)}'`,
    `style-src '${hashOf(style)}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/**
 * Without indents and without lines that are comments: no text in the
 * program goes over lines.
 */
function slim(text: string): string {
  return text
    .replace(/^[ \t]*\/\*\*[^]*?\*\/[ \t]*\n?/gm, "")
    .replace(/^[ \t]*\/\/.*\n/gm, "")
    .replace(/^\s+/gm, "");
}
