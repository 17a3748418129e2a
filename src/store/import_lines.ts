/**
 * Puts lines of JSON, as `store/export_lines.ts` writes them, into a file
 * that is empty: all of them or none.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { Message } from "../codec/message.ts";
import { subscriptionFault } from "../topic/shared_filter.ts";
import { LINES_FORMAT } from "./export_lines.ts";
import { JsonFields, LineFault, wholeOf } from "./json_fields.ts";
import { messageOfJson } from "./message_json.ts";
import { headOf, optionsOf } from "./row_format.ts";
import { FLIGHT_ORDER } from "./session_rows.ts";
import type { ToolRows } from "./tool_rows.ts";

const PACKET_ID_MAX = 65_535;
const SUBSCRIPTION_ID_MAX = 268_435_455;
const UINT32_MAX = 0xffff_ffff;
const TEXT_BYTES_MAX = 65_535;
const TIME_MAX = Number.MAX_SAFE_INTEGER;

/** A larger message is kept apart, as the journal does it. */
const ROW_BODY_BYTES_MAX = 1024;

/** The session to which the lines belong. */
interface Owner {
  readonly id: number;
  readonly clientId: string;
  /** Packet ids in flight to it. */
  readonly inflight: Set<number>;
  readonly filters: Set<string>;
  places: number;
  /** Whether something waits: then nothing more is in flight. */
  hasWaiting: boolean;
}

/** A message, and when it expires. */
interface Content {
  readonly message: Message;
  readonly expiresAt: number | null;
}

/** What several wait for. */
interface Shared extends Omit<Content, "message"> {
  /** Its number in the file. */
  readonly id: number;
  /** What its `head` is but for QoS and RETAIN. */
  readonly head: number;
  /** Whether somebody waits for it. */
  isUsed: boolean;
}

