/**
 * A message on its way to one session, and how it is to be sent. It does not
 * change; all sessions that get a message in the same way share one.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { Message } from "../codec/message.ts";

const NO_IDS: readonly number[] = [];

/** What to send, and how. */
export class Delivery {
  /** The message, shared with all sessions for which it waits. */
  readonly message: Message;
  /** The QoS with which it goes out. */
  readonly qos: QoS;
  /** Whether it goes out with RETAIN. */
  readonly retain: boolean;
  /** The subscription identifiers that go along: MQTT 5.0 section 3.3.2.3.8. */
  readonly subscriptionIds: readonly number[];
  /**
   * The shared subscription, as its whole filter, because of which this
   * session gets it; empty when it is not shared.
   */
  readonly share: string;

  /** A delivery; the usual one is neither retained nor shared. */
  constructor(
    message: Message,
    qos: QoS,
    retain = false,
    subscriptionIds = NO_IDS,
    share = "",
  ) {
    this.message = message;
    this.qos = qos;
    this.retain = retain;
    this.subscriptionIds = subscriptionIds;
    this.share = share;
  }
}
