/**
 * A client at a door whose first bytes are looked at, with a socket in
 * memory. Its TLS is a hello of five bytes, behind which all is as it was.
 */

import type { Connection } from "../../src/broker/connection.ts";
import { entranceOf } from "../../src/host/entrance_of.ts";
import type { ListenOptions } from "../../src/host/listen_options.ts";
import type { Driver } from "../../src/net/driver.ts";
import type { Entrance } from "../../src/net/entrance.ts";
import { type Peer, Socket } from "../../src/net/socket.ts";
import { assert } from "./std_assert.ts";

/** From where it says that it comes: the proxy's address. */
export const PROXY_ADDRESS = "192.0.2.99";

/** What begins with this is TLS. */
export const HELLO: Uint8Array = Uint8Array.of(0x16, 3, 1, 0, 0);

const PROXIED: ListenOptions = { proxies: [PROXY_ADDRESS] };
const TLS: ListenOptions = {
  tls: {
    certificate: "",
    key: "",
    clientCa: undefined,
    clientCertificate: "no",
    minimumVersion: "1.2",
    alpn: [],
    validFromMs: 0,
    validUntilMs: 0,
  },
};

const DOORS = {
  "any": { any: true },
  "any, TLS": { any: true, ...TLS },
  "any, TLS, proxy": { any: true, ...TLS, ...PROXIED },
  "MQTT, proxy": PROXIED,
  "MQTT, TLS, proxy": { ...TLS, ...PROXIED },
  "WebSocket, proxy": { webSocket: {}, ...PROXIED },
} as const satisfies Record<string, ListenOptions>;

/** A door, by what is spoken there. */
export type DoorName = keyof typeof DOORS;

/** All of them. */
export const DOOR_NAMES = Object.keys(DOORS) as DoorName[];

const entrances = new Map<DoorName, Entrance>();
for (const name of DOOR_NAMES) {
  const options = { ...DOORS[name], deny: ["203.0.113.0/24"] };
  entrances.set(name, await entranceOf(options, 0));
}

/** The client and its socket. */
export class OpeningPeer extends Socket {
  declare connection: Connection;
  /** How often TLS was begun. */
  handshakes = 0;
  /** All is sent and the broker's side has ended. */
  isEnded = false;
  readonly #received: number[] = [];
  /** Of the hello, so many bytes are still to come. */
  #helloBytes = 0;

  constructor(driver: Driver, door: DoorName | Entrance) {
    const given = typeof door === "string" ? entrances.get(door)! : door;
    super(driver, { ...given, connections: 0 });
    assert(this.enter(), "the broker lets it in");
  }

  /** See `Socket`. */
  protected override get peer(): Peer {
    return { hostname: PROXY_ADDRESS, port: 5000 };
  }

  /** The client sends `bytes`, which are spoilt behind the turn. */
  send(bytes: Uint8Array): void {
    const hello = Math.min(this.#helloBytes, bytes.length);
    this.#helloBytes -= hello;
    if (this.isClosed || (hello > 0 && hello === bytes.length)) return;
    const chunk = new Uint8Array(bytes.length - hello + 3);
    chunk.set(bytes.subarray(hello));
    this.receive(chunk, bytes.length - hello);
    chunk.fill(0xee);
  }

  /** All that has come from the broker. */
  get received(): Uint8Array {
    return Uint8Array.from(this.#received);
  }

  /** See `Socket`. */
  secure(first: Uint8Array): void {
    assert(this.handshakes++ === 0, "TLS begins once");
    this.#helloBytes = HELLO.length;
    if (first.length > 0) this.send(first);
  }

  /** See `Transport`. */
  flush(): void {
    for (;;) {
      const piece = this.link.next();
      if (piece === null) break;
      assert(!this.isEnded, "nothing is sent behind the end");
      const { bytes, start, end } = piece;
      this.#received.push(...bytes.subarray(start, end));
      this.link.sent(end - start);
    }
    this.isEnded ||= this.connection.phase === "closed";
  }

  /** See `Transport`. */
  pause(): void {}

  /** See `Transport`. */
  resume(): void {}

  /** See `Socket`. */
  destroy(): void {
    if (!this.isClosed) this.forget();
  }
}
