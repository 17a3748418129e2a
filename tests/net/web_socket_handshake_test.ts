/**
 * The request with which a WebSocket begins: what is taken, and each way to
 * be turned away, whole and byte by byte.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  Handshake,
  type UpgradeAnswer,
  type WebSocketOptions,
} from "../../src/net/web_socket_handshake.ts";
import { forSeeds, pieces } from "../fuzz/random.ts";
import { upgradeRequest } from "../support/web_socket.ts";
import { join } from "../support/wire.ts";

const OPTIONS: WebSocketOptions = { path: "/mqtt", origins: [] };
const ENCODER = new TextEncoder();

interface Told extends UpgradeAnswer {
  text: string;
  /** How many bytes were taken as the request. */
  used: number;
}

function tell(chunks: readonly Uint8Array[], options = OPTIONS): Told | null {
  const handshake = new Handshake(options);
  let used = 0;
  for (const chunk of chunks) {
    used += handshake.read(chunk, chunk.length);
    const { answer } = handshake;
    if (answer === null) continue;
    const text = new TextDecoder().decode(answer.response);
    return { ...answer, text, used };
  }
  return null;
}

/** The answer, which must not depend on how the request is cut. */
function answerTo(request: Uint8Array | string, options = OPTIONS): Told {
  const bytes = typeof request === "string" ? ENCODER.encode(request) : request;
  const whole = tell([bytes], options);
  assert(whole !== null, "a request without an answer");
  const single = [...bytes].map((byte) => Uint8Array.of(byte));
  const inBytes = tell(single, options);
  assertEquals(inBytes?.text, whole.text);
  return whole;
}

function expectRefusal(
  request: Uint8Array | string,
  status: number,
  sentence: string,
  options = OPTIONS,
): Told {
  const told = answerTo(request, options);
  assertEquals([told.status, told.refusal], [status, sentence]);
  const [head, body] = told.text.split("\r\n\r\n");
  assert(head!.startsWith(`HTTP/1.1 ${status} `), head);
  assertStringIncludes(head!, `Content-Length: ${body!.length}`);
  assertStringIncludes(head!, "close\r\n");
  assertEquals(body!.toLowerCase(), `${sentence.toLowerCase()}.\n`);
  return told;
}

Deno.test("the example of RFC 6455 section 1.3 is answered", () => {
  const { status, refusal, text } = answerTo(upgradeRequest());
  assertEquals([status, refusal], [101, ""]);
  assertEquals(
    text,
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
      "Sec-WebSocket-Protocol: mqtt\r\n\r\n",
  );
});

Deno.test("what stands behind the request is left alone", () => {
  const request = upgradeRequest();
  const bytes = join(request, [0x82, 0x80, 1, 2, 3, 4]);
  assertEquals(tell([bytes])?.used, request.length);
  forSeeds(100, (random) => {
    assertEquals(tell(pieces(random, bytes))?.used, request.length);
  });
});

Deno.test("requests may be written in many ways", () => {
  const welcome: (readonly [Record<string, string | null>, string?])[] = [
    [{ "Upgrade": "WebSocket", "Connection": "keep-alive, UPGRADE" }],
    [{ "Upgrade": "h2c, websocket" }],
    [{ "Connection": " \t upgrade\t ," }],
    [{ "Sec-WebSocket-Protocol": "wamp, mqtt" }],
    [{ "Sec-WebSocket-Extensions": "permessage-deflate; client_bits=1" }],
    [{ "Cookie": "ä=ö", "X-Empty": "", "Content-Length": "0" }],
    [{ "Host": "", "sec-websocket-KEY": "dGhlIHNhbXBsZSBub25jZQ==" }],
    [{}, "GET /mqtt?token=1#x HTTP/1.1"],
    [{}, "GET ws://a.example:80/mqtt?x HTTP/1.1"],
    [{}, "GET /mqtt HTTP/1.2"],
  ];
  for (const [fields, line] of welcome) {
    const all = "sec-websocket-KEY" in fields
      ? { ...fields, "Sec-WebSocket-Key": null }
      : fields;
    assertEquals(answerTo(upgradeRequest(all, line)).refusal, "");
  }
  const split = new TextDecoder().decode(upgradeRequest({
    "Connection": "close\r\nConnection: Upgrade",
    "Sec-WebSocket-Protocol": "a\r\nSec-WebSocket-Protocol:mqtt",
  }));
  assertEquals(answerTo(split).refusal, "");
});

