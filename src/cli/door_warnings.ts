/**
 * What an operator should do something about at a listener.
 *
 * @module
 */

import type { Warning } from "../http/api_host.ts";
import { certificateWarning } from "../net/tls_settings.ts";
import { isLoopback } from "./address.ts";
import type { ServedDoor } from "./served_doors.ts";

/** Whether what is said at a listener can be read on the way. */
const IN_PLAIN_TEXT: readonly string[] = ["mqtt", "ws"];

/** The warnings about a listener. */
export function doorWarnings(
  { door, listener, tls }: Pick<ServedDoor, "door" | "listener" | "tls">,
  isAnonymous: boolean,
): Warning[] {
  const { url } = door;
  const warnings: Warning[] = [];
  const isReached = listener.spoken !== "unix" &&
    !isLoopback(listener.hostname);
  if (isReached && isAnonymous) {
    warnings.push({
      code: "anonymous_public",
      message: `${url} lets everybody in, from other machines too`,
    });
  }
  const isPlain = IN_PLAIN_TEXT.includes(listener.spoken) ||
    listener.spoken === "any";
  if (isReached && isPlain && !isAnonymous) {
    warnings.push({
      code: "plain_passwords",
      message: `passwords go to ${url} in plain text: whoever is on the way ` +
        "can read them",
    });
  }
  const ofTime = tls && certificateWarning(tls, Date.now());
  if (ofTime !== undefined) {
    warnings.push({ code: "certificate", message: `${url}: ${ofTime}` });
  }
  return warnings;
}
