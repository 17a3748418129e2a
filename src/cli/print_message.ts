/**
 * Prints the messages of `broker sub` and `rr`.
 *
 * @module
 */

import type { ReceivedMessage } from "../client/received_message.ts";
import type { ClientSettings } from "./client_settings.ts";
import { formatMessage } from "./message_format.ts";

const LINE_FEED = 0x0a;
const EMPTY_PAYLOAD = "(null)";

/**
 * What is printed of a message.
 *
 * @param at When it came.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultClientSettings } from "./client_settings.ts";
 * import { printed } from "./print_message.ts";
 *
 * const message = {
 *   topic: "room/1",
 *   payload: new Uint8Array(0),
 *   qos: 0 as const,
 *   retain: false,
 *   dup: false,
 *   packetId: 0,
 *   properties: {},
 * };
 * const settings = { ...defaultClientSettings(), isVerbose: true };
 * const bytes = printed(message, settings, new Date());
 * assertEquals(new TextDecoder().decode(bytes), "room/1 (null)\n");
 * ```
 */
export function printed(
  message: ReceivedMessage,
  { format, isVerbose, isPretty, endsLines }: ClientSettings,
  at: Date,
): Uint8Array {
  const isEmpty = message.payload.length === 0;
  const plain = isVerbose ? `%t ${isEmpty ? EMPTY_PAYLOAD : "%p"}` : "%p";
  const options = { format: format ?? plain, isPretty, at };
  const bytes = formatMessage(message, options);
  if (!endsLines) return bytes;
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = LINE_FEED;
  return line;
}
