/**
 * Opens a door of a broker: a listening socket, and what is behind it.
 *
 * @module
 */

import type { Driver } from "../net/driver.ts";
import { listen } from "../net/listening.ts";
import { doorReadings } from "../broker/readings.ts";
import type { DoorReadings } from "../metrics/readings.ts";
import { clocked, clockedEnhanced } from "./clocked.ts";
import { entranceOf, urlOf } from "./entrance_of.ts";
import type { ListenOptions, OpenDoor } from "./listen_options.ts";

const HOSTNAME = "127.0.0.1";

/** A door, and what there is to know of it. */
export interface OpenedDoor {
  /** The door. */
  readonly door: OpenDoor;
  /** What has gone through it; `undefined` when nothing will any more. */
  readings(): DoorReadings | undefined;
}

/**
 * Listens.
 *
 * @param setClock Brings the time along with answers to logins.
 * @throws {ListenError} When that is not possible.
 * @throws {RangeError} When an option is not as it should be.
 */
export async function openListener(
  driver: Driver,
  options: ListenOptions,
  setClock: () => void,
): Promise<OpenedDoor> {
  const { authenticator, enhancedAuthenticators } = options;
  const { hostname = HOSTNAME, port = 0 } = options;
  const address = { ...options, hostname, port };
  const entrance = await entranceOf({
    ...address,
    authenticator: authenticator && clocked(authenticator, setClock),
    enhancedAuthenticators: enhancedAuthenticators?.map((one) =>
      clockedEnhanced(one, setClock)
    ),
  }, driver.core.nowMs);
  const listening = await listen(driver, entrance, address);
  let isOpen = true;
  let validUntilMs = options.tls?.validUntilMs;
  return {
    door: {
      hostname: listening.hostname,
      port: listening.port,
      url: urlOf({ ...address, port: listening.port }),
      renew: async (tls) => {
        await listening.renew(tls);
        ({ validUntilMs } = tls);
      },
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        await listening.close();
      },
    },
    readings: () => {
      if (!isOpen && entrance.connections === 0) return undefined;
      return doorReadings(
        entrance,
        validUntilMs && validUntilMs - Date.now(),
      );
    },
  };
}
