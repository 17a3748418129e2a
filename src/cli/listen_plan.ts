/**
 * Which addresses the broker is to listen on, by its settings: without any
 * said, those that only this machine can reach. Opening them is done in
 * `cli/open_doors.ts`.
 *
 * @module
 */

import { formatAddress } from "../net/peer.ts";
import { type Address, isLoopback } from "./address.ts";
import type { Settings } from "./settings.ts";
import { UsageError } from "./usage_error.ts";

/** An address to listen on. */
export interface PlannedAddress extends Address {
  /**
   * `asked` must succeed. A `companion` takes the port that the address
   * before it has got, and is left out where the machine has no such address.
   */
  readonly kind: "asked" | "companion";
}

/** Where to listen, and what to say about it first. */
export interface ListenPlan {
  /** The addresses, in order. */
  readonly addresses: readonly PlannedAddress[];
  /** The first line of the log, when the choice was ours. */
  readonly note: string | undefined;
}

const NO_LOGIN = "no authentication is set up";

const LOOPBACK_ONLY = `listening on loopback only, as ${NO_LOGIN}; to let ` +
  "everyone in: --host 0.0.0.0 --allow-anonymous";

const LOOPBACK_FIRST = "listening on loopback only; to let users in from " +
  "other machines: --host 0.0.0.0";

/**
 * The addresses to listen on.
 *
 * @throws {UsageError} When one is open to others, no logins are checked and
 * nobody has said that everyone may come in, or when one is given twice.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { defaultSettings } from "./settings.ts";
 * import { planListening } from "./listen_plan.ts";
 *
 * const settings = defaultSettings();
 * const hosts = planListening(settings).addresses.map((one) => one.hostname);
 * assertEquals(hosts, ["127.0.0.1", "::1"]);
 * assertThrows(() => planListening({ ...settings, host: "0.0.0.0" }));
 * ```
 */
export function planListening(
  settings: Pick<
    Settings,
    "host" | "port" | "listen" | "allowAnonymous" | "scramFile"
  >,
): ListenPlan {
  const { host, port, listen } = settings;
  const asked = host === undefined
    ? listen
    : [{ hostname: host, port }, ...listen];
  if (asked.length === 0) {
    return {
      addresses: [
        { hostname: "127.0.0.1", port, kind: "asked" },
        { hostname: "::1", port, kind: "companion" },
      ],
      note: settings.scramFile === undefined ? LOOPBACK_ONLY : LOOPBACK_FIRST,
    };
  }
  const isGuarded = settings.scramFile !== undefined;
  if (!isGuarded && !settings.allowAnonymous) refuseOpenDoors(asked, host);
  refuseTwins(asked);
  return {
    addresses: asked.map((address) => ({ ...address, kind: "asked" })),
    note: undefined,
  };
}

function refuseOpenDoors(
  addresses: readonly Address[],
  host: string | undefined,
): void {
  const open = addresses.find(({ hostname }) => !isLoopback(hostname));
  if (open === undefined) return;
  const text = formatAddress(open.hostname, open.port);
  const flag = open.hostname === host ? `--host ${host}` : `--listen ${text}`;
  throw new UsageError(
    `${text} is open to other machines and ${NO_LOGIN}; to let everyone ` +
      `in: ${flag} --allow-anonymous`,
  );
}

/** The system's word for it would be that the port is in use: by us. */
function refuseTwins(addresses: readonly Address[]): void {
  const seen = new Set<string>();
  for (const { hostname, port } of addresses) {
    const text = formatAddress(hostname, port);
    if (port !== 0 && seen.has(text)) {
      throw new UsageError(`${text} is given twice`);
    }
    seen.add(text);
  }
}
