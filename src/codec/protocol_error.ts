/**
 * The peer's fault. Thrown by the codec and the handlers, caught once in
 * `broker/connection.ts`, where it ends the connection: an exception never
 * steers what goes well.
 *
 * @module
 */

/**
 * A broken rule of the protocol, or a limit that was hit.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { Broker, ProtocolError } from "@x/broker";
 *
 * await using broker = new Broker();
 * assertThrows(() => broker.subscribe("a/#/b"), ProtocolError);
 * ```
 */
export class ProtocolError extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "ProtocolError";
  /** The reason code: see `codec/reason_code.ts`. */
  readonly reason: number;

  /**
   * An error that names what was broken.
   *
   * @param reason A reason code of MQTT 5.0 section 2.4.
   * @param detail A sentence that names the rule or the limit.
   */
  constructor(reason: number, detail: string) {
    super(detail);
    this.reason = reason;
  }
}
