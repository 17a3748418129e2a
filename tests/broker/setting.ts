/**
 * What tests of the whole pure broker need beside `conformance/talk.ts`:
 * brokers, clients that are not in step, and a look into logs and sessions.
 */

import { assert } from "@std/assert";
import { renewAccess } from "../../src/broker/access.ts";
import type { ClientSession } from "../../src/broker/core.ts";
import { publishLocal } from "../../src/broker/local.ts";
import type { LogLine, TestBroker } from "../support/test_broker.ts";
import { publish, type Qos } from "../support/wire.ts";
import type { LoginAnswer } from "../../src/auth/authenticator.ts";

/** The log lines of one event. */
export function logged(broker: TestBroker, event: string): LogLine[] {
  return broker.logs.filter((line) => line.event === event);
}

/** The session of a client that has one. */
export function sessionOf(
  broker: TestBroker,
  clientId: string,
): ClientSession {
  const session = broker.core.sessions.get(clientId);
  assert(session !== undefined, `no session of ${clientId}`);
  return session;
}

/** `count` PUBLISH packets with payloads of `bytes` bytes, in one piece. */
export function flood(
  topic: string,
  qos: Qos,
  count: number,
  bytes: number,
  packetId = 1,
): Uint8Array {
  const packets = Array.from({ length: count }, (_, index) =>
    publish({
      topic,
      qos,
      packetId: packetId + index,
      payload: new Uint8Array(bytes).fill(0x61),
    }));
  return concat(packets);
}

/** Joins byte arrays, also large ones. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** An authenticator whose answers come when the test gives them. */
export class PendingLogins {
  /** What was asked and not answered yet. */
  readonly waiting: ((answer: LoginAnswer) => void)[] = [];

  authenticate(
    _request: unknown,
    answer: (decision: LoginAnswer) => void,
  ): void {
    this.waiting.push(answer);
  }

  /** Answers the first that waits. */
  answer(result: LoginAnswer["result"]): void {
    const first = this.waiting.shift();
    assert(first !== undefined, "nobody waits for an answer");
    first({ result });
  }
}

/** Users or rules have changed: the broker is told, in a turn of its own. */
export function renew({ core }: TestBroker): void {
  renewAccess(core);
  core.endTurn();
}

/** The broker itself publishes "ours". */
export function publishOurs({ core }: TestBroker, topic: string): void {
  const payload = new TextEncoder().encode("ours");
  publishLocal(core, topic, payload, 0, false, {});
  core.endTurn();
}
