/**
 * Everything of a broker that must survive a stop, as plain values that can
 * be compared. It reads the core's state and changes nothing.
 */

import type { ClientSession, Core } from "../../src/broker/core.ts";
import type { Message } from "../../src/codec/message.ts";
import type { Delivery } from "../../src/session/delivery.ts";
import { PUBACK_DUE, PUBREC_DUE } from "../../src/session/inflight.ts";

/** One session in plain values. */
export interface SessionSnapshot {
  userName: string | undefined;
  subscriptions: string[];
  inflight: string[];
  waiting: string[];
  received: number[];
}

/** The persistent sessions by client id, and the retained messages. */
export interface Snapshot {
  sessions: Record<string, SessionSnapshot>;
  retained: string[];
}

export function snapshotOf(core: Core): Snapshot {
  const sessions: Record<string, SessionSnapshot> = {};
  for (const clientId of [...core.sessions.keys()].sort()) {
    const session = core.sessions.get(clientId)!;
    if (session.persistent) sessions[clientId] = sessionSnapshot(core, session);
  }
  const retained = core.retained.match("#").map(textOf).sort();
  return { sessions, retained };
}

function sessionSnapshot(
  core: Core,
  session: ClientSession,
): SessionSnapshot {
  const waiting: string[] = [];
  const show = ({ message, qos }: Delivery) => {
    waiting.push(`${qos} ${textOf(message)}`);
  };
  const { clientId, backlog, backlogLength } = session;
  for (let i = 0; i < backlogLength; i++) {
    const delivery = backlog.at(i);
    if (delivery !== undefined) show(delivery);
    else {
      const { store } = core.options;
      store.page(clientId, i, backlog.onDisk, (page) => page.forEach(show));
      i += backlog.onDisk - 1;
    }
  }
  return {
    userName: session.userName,
    subscriptions: [...session.subscriptions.values()]
      .map(({ filter, grant }) => `${filter} ${grant.qos}`)
      .sort(),
    inflight: session.inflight.inOrder().map((entry) => {
      const { packetId, state, delivery } = entry;
      const due = state === PUBACK_DUE
        ? "PUBACK"
        : state === PUBREC_DUE
        ? "PUBREC"
        : "PUBCOMP";
      const what = delivery === undefined
        ? "-"
        : `${delivery.retain ? "retained " : ""}${textOf(delivery.message)}`;
      return `${packetId} ${due} ${what}`;
    }),
    waiting,
    received: session.received.values(),
  };
}

function textOf(message: Message): string {
  // Payloads of the simulated world are told apart by how they begin.
  const payload = new TextDecoder().decode(message.payload.subarray(0, 12));
  return `${message.topic}=${payload} (${message.qos})`;
}
