/**
 * Clients that come, go, subscribe and publish at random around one broker,
 * under random rules that change; and a naive account of who gets what. It
 * shares no code with `src/` beyond what it tests.
 */

import { type AccessPolicy, AccessRules } from "../../src/auth/access_rules.ts";
import type { Identity } from "../../src/auth/authorizer.ts";
import { renewAccess } from "../../src/broker/access.ts";
import { isAllowed, randomPolicy } from "../auth/access_model.ts";
import type { Random } from "../fuzz/random.ts";
import { isMatch } from "../router/model.ts";
import { TestBroker, type TestClient } from "../support/test_broker.ts";
import * as wire from "../support/wire.ts";
import * as wire5 from "../support/wire5.ts";

const LEVELS = ["a", "b", "", "$a"] as const;
const CLIENT_IDS = ["a", "b", "$a", "a/b", "+", "c"] as const;
const USER_NAMES = [undefined, undefined, "a", "b", "b/a", "#", ""] as const;

/** All topics of up to three levels. */
const TOPICS: readonly string[] = LEVELS.flatMap((one) => [
  one,
  ...LEVELS.flatMap((two) => [
    `${one}/${two}`,
    ...LEVELS.map((three) => `${one}/${two}/${three}`),
  ]),
]).filter((topic) => topic !== "").concat("$SYS/a");

interface Sent {
  topic: string;
  payload: string;
  qos: 0 | 1;
  retain: boolean;
}

/** A client, and what the account says of it. */
class Party {
  readonly clientId: string;
  who: Identity;
  isPersistent = false;
  isV5 = false;
  line: TestClient | undefined;
  /** Granted filters, those of groups with `$share/g/` before them. */
  readonly filters = new Map<string, number>();
  /** What waits for it while it is away. */
  waiting: Sent[] = [];
  /** Whether the broker has a session of it. */
  hasSession = false;
  received: { topic: string; payload: string; retain: boolean }[] = [];
  #answers: { type: string; code: number }[] = [];

  constructor(clientId: string) {
    this.clientId = clientId;
    this.who = { clientId, userName: undefined };
  }

  send(bytes: Uint8Array): void {
    this.line!.send(bytes);
    this.read();
  }

  /** Takes in what came, and acknowledges it. */
  read(): void {
    const { line } = this;
    if (line === undefined) return;
    for (let bytes = line.bytes(); bytes.length > 0; bytes = line.bytes()) {
      const packets = this.isV5 ? wire5.decode(bytes) : wire.decode(bytes);
      for (const packet of packets) {
        if (packet.type === "publish") {
          this.received.push(packet);
          if (packet.qos > 0) line.send(wire.puback(packet.packetId));
        } else this.#answers.push({ type: packet.type, code: codeOf(packet) });
      }
    }
  }

  /** What has been answered since the last call. */
  answers(): { type: string; code: number }[] {
    return this.#answers.splice(0);
  }
}

function codeOf(packet: wire.ServerPacket | wire5.ServerPacket): number {
  if ("returnCode" in packet) return packet.returnCode;
  if ("returnCodes" in packet) return packet.returnCodes[0]!;
  if ("reasons" in packet) return packet.reasons[0]!;
  return "reason" in packet ? packet.reason : 0;
}

/** The broker, its clients, and the account. */
export class RightsWorld {
  readonly broker: TestBroker;
  readonly #random: Random;
  readonly #parties: readonly Party[];
  /** Few, so that they are met again under other rules. */
  readonly #topics: readonly string[];
  readonly #retained = new Map<string, string>();
  #policy: AccessPolicy;
  #rules: AccessRules;
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#topics = random.list(5, 15, () => random.pick(TOPICS));
    this.#policy = randomPolicy(random);
    this.#rules = new AccessRules(this.#policy);
    this.#parties = CLIENT_IDS.map((clientId) => new Party(clientId));
    this.broker = new TestBroker({
      authorizer: { rightsOf: (who) => this.#rules.rightsOf(who) },
      routeCacheMax: 64,
    });
  }