Deno.test("the sub-protocol is chosen and echoed", () => {
  const chosen: (readonly [offered: string, chosen: string])[] = [
    ["mqtt", "mqtt"],
    ["mqttv3.1", "mqttv3.1"],
    ["mqttv3.1, mqtt", "mqtt"],
    ["x,mqttv3.1", "mqttv3.1"],
  ];
  for (const [offered, choice] of chosen) {
    const { text } = answerTo(
      upgradeRequest({ "Sec-WebSocket-Protocol": offered }),
    );
    assertStringIncludes(text, `Sec-WebSocket-Protocol: ${choice}\r\n`);
  }
  const sentence = "the client has to offer the WebSocket sub-protocol mqtt";
  for (const offered of [null, "", "wamp", "MQTT", "mqtt5"]) {
    const fields = { "Sec-WebSocket-Protocol": offered };
    expectRefusal(upgradeRequest(fields), 400, sentence);
  }
});

Deno.test("a browser is told in a sentence what this is", () => {
  const sentence = "this is an MQTT broker and no web site; " +
    "MQTT over WebSocket is at the path /mqtt";
  for (const target of ["/", "/mqtt", "/favicon.ico"]) {
    const request = `GET ${target} HTTP/1.1\r\nHost: a\r\n` +
      "Connection: keep-alive\r\n\r\n";
    const { text } = expectRefusal(request, 426, sentence);
    assertStringIncludes(text, "\r\nConnection: Upgrade, close\r\n");
    assertStringIncludes(text, "\r\nUpgrade: websocket\r\n");
    assertStringIncludes(text, "\r\nContent-Type: text/plain;");
  }
  const options = { path: "/ws/broker", origins: [] };
  const where = "not here: MQTT over WebSocket is at the path /ws/broker";
  for (const target of ["/mqtt", "/ws", "/ws/broker/", "/WS/broker", "*"]) {
    const line = `GET ${target} HTTP/1.1`;
    expectRefusal(upgradeRequest({}, line), 404, where, options);
  }
});

