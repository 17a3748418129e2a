/**
 * What comes to a client: packets are taken apart, messages are handed on
 * and acknowledged, answers find what waits for them.
 *
 * ```text
 *   QoS 1  PUBLISH ─► handed on, PUBACK
 *   QoS 2  PUBLISH ─► handed on unless its id is known, PUBREC
 *          PUBREL  ─► its id is forgotten, PUBCOMP
 * ```
 *
 * @module
 */

import {
  encodeAcknowledgement5,
  packetIdOf,
  readAcknowledgement,
  readBodiless,
  reasonOf,
  writeAcknowledgement,
} from "../codec/acknowledgement.ts";
import { type Connack, readConnack } from "../codec/connack.ts";
import { readDisconnect } from "../codec/disconnect.ts";
import { Framer } from "../codec/framer.ts";
import * as types from "../codec/packet_type.ts";
import {
  NO_PROPERTIES,
  type Properties,
  readProperties,
} from "../codec/properties.ts";
import type { PropertyPacket } from "../codec/property.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PublishView, readPublish } from "../codec/publish.ts";
import {
  PACKET_ID_NOT_FOUND,
  PROTOCOL_ERROR,
  SUCCESS,
  UNSPECIFIED_ERROR,
} from "../codec/reason_code.ts";
import { readSuback, readUnsuback } from "../codec/suback.ts";
import { ConnectionLost } from "./faults.ts";
import { reasonWords } from "./reason_words.ts";
import { copyReceived, type ReceivedMessage } from "./received_message.ts";

/** A broker's answer to one packet. */
export interface Answer {
  /** The reason code; for each filter, in order, where there are several. */
  readonly reasonCodes: readonly number[];
  /** None at levels 3 and 4. */
  readonly properties: Properties;
}

/** What is done with it. */
export interface InboxEvents {
  /** Sends a packet; `line` says which. */
  send(bytes: Uint8Array, line: string): void;
  /** Tells what has come. */
  trace(line: string): void;
  /** The broker has answered CONNECT. */
  connected(connack: Connack): void;
  /** A message has come; it is acknowledged when this returns. */
  received(message: ReceivedMessage): void;
  /** An answer has come. */
  answered(packetId: number, answer: Answer): void;
  /** Whether a message is under way with that id. */
  isWaiting(packetId: number): boolean;
  /** The broker has said that it ends the connection. */
  ended(reason: ConnectionLost): void;
}

/** The largest packet there can be, bytes. */
const PACKET_BYTES_MAX = 268_435_460;

/** The incoming half of one connection. */
export class Inbox {
  readonly #framer = new Framer(PACKET_BYTES_MAX);
  readonly #view = new PublishView();
  readonly #aliases = new Map<number, string>();
  readonly #level: number;
  readonly #receivedIds: Set<number>;
  readonly #events: InboxEvents;
  #isConnected = false;
  #hasEnded = false;

  /**
   * @param level The protocol level: 3, 4 or 5.
   * @param receivedIds QoS 2 messages whose PUBREL is still to come.
   */
  constructor(level: number, receivedIds: Set<number>, events: InboxEvents) {
    this.#level = level;
    this.#receivedIds = receivedIds;
    this.#events = events;
    this.#framer.firstBytes = level === 5
      ? types.FIRST_BYTE_VALID_5
      : level === 4
      ? types.FIRST_BYTE_VALID
      : types.FIRST_BYTE_VALID_3_1;
  }

  /**
   * Takes what has come.
   *
   * @throws {ProtocolError} When the broker breaks a rule.
   */
  receive(chunk: Uint8Array): void {
    const framer = this.#framer;
    framer.feed(chunk, chunk.length);
    while (!this.#hasEnded && framer.next()) {
      this.#take(framer.bytes[framer.start]! >> 4);
    }
  }

  /** Takes nothing more. */
  close(): void {
    this.#hasEnded = true;
  }