  /** Something happens, and is judged. */
  step(): void {
    const random = this.#random;
    const party = random.pick(this.#parties);
    if (random.chance(8)) this.#change();
    else if (party.line === undefined) this.#connect(party);
    else if (random.chance(9)) this.#leave(party);
    else if (random.chance(35)) this.#subscribe(party);
    else if (random.chance(10)) this.#unsubscribe(party);
    else this.#publish(party);
    this.broker.checkInvariants();
  }

  #may({ who }: Party, action: "read" | "write", topic: string): boolean {
    if (action === "write" && topic.startsWith("$SYS")) return false;
    return isAllowed(this.#policy, who, action, topic);
  }

  #change(): void {
    this.#policy = randomPolicy(this.#random);
    this.#rules = new AccessRules(this.#policy);
    renewAccess(this.broker.core);
    this.broker.core.endTurn();
    for (const party of this.#parties) this.#expectNothing(party);
  }

  #connect(party: Party): void {
    const random = this.#random;
    const { clientId } = party;
    // Another one would not get the session.
    if (!party.hasSession) {
      party.who = { clientId, userName: random.pick(USER_NAMES) };
    }
    party.isV5 = random.chance(50);
    party.isPersistent = clientId === "b" || clientId === "a/b";
    party.line = this.broker.open();
    const { userName } = party.who;
    const fields = userName === undefined
      ? { clientId }
      : { clientId, userName };
    const clean = !party.isPersistent;
    const properties = { sessionExpirySeconds: clean ? 0 : 0xffff_ffff };
    party.send(
      party.isV5
        ? wire5.connect({ ...fields, cleanStart: clean, properties })
        : wire.connect({ ...fields, cleanSession: clean }),
    );
    expect(party.answers(), [{ type: "connack", code: 0 }], "connack");
    const due = party.waiting
      .filter(({ topic }) => this.#may(party, "read", topic))
      .map(({ payload }) => payload);
    expect(takeAll(party), due, `what waited for ${clientId}`);
    party.waiting = [];
    party.hasSession = true;
  }

  #leave(party: Party): void {
    party.line!.drop();
    party.line = undefined;
    if (party.isPersistent) return;
    party.filters.clear();
    party.hasSession = false;
  }

  #subscribe(party: Party): void {
    const filter = this.#filter(party);
    const qos = this.#random.below(2);
    party.send(
      party.isV5
        ? wire5.subscribe(1, [{ filter, qos }])
        : wire.subscribe(1, [filter, qos]),
    );
    const shared = sharedOf(filter);
    const matched = TOPICS.filter((topic) => isMatch(shared ?? filter, topic));
    const readable = matched
      .filter((topic) => this.#may(party, "read", topic));
    const [answer, ...more] = party.answers();
    expect(more, [], "answers");
    const refusal = party.isV5 ? 0x87 : 0x80;
    if (answer!.code === refusal) {
      expect(readable, [], `${party.clientId} may read of ${filter}`);
      expect(takeAll(party), [], "messages of a refused subscription");
      return;
    }
    expect(answer, { type: "suback", code: qos }, "suback");
    party.filters.set(filter, qos);
    const due = shared === undefined
      ? readable.map((topic) => this.#retained.get(topic)!).filter(Boolean)
      : [];
    expect(takeAll(party).sort(), due.sort(), `retained below ${filter}`);
  }

  #unsubscribe(party: Party): void {
    const filter = this.#random.pick([...party.filters.keys(), "none"]);
    party.send(
      party.isV5 ? wire5.unsubscribe(1, [filter]) : wire.unsubscribe(1, filter),
    );
    party.filters.delete(filter);
    party.answers();
    this.#expectNothing(party);
  }

