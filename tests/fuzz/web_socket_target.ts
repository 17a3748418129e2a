/**
 * The WebSocket layer under bytes that are nearly right. Frames are read as
 * a plain model of RFC 6455 reads them, however they are cut; a request has
 * one answer; and at a whole broker a bad client harms nobody but itself.
 */

import { FrameDecoder } from "../../src/net/web_socket_frames.ts";
import { Handshake } from "../../src/net/web_socket_handshake.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import {
  clientClose,
  clientFrame,
  drawFrames,
  payloadOf,
  serverFrames,
  upgradeRequest,
} from "../support/web_socket.ts";
import { WebSocketPeer, withDriver } from "../support/web_socket_peer.ts";
import {
  connect,
  decode,
  disconnect,
  join,
  pingreq,
  publish,
  subscribe,
} from "../support/wire.ts";
import type { Target } from "./fuzzer.ts";
import { pieces, Random } from "./random.ts";

/** What was read: all that a decoder gives away. */
interface Read {
  data: number[];
  code: number;
  isFault: boolean;
}

const OPCODES = [0, 1, 2, 2, 2, 3, 8, 9, 9, 10, 11];
const REQUESTS: readonly Uint8Array[] = [
  upgradeRequest(),
  upgradeRequest({ "Sec-WebSocket-Protocol": "mqttv3.1, mqtt" }),
  upgradeRequest({ "Origin": "https://a.example", "Cookie": "a=b" }),
  upgradeRequest({ "Upgrade": null }, "GET / HTTP/1.1"),
];

/** Frames one after the other, until the first that may not be. */
function readPlainly(bytes: Uint8Array): Read {
  const read: Read = { data: [], code: -1, isFault: false };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fail = (code: number) => ({ ...read, code, isFault: true });
  let isFragmented = false;
  for (let at = 0; at + 2 <= bytes.length;) {
    const first = view.getUint8(at);
    const second = view.getUint8(at + 1);
    const opcode = first & 15;
    if ((first & 0x70) > 0 || second < 128) return fail(1002);
    if (![0, 1, 2, 8, 9, 10].includes(opcode)) return fail(1002);
    if (opcode >= 8 && (first < 128 || second > 253)) return fail(1002);
    if (opcode < 8 && isFragmented !== (opcode === 0)) return fail(1002);
    if (opcode === 1) return fail(1003);
    const lengthBytes = second === 254 ? 2 : second === 255 ? 8 : 0;
    const maskAt = at + 2 + lengthBytes;
    if (maskAt + 4 > bytes.length) break;
    const length = lengthBytes === 0
      ? BigInt(second & 127)
      : lengthBytes === 2
      ? BigInt(view.getUint16(at + 2))
      : view.getBigUint64(at + 2);
    if (length >= 1n << 63n) return fail(1002);
    if (lengthBytes === 2 && length < 126n) return fail(1002);
    if (lengthBytes === 8 && length < 65536n) return fail(1002);
    if (length > 1n << 30n) return fail(1009);
    const end = maskAt + 4 + Number(length);
    const payload = [...bytes.subarray(maskAt + 4, end)]
      .map((byte, i) => byte ^ bytes[maskAt + i % 4]!);
    if (opcode < 8) {
      read.data.push(...payload);
      isFragmented = first < 128;
    }
    if (end > bytes.length) break;
    if (opcode === 8) return { ...read, ...readClose(payload) };
    at = end;
  }
  return read;
}

function readClose(payload: number[]): { code: number; isFault: boolean } {
  if (payload.length === 0) return { code: 0, isFault: false };
  const code = payload[0]! * 256 + (payload[1] ?? 0);
  const isKnown = [1000, 1001, 1002, 1003].includes(code) ||
    (code > 1006 && code < 1015) || (code > 2999 && code < 5000);
  if (payload.length === 1 || !isKnown) return { code: 1002, isFault: true };
  try {
    const reason = Uint8Array.from(payload.slice(2));
    new TextDecoder("utf-8", { fatal: true }).decode(reason);
    return { code, isFault: false };
  } catch {
    return { code: 1007, isFault: true };
  }
}

function readAs(chunks: readonly Uint8Array[]): Read {
  const decoder = new FrameDecoder();
  const data: number[] = [];
  for (const chunk of chunks) {
    const lent = chunk.slice();
    decoder.decode(lent, lent.length);
    data.push(...lent.subarray(decoder.start, decoder.end));
    assert(decoder.pingBytes <= 125);
  }
  const { ending } = decoder;
  return {
    data,
    code: ending?.code ?? -1,
    isFault: (ending?.fault ?? "") !== "",
  };
}

function answerAs(chunks: readonly Uint8Array[]): string | undefined {
  const handshake = new Handshake({ path: "/mqtt", origins: [] });
  for (const chunk of chunks) {
    handshake.read(chunk, chunk.length);
    const { answer } = handshake;
    if (answer === null) continue;
    return new TextDecoder().decode(answer.response);
  }
  return undefined;
}

function singleBytes(bytes: Uint8Array): Uint8Array[] {
  return [...bytes].map((byte) => Uint8Array.of(byte));
}

