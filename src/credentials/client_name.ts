/**
 * What may be somebody's name when it comes with a login rather than from the
 * client itself: it will stand in rules, in topics and in the log.
 *
 * @module
 */

/** 65,535 bytes of UTF-8 at three bytes a unit: MQTT 3.1.1 section 1.5.3. */
const NAME_CHARS_MAX = 21_845;

/**
 * Whether a value of JSON may be a user name or a client identifier.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 * import { isClientName } from "./client_name.ts";
 *
 * assert(isClientName("ada"));
 * assertFalse(isClientName(""));
 * assertFalse(isClientName("ada\n"));
 * assertFalse(isClientName(7));
 * ```
 */
export function isClientName(value: unknown): value is string {
  if (typeof value !== "string" || value === "") return false;
  if (value.length > NAME_CHARS_MAX || !value.isWellFormed()) return false;
  // deno-lint-ignore no-control-regex -- these are what is looked for
  return !/[\0-\x1f\x7f-\x9f]/.test(value);
}
