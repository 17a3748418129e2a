/**
 * TLS between real sockets and a broker: who the client is, handshakes that
 * fail or take too long, a proxy in front, a door for all, and another
 * certificate while a client is connected. Runs under Deno and Bun.
 */

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { LoginRequest } from "../../src/auth/authenticator.ts";
import { Core } from "../../src/broker/core.ts";
import { optionsWith } from "../../src/broker/options.ts";
import { entranceOf } from "../../src/host/entrance_of.ts";
import type { ListenOptions } from "../../src/host/listen_options.ts";
import { Driver, monotonicMs } from "../../src/net/driver.ts";
import { listen, type Listening } from "../../src/net/listening.ts";
import { readTls } from "../../src/net/read_tls.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { test } from "../support/both.ts";
import { Authority, type Issued } from "../support/certificates.ts";
import { within } from "../support/deadline.ts";
import { withoutTime } from "../support/secure_door.ts";
import { assert, assertEquals, assertMatch } from "../support/std_assert.ts";
import { connect, pingreq } from "../support/wire.ts";

const HOST = "127.0.0.1";
const CONNACK = [0x20, 2, 0, 0];
const PINGRESP = [0xd0, 0];
const PROXY = "PROXY TCP4 203.0.113.9 127.0.0.1 5555 8883\r\n";

/** A broker, an authority, and what both have said. */
class Scene implements AsyncDisposable {
  readonly authority = new Authority();
  readonly server: Issued = this.authority.issue("server", "/CN=localhost");
  readonly client: Issued = this.authority.issue("client", "/CN=dev-1");
  readonly logins: LoginRequest[] = [];
  readonly reasons: string[] = [];
  readonly core = new Core(
    optionsWith({
      limits: { connectTimeoutMs: 1000 },
      authenticator: {
        authenticate: (request, answer) => {
          this.logins.push(request);
          answer({ result: "allow" });
        },
      },
      logger: {
        enabled: () => true,
        log: (_level, event, _message, { address, reason }) => {
          if (event === "connection_closed") {
            this.reasons.push(`${String(address)} ${String(reason)}`);
          }
        },
      },
      store: new MemoryStore(),
      hashSeed: 1,
      newClientId: () => "auto",
    }),
    monotonicMs(),
  );
  readonly #driver = new Driver(this.core);
  readonly #doors: Listening[] = [];

  async door(options: ListenOptions): Promise<Listening> {
    const entrance = await entranceOf(options, monotonicMs());
    const place = { hostname: HOST, port: 0, tls: options.tls };
    const door = await listen(this.#driver, entrance, place);
    this.#doors.push(door);
    return door;
  }

  tls(isMutual: boolean, server = this.server) {
    const caFile = isMutual ? this.authority.caFile : undefined;
    return readTls({ ...server, caFile }, Date.now());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const door of this.#doors) door.close();
    await this.#driver.closeAll("the test is over", 500);
    this.#driver.stop();
    this.authority[Symbol.dispose]();
  }
}

/** A client that says something and hears whole answers. */
class Peer implements Disposable {
  readonly #socket: Socket;
  #heard: number[] = [];
  #isEnded = false;
  #look = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => {
      this.#heard.push(...chunk);
      this.#look();
    });
    const ended = () => {
      this.#isEnded = true;
      this.#look();
    };
    socket.on("error", ended);
    socket.on("close", ended);
    socket.on("end", () => socket.end());
  }

  say(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  async hears(bytes: number[]): Promise<void> {
    await this.#until(() => this.#heard.length >= bytes.length);
    assertEquals(this.#heard.splice(0, bytes.length), bytes);
  }

  async ends(): Promise<void> {
    await this.#until(() => this.#isEnded);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #until(isSo: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => {
      if (isSo()) resolve();
    };
    this.#look();
    return within(promise, "an answer");
  }
}

function plain(port: number): Peer {
  return new Peer(connectTcp(port, HOST));
}

