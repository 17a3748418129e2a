/**
 * Quality of service: the one word of MQTT that every room uses.
 *
 * @module
 */

/**
 * At most once, at least once, exactly once: MQTT 3.1.1 section 4.3.
 *
 * @example
 * ```ts
 * import type { QoS } from "./qos.ts";
 *
 * const atLeastOnce: QoS = 1;
 * console.log(atLeastOnce);
 * ```
 */
export type QoS = 0 | 1 | 2;
