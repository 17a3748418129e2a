/**
 * The message that is being routed: a view of borrowed bytes, and the owned
 * copy of it once one is needed.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { copyMessage, type Message, viewMessage } from "../codec/message.ts";
import { PublishView } from "../codec/publish.ts";
import { Delivery } from "../session/delivery.ts";
import type { Grant } from "../topic/subscription.ts";

/** A message on its way through a turn. Reused: one a broker. */
export class Publication extends PublishView {
  /** Whether the bytes are a packet of 5.0. */
  isV5 = false;
  /** Whether the bytes are nobody else's, and stay as they are. */
  isOwned = false;
  #nowMs = 0;
  #copy: Message | undefined;
  /** The usual delivery at each QoS, once it was asked for. */
  #plain0: Delivery | undefined;
  #plain1: Delivery | undefined;
  #plain2: Delivery | undefined;

  /** The view shows another message now: a packet of its publisher. */
  begin(isV5: boolean, nowMs: number): void {
    this.isV5 = isV5;
    this.isOwned = false;
    this.#nowMs = nowMs;
    this.#forget(undefined);
  }

  /** Shows a message that is owned already. */
  show(message: Message): void {
    viewMessage(message, this);
    this.isV5 = false;
    this.isOwned = true;
    this.#forget(message);
  }

  /** The owned copy: made once, shared by all who keep the message. */
  get message(): Message {
    return this.#copy ??= copyMessage(this, this.#nowMs);
  }

  /** How many bytes the payload has. */
  get payloadLength(): number {
    return this.end - this.payloadAt;
  }

  /** Whether the bytes are a packet as it came in. */
  get isFrame(): boolean {
    return this.topicAt > this.frameAt;
  }

  /** Whether it goes out with RETAIN: MQTT 5.0 section 3.3.1.3. */
  retainFor(grant: Grant): boolean {
    return this.retain && grant.retainAsPublished;
  }

  /** What a session keeps of it. */
  delivery(qos: QoS, grant: Grant, share: string): Delivery {
    const { subscriptionIds } = grant;
    const retain = this.retainFor(grant);
    if (retain || subscriptionIds.length > 0 || share !== "") {
      return new Delivery(this.message, qos, retain, subscriptionIds, share);
    }
    if (qos === 1) return this.#plain1 ??= new Delivery(this.message, 1);
    if (qos === 2) return this.#plain2 ??= new Delivery(this.message, 2);
    return this.#plain0 ??= new Delivery(this.message, 0);
  }

  #forget(copy: Message | undefined): void {
    this.#copy = copy;
    this.#plain0 = this.#plain1 = this.#plain2 = undefined;
  }
}
