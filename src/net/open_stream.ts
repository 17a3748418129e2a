/**
 * Opens a stream of bytes to a broker by the fastest way that the runtime
 * has. To be loaded when it is needed.
 *
 * @module
 */

import type { ByteStream } from "./byte_stream.ts";
import { hasDenoStream, openDenoStream } from "./deno_stream.ts";
import {
  addressText,
  type DialAddress,
  DialError,
  dialFault,
} from "./dial_address.ts";
import { openNodeStream } from "./node_stream.ts";

/**
 * Connects. A WebSocket's path is left to who frames what goes through.
 *
 * @param timeoutMs How long it may take.
 * @throws {DialError} When there is no way: in a sentence with the address.
 */
export async function openStream(
  address: DialAddress,
  timeoutMs: number,
): Promise<ByteStream> {
  const opening = hasDenoStream(address)
    ? openDenoStream(address)
    : openNodeStream(address);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DialError("there is no answer"));
      opening.then((stream) => stream.close(), () => {});
    }, timeoutMs);
  });
  try {
    return await Promise.race([opening, late]);
  } catch (cause) {
    const where = addressText(address);
    throw new DialError(`can't connect to ${where}: ${dialFault(cause)}`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}