Deno.test("a request that asks wrongly is told what is wrong", () => {
  const key = "the Sec-WebSocket-Key is not 16 bytes of base64";
  const version = "version 13 of the WebSocket protocol is needed";
  const body = "a request with a body";
  const faults: [Record<string, string | null>, number, string][] = [
    [{ "Host": null }, 400, "the Host header is missing"],
    [{ "Sec-WebSocket-Key": null }, 400, key],
    [{ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ" }, 400, key],
    [{ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZTE=" }, 400, key],
    [{ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ===" }, 400, key],
    [{ "Sec-WebSocket-Version": null }, 426, version],
    [{ "Sec-WebSocket-Version": "8" }, 426, version],
    [{ "Sec-WebSocket-Version": "013" }, 426, version],
    [{ "Content-Length": "3" }, 400, body],
    [{ "Transfer-Encoding": "chunked" }, 400, body],
  ];
  for (const [fields, status, sentence] of faults) {
    const { text } = expectRefusal(upgradeRequest(fields), status, sentence);
    assertEquals(
      text.includes("\r\nSec-WebSocket-Version: 13\r\n"),
      sentence === version,
    );
  }
  expectRefusal(
    upgradeRequest({ "Connection": "keep-alive" }),
    400,
    "the Connection header does not say upgrade; a proxy in between may " +
      "have taken that off",
  );
  const post = expectRefusal(
    upgradeRequest({}, "POST /mqtt HTTP/1.1"),
    405,
    "only GET is served",
  );
  assertStringIncludes(post.text, "\r\nAllow: GET\r\n");
  const old = upgradeRequest({}, "GET /mqtt HTTP/1.0");
  expectRefusal(old, 505, "HTTP/1.1 is needed");
});

Deno.test("what can be read in two ways is not read at all", () => {
  const line = "GET /mqtt HTTP/1.1\r\n";
  const noLine = "no HTTP request line";
  const noField = "no HTTP header field";
  const noHttp = "bytes that are not HTTP";
  const faults: [string, string][] = [
    ["\r\n", noLine],
    ["GET /mqtt\r\n\r\n", noLine],
    ["GET  /mqtt HTTP/1.1\r\n\r\n", noLine],
    [" GET /mqtt HTTP/1.1\r\n\r\n", noLine],
    ["GET /mqtt HTTP/1.1 \r\n\r\n", noLine],
    ["GET /mqtt HTTP/11\r\n\r\n", noLine],
    ["GET /mq tt HTTP/1.1\r\n\r\n", noLine],
    ["GET /mqtt HTTP/1.1\n\n", noHttp],
    [line + "Host: a\n\r\n", noHttp],
    [line + "Host: a\0b\r\n\r\n", noHttp],
    ["\x10\x0c\0\x04MQTT", noHttp],
    ["GET /mqtt HTTP/1.1\r\r\n", "a stray CR"],
    [line + "Host: a\rUpgrade: websocket\r\n\r\n", "a stray CR"],
    [line + "Host: a\r\n b\r\n\r\n", noField],
    [line + "Host: a\r\n\tX: b\r\n\r\n", noField],
    [line + "Host : a\r\n\r\n", noField],
    [line + ": a\r\n\r\n", noField],
    [line + "Host\r\n\r\n", noField],
    [line + "H(o)st: a\r\n\r\n", noField],
    [line + "Hóst: a\r\n\r\n", noField],
    [line + "Host: a\r\nhost: a\r\n\r\n", "host comes twice"],
    [
      line + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
      "content-length comes twice",
    ],
  ];
  for (const [request, sentence] of faults) {
    expectRefusal(request, 400, sentence);
  }
});

Deno.test("only pages of the allowed origins connect", () => {
  const options = {
    path: "/mqtt",
    origins: ["https://app.example", "http://LOCALHOST:8080"],
  };
  const sentence = "pages of this origin may not connect";
  const good = [null, "https://APP.example", "http://localhost:8080"];
  for (const origin of good) {
    const request = upgradeRequest({ "Origin": origin });
    assertEquals(answerTo(request, options).refusal, "");
  }
  const bad = [
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://evil.example/https://app.example",
    "null",
    "",
  ];
  for (const origin of bad) {
    const request = upgradeRequest({ "Origin": origin });
    expectRefusal(request, 403, sentence, options);
    assertEquals(answerTo(request).refusal, "");
  }
  const twice = upgradeRequest({
    "Origin": "https://app.example\r\nOrigin: https://evil.example",
  });
  expectRefusal(twice, 400, "origin comes twice", options);
});

Deno.test("a request has at most 8 KiB and 64 header fields", () => {
  const plain = upgradeRequest({ "X": "" }).length;
  const full = upgradeRequest({ "X": "x".repeat(8192 - plain) });
  assertEquals(full.length, 8192);
  assertEquals(answerTo(full).refusal, "");
  const large = upgradeRequest({ "X": "x".repeat(8193 - plain) });
  expectRefusal(large, 431, "a request above 8 KiB");
  expectRefusal("GET /" + "x".repeat(9000), 431, "a request above 8 KiB");
  const many = (count: number) =>
    upgradeRequest(
      Object.fromEntries(
        Array.from({ length: count - 6 }, (_, i) => [`X${i}`, "1"]),
      ),
    );
  assertEquals(answerTo(many(64)).refusal, "");
  expectRefusal(many(65), 431, "more than 64 header fields");
});
