/**
 * Traces: the packets of a client, or the messages of topics, in the log for
 * a bounded time and at a bounded rate. Nothing is asked of any message when
 * nothing is traced.
 *
 * @module
 */

import type { LogFields } from "../base/logger.ts";
import { tapPackets } from "../broker/packet_tap.ts";
import type { PublishInfo } from "../broker/hooks.ts";
import { matches } from "../topic/topic.ts";
import type { ApiHost } from "./api_host.ts";
import { cutPayload } from "./payload_json.ts";

/** Lines of one trace in a second. */
const LINES_PER_SECOND = 100;
const WINDOW_MS = 1000;
const PAYLOAD_BYTES_MAX = 256;

/** What is traced, and how. */
export interface TraceOrder {
  /** Whose packets. */
  readonly clientId?: string;
  /** Messages of which topics. */
  readonly topicFilter?: string;
  /** For how long. */
  readonly seconds: number;
  /** Whether payloads are logged, too. */
  readonly hasPayloads: boolean;
}

/** One trace. */
export class Trace {
  /** Its name. */
  readonly id: string;
  /** What is traced. */
  readonly order: TraceOrder;
  /** When it ends, ms since 1970. */
  readonly untilMs: number;
  /** Lines that it has logged. */
  lines = 0;
  /** Lines that were too many. */
  skipped = 0;
  readonly #host: ApiHost;
  #windowMs = 0;
  #windowLines = 0;
  #isOver = false;
  #untap: (() => void) | undefined;
  readonly #offs: (() => void)[] = [];
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #onEnd: () => void;

  /** Begins it. */
  constructor(host: ApiHost, id: string, order: TraceOrder, onEnd: () => void) {
    this.#host = host;
    this.id = id;
    this.order = order;
    this.#onEnd = onEnd;
    const ms = order.seconds * 1000;
    this.untilMs = Date.now() + ms;
    this.#timer = setTimeout(() => this.end(), ms);
    const { clientId, topicFilter } = order;
    this.#say("trace_began", "a trace begins", { seconds: order.seconds });
    if (clientId !== undefined) this.#watchClient(clientId);
    if (topicFilter !== undefined) {
      this.#offs.push(host.onPublish((message) => this.#published(message)));
    }
  }

  /** Ends it. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#untap?.();
    for (const off of this.#offs) off();
    const { lines, skipped } = this;
    this.#say("trace_ended", "a trace is over", { lines, skipped });
    this.#onEnd();
  }

  #watchClient(clientId: string): void {
    const { onConnect, onDisconnect } = this.#host;
    this.#offs.push(
      onConnect((id) => {
        if (id !== clientId || this.#isOver) return;
        this.#line("trace_connected", "the client is connected", {});
        this.#tap(clientId);
      }),
      onDisconnect((id, reason) => {
        if (id !== clientId || this.#isOver) return;
        this.#line("trace_disconnected", "the client is gone", { reason });
      }),
    );
    this.#tap(clientId);
  }

  #tap(clientId: string): void {
    const { core } = this.#host;
    const connection = core.sessions.get(clientId)?.connection ?? null;
    this.#untap?.();
    this.#untap = connection === null ? undefined : tapPackets(
      connection,
      this.order.hasPayloads,
      (direction, packet) =>
        this.#line(`trace_${direction}`, `${packet.packet} ${direction}`, {
          ...packet,
        }),
    );
  }

  #published(message: PublishInfo): void {
    const { hasPayloads, topicFilter } = this.order;
    const { clientId, payload, qos, retain, topic } = message;
    if (this.#isOver || !matches(topicFilter!, topic)) return;
    const shown = hasPayloads ? cutPayload(payload, PAYLOAD_BYTES_MAX) : {};
    this.#line("trace_published", "a message is published", {
      topic,
      publisher: clientId,
      qos,
      retain,
      bytes: payload.length,
      ...shown,
    });
  }

  /** So many in a second, the rest is counted. */
  #line(event: string, message: string, fields: LogFields): void {
    const nowMs = performance.now();
    if (nowMs - this.#windowMs >= WINDOW_MS) {
      this.#windowMs = nowMs;
      this.#windowLines = 0;
    }
    if (this.#windowLines >= LINES_PER_SECOND) {
      this.skipped++;
      return;
    }
    this.#windowLines++;
    this.lines++;
    this.#say(event, message, fields);
  }

  #say(event: string, message: string, fields: LogFields): void {
    const { clientId, topicFilter } = this.order;
    this.#host.insist(event, message, {
      trace: this.id,
      ...(clientId !== undefined && { client_id: clientId }),
      ...(topicFilter !== undefined && { topic_filter: topicFilter }),
      ...fields,
    });
  }
}
