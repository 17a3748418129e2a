/**
 * The doors of a broker that runs: opened one after the other, told of in the
 * log, and given new certificates later. Which they are to be is decided in
 * `cli/listen_plan.ts`.
 *
 * @module
 */

import type { Broker } from "../host/broker.ts";
import type { ListenOptions, OpenDoor } from "../host/listen_options.ts";
import type { HttpDoor } from "../net/http_door.ts";
import { ListenError } from "../net/listening.ts";
import { formatAddress } from "../net/peer.ts";
import { daysLeft, type TlsSettings } from "../net/tls_settings.ts";
import { certificateWarnings } from "./certificate_warnings.ts";
import { doorOptions, tlsOf } from "./door_options.ts";
import type { Listener } from "./listener.ts";
import type { PlannedListener } from "./listen_plan.ts";
import type { LogWriter } from "./log_writer.ts";
import type { Logins } from "./logins.ts";
import { openDoors } from "./open_doors.ts";
import { mistakeIn } from "./told.ts";

const GONE = "no new clients come in here";
const RENEWED = "new clients see the certificate that was just read";

/** A door that is open, and what is behind it. */
export interface ServedDoor {
  /** As it was asked for. */
  readonly listener: PlannedListener;
  /** As it is. */
  readonly door: OpenDoor;
  /** How it was opened. */
  readonly options: ListenOptions;
  /** What its clients see. */
  tls: TlsSettings | undefined;
}

/** What a listener comes to before it is opened. */
interface ReadListener {
  readonly options: ListenOptions;
  readonly warnings: readonly string[];
}

/** The doors of one broker. */
export class ServedDoors {
  readonly #broker: Broker;
  readonly #log: LogWriter;
  /** What else is served by HTTP where all is spoken. */
  readonly #http: HttpDoor | undefined;
  #doors: ServedDoor[] = [];

  /** Opens none yet. */
  constructor(broker: Broker, log: LogWriter, http: HttpDoor | undefined) {
    this.#broker = broker;
    this.#log = log;
    this.#http = http;
  }

  /** Those that are open, with what their clients see. */
  get all(): readonly Readonly<ServedDoor>[] {
    return this.#doors;
  }

  /** Where clients are served. */
  get urls(): string[] {
    return this.#doors.map(({ door }) => door.url);
  }

  /**
   * Reads the files of all listeners, and then opens these.
   *
   * @param begin Called behind the first success: what is said before one is
   * said for nothing where that fails.
   * @throws {UsageError} When a file is not as it should be.
   * @throws {ListenError} When a listener can't be opened.
   */
  async open(
    listeners: readonly PlannedListener[],
    logins: Logins | undefined,
    begin: () => void,
  ): Promise<void> {
    const read = await readListeners(listeners, logins);
    await this.#open(listeners, read, begin);
  }

  /**
   * Reads the files of listeners that are not open yet. When what is returned
   * is called, these are all that are open: others are closed, and their
   * clients stay. When one can't be opened all is as it was.
   *
   * @throws {UsageError} When a file is not as it should be.
   */
  async change(
    listeners: readonly PlannedListener[],
    logins: Logins | undefined,
  ): Promise<() => Promise<void>> {
    const { added, removed } = differenceOf(this.#doors, listeners);
    const read = await readListeners(added, logins);
    return async () => {
      for (const served of removed) await this.#close(served);
      const before = this.#doors.length;
      try {
        await this.#open(added, read, () => {});
      } catch (cause) {
        if (!(cause instanceof ListenError)) throw cause;
        for (const served of this.#doors.slice(before)) {
          await this.#close(served);
        }
        await this.#openAgain(removed);
        throw mistakeIn("", cause);
      }
    };
  }

  async #openAgain(doors: readonly ServedDoor[]): Promise<void> {
    const read = new Map<Listener, ReadListener>();
    for (const { listener, options, tls } of doors) {
      read.set(listener, { options: { ...options, tls }, warnings: [] });
    }
    try {
      await this.#open(doors.map(({ listener }) => listener), read, () => {});
    } catch (error) {
      // Somebody was quicker.
      if (!(error instanceof ListenError)) throw error;
      this.#log.announce("error", "listen_failed", error.message, {});
    }
  }

