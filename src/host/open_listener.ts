/**
 * Opens a door of a broker: a listening socket, and what is behind it.
 *
 * @module
 */

import type { Authenticator } from "../auth/authenticator.ts";
import type { Driver } from "../net/driver.ts";
import { listen } from "../net/listening.ts";
import { entranceOf, urlOf } from "./entrance_of.ts";
import type { ListenOptions, OpenDoor } from "./listen_options.ts";

const HOSTNAME = "127.0.0.1";

/**
 * Listens.
 *
 * @param prepared Makes an authenticator fit for the broker.
 * @throws {ListenError} When that is not possible.
 * @throws {RangeError} When an option is not as it should be.
 */
export async function openListener(
  driver: Driver,
  options: ListenOptions,
  prepared: (authenticator: Authenticator) => Authenticator,
): Promise<OpenDoor> {
  const { authenticator, hostname = HOSTNAME, port = 0 } = options;
  const address = { ...options, hostname, port };
  const entrance = await entranceOf({
    ...address,
    authenticator: authenticator && prepared(authenticator),
  }, driver.core.nowMs);
  const listening = await listen(driver, entrance, address);
  return {
    hostname: listening.hostname,
    port: listening.port,
    url: urlOf({ ...address, port: listening.port }),
    renew: (tls) => listening.renew(tls),
    close: () => listening.close(),
  };
}