/** Takes the lines of one file, from the first on. */
export class ImportLines {
  readonly #rows: ToolRows;
  readonly #kinds: Readonly<Record<string, (fields: JsonFields) => void>> = {
    session: (fields) => this.#session(fields),
    subscription: (fields) => this.#subscription(fields),
    message: (fields) => this.#message(fields),
    pubrel: (fields) => this.#pubrel(fields),
    shared: (fields) => this.#sharedMessage(fields),
    retained: (fields) => this.#retained(fields),
    end: (fields) => this.#end(fields),
  };
  readonly #clients = new Set<string>();
  readonly #topics = new Set<string>();
  readonly #shared = new Map<number, Shared>();
  #messages = 0;
  #owner: Owner | undefined;
  #lines = 0;
  #hasBegun = false;
  #hasEnded = false;

  /** Into a file that has nothing, in a transaction that has begun. */
  constructor(rows: ToolRows) {
    this.#rows = rows;
  }

  /**
   * Takes the next line.
   *
   * @throws {LineFault} When it is not one that can stand there.
   */
  take(line: string): void {
    const fields = new JsonFields(parsed(line), "it");
    const kind = fields.text("kind");
    if (this.#hasEnded) throw new LineFault("it stands behind the end");
    this.#lines++;
    if (!this.#hasBegun) {
      if (kind !== "store") throw new LineFault('no line of kind "store"');
      fields.whole("format", LINES_FORMAT, LINES_FORMAT);
      this.#hasBegun = true;
    } else if (Object.hasOwn(this.#kinds, kind)) this.#kinds[kind]!(fields);
    else throw new LineFault(`there is no kind ${JSON.stringify(kind)}`);
    fields.end();
  }

  /** Whether all lines have come. */
  get isWhole(): boolean {
    return this.#hasEnded;
  }

  #end(fields: JsonFields): void {
    const lines = fields.whole("lines", 1, TIME_MAX);
    const before = this.#lines - 1;
    if (lines !== before) {
      throw new LineFault(`${before} lines stand before it, not ${lines}`);
    }
    for (const [number, { isUsed }] of this.#shared) {
      if (isUsed) continue;
      throw new LineFault(`nobody waits for what has the id ${number}`);
    }
    this.#hasEnded = true;
  }

  #session(fields: JsonFields): void {
    const clientId = bounded(fields.text("clientId"), "clientId");
    if (this.#clients.has(clientId)) throw new LineFault("it was there before");
    this.#clients.add(clientId);
    const id = this.#clients.size;
    const userName = fields.textIfAny("userName");
    this.#rows.put(
      "putSession",
      id,
      clientId,
      fields.wholeIfAny("expiryMs", 0, TIME_MAX) ?? null,
      fields.wholeIfAny("leftAt", 0, TIME_MAX) ?? null,
      userName ?? null,
      fields.flag("ownRights") ? 1 : 0,
      ...willValues(fields),
    );
    const received = new Set<number>();
    for (const value of fields.list("receivedIds")) {
      const packetId = wholeOf(value, "a received id", 1, PACKET_ID_MAX);
      if (received.has(packetId)) throw new LineFault("a received id is twice");
      received.add(packetId);
      this.#rows.put("putReceived", id, packetId);
    }
    this.#owner = {
      id,
      clientId,
      inflight: new Set(),
      filters: new Set(),
      places: 0,
      hasWaiting: false,
    };
  }

  /** Whose the line is: that of the last session. */
  #ownerOf(fields: JsonFields): Owner {
    const owner = this.#owner;
    if (owner !== undefined && fields.text("clientId") === owner.clientId) {
      return owner;
    }
    throw new LineFault("it does not belong to the session before it");
  }

  #subscription(fields: JsonFields): void {
    const { id, filters } = this.#ownerOf(fields);
    const filter = bounded(fields.text("filter"), "filter");
    const wrong = subscriptionFault(filter);
    if (wrong !== undefined) throw new LineFault(wrong);
    if (filters.has(filter)) throw new LineFault("it was there before");
    filters.add(filter);
    const ids = idsOf(fields, "ids");
    const options = optionsOf({
      qos: qosOf(fields, "qos"),
      noLocal: fields.flag("noLocal"),
      retainAsPublished: fields.flag("retainAsPublished"),
      subscriptionIds: ids,
    });
    const text = ids.length > 0 ? JSON.stringify(ids) : null;
    this.#rows.put("putSubscription", id, filter, options, text);
  }

  #message(fields: JsonFields): void {
    const owner = this.#ownerOf(fields);
    const flight = this.#flightOf(owner, fields, "packetId");
    const qos = qosOf(fields, "qos");
    if (flight > 0 && qos === 0) throw new LineFault("QoS 0 has no packetId");
    const retain = fields.flag("retain");
    const ids = idsOf(fields, "subscriptionIds");
    const share = fields.textIfAny("share") ?? "";
    const extra = ids.length > 0 || share !== ""
      ? JSON.stringify([ids, share])
      : null;
    const place = ++owner.places;
    const how = qos + (retain ? 4 : 0);
    if (fields.has("shared")) {
      const number = fields.whole("shared", 1, TIME_MAX);
      const shared = this.#shared.get(number);
      if (shared === undefined) {
        throw new LineFault(`no line before it has the id ${number}`);
      }
      shared.isUsed = true;
      const { id, head, expiresAt } = shared;
      this.#rows.put("addUse", id);
      this.#put(owner, place, flight, head + how, expiresAt, extra, id, null);
      return;
    }
    const { message, expiresAt } = contentOf(fields, "publishedQos");
    const { bytes } = message;
    const head = headOf(message, qos, retain);
    const isApart = bytes.length > ROW_BODY_BYTES_MAX;
    const id = isApart ? this.#putMessage(1, bytes) : null;
    const body = isApart ? null : bytes;
    this.#put(owner, place, flight, head, expiresAt, extra, id, body);
  }

  #put(
    { id }: Owner,
    ...values: readonly (number | string | Uint8Array | null)[]
  ): void {
    this.#rows.put("putQueue", id, ...values);
  }

  #pubrel(fields: JsonFields): void {
    const owner = this.#ownerOf(fields);
    const flight = this.#flightOf(owner, fields, "packetId");
    if (flight === 0) throw new LineFault("packetId is missing");
    const place = ++owner.places;
    this.#put(owner, place, flight, 0, null, null, null, null);
  }

  /** 0 for what waits. */
  #flightOf(owner: Owner, fields: JsonFields, name: string): number {
    const packetId = fields.wholeIfAny(name, 1, PACKET_ID_MAX);
    if (packetId === undefined) {
      owner.hasWaiting = true;
      return 0;
    }
    if (owner.hasWaiting) throw new LineFault("it stands behind what waits");
    const { inflight } = owner;
    if (inflight.has(packetId)) throw new LineFault("its packetId is in use");
    inflight.add(packetId);
    return inflight.size * FLIGHT_ORDER + packetId;
  }

  #sharedMessage(fields: JsonFields): void {
    const number = fields.whole("id", 1, TIME_MAX);
    if (this.#shared.has(number)) throw new LineFault("its id is in use");
    const { message, expiresAt } = contentOf(fields, "publishedQos");
    const id = this.#putMessage(0, message.bytes);
    const head = headOf(message, 0, false);
    this.#shared.set(number, { id, head, expiresAt, isUsed: false });
  }

  #putMessage(uses: number, bytes: Uint8Array): number {
    this.#rows.put("putMessage", ++this.#messages, uses, bytes);
    return this.#messages;
  }

  #retained(fields: JsonFields): void {
    const { message, expiresAt } = contentOf(fields, "qos");
    const { topic, qos, bytes } = message;
    if (this.#topics.has(topic)) throw new LineFault("it was there before");
    this.#topics.add(topic);
    const head = headOf(message, qos, true);
    this.#rows.put("putRetained", topic, head, expiresAt, bytes);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new LineFault("it is no JSON", { cause });
  }
}

function bounded(text: string, name: string): string {
  const length = new TextEncoder().encode(text).length;
  if (length >= 1 && length <= TEXT_BYTES_MAX && !text.includes("\0")) {
    return text;
  }
  throw new LineFault(`${name} is empty, too long or has U+0000`);
}

function qosOf(fields: JsonFields, name: string): QoS {
  return fields.whole(name, 0, 2) as QoS;
}

function idsOf(fields: JsonFields, name: string): number[] {
  return fields.list(name).map((value) =>
    wholeOf(value, `one of ${name}`, 1, SUBSCRIPTION_ID_MAX)
  );
}

function contentOf(fields: JsonFields, qosName: string): Content {
  const qos = qosOf(fields, qosName);
  const expiresAt = fields.wholeIfAny("expiresAt", 0, TIME_MAX) ?? null;
  const message = messageOfJson(fields, qos);
  if ((expiresAt === null) !== (message.expiryAt === 0)) {
    throw new LineFault(
      "expiresAt goes with the property messageExpirySeconds",
    );
  }
  return { message, expiresAt };
}

function willValues(
  session: JsonFields,
): [number, number, Uint8Array] | [null, null, null] {
  if (!session.has("will")) return [null, null, null];
  const fields = new JsonFields(session.take("will"), "will");
  const qos = qosOf(fields, "qos");
  const retain = fields.flag("retain");
  const delay = fields.whole("delaySeconds", 0, UINT32_MAX);
  const message = messageOfJson(fields, qos);
  fields.end();
  return [headOf(message, qos, retain), delay, message.bytes];
}