  async #open(
    listeners: readonly PlannedListener[],
    read: ReadonlyMap<Listener, ReadListener>,
    begin: () => void,
  ): Promise<void> {
    const open = async (listener: PlannedListener, port: number) => {
      const { options, warnings } = read.get(listener)!;
      const http = options.any ? this.#http : undefined;
      const door = await this.#broker.listen({ ...options, http, port });
      const { tls } = options;
      const served = { listener, door, tls, options };
      return { served, port: door.port, warnings };
    };
    await openDoors(listeners, open, ({ served, warnings }) => {
      if (this.#doors.length === 0) begin();
      this.#doors.push(served);
      this.#tell("listening", "listening", served.door, served.tls);
      this.#warn(warnings, served.door);
    });
  }

  async #close(served: ServedDoor): Promise<void> {
    this.#doors = this.#doors.filter((one) => one !== served);
    await served.door.close();
    this.#tell("not_listening", GONE, served.door, undefined);
  }

  /**
   * Reads certificates and keys again; they are shown to new clients when
   * what is returned is called.
   *
   * @param listeners Those that stay; all unless given.
   * @throws {UsageError} When a file is not as it should be.
   */
  async read(
    listeners?: readonly PlannedListener[],
  ): Promise<() => Promise<void>> {
    const renewals: (() => Promise<void>)[] = [];
    const gone = listeners && differenceOf(this.#doors, listeners).removed;
    for (const served of this.#doors) {
      if (gone?.includes(served)) continue;
      const tls = await tlsOf(served.listener);
      if (tls === undefined || isSame(tls, served.tls)) continue;
      const warnings = await warningsOf(served.listener, tls);
      renewals.push(() => this.#renew(served, tls, warnings));
    }
    return async () => {
      for (const renew of renewals) await renew();
    };
  }

  async #renew(
    served: ServedDoor,
    tls: TlsSettings,
    warnings: readonly string[],
  ): Promise<void> {
    const { door } = served;
    try {
      await door.renew(tls);
    } catch (cause) {
      // The runtime is harder to please than we are.
      throw mistakeIn(`${door.url}: `, cause as Error);
    }
    served.tls = tls;
    this.#tell("certificate_renewed", RENEWED, door, tls);
    this.#warn(warnings, door);
  }

  #tell(
    event: string,
    message: string,
    { hostname, port, url }: OpenDoor,
    tls: TlsSettings | undefined,
  ): void {
    const address = hostname === "" ? url : formatAddress(hostname, port);
    this.#log.announce("info", event, message, {
      address,
      port,
      url,
      ...(tls && { certificate_days_left: daysLeft(tls, Date.now()) }),
    });
  }

  #warn(warnings: readonly string[], { url }: OpenDoor): void {
    for (const warning of warnings) {
      this.#log.announce("warn", "certificate", warning, { url });
    }
  }
}

async function readListeners(
  listeners: readonly PlannedListener[],
  logins: Logins | undefined,
): Promise<Map<Listener, ReadListener>> {
  const read = new Map<Listener, ReadListener>();
  for (const listener of listeners) {
    const options = await doorOptions(listener, logins);
    const warnings = await warningsOf(listener, options.tls);
    read.set(listener, { options, warnings });
  }
  return read;
}

/** Which listeners are to come, and which doors have to go. */
function differenceOf(
  doors: readonly ServedDoor[],
  listeners: readonly PlannedListener[],
): { added: PlannedListener[]; removed: ServedDoor[] } {
  const keyOf = (listener: PlannedListener) => JSON.stringify(listener);
  const wanted = new Set(listeners.map(keyOf));
  const open = new Set(doors.map(({ listener }) => keyOf(listener)));
  return {
    added: listeners.filter((listener) => !open.has(keyOf(listener))),
    removed: doors.filter(({ listener }) => !wanted.has(keyOf(listener))),
  };
}

async function warningsOf(
  { hostname }: Listener,
  tls: TlsSettings | undefined,
): Promise<string[]> {
  if (tls === undefined) return [];
  return await certificateWarnings(hostname, tls, Date.now());
}

function isSame(one: TlsSettings, other: TlsSettings | undefined): boolean {
  return one.certificate === other?.certificate && one.key === other.key &&
    one.clientCa === other.clientCa;
}