  /** Some messages in one chunk. */
  #publish(party: Party): void {
    const random = this.#random;
    const topics = random.list(1, 3, () => random.pick(this.#topics));
    const sent = random.list(1, 8, (): Sent => ({
      topic: random.pick(topics),
      payload: `${++this.#count}`,
      qos: random.chance(30) ? 1 : 0,
      retain: random.chance(10),
    }));
    const encode = party.isV5 ? wire5.publish : wire.publish;
    party.send(wire.join(...sent.map((one) => encode(one))));
    for (const other of this.#parties) other.read();
    const acknowledged = sent.filter(({ qos }) => qos === 1);
    for (const [at, { code }] of party.answers().entries()) {
      const isDenied = !this.#may(party, "write", acknowledged[at]!.topic);
      const wanted = isDenied && party.isV5 ? [0x87] : [0, 0x10];
      if (!wanted.includes(code)) throw new Error(`PUBACK ${code}`);
    }
    const good = sent.filter(({ topic }) => this.#may(party, "write", topic));
    for (const one of good) {
      if (one.retain) this.#retained.set(one.topic, one.payload);
    }
    this.#judge(good);
  }

  /** Who had to get these messages, and who has. */
  #judge(sent: readonly Sent[]): void {
    const got = this.#parties.map((party) => takeAll(party));
    for (const one of sent) {
      const groups = new Set<string>();
      let direct = 0;
      let came = 0;
      for (const [at, party] of this.#parties.entries()) {
        const { least, shares } = this.#owed(party, one);
        for (const share of shares) groups.add(share);
        const count = got[at]!.filter((each) => each === one.payload).length;
        const text = `${one.topic} to ${party.clientId}: ${count} times`;
        if (count < least || count > least + shares.length) {
          throw new Error(`${text}, not ${least} and ${shares}`);
        }
        direct += least;
        came += count;
      }
      expect(came, direct + groups.size, `copies of ${one.topic}`);
    }
    const known = new Set(sent.map(({ payload }) => payload));
    const strange = got.flat().filter((payload) => !known.has(payload));
    expect(strange, [], "messages that nobody may publish");
  }

  /** How often a client is to get a message, and by which groups it may. */
  #owed(party: Party, one: Sent): { least: number; shares: string[] } {
    const shares: string[] = [];
    let qos = -1;
    if (!party.hasSession || !this.#may(party, "read", one.topic)) {
      return { least: 0, shares };
    }
    for (const [filter, granted] of party.filters) {
      const shared = sharedOf(filter);
      if (!isMatch(shared ?? filter, one.topic)) continue;
      if (shared === undefined) qos = Math.max(qos, granted);
      else shares.push(filter);
    }
    if (party.line !== undefined) return { least: qos < 0 ? 0 : 1, shares };
    if (Math.min(qos, one.qos) > 0) party.waiting.push(one);
    return { least: 0, shares };
  }

  #filter({ isPersistent }: Party): string {
    const random = this.#random;
    const levels = random.list(1, 3, () => random.pick([...LEVELS, "+", "+"]));
    if (random.chance(40)) levels[levels.length - 1] = "#";
    const filter = levels.join("/") || "+";
    // What a member that is away holds is another test's matter.
    const isShared = !isPersistent && random.chance(30);
    return isShared ? `$share/g/${filter}` : filter;
  }

  #expectNothing(party: Party): void {
    party.read();
    expect(takeAll(party), [], `messages for ${party.clientId}`);
  }
}

function takeAll(party: Party): string[] {
  return party.received.splice(0).map(({ payload }) => payload);
}

function sharedOf(filter: string): string | undefined {
  return filter.startsWith("$share/g/") ? filter.slice(9) : undefined;
}

function expect(actual: unknown, wanted: unknown, what: string): void {
  const [is, should] = [actual, wanted].map((value) => JSON.stringify(value));
  if (is !== should) throw new Error(`${what}: ${is}, not ${should}`);
}
