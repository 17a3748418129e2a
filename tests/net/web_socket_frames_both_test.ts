/**
 * WebSocket frames: any frames in any pieces give the bytes that are in
 * them, every broken rule its close code, and what the broker sends is
 * right. Runs under Deno and Bun.
 */

import {
  BINARY,
  CLOSE,
  CONTINUATION,
  type Ending,
  FrameDecoder,
  PING,
  PONG,
  TEXT,
  writeClose,
  writeFrameHead,
  writePong,
} from "../../src/net/web_socket_frames.ts";
import { unmask } from "../../src/net/web_socket_mask.ts";
import { forSeeds, pieces, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import {
  clientClose,
  clientFrame,
  drawFrames,
  type FrameShape,
  serverFrames,
} from "../support/web_socket.ts";
import { join } from "../support/wire.ts";

interface Decoded {
  data: Uint8Array;
  pings: Uint8Array[];
  ending: Ending | null;
}

/** Feeds copies of `chunks`; the newest ping of each is answered. */
function decodeAll(chunks: readonly Uint8Array[]): Decoded {
  const decoder = new FrameDecoder();
  const data: Uint8Array[] = [];
  const pings: Uint8Array[] = [];
  for (const bytes of chunks) {
    // Chunks lie anywhere in their memory, and are longer than what is new.
    const chunk = new Uint8Array(bytes.length + 9).subarray(3);
    chunk.set(bytes);
    decoder.decode(chunk, bytes.length);
    assertEquals(chunk.subarray(bytes.length), new Uint8Array(6));
    data.push(chunk.slice(decoder.start, decoder.end));
    if (decoder.pingBytes >= 0) {
      pings.push(decoder.ping.slice(0, decoder.pingBytes));
    }
    decoder.pingBytes = -1;
    chunk.fill(0xee);
  }
  return { data: concat(data), pings, ending: decoder.ending };
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function singleBytes(bytes: Uint8Array): Uint8Array[] {
  return [...bytes].map((byte) => Uint8Array.of(byte));
}

test("the examples of RFC 6455 section 5.7 are read", () => {
  const hello = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
  const masked = [0x37, 0xfa, 0x21, 0x3d, ...hello];
  assertEquals(clientFrame(TEXT, bytesOf("Hello")), join(0x81, 0x85, masked));
  assertEquals(clientFrame(PONG, bytesOf("Hello")), join(0x8a, 0x85, masked));
  const binary = decodeAll([join(0x82, 0x85, masked)]);
  assertEquals(binary, { data: bytesOf("Hello"), pings: [], ending: null });
  const pinged = decodeAll([join(0x89, 0x85, masked)]);
  assertEquals(pinged.pings, [bytesOf("Hello")]);
  const ponged = decodeAll([join(0x8a, 0x85, masked)]);
  assertEquals(ponged, { data: bytesOf(""), pings: [], ending: null });
  for (const length of [256, 65_536]) {
    const payload = new Uint8Array(length).fill(7);
    const frame = clientFrame(BINARY, payload);
    const head = length === 256
      ? [0x82, 0xfe, 0x01, 0x00]
      : [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0];
    assertEquals([...frame.subarray(0, head.length)], head);
    assertEquals(decodeAll([frame]).data, payload);
  }
});

test("the examples of RFC 6455 section 5.7 are written", () => {
  const out = new Uint8Array(16);
  assertEquals(writePong(out, 0, bytesOf("Hello"), 5), 7);
  assertEquals(out.subarray(0, 7), join(0x8a, 5, bytesOf("Hello")));
  const heads: [length: number, head: number[]][] = [
    [0, [0x82, 0]],
    [125, [0x82, 125]],
    [126, [0x82, 126, 0, 126]],
    [256, [0x82, 126, 1, 0]],
    [65_535, [0x82, 126, 255, 255]],
    [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
    [0x81020304, [0x82, 127, 0, 0, 0, 0, 0x81, 2, 3, 4]],
  ];
  for (const [length, head] of heads) {
    out.fill(0xee);
    assertEquals(writeFrameHead(out, 1, BINARY, length), 1 + head.length);
    assertEquals([...out.subarray(1, 1 + head.length)], head);
  }
});

test("a payload of any length is unmasked, wherever it lies", () => {
  const mask = [0xa1, 0xb2, 0xc3, 0xd4];
  const word = 0xd4c3b2a1 | 0;
  const lengths = [0, 1, 3, 4, 5, 15, 16, 17, 63, 300, 4095, 4096, 4133, 9001];
  for (const length of lengths) {
    for (const from of [0, 1, 2, 3, 6, 8, 14]) {
      for (const to of new Set([0, from >> 1, from])) {
        for (const hasView of [false, true]) {
          const memory = new Uint8Array(length + 40).subarray(from & 1);
          for (let i = 0; i < length; i++) {
            memory[from + i] = (i * 7 + (i >> 8)) ^ mask[i % 4]!;
          }
          memory[from + length] = 0x55;
          const view = hasView
            ? new DataView(memory.buffer, memory.byteOffset, memory.length)
            : null;
          unmask(memory, view, from, from + length, to, word);
          const isRight = memory.subarray(to, to + length)
            .every((byte, i) => byte === ((i * 7 + (i >> 8)) & 0xff));
          assert(isRight, `${length} bytes from ${from} to ${to}`);
          assertEquals(memory[from + length], 0x55);
        }
      }
    }
  }
});

/** Frames with control frames in between, and what they say. */
function conversation(random: Random): { bytes: Uint8Array; data: Uint8Array } {
  const data = random.bytes(random.pick([0, 5, 200, 3000, 9000]));
  const frames = drawFrames(random, data).flatMap((frame) =>
    random.chance(20)
      ? [frame, clientFrame(random.pick([PING, PONG]), random.bytes(125))]
      : [frame]
  );
  return { bytes: concat(frames), data };
}

test("any frames in any pieces give the same bytes", () => {
  forSeeds(400, (random) => {
    const { bytes, data } = conversation(random);
    const { data: got, ending } = decodeAll(pieces(random, bytes));
    assertEquals(ending, null);
    assertEquals(got, data);
    assertEquals(decodeAll([bytes]).data, data);
  });
});

test("frames byte by byte and cut at every point", () => {
  const bytes = join(
    clientFrame(BINARY, bytesOf("ab"), { fin: false }),
    clientFrame(PING, bytesOf("one")),
    clientFrame(CONTINUATION, [], { fin: false }),
    clientFrame(CONTINUATION, new Uint8Array(300).fill(1)),
    clientFrame(PING, bytesOf("two")),
    clientFrame(BINARY, bytesOf("z")),
    clientClose(1001, "ä"),
  );
  const data = join(bytesOf("ab"), new Uint8Array(300).fill(1), bytesOf("z"));
  const ending = { code: 1001, fault: "" };
  const single = decodeAll(singleBytes(bytes));
  assertEquals(single, {
    data,
    pings: [bytesOf("one"), bytesOf("two")],
    ending,
  });
  for (let at = 0; at <= bytes.length; at++) {
    const cut = decodeAll([bytes.slice(0, at), bytes.slice(at)]);
    assertEquals(cut.data, data, `cut at ${at}`);
    assertEquals(cut.ending, ending, `cut at ${at}`);
  }
});

test("of many pings in one chunk the newest is to be answered", () => {
  const chunk = join(
    clientFrame(PING, bytesOf("old")),
    clientFrame(BINARY, [1]),
    clientFrame(PING, bytesOf("newest")),
    clientFrame(PING, bytesOf("half")).subarray(0, 8),
  );
  const { data, pings } = decodeAll([chunk]);
  assertEquals([...data], [1]);
  assertEquals(pings, [bytesOf("newest")]);
});

const FAULTS: readonly (readonly [
  fault: string,
  code: number,
  frames: readonly Uint8Array[],
])[] = [
  ["reserved bits are set", 1002, [shaped(BINARY, { reserved: 4 })]],
  ["reserved bits are set", 1002, [shaped(BINARY, { reserved: 2 })]],
  ["reserved bits are set", 1002, [shaped(PING, { reserved: 1 })]],
  ["a frame that is not masked", 1002, [shaped(BINARY, { mask: null })]],
  ["a frame that is not masked", 1002, [shaped(CLOSE, { mask: null })]],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
    ["a frame of an unknown kind", 1002, [shaped(opcode)]] as const
  ),
  ["a control frame in fragments", 1002, [shaped(PING, { fin: false })]],
  ["a control frame in fragments", 1002, [shaped(CLOSE, { fin: false })]],
  ["a control frame above 125 bytes", 1002, [
    clientFrame(PING, new Uint8Array(126)),
  ]],
  ["a control frame above 125 bytes", 1002, [
    shaped(PONG, { lengthBytes: 8 }),
  ]],
  ["a continuation of nothing", 1002, [shaped(CONTINUATION)]],
  ["a continuation of nothing", 1002, [
    shaped(BINARY),
    shaped(CONTINUATION),
  ]],
  ["a message inside of another", 1002, [
    shaped(BINARY, { fin: false }),
    shaped(BINARY),
  ]],
  ["a message inside of another", 1002, [
    shaped(BINARY, { fin: false }),
    shaped(TEXT),
  ]],
  ["a length longer than need be", 1002, [shaped(BINARY, { lengthBytes: 2 })]],
  ["a length longer than need be", 1002, [shaped(BINARY, { lengthBytes: 8 })]],
  ["a length longer than need be", 1002, [
    shaped(BINARY, { lengthBytes: 8, length: 65_535 }),
  ]],
  ["a length beyond 63 bits", 1002, [
    shaped(BINARY, { lengthBytes: 8, length: 2 ** 63 }),
  ]],
  ["a frame above 1 GiB", 1009, [
    shaped(BINARY, { lengthBytes: 8, length: 2 ** 30 + 1 }),
  ]],
  ["a frame above 1 GiB", 1009, [
    shaped(BINARY, { lengthBytes: 8, length: 2 ** 62 }),
  ]],
  ["a text frame", 1003, [shaped(TEXT)]],
  ["a text frame", 1003, [shaped(TEXT, { fin: false })]],
  ["a Close frame with a code that is not allowed", 1002, [
    clientFrame(CLOSE, [3]),
  ]],
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535].map((code) =>
    [
      "a Close frame with a code that is not allowed",
      1002,
      [clientClose(code)],
    ] as const
  ),
  ["a reason that is not UTF-8", 1007, [
    clientFrame(CLOSE, [3, 0xe8, 0x61, 0xc3]),
  ]],
  ["a reason that is not UTF-8", 1007, [
    clientFrame(CLOSE, [3, 0xe8, 0xed, 0xa0, 0x80]),
  ]],
];

function shaped(opcode: number, shape: FrameShape = {}): Uint8Array {
  return clientFrame(opcode, [], shape);
}

test("every broken rule has its code, and good bytes before it count", () => {
  for (const [fault, code, frames] of FAULTS) {
    const bytes = join(
      clientFrame(BINARY, [7, 8]),
      ...frames,
      clientFrame(BINARY, [9]),
      clientClose(1000),
    );
    for (const chunks of [[bytes], singleBytes(bytes)]) {
      const { data, ending } = decodeAll(chunks);
      assertEquals(ending, { code, fault });
      assertEquals([...data], [7, 8]);
    }
  }
});

test("a huge length is one, however much comes behind it", () => {
  for (const [length, code] of [[2 ** 62, 1009], [2 ** 63, 1002]] as const) {
    const head = shaped(BINARY, { lengthBytes: 8, length });
    const { data, ending } = decodeAll([
      concat([head, new Uint8Array(70_000)]),
    ]);
    assertEquals([data.length, ending?.code], [0, code]);
  }
});

test("a Close frame may hold a code, a reason, or nothing", () => {
  const codes = [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4000, 4999];
  for (const code of codes) {
    const { ending } = decodeAll([clientClose(code, "Grüße 🌍")]);
    assertEquals(ending, { code, fault: "" });
  }
  const { ending } = decodeAll([clientFrame(CLOSE)]);
  assertEquals(ending, { code: 0, fault: "" });
  const full = decodeAll([clientClose(1000, "x".repeat(123))]);
  assertEquals(full.ending, { code: 1000, fault: "" });
});

test("a Close frame takes whole characters of its reason", () => {
  const out = new Uint8Array(140);
  assertEquals(writeClose(out, 1, 0, "not said"), 3);
  assertEquals([...out.subarray(1, 3)], [0x88, 0]);
  for (const [reason, kept] of [["ä".repeat(90), 61], ["🌍".repeat(31), 30]]) {
    const end = writeClose(out, 0, 1002, String(reason));
    const [frame] = serverFrames(out.subarray(0, end));
    const text = new TextDecoder("utf-8", { fatal: true })
      .decode(frame!.payload.subarray(2));
    assertEquals([...text].length, kept);
    assert(frame!.payload.length <= 125);
  }
});
