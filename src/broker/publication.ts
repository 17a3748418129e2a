/**
 * The message that is being routed: a view of borrowed bytes, and the owned
 * copy of it once one is needed.
 *
 * @module
 */

import { copyMessage, type Message, viewMessage } from "../codec/message.ts";
import { PublishView } from "../codec/publish.ts";

/** A message on its way through a turn. Reused: one a broker. */
export class Publication extends PublishView {
  #copy: Message | undefined;

  /** Forgets the copy: the view shows another message now. */
  begin(): void {
    this.#copy = undefined;
  }

  /** Shows a message that is owned already. */
  show(message: Message): void {
    viewMessage(message, this);
    this.#copy = message;
  }

  /** The owned copy: made once, shared by all who keep the message. */
  get message(): Message {
    return this.#copy ??= copyMessage(this);
  }

  /** How many bytes the payload has. */
  get payloadLength(): number {
    return this.end - this.payloadAt;
  }
}