/** Cuts that are the same for the same bytes. */
function cuts(bytes: Uint8Array): Uint8Array[] {
  return pieces(new Random(bytes.length), bytes);
}

/** A frame that is right, or nearly. */
function anyFrame(random: Random): Uint8Array {
  if (random.chance(8)) return clientClose(random.pick([1000, 1005, 4999]));
  const length = random.pick([0, 1, 5, 125, 126, 127, 1500]);
  return clientFrame(random.pick(OPCODES), random.bytes(length), {
    fin: random.chance(80),
    reserved: random.chance(97) ? 0 : random.below(8),
    mask: random.chance(98) ? [...random.bytes(4)] : null,
    ...(random.chance(95) ? {} : { lengthBytes: 8 }),
  });
}

function spoilt(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  for (let i = random.pick([0, 0, 1, 3]); i > 0; i--) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return random.chance(90) ? bytes : bytes.slice(random.below(9));
}

/** Frames alone. */
export const WEB_SOCKET_FRAMES_TARGET: Target = {
  name: "WebSocket frames",
  make(random: Random): Uint8Array {
    const some = drawFrames(random, random.bytes(random.below(400)));
    const others = random.list(0, 6, () => anyFrame(random));
    return spoilt(random, join(...some, ...others));
  },
  run(input: Uint8Array): void {
    const wanted = readPlainly(input);
    assertEquals(readAs([input]), wanted);
    assertEquals(readAs(cuts(input)), wanted);
    assertEquals(readAs(singleBytes(input)), wanted);
  },
};

/** The request alone. */
export const WEB_SOCKET_REQUEST_TARGET: Target = {
  name: "WebSocket request",
  make: (random: Random): Uint8Array =>
    spoilt(random, random.pick(REQUESTS).slice()),
  run(input: Uint8Array): void {
    const wanted = answerAs([input]);
    assertEquals(answerAs(cuts(input)), wanted);
    assertEquals(answerAs(singleBytes(input)), wanted);
    if (wanted === undefined || !wanted.startsWith("HTTP/1.1 101 ")) return;
    const text = new TextDecoder("latin1").decode(input);
    assert(/^GET \S+ HTTP\/[1-9]\.\d\r\n/.test(text), text);
    assert(/\r\nSec-WebSocket-Key:[ \t]*[\w+/]{22}==/i.test(text), text);
    assert(/\r\nSec-WebSocket-Version:[ \t]*13[ \t]*\r/i.test(text), text);
  },
};

/** All of it, at a broker with another client. */
export const WEB_SOCKET_TARGET: Target = {
  name: "WebSocket at a broker",
  make(random: Random): Uint8Array {
    const talk = join(
      connect({ clientId: "bad" }),
      subscribe(1, ["#", 1]),
      ...random.list(0, 4, () =>
        random.pick([
          pingreq(),
          publish({ topic: "a", payload: random.bytes(random.below(300)) }),
          publish({ topic: "a", qos: 1, packetId: 3 }),
          disconnect(),
        ])),
    );
    const frames = drawFrames(random, talk)
      .flatMap((frame) =>
        random.chance(15) ? [frame, anyFrame(random)] : [frame]
      );
    const request = random.chance(90) ? REQUESTS[0]! : random.pick(REQUESTS);
    if (random.chance(90)) {
      return join(request, spoilt(random, join(...frames)));
    }
    return spoilt(random, join(request, ...frames));
  },
  run(input: Uint8Array): void {
    withDriver((driver, broker) => {
      const witness = new WebSocketPeer(driver).upgrade();
      witness.sendBinary(connect({ clientId: "witness" }));
      const bad = new WebSocketPeer(driver);
      bad.isAsync = input.length % 2 === 0;
      for (const part of cuts(input)) {
        bad.send(part);
        if (part.length % 3 > 0) bad.endWrite(part.length);
        broker.checkInvariants();
      }
      while (bad.endWrite());
      checkSent(bad.take(), bad.connection.phase === "closed");
      assertEquals(bad.isEnded, bad.connection.phase === "closed");
      assertEquals(broker.core.counters.internalErrors, 0);
      witness.take();
      witness.sendBinary(pingreq());
      const answers = decode(payloadOf(witness.takeFrames()));
      assertEquals(answers, [{ type: "pingresp" }]);
      driver.closed(bad.connection, "it is over");
      assertEquals(broker.core.pool.queuedBytes, 0);
    });
  },
};

/** An answer, then whole frames, the last of which is the only Close. */
function checkSent(bytes: Uint8Array, isClosed: boolean): void {
  const text = new TextDecoder("latin1").decode(bytes);
  const headEnd = text.indexOf("\r\n\r\n") + 4;
  if (!text.startsWith("HTTP/1.1 101 ")) {
    assert(text === "" || /^HTTP\/1\.1 [45]\d\d /.test(text), text);
    return;
  }
  const frames = serverFrames(bytes.slice(headEnd));
  const closeAt = frames.findIndex(({ opcode }) => opcode === 8);
  assertEquals(closeAt, isClosed ? frames.length - 1 : -1);
}
