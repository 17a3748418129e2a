/**
 * A door: what the broker does differently for clients that come by one
 * listener and not by another. Sockets and their settings are `net/`'s.
 *
 * @module
 */

import type { Authenticator } from "../auth/authenticator.ts";
import type { EnhancedAuthenticator } from "../auth/enhanced_authenticator.ts";
import type { TokenBucket } from "../base/token_bucket.ts";
import type { MountPoint } from "./mount_point.ts";

/** Of the clients of one listener. */
export interface Door {
  /** For the log: `mqtts://0.0.0.0:8883`. */
  readonly name: string;
  /** Who may connect; `undefined` for whom the broker admits. */
  readonly authenticator: Authenticator | undefined;
  /** The same for logins of several steps. */
  readonly enhancedAuthenticators: readonly EnhancedAuthenticator[] | undefined;
  /** What stands before all topics of its clients, unseen by them. */
  readonly mountPoint: MountPoint | undefined;
  /** How many connections at most. */
  readonly connectionsMax: number;
  /** Whether operators come here: they get in when clients are too many. */
  readonly isForOperators?: boolean;
  /** Whether clients may come from `host`. */
  admits(host: string): boolean;
  /**
   * Whether `host` is a proxy that is believed when it says who its client
   * is; `undefined` where clients come themselves.
   */
  readonly isProxy: ((host: string) => boolean) | undefined;
  /** Bytes a second, for all together; `undefined` without a limit. */
  readonly bytes: TokenBucket | undefined;
  /** Messages a second, the same. */
  readonly messages: TokenBucket | undefined;
  /** Connections there are now. */
  connections: number;
  /** Connections that there were. */
  connectionsOpened: number;
  /** Bytes received. */
  bytesReceived: number;
  /** Bytes sent. */
  bytesSent: number;
  /** PUBLISH packets received. */
  publishReceived: number;
}

/**
 * A door with nothing special about it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plainDoor } from "./door.ts";
 *
 * assertEquals(plainDoor("tcp://127.0.0.1:1883").connections, 0);
 * ```
 */
export function plainDoor(name: string, given: Partial<Door> = {}): Door {
  return {
    authenticator: undefined,
    enhancedAuthenticators: undefined,
    mountPoint: undefined,
    connectionsMax: Infinity,
    admits: () => true,
    isProxy: undefined,
    bytes: undefined,
    messages: undefined,
    ...given,
    name,
    connections: 0,
    connectionsOpened: 0,
    bytesReceived: 0,
    bytesSent: 0,
    publishReceived: 0,
  };
}
