/**
 * The last look at a world that was switched off: what is retained, and
 * that nothing is left of what is over, in memory and in the file.
 */

import type { PowerWorld } from "./power_world.ts";
import { AT_LAST } from "./power_world.ts";

/** Long enough for all that nobody waits for to be written. */
const SETTLE_MS = 5_000;

/** A newcomer is told what the book says. */
export function checkRetained(world: PowerWorld): void {
  const { core } = world.process!;
  const found = new Map<string, string>();
  for (const message of core.retained.match("#")) {
    const text = new TextDecoder().decode(message.payload);
    const isOver = message.expiresAtMs <= core.nowMs;
    if (isOver) throw new Error(`${message.topic}: retained beyond its end`);
    found.set(message.topic, text.slice(0, text.lastIndexOf(":") + 1));
  }
  world.book.messages.retained.check(found);
}

/** All are done; then all sessions end. */
export function checkLeaks(world: PowerWorld): void {
  const { core } = world.process!;
  for (const [clientId, session] of core.sessions) {
    equal(session.received.size, 0, `${clientId}: QoS 2 ids`);
  }
  equal(core.totals.backlogBytes, 0, "bytes that wait");
  equal(core.counters.internalErrors, 0, "internal errors");
  const subscriptions = core.subscriptionCount;
  const sessions = core.sessions.size;
  expectRows(world, sessions, subscriptions);
  world.start();
  for (const traveller of world.travellers.values()) {
    traveller.connect({ ...AT_LAST, isClean: true, expirySeconds: 0 });
    world.pass(1_000);
    traveller.hangUp();
  }
  world.pass(SETTLE_MS);
  const last = world.process!.core;
  equal(last.sessions.size, 0, "sessions");
  equal(last.router.size, 0, "subscriptions");
  equal(last.away.size, 0, "sessions that are away");
  equal(last.connections.size, 0, "connections");
  equal(last.pool.queuedBytes, 0, "queued bytes");
  equal(last.willBytes, 0, "bytes of wills");
  expectRows(world, 0, 0);
}

/** The broker ends in good order, and its file is looked at. */
function expectRows(
  world: PowerWorld,
  session: number,
  subscription: number,
): void {
  world.pass(SETTLE_MS);
  const retained = world.process!.core.retained.match("#").length;
  let isOver = false;
  world.process!.stop(() => isOver = true);
  world.pass(SETTLE_MS);
  if (!isOver) throw new Error("the broker does not stop");
  const rows = world.disk.rows();
  const whole = {
    session,
    subscription,
    retained,
    received: 0,
    message: 0,
    queue: 0,
  };
  for (const [table, count] of Object.entries(whole)) {
    equal(rows[table], count, `rows in ${table}`);
  }
}

function equal(is: unknown, wanted: unknown, what: string): void {
  if (is !== wanted) throw new Error(`${what}: ${is}, not ${wanted}`);
}
