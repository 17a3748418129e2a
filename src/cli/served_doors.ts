/**
 * The doors of a broker that runs: opened one after the other, told of in the
 * log, and given new certificates later. Which they are to be is decided in
 * `cli/listen_plan.ts`.
 *
 * @module
 */

import type { Broker } from "../host/broker.ts";
import type { ListenOptions, OpenDoor } from "../host/listen_options.ts";
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

const RENEWED = "new clients see the certificate that was just read";

/** A door that is open, and what is behind it. */
interface ServedDoor {
  readonly listener: Listener;
  readonly door: OpenDoor;
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
  readonly #doors: ServedDoor[] = [];

  /** Opens none yet. */
  constructor(broker: Broker, log: LogWriter) {
    this.#broker = broker;
    this.#log = log;
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
    const read = new Map<Listener, ReadListener>();
    for (const listener of listeners) {
      const options = await doorOptions(listener, logins);
      const warnings = await warningsOf(listener, options.tls);
      read.set(listener, { options, warnings });
    }
    const open = async (listener: PlannedListener, port: number) => {
      const { options, warnings } = read.get(listener)!;
      const door = await this.#broker.listen({ ...options, port });
      const { tls } = options;
      return { listener, door, tls, port: door.port, warnings };
    };
    await openDoors(listeners, open, ({ listener, door, tls, warnings }) => {
      if (this.#doors.length === 0) begin();
      this.#doors.push({ listener, door, tls });
      this.#tell("listening", "listening", door, tls);
      this.#warn(warnings, door);
    });
  }

  /**
   * Reads certificates and keys again; they are shown to new clients when
   * what is returned is called.
   *
   * @throws {UsageError} When a file is not as it should be.
   */
  async read(): Promise<() => Promise<void>> {
    const renewals: (() => Promise<void>)[] = [];
    for (const served of this.#doors) {
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