  #take(type: number): void {
    const { bytes, start, body, end } = this.#framer;
    if (!this.#isConnected && type !== types.CONNACK) {
      throw unexpected(type);
    }
    switch (type) {
      case types.CONNACK:
        return this.#takeConnack(bytes, body, end);
      case types.PUBLISH:
        readPublish(
          bytes,
          start,
          body,
          end,
          this.#level,
          this.#view,
          "server",
        );
        return this.#takePublish(copyReceived(this.#view, this.#aliases));
      case types.PUBACK:
      case types.PUBREC:
      case types.PUBREL:
      case types.PUBCOMP:
        return this.#takeAcknowledgement(type, bytes, body, end);
      case types.SUBACK:
      case types.UNSUBACK: {
        const read = type === types.SUBACK ? readSuback : readUnsuback;
        const answer = read(bytes, body, end, this.#level);
        this.#trace(type, `m${answer.packetId}, ${answer.reasonCodes}`);
        return this.#events.answered(answer.packetId, answer);
      }
      case types.PINGRESP:
        readBodiless(type, body, end);
        return this.#trace(type);
      case types.DISCONNECT:
        return this.#takeDisconnect(bytes, body, end);
      default:
        throw unexpected(type);
    }
  }

  #takeConnack(bytes: Uint8Array, at: number, end: number): void {
    if (this.#isConnected) throw unexpected(types.CONNACK);
    this.#isConnected = true;
    const connack = readConnack(bytes, at, end, this.#level);
    this.#trace(types.CONNACK, `${connack.reason}`);
    // A new session knows nothing of what was under way.
    if (!connack.sessionPresent) this.#receivedIds.clear();
    this.#events.connected(connack);
  }

  #takePublish(message: ReceivedMessage): void {
    const { topic, payload, qos, retain, dup, packetId } = message;
    this.#trace(
      types.PUBLISH,
      `d${Number(dup)}, q${qos}, r${Number(retain)}, m${packetId}, ` +
        `'${topic}', ... (${payload.length} bytes)`,
    );
    const isKnown = qos === 2 && this.#receivedIds.has(packetId);
    if (qos === 2) this.#receivedIds.add(packetId);
    if (!isKnown) this.#events.received(message); // [MQTT-4.3.3-2]
    if (qos === 1) this.#acknowledge(types.PUBACK, packetId);
    else if (qos === 2) this.#acknowledge(types.PUBREC, packetId);
  }

  #takeAcknowledgement(
    type: number,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): void {
    const value = readAcknowledgement(type, bytes, at, end, this.#level);
    const packetId = packetIdOf(value);
    const reason = reasonOf(value);
    this.#trace(type, `m${packetId}, ${reason}`);
    if (type === types.PUBREL) {
      const isKnown = this.#receivedIds.delete(packetId);
      this.#acknowledge(
        types.PUBCOMP,
        packetId,
        isKnown ? SUCCESS : PACKET_ID_NOT_FOUND,
      );
    } else if (type === types.PUBREC && reason < UNSPECIFIED_ERROR) {
      // [MQTT-4.3.3-1]; to what has its end already, in 5.0 with a reason.
      const isKnown = this.#events.isWaiting(packetId);
      this.#acknowledge(
        types.PUBREL,
        packetId,
        isKnown ? SUCCESS : PACKET_ID_NOT_FOUND,
      );
    } else {
      const properties = end > at + 3
        ? readProperties(nameOf(type), bytes, at + 3, end)
        : NO_PROPERTIES;
      this.#events.answered(packetId, { reasonCodes: [reason], properties });
    }
  }

  #acknowledge(type: number, packetId: number, reason = SUCCESS): void {
    const line = `sending ${nameOf(type)} (m${packetId})`;
    if (this.#level >= 5) {
      const properties = NO_PROPERTIES;
      const packet = { type, packetId, reason, properties };
      return this.#events.send(encodeAcknowledgement5(packet), line);
    }
    const bytes = new Uint8Array(4);
    writeAcknowledgement(bytes, 0, type, packetId);
    this.#events.send(bytes, line);
  }

  #takeDisconnect(bytes: Uint8Array, at: number, end: number): void {
    if (this.#level < 5) throw unexpected(types.DISCONNECT);
    const { reason, properties } = readDisconnect(
      bytes,
      at,
      end,
      this.#level,
      "server",
    );
    this.#trace(types.DISCONNECT, `${reason}`);
    const words = reasonWords(reason, properties.reasonString);
    const says = `the broker ended the connection: ${words}`;
    this.#events.ended(new ConnectionLost(says, { reason }));
  }

  #trace(type: number, details = ""): void {
    const end = details === "" ? "" : ` (${details})`;
    this.#events.trace(`received ${nameOf(type)}${end}`);
  }
}

function nameOf(type: number): PropertyPacket {
  return types.PACKET_NAMES[type] as PropertyPacket;
}

function unexpected(type: number): ProtocolError {
  return new ProtocolError(
    PROTOCOL_ERROR,
    `${nameOf(type)} at a time when no broker sends it`,
  );
}
