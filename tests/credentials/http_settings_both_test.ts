/**
 * What an operator says about a login server: addresses, templates and files
 * of headers, and the sentence for each mistake in them. Runs under Deno and
 * Bun, as each reads addresses by itself.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { CredentialFileError } from "../../src/credentials/file_error.ts";
import { readHttpHeaders } from "../../src/credentials/http_disk.ts";
import {
  httpWarnings,
  parseHttpHeaders,
  readHttpUrl,
} from "../../src/credentials/http_settings.ts";
import {
  HTTP_TEMPLATE_DEFAULT,
  readHttpTemplate,
} from "../../src/credentials/http_template.ts";
import { test } from "../support/both.ts";
import {
  assertEquals,
  assertFalse,
  assertRejects,
  assertThrows,
} from "../support/std_assert.ts";

test("an address is of http or https, and holds no secret", () => {
  const scheme = "the address of a login server begins with https:// or " +
    "http://";
  const mistakes = [
    ["", scheme],
    ["login.example", scheme],
    ["file:///etc/passwd", scheme],
    ["data:application/json,{}", scheme],
    ["https://", scheme],
    [
      "https://ada:SECRET@login.example/",
      "a name and a password of a login server belong in a file of headers",
    ],
    [
      "https://login.example/#a",
      "the address of a login server has no # in it",
    ],
  ] as const;
  for (const [text, sentence] of mistakes) {
    const error = assertThrows(() => readHttpUrl(text), RangeError);
    assertEquals(error.message, sentence, text);
  }
  const { href } = readHttpUrl("HTTPS://Login.Example/a?b=c");
  assertEquals(href, "https://login.example/a?b=c");
});

test("plain text to another machine is worth a warning", () => {
  const json = readHttpTemplate(HTTP_TEMPLATE_DEFAULT, "json");
  const warnings = (text: string): string[] =>
    httpWarnings(readHttpUrl(text), "POST", json);
  for (
    const safe of [
      "https://login.example/",
      "http://localhost:8080/",
      "http://a.localhost/",
      "http://127.8.9.1/",
      "http://2130706433/",
      "http://[0:0:0:0:0:0:0:1]/",
    ]
  ) assertEquals(warnings(safe), [], safe);
  for (
    const [address, host] of [
      ["http://login.example:81/?a", "login.example:81"],
      ["http://192.0.2.7/", "192.0.2.7"],
      ["http://127.0.0.1.example/", "127.0.0.1.example"],
      ["http://notlocalhost/", "notlocalhost"],
      ["http://[::2]/", "[::2]"],
    ] as const
  ) {
    assertEquals(warnings(address), [
      `passwords go to ${host} in plain text: use https:// for another machine`,
    ]);
  }
  const plain = readHttpUrl("http://login.example/");
  const nameOnly = readHttpTemplate('{"a":"%u"}', "query");
  assertEquals(httpWarnings(plain, "GET", nameOnly), [
    "logins go to login.example in plain text: use https:// for another " +
    "machine",
  ]);
  const safe = readHttpUrl("https://login.example/");
  const query = readHttpTemplate(HTTP_TEMPLATE_DEFAULT, "query");
  assertEquals(httpWarnings(safe, "GET", query), [
    "passwords are a part of the address with GET, and servers log " +
    "addresses: use POST",
  ]);
});

const NO_JSON = "the template is no JSON, or has a key twice";
const DEEP = "the template must be an object of texts and numbers where it " +
  "becomes the query of an address";
const KNOWN = "%c, %u, %p, %a, %n and %% are known";

test("a template is JSON with placeholders that are known", () => {
  const mistakes = [
    ["", "json", NO_JSON],
    ["username=%u", "json", NO_JSON],
    ['{"a":1,"a":2}', "json", NO_JSON],
    ['{"a":["%x"]}', "json", `the template has "%x": ${KNOWN}`],
    ['"100%"', "json", `the template has "%": ${KNOWN}`],
    ['"%U"', "json", `the template has "%U": ${KNOWN}`],
    ['"%%x%%%"', "json", `the template has "%": ${KNOWN}`],
    ['["%u"]', "query", DEEP],
    ['{"a":{"b":"%u"}}', "query", DEEP],
    ['"%u"', "query", DEEP],
  ] as const;
  for (const [text, form, sentence] of mistakes) {
    const error = assertThrows(() => readHttpTemplate(text, form), RangeError);
    assertEquals(error.message, sentence, text);
  }
  const passwords = [['"%p"', true], ['"%%p"', false], ['"%%%p"', true]];
  for (const [text, expected] of passwords as [string, boolean][]) {
    const { hasPassword } = readHttpTemplate(text, "json");
    assertEquals(hasPassword, expected, text);
  }
});

test("headers are read from lines", () => {
  const text = "\ufeff# keys\r\n\r\nAuthorization:  Basic YTpi \r\n" +
    "X-Key:a:b,\tc\n  # end";
  assertEquals(parseHttpHeaders(text, "f"), {
    authorization: "Basic YTpi",
    "x-key": "a:b,\tc",
  });
  assertEquals(parseHttpHeaders("", "f"), {});
});

test("a mistake in a header is told by its line, without its value", () => {
  const none = "this is no header: Name: value";
  const mistakes = [
    ["SECRET", `f:1: ${none}`],
    ["a: b\n: SECRET", `f:2: ${none}`],
    ["Bearer SECRET: x", `f:1: ${none}`],
    ["# a\nkey: SECR\u00c9T", 'f:2: the header "key" has an unsound value'],
    ["key: a\rSECRET: b", 'f:1: the header "key" has an unsound value'],
    ["key:", 'f:1: the header "key" has an unsound value'],
    ["Key: a\nkEY: SECRET", 'f:2: the header "key" stands there twice'],
    ["Host: SECRET", 'f:1: the header "host" can\'t be set'],
    [
      "Transfer-Encoding: SECRET",
      'f:1: the header "transfer-encoding" ' +
      "can't be set",
    ],
  ] as const;
  for (const [text, sentence] of mistakes) {
    const error = assertThrows(
      () => parseHttpHeaders(text, "f"),
      CredentialFileError,
    );
    assertEquals(error.message, sentence);
    assertFalse(error.message.includes("SECR"));
  }
});

test("a file of headers is read, or the reason told", async () => {
  const folder = await mkdtemp(`${tmpdir()}/headers-`);
  try {
    const path = `${folder}/headers`;
    await writeFile(path, "a: b\n");
    assertEquals(await readHttpHeaders(path), { a: "b" });
    await writeFile(path, "a: b\nc\n");
    const bad = await assertRejects(() => readHttpHeaders(path));
    const sentence = "this is no header: Name: value";
    assertEquals((bad as Error).message, `${path}:2: ${sentence}`);
    const error = await assertRejects(
      () => readHttpHeaders(`${path}2`),
      CredentialFileError,
    );
    const missing = "can't be read: there is no such file or folder";
    assertEquals(error.message, `${path}2 ${missing}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
