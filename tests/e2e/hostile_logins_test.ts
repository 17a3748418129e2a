/**
 * Guessed passwords by the hundred, and packets that are too large for whom
 * sends them: before the login, after it, and in WebSocket frames whose
 * length is absurd.
 */

import { assert, assertEquals } from "@std/assert";
import { Attacker, manyTimes } from "../support/attacker.ts";
import { testRuntime } from "../support/e2e.ts";
import { beside, MIB, SCALE } from "../support/healthy.ts";
import { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { BINARY, clientFrame, upgradeRequest } from "../support/web_socket.ts";
import { connect, join } from "../support/wire.ts";

const LOCAL = "127.0.0.1";
/** A user whose password is `secret`, and what it costs to check it. */
const USER = "ada";
const PASSWORD = "secret";
const ITERATIONS = 100_000;
const SALT_BYTES = 12;

const GUESSES = Math.round(200 * SCALE);
const FAILURES_MAX = 30;
/** It outlives the test; that it ends is seen in `logins_test.ts`. */
const BAN_MS = 3_600_000;
const LARGE = Math.round(60 * SCALE);

/** A password file with one user, made by what the platform has. */
async function passwordFile(folder: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const text = new TextEncoder().encode(PASSWORD);
  const key = await crypto.subtle.importKey("raw", text, "PBKDF2", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-512", salt, iterations: ITERATIONS },
    key,
    512,
  );
  const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
  const hash = `$7$${ITERATIONS}$${base64(salt)}$${
    base64(new Uint8Array(bits))
  }`;
  const file = `${folder}/users`;
  await Deno.writeTextFile(file, `${USER}:${hash}\n`);
  return file;
}

/** What a proxy says in front: the client is at this address. */
function from(address: string): Uint8Array {
  return new TextEncoder().encode(
    `PROXY TCP4 ${address} ${LOCAL} 5000 1883\r\n`,
  );
}

testRuntime("a storm of guessed passwords", async (runtime) => {
  const folder = await Deno.makeTempDir({ prefix: "broker-storm-" });
  try {
    await using broker = await BrokerProcess.startBare({
      runtime,
      addressCount: 2,
      args: [
        ...["--listen", `mqtt://${LOCAL}:0`],
        ...["--listen", `mqtt://${LOCAL}:0?proxy=${LOCAL}`],
        ...["--password-file", await passwordFile(folder)],
        ...["--login-failures-max", `${FAILURES_MAX}`],
        ...["--login-ban-ms", `${BAN_MS}`],
        ...["--login-delay-ms", "100"],
      ],
    });
    const [, proxied] = broker.ports;
    const login = { userName: USER, password: PASSWORD };
    await beside(broker, async () => {
      await manyTimes(GUESSES, 50, async (index) => {
        using attacker = await Attacker.open(proxied!);
        const guess = { userName: USER, password: `guess ${index}` };
        await attacker.send(join(from("192.0.2.66"), connect(guess)));
        const answer = await attacker.untilHungUp();
        assert(answer.length === 0 || answer[3]! > 0, "nobody is let in");
      });
      // The address is banned, and others are not.
      using banned = await Attacker.open(proxied!);
      await banned.send(join(from("192.0.2.66"), connect(login)));
      assertEquals((await banned.untilHungUp()).length, 0);
      using other = await Attacker.open(proxied!);
      await other.send(join(from("192.0.2.67"), connect(login)));
      await other.swallow(4);
      assertEquals(other.receivedBytes, 4);
    }, { login });
    const refusals = new Set(broker.log.map(({ message }) => message));
    assert(refusals.has("too many failed logins from this address"));
    assertEquals(broker.stderr.includes("guess"), false, "no secret is logged");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A head that says so many bytes follow, and the first of them. */
function announced(firstByte: number, length: number): Uint8Array {
  const head: number[] = [firstByte];
  for (let rest = length; head.length === 1 || rest > 0; rest >>= 7) {
    head.push((rest & 127) | (rest > 127 ? 128 : 0));
  }
  return join(head, new Uint8Array(1000));
}

const CONNECTED = connect({ clientId: "" });
const TOO_LARGE: readonly Uint8Array[] = [
  announced(0x10, 64 * 1024),
  announced(0x10, 268_435_455),
  join(CONNECTED, announced(0x30, 10 * MIB)),
  join(CONNECTED, announced(0x82, 268_435_455)),
];

/** Frames with lengths that no message has. */
const ABSURD: readonly Uint8Array[] = [
  Uint8Array.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4),
  Uint8Array.of(0x82, 0xff, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4),
  Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4),
  Uint8Array.of(0x89, 0xfe, 0xff, 0xff, 1, 2, 3, 4),
  clientFrame(BINARY, announced(0x10, 268_435_455)),
  clientFrame(BINARY, join(CONNECTED, announced(0x30, 200 * MIB))),
];

testRuntime("packets and frames that are too large", async (runtime) => {
  const doors = ["mqtt", "ws"].map((it) => ["--listen", `${it}://${LOCAL}:0`]);
  await using broker = await BrokerProcess.startBare({
    runtime,
    addressCount: doors.length,
    args: [...doors.flat(), "--connect-timeout-ms", "1000"],
  });
  const [tcp, ws] = broker.ports;
  await beside(broker, async () => {
    await manyTimes(LARGE, 20, async (index) => {
      const isPlain = index % 2 === 0;
      const all = isPlain ? TOO_LARGE : ABSURD;
      const bytes = all[(index >> 1) % all.length]!;
      using attacker = await Attacker.open(isPlain ? tcp! : ws!);
      if (!isPlain) await attacker.send(upgradeRequest());
      await attacker.send(bytes);
      await attacker.untilHungUp();
    });
  });
});

/** Large ones first; the small ones fill what is left. */
const HELD_BYTES: readonly number[] = [
  ...new Array<number>(40).fill(60_000),
  ...new Array<number>(60).fill(1_200),
];

testRuntime("half packets up to their limit", async (runtime) => {
  await using broker = await BrokerProcess.start({
    runtime,
    args: ["--partial-bytes-max", `${2 * MIB}`],
  });
  await beside(broker, async () => {
    // Nobody has logged in, and together they hold all there is.
    using holders = new DisposableStack();
    for (const bytes of HELD_BYTES) {
      const attacker = holders.use(await Attacker.open(broker.port));
      const half = announced(0x10, bytes + 1000);
      await attacker.send(join(half, new Uint8Array(bytes - half.length)));
    }
    // A healthy client whose packet comes in two halves is served.
    using client = await RawClient.connected(broker.port, { clientId: "half" });
    const packet = join(
      [0x30, 0x83, 0x80, 0x02, 0, 1, 0x61],
      new Uint8Array(1 << 15),
    );
    for (let round = 0; round < 20; round++) {
      await client.send(packet.subarray(0, 20_000));
      await new Promise((resolve) => setTimeout(resolve, 2));
      await client.send(packet.subarray(20_000));
    }
    assertEquals(await client.packetsBeforePong(), []);
  });
});