/** TLS with a client that has a certificate, over `socket`. */
function secure({ authority, client }: Scene, socket: Socket): Peer {
  const [ca, cert, key] = [
    authority.caFile,
    client.certFile,
    client.keyFile,
  ].map((path) => authority.read(path));
  const names = { host: HOST, servername: "localhost" };
  const options = { socket, ca: ca!, cert: cert!, key: key!, ...names };
  return new Peer(connectTls(options) as TLSSocket);
}

test("TLS at a door: the broker learns whose certificate it was", async () => {
  await using scene = new Scene();
  const door = await scene.door({ tls: await scene.tls(true) });
  using peer = secure(scene, connectTcp(door.port, HOST));
  peer.say(connect({ clientId: "a" }));
  await peer.hears(CONNACK);
  const [login] = scene.logins;
  assertEquals(withoutTime(login?.certificate), {
    commonName: "dev-1",
    subject: "CN=dev-1",
  });
  assertMatch(login!.address, /^127\.0\.0\.1:\d+$/);
});

test("TLS at a door: behind a proxy, and where all is spoken", async () => {
  await using scene = new Scene();
  const tls = await scene.tls(true);
  const behind = await scene.door({ tls, proxies: [HOST] });
  const socket = connectTcp(behind.port, HOST);
  socket.write(PROXY);
  using proxied = secure(scene, socket);
  proxied.say(connect({ clientId: "a" }));
  await proxied.hears(CONNACK);
  assertEquals(scene.logins[0]?.address, "203.0.113.9:5555");
  assertEquals(scene.logins[0]?.certificate?.commonName, "dev-1");
  const all = await scene.door({ tls, any: true });
  using secured = secure(scene, connectTcp(all.port, HOST));
  secured.say(connect({ clientId: "b" }));
  await secured.hears(CONNACK);
  assertEquals(scene.logins[1]?.certificate?.commonName, "dev-1");
  using bare = plain(all.port);
  bare.say(connect({ clientId: "c" }));
  await bare.hears(CONNACK);
  assertEquals(scene.logins[2]?.certificate, undefined);
});

test("TLS at a door: a handshake that fails is told of once", async () => {
  await using scene = new Scene();
  const door = await scene.door({ tls: await scene.tls(false) });
  using well = secure(scene, connectTcp(door.port, HOST));
  well.say(connect({ clientId: "well" }));
  await well.hears(CONNACK);
  using other = plain(door.port);
  other.say(connect({ clientId: "no TLS" }));
  await other.ends();
  well.say(pingreq());
  await well.hears(PINGRESP);
  assertEquals(scene.core.counters.handshakesFailed, 1);
  assertEquals(scene.reasons.length, 1);
  assertMatch(
    scene.reasons[0]!,
    /^127\.0\.0\.1:\d+ the TLS .* failed: the client does not speak TLS$/,
  );
});

test("TLS at a door: a handshake has the time of a CONNECT", async () => {
  await using scene = new Scene();
  const door = await scene.door({ tls: await scene.tls(false) });
  using silent = plain(door.port);
  using slow = plain(door.port);
  slow.say("\x16\x03\x01\x02\x00\x01");
  await silent.ends();
  await slow.ends();
  assertEquals(scene.reasons.length, 2);
  for (const reason of scene.reasons) assertMatch(reason, /no CONNECT in time/);
  assertEquals(scene.core.connections.size, 0);
});

test("TLS at a door: who is connected outlives a certificate", async () => {
  await using scene = new Scene();
  const door = await scene.door({ tls: await scene.tls(true) });
  using before = secure(scene, connectTcp(door.port, HOST));
  before.say(connect({ clientId: "before" }));
  await before.hears(CONNACK);
  const next = scene.authority.issue("next", "/O=Next/CN=localhost");
  await door.renew(await scene.tls(true, next));
  using after = secure(scene, connectTcp(door.port, HOST));
  after.say(connect({ clientId: "after" }));
  await after.hears(CONNACK);
  before.say(pingreq());
  await before.hears(PINGRESP);
  assert(scene.core.connections.size === 2);
});
